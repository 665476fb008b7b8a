/* SPDX-License-Identifier: GPL-3.0-or-later */
/* submission.h - hands one message to a relay and measures every step. Has no opinion: what it found is in
 * the struct. */
#ifndef MAILPROOF_PROBE_SUBMISSION_H
#define MAILPROOF_PROBE_SUBMISSION_H

#include "common/base/timeline.h"
#include "common/mail/reply.h"
#include "common/net/session.h"

enum stop_after { STOP_NEVER, STOP_CONNECT, STOP_TLS, STOP_AUTH, STOP_MAIL, STOP_RCPT };
enum { RECIPIENTS_MAX = 100 };

struct submission_request {
    const struct endpoint *endpoint; /* host unused with mx_domain */
    const char *mx_domain;           /* --mx; NULL: endpoint->host */
    const char *sendmail;            /* path of the local mail program in place of all that; NULL: SMTP */
    const char *mail_from;           /* envelope sender, an addr-spec; "" for the null sender */
    const char *const *recipients;   /* addr-specs */
    size_t recipient_count;
    enum stop_after stop_after; /* then RSET (from MAIL on), QUIT: nothing is sent */
    bool pipelining;            /* where the server offers it (RFC 2920) */
    double retry_s;       /* > 0: a 4xx is tried again for so long, honouring a hinted delay; not once the
                             message was taken for somebody, or may have been */
    struct slice message; /* CRLF lines, not dot-stuffed; unused with stop_after */
};

struct refused_recipient {
    const char *address; /* the request's */
    struct err err;
};

struct submission {
    struct timeline timeline; /* of the last try */
    struct certificate certificate;
    bool encrypted;
    char tls_version[16];
    char host[DOMAIN_MAX]; /* connected to: with mx_domain the one that was used */
    char address[ADDRESS_TEXT_MAX];
    char mechanism[24]; /* of AUTH; "" if none was used */
    size_t mx_index; /* 0: the most preferred. A higher preference number than the best was used: mx_worse */
    bool mx_worse;
    bool mx_missing;       /* the domain has no MX record: its own address was taken (RFC 5321 section 5.1) */
    struct err mx_failure; /* why the first one was passed over; FAULT_NONE if none was */
    size_t tries;          /* 1 without a retry */
    struct err retried;    /* the last 4xx before the final try; FAULT_NONE if none */
    bool accepted;         /* the final dot was answered 2xx (or the mail program ended with 0) */
    bool stopped;          /* ended where stop_after said, all well until there */
    bool uncertain;        /* the message was sent in full, no final reply was read: it may arrive */
    struct reply final_reply; /* to the final dot, or to what was refused */
    size_t
        refused_count; /* recipients refused; where others were taken the message was still sent to those */
    struct refused_recipient refused[RECIPIENTS_MAX];
    struct timespec began;    /* CLOCK_MONOTONIC: first connect */
    struct timespec mail_at;  /* MAIL FROM sent */
    struct timespec ended_at; /* final reply read, or the mail program ended; zero before that */
    double ended_wall;        /* the same by the wall clock */
    char failed_command[64];  /* "RCPT TO:(x@y)" */
};

#define SUBMISSION_INIT ((struct submission){.final_reply = REPLY_INIT})

/* True when accepted or stopped as asked and no recipient was refused; else *err has the first failure.
 * Either way the struct holds what was measured. One refused recipient among several is a failure that names
 * it, though the message goes to the others. Faults: session.h's, refusal.h's, AUTH_*, TIMEOUT, CONNECT,
 * PROTOCOL, MESSAGE_TOO_BIG (by SIZE, RFC 1870, before anything is sent). */
bool submission_run(struct submission *s, const struct submission_request *request, struct resolver *resolver,
                    struct transcript *transcript, struct deadline deadline, struct err *err);
/* "submit": MAIL FROM sent -> final reply. False when it did not come so far. */
bool submission_submit_seconds(const struct submission *s, double *seconds);

#endif
