/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_mail_roundtrip/check.h"

#include "common/cli/run.h"

static void conceal(struct run *run, const struct options *options)
{
    run_conceal(run, &options->smtp.login);
    for (size_t i = 0; i < options->target_count; i++)
        run_conceal(run, &options->target[i].endpoint.login);
}

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
        conceal(&run, &options);
        if (ok) {
            judge(run.report, &result, &options);
            remember(run.report, &result, &options);
        } else {
            report_fault(run.report, "", state_of_fault(err.kind), &err);
        }
    }
    result_clear(&result);
    int code = run_finish(&run);
    options_clear(&options);
    return code;
}
