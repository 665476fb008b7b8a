/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mutf7.h - IMAP's modified UTF-7 for mailbox names (RFC 3501 section 5.1.3). */
#ifndef MAILPROOF_MAIL_MUTF7_H
#define MAILPROOF_MAIL_MUTF7_H

#include "common/base/buffer.h"

/* Both append. Encoding wants valid UTF-8. Decoding refuses what encoding would not have written. */
bool mutf7_encode(struct buffer *out, struct slice utf8);
bool mutf7_decode(struct buffer *out, struct slice name);

#endif
