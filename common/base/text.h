/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text.h - what a stranger said, made fit for a status line, a terminal and a web page. */
#ifndef MAILPROOF_BASE_TEXT_H
#define MAILPROOF_BASE_TEXT_H

#include "common/base/slice.h"

/* Copies in one line: runs of white space and line breaks become one space; ESC sequences vanish; other
 * control characters, NUL and invalid UTF-8 become '?'; '|' becomes '/', and '<' '>' become '(' ')', so that
 * neither perfdata nor markup can be smuggled in. Bidirectional overrides and other invisible format
 * characters become '?'. Cut at a character boundary with "..." where out is too small. out always ends in
 * NUL (size > 0). */
void text_clean(char *out, size_t size, struct slice in);

/* Length in bytes of the valid UTF-8 character at the front (1 to 4), 0 where there is none. */
size_t text_utf8_length(struct slice s);
bool text_is_utf8(struct slice s);
bool text_is_ascii(struct slice s);
/* True where s holds CR, LF or NUL: what may never reach a protocol line or a header. */
bool text_has_line_break(struct slice s);
/* Lower-case hexadecimal. out: 2 * len + 1 bytes. */
void text_hex(char *out, const unsigned char *bytes, size_t len);

/* Base64 by RFC 4648 section 4, by OpenSSL. Encoding gives no line breaks. Decoding wants padding, refuses
 * anything else; both append and return false where the buffer is full or the input is broken. */
struct buffer;
bool text_base64_encode(struct buffer *out, struct slice in);
bool text_base64_decode(struct buffer *out, struct slice in);

#endif
