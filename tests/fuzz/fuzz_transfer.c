/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is encoded decodes to the same lines; decoding never gives more than it got. */
#include <stdint.h>
#include <stdlib.h>

#include "common/mail/html.h"
#include "common/mail/transfer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_lines(struct slice coded)
{
    struct slice line;

    while (slice_next_line(&coded, &line)) {
        check(line.len <= 76);
        check(line.len == 0 || !ascii_is_space(line.data[line.len - 1]));
        check(!slice_starts(line, SLICE("From ")));
    }
}

static bool same_lines(struct slice a, struct slice b)
{
    struct slice line_a, line_b;
    bool more_a, more_b;

    do {
        more_a = slice_next_line(&a, &line_a);
        more_b = slice_next_line(&b, &line_b);
        if (more_a != more_b || (more_a && !slice_eq(line_a, line_b)))
            return false;
    } while (more_a);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_of(data, size);
    struct buffer coded = BUFFER_INIT(8 * size + 8), back = BUFFER_INIT(2 * size + 8),
                  out = BUFFER_INIT(2 * size);

    check(transfer_encode_quoted_printable(&coded, text));
    check_lines(buffer_slice(&coded));
    check(transfer_decode_quoted_printable(&back, buffer_slice(&coded)));
    check(same_lines(buffer_slice(&back), text));

    check(transfer_decode_base64(&out, text) && out.len <= size);
    buffer_reset(&out);
    check(transfer_decode_quoted_printable(&out, text)); /* a LF becomes CRLF */
    buffer_reset(&out);
    check(html_text(&out, text) && out.len <= size);
    buffer_clear(&coded);
    buffer_clear(&back);
    buffer_clear(&out);
    return 0;
}
