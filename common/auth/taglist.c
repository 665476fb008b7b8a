/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/taglist.h"

#include <string.h>

#include "common/base/text.h"

/* tag-name = ALPHA *(ALPHA / DIGIT / "_") */
static bool is_name(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_is_alnum(s.data[i]) && s.data[i] != '_')
            return false;
    return s.len > 0 && ascii_is_alnum(s.data[0]) && !ascii_is_digit(s.data[0]);
}

/* tag-value = [ tval *( 1*(WSP / FWS) tval ) ], tval of printable ASCII but ";", and UTF-8 */
static bool is_value(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (((unsigned char)s.data[i] < ' ' && !ascii_is_space(s.data[i])) || s.data[i] == 0x7f)
            return false;
    return text_is_utf8(s);
}

static const char *add(struct taglist *list, struct slice spec)
{
    size_t equals = slice_find_char(spec, '=');
    struct slice name = slice_trim(slice_head(spec, equals)), whole = slice_skip(spec, equals + 1);

    if (equals == spec.len || !is_name(name))
        return "a tag is not of the form name=value";
    if (!is_value(whole))
        return "a tag's value has characters that may not stand there";
    for (size_t i = 0; i < list->count; i++)
        if (slice_eq(list->tag[i].name, name))
            return "a tag stands twice";
    if (list->count == TAGS_MAX)
        return "there are too many tags";
    list->tag[list->count++] = (struct tag){name, slice_trim(whole), whole};
    return "";
}

/* tag-list = tag-spec *( ";" tag-spec ) [ ";" ] */
bool taglist_parse(struct taglist *out, struct slice text)
{
    out->count = 0;
    out->problem = "";
    do {
        struct slice spec = slice_head(text, slice_find_char(text, ';'));
        out->problem = add(out, spec);
        text = slice_skip(text, spec.len + 1);
    } while (*out->problem == '\0' && slice_trim(text).len > 0);
    return *out->problem == '\0';
}

const struct tag *taglist_find(const struct taglist *tags, const char *name)
{
    for (size_t i = 0; i < tags->count; i++)
        if (slice_eq(tags->tag[i].name, slice_from(name)))
            return &tags->tag[i];
    return NULL;
}

struct slice taglist_value(const struct taglist *tags, const char *name, struct slice other)
{
    const struct tag *tag = taglist_find(tags, name);
    return tag == NULL ? other : tag->value;
}

bool taglist_next(struct slice *rest, char separator, struct slice *element)
{
    if (rest->len == 0)
        return false;
    size_t n = slice_find_char(*rest, separator);
    *element = slice_trim(slice_head(*rest, n));
    *rest = slice_skip(*rest, n + 1);
    return true;
}

bool taglist_has(struct slice list, char separator, struct slice element)
{
    struct slice one;

    while (taglist_next(&list, separator, &one))
        if (slice_eq_nocase(one, element))
            return true;
    return false;
}

bool taglist_base64(struct slice value, struct buffer *out)
{
    struct buffer bare = BUFFER_INIT(value.len + 2);
    struct slice word;
    bool ok = true;

    while (ok && slice_next_word(&value, &word))
        ok = buffer_append(&bare, word);
    for (size_t pad = (4 - bare.len % 4) % 4; ok && pad > 0 && pad < 3; pad--)
        ok = buffer_append_char(&bare, '=');
    ok = ok && bare.len > 0 && text_base64_decode(out, buffer_slice(&bare));
    buffer_clear(&bare);
    return ok;
}
