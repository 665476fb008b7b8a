/* SPDX-License-Identifier: GPL-3.0-or-later */
/* encoded_word.h - text other than ASCII in header fields (RFC 2047, language tags by RFC 2231 section 5). */
#ifndef MAILPROOF_MAIL_ENCODED_WORD_H
#define MAILPROOF_MAIL_ENCODED_WORD_H

#include "common/base/buffer.h"

/* Appends an unfolded value with its encoded words decoded to UTF-8, wherever they stand: in quoted
 * strings and without blanks around them too, as real software writes them. Words of an unknown charset,
 * and what is no encoded word, stay as they are. False where the buffer is full. */
bool encoded_word_decode(struct buffer *out, struct slice text);
/* Appends UTF-8 text as encoded words with a blank between each, none over 64 bytes (with a name before it
 * a line may have 76, section 2), no character split. False where it is not UTF-8 or the buffer is full. */
bool encoded_word_encode(struct buffer *out, struct slice utf8);

#endif
