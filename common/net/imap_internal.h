/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_internal.h - what the parts of the IMAP client share among themselves. */
#ifndef MAILPROOF_NET_IMAP_INTERNAL_H
#define MAILPROOF_NET_IMAP_INTERNAL_H

#include "common/net/imap.h"

/* Reads one response and notes what it tells of session and mailbox; a tagged one completes its command. With
 * a label set the transcript does not see it. Faults: stream.h's, PROTOCOL, and after a BYE what it said. */
bool imap_receive(struct imap *i, enum stage stage, struct imap_response *r, struct err *err);
/* A BYE explains better than "closed the connection". Always false. */
bool imap_said_bye(const struct imap *i, enum stage stage, struct err *err);
/* Forgets what was queued. */
void imap_forget(struct imap *i);
/* Sends what is queued up to its end; literals that must be waited for, are. */
bool imap_flush(struct imap *i, enum stage stage, imap_data_fn *data, void *context, struct err *err);

#endif
