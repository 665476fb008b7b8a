/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/judge/authentication.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/base/interrupt.h"
#include "common/judge/authentication_internal.h"

static enum fault fault_of(enum auth_method method)
{
    switch (method) {
    case METHOD_SPF:
        return FAULT_SPF;
    case METHOD_DKIM:
        return FAULT_DKIM;
    case METHOD_DMARC:
        return FAULT_DMARC;
    case METHOD_ARC:
        return FAULT_ARC;
    case METHOD_OTHER:
        break;
    }
    return FAULT_INTERNAL;
}

/* Why our own look-ups have no answer: nobody answers, or nobody may wait for it any more. */
static enum fault unanswered_fault(void)
{
    return interrupt_seen() ? FAULT_INTERRUPTED : FAULT_LOOKUP;
}

/* Behind what the receiver found: what we find. */
static void add_verified(struct err *err, const struct authentication *a, enum auth_method method)
{
    if (!method_verified(a, method))
        return;
    enum verdict verdict = method_verdict(a, method);
    const char *reason = method_reason(a, method);
    if (verdict == VERDICT_PASS)
        err_add(err, "; own verification: pass");
    else
        err_add(err, "; own verification: %s%s%s", verdict_name(verdict), *reason != '\0' ? ", " : "",
                reason);
}

static void report_unknown(struct report *report, const char *side, const struct authentication *a,
                           enum auth_method method)
{
    struct err err;

    if (method == METHOD_SPF && a->verified != NULL && *a->verified->spf_missing != '\0')
        err_set(
            &err, FAULT_SPF, STAGE_NONE,
            "no trusted Authentication-Results header says anything of spf, and it could not be verified: %s",
            a->verified->spf_missing);
    else
        err_set(&err, fault_of(method), STAGE_NONE,
                "no trusted Authentication-Results header says anything of %s%s", method_name(method),
                a->verified != NULL ? ", and it was not verified" : "");
    err.advice = "name the receiver's id with --authserv-id, or let it be verified with --verify";
    report_fault(report, side, STATE_CRITICAL, &err);
}

static void require_pass(struct report *report, const char *side, const struct authentication *a,
                         enum auth_method method)
{
    struct outcome outcome = method_outcome(a, method);
    const struct auth_result *reported = outcome.reported;
    const char *name = method_name(method);
    struct err err;

    if (outcome.pass)
        return;
    if (!outcome.known) {
        report_unknown(report, side, a, method);
        return;
    }
    if (reported != NULL) {
        err_set(&err, fault_of(method), STAGE_NONE, "the receiver found %s=%s%s%s%s%s%s", name,
                reported->result, *reported->domain != '\0' ? " for " : "", reported->domain,
                *reported->reason != '\0' ? " (" : "", reported->reason,
                *reported->reason != '\0' ? ")" : "");
        add_verified(&err, a, method);
    } else if (outcome.unanswered) {
        err_set(&err, unanswered_fault(), STAGE_NONE, "%s cannot be told: %s", name,
                method_reason(a, method));
    } else {
        const char *reason = method_reason(a, method);
        err_set(&err, fault_of(method), STAGE_NONE, "%s=%s by own verification%s%s", name,
                verdict_name(method_verdict(a, method)), *reason != '\0' ? ": " : "", reason);
    }
    report_fault(report, side, state_of_fault(err.kind), &err);
}

static void require_aligned(struct report *report, const char *side, const struct authentication *a,
                            enum auth_method method)
{
    struct outcome outcome = method_outcome(a, method);
    const char *name = method == METHOD_SPF ? "SPF" : "DKIM";
    struct err err;

    if (!outcome.known) {
        report_unknown(report, side, a, method);
        return;
    }
    if (outcome_aligned(a, method))
        return;
    if (outcome.unanswered)
        err_set(&err, unanswered_fault(), STAGE_NONE, "whether %s aligns cannot be told: %s", name,
                method_reason(a, method));
    else if (!outcome.pass)
        err_set(&err, FAULT_ALIGNMENT, STAGE_NONE, "%s did not pass, so that it cannot align with %s", name,
                a->from_domain);
    else
        err_set(&err, FAULT_ALIGNMENT, STAGE_NONE, "%s passed for %s, which does not align with From: %s%s",
                name, *outcome.domain != '\0' ? outcome.domain : "a domain that is not told", a->from_domain,
                outcome_alignment(a, method) == ALIGNMENT_RELAXED ? ": the record wants the same name" : "");
    report_fault(report, side, state_of_fault(err.kind), &err);
}

static void judge_requirement(struct report *report, const char *side, const struct authentication *a,
                              const struct requirement *require)
{
    const bool wanted[METHOD_OTHER] = {[METHOD_SPF] = require->spf,
                                       [METHOD_DKIM] = require->dkim,
                                       [METHOD_DMARC] = require->dmarc,
                                       [METHOD_ARC] = require->arc};

    for (enum auth_method method = 0; method < METHOD_OTHER; method++)
        if (wanted[method])
            require_pass(report, side, a, method);
    if (require->spf_aligned)
        require_aligned(report, side, a, METHOD_SPF);
    if (require->dkim_aligned)
        require_aligned(report, side, a, METHOD_DKIM);
}

/* The better of what passed. */
static void judge_alignment(struct report *report, const char *side, const struct authentication *a,
                            enum alignment wanted)
{
    enum alignment spf = outcome_alignment(a, METHOD_SPF), dkim = outcome_alignment(a, METHOD_DKIM);
    enum alignment best = spf > dkim ? spf : dkim;
    struct err err;

    if (wanted == ALIGNMENT_NONE || best >= wanted)
        return;
    if (best == ALIGNMENT_NONE) {
        bool unanswered =
            method_outcome(a, METHOD_SPF).unanswered || method_outcome(a, METHOD_DKIM).unanswered;
        err_set(&err, unanswered ? unanswered_fault() : FAULT_ALIGNMENT, STAGE_NONE,
                "nothing that passed aligns with From: %s", a->from_domain);
        report_fault(report, side, state_of_fault(err.kind), &err);
    } else {
        err_set(&err, FAULT_ALIGNMENT, STAGE_NONE,
                "%s aligns with From: %s as %s only: relaxed, strict was expected",
                spf >= dkim ? "SPF" : "DKIM", a->from_domain,
                method_outcome(a, spf >= dkim ? METHOD_SPF : METHOD_DKIM).domain);
        report_fault(report, side, STATE_WARNING, &err);
    }
}

/* The published record goes before what a header says of it. */
static void judge_policy(struct report *report, const char *side, const struct authentication *a,
                         enum dmarc_policy wanted)
{
    const struct auth_result *reported = method_reported(a, METHOD_DMARC, TRUST_TRUSTED);
    const struct dmarc_view *view = method_verified(a, METHOD_DMARC) ? &a->verified->dmarc.walk : NULL;
    const char *name = dmarc_policy_name(wanted);
    struct err err;

    if (view != NULL && *view->record_domain != '\0') {
        if (view->policy == wanted)
            return;
        err_set(&err, FAULT_DMARC, STAGE_NONE, "the DMARC record of %s asks for %s, expected was %s",
                view->record_domain, dmarc_policy_name(view->policy), name);
    } else if (view != NULL && view->verdict == VERDICT_TEMPERROR) {
        err_set(&err, unanswered_fault(), STAGE_NONE, "the DMARC policy cannot be told: %s", view->reason);
    } else if (reported != NULL && *reported->policy != '\0') {
        if (strcasecmp(reported->policy, name) == 0)
            return;
        err_set(&err, FAULT_DMARC, STAGE_NONE, "the receiver found the DMARC policy %s, expected was %s",
                reported->policy, name);
    } else {
        err_set(&err, FAULT_DMARC, STAGE_NONE, "no DMARC policy is known%s%s, expected was %s",
                view != NULL ? ": " : "", view != NULL ? view->reason : "", name);
    }
    if (err.kind == FAULT_DMARC)
        err.advice = "publish the record that is wanted, or expect another with --expect-policy";
    report_fault(report, side, state_of_fault(err.kind), &err);
}

static bool has_selector(const struct authentication *a, const char *wanted, const char **other)
{
    const struct verification *v = a->verified;

    for (size_t i = 0; i < a->reported.count; i++) {
        const struct authres *header = &a->reported.header[i];
        for (size_t n = 0; n < header->count && header->trust == TRUST_TRUSTED; n++) {
            const struct auth_result *one = &header->result[n];
            if (one->method != METHOD_DKIM || strcmp(one->result, "pass") != 0 || *one->selector == '\0')
                continue;
            *other = one->selector;
            if (strcasecmp(one->selector, wanted) == 0)
                return true;
        }
    }
    for (size_t i = 0; method_verified(a, METHOD_DKIM) && i < v->dkim_count; i++) {
        if (v->dkim[i].verdict != VERDICT_PASS)
            continue;
        *other = v->dkim[i].selector;
        if (strcasecmp(v->dkim[i].selector, wanted) == 0)
            return true;
    }
    return false;
}

static void judge_selector(struct report *report, const char *side, const struct authentication *a,
                           const char *wanted)
{
    const char *other = NULL;
    struct err err;

    if (has_selector(a, wanted, &other))
        return;
    if (other != NULL)
        err_set(&err, FAULT_DKIM, STAGE_NONE, "signed with selector %s, expected was %s", other, wanted);
    else if (method_outcome(a, METHOD_DKIM).unanswered)
        err_set(&err, unanswered_fault(), STAGE_NONE, "whether selector %s signed cannot be told: %s", wanted,
                method_reason(a, METHOD_DKIM));
    else
        err_set(&err, FAULT_DKIM, STAGE_NONE, "no DKIM signature passed, expected was selector %s", wanted);
    if (other != NULL)
        err.advice = "see which key the signer uses; after a rotation expect the new selector";
    report_fault(report, side, state_of_fault(err.kind), &err);
}

static void judge_differences(struct report *report, const char *side, const struct differences *differences,
                              enum state state)
{
    struct err err;

    for (size_t i = 0; i < differences->count; i++) {
        if (!differences->at[i].is_fault)
            continue;
        err_set(&err, FAULT_DISAGREEMENT, STAGE_NONE, "%s", differences->at[i].text);
        report_fault(report, side, state, &err);
    }
}

static void judge_metrics(struct report *report, const struct authentication *a, bool show)
{
    static const struct {
        enum auth_method method;
        const char *metric;
    } passes[] = {{METHOD_SPF, "spf_pass"}, {METHOD_DKIM, "dkim_pass"}, {METHOD_DMARC, "dmarc_pass"}};
    const struct dkim_result *signature = best_signature(a);

    /* of a record that could not be followed to its end the count says nothing */
    if (method_verified(a, METHOD_SPF) && a->verified->spf.verdict != VERDICT_TEMPERROR) {
        report_metric(report, "spf_lookups", a->verified->spf.lookups, show);
        report_metric(report, "spf_void", a->verified->spf.void_lookups, show);
    }
    if (signature != NULL && signature->bits > 0)
        report_metric(report, "dkim_bits", signature->bits, show);
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
        struct outcome outcome = method_outcome(a, passes[i].method);
        if (outcome.known && !outcome.unanswered)
            report_metric(report, passes[i].metric, outcome.pass ? 1 : 0, show);
    }
}

void judge_authentication(struct report *report, const char *side, const struct authentication *a,
                          const struct authentication_policy *policy, bool show)
{
    struct differences differences;

    judge_requirement(report, side, a, &policy->require);
    judge_alignment(report, side, a, policy->alignment);
    if (policy->policy_given)
        judge_policy(report, side, a, policy->policy);
    if (policy->selector != NULL)
        judge_selector(report, side, a, policy->selector);
    compare_authentication(a, &differences);
    judge_differences(report, side, &differences, policy->disagreement);
    judge_metrics(report, a, show);
    authentication_lines(report, a, &differences);
    report_json(report, "authentication", authentication_json(a, &differences));
}

/* "spf=pass dkim=none" */
static void append_reported(struct buffer *text, const struct authentication *a, enum trust trust)
{
    for (enum auth_method method = 0; method < METHOD_OTHER; method++) {
        const struct auth_result *result = method_reported(a, method, trust);
        if (result != NULL)
            buffer_printf(text, "%s%s=%s", text->len > 0 ? " " : "", method_name(method), result->result);
    }
    if (text->len == 0)
        buffer_append_text(text, "nothing checked");
}

static void append_verified(struct buffer *text, const struct authentication *a)
{
    for (enum auth_method method = 0; method < METHOD_OTHER; method++) {
        bool silent =
            method == METHOD_ARC && method_verified(a, method) && method_verdict(a, method) == VERDICT_NONE;
        if (method_verified(a, method) && !silent)
            buffer_printf(text, "%s%s=%s", text->len > 0 ? " " : "", method_name(method),
                          verdict_name(method_verdict(a, method)));
    }
}

/* Where DMARC passes on one leg: which, and what that costs. */
static void append_lost_leg(struct buffer *text, const struct authentication *a)
{
    bool spf = outcome_aligned(a, METHOD_SPF), dkim = outcome_aligned(a, METHOD_DKIM);
    enum auth_method method = spf ? METHOD_DKIM : METHOD_SPF; /* the one that is lost */
    const char *name = spf ? "DKIM" : "SPF";
    struct outcome other = method_outcome(a, method);

    if (!method_outcome(a, METHOD_DMARC).pass || spf == dkim || !other.known)
        return;
    buffer_printf(text, "; DMARC stands on %s alone", spf ? "SPF" : "DKIM");
    if (other.pass)
        buffer_printf(text, " (%s passed for %s, which does not align)", name, other.domain);
    else if (method_verified(a, method) && *method_reason(a, method) != '\0')
        buffer_printf(text, " (%s: %s)", name, method_reason(a, method));
    else if (other.reported != NULL && *other.reported->reason != '\0')
        buffer_printf(text, " (%s: %s)", name, other.reported->reason);
    buffer_append_text(text, spf ? ": what is forwarded will fail it"
                                 : ": what is changed on the way will fail it");
}

static const struct authres *believed_header(const struct authentication *a, enum trust trust)
{
    for (size_t i = 0; i < a->reported.count; i++)
        if (!a->reported.header[i].arc && a->reported.header[i].trust >= trust)
            return &a->reported.header[i];
    return NULL;
}

void judge_auth_summary(const struct authentication *a, char *out, size_t size)
{
    struct buffer text = BUFFER_INIT(size - 1), reported = BUFFER_INIT(200), verified = BUFFER_INIT(200);
    enum trust trust = best_trust(a);
    const struct authres *header = believed_header(a, trust);

    append_verified(&verified, a);
    if (header != NULL) {
        append_reported(&reported, a, trust);
        buffer_printf(&text, "%s by %s (%s)", buffer_text(&reported),
                      *header->authserv_id != '\0' ? header->authserv_id : "a receiver without id",
                      trust_name(trust));
    }
    if (verified.len > 0 && header != NULL && slice_eq(buffer_slice(&reported), buffer_slice(&verified)))
        buffer_append_text(&text, " and verified");
    else if (verified.len > 0)
        buffer_printf(&text, "%sverified %s", text.len > 0 ? ", " : "", buffer_text(&verified));
    append_lost_leg(&text, a);
    slice_copy(out, size, buffer_slice(&text));
    buffer_clear(&text);
    buffer_clear(&reported);
    buffer_clear(&verified);
}
