/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/canon.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

void canon_body_init(struct canon_body *b, enum canon canon, struct canon_sink sink)
{
    *b = (struct canon_body){.canon = canon, .sink = sink};
}

static void put(const struct canon_sink *sink, struct slice bytes)
{
    if (bytes.len > 0)
        sink->write(sink->context, bytes);
}

/* Writes bytes, and before them whatever had to wait until it was known that more comes. */
static void write_after_waiting(struct canon_body *b, struct slice bytes)
{
    for (; b->line_ends > 0; b->line_ends--)
        put(&b->sink, SLICE("\r\n"));
    if (b->blank)
        put(&b->sink, SLICE(" "));
    b->blank = false;
    b->written = true;
    put(&b->sink, bytes);
}

/* Most lines are as relaxed wants them: they go by without a look at each byte. */
static bool is_relaxed(struct slice s)
{
    return slice_find_char(s, '\t') == s.len && slice_find(s, SLICE("  ")) == s.len &&
           !is_blank(s.data[s.len - 1]);
}

/* Each run of blanks becomes one; that at the end waits for what follows. */
static void write_relaxed(struct canon_body *b, struct slice text)
{
    char out[128];
    size_t n = 0;
    bool blank = b->blank;

    b->blank = false;
    for (size_t i = 0; i < text.len; i++) {
        if (is_blank(text.data[i])) {
            blank = true;
            continue;
        }
        if (n + 2 > sizeof out) {
            write_after_waiting(b, slice_of(out, n));
            n = 0;
        }
        if (blank)
            out[n++] = ' ';
        out[n++] = text.data[i];
        blank = false;
    }
    if (n > 0)
        write_after_waiting(b, slice_of(out, n));
    b->blank = blank;
}

/* What stands in a line, its end not included. */
static void write_text(struct canon_body *b, struct slice text)
{
    if (text.len == 0)
        return;
    if (b->canon == CANON_SIMPLE || (is_relaxed(text) && !(b->blank && text.data[0] == ' ')))
        write_after_waiting(b, text);
    else
        write_relaxed(b, text);
}

/* A line, or a part of one; ends: it was its last. */
static void feed_line(struct canon_body *b, struct slice text, bool ends)
{
    if (b->cr && text.len > 0) {
        write_after_waiting(b, SLICE("\r"));
        b->cr = false;
    }
    if (text.len > 0 && text.data[text.len - 1] == '\r') {
        b->cr = true;
        text.len--;
    }
    write_text(b, text);
    if (ends) {
        b->line_ends++;
        b->blank = b->cr = false;
    }
}

void canon_body_feed(struct canon_body *b, struct slice piece)
{
    while (piece.len > 0) {
        size_t n = slice_find_char(piece, '\n');
        feed_line(b, slice_head(piece, n), n < piece.len);
        piece = slice_skip(piece, n + 1);
    }
}

void canon_body_end(struct canon_body *b)
{
    if (b->cr)
        write_after_waiting(b, SLICE("\r"));
    /* one CRLF for all that waited, or for the one that is missing; an empty body is CRLF in simple, nothing
     * in relaxed */
    if (b->written || b->canon == CANON_SIMPLE)
        put(&b->sink, SLICE("\r\n"));
}

static void write_name_lower(const struct canon_sink *sink, struct slice name)
{
    char lower[64];

    while (name.len > 0) {
        struct slice part = slice_head(name, sizeof lower);
        for (size_t i = 0; i < part.len; i++)
            lower[i] = ascii_lower(part.data[i]);
        put(sink, slice_of(lower, part.len));
        name = slice_skip(name, part.len);
    }
}

/* From behind the colon and the white space there to the end of the field, its line end included. */
static struct slice value_with_line_end(const struct header_field *field)
{
    struct slice s = slice_skip(field->raw, (size_t)(field->value.data - field->raw.data));

    while (s.len > 0 && (is_blank(s.data[0]) || s.data[0] == '\n' || slice_starts(s, SLICE("\r\n"))))
        s = slice_skip(s, 1);
    return s;
}

/* RFC 6376 section 3.4.2: unfolded, each run of blanks one blank, none at the ends. */
static void relaxed_field(const struct header_field *field, struct canon_sink sink)
{
    struct canon_body b = {.canon = CANON_RELAXED, .sink = sink};
    struct slice rest = value_with_line_end(field), line;

    write_name_lower(&sink, field->name);
    put(&sink, SLICE(":"));
    while (slice_next_line(&rest, &line))
        write_relaxed(&b, line);
}

static void simple_field(const struct header_field *field, struct canon_sink sink)
{
    struct slice rest = field->raw, line;

    for (bool first = true; slice_next_line(&rest, &line); first = false) {
        if (!first)
            put(&sink, SLICE("\r\n"));
        put(&sink, line);
    }
}

void canon_field(enum canon canon, const struct header_field *field, bool line_end, struct canon_sink sink)
{
    if (canon == CANON_RELAXED)
        relaxed_field(field, sink);
    else
        simple_field(field, sink);
    if (line_end)
        put(&sink, SLICE("\r\n"));
}
