/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream.h - the narrow pipe that the protocol clients speak through: lines in, bytes out, one deadline.
 *
 * In life a socket with TLS (session.h), in tests an array of bytes. Input is buffered up to STREAM_LINE_MAX;
 * a longer line is FAULT_PROTOCOL. All functions give FAULT_TIMEOUT at the deadline, FAULT_CONNECT where the
 * peer hung up or reset, FAULT_INTERRUPTED on a signal; stage says which step was under way and goes into the
 * error. */
#ifndef MAILPROOF_NET_STREAM_H
#define MAILPROOF_NET_STREAM_H

#include <sys/types.h>

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/err.h"
#include "common/base/transcript.h"

enum {
    STREAM_LINE_MAX = 64 * 1024,
    STREAM_AGAIN = -2, /* nothing now: wait */
    STREAM_BROKEN = -1 /* reset or a TLS failure */
};

struct stream_ops {
    /* > 0 bytes, 0 at the end, STREAM_AGAIN, STREAM_BROKEN; never block */
    ssize_t (*receive)(void *context, void *data, size_t size);
    ssize_t (*send)(void *context, const void *data, size_t size);
    /* waits for input (or, with for_output, for room): 1 ready, 0 at the time-out or on a signal, -1 broken
     */
    int (*wait)(void *context, bool for_output, int timeout_ms);
};

struct stream {
    const struct stream_ops *ops;
    void *context;
    const char *side;              /* "smtp", "imap", "pop3": for the transcript and the error texts */
    struct transcript *transcript; /* may be NULL */
    struct deadline deadline;      /* over everything that is said here */
    struct buffer in;
    size_t taken; /* of in: handed out already */
    bool heard;   /* something came since the last thing that was said */
};

void stream_init(struct stream *s, const struct stream_ops *ops, void *context, const char *side,
                 struct transcript *transcript, struct deadline deadline);
void stream_clear(struct stream *s);

/* One line without its CRLF or LF. The slice is valid until the next call on this stream. */
bool stream_line(struct stream *s, enum stage stage, struct slice *line, struct err *err);
/* The same, but a line that is a secret (or may quote one) shows as "(redacted)" in the transcript. */
bool stream_line_secret(struct stream *s, enum stage stage, struct slice *line, struct err *err);
/* Exactly len bytes, appended to out where it is not NULL (as far as its maximum allows), else dropped. */
bool stream_bytes(struct stream *s, enum stage stage, unsigned long long len, struct buffer *out,
                  struct err *err);

/* All of it, or an error. The transcript gets the lines of data. */
bool stream_send(struct stream *s, enum stage stage, struct slice data, struct err *err);
/* The transcript gets the label in place of data, e.g. "AUTH PLAIN (redacted)". */
bool stream_send_secret(struct stream *s, enum stage stage, struct slice data, const char *label,
                        struct err *err);

/* Whether a byte can be had without waiting. */
bool stream_has_input(struct stream *s);
/* Waits until something can be read, but no longer than the seconds and the deadline. 1 readable, 0 time is
 * up, -1 the peer hung up, or a signal came (*err is filled). */
int stream_wait(struct stream *s, enum stage stage, double seconds, struct err *err);

#endif
