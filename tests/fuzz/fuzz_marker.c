/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A marker that is found stands in the text as a word; one that is put between two words is found. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buffer.h"
#include "common/mail/marker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char known[] = "mproof28t5cy4t01nb2ew00000000000000000ja";
    struct slice text = slice_of(data, size);
    struct buffer with = BUFFER_INIT(size + 100);
    struct marker found, parsed;

    if (marker_find(&found, text)) {
        size_t at = slice_find_nocase(text, slice_from(found.text));
        check(at < text.len && strlen(found.text) == MARKER_LENGTH);
        check(marker_parse(&parsed, slice_head(slice_skip(text, at), MARKER_LENGTH)));
        check(strcmp(parsed.text, found.text) == 0 && parsed.key == found.key && parsed.sent == found.sent);
        check(parsed.key >> MARKER_KEY_BITS == 0 && parsed.sent >= 0);
    } else if (size > 0) {
        size_t half = data[0] % (size + 1);
        check(buffer_append(&with, slice_head(text, half)) && buffer_append_text(&with, " ") &&
              buffer_append_text(&with, known) && buffer_append_text(&with, ".") &&
              buffer_append(&with, slice_skip(text, half)));
        check(marker_find(&found, buffer_slice(&with)));
        /* or one before it, which now ends where the text was cut */
        check(strcmp(found.text, known) == 0 ||
              slice_find_nocase(slice_head(text, half), slice_from(found.text)) < half);
    }
    buffer_clear(&with);
    return 0;
}
