/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/cli/run.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/interrupt.h"
#include "common/base/secret.h"
#include "common/cli/terminal.h"
#include "common/net/sasl.h"

/* A host that starts us with closed descriptors must not find its report in a socket that got the number 1.
 */
static void open_standard_streams(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= STDIN_FILENO && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
}

void run_start(struct run *run)
{
    open_standard_streams();
    /* the kernel takes the memory back faster than OpenSSL's handler at exit would */
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
    secret_protect_process();
    interrupt_install();
    transcript_init(&run->transcript, false);
    run->report = report_new(run->check, run->title);
    run->began = clock_now();
}

bool run_is_question(struct run *run, const struct invocation *call)
{
    if (call->wanted == WANTED_HELP)
        run->code = arguments_print_help(&args_table);
    else if (call->wanted == WANTED_VERSION)
        run->code = arguments_print_version(&args_table);
    run->answered = call->wanted != WANTED_RUN;
    return run->answered;
}

void run_answer(struct run *run)
{
    run->answered = true;
    run->code = STATE_OK;
}

static void serve_person(struct run *run)
{
    size_t columns;
    bool utf8;

    if (!terminal_find(&columns, &utf8))
        return;
    report_terminal(run->report, columns, utf8);
    terminal_allow_progress(columns);
}

void run_configure(struct run *run, const struct common_options *options)
{
    run->transcript.on = options->verbosity >= 3;
    report_options(run->report, options->output, options->verbosity, &options->thresholds);
    if (options->output == OUTPUT_NAGIOS)
        serve_person(run);
    if (options->service != NULL)
        report_service(run->report, options->service);
    if (options->otlp_endpoint != NULL)
        run->telemetry = telemetry_new(run->report, options, run->began);
}

void run_conceal(struct run *run, const struct login *login)
{
    const char *name = login->username != NULL ? login->username : "";

    /* one that stands in the user's name would take the name out of every text */
    if (!slice_contains_nocase(slice_from(name), secret_slice(&login->password)))
        report_secret(run->report, secret_slice(&login->password));
    report_secret(run->report, secret_slice(login_token(login)));
}

int run_finish(struct run *run)
{
    if (run->answered) {
        report_free(&run->report);
        transcript_clear(&run->transcript);
        return run->code;
    }
    if (run->telemetry != NULL)
        telemetry_send(&run->telemetry, run->report, &run->transcript);
    report_transcript(run->report, buffer_slice(&run->transcript.lines));
    transcript_clear(&run->transcript);
    return report_finish(&run->report);
}
