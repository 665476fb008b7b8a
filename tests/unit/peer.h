/* SPDX-License-Identifier: GPL-3.0-or-later */
/* peer.h - a server for unit tests: an array of turns in place of a socket. */
#ifndef MAILPROOF_TESTS_PEER_H
#define MAILPROOF_TESTS_PEER_H

#include "common/base/buffer.h"
#include "common/net/stream.h"

/* Says so much once the client has said exactly that (and all that the turns before it wanted). */
struct turn {
    const char *hears; /* "": says it at once */
    const char *says;
};

enum peer_ending { PEER_SILENT, PEER_CLOSES, PEER_RESETS };

struct peer {
    const struct turn *turns; /* the last one has hears NULL */
    enum peer_ending ending;  /* after the last turn */
    bool dripping;            /* one byte a read */
    size_t
        room; /* bytes after which sending fails (a reset), or blocks where ending is PEER_SILENT; 0: never */
    struct buffer heard;   /* all that the client said */
    size_t matched;        /* of it: by turns */
    struct buffer pending; /* to be read by the client */
    size_t sends;          /* calls of send that took something: flights, as long as they are small */
};

#define PEER_INIT(the_turns)                                                                                 \
    ((struct peer){.turns = (the_turns), .heard = BUFFER_INIT(1 << 24), .pending = BUFFER_INIT(1 << 20)})

extern const struct stream_ops peer_ops;

void peer_clear(struct peer *p);
/* Whether the client said what all turns wanted, and nothing more. */
bool peer_satisfied(const struct peer *p);

#endif
