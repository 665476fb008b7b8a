/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alignment.h - does an authenticated identifier speak for the From: domain? (RFC 7489 section 3.1, by the
 * Public Suffix List.) Pure: no DNS. Domains are A-labels without a trailing dot, in any case. */
#ifndef MAILPROOF_AUTH_ALIGNMENT_H
#define MAILPROOF_AUTH_ALIGNMENT_H

enum alignment { ALIGNMENT_NONE, ALIGNMENT_RELAXED, ALIGNMENT_STRICT };

/* STRICT: the same name. RELAXED: the same organizational domain. Either empty: NONE. */
enum alignment alignment_of(const char *identifier, const char *from_domain);
/* The organizational domain by the list: the end of domain itself. NULL where domain is a public suffix,
 * or no name. */
const char *alignment_org_domain(const char *domain);

#endif
