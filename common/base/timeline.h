/* SPDX-License-Identifier: GPL-3.0-or-later */
/* timeline.h - the steps of a mail conversation, and when each began and how long it took.
 * The words are the contract's: they name metrics, JSON stages and the step a fault belongs to.
 * Times are CLOCK_MONOTONIC. Steps done more than once (a second EHLO, a repeated search) keep the last. */
#ifndef MAILPROOF_BASE_TIMELINE_H
#define MAILPROOF_BASE_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum stage {
    STAGE_NONE,
    STAGE_TOKEN,    /* an OAuth2 token was fetched, or found in the cache; before the connection, no metric */
    STAGE_DNS,      /* first query -> addresses */
    STAGE_TCP,      /* connect -> connected, of the address that answered */
    STAGE_GREETING, /* connected (implicit TLS: handshake done) -> greeting complete */
    STAGE_EHLO,     /* EHLO, CAPABILITY or CAPA sent -> answered; the last one */
    STAGE_STARTTLS, /* STARTTLS sent -> accepted */
    STAGE_TLS,      /* ClientHello -> handshake done */
    STAGE_AUTH,     /* SMTP: AUTH sent -> final reply */
    STAGE_LOGIN,    /* IMAP, POP3: the same */
    STAGE_MAIL,
    STAGE_RCPT, /* the sum over all recipients */
    STAGE_DATA,
    STAGE_ACCEPT, /* final dot sent -> final reply */
    STAGE_SELECT,
    STAGE_SEARCH,
    STAGE_FETCH,
    STAGE_CLEANUP,
    STAGE_QUIT,
    STAGE_COUNT
};

struct span {
    bool known;
    struct timespec at; /* when it began */
    double seconds;
};

struct timeline {
    struct span stage[STAGE_COUNT];
};

const char *stage_name(enum stage stage); /* "auth"; STAGE_NONE: "" */
/* Ends a step that began at the given time, now. */
void timeline_mark(struct timeline *t, enum stage stage, struct timespec began);
void timeline_set(struct timeline *t, enum stage stage, struct timespec began, double seconds);
/* Like timeline_mark, but adds to what the step took before. */
void timeline_add(struct timeline *t, enum stage stage, struct timespec began);
/* dns + tcp + starttls + tls: what network and TLS cost. False where none of them is known. */
bool timeline_connect(const struct timeline *t, double *seconds);

#endif
