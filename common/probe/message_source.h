/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message_source.h - a message in pieces: its header section whole, its body as it comes by. From a file,
 * from standard input, or from memory. */
#ifndef MAILPROOF_PROBE_MESSAGE_SOURCE_H
#define MAILPROOF_PROBE_MESSAGE_SOURCE_H

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/err.h"

enum { MESSAGE_HEADER_MAX = 4 * 1024 * 1024 };

struct message_source {
    struct slice header; /* the section with its empty line; valid until message_source_close */
    struct slice rest;   /* what was read of the body along with it */
    struct buffer head;
    struct buffer piece;
    int fd; /* -1: all is in memory */
    const char *path;
    struct deadline deadline;
};

/* path: "-" is standard input. FAULT_CONFIG where it cannot be read, is empty, stays silent beyond the
 * deadline (a pipe), or its header section does not end within MESSAGE_HEADER_MAX; FAULT_INTERRUPTED. To be
 * closed in any case. */
bool message_source_open(struct message_source *s, const char *path, struct deadline deadline,
                         struct err *err);
/* message stays the caller's. */
void message_source_memory(struct message_source *s, struct slice message);
/* The next piece of the body, valid until the next call; empty at its end. False: the same faults. */
bool message_source_next(struct message_source *s, struct slice *piece, struct err *err);
void message_source_close(struct message_source *s);

#endif
