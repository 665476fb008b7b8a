/* SPDX-License-Identifier: GPL-3.0-or-later */
/* charset.h - text of other character sets made UTF-8. Only those that mail is written in, by name:
 * iconv's exotic converters have hung and crashed on hostile bytes. */
#ifndef MAILPROOF_MAIL_CHARSET_H
#define MAILPROOF_MAIL_CHARSET_H

#include <stdint.h>

#include "common/base/buffer.h"

bool charset_known(struct slice name);
/* Appends. Bytes that mean nothing in the charset become U+FFFD. False where the charset is not known or
 * out is full. */
bool charset_to_utf8(struct buffer *out, struct slice name, struct slice bytes);
/* Appends one character, by its number (a Unicode scalar value), as UTF-8. */
bool charset_put(struct buffer *out, uint32_t code_point);

#endif
