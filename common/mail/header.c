/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/header.h"

#include "common/mail/encoded_word.h"

/* The first line with its line end. */
static struct slice whole_line(struct slice s)
{
    return slice_head(s, slice_find_char(s, '\n') + 1);
}

static struct slice without_line_end(struct slice line)
{
    if (line.len > 0 && line.data[line.len - 1] == '\n')
        line.len--;
    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    return line;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* RFC 5322 section 3.6.8: printable ASCII but the colon; section 4.5 allows blanks before the colon. */
static bool split_field(struct slice raw, struct header_field *field)
{
    size_t n = 0, colon;

    while (n < raw.len && raw.data[n] > ' ' && raw.data[n] < 0x7f && raw.data[n] != ':')
        n++;
    for (colon = n; colon < raw.len && is_blank(raw.data[colon]);)
        colon++;
    if (n == 0 || colon == raw.len || raw.data[colon] != ':')
        return false;
    *field = (struct header_field){slice_head(raw, n), without_line_end(slice_skip(raw, colon + 1)), raw};
    return true;
}

bool header_next(struct slice *rest, struct header_field *field)
{
    while (rest->len > 0) {
        struct slice raw = whole_line(*rest);
        bool is_empty = without_line_end(raw).len == 0;
        while (!is_empty && raw.len < rest->len && is_blank(rest->data[raw.len]))
            raw.len += whole_line(slice_skip(*rest, raw.len)).len;
        *rest = slice_skip(*rest, raw.len);
        if (is_empty)
            return false;
        if (split_field(raw, field))
            return true;
    }
    return false;
}

bool header_find(struct slice message, struct slice name, size_t n, struct header_field *field)
{
    while (header_next(&message, field))
        if (slice_eq_nocase(field->name, name) && n-- == 0)
            return true;
    return false;
}

size_t header_count(struct slice message, struct slice name)
{
    struct header_field field;
    size_t n = 0;

    while (header_next(&message, &field))
        if (slice_eq_nocase(field.name, name))
            n++;
    return n;
}

struct slice header_body(struct slice message)
{
    struct header_field field;

    while (header_next(&message, &field))
        ;
    return message;
}

bool header_unfold(struct slice value, struct buffer *out)
{
    struct slice line;

    value = slice_trim(value);
    while (slice_next_line(&value, &line))
        if (!buffer_append(out, line))
            return false;
    return true;
}

/* As header_unfold, but a fold is one blank: where the writer broke a line with a tab, the reader sees a
 * space. */
static bool unfold_to_blanks(struct slice value, struct buffer *out)
{
    struct slice line;

    value = slice_trim(value);
    for (bool first = true; slice_next_line(&value, &line); first = false)
        if (!(first || buffer_append_char(out, ' ')) || !buffer_append(out, first ? line : slice_trim(line)))
            return false;
    return true;
}

bool header_decode(struct slice value, struct buffer *out)
{
    struct buffer unfolded = BUFFER_INIT(value.len);
    bool ok = unfold_to_blanks(value, &unfolded) && encoded_word_decode(out, buffer_slice(&unfolded));

    buffer_clear(&unfolded);
    return ok;
}
