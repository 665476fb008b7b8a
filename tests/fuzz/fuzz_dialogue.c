/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hostile server cannot make us keep more than the maxima, nor undo a verdict; what HELO answers announces
 * nothing. Each line of the input is one of a conversation, ours where it begins with ">". */
#include <stdint.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/net/dialogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct dialogue *d, bool was_hopeless)
{
    if (d->greeting.len > GREETING_MAX || d->capabilities.len > CAPABILITIES_MAX ||
        d->answer.len > ANSWER_MAX)
        abort();
    if (was_hopeless && !dialogue_hopeless(d))
        abort();
    if (d->protocol != PROTOCOL_SMTP)
        return;
    if (!d->babble && d->greeting.len > 0 && !ascii_is_digit(d->greeting.data[0]))
        abort();
    if (d->helo && d->capabilities.len > 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct timespec at = {1, 0};
    struct timeline timeline = {0};
    struct dialogue d;
    struct slice rest, line;

    if (size < 1)
        return 0;
    dialogue_init(&d, (enum protocol)(data[0] % 3), &timeline, NULL);
    rest = slice_of(data + 1, size - 1);
    while (slice_next_line(&rest, &line)) {
        bool was_hopeless = dialogue_hopeless(&d);
        if (slice_starts(line, SLICE(">")))
            dialogue_sent(&d, slice_skip(line, 1), at);
        else
            dialogue_received(&d, line, at);
        check(&d, was_hopeless);
    }
    dialogue_clear(&d);
    return 0;
}
