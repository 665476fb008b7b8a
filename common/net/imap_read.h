/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_read.h - reads one IMAP response, literals included, from a stream into bounded memory. */
#ifndef MAILPROOF_NET_IMAP_READ_H
#define MAILPROOF_NET_IMAP_READ_H

#include "common/net/stream.h"

/* A longer literal than this was never asked for: FAULT_PROTOCOL. A shorter one that does not fit is cut, and
 * the rest of it read and dropped. */
enum { IMAP_LITERAL_MAX = 64 * 1024 * 1024 };

/* raw (emptied first; its maximum should be well above STREAM_LINE_MAX) gets the response in the form that
 * imap_parse.h describes: where a literal was cut, its announced length is what was kept. secret: the lines
 * do not go into the transcript. Faults: stream.h's; PROTOCOL where lines alone fill the buffer. */
bool imap_read(struct stream *s, enum stage stage, bool secret, struct buffer *raw, struct err *err);

#endif
