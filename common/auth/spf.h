/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spf.h - Sender Policy Framework (RFC 7208): may this client speak for that domain?
 * Pure: DNS comes through lookup.h. */
#ifndef MAILPROOF_AUTH_SPF_H
#define MAILPROOF_AUTH_SPF_H

#include <time.h>

#include "common/auth/verdict.h"
#include "common/base/clock.h"
#include "common/dns/lookup.h"

enum { SPF_LOOKUPS_MAX = 10, SPF_VOID_MAX = 2, SPF_MX_MAX = 10, SPF_PTR_MAX = 10 };

struct spf_request {
    const char *client_ip; /* literal IPv4 or IPv6; an IPv4-mapped one counts as IPv4 */
    const char *mail_from; /* "local@domain"; "" or "<>": postmaster@helo (RFC 7208 section 2.4) */
    const char *helo;
    const char *receiver;     /* macro "r" in exp; NULL: "unknown" */
    time_t now;               /* macro "t" */
    struct deadline deadline; /* passed: temperror */
};

struct spf_result {
    enum verdict verdict;
    bool helo_identity;    /* the domain came from HELO, since the sender is null */
    char domain[256];      /* that was checked, A-labels, lower case */
    char mechanism[128];   /* that matched in the domain's own record (or where it redirects to):
                              "ip4:192.0.2.0/24", "include:x.example", "-all"; "" if none; cleaned */
    char reason[256];      /* a sentence, cleaned: what matched, what did not, or why it is an error */
    char explanation[512]; /* of exp= on fail, cleaned; "" if none */
    /* Terms that ask the DNS, as they were met; SPF_LOOKUPS_MAX + 1 where it stopped. */
    unsigned lookups;
    /* Questions of those that found nothing, each host of an mx by itself; names that the client gives itself
     * (ptr, macro "p") do not count. SPF_VOID_MAX + 1 where it stopped. */
    unsigned void_lookups;
    bool authenticated; /* the record's own answer was DNSSEC-validated */
};

void spf_check(struct spf_result *result, const struct spf_request *request, const struct lookup *lookup);
/* HELO by itself (RFC 7208 section 2.3), for those who want both. */
void spf_check_helo(struct spf_result *result, const struct spf_request *request,
                    const struct lookup *lookup);

#endif
