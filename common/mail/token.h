/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token.h - the tokens of structured header fields (RFC 5322 section 3.2): atoms, comments, quoted
 * strings. */
#ifndef MAILPROOF_MAIL_TOKEN_H
#define MAILPROOF_MAIL_TOKEN_H

#include "common/base/buffer.h"

bool token_is_atext(char c); /* RFC 6532's bytes above ASCII too */
/* Length of the comment at the front, which begins with '('; one that is never closed goes to the end. */
size_t token_comment(struct slice s);
/* Takes blanks, line ends and comments off the front. */
void token_skip_blanks(struct slice *rest);
/* Takes the quoted string at the front, which begins with '"', and appends its content, unquoted and
 * unfolded, to out (may be NULL). False where it is never closed (it goes to the end then) or out is full. */
bool token_take_quoted(struct slice *rest, struct buffer *out);
/* Appends text as a quoted string. */
bool token_append_quoted(struct buffer *out, struct slice text);
/* Whether one of the names is this, in either case. */
bool token_is_one_of(struct slice token, const struct slice *names, size_t count);

#endif
