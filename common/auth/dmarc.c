/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/dmarc.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/auth/dmarc_walk.h"
#include "common/auth/domain.h"
#include "common/base/buffer.h"
#include "common/base/text.h"

/* A domain for which a method vouches, or would if it passed. */
struct identifier {
    bool is_spf;
    const char *domain;
    enum verdict verdict;
    enum alignment alignment;
    bool open; /* a missing answer leaves the alignment open */
};

struct identifiers {
    size_t count;
    struct identifier at[1 + DKIM_SIGNATURES_MAX];
};

static void collect(struct identifiers *all, const struct dmarc_request *request)
{
    all->count = 0;
    if (request->spf != NULL)
        all->at[all->count++] = (struct identifier){
            .is_spf = true, .domain = request->spf->domain, .verdict = request->spf->verdict};
    for (size_t i = 0; i < request->dkim_count && i < DKIM_SIGNATURES_MAX; i++)
        all->at[all->count++] =
            (struct identifier){.domain = request->dkim[i].domain, .verdict = request->dkim[i].verdict};
}

static void align_by_list(struct identifiers *all, const char *from_domain)
{
    for (size_t i = 0; i < all->count; i++)
        all->at[i].alignment = alignment_of(all->at[i].domain, from_domain);
}

/* org: the author's; NULL unknown. Only a name at or below it can have the same. */
static void align_one_by_walk(struct identifier *one, const char *from_domain, const char *org,
                              const struct lookup *lookup)
{
    struct dmarc_walk walk;

    if (*one->domain == '\0')
        return;
    if (strcmp(one->domain, from_domain) == 0) {
        one->alignment = ALIGNMENT_STRICT;
    } else if (org == NULL) {
        one->open = true;
    } else if (domain_is_below(one->domain, org)) {
        dmarc_walk_run(&walk, one->domain, lookup);
        const char *other = dmarc_walk_org(&walk, NULL);
        one->open = other == NULL;
        if (other != NULL && strcmp(other, org) == 0)
            one->alignment = ALIGNMENT_RELAXED;
    }
}

static void align_by_walk(struct identifiers *all, const char *from_domain, const char *org,
                          const struct lookup *lookup)
{
    for (size_t i = 0; i < all->count; i++)
        align_one_by_walk(&all->at[i], from_domain, org, lookup);
}

static enum alignment wanted(const struct identifier *one, const struct dmarc_record *record)
{
    return one->is_spf ? record->aspf : record->adkim;
}

static bool is_aligned(const struct identifier *one, const struct dmarc_record *record)
{
    return one->alignment >= wanted(one, record);
}

/* The first that passes; aligned or not, as asked. */
static const struct identifier *find_pass(const struct identifiers *all, const struct dmarc_record *record,
                                          bool spf, bool aligned)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct identifier *one = &all->at[i];
        if (one->is_spf == spf && one->verdict == VERDICT_PASS && is_aligned(one, record) == aligned)
            return one;
    }
    return NULL;
}

/* What would be a pass if an answer had come. */
static const struct identifier *find_undecided(const struct identifiers *all,
                                               const struct dmarc_record *record)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct identifier *one = &all->at[i];
        bool may_align = is_aligned(one, record) || (one->open && wanted(one, record) == ALIGNMENT_RELAXED);
        bool may_pass = one->verdict == VERDICT_PASS || one->verdict == VERDICT_TEMPERROR;
        if (may_align && may_pass)
            return one;
    }
    return NULL;
}

static bool has_any(const struct identifiers *all, bool spf)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->at[i].is_spf == spf)
            return true;
    return false;
}

static void explain_failure(struct buffer *text, const struct identifiers *all,
                            const struct dmarc_record *record, const char *from_domain, bool spf)
{
    const struct identifier *passed = find_pass(all, record, spf, false);

    if (passed != NULL)
        buffer_printf(text, "%s passed for %s, which does not align with %s%s", spf ? "SPF" : "DKIM",
                      passed->domain, from_domain,
                      passed->alignment == ALIGNMENT_RELAXED
                          ? spf ? " (aspf=s wants the same name)" : " (adkim=s wants the same name)"
                          : "");
    else if (!has_any(all, spf))
        buffer_append_text(text, spf ? "SPF was not checked" : "there is no DKIM signature");
    else
        buffer_append_text(text, spf ? "SPF did not pass" : "no DKIM signature holds");
}

static void explain_pass(struct buffer *text, const struct identifier *spf, const struct identifier *dkim)
{
    if (spf != NULL)
        buffer_printf(text, "SPF for %s", spf->domain);
    if (dkim != NULL)
        buffer_printf(text, "%sDKIM for %s", spf != NULL ? " and " : "", dkim->domain);
    buffer_append_text(text, spf != NULL && dkim != NULL ? " align" : " aligns");
}

/* Section 5.3.5 of RFC 9989; the same in RFC 7489 section 6.6.2. */
static void conclude(struct dmarc_view *view, const struct identifiers *all,
                     const struct dmarc_record *record, const char *from_domain)
{
    const struct identifier *spf = find_pass(all, record, true, true);
    const struct identifier *dkim = find_pass(all, record, false, true);
    const struct identifier *undecided = find_undecided(all, record);
    struct buffer text = BUFFER_INIT(2 * sizeof view->reason);

    if (spf != NULL || dkim != NULL) {
        view->verdict = VERDICT_PASS;
        explain_pass(&text, spf, dkim);
    } else if (undecided != NULL) {
        view->verdict = VERDICT_TEMPERROR;
        buffer_printf(&text, "%s for %s could decide it, and a DNS answer is missing",
                      undecided->is_spf ? "SPF" : "DKIM", undecided->domain);
    } else {
        view->verdict = VERDICT_FAIL;
        explain_failure(&text, all, record, from_domain, true);
        buffer_append_text(&text, "; ");
        explain_failure(&text, all, record, from_domain, false);
    }
    text_clean(view->reason, sizeof view->reason, buffer_slice(&text));
    buffer_clear(&text);
}

static void explain(struct dmarc_view *view, enum verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void explain(struct dmarc_view *view, enum verdict verdict, const char *format, ...)
{
    char text[2 * sizeof view->reason];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text_clean(view->reason, sizeof view->reason, slice_from(text));
    view->verdict = verdict;
}

static enum dmarc_policy one_level_lower(enum dmarc_policy policy)
{
    return policy == POLICY_REJECT ? POLICY_QUARANTINE : POLICY_NONE;
}

static void dispose(struct dmarc_view *view, bool testing)
{
    view->disposition = POLICY_NONE;
    if (view->verdict == VERDICT_FAIL)
        view->disposition = testing ? one_level_lower(view->policy) : view->policy;
}

/* What a step with a record gives. False where the record is of no use, and the view says so. */
static bool adopt(struct dmarc_view *view, const struct walk_step *step)
{
    slice_copy(view->record_domain, sizeof view->record_domain, slice_from(step->name));
    if (step->record.valid)
        return true;
    explain(view, VERDICT_NONE, "the record at _dmarc.%s has neither a usable policy nor a usable rua",
            step->name);
    return false;
}

/* Section 4.10.1: the author domain's own record, that of its organizational domain, that of the public
 * suffix. NULL, with a word in the view, where there is none or it cannot be told. */
static const struct walk_step *discover(struct dmarc_view *view, const struct dmarc_walk *walk)
{
    const struct walk_step *own = &walk->step[0], *last = &walk->step[walk->count - 1], *open = own;
    const char *org = dmarc_walk_org(walk, &open);

    if (org != NULL)
        slice_copy(view->org_domain, sizeof view->org_domain, slice_from(org));
    if (own->status == STEP_RECORD)
        return own;
    if (org == NULL || own->status == STEP_ERROR) {
        explain(view, VERDICT_TEMPERROR, "no answer for the record _dmarc.%s (%s)", open->name,
                open->problem);
        return NULL;
    }
    const struct walk_step *step = dmarc_walk_at(walk, org);
    if (step != NULL && step->status == STEP_RECORD)
        return step;
    if (last->status == STEP_RECORD && last->record.psd == PSD_YES)
        return last;
    if (own->status == STEP_SEVERAL)
        explain(view, VERDICT_NONE, "several records at _dmarc.%s: none of them counts", walk->domain);
    else
        explain(view, VERDICT_NONE, "no DMARC record for %s, nor above", walk->domain);
    return NULL;
}

/* sp, or np where the author domain does not exist. False where that cannot be told and matters. */
static bool inherit(struct dmarc_result *result, const struct dmarc_record *record, const char *from_domain,
                    const struct lookup *lookup)
{
    result->walk.policy = record->sp;
    if (record->np == record->sp)
        return true;
    const struct lookup_answer *answer = lookup_query(lookup, from_domain, RECORD_TXT);
    result->subdomain_missing = answer->status == LOOKUP_NXDOMAIN;
    if (result->subdomain_missing)
        result->walk.policy = record->np;
    return answer->status != LOOKUP_TEMPERROR;
}

static void check_walk(struct dmarc_result *result, const struct dmarc_request *request,
                       struct identifiers *all, const struct lookup *lookup)
{
    struct dmarc_view *view = &result->walk;
    const char *from = request->from_domain;
    struct dmarc_walk walk;
    bool told = true;

    dmarc_walk_run(&walk, from, lookup);
    result->queries = (unsigned)walk.count;
    align_by_walk(all, from, dmarc_walk_org(&walk, NULL), lookup);
    const struct walk_step *step = discover(view, &walk);
    if (step == NULL)
        return;
    result->record = step->record;
    if (!adopt(view, step))
        return;
    if (step->name == from)
        view->policy = step->record.p;
    else
        told = inherit(result, &step->record, from, lookup);
    conclude(view, all, &step->record, from);
    if (!told && view->verdict == VERDICT_FAIL)
        explain(view, VERDICT_TEMPERROR, "whether %s exists was not answered, and the policy depends on it",
                from);
    dispose(view, step->record.testing);
}

/* RFC 7489 section 6.6.3: the author domain's record, or that of its organizational domain by the list.
 * Several records at one name end it. */
static void check_list(struct dmarc_view *view, const struct dmarc_request *request, struct identifiers *all,
                       const struct lookup *lookup)
{
    const char *from = request->from_domain, *org = alignment_org_domain(from);
    struct walk_step step;

    if (org == NULL)
        org = from;
    slice_copy(view->org_domain, sizeof view->org_domain, slice_from(org));
    dmarc_walk_look(&step, from, lookup);
    if (step.status == STEP_EMPTY && org != from)
        dmarc_walk_look(&step, org, lookup);
    if (step.status == STEP_ERROR) {
        explain(view, VERDICT_TEMPERROR, "no answer for the record _dmarc.%s (%s)", step.name, step.problem);
    } else if (step.status == STEP_SEVERAL) {
        explain(view, VERDICT_NONE, "several records at _dmarc.%s: none of them counts", step.name);
    } else if (step.status == STEP_EMPTY) {
        explain(view, VERDICT_NONE, "no DMARC record for %s", from);
    } else if (adopt(view, &step)) {
        view->policy = step.name == from ? step.record.p : step.record.sp;
        align_by_list(all, from);
        conclude(view, all, &step.record, from);
        dispose(view, false);
    }
}

static void compare(struct dmarc_result *result)
{
    const struct dmarc_view *walk = &result->walk, *list = &result->list;
    char text[2 * sizeof result->difference] = "";

    if (walk->verdict == VERDICT_NONE && list->verdict == VERDICT_NONE)
        return;
    if (walk->verdict != list->verdict)
        snprintf(text, sizeof text,
                 "DMARC is %s by RFC 9989, and %s for receivers still on RFC 7489 (public suffix list): %s",
                 verdict_name(walk->verdict), verdict_name(list->verdict), list->reason);
    else if (walk->policy != list->policy)
        snprintf(
            text, sizeof text,
            "the policy is %s by RFC 9989 (record of %s), and %s for receivers still on RFC 7489 (record "
            "of %s)",
            dmarc_policy_name(walk->policy), walk->record_domain, dmarc_policy_name(list->policy),
            list->record_domain);
    else if (*walk->org_domain != '\0' && strcmp(walk->org_domain, list->org_domain) != 0)
        snprintf(text, sizeof text,
                 "the organizational domain is %s by RFC 9989's tree walk, and %s by the public suffix list",
                 walk->org_domain, list->org_domain);
    result->views_differ = *text != '\0';
    text_clean(result->difference, sizeof result->difference, slice_from(text));
}

void dmarc_check(struct dmarc_result *result, const struct dmarc_request *request,
                 const struct lookup *lookup)
{
    struct identifiers all;
    size_t dkim = 0;

    *result = (struct dmarc_result){.walk = {.verdict = VERDICT_NONE}};
    if (*request->from_domain == '\0') {
        explain(&result->walk, VERDICT_PERMERROR, "the message has no one author domain");
        result->list = result->walk;
        return;
    }
    collect(&all, request);
    check_walk(result, request, &all, lookup);
    for (size_t i = 0; i < all.count; i++) {
        if (all.at[i].is_spf)
            result->spf_alignment = all.at[i].alignment;
        else
            result->dkim_alignment[dkim++] = all.at[i].alignment;
    }
    collect(&all, request);
    check_list(&result->list, request, &all, lookup);
    compare(result);
}

void dmarc_prefetch(const char *from_domain, const struct lookup *lookup)
{
    const char *names[WALK_MAX];
    char query[sizeof "_dmarc." + DOMAIN_TEXT_MAX];
    size_t count = dmarc_walk_names(from_domain, names);

    for (size_t i = 0; i < count; i++)
        if (snprintf(query, sizeof query, "_dmarc.%s", names[i]) < DOMAIN_TEXT_MAX)
            lookup_prefetch(lookup, query, RECORD_TXT);
}
