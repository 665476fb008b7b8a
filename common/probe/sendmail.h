/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sendmail.h - hands a message to the local mail program, as cron and the like do: PATH -i -f SENDER --
 * RECIPIENT...
 *
 * Run without a shell, with a small environment of its own, no descriptor of ours but the message, and in a
 * process group that ends with the deadline. SIGPIPE must be ignored by then (interrupt.h). */
#ifndef MAILPROOF_PROBE_SENDMAIL_H
#define MAILPROOF_PROBE_SENDMAIL_H

#include "common/base/clock.h"
#include "common/base/err.h"
#include "common/base/transcript.h"

struct sendmail_request {
    const char *path;      /* absolute */
    const char *mail_from; /* addr-spec; "" for the null sender */
    const char *const *recipients;
    size_t recipient_count;
    struct slice message; /* CRLF lines; the program gets LF ones, as local programs expect */
};

/* True where the program read it all and ended with 0. Else the sentence has its exit code and what it
 * printed. *uncertain: it had the whole message and was stopped, so that it may have taken it. Faults: CONFIG
 * (no such program), TIMEOUT, INTERRUPTED, INTERNAL, and by sysexits.h RECIPIENT_UNKNOWN, DNS,
 * SERVER_UNAVAILABLE, SERVER_STORAGE, POLICY_REJECTED, PROTOCOL, CONTENT_REJECTED. */
bool sendmail_run(const struct sendmail_request *request, struct transcript *transcript,
                  struct deadline deadline, bool *uncertain, struct err *err);

#endif
