/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resolver.h - every name that this suite looks up, by c-ares.
 *
 * One resolver a run, and one a thread: the system's servers, or one that the user names. Every lookup ends
 * by the deadline; answers are kept for the run. Names are A-labels (resolver_to_ascii converts). */
#ifndef MAILPROOF_DNS_RESOLVER_H
#define MAILPROOF_DNS_RESOLVER_H

#include <netinet/in.h>

#include "common/base/clock.h"
#include "common/base/err.h"
#include "common/base/transcript.h"

struct resolver;

/* server: "192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53"; NULL for the system's. FAULT_CONFIG on nonsense.
 * Owned by the caller until resolver_free, which clears the pointer. transcript may be NULL. */
struct resolver *resolver_new(const char *server, struct transcript *transcript, struct err *err);
void resolver_free(struct resolver **r);

enum family { FAMILY_ANY, FAMILY_IPV4, FAMILY_IPV6 };
enum { ADDRESSES_MAX = 16, ADDRESS_TEXT_MAX = INET6_ADDRSTRLEN, DOMAIN_MAX = 256 };

struct addresses {
    size_t count;
    char text[ADDRESSES_MAX][ADDRESS_TEXT_MAX]; /* in the order of RFC 6724 */
};

/* A and AAAA side by side; a literal address (with or without brackets) is returned as it is and queries
 * nothing. /etc/hosts and search domains are honoured unless the user named a server. FAULT_DNS with a
 * sentence that tells NXDOMAIN, no address, SERVFAIL and silence apart. */
bool resolver_addresses(struct resolver *r, const char *name, enum family family, struct deadline deadline,
                        struct addresses *out, struct err *err);

enum { MX_MAX = 16 };

struct mx {
    unsigned preference;
    char host[DOMAIN_MAX]; /* lower case, no trailing dot; "" for the null MX (RFC 7505) */
};

struct mx_list {
    size_t count; /* 0: the domain has no MX, though it exists or not */
    bool nxdomain;
    struct mx mx[MX_MAX]; /* by preference, equal ones shuffled (RFC 5321 section 5.1) */
};

bool resolver_mx(struct resolver *r, const char *domain, struct deadline deadline, struct mx_list *out,
                 struct err *err);

/* U-labels to A-labels, lower case, without a trailing dot (libidn2, IDNA 2008). FAULT_USAGE where it is no
 * domain. */
bool resolver_to_ascii(const char *name, char out[DOMAIN_MAX], struct err *err);
/* Whether text is an IPv4 or IPv6 address, brackets allowed; bare gets it without them (may be NULL). */
bool resolver_is_literal(const char *text, char bare[ADDRESS_TEXT_MAX]);

#endif
