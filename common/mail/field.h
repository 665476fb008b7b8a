/* SPDX-License-Identifier: GPL-3.0-or-later */
/* field.h - header fields as they are written: text other than ASCII encoded (RFC 2047), lines folded (RFC
 * 5322 section 2.1.1). All functions append, and return false where the buffer is full. */
#ifndef MAILPROOF_MAIL_FIELD_H
#define MAILPROOF_MAIL_FIELD_H

#include "common/mail/address.h"

enum { FIELD_LINE_MAX = 998, FIELD_NAME_MAX = 76 }; /* a line without CRLF */

bool field_is_name(struct slice name);
/* Unstructured text: words in ASCII as they are, others encoded. UTF-8. */
bool field_encode_text(struct buffer *out, struct slice utf8);
/* "Name <local@domain>": the display name quoted or encoded where it must be. */
bool field_encode_mailbox(struct buffer *out, const struct address *address);
/* "Name: value" with CRLF, folded at blanks so that lines stay within 78 bytes where they can. value: one
 * line, trimmed. */
bool field_write(struct buffer *out, const char *name, struct slice value);
/* False where folding could not keep a line within FIELD_LINE_MAX: a word is too long. */
bool field_can_fold(struct slice value);

#endif
