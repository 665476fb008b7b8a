/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole way from argv to gengetopt's struct, with the options of check_smtp_submit. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cli/arguments.h"
#include "plugins/check_smtp_submit/args.h"

enum { WORDS_MAX = 10 };

/* Reads the words behind argv[0]. */
static bool read_words(struct args *args, struct invocation *call, const char *const *words, struct err *err)
{
    char *argv[WORDS_MAX + 2] = {(char *)"check_smtp_submit"};
    int argc = 1;

    for (; words[argc - 1] != NULL; argc++)
        argv[argc] = (char *)words[argc - 1];
    return arguments_read(&args_table, args, call, argc, argv, err);
}

static void test_refused(void **state)
{
    static const struct {
        const char *name;
        const char *words[WORDS_MAX];
        const char *text;
    } rows[] = {
        {"unknown", {"--frobnicate"}, "unknown option --frobnicate"},
        {"misspelt", {"--hostnaem=x"}, "unknown option --hostnaem: did you mean --hostname?"},
        {"abbreviated", {"--host", "x"}, "unknown option --host: did you mean --hostname?"},
        {"longer than the name", {"--hostnames=x"}, "unknown option --hostnames: did you mean --hostname?"},
        {"one dash", {"-hostname", "x"}, "unknown option -hostname: did you mean --hostname?"},
        {"one dash with value", {"-timeout=3"}, "unknown option -timeout: did you mean --timeout?"},
        {"other case", {"--Hostname=x"}, "unknown option --Hostname: did you mean --hostname?"},
        {"unknown letter", {"-x"}, "unknown option -x"},
        {"unknown letter in a cluster", {"-vx4"}, "unknown option -x"},
        {"no name", {"--=x"}, "unknown option --"},
        {"hostile name", {"--a|b\033[31m\xff"}, "unknown option --a/b?"},
        {"positional",
         {"-v", "mail.example.com"},
         "unexpected argument \"mail.example.com\": every argument is an option, such as --name=value"},
        {"a lone dash",
         {"-"},
         "unexpected argument \"-\": every argument is an option, such as --name=value"},
        {"value apart where it must be in one word",
         {"--sendmail", "/x"},
         "unexpected argument \"/x\": write --sendmail=PATH in one word"},
        {"positional behind another option",
         {"--sendmail", "-v", "/x"},
         "unexpected argument \"/x\": every argument is an option, such as --name=value"},
        {"empty positional",
         {""},
         "unexpected argument \"\": every argument is an option, such as --name=value"},
        {"after --",
         {"--", "--insecure"},
         "unexpected argument \"--insecure\": every argument is an option, such as --name=value"},
        {"a second --",
         {"--", "--"},
         "unexpected argument \"--\": every argument is an option, such as --name=value"},
        {"value missing at the end", {"--from"}, "--from needs a value: --from=ADDRESS"},
        {"value missing, short", {"-v", "-H"}, "--hostname needs a value: --hostname=HOST"},
        {"value missing before an option",
         {"--from", "--to=x"},
         "--from needs a value (ADDRESS), but the option --to follows"},
        {"value missing before a letter",
         {"-H", "-p", "25"},
         "--hostname needs a value (HOST), but the option -p follows"},
        {"value missing before --",
         {"-H", "--"},
         "--hostname needs a value (HOST), but the option -- follows"},
        {"value for a flag", {"--insecure=yes"}, "--insecure takes no value, but \"yes\" was given"},
        {"empty value for a flag", {"--insecure="}, "--insecure takes no value, but \"\" was given"},
        {"equals sign behind a letter", {"-p=25"}, "-p has no '=': write --port=PORT"},
        {"equals sign behind a flag's letter", {"-v=2"}, "-v takes no value"},
        {"twice", {"--port=1", "--port=1"}, "--port is given twice"},
        {"twice, long and short", {"-p", "1", "--port=1"}, "--port is given twice"},
        {"flag twice", {"--insecure", "--insecure"}, "--insecure is given twice"},
        {"letter twice", {"-44"}, "--use-ipv4 is given twice"},
        {"empty", {"--hostname="}, "--hostname is empty: it takes HOST"},
        {"empty, apart", {"--hostname", ""}, "--hostname is empty: it takes HOST"},
        {"empty optional value", {"--sendmail="}, "--sendmail is empty: it takes PATH"},
        {"line feed",
         {"--subject=a\nb"},
         "--subject holds a control character such as a line break or a tab: it takes TEXT"},
        {"carriage return",
         {"--header=A: b\rc"},
         "--header holds a control character such as a line break or a tab: it takes NAME:TEXT"},
        {"tab",
         {"-H", "\t"},
         "--hostname holds a control character such as a line break or a tab: it takes HOST"},
        {"escape",
         {"--to=\033[31m"},
         "--to holds a control character such as a line break or a tab: it takes ADDRESS"},
        {"delete",
         {"--to=\x7f"},
         "--to holds a control character such as a line break or a tab: it takes ADDRESS"},
        {"the first of two errors", {"--bogus", "--port"}, "unknown option --bogus"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct args args;
        struct invocation call;
        struct err err = ERR_NONE;
        CHECK_ROW(rows[i].name, !read_words(&args, &call, rows[i].words, &err));
        CHECK_ROW_TEXT(rows[i].name, err.text, rows[i].text);
        CHECK_ROW(rows[i].name, err.kind == FAULT_USAGE);
        CHECK_ROW(rows[i].name, call.wanted == WANTED_RUN);
        arguments_clear(&args_table, &args);
    }
}

static void test_taken(void **state)
{
    static const struct {
        const char *name;
        const char *words[WORDS_MAX];
        const char *host, *port; /* NULL: not given */
        unsigned verbose;
    } rows[] = {
        {"nothing", {NULL}, NULL, NULL, 0},
        {"only --", {"--"}, NULL, NULL, 0},
        {"long with =", {"--hostname=a", "--port=1"}, "a", "1", 0},
        {"long apart", {"--hostname", "a", "--port", "1"}, "a", "1", 0},
        {"short apart", {"-H", "a", "-p", "1"}, "a", "1", 0},
        {"short together", {"-Ha", "-p1"}, "a", "1", 0},
        {"cluster", {"-vv4vp25"}, NULL, "25", 3},
        {"cluster with the value apart", {"-vp", "25"}, NULL, "25", 1},
        {"value with =", {"--hostname=a=b", "--port", "=1"}, "a=b", "=1", 0},
        {"value like a number below 0", {"-H", "-5"}, "-5", NULL, 0},
        {"value like an unknown option", {"-H", "--none-such"}, "--none-such", NULL, 0},
        {"value like an option, with =", {"--hostname=--port=1"}, "--port=1", NULL, 0},
        {"value -", {"-H", "-", "-p-"}, "-", "-", 0},
        {"options, then --", {"-v", "-H", "a", "--"}, "a", NULL, 1},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct args args;
        struct invocation call;
        struct err err = ERR_NONE;
        bool ok = read_words(&args, &call, rows[i].words, &err);
        CHECK_ROW_TEXT(rows[i].name, err.text, "");
        CHECK_ROW(rows[i].name, ok);
        CHECK_ROW(rows[i].name, (args.hostname_arg == NULL) == (rows[i].host == NULL));
        CHECK_ROW(rows[i].name, (args.port_arg == NULL) == (rows[i].port == NULL));
        if (rows[i].host != NULL)
            CHECK_ROW_TEXT(rows[i].name, args.hostname_arg, rows[i].host);
        if (rows[i].port != NULL)
            CHECK_ROW_TEXT(rows[i].name, args.port_arg, rows[i].port);
        CHECK_ROW(rows[i].name, args.verbose_given == rows[i].verbose);
        arguments_clear(&args_table, &args);
    }
}

static void test_optional_value(void **state)
{
    static const char *const alone[] = {"--sendmail", NULL}, *const with[] = {"--sendmail=/x",
                                                                              "--mail-from=", NULL};
    struct args args;
    struct invocation call;
    struct err err;
    (void)state;

    assert_true(read_words(&args, &call, alone, &err));
    assert_int_equal(args.sendmail_given, 1);
    assert_null(args.sendmail_arg);
    assert_null(args.mail_from_arg);
    arguments_clear(&args_table, &args);

    assert_true(read_words(&args, &call, with, &err));
    assert_string_equal(args.sendmail_arg, "/x");
    assert_string_equal(args.mail_from_arg, "");
    arguments_clear(&args_table, &args);
}

static void test_help_and_output_win(void **state)
{
    static const struct {
        const char *name;
        const char *words[WORDS_MAX];
        bool ok;
        enum wanted wanted;
        enum output output;
    } rows[] = {
        {"plain", {"-H", "a"}, true, WANTED_RUN, OUTPUT_NAGIOS},
        {"help", {"--help"}, true, WANTED_HELP, OUTPUT_NAGIOS},
        {"help behind an error", {"--bogus", "x", "-h"}, true, WANTED_HELP, OUTPUT_NAGIOS},
        {"help in a cluster", {"-vh"}, true, WANTED_HELP, OUTPUT_NAGIOS},
        {"version", {"-V"}, true, WANTED_VERSION, OUTPUT_NAGIOS},
        {"the first of both", {"-V", "-h"}, true, WANTED_VERSION, OUTPUT_NAGIOS},
        {"help as a value", {"--subject=--help"}, true, WANTED_RUN, OUTPUT_NAGIOS},
        {"no help behind --", {"--", "--help"}, false, WANTED_RUN, OUTPUT_NAGIOS},
        {"help with a value is none", {"--help=me"}, false, WANTED_RUN, OUTPUT_NAGIOS},
        {"json", {"--output=json"}, true, WANTED_RUN, OUTPUT_JSON},
        {"json behind an error", {"--bogus", "--output", "json"}, false, WANTED_RUN, OUTPUT_JSON},
        {"json before an error", {"--output=json", "bogus"}, false, WANTED_RUN, OUTPUT_JSON},
        {"openmetrics", {"--output=openmetrics"}, true, WANTED_RUN, OUTPUT_OPENMETRICS},
        {"no prefix of a format", {"--output=js"}, true, WANTED_RUN, OUTPUT_NAGIOS},
        {"json, and a file that is not there",
         {"--output=json", "--config=/nonexistent/x"},
         false,
         WANTED_RUN,
         OUTPUT_JSON},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct args args;
        struct invocation call;
        struct err err = ERR_NONE;
        CHECK_ROW(rows[i].name, read_words(&args, &call, rows[i].words, &err) == rows[i].ok);
        CHECK_ROW(rows[i].name, call.wanted == rows[i].wanted);
        CHECK_ROW(rows[i].name, call.output == rows[i].output);
        arguments_clear(&args_table, &args);
    }
}

/* gengetopt's parser gets them last: commas, backslashes, dashes and any byte above the controls survive it.
 */
static void test_values_survive_the_parser(void **state)
{
    static const char *const values[] = {
        ",",   ",,",  "a,b",      "a,",    ",a",      "\\",       "\\,",    "\\\\,",
        ",\\", "a\\", "\\,\\,",   "\\\\",  "a\\,b,c", "-x",       "--to=a", "--",
        "=",   " ",   "a  b",     "\"q\"", "'q'",     "$(x)`y`",  "%s%n",   "%",
        "\\n", "#x",  "\xff\xfe", "\x80",  "|",       "\xc3\xbc", "*",      "X: a, b, c"};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(values); i++) {
        char repeatable[64], single[64];
        snprintf(repeatable, sizeof repeatable, "--header=%s", values[i]);
        snprintf(single, sizeof single, "--subject=%s", values[i]);
        const char *const words[] = {repeatable, single, "--header=last", NULL};
        struct args args;
        struct invocation call;
        struct err err;
        CHECK_ROW(values[i], read_words(&args, &call, words, &err));
        CHECK_ROW(values[i], args.header_given == 2);
        CHECK_ROW_TEXT(values[i], args.header_arg[0], values[i]);
        CHECK_ROW_TEXT(values[i], args.header_arg[1], "last");
        CHECK_ROW_TEXT(values[i], args.subject_arg, values[i]);
        arguments_clear(&args_table, &args);
    }
}

static void test_every_byte_survives(void **state)
{
    char value[300] = "--header=", *at = value + strlen(value);
    struct args args;
    struct invocation call;
    struct err err;
    (void)state;

    for (int c = 0x20; c < 0x100; c++)
        if (c != 0x7f)
            *at++ = (char)c;
    *at = '\0';
    const char *const words[] = {value, NULL};
    assert_true(read_words(&args, &call, words, &err));
    assert_string_equal(args.header_arg[0], value + strlen("--header="));
    arguments_clear(&args_table, &args);
}

static void test_long_and_many(void **state)
{
    enum { LONG = 100000, MANY = 2000 };
    char *value = malloc(LONG + 10), **argv = calloc(MANY + 2, sizeof *argv);
    struct args args;
    struct invocation call;
    struct err err;
    (void)state;

    assert_non_null(value);
    assert_non_null(argv);
    strcpy(value, "--header=");
    memset(value + 9, ',', LONG);
    value[LONG + 9] = '\0';
    argv[0] = (char *)"check_smtp_submit";
    argv[1] = value;
    for (int i = 2; i <= MANY; i++)
        argv[i] = (char *)"--header=x,y";
    assert_true(arguments_read(&args_table, &args, &call, MANY + 1, argv, &err));
    assert_int_equal(args.header_given, MANY);
    assert_int_equal(strlen(args.header_arg[0]), LONG);
    assert_string_equal(args.header_arg[MANY - 1], "x,y");
    arguments_clear(&args_table, &args);

    memcpy(value, "--bogusss", 9);
    assert_false(arguments_read(&args_table, &args, &call, 2, argv, &err));
    assert_true(strstr(err.text, "unknown option --bogusss,,,") == err.text);
    arguments_clear(&args_table, &args);
    free(value);
    free(argv);
}

/* ---- with a file ---- */

static char config_path[32];

static int make_config(void **state)
{
    (void)state;
    strcpy(config_path, "/tmp/mailproof-test-XXXXXX");
    int fd = mkstemp(config_path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_config(void **state)
{
    (void)state;
    return unlink(config_path);
}

static bool read_with_file(struct args *args, struct invocation *call, const char *content,
                           const char *const *words, struct err *err)
{
    char option[64];
    const char *all[WORDS_MAX] = {option};
    FILE *f = fopen(config_path, "w");

    assert_non_null(f);
    fputs(content, f);
    fclose(f);
    snprintf(option, sizeof option, "--config=%s", config_path);
    for (size_t i = 0; words[i] != NULL; i++)
        all[i + 1] = words[i];
    return read_words(args, call, all, err);
}

static void join(char *out, char **values, unsigned count)
{
    *out = '\0';
    for (unsigned i = 0; i < count; i++)
        strcat(strcat(out, values[i]), ";");
}

static void test_file_and_command_line(void **state)
{
    static const struct {
        const char *name, *content;
        const char *words[WORDS_MAX];
        const char *host;
        const char *headers, *warnings; /* each followed by ';' */
        unsigned insecure, verbose;
    } rows[] = {
        {"file alone",
         "hostname = \"a\"\nheader = \"X: 1, 2\"\nheader = Y: 3\ninsecure\n",
         {NULL},
         "a",
         "X: 1, 2;Y: 3;",
         "",
         1,
         0},
        {"empty file", "", {"-H", "b"}, "b", "", "", 0, 0},
        {"the command line overrides", "hostname = a\n", {"-H", "b"}, "b", "", "", 0, 0},
        {"a repeatable one replaces all",
         "header = X: 1\nheader = X: 2\n",
         {"--header=Y: 1"},
         "",
         "Y: 1;",
         "",
         0,
         0},
        {"thresholds come behind",
         "warning = auth=1\nwarning = total=5\n",
         {"-w", "auth=2"},
         "",
         "",
         "auth=1;total=5;auth=2;",
         0,
         0},
        {"a flag said no", "insecure = no\n", {NULL}, "", "", "", 0, 0},
        {"a flag said yes", "insecure = \"yes\" # really\n", {NULL}, "", "", "", 1, 0},
        {"a flag in both", "insecure\n", {"--insecure"}, "", "", "", 1, 0},
        {"verbosity is replaced", "verbose\nverbose\n", {"-v"}, "", "", "", 0, 1},
        {"verbosity", "verbose\nverbose\n", {NULL}, "", "", "", 0, 2},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct args args;
        struct invocation call;
        struct err err = ERR_NONE;
        char text[200];
        bool ok = read_with_file(&args, &call, rows[i].content, rows[i].words, &err);
        CHECK_ROW_TEXT(rows[i].name, err.text, "");
        CHECK_ROW(rows[i].name, ok);
        CHECK_ROW_TEXT(rows[i].name, args.hostname_arg == NULL ? "" : args.hostname_arg, rows[i].host);
        join(text, args.header_arg, args.header_given);
        CHECK_ROW_TEXT(rows[i].name, text, rows[i].headers);
        join(text, args.warning_arg, args.warning_given);
        CHECK_ROW_TEXT(rows[i].name, text, rows[i].warnings);
        CHECK_ROW(rows[i].name, args.insecure_given == rows[i].insecure);
        CHECK_ROW(rows[i].name, args.verbose_given == rows[i].verbose);
        arguments_clear(&args_table, &args);
    }
}

static void test_file_refused(void **state)
{
    static const struct {
        const char *name, *content, *text; /* behind "PATH line " */
    } rows[] = {
        {"unknown", "# x\nhostnam = a\n", "2: unknown option hostnam: did you mean hostname?"},
        {"value missing", "hostname\n", "1: hostname needs a value: hostname=HOST"},
        {"empty", "hostname = \"\"\n", "1: hostname is empty: it takes HOST"},
        {"empty without quotes", "hostname =\n", "1: hostname is empty: it takes HOST"},
        {"value for a flag", "insecure = maybe\n", "1: insecure takes no value, but \"maybe\" was given"},
        {"twice", "port = 1\n\nport = 1\n", "3: port is given twice"},
        {"no includes", "config = /etc/x\n", "1: config is for the command line only"},
        {"no help", "help\n", "1: help is for the command line only"},
        {"control character", "subject = \"a\tb\"\n",
         "1: subject holds a control character such as a line break or a tab: it takes TEXT"},
        {"broken line", "hostname = \"a\n", "1: the closing quote is missing"},
        {"dashes", "--hostname = a\n",
         "1: here options are written without dashes: hostname = \"mail.example.com\""},
        {"wrong even where the command line overrides", "port =\n", "1: port is empty: it takes PORT"},
    };
    static const char *const words[] = {"--port=25", NULL};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct args args;
        struct invocation call;
        struct err err = ERR_NONE;
        char text[300];
        snprintf(text, sizeof text, "%s line %s", config_path, rows[i].text);
        CHECK_ROW(rows[i].name, !read_with_file(&args, &call, rows[i].content, words, &err));
        CHECK_ROW_TEXT(rows[i].name, err.text, text);
        CHECK_ROW(rows[i].name, err.kind == FAULT_CONFIG);
        arguments_clear(&args_table, &args);
    }
}

static void test_output_in_the_file(void **state)
{
    static const char *const none[] = {NULL}, *const nagios[] = {"--output=nagios", NULL};
    struct args args;
    struct invocation call;
    struct err err;
    (void)state;

    assert_true(read_with_file(&args, &call, "output = json\n", none, &err));
    assert_int_equal(call.output, OUTPUT_JSON);
    arguments_clear(&args_table, &args);
    assert_true(read_with_file(&args, &call, "output = json\n", nagios, &err));
    assert_int_equal(call.output, OUTPUT_NAGIOS);
    arguments_clear(&args_table, &args);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_taken),
        cmocka_unit_test(test_optional_value),
        cmocka_unit_test(test_help_and_output_win),
        cmocka_unit_test(test_values_survive_the_parser),
        cmocka_unit_test(test_every_byte_survives),
        cmocka_unit_test(test_long_and_many),
        cmocka_unit_test_setup_teardown(test_file_and_command_line, make_config, remove_config),
        cmocka_unit_test_setup_teardown(test_file_refused, make_config, remove_config),
        cmocka_unit_test_setup_teardown(test_output_in_the_file, make_config, remove_config),
    };

    return cmocka_run_group_tests_name("arguments", tests, NULL, NULL);
}
