/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dsn.h - is this message a probe of ours, or a bounce or an automatic answer that quotes one? (RFC 3464, RFC 3834) */
#ifndef MAILPROOF_MAIL_DSN_H
#define MAILPROOF_MAIL_DSN_H

#include "common/mail/marker.h"

enum message_kind {
    MESSAGE_OTHER, /* no marker of ours */
    MESSAGE_PROBE, /* own top-level X-Mailproof-Marker (or, where a system strips it, the Subject) holds the marker */
    MESSAGE_BOUNCE,  /* a delivery status notification that quotes the marker */
    MESSAGE_DELAYED, /* a DSN with Action: delayed that quotes the marker: still under way */
    MESSAGE_REPLY    /* an automatic answer (vacation) or anything else that only quotes the marker */
};

struct dsn {
    char status[12];      /* "5.1.1" */
    char action[16];      /* "failed" */
    char recipient[256];  /* final recipient, cleaned */
    char diagnostic[400]; /* Diagnostic-Code without its type, cleaned; else the human part's line with a reply code */
    int code;             /* SMTP reply code in the diagnostic, 0 if none */
};

/* message: headers alone are enough to tell probe from not-probe; for a bounce as much of the body as can be had (64 KB
 * do): the marker may stand only in the quoted original. Also knows bounces that are no multipart/report (empty
 * Return-Path, From: MAILER-DAEMON, Auto-Submitted: auto-replied, X-Failed-Recipients: exim). *found gets the marker.
 * wanted: NULL for any marker of ours. */
enum message_kind message_classify(struct slice message, const struct marker *wanted, struct marker *found, struct dsn *dsn);

#endif
