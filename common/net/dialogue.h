/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dialogue.h - the lines that libcurl exchanges with a server until the stream is ours: what was said, how
 * long each step took, and which step is under way. Fed by libcurl's debug callback; knows nothing of
 * libcurl. */
#ifndef MAILPROOF_NET_DIALOGUE_H
#define MAILPROOF_NET_DIALOGUE_H

#include "common/base/timeline.h"
#include "common/base/transcript.h"
#include "common/net/endpoint.h"

enum {
    GREETING_MAX = 16 * 1024,
    CAPABILITIES_MAX = 64 * 1024,
    ANSWER_MAX = 16 * 1024,
    DIALOGUE_LINE_MAX = 8 * 1024,
    DIALOGUE_MAX = 256 * 1024
};

struct moment {
    bool known;
    struct timespec at;
};

enum dialogue_part {
    PART_PROXY,    /* CONNECT was sent to an HTTP proxy */
    PART_GREETING, /* nothing was said by us yet */
    PART_EHLO,     /* EHLO, HELO, CAPABILITY, CAPA */
    PART_STARTTLS
};

struct dialogue {
    enum protocol protocol;
    const char *side;
    struct timeline *timeline;     /* gets ehlo and starttls */
    struct transcript *transcript; /* may be NULL */
    enum dialogue_part part;
    struct moment connected; /* TCP */
    struct moment tunnelled; /* a proxy has connected us */
    struct moment greeted;   /* the greeting's latest line */
    struct moment latest;    /* line received */
    struct timespec sent_at; /* our latest line */
    size_t received;         /* bytes in all */
    bool helo;               /* EHLO was refused, HELO is tried */
    char tag[16];            /* IMAP: of our latest line, with the blank behind it */
    bool bye;                /* IMAP: the server ends the session, in place of an answer */
    bool babble;             /* a line was received that has no place in this protocol */
    bool flood;              /* more than DIALOGUE_MAX, or a line over DIALOGUE_LINE_MAX, was received */
    struct buffer greeting;
    struct buffer capabilities; /* of the latest EHLO, CAPABILITY or CAPA; empty where it was refused */
    struct buffer answer;       /* to our latest line, whatever it was */
};

void dialogue_init(struct dialogue *d, enum protocol protocol, struct timeline *timeline,
                   struct transcript *transcript);
void dialogue_clear(struct dialogue *d);
/* One line, its line end included, or what is left of one. */
void dialogue_sent(struct dialogue *d, struct slice line, struct timespec at);
void dialogue_received(struct dialogue *d, struct slice line, struct timespec at);
/* True where there is no point in going on: libcurl would wait for a proper reply until the time is up. */
bool dialogue_hopeless(const struct dialogue *d);

#endif
