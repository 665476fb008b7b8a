/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.h - what every plugin's main begins and ends with. */
#ifndef MAILPROOF_CLI_RUN_H
#define MAILPROOF_CLI_RUN_H

#include "common/base/transcript.h"
#include "common/cli/common_options.h"
#include "common/cli/telemetry.h"
#include "common/monitor/report.h"
#include "common/net/endpoint.h"

struct run {
    const char *check; /* "check_smtp_submit" */
    const char *title; /* "SMTP SUBMIT" */
    struct report *report;
    struct transcript transcript;
    struct timespec began;
    struct telemetry *telemetry; /* owned; NULL: no trace is wanted */
    bool answered;               /* --help or --version: no check was done */
    int code;
};

#define RUN_INIT(check_name, line_title) ((struct run){.check = (check_name), .title = (line_title)})

/* No core dumps, signals noted, a report ready for whatever goes wrong next. */
void run_start(struct run *run);
/* True where --help or --version was wanted, and is answered now. */
bool run_is_question(struct run *run, const struct invocation *call);
/* No check was to be done, and what was wanted is printed already: exit code 0. */
void run_answer(struct run *run);
/* As far as options were read: a usage error too is JSON where JSON was asked for. */
void run_configure(struct run *run, const struct common_options *options);
/* Of this password and token nothing is shown, whoever quotes it (report_secret). To be called after the
 * probe, which may have got another token; login must outlive run_finish. */
void run_conceal(struct run *run, const struct login *login);
/* Sends the trace where one is wanted, prints and frees; the exit code. */
int run_finish(struct run *run);

#endif
