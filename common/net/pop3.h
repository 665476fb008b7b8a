/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pop3.h - the POP3 client (RFC 1939, RFC 2449 CAPA, RFC 5034 AUTH, RFC 3206 response codes) on a stream that
 * is open already.
 *
 * Functions that return int: 1 done, 0 the server said -ERR (reply has its words), -1 the conversation is
 * over (*err). Nothing is ever downloaded but what is asked for by number, and no more of it kept than the
 * buffer's maximum. */
#ifndef MAILPROOF_NET_POP3_H
#define MAILPROOF_NET_POP3_H

#include <stdint.h>

#include "common/net/endpoint.h"
#include "common/net/stream.h"

enum pop3_capability {
    POP3_CAN_TOP = 1 << 0,
    POP3_CAN_UIDL = 1 << 1,
    POP3_CAN_USER = 1 << 2,
    POP3_CAN_PIPELINING = 1 << 3
};

enum { POP3_UIDL_MAX = 72 }; /* RFC 1939: 70 characters and the NUL */

struct pop3_reply {
    bool ok;
    char text[512]; /* behind +OK or -ERR; not cleaned */
};

struct pop3 {
    struct stream *stream;
    bool capabilities_known; /* CAPA was answered; if not, everything is worth a try */
    unsigned capabilities;
    struct buffer mechanisms; /* of SASL, separated by blanks */
    unsigned login_delay_s;   /* between two sessions (RFC 2449 section 6.5) */
    bool locked; /* the last login was refused because another session has the maildrop: try again later */
    struct pop3_reply reply; /* the last one */
    struct err refusal;      /* of a message by pop3_top, the last one; FAULT_NONE: none was refused */
};

/* greeting and capabilities: what session.h captured, lines ending in LF. */
void pop3_init(struct pop3 *p, struct stream *stream, struct slice capabilities);
void pop3_clear(struct pop3 *p);
/* Unless CAPA was answered without it. */
bool pop3_can(const struct pop3 *p, enum pop3_capability capability);

/* AUTH by the first mechanism that does (sasl.h), else USER and PASS. FAULT_AUTH_REQUIRED where nobody signs
 * in. mechanism gets "PLAIN", "USER". host: as the user wrote it. */
bool pop3_login(struct pop3 *p, const struct login *login, const char *host, unsigned port, bool encrypted,
                char *mechanism, size_t mechanism_size, struct err *err);

bool pop3_stat(struct pop3 *p, enum stage stage, uint32_t *count, struct err *err);
int pop3_size(struct pop3 *p, enum stage stage, uint32_t number, unsigned long long *size, struct err *err);
int pop3_uidl(struct pop3 *p, enum stage stage, uint32_t number, char uidl[POP3_UIDL_MAX], struct err *err);

/* Each message's header section and that many lines of its body, from the newest number down to the oldest,
 * in one flight where PIPELINING is offered. take is called for each that the server gives (what it refuses
 * is skipped, and noted in .refusal), with bytes valid during the call, cut at text's maximum, and ends it
 * all by returning false. */
typedef bool pop3_take_fn(void *context, uint32_t number, struct slice text);
bool pop3_top(struct pop3 *p, enum stage stage, uint32_t newest, uint32_t oldest, unsigned lines,
              struct buffer *text, pop3_take_fn *take, void *context, struct err *err);
/* RETR: the whole message, cut at out's maximum. */
int pop3_retrieve(struct pop3 *p, enum stage stage, uint32_t number, struct buffer *out, struct err *err);

int pop3_delete(struct pop3 *p, enum stage stage, uint32_t number, struct err *err);
/* QUIT, which is what makes the server delete. */
int pop3_quit(struct pop3 *p, enum stage stage, struct err *err);

/* Turns p->reply, a -ERR, into an error: "PASS refused: -ERR [AUTH] ..." by refusal.h. Always false. */
bool pop3_refused(const struct pop3 *p, enum stage stage, const char *what, struct err *err);

#endif
