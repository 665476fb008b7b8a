/* SPDX-License-Identifier: GPL-3.0-or-later */
/* authres.h - Authentication-Results (RFC 8601) and ARC-Authentication-Results (RFC 8617) as found in the wild, and which
 * of them to believe.
 *
 * Believed is a header by id and by position. Id: it matches one of the caller's shell patterns; the empty pattern means
 * that the id is absent (Microsoft). Position: it stands above the first Received line below the one by which the
 * receiver's border host took the message. Gmail writes its own header below its Received line, LMTP adds a Received line
 * on top. What stands further down may be forged.
 *
 * The border is told from the top down: lines of a delivery (no client, LMTP, HTTP) and of hosts that hand on within the
 * receiver's network (private addresses, a content filter over loopback) are passed over; the next is the border. Where
 * inside hosts have public addresses, --border must name it. Pure: bytes in, values out. */
#ifndef MAILPROOF_AUTH_AUTHRES_H
#define MAILPROOF_AUTH_AUTHRES_H

#include "common/base/slice.h"

enum { AUTHRES_RESULTS_MAX = 16, AUTHRES_HEADERS_MAX = 16 };

enum auth_method { METHOD_SPF, METHOD_DKIM, METHOD_DMARC, METHOD_ARC, METHOD_OTHER };

/* All text is cleaned. */
struct auth_result {
    enum auth_method method;
    char method_name[24]; /* as written, lower case: "spf", "iprev", "compauth" */
    char result[24];      /* lower case, unknown words kept: "pass", "bestguesspass" */
    char domain[256];     /* spf: smtp.mailfrom's domain or smtp.helo; dkim: header.d, else the domain of header.i; dmarc: header.from; "" */
    char selector[64];    /* dkim: header.s */
    char policy[24];      /* dmarc: p= of a comment or property, lower case */
    char reason[128];     /* reason= or the comment behind the result */
};

enum trust { TRUST_UNTRUSTED, TRUST_ASSUMED, TRUST_TRUSTED };

struct authres {
    char authserv_id[128]; /* "" where absent */
    bool none;             /* "none": nothing was checked */
    bool arc;              /* an ARC-Authentication-Results; instance is its i= */
    unsigned instance;
    enum trust trust;
    const char *why; /* static: why it is believed or not */
    size_t position; /* 0: the topmost field of the header */
    size_t count;
    struct auth_result result[AUTHRES_RESULTS_MAX];
};

struct authres_set {
    size_t count; /* in the order of the message, top first; ARC ones are never trusted for the verdict */
    struct authres header[AUTHRES_HEADERS_MAX];
};

/* One header value (folded as it came). False where it is none at all; what can be read of a broken one is kept. */
bool authres_parse(struct authres *out, struct slice value);
/* All of a message. patterns: --authserv-id (shell patterns, case-insensitive); none: what looks right by position is
 * TRUST_ASSUMED. border: --border, a host name or pattern that names the receiver's border in "by" of its Received line;
 * NULL: told by position. */
void authres_collect(struct authres_set *out, struct slice message, const char *const *patterns, size_t pattern_count,
                     const char *border);
/* The result to believe for a method: of the headers with that trust the topmost; where it names several DKIM results, a
 * pass before others (aligned with from_domain first, may be NULL). NULL: none. *contradicted (may be NULL): another header of equal trust says
 * otherwise. */
const struct auth_result *authres_believed(const struct authres_set *set, enum auth_method method, enum trust at_least,
                                           const char *from_domain, const struct auth_result **contradicted);

/* The Received line by which the border host took the message: who its client was. False where there is none. */
struct hop;
bool authres_border(struct hop *hop, struct slice message, const char *border);

const char *trust_name(enum trust trust);

#endif
