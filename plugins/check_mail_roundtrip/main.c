/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_mail_roundtrip/check.h"

#include "common/cli/run.h"

int main(int argc, char **argv)
{
    static struct options options;
    static struct result result;
    struct run run = RUN_INIT("check_mail_roundtrip", "MAIL ROUNDTRIP");
    struct err err;

    run_start(&run);
    bool ok = options_read(&options, argc, argv, &err);
    if (run_is_question(&run, &options.call)) {
        ok = false;
    } else if (ok && options.history && print_history(&options, &err)) {
        run_answer(&run);
    } else {
        run_configure(&run, &options.common);
        ok = ok && !options.history && probe(&result, &options, &run.transcript, &err);
        if (ok) {
            judge(run.report, &result, &options);
            remember(run.report, &result, &options);
        } else {
            report_fault(run.report, "", state_of_fault(err.kind), &err);
        }
    }
    result_clear(&result);
    options_clear(&options);
    return run_finish(&run);
}
