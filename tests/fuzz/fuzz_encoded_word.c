/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is encoded reads the same again; text without encoded words is not touched; the output keeps its
 * bound. */
#include <stdint.h>
#include <stdlib.h>

#include "common/base/text.h"
#include "common/mail/encoded_word.h"
#include "common/mail/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_round_trip(struct slice text)
{
    struct buffer coded = BUFFER_INIT(8 * text.len + 64), back = BUFFER_INIT(text.len);

    check(encoded_word_encode(&coded, text) == text_is_utf8(text));
    if (text_is_utf8(text))
        check(header_decode(buffer_slice(&coded), &back) && slice_eq(buffer_slice(&back), text));
    buffer_clear(&coded);
    buffer_clear(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_of(data, size);
    /* the most that a byte can become is a character of three */
    struct buffer out = BUFFER_INIT(3 * size), small = BUFFER_INIT(size / 2), folded = BUFFER_INIT(3 * size);

    check(encoded_word_decode(&out, text));
    if (slice_find(text, SLICE("=?")) == text.len)
        check(slice_eq(buffer_slice(&out), text));
    if (text_is_utf8(text))
        check(text_is_utf8(buffer_slice(&out)));
    encoded_word_decode(&small, text);
    check(small.len <= size / 2);
    check(header_decode(text, &folded));
    check_round_trip(text);
    buffer_clear(&out);
    buffer_clear(&small);
    buffer_clear(&folded);
    return 0;
}
