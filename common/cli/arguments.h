/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arguments.h - the command line and the configuration file, read strictly and handed to gengetopt's parser.
 *
 * gengetopt's parser (getopt_long) takes abbreviations, ignores positional arguments, splits repeatable
 * values at commas and complains on stderr. So every argument is looked at here first, against a table that
 * common/cli/table.awk makes of the same option file, and the parser gets a command line that holds nothing
 * but "--name=value" words that it cannot misunderstand. Values arrive in its struct byte by byte as they
 * were given. */
#ifndef MAILPROOF_CLI_ARGUMENTS_H
#define MAILPROOF_CLI_ARGUMENTS_H

#include "common/base/err.h"
#include "common/monitor/report.h"

enum {
    OPTION_VALUE = 1,          /* takes one; else a flag */
    OPTION_VALUE_OPTIONAL = 2, /* "--sendmail" or "--sendmail=PATH" */
    OPTION_REPEATABLE = 4,
    OPTION_EMPTY = 8 /* an empty value has a meaning */
};

struct option_spec {
    const char *name;
    char letter; /* NUL: no short form */
    unsigned flags;
    const char *takes; /* "HOST[:PORT]", for error texts */
};

struct option_table {
    const char *check; /* "check_smtp_submit" */
    const struct option_spec *options;
    size_t count;
    const char *const *purpose, *const *usage, *const *description,
                                                   *const *help; /* gengetopt's; help ends in NULL */
    void (*init)(void *args);
    int (*parse)(int argc, char **argv, void *args); /* 0: done */
    void (*free)(void *args);
};

/* Of the plugin: made at build time from plugins/check_x/options.ggo, as is struct args in
 * plugins/check_x/args.h. */
extern const struct option_table args_table;

enum wanted { WANTED_RUN, WANTED_HELP, WANTED_VERSION };

/* What must be known even where the rest cannot be read. */
struct invocation {
    enum wanted wanted;
    enum output output; /* a last valid --output, wherever it stands */
};

/* Fills *args (the plugin's struct args), which starts uninitialised and must be cleared by arguments_clear
 * in any case. Absent options are NULL (values) or have _given 0 (flags). --help and --version win over
 * whatever else is wrong. No value holds a control character. FAULT_USAGE names the option and what it takes,
 * FAULT_CONFIG the file and the line. */
bool arguments_read(const struct option_table *table, void *args, struct invocation *call, int argc,
                    char **argv, struct err *err);
void arguments_clear(const struct option_table *table, void *args);
/* "nagios", "json", "openmetrics" */
bool output_parse(struct slice text, enum output *output);
/* To stdout; both return the exit code of what is no check. */
int arguments_print_help(const struct option_table *table);
int arguments_print_version(const struct option_table *table);

#endif
