/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines and counted bytes come out the same, however the input is cut into reads. The first bytes of the
 * input say how. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/net/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct wire {
    struct slice input;
    unsigned chunks; /* the sizes of reads, four bits each, over and over; 0: nothing yet */
    unsigned turn;
};

static ssize_t wire_receive(void *context, void *data, size_t size)
{
    struct wire *w = context;
    size_t n = w->chunks >> w->turn++ % 4 * 4 & 0xf;

    if (n == 0)
        return STREAM_AGAIN;
    n = n == 0xf ? size : n;
    n = n < w->input.len ? n : w->input.len;
    memcpy(data, w->input.data, n);
    w->input = slice_skip(w->input, n);
    return (ssize_t)n;
}

static ssize_t wire_send(void *context, const void *data, size_t size)
{
    (void)context, (void)data, (void)size;
    return STREAM_BROKEN;
}

static int wire_wait(void *context, bool for_output, int timeout_ms)
{
    (void)context, (void)for_output, (void)timeout_ms;
    return 1;
}

static const struct stream_ops ops = {wire_receive, wire_send, wire_wait};

/* Everything as one text: "|line" for a line; behind a line that ends in "{" and a digit so many bytes, as
 * "#bytes". */
static void read_all(struct buffer *out, struct slice input, unsigned chunks)
{
    struct wire w = {.input = input, .chunks = chunks};
    struct stream s;
    struct slice line;
    struct err err = ERR_NONE;

    stream_init(&s, &ops, &w, "imap", NULL, deadline_in(3600));
    while (stream_line(&s, STAGE_FETCH, &line, &err)) {
        if (line.len > STREAM_LINE_MAX)
            abort();
        buffer_append_char(out, '|');
        buffer_append(out, line);
        if (line.len < 2 || line.data[line.len - 2] != '{' || !ascii_is_digit(line.data[line.len - 1]))
            continue;
        unsigned count = (unsigned)(line.data[line.len - 1] - '0');
        buffer_append_char(out, '#');
        if (!stream_bytes(&s, STAGE_FETCH, count, out, &err))
            break;
    }
    if (err.kind != FAULT_CONNECT && err.kind != FAULT_PROTOCOL)
        abort();
    buffer_printf(out, "!%d", (int)err.kind);
    stream_clear(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { OUT_MAX = 1 << 20 };
    struct buffer whole = BUFFER_INIT(OUT_MAX), cut = BUFFER_INIT(OUT_MAX);
    unsigned chunks;

    if (size < 2 || size > OUT_MAX / 4)
        return 0;
    chunks = data[0] | (unsigned)data[1] << 8;
    if (chunks == 0)
        return 0;
    struct slice input = slice_of(data + 2, size - 2);
    read_all(&whole, input, 0xffff);
    read_all(&cut, input, chunks);
    if (!slice_eq(buffer_slice(&whole), buffer_slice(&cut)))
        abort();
    buffer_clear(&whole);
    buffer_clear(&cut);
    return 0;
}
