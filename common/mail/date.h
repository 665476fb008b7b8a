/* SPDX-License-Identifier: GPL-3.0-or-later */
/* date.h - the dates of mail (RFC 5322 section 3.3) and of IMAP (RFC 3501). Neither locale nor TZ matters.
 * Years 1900 to 9999; a leap second is the second after it. What is out of range is refused, not carried
 * over. */
#ifndef MAILPROOF_MAIL_DATE_H
#define MAILPROOF_MAIL_DATE_H

#include <time.h>

#include "common/base/slice.h"

/* RFC 5322 date-time, obsolete zones and comments included, e.g. "Tue, 01 Jul 2003 10:52:37 +0200 (CEST)".
 * The day of the week is not compared. A zone that is missing or unknown counts as UTC (section 4.3). */
bool date_parse(struct slice text, time_t *at);
/* IMAP date-time (RFC 3501): " 1-Feb-2026 10:00:00 +0100", without its quotes. */
bool date_parse_imap(struct slice text, time_t *at);
/* "Tue, 01 Jul 2003 10:52:37 +0000", whatever the locale. size >= 32 */
void date_format(char *out, size_t size, time_t at);

#endif
