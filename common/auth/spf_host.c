/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/spf_host.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/auth/spf_record.h"
#include "common/base/text.h"

enum match { MATCH_NO, MATCH_YES, MATCH_TEMPERROR, MATCH_PERMERROR };

/* Each level costs a lookup, so that these end before the stack does. */
static enum verdict check_domain(struct spf_host *h, char domain[SPF_NAME_MAX]);

void spf_host_reason(struct spf_host *h, const char *format, ...)
{
    char text[2 * sizeof h->result->reason];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text_clean(h->result->reason, sizeof h->result->reason, slice_from(text));
}

bool spf_domain_is_usable(struct slice domain)
{
    return spf_name_is_usable(domain) && slice_find_char(domain, '.') < domain.len && domain.data[0] != '[';
}

/* --- questions --- */

const struct lookup_answer *spf_host_ask(struct spf_host *h, const char *name, enum record_type type)
{
    static const struct lookup_answer late = {.status = LOOKUP_TEMPERROR, .problem = "the time is over"};

    return deadline_passed(h->deadline) ? &late : lookup_query(h->lookup, name, type);
}

static enum record_type address_type(const struct spf_host *h)
{
    return h->values.ip.is_ipv6 ? RECORD_AAAA : RECORD_A;
}

static bool is_void(enum lookup_status status)
{
    return status == LOOKUP_NODATA || status == LOOKUP_NXDOMAIN;
}

/* Section 4.6.4. */
static enum match count_void(struct spf_host *h, const char *name, enum record_type type)
{
    if (++h->result->void_lookups <= SPF_VOID_MAX)
        return MATCH_NO;
    spf_host_reason(h, "more than %d DNS lookups found nothing; the last was for %s of %s", SPF_VOID_MAX,
                    record_type_name(type), name);
    return MATCH_PERMERROR;
}

static enum match failed(struct spf_host *h, const char *name, enum record_type type, const char *problem)
{
    spf_host_reason(h, "the DNS lookup of %s (%s) failed: %s", name, record_type_name(type), problem);
    return MATCH_TEMPERROR;
}

/* MATCH_YES: records were found. */
static enum match ask(struct spf_host *h, const char *name, enum record_type type,
                      const struct lookup_answer **answer)
{
    *answer = spf_host_ask(h, name, type);
    if ((*answer)->status == LOOKUP_TEMPERROR)
        return failed(h, name, type, (*answer)->problem);
    return is_void((*answer)->status) ? count_void(h, name, type) : MATCH_YES;
}

/* --- names of the client, sections 5.5 and 7.2 --- */

static bool is_at_or_below(const char *name, struct slice domain)
{
    struct slice n = slice_from(name);

    return slice_ends_nocase(n, domain) && (n.len == domain.len || name[n.len - domain.len - 1] == '.');
}

static bool has_client(const struct spf_host *h, const struct lookup_answer *answer, unsigned bits)
{
    for (size_t i = 0; i < answer->count; i++)
        if (spf_ip_matches(&h->values.ip, answer->records[i].bytes, bits))
            return true;
    return false;
}

static void validate(struct spf_host *h)
{
    char arpa[SPF_IP_ARPA_MAX];
    enum record_type type = address_type(h);
    unsigned bits = h->values.ip.is_ipv6 ? SPF_IPV6_BITS : SPF_IPV4_BITS;

    if (h->validated)
        return;
    h->validated = true;
    spf_ip_arpa(&h->values.ip, arpa);
    const struct lookup_answer *reverse = spf_host_ask(h, arpa, RECORD_PTR);
    h->reverse = reverse->status;
    size_t count = reverse->count < SPF_PTR_MAX ? reverse->count : SPF_PTR_MAX;
    for (size_t i = 0; i < count; i++)
        if (spf_name_is_usable(slice_from(reverse->records[i].name)))
            lookup_prefetch(h->lookup, reverse->records[i].name, type);
    for (size_t i = 0; i < count; i++) {
        const char *name = reverse->records[i].name;
        if (spf_name_is_usable(slice_from(name)) && has_client(h, spf_host_ask(h, name, type), bits))
            h->name[h->name_count++] = name;
    }
}

/* Macro "p": the domain itself, else a name below it, else any. */
static struct slice validated_name(const struct spf_host *h)
{
    const char *best = h->name_count > 0 ? h->name[0] : "unknown";
    bool below = false;

    for (size_t i = 0; i < h->name_count; i++) {
        struct slice name = slice_from(h->name[i]);
        if (slice_eq_nocase(name, h->values.domain))
            return name;
        if (!below && is_at_or_below(h->name[i], h->values.domain)) {
            best = h->name[i];
            below = true;
        }
    }
    return slice_from(best);
}

void spf_host_prepare(struct spf_host *h, struct slice text)
{
    if (!spf_macro_uses(text, 'p'))
        return;
    validate(h);
    h->values.validated = validated_name(h);
}

bool spf_host_name(struct spf_host *h, struct slice spec, char out[SPF_NAME_MAX])
{
    if (spec.len == 0)
        return slice_copy(out, SPF_NAME_MAX, h->values.domain);
    spf_host_prepare(h, spec);
    return spf_macro_name(spec, &h->values, out);
}

/* --- mechanisms, section 5. A target that is no name matches nothing, section 4.8. --- */

static enum match match_addresses(struct spf_host *h, const char *name, const struct spf_term *t)
{
    const struct lookup_answer *answer;
    enum match found = ask(h, name, address_type(h), &answer);

    if (found != MATCH_YES)
        return found;
    return has_client(h, answer, h->values.ip.is_ipv6 ? t->bits6 : t->bits4) ? MATCH_YES : MATCH_NO;
}

static int by_preference(const void *a, const void *b)
{
    const struct record *const *x = a, *const *y = b;

    if ((*x)->preference != (*y)->preference)
        return (*x)->preference < (*y)->preference ? -1 : 1;
    return *x < *y ? -1 : 1; /* as they came */
}

static enum match match_mx(struct spf_host *h, const char *domain, const struct spf_term *t)
{
    const struct record *host[SPF_MX_MAX];
    const struct lookup_answer *answer;
    enum match found = ask(h, domain, RECORD_MX, &answer);

    if (found != MATCH_YES)
        return found;
    if (answer->count > SPF_MX_MAX) {
        spf_host_reason(h, "%s has %zu MX records: more than %d are an error", domain, answer->count,
                        SPF_MX_MAX);
        return MATCH_PERMERROR;
    }
    size_t count = 0;
    for (size_t i = 0; i < answer->count; i++)
        if (spf_name_is_usable(slice_from(answer->records[i].name))) /* RFC 7505: "" is nobody */
            host[count++] = &answer->records[i];
    qsort(host, count, sizeof *host, by_preference);
    for (size_t i = 0; i < count; i++)
        lookup_prefetch(h->lookup, host[i]->name, address_type(h));
    found = MATCH_NO;
    for (size_t i = 0; i < count && found == MATCH_NO; i++)
        found = match_addresses(h, host[i]->name, t);
    return found;
}

static enum match match_ptr(struct spf_host *h, const char *target)
{
    char arpa[SPF_IP_ARPA_MAX];

    validate(h);
    spf_ip_arpa(&h->values.ip, arpa);
    if (deadline_passed(h->deadline))
        return failed(h, arpa, RECORD_PTR, "the time is over");
    for (size_t i = 0; i < h->name_count; i++)
        if (is_at_or_below(h->name[i], slice_from(target)))
            return MATCH_YES;
    return is_void(h->reverse) ? count_void(h, arpa, RECORD_PTR) : MATCH_NO;
}

static enum match match_exists(struct spf_host *h, const char *name)
{
    const struct lookup_answer *answer;

    return ask(h, name, RECORD_A, &answer);
}

/* The table of section 5.2. */
static enum match match_include(struct spf_host *h, char domain[SPF_NAME_MAX])
{
    h->depth++;
    enum verdict verdict = check_domain(h, domain);
    h->depth--;
    switch (verdict) {
    case VERDICT_PASS:
        return MATCH_YES;
    case VERDICT_FAIL:
    case VERDICT_SOFTFAIL:
    case VERDICT_NEUTRAL:
    case VERDICT_POLICY:
        return MATCH_NO;
    case VERDICT_TEMPERROR:
        return MATCH_TEMPERROR;
    case VERDICT_NONE:
        spf_host_reason(h, "%.*s includes %s, which has no SPF record", SLICE_ARG(h->values.domain), domain);
        return MATCH_PERMERROR;
    case VERDICT_PERMERROR:
        break;
    }
    return MATCH_PERMERROR;
}

static enum match match_by_dns(struct spf_host *h, const struct spf_term *t)
{
    char name[SPF_NAME_MAX];

    if (!spf_host_name(h, t->domain, name)) {
        if (t->kind != SPF_INCLUDE)
            return MATCH_NO;
        spf_host_reason(h, "what \"%.*s\" of %.*s includes is no domain", SLICE_ARG(t->text),
                        SLICE_ARG(h->values.domain));
        return MATCH_PERMERROR;
    }
    switch (t->kind) {
    case SPF_INCLUDE:
        return match_include(h, name);
    case SPF_MX:
        return match_mx(h, name, t);
    case SPF_PTR:
        return match_ptr(h, name);
    case SPF_EXISTS:
        return match_exists(h, name);
    case SPF_ALL:
    case SPF_A:
    case SPF_IP4:
    case SPF_IP6:
    case SPF_REDIRECT:
    case SPF_EXP:
    case SPF_UNKNOWN:
        break;
    }
    return match_addresses(h, name, t);
}

static enum match match(struct spf_host *h, const struct spf_term *t)
{
    const struct spf_ip *ip = &h->values.ip;

    if (spf_kind_asks_dns(t->kind))
        return match_by_dns(h, t);
    if (t->kind == SPF_IP4)
        return !ip->is_ipv6 && spf_ip_matches(ip, t->network, t->bits4) ? MATCH_YES : MATCH_NO;
    if (t->kind == SPF_IP6)
        return ip->is_ipv6 && spf_ip_matches(ip, t->network, t->bits6) ? MATCH_YES : MATCH_NO;
    return MATCH_YES; /* all */
}

/* --- records --- */

static bool count_lookup(struct spf_host *h, struct slice term)
{
    if (++h->result->lookups <= SPF_LOOKUPS_MAX)
        return true;
    spf_host_reason(h, "more than %d terms ask the DNS: stopped at \"%.*s\" of %.*s", SPF_LOOKUPS_MAX,
                    SLICE_ARG(term), SLICE_ARG(h->values.domain));
    return false;
}

static void prefetch_term(struct spf_host *h, const struct spf_term *t)
{
    char name[SPF_NAME_MAX];

    if (t->kind == SPF_PTR) {
        spf_ip_arpa(&h->values.ip, name);
        lookup_prefetch(h->lookup, name, RECORD_PTR);
        return;
    }
    if (spf_macro_uses(t->domain, 'p') || !spf_host_name(h, t->domain, name))
        return;
    if (t->kind == SPF_MX)
        lookup_prefetch(h->lookup, name, RECORD_MX);
    else if (t->kind == SPF_INCLUDE || t->kind == SPF_REDIRECT)
        lookup_prefetch(h->lookup, name, RECORD_TXT);
    else
        lookup_prefetch(h->lookup, name, t->kind == SPF_EXISTS ? RECORD_A : address_type(h));
}

/* From the first mechanism that asks the DNS on: as many as could ever have their turn. */
static void look_ahead(struct spf_host *h, struct slice rest)
{
    struct spf_term t;

    while (h->ahead < SPF_LOOKUPS_MAX && spf_term_next(&rest, &t) && t.kind != SPF_ALL) {
        if (!spf_kind_asks_dns(t.kind))
            continue;
        h->ahead++;
        prefetch_term(h, &t);
    }
}

/* Exactly one record, section 4.5. False: *verdict is the result. */
static bool fetch(struct spf_host *h, const char *domain, struct slice *text, enum verdict *verdict)
{
    const struct lookup_answer *answer = spf_host_ask(h, domain, RECORD_TXT);
    size_t found = 0;

    *verdict = VERDICT_TEMPERROR;
    if (answer->status == LOOKUP_TEMPERROR) {
        failed(h, domain, RECORD_TXT, answer->problem);
        return false;
    }
    if (h->result->lookups == 0)
        h->result->authenticated = answer->authenticated;
    else if (is_void(answer->status))
        h->result->void_lookups++; /* an error in any case */
    for (size_t i = 0; i < answer->count; i++) {
        if (!spf_record_is(answer->records[i].text))
            continue;
        *text = answer->records[i].text;
        found++;
    }
    if (found == 1)
        return true;
    *verdict = found == 0 ? VERDICT_NONE : VERDICT_PERMERROR;
    if (found > 1)
        spf_host_reason(h, "%s has %zu SPF records, and may have one", domain, found);
    else if (answer->status == LOOKUP_NXDOMAIN)
        spf_host_reason(h, "%s does not exist", domain);
    else
        spf_host_reason(h, "%s has no SPF record", domain);
    return false;
}

static void note_match(struct spf_host *h, const struct spf_record *record, const struct spf_term *t)
{
    char ip[SPF_IP_TEXT_MAX];

    spf_ip_text(&h->values.ip, ip);
    if (t->kind == SPF_ALL)
        spf_host_reason(h, "nothing before \"%.*s\" in the SPF record of %.*s matches %s", SLICE_ARG(t->text),
                        SLICE_ARG(h->values.domain), ip);
    else if (t->kind != SPF_INCLUDE) /* what was included has said it */
        spf_host_reason(h, "%s matches \"%.*s\" in the SPF record of %.*s", ip, SLICE_ARG(t->text),
                        SLICE_ARG(h->values.domain));
    if (h->depth > 0)
        return;
    text_clean(h->result->mechanism, sizeof h->result->mechanism, t->text);
    if (t->qualifier == VERDICT_FAIL)
        h->exp = record->exp;
}

/* The mechanisms of a record in their order. False where none of them decides. */
static bool evaluate(struct spf_host *h, const struct spf_record *record, enum verdict *verdict)
{
    struct slice rest = record->terms, from;
    bool looked_ahead = false;
    struct spf_term t;

    for (from = rest; spf_term_next(&rest, &t); from = rest) {
        enum match matched = MATCH_PERMERROR;
        if (spf_kind_is_modifier(t.kind))
            continue;
        if (spf_kind_asks_dns(t.kind) && !looked_ahead) {
            look_ahead(h, from);
            looked_ahead = true;
        }
        if (!spf_kind_asks_dns(t.kind) || count_lookup(h, t.text))
            matched = match(h, &t);
        if (matched == MATCH_NO)
            continue;
        *verdict = matched == MATCH_YES
                       ? t.qualifier
                       : (matched == MATCH_TEMPERROR ? VERDICT_TEMPERROR : VERDICT_PERMERROR);
        if (matched == MATCH_YES)
            note_match(h, record, &t);
        return true;
    }
    return false;
}

/* Section 6.1: domain becomes where it leads. False: *verdict is the result. */
static bool follow(struct spf_host *h, const struct spf_record *record, char domain[SPF_NAME_MAX],
                   struct slice *text, enum verdict *verdict)
{
    char ip[SPF_IP_TEXT_MAX], target[SPF_NAME_MAX];

    *verdict = VERDICT_PERMERROR;
    if (record->redirect.len == 0) {
        spf_ip_text(&h->values.ip, ip);
        spf_host_reason(h, "nothing in the SPF record of %s matches %s", domain, ip);
        *verdict = VERDICT_NEUTRAL; /* section 4.7 */
        return false;
    }
    if (!count_lookup(h, record->redirect))
        return false;
    if (!spf_host_name(h, record->redirect, target) || !spf_domain_is_usable(slice_from(target))) {
        spf_host_reason(h, "\"redirect=%.*s\" of %s leads to no domain", SLICE_ARG(record->redirect), domain);
        return false;
    }
    if (fetch(h, target, text, verdict)) {
        slice_copy(domain, SPF_NAME_MAX, slice_from(target));
        return true;
    }
    if (*verdict == VERDICT_NONE) {
        spf_host_reason(h, "%s redirects to %s, which has no SPF record", domain, target);
        *verdict = VERDICT_PERMERROR;
    }
    return false;
}

static enum verdict check_records(struct spf_host *h, char domain[SPF_NAME_MAX], struct slice text)
{
    struct spf_record record;
    enum verdict verdict;

    do {
        h->values.domain = slice_from(domain);
        if (!spf_record_parse(&record, text)) {
            spf_host_reason(h, "\"%.*s\" in the SPF record of %s: %s", SLICE_ARG(record.broken.text), domain,
                            record.broken.problem);
            return VERDICT_PERMERROR;
        }
        if (evaluate(h, &record, &verdict))
            return verdict;
    } while (follow(h, &record, domain, &text, &verdict));
    return verdict;
}

static enum verdict check_domain(struct spf_host *h, char domain[SPF_NAME_MAX])
{
    struct slice outer = h->values.domain, text;
    enum verdict verdict = VERDICT_NONE;

    if (spf_domain_is_usable(slice_from(domain)) && fetch(h, domain, &text, &verdict))
        verdict = check_records(h, domain, text);
    h->values.domain = outer;
    return verdict;
}

enum verdict spf_host_check(struct spf_host *h)
{
    return check_domain(h, h->domain);
}
