/* SPDX-License-Identifier: GPL-3.0-or-later */
/* header.h - the header section of a message (RFC 5322 section 2.2): fields in their order, folded as they
 * came. Slices point into the message. Tolerates LF and CRLF, a missing body, NUL bytes, lines that are no
 * field. */
#ifndef MAILPROOF_MAIL_HEADER_H
#define MAILPROOF_MAIL_HEADER_H

#include "common/base/buffer.h"

struct header_field {
    struct slice name;  /* as written, without trailing blanks */
    struct slice value; /* after the colon, still folded, without the final line end */
    struct slice raw;   /* the whole field with its line ends, as DKIM wants it */
};

/* Takes the next field off the front of *rest; false at the empty line (which is taken too) or at the end:
 * *rest is then the body. A line that is no field and no continuation is skipped. */
bool header_next(struct slice *rest, struct header_field *field);
/* The n-th field of that name from the top, from 0. */
bool header_find(struct slice message, struct slice name, size_t n, struct header_field *field);
size_t header_count(struct slice message, struct slice name);
/* Where the body begins; an empty slice where there is none. */
struct slice header_body(struct slice message);
/* Appends the value unfolded and trimmed (RFC 5322 section 2.2.3). False where the buffer is full. */
bool header_unfold(struct slice value, struct buffer *out);
/* Appends the value with each fold as one blank and RFC 2047 encoded words decoded to UTF-8
 * (encoded_word.h); bytes outside of encoded words, and words of an unknown charset, stay as they are.
 * False where the buffer is full. */
bool header_decode(struct slice value, struct buffer *out);

#endif
