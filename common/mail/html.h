/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html.h - the text that a reader of HTML sees. */
#ifndef MAILPROOF_MAIL_HTML_H
#define MAILPROOF_MAIL_HTML_H

#include "common/base/buffer.h"

/* Appends it: without tags, comments, styles, scripts and the title; entities as characters. Tags that
 * begin or end a block become a blank, others (span, a, b, ...) nothing. False where the buffer is full. */
bool html_text(struct buffer *out, struct slice html);

#endif
