/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/imap_read.h"

#include "common/net/imap_parse.h"

static bool too_long(enum stage stage, struct err *err)
{
    return err_set(err, FAULT_PROTOCOL, stage, "the imap server sent a response without end at %s",
                   stage_name(stage));
}

/* Reads what was announced, keeps as much of it as leaves room for the rest of the line. */
static bool read_literal(struct stream *s, enum stage stage, unsigned long long length, struct buffer *raw,
                         struct err *err)
{
    if (length > IMAP_LITERAL_MAX)
        return err_set(err, FAULT_PROTOCOL, stage, "the imap server announced a literal of %llu bytes at %s",
                       length, stage_name(stage));
    size_t reserve = raw->len + STREAM_LINE_MAX + 32;
    size_t room = raw->max > reserve ? raw->max - reserve : 0;
    size_t kept = length < room ? (size_t)length : room;
    if (!buffer_printf(raw, "{%zu}\r\n", kept))
        return too_long(stage, err);
    return stream_bytes(s, stage, kept, raw, err) && stream_bytes(s, stage, length - kept, NULL, err);
}

bool imap_read(struct stream *s, enum stage stage, bool secret, struct buffer *raw, struct err *err)
{
    unsigned long long length;
    size_t mark;
    bool literals = true;

    buffer_reset(raw);
    for (bool first = true;; first = false) {
        struct slice line;
        if (!(secret ? stream_line_secret : stream_line)(s, stage, &line, err))
            return false;
        if (first)
            literals = imap_may_have_literal(line);
        bool more = literals && imap_literal_at_end(line, &length, &mark);
        if (!buffer_append(raw, more ? slice_head(line, mark) : line))
            return too_long(stage, err);
        if (!more)
            return true;
        if (!read_literal(s, stage, length, raw, err))
            return false;
    }
}
