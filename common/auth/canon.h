/* SPDX-License-Identifier: GPL-3.0-or-later */
/* canon.h - the canonical form of header fields and bodies (RFC 6376 section 3.4), as a stream: bytes in, in
 * pieces of any size, bytes out, to a sink. Nothing is kept but a few counters.
 *
 * A line ends in LF or CRLF and leaves as CRLF: messages in files have LF, signers hashed CRLF. A CR
 * elsewhere stays. */
#ifndef MAILPROOF_AUTH_CANON_H
#define MAILPROOF_AUTH_CANON_H

#include "common/mail/header.h"

enum canon { CANON_SIMPLE, CANON_RELAXED };

/* Takes the next bytes of a canonical form. */
struct canon_sink {
    void (*write)(void *context, struct slice bytes);
    void *context;
};

struct canon_body {
    enum canon canon;
    struct canon_sink sink;
    unsigned long long line_ends; /* seen but not written: at the end they are dropped */
    bool blank, cr;               /* likewise: a run of blanks, a CR */
    bool written;                 /* anything at all */
};

void canon_body_init(struct canon_body *b, enum canon canon, struct canon_sink sink);
void canon_body_feed(struct canon_body *b, struct slice piece);
void canon_body_end(struct canon_body *b);

/* A whole field. line_end: CRLF behind it, as every field has but the signature's own (RFC 6376 section 3.7).
 */
void canon_field(enum canon canon, const struct header_field *field, bool line_end, struct canon_sink sink);

#endif
