/* SPDX-License-Identifier: GPL-3.0-or-later */
/* smtp.h - the client's side of SMTP (RFC 5321) from EHLO's answer to QUIT, on a stream that is connected
 * already.
 *
 * One straight conversation: AUTH (RFC 4954), then one message, its steps timed one by one or, with
 * PIPELINING (RFC 2920), in two flights. A server is held to its turn: what it says before it is asked ends
 * the conversation, as a refusal where it is a 421, else as FAULT_PROTOCOL, since nobody can tell any more
 * which answer belongs to what. After a failed call that set gone nothing more can be said; smtp_quit knows
 * that. */
#ifndef MAILPROOF_NET_SMTP_H
#define MAILPROOF_NET_SMTP_H

#include "common/base/timeline.h"
#include "common/mail/reply.h"
#include "common/net/endpoint.h"
#include "common/net/sasl.h"
#include "common/net/stream.h"

/* What the server offers, by its last answer to EHLO. */
struct smtp_extensions {
    char auth[512];              /* mechanisms, separated by blanks; "" where AUTH is not offered */
    unsigned long long size_max; /* RFC 1870; 0: no limit told */
    bool size;
    bool pipelining;
    bool eight_bit; /* 8BITMIME, RFC 6152 */
    bool utf8;      /* SMTPUTF8, RFC 6531 */
};

enum { SMTP_COMMAND_MAX = 64 };

/* What was refused or not answered, and by which reply; else the reply to the final dot. */
struct smtp_verdict {
    char command[SMTP_COMMAND_MAX]; /* "RCPT TO:(x@y)"; "" where nothing failed */
    struct reply reply;             /* code 0 where none came */
};

struct smtp {
    struct stream *stream;
    struct timeline *timeline;
    struct smtp_extensions extensions;
    struct timespec asked; /* when what is being answered was sent */
    struct reply reply;    /* the last one */
    struct smtp_verdict verdict;
    const struct login *login; /* since smtp_auth: what a reply quotes of it is made unreadable */
    const struct sasl *sasl;   /* likewise, while AUTH is under way */
    bool gone;                 /* cut, silent, out of step, or a 421 was read */
    bool quit_sent;
};

void smtp_extensions_read(struct smtp_extensions *e, struct slice capabilities);
/* capabilities: session.h's. The stream and the timeline are the caller's and outlive it. */
void smtp_init(struct smtp *c, struct stream *stream, struct timeline *timeline, struct slice capabilities);

/* Signs in where the login asks for it, by sasl.h's order, and marks STAGE_AUTH for the last mechanism tried.
 * mechanism gets its name once it was accepted, else "". host and port as in sasl_new. Faults: sasl.h's,
 * refusal.h's. */
bool smtp_auth(struct smtp *c, const struct login *login, bool encrypted, const char *host, unsigned port,
               char mechanism[SASL_NAME_MAX], struct err *err);

enum smtp_until { SMTP_UNTIL_MAIL, SMTP_UNTIL_RCPT, SMTP_UNTIL_SENT };

struct smtp_mail {
    const char *from;      /* addr-spec, "" for the null sender */
    const char *const *to; /* addr-specs */
    size_t to_count;
    struct slice message; /* any line ends; dots are stuffed here */
    enum smtp_until until;
    bool pipelining; /* where it is offered, and until is SMTP_UNTIL_SENT */
    /* out */
    struct err *refused; /* to_count of them, the caller's: one for each recipient; FAULT_NONE where taken */
    size_t taken;        /* recipients */
    bool accepted;       /* the final dot was answered 2xx */
    bool uncertain;      /* everything was sent, no final reply was read */
    struct timespec mail_at;  /* CLOCK_MONOTONIC: MAIL sent */
    struct timespec ended_at; /* final reply read; zero where none was */
    double ended_wall;
};

/* The whole transaction. True where the message was accepted (or all went well as far as until says) for at
 * least one recipient. FAULT_MESSAGE_TOO_BIG (SIZE) and addresses that this server cannot take are found
 * before MAIL is said. Not pipelined: timeline mail, rcpt (the sum), data, accept; pipelined: accept only,
 * and QUIT goes out with the message. */
bool smtp_send(struct smtp *c, struct smtp_mail *mail, struct err *err);

/* Courtesies: a failure is nobody's concern, and the wait for the answer short. */
void smtp_reset(struct smtp *c);
void smtp_quit(struct smtp *c);

/* The parts that the conversation is made of. label is how people are told of the command: "AUTH PLAIN". */

/* Sends a whole line or flight. shown stands for it in the transcript; NULL where it may be seen as it is. */
bool smtp_say(struct smtp *c, enum stage stage, struct slice line, const char *shown, const char *label,
              struct err *err);
/* Reads one reply into c->reply; at STAGE_AUTH it stays out of the transcript. last (may be NULL) gets its
 * last line as received. */
bool smtp_hear(struct smtp *c, enum stage stage, const char *label, struct buffer *last, struct err *err);
/* Of a reply that is not what was hoped for: fills err and c->verdict. Always false. */
bool smtp_refused(struct smtp *c, enum stage stage, const char *label, struct err *err);
/* Sets c->verdict, with c->reply. */
void smtp_note_failed(struct smtp *c, const char *label);

#endif
