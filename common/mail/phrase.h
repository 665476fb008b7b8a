/* SPDX-License-Identifier: GPL-3.0-or-later */
/* phrase.h - short patterns by which texts of servers are told apart.
 *
 * Alternatives are parted by '|'. In each, '*' is any gap, '-' one optional blank, '-' or '_', '%' one digit,
 * '<' and '>' the start and the end of a word; everything else is itself. None of these signs is left in a
 * cleaned text where it would matter. "mailbox*full|<over-quota>" matches "mailbox of x is full" and "user is
 * overquota". */
#ifndef MAILPROOF_MAIL_PHRASE_H
#define MAILPROOF_MAIL_PHRASE_H

#include "common/base/slice.h"

/* text must be in lower case. Linear in the text for each alternative. */
bool phrase_match(struct slice text, const char *phrases);
/* The same at the front of text alone; no gaps. */
bool phrase_starts(struct slice text, const char *phrases);

#endif
