/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime.h - the parts of a message (RFC 2045, RFC 2046). An entity is a header section and a body, as a
 * message is; slices point into the message. What is cut off or broken is read as far as it goes. */
#ifndef MAILPROOF_MAIL_MIME_H
#define MAILPROOF_MAIL_MIME_H

#include "common/base/buffer.h"

enum { MIME_DEPTH_MAX = 8, MIME_PARTS_MAX = 100 };

struct mime_type {
    char type[80];     /* "text/plain", lower case; that too where the field is missing or broken (RFC 2045
                          section 5.2) */
    char charset[48];  /* "" where it is not named */
    char boundary[80]; /* "" where there is none */
};

void mime_type_parse(struct mime_type *type, struct slice value);
void mime_type_of(struct mime_type *type, struct slice entity);

/* Calls leaf for each part that is no multipart, depth first, in their order; a message/rfc822 is a leaf.
 * Parts nested deeper than MIME_DEPTH_MAX, and those after MIME_PARTS_MAX leaves, are passed over. Ends
 * early where leaf returns false. */
typedef bool mime_leaf(void *context, const struct mime_type *type, struct slice entity);
void mime_walk(struct slice message, mime_leaf *leaf, void *context);

/* Appends the body of an entity with its base64 or quoted-printable undone. False where out is full. */
bool mime_decode(struct slice entity, struct buffer *out);
/* The same for a text part, as UTF-8; of an unknown charset the bytes as they are. */
bool mime_decode_text(const struct mime_type *type, struct slice entity, struct buffer *out);

#endif
