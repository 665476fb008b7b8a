/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_dmarc_align/check.h"

#include "common/cli/run.h"

int main(int argc, char **argv)
{
    static struct options options;
    static struct result result;
    struct run run = RUN_INIT("check_dmarc_align", "DMARC ALIGN");
    struct err err;

    run_start(&run);
    bool ok = options_read(&options, argc, argv, &err);
    if (run_is_question(&run, &options.call)) {
        ok = false;
    } else {
        run_configure(&run, &options.common);
        ok = ok && probe(&result, &options, &run.transcript, &err);
        run_conceal(&run, &options.endpoint.login);
        if (ok)
            judge(run.report, &result, &options);
        else
            report_fault(run.report, "", state_of_fault(err.kind), &err);
    }
    result_clear(&result);
    int code = run_finish(&run);
    options_clear(&options);
    return code;
}
