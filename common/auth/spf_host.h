/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spf_host.h - check_host() of RFC 7208 section 4: records, mechanisms, limits. Internal to spf. */
#ifndef MAILPROOF_AUTH_SPF_HOST_H
#define MAILPROOF_AUTH_SPF_HOST_H

#include "common/auth/spf.h"
#include "common/auth/spf_macro.h"

struct spf_host {
    const struct lookup *lookup;
    struct deadline deadline;
    struct spf_values values;   /* all but domain and validated */
    struct spf_result *result;  /* counters, mechanism, reason, authenticated */
    char domain[SPF_NAME_MAX];  /* in: to be checked; out: after redirects, whose record decided */
    struct slice exp;           /* out: domain-spec of that record on fail; else empty */
    unsigned depth;             /* of includes under way */
    unsigned ahead;             /* terms that were asked for before their turn */
    bool validated;             /* names are known */
    enum lookup_status reverse; /* of the question for PTR */
    size_t name_count;
    const char *name[SPF_PTR_MAX]; /* validated, section 5.5 */
};

/* h->domain is a usable name. */
enum verdict spf_host_check(struct spf_host *h);
/* The answer of the source, or LOOKUP_TEMPERROR where the time is over. */
const struct lookup_answer *spf_host_ask(struct spf_host *h, const char *name, enum record_type type);
/* The name that a valid domain-spec stands for; without one the domain of the record. */
bool spf_host_name(struct spf_host *h, struct slice spec, char out[SPF_NAME_MAX]);
/* Before text is expanded: finds the client's name where text uses the macro "p". */
void spf_host_prepare(struct spf_host *h, struct slice text);
/* Sets the sentence, cleaned. */
void spf_host_reason(struct spf_host *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Section 4.3: more than one label, no literal. */
bool spf_domain_is_usable(struct slice domain);

#endif
