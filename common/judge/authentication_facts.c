/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <strings.h>

#include "common/judge/authentication_internal.h"

const char *method_name(enum auth_method method)
{
    switch (method) {
    case METHOD_SPF:
        return "spf";
    case METHOD_DKIM:
        return "dkim";
    case METHOD_DMARC:
        return "dmarc";
    case METHOD_ARC:
        return "arc";
    case METHOD_OTHER:
        break;
    }
    return "";
}

bool method_verified(const struct authentication *a, enum auth_method method)
{
    if (a->verified == NULL)
        return false;
    switch (method) {
    case METHOD_SPF:
        return a->verified->done.spf;
    case METHOD_DKIM:
        return a->verified->done.dkim;
    case METHOD_DMARC:
        return a->verified->done.dmarc;
    case METHOD_ARC:
        return a->verified->done.arc;
    case METHOD_OTHER:
        break;
    }
    return false;
}

static enum alignment signature_alignment(const struct authentication *a, size_t i)
{
    return a->verified->done.dmarc ? a->verified->dmarc.dkim_alignment[i]
                                   : alignment_of(a->verified->dkim[i].domain, a->from_domain);
}

static int weight(const struct authentication *a, size_t i)
{
    switch (a->verified->dkim[i].verdict) {
    case VERDICT_PASS:
        return 10 + (int)signature_alignment(a, i);
    case VERDICT_TEMPERROR:
        return 5;
    case VERDICT_NONE:
    case VERDICT_FAIL:
    case VERDICT_SOFTFAIL:
    case VERDICT_NEUTRAL:
    case VERDICT_POLICY:
    case VERDICT_PERMERROR:
        break;
    }
    return (int)signature_alignment(a, i);
}

const struct dkim_result *best_signature(const struct authentication *a)
{
    size_t best = 0;

    if (!method_verified(a, METHOD_DKIM) || a->verified->dkim_count == 0)
        return NULL;
    for (size_t i = 1; i < a->verified->dkim_count; i++)
        if (weight(a, i) > weight(a, best))
            best = i;
    return &a->verified->dkim[best];
}

enum verdict method_verdict(const struct authentication *a, enum auth_method method)
{
    const struct dkim_result *signature;

    switch (method) {
    case METHOD_SPF:
        return a->verified->spf.verdict;
    case METHOD_DKIM:
        signature = best_signature(a);
        return signature != NULL ? signature->verdict : VERDICT_NONE;
    case METHOD_DMARC:
        return a->verified->dmarc.walk.verdict;
    case METHOD_ARC:
        return a->verified->arc.verdict;
    case METHOD_OTHER:
        break;
    }
    return VERDICT_NONE;
}

const char *method_reason(const struct authentication *a, enum auth_method method)
{
    const struct dkim_result *signature;

    switch (method) {
    case METHOD_SPF:
        return a->verified->spf.reason;
    case METHOD_DKIM:
        signature = best_signature(a);
        return signature != NULL ? signature->reason : "the message bears no DKIM signature";
    case METHOD_DMARC:
        return a->verified->dmarc.walk.reason;
    case METHOD_ARC:
        return a->verified->arc.verdict == VERDICT_NONE ? "the message bears no ARC chain"
                                                        : a->verified->arc.reason;
    case METHOD_OTHER:
        break;
    }
    return "";
}

enum trust best_trust(const struct authentication *a)
{
    enum trust best = TRUST_UNTRUSTED;

    for (size_t i = 0; i < a->reported.count; i++)
        if (a->reported.header[i].trust > best)
            best = a->reported.header[i].trust;
    return best > TRUST_ASSUMED ? best : TRUST_ASSUMED;
}

const struct auth_result *method_reported(const struct authentication *a, enum auth_method method,
                                          enum trust at_least)
{
    return authres_believed(&a->reported, method, at_least, *a->from_domain != '\0' ? a->from_domain : NULL,
                            NULL);
}

static const char *verified_domain(const struct authentication *a, enum auth_method method)
{
    const struct dkim_result *signature = best_signature(a);

    if (method == METHOD_SPF)
        return a->verified->spf.domain;
    return method == METHOD_DKIM && signature != NULL ? signature->domain : "";
}

struct outcome method_outcome(const struct authentication *a, enum auth_method method)
{
    const struct auth_result *reported = method_reported(a, method, TRUST_TRUSTED);

    if (reported != NULL)
        return (struct outcome){.reported = reported,
                                .known = true,
                                .pass = strcmp(reported->result, "pass") == 0,
                                .domain = reported->domain};
    if (!method_verified(a, method))
        return (struct outcome){.domain = ""};
    enum verdict verdict = method_verdict(a, method);
    return (struct outcome){.known = true,
                            .pass = verdict == VERDICT_PASS,
                            .unanswered = verdict == VERDICT_TEMPERROR,
                            .domain = verified_domain(a, method)};
}

enum alignment domain_alignment(const struct authentication *a, enum auth_method method, const char *domain)
{
    const struct verification *v = a->verified;

    if (v != NULL && v->done.dmarc) {
        if (method == METHOD_SPF && v->done.spf && strcasecmp(v->spf.domain, domain) == 0)
            return v->dmarc.spf_alignment;
        for (size_t i = 0; method == METHOD_DKIM && i < v->dkim_count; i++)
            if (strcasecmp(v->dkim[i].domain, domain) == 0)
                return v->dmarc.dkim_alignment[i];
    }
    return alignment_of(domain, a->from_domain);
}

enum alignment outcome_alignment(const struct authentication *a, enum auth_method method)
{
    struct outcome outcome = method_outcome(a, method);

    return outcome.pass ? domain_alignment(a, method, outcome.domain) : ALIGNMENT_NONE;
}

bool outcome_aligned(const struct authentication *a, enum auth_method method)
{
    enum alignment mode = ALIGNMENT_RELAXED, alignment = outcome_alignment(a, method);

    if (method_verified(a, METHOD_DMARC))
        mode = method == METHOD_SPF ? a->verified->dmarc.record.aspf : a->verified->dmarc.record.adkim;
    return alignment != ALIGNMENT_NONE && alignment >= mode;
}
