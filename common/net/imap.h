/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap.h - the IMAP client (RFC 3501, RFC 9051): commands out, responses in, on a stream that is open
 * already.
 *
 * Straight line: commands are queued, then imap_run sends them in one flight and reads until each has its
 * tagged answer. Untagged data may come at any time: what concerns the mailbox is noted in struct imap, the
 * rest goes to the caller's function. A NO or BAD is a result, no error: errors are what ends the
 * conversation (stream.h's faults, PROTOCOL for a server that is no IMAP server, and what a BYE says). */
#ifndef MAILPROOF_NET_IMAP_H
#define MAILPROOF_NET_IMAP_H

#include "common/net/endpoint.h"
#include "common/net/imap_parse.h"
#include "common/net/stream.h"

enum {
    IMAP_RESPONSE_MAX = 1024 * 1024, /* of one response; longer literals are cut */
    IMAP_COMMAND_MAX = 192 * 1024,   /* of one flight; the longest initial response of SASL fits */
    IMAP_PENDING_MAX = 24            /* commands in one flight */
};

enum imap_capability {
    IMAP_CAN_IDLE = 1 << 0,          /* RFC 2177 */
    IMAP_CAN_UIDPLUS = 1 << 1,       /* RFC 4315 */
    IMAP_CAN_MOVE = 1 << 2,          /* RFC 6851 */
    IMAP_CAN_SPECIAL_USE = 1 << 3,   /* RFC 6154 */
    IMAP_CAN_LIST_EXTENDED = 1 << 4, /* RFC 5258 */
    IMAP_CAN_QUOTA = 1 << 5,         /* RFC 9208 */
    IMAP_CAN_LITERAL_PLUS = 1 << 6,  /* RFC 7888 */
    IMAP_CAN_LITERAL_MINUS = 1 << 7, /* the same, up to 4096 bytes */
    IMAP_CAN_SASL_IR = 1 << 8,       /* RFC 4959 */
    IMAP_CAN_GMAIL = 1 << 9,         /* X-GM-EXT-1 */
    IMAP_NO_LOGIN = 1 << 10          /* LOGINDISABLED */
};

struct imap_result {
    bool done;
    enum imap_status status; /* IMAP_OK, IMAP_NO, IMAP_BAD */
    char code[64];           /* "READ-ONLY", "AUTHENTICATIONFAILED"; "" */
    char text[512];          /* as the server sent it, code included; not cleaned */
};

struct imap {
    struct stream *stream;
    unsigned capabilities; /* enum imap_capability, as last told */
    bool capabilities_known;
    struct buffer mechanisms; /* of AUTH=, separated by blanks */
    bool preauth;

    /* what the server told of the selected mailbox */
    bool read_only;
    uint32_t exists, uidnext, uidvalidity; /* 0: not told */
    unsigned announced; /* EXISTS responses seen: something may have arrived, whatever the number says */
    struct timespec announced_at;
    unsigned expunged; /* EXPUNGE and VANISHED: sequence numbers have moved */

    char alert[256]; /* the last [ALERT], cleaned */

    /* private */
    bool bye;
    bool broken; /* nothing more can be said */
    char bye_text[512];
    uint32_t tag;
    struct buffer out, in;
    const char *label; /* static: what the transcript shows in place of out; NULL: out itself */
    size_t pauses, pause[IMAP_PENDING_MAX];
    bool overflow;
    size_t pending_count;
    struct imap_pending {
        uint32_t tag;
        size_t end; /* of its bytes in out */
        bool done;
        struct imap_result *result;
    } pending[IMAP_PENDING_MAX];
};

/* greeting and capabilities: what session.h captured, lines ending in LF. */
void imap_init(struct imap *i, struct stream *stream, struct slice greeting, struct slice capabilities);
void imap_clear(struct imap *i);
bool imap_can(const struct imap *i, enum imap_capability capability);

/* Queueing: imap_begin, then any of the others, then imap_end. All goes out with the next imap_run, in one
 * flight. What grows too long makes imap_run fail (FAULT_INTERNAL). */
void imap_begin(struct imap *i, const char *text);
void imap_text(struct imap *i, const char *text); /* as it stands */
void imap_format(struct imap *i, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A quoted string, or a literal where the bytes or the length want one. */
void imap_string(struct imap *i, struct slice s);
/* result must live until imap_run has ended; NULL where nobody cares. */
void imap_end(struct imap *i, struct imap_result *result);

typedef void imap_data_fn(void *context, const struct imap_response *r);
/* Sends what is queued and reads until all of it is answered. data gets each untagged data response; may be
 * NULL. */
bool imap_run(struct imap *i, enum stage stage, imap_data_fn *data, void *context, struct err *err);

/* Turns a NO or BAD into an error: "EXAMINE refused: NO [NONEXISTENT] ..." by refusal.h. Always false. */
bool imap_refused(const struct imap_result *result, enum stage stage, const char *what, struct err *err);

/* AUTHENTICATE by the first mechanism that does (sasl.h), else the LOGIN command; nothing where nobody signs
 * in (then FAULT_AUTH_REQUIRED unless the server greeted with PREAUTH). mechanism gets "SCRAM-SHA-256",
 * "LOGIN" (the command too), "PREAUTH". host: as the user wrote it. */
bool imap_login(struct imap *i, const struct login *login, const char *host, unsigned port, bool encrypted,
                char *mechanism, size_t mechanism_size, struct err *err);
/* Asks for them where the login reply did not tell. */
bool imap_capabilities(struct imap *i, struct err *err);

/* RFC 2177. 1 idling, 0 refused (do not try again), -1 error. imap_idle_done ends it. */
int imap_idle(struct imap *i, enum stage stage, struct err *err);
bool imap_idle_done(struct imap *i, enum stage stage, struct err *err);
/* Waits for what the server says unasked, idling or not. 1 .announced is no longer the number that was seen,
 * or the server has ended the IDLE; 0 the seconds are over; -1 error. */
int imap_listen(struct imap *i, enum stage stage, unsigned seen, double seconds, struct err *err);

/* Within a short time; errors do not matter any more. */
void imap_logout(struct imap *i, double seconds);

#endif
