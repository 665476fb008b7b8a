/* SPDX-License-Identifier: GPL-3.0-or-later */
/* delivery_status.h - what a bounce says of the failure: by the fields of message/delivery-status (RFC 3464), or, where
 * there are none, in words. */
#ifndef MAILPROOF_MAIL_DELIVERY_STATUS_H
#define MAILPROOF_MAIL_DELIVERY_STATUS_H

#include "common/mail/dsn.h"

/* Reads the content of a message/delivery-status. Of several recipients the first that failed counts, else the first that
 * is delayed, else the first. False where no recipient is in it. */
bool delivery_status_read(struct dsn *dsn, struct slice content);
/* Fills what *dsn lacks from the part for people: the line with a reply code, and the address before it. */
void delivery_status_from_text(struct dsn *dsn, struct slice text);

#endif
