/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reply.h - SMTP replies (RFC 5321 section 4.2) with enhanced status codes (RFC 3463). */
#ifndef MAILPROOF_MAIL_REPLY_H
#define MAILPROOF_MAIL_REPLY_H

#include "common/base/buffer.h"

enum { REPLY_TEXT_MAX = 1024, REPLY_LINES_MAX = 256 };

struct reply {
    int code;                  /* 200..599; 0: none yet */
    char enhanced[12];         /* "5.7.8"; "" if none */
    char text[REPLY_TEXT_MAX]; /* all lines without their codes, joined by blanks, cleaned; the first lines win */
    size_t lines;
};

#define REPLY_INIT ((struct reply){.code = 0})

/* Feeds one line without its line end: 1 the reply is complete, 0 more lines follow, -1 this is no SMTP reply (or the code
 * changed within it, or it has over REPLY_LINES_MAX lines). Strict: three digits 2-5/0-5/0-9, then blank, '-' or the end. */
int reply_feed(struct reply *r, struct slice line);
/* A reply in one text, e.g. of a debug callback or a DSN; lines split at LF. */
bool reply_parse(struct reply *r, struct slice text);
bool reply_is_positive(const struct reply *r); /* 2xx */
/* "535 5.7.8 Username and Password not accepted", cut to size. */
void reply_format(const struct reply *r, char *out, size_t size);

#endif
