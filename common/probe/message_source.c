/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/probe/message_source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "common/base/interrupt.h"
#include "common/mail/header.h"

enum { PIECE_SIZE = 64 * 1024, POLL_MAX_MS = 250 };

/* Files are always ready; a pipe may stay silent. */
static bool wait_readable(const struct message_source *s, struct err *err)
{
    struct pollfd watched = {.fd = s->fd, .events = POLLIN};

    for (;;) {
        int left = deadline_poll_ms(s->deadline);
        if (interrupt_seen())
            return err_set(err, FAULT_INTERRUPTED, STAGE_NONE, "stopped by a signal while reading %s",
                           s->path);
        if (poll(&watched, 1, left < POLL_MAX_MS ? left : POLL_MAX_MS) > 0)
            return true;
        if (deadline_passed(s->deadline))
            return err_set(err, FAULT_CONFIG, STAGE_NONE, "%s did not end within the time-out", s->path);
    }
}

/* Appends to out; *length: how much, 0 at the end. */
static bool read_some(struct message_source *s, struct buffer *out, size_t *length, struct err *err)
{
    char bytes[PIECE_SIZE];
    ssize_t n;

    do {
        if (!wait_readable(s, err))
            return false;
        n = read(s->fd, bytes, sizeof bytes);
    } while (n < 0 && (errno == EINTR || errno == EAGAIN));
    if (n < 0)
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "--message=%s: %s", s->path, strerror(errno));
    *length = (size_t)n;
    return buffer_append(out, slice_of(bytes, *length)) ||
           err_set(err, FAULT_CONFIG, STAGE_NONE,
                   "--message=%s: no header section ends within %d MiB: this is no message", s->path,
                   MESSAGE_HEADER_MAX / (1024 * 1024));
}

/* Moves *line to the start of the first empty line from there on. False where there is none yet; *line is
 * then the start of the last line. */
static bool find_empty_line(struct slice text, size_t *line)
{
    for (;;) {
        struct slice rest = slice_skip(text, *line);
        size_t end = slice_find_char(rest, '\n');
        if (end == rest.len)
            return false;
        if (end == 0 || (end == 1 && rest.data[0] == '\r'))
            return true;
        *line += end + 1;
    }
}

static void split(struct message_source *s, struct slice message, size_t line)
{
    size_t end = line + slice_find_char(slice_skip(message, line), '\n') + 1;

    s->header = slice_head(message, end);
    s->rest = slice_skip(message, end);
}

static bool read_header(struct message_source *s, struct err *err)
{
    size_t line = 0, length;

    do {
        if (!read_some(s, &s->head, &length, err))
            return false;
    } while (!find_empty_line(buffer_slice(&s->head), &line) && length > 0);
    if (s->head.len == 0)
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "--message=%s: there is nothing in it", s->path);
    split(s, buffer_slice(&s->head), line);
    return true;
}

bool message_source_open(struct message_source *s, const char *path, struct deadline deadline,
                         struct err *err)
{
    bool standard_input = strcmp(path, "-") == 0;

    *s = (struct message_source){.head = BUFFER_INIT(MESSAGE_HEADER_MAX + PIECE_SIZE),
                                 .piece = BUFFER_INIT(PIECE_SIZE),
                                 .path = standard_input ? "standard input" : path,
                                 .deadline = deadline};
    s->fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (s->fd < 0)
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "--message=%s: %s", path, strerror(errno));
    return read_header(s, err);
}

void message_source_memory(struct message_source *s, struct slice message)
{
    size_t line = 0;

    *s = (struct message_source){.fd = -1, .path = "the message"};
    find_empty_line(message, &line);
    split(s, message, line);
}

bool message_source_next(struct message_source *s, struct slice *piece, struct err *err)
{
    size_t length = 0;

    if (s->rest.len == 0 && s->fd >= 0) {
        buffer_reset(&s->piece);
        if (!read_some(s, &s->piece, &length, err))
            return false;
        s->rest = buffer_slice(&s->piece);
    }
    *piece = s->rest;
    s->rest = SLICE_EMPTY;
    return true;
}

void message_source_close(struct message_source *s)
{
    if (s->fd > STDERR_FILENO)
        close(s->fd);
    s->fd = -1;
    buffer_clear(&s->head);
    buffer_clear(&s->piece);
}
