/* SPDX-License-Identifier: GPL-3.0-or-later */
/* probe_text.h - what a probe says to a person who opens it: that it is a test, whose, and that nothing
 * need be done. The marker chooses among sentences, so that no two probes look alike to a filter for bulk
 * mail, and the same marker always gives the same text. ASCII, no links, no images, no lines over 78
 * bytes. */
#ifndef MAILPROOF_MAIL_PROBE_TEXT_H
#define MAILPROOF_MAIL_PROBE_TEXT_H

#include "common/base/buffer.h"
#include "common/mail/marker.h"

/* Both append lines that end in CRLF, the last of them with the marker; a reader sees the same words in
 * both. */
bool probe_text_plain(struct buffer *out, const struct marker *marker);
bool probe_text_html(struct buffer *out, const struct marker *marker);

#endif
