/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every refusal has a class that a mail system can be blamed for; what is a WARNING allows another try. */
#include <stdint.h>
#include <stdlib.h>

#include "common/mail/refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(enum fault fault, bool for_good)
{
    if (fault < FAULT_DNS || fault >= FAULT_THRESHOLD)
        abort();
    if (for_good &&
        (fault == FAULT_GREYLISTED || fault == FAULT_RATE_LIMITED || fault == FAULT_AUTH_THROTTLED))
        abort();
}

/* The first byte is the stage. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_skip(slice_of(data, size), 1);
    enum stage stage = size > 0 ? (enum stage)(data[0] % STAGE_COUNT) : STAGE_NONE;
    const char *advice;
    struct reply r;
    struct err err;

    check(refusal_classify_mailbox(text, stage, &advice), false);
    if (!reply_parse(&r, text) || r.code < 400)
        return 0;
    check(refusal_classify(&r, stage, &advice), r.code >= 500);
    if (refusal_err(&err, &r, stage, "AUTH") || err.code != r.code ||
        err.kind != refusal_classify(&r, stage, NULL))
        abort();
    double wait = refusal_retry_after(&r);
    if (wait < 0 || wait > 86400)
        abort();
    return 0;
}
