/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alignment.h - does an authenticated identifier speak for the From: domain? (RFC 7489 section 3.1, by the
 * Public Suffix List). Pure: no DNS. Domains are lower-case A-labels without a trailing dot. */
#ifndef MAILPROOF_AUTH_ALIGNMENT_H
#define MAILPROOF_AUTH_ALIGNMENT_H

enum alignment { ALIGNMENT_NONE, ALIGNMENT_RELAXED, ALIGNMENT_STRICT };

/* STRICT: the same name. RELAXED: the same organizational domain. Either empty: NONE. */
enum alignment alignment_of(const char *identifier, const char *from_domain);

#endif
