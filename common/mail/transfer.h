/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transfer.h - content transfer encodings (RFC 2045 section 6). Decoding takes what broken software sends:
 * it reads what can be read. All append, and return false only where the buffer is full. */
#ifndef MAILPROOF_MAIL_TRANSFER_H
#define MAILPROOF_MAIL_TRANSFER_H

#include "common/base/buffer.h"

/* Anything but the alphabet is passed over; '=' ends a group of four. */
bool transfer_decode_base64(struct buffer *out, struct slice in);
/* Soft line breaks and blanks at line ends vanish; a '=' that starts no escape stays as it is. */
bool transfer_decode_quoted_printable(struct buffer *out, struct slice in);
/* Lines end in CRLF, none over 76 bytes; in: lines that end in LF or CRLF. A last line without an end gets
 * none. */
bool transfer_encode_quoted_printable(struct buffer *out, struct slice in);

/* The value of two hexadecimal digits at the front, -1 where there are none. */
int transfer_hex_pair(struct slice s);

#endif
