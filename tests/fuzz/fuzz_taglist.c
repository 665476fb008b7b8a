/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tag list that is accepted is the same when it is written out and read again; so are base64 values. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/auth/taglist.h"
#include "common/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 1 << 20 };

static void check(bool condition)
{
    if (!condition)
        abort();
}

static void check_base64(struct slice value)
{
    struct buffer bytes = BUFFER_INIT(ROOM), text = BUFFER_INIT(2 * ROOM), again = BUFFER_INIT(ROOM);

    if (taglist_base64(value, &bytes) && bytes.len > 0) {
        check(text_base64_encode(&text, buffer_slice(&bytes)));
        check(taglist_base64(buffer_slice(&text), &again));
        check(slice_eq(buffer_slice(&bytes), buffer_slice(&again)));
    }
    buffer_clear(&bytes);
    buffer_clear(&text);
    buffer_clear(&again);
}

static void check_elements(struct slice list)
{
    struct slice rest = list, one;

    while (taglist_next(&rest, ':', &one)) {
        check(slice_find_char(one, ':') == one.len);
        check(taglist_has(list, ':', one));
    }
}

static void check_round_trip(const struct taglist *tags)
{
    struct buffer text = BUFFER_INIT(2 * ROOM);
    static struct taglist again;

    for (size_t i = 0; i < tags->count; i++) {
        check(buffer_append(&text, tags->tag[i].name) && buffer_append_char(&text, '='));
        check(buffer_append(&text, tags->tag[i].value) && buffer_append_char(&text, ';'));
    }
    check(taglist_parse(&again, buffer_slice(&text)));
    check(again.count == tags->count);
    for (size_t i = 0; i < tags->count; i++) {
        check(slice_eq(again.tag[i].name, tags->tag[i].name));
        check(slice_eq(again.tag[i].value, tags->tag[i].value));
    }
    buffer_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct taglist tags;
    struct slice text = slice_of(data, size);

    if (size > ROOM)
        return 0;
    bool ok = taglist_parse(&tags, text);
    check(ok == (tags.problem[0] == '\0') && (tags.count > 0 || !ok));
    for (size_t i = 0; i < tags.count; i++) {
        const struct tag *tag = &tags.tag[i];
        check(tag->whole.data >= text.data && tag->whole.data + tag->whole.len <= text.data + text.len);
        check(slice_eq(slice_trim(tag->whole), tag->value));
        check_base64(tag->value);
        check_elements(tag->value);
    }
    if (ok)
        check_round_trip(&tags);
    return 0;
}
