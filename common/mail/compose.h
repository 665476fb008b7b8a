/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compose.h - the probe message (RFC 5322, RFC 2045): a marker in Subject, body and X-Mailproof-Marker,
 * Date, Message-ID, Auto-Submitted: auto-generated (RFC 3834), multipart/alternative text and HTML that
 * vary from run to run. Lines end in CRLF, none over 998 bytes; 7-bit clean, unless an address has a local
 * part above ASCII (RFC 6532); no dot-stuffing (that is SMTP's). */
#ifndef MAILPROOF_MAIL_COMPOSE_H
#define MAILPROOF_MAIL_COMPOSE_H

#include "common/base/buffer.h"
#include "common/base/err.h"
#include "common/mail/marker.h"

struct compose_request {
    const char *from;      /* header From:, an address or "Name <address>" */
    const char *const *to; /* header To: */
    size_t to_count;
    const char *subject;        /* UTF-8; NULL: a default. The marker is appended to it */
    const char *const *headers; /* "Name: value" each, added to ours; replacing From, To, Date, Message-ID,
                                   MIME ones or ours is refused */
    size_t header_count;
    const char *message_id_domain; /* right of the @; NULL or no domain: that of from */
    struct slice body; /* --body-file; data NULL: our own text and HTML. Given: text/plain UTF-8 with the
                          marker in a line below it */
    const struct marker *marker;
    time_t now;
};

struct composed {
    struct buffer message; /* owned: composed_clear */
    char message_id[304];  /* with the angle brackets: <marker@domain> */
    char body_digest[65];  /* SHA-256 in hex of what must arrive unaltered: the decoded text part, white space
                              folded */
};

/* FAULT_USAGE for a header or address that cannot stand in a message (CR, LF, NUL, no colon, ...),
 * FAULT_INTERNAL. */
bool compose(struct composed *out, const struct compose_request *request, struct err *err);
void composed_clear(struct composed *c);

/* The digest of a message's own text part: decoded, as UTF-8, runs of white space as one blank, hex. False
 * where there is none or memory is out. */
bool compose_digest(struct slice message, char digest[65]);
/* Of a message that came back: does the body still hold what was composed? Decodes quoted-printable and
 * base64, looks into multiparts; white space, line ends and encodings do not count. The HTML part must
 * show the same text. Of sent, body_digest alone is enough; with the message it also tells what kind of
 * alteration it is. 1 unaltered, 0 altered (*why: a short static sentence, e.g. "text was appended to the
 * body"), -1 cannot be told (no text at all). */
int compose_intact(struct slice message, const struct composed *sent, const char **why);

#endif
