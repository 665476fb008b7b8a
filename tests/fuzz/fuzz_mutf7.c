/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names are the same after a way there and back, in both directions. */
#include <stdint.h>
#include <stdlib.h>

#include "common/base/text.h"
#include "common/mail/mutf7.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_of(data, size);
    struct buffer coded = BUFFER_INIT(8 * size), plain = BUFFER_INIT(8 * size), back = BUFFER_INIT(8 * size);

    bool can = mutf7_encode(&coded, text);
    check(can == (text_is_utf8(text) && slice_find_char(text, '\0') == text.len));
    if (can)
        check(text_is_ascii(buffer_slice(&coded)) && mutf7_decode(&back, buffer_slice(&coded)) &&
              slice_eq(buffer_slice(&back), text));
    buffer_reset(&coded);
    if (mutf7_decode(&plain, text))
        check(text_is_utf8(buffer_slice(&plain)) && mutf7_encode(&coded, buffer_slice(&plain)) &&
              slice_eq(buffer_slice(&coded), text));
    buffer_clear(&coded);
    buffer_clear(&plain);
    buffer_clear(&back);
    return 0;
}
