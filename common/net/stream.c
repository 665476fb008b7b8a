/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/stream.h"

#include <string.h>

#include "common/base/interrupt.h"

enum { READ_SIZE = 16 * 1024 };

void stream_init(struct stream *s, const struct stream_ops *ops, void *context, const char *side,
                 struct transcript *transcript, struct deadline deadline)
{
    *s = (struct stream){
        .ops = ops,
        .context = context,
        .side = side,
        .transcript = transcript,
        .deadline = deadline,
        /* secret: refusals may quote credentials, challenges are made of them */
        .in = BUFFER_SECRET(STREAM_LINE_MAX + READ_SIZE),
    };
}

void stream_clear(struct stream *s)
{
    buffer_clear(&s->in);
    s->taken = 0;
}

static bool broken(const struct stream *s, enum stage stage, bool reset, struct err *err)
{
    return err_set(err, FAULT_CONNECT, stage, "the %s server %s at %s", s->side,
                   reset ? "broke the connection" : "closed the connection", stage_name(stage));
}

static bool await(struct stream *s, enum stage stage, bool for_output, struct err *err)
{
    while (!deadline_passed(s->deadline)) {
        if (interrupt_seen())
            return err_set(err, FAULT_INTERRUPTED, stage, "stopped by a signal at %s", stage_name(stage));
        int ready = s->ops->wait(s->context, for_output, deadline_poll_ms(s->deadline));
        if (ready < 0)
            return broken(s, stage, true, err);
        if (ready > 0)
            return true;
    }
    if (for_output)
        return err_set(err, FAULT_TIMEOUT, stage,
                       "the %s server took no more data at %s until the time was up", s->side,
                       stage_name(stage));
    if (s->heard)
        return err_set(err, FAULT_TIMEOUT, stage,
                       "the %s server had not ended its answer at %s when the time was up", s->side,
                       stage_name(stage));
    return err_set(err, FAULT_TIMEOUT, stage, "the %s server was silent at %s until the time was up", s->side,
                   stage_name(stage));
}

static bool too_long(const struct stream *s, enum stage stage, struct err *err)
{
    return err_set(err, FAULT_PROTOCOL, stage, "the %s server sent a line of over %d bytes at %s", s->side,
                   STREAM_LINE_MAX, stage_name(stage));
}

/* One read into the buffer: > 0, STREAM_AGAIN, or 0 with *err filled. */
static ssize_t fill(struct stream *s, enum stage stage, struct err *err)
{
    char block[READ_SIZE];

    if (s->taken > 0)
        buffer_consume(&s->in, s->taken);
    s->taken = 0;
    ssize_t n = s->ops->receive(s->context, block, sizeof block);
    if (n > 0) {
        s->heard = true;
        bool fits = buffer_append(&s->in, slice_of(block, (size_t)n));
        explicit_bzero(block, (size_t)n);
        if (!fits) {
            too_long(s, stage, err);
            return 0;
        }
        return n;
    }
    if (n == STREAM_AGAIN)
        return STREAM_AGAIN;
    broken(s, stage, n < 0, err);
    return 0;
}

static struct slice unread(const struct stream *s)
{
    return slice_skip(buffer_slice(&s->in), s->taken);
}

/* Waits for and reads more. A peer that drips is stopped by the deadline too. */
static bool more(struct stream *s, enum stage stage, struct err *err)
{
    for (;;) {
        if (deadline_passed(s->deadline))
            return await(s, stage, false, err);
        ssize_t n = fill(s, stage, err);
        if (n != STREAM_AGAIN)
            return n > 0;
        if (!await(s, stage, false, err))
            return false;
    }
}

static bool read_line(struct stream *s, enum stage stage, struct slice *line, struct err *err)
{
    size_t searched = 0;

    for (;;) {
        struct slice have = unread(s);
        size_t end = searched + slice_find_char(slice_skip(have, searched), '\n');
        if (end > STREAM_LINE_MAX)
            return too_long(s, stage, err);
        if (end < have.len) {
            s->taken += end + 1;
            *line = slice_head(have, end);
            if (line->len > 0 && line->data[line->len - 1] == '\r')
                line->len--;
            return true;
        }
        searched = have.len;
        if (!more(s, stage, err))
            return false;
    }
}

bool stream_line(struct stream *s, enum stage stage, struct slice *line, struct err *err)
{
    if (!read_line(s, stage, line, err))
        return false;
    transcript_line(s->transcript, s->side, SPEAKER_SERVER, *line);
    return true;
}

bool stream_line_secret(struct stream *s, enum stage stage, struct slice *line, struct err *err)
{
    if (!read_line(s, stage, line, err))
        return false;
    transcript_line(s->transcript, s->side, SPEAKER_SERVER, SLICE("(redacted)"));
    return true;
}

bool stream_bytes(struct stream *s, enum stage stage, unsigned long long len, struct buffer *out,
                  struct err *err)
{
    while (len > 0) {
        struct slice have = unread(s);
        if (have.len == 0) {
            if (!more(s, stage, err))
                return false;
            continue;
        }
        if (have.len > len)
            have.len = (size_t)len;
        if (out != NULL) {
            size_t room = out->max > out->len ? out->max - out->len : 0;
            if (!buffer_append(out, slice_head(have, room)))
                return err_set(err, FAULT_INTERNAL, stage, "out of memory");
        }
        s->taken += have.len;
        len -= have.len;
    }
    return true;
}

static bool send_all(struct stream *s, enum stage stage, struct slice data, struct err *err)
{
    s->heard = false;
    while (data.len > 0) {
        if (deadline_passed(s->deadline))
            return await(s, stage, true, err);
        ssize_t n = s->ops->send(s->context, data.data, data.len);
        if (n > 0)
            data = slice_skip(data, (size_t)n);
        else if (n != STREAM_AGAIN)
            return broken(s, stage, n < 0, err);
        else if (!await(s, stage, true, err))
            return false;
    }
    return true;
}

bool stream_send(struct stream *s, enum stage stage, struct slice data, struct err *err)
{
    struct slice rest = data, line;

    if (s->transcript != NULL && s->transcript->on)
        while (slice_next_line(&rest, &line))
            transcript_line(s->transcript, s->side, SPEAKER_CLIENT, line);
    return send_all(s, stage, data, err);
}

bool stream_send_secret(struct stream *s, enum stage stage, struct slice data, const char *label,
                        struct err *err)
{
    transcript_line(s->transcript, s->side, SPEAKER_CLIENT, slice_from(label));
    return send_all(s, stage, data, err);
}

bool stream_has_input(struct stream *s)
{
    struct err ignored;

    if (unread(s).len > 0)
        return true;
    return fill(s, STAGE_NONE, &ignored) > 0;
}

int stream_wait(struct stream *s, enum stage stage, double seconds, struct err *err)
{
    struct deadline until = deadline_earlier(s->deadline, deadline_in(seconds));

    if (unread(s).len > 0)
        return 1;
    for (;;) {
        /* bytes may lie in the TLS layer while the socket is not readable, and a readable socket may hold
         * none for us */
        ssize_t n = fill(s, stage, err);
        if (n != STREAM_AGAIN)
            return n > 0 ? 1 : -1;
        if (interrupt_seen()) {
            err_set(err, FAULT_INTERRUPTED, stage, "stopped by a signal while waiting");
            return -1;
        }
        if (deadline_passed(until))
            return 0;
        if (s->ops->wait(s->context, false, deadline_poll_ms(until)) < 0) {
            broken(s, stage, true, err);
            return -1;
        }
    }
}
