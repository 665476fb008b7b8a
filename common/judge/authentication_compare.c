/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/base/text.h"
#include "common/judge/authentication_internal.h"

struct comparison {
    const struct authentication *a;
    enum trust trust; /* of the headers that are compared */
    bool dkim_lost;   /* a signature that passed there does not pass here */
    struct differences *out;
};

static void differ(struct comparison *c, bool is_fault, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void differ(struct comparison *c, bool is_fault, const char *format, ...)
{
    char text[2 * ERR_TEXT_MAX];
    va_list arguments;

    if (c->out->count == DIFFERENCES_MAX)
        return;
    struct difference *d = &c->out->at[c->out->count++];
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text_clean(d->text, sizeof d->text, slice_from(text));
    d->is_fault = is_fault && c->trust == TRUST_TRUSTED;
}

static bool is_pass(const struct auth_result *result)
{
    return strcmp(result->result, "pass") == 0;
}

/* The signature that a report speaks of: domain and, where it names one, selector. A passing one is better:
 * a domain may have signed twice. */
static const struct dkim_result *find_signature(const struct verification *v,
                                                const struct auth_result *result)
{
    const struct dkim_result *found = NULL;

    for (size_t i = 0; i < v->dkim_count; i++) {
        const struct dkim_result *one = &v->dkim[i];
        bool same = strcasecmp(one->domain, result->domain) == 0 &&
                    (*result->selector == '\0' || strcasecmp(one->selector, result->selector) == 0);
        if (same && (found == NULL || (found->verdict != VERDICT_PASS && one->verdict == VERDICT_PASS)))
            found = one;
    }
    return found;
}

/* A signature that the receiver saw pass. */
static void explain_lost(struct comparison *c, const struct auth_result *result,
                         const struct dkim_result *now)
{
    const char *domain = result->domain;

    c->dkim_lost = now == NULL || now->verdict != VERDICT_TEMPERROR;
    if (now == NULL)
        differ(c, false,
               "dkim=pass for %s was reported, and there is no such signature now: the message was changed "
               "after "
               "the receiver checked it",
               domain);
    else if (now->verdict == VERDICT_TEMPERROR)
        differ(c, false, "dkim=pass for %s was reported; here its key could not be looked up: %s", domain,
               now->reason);
    else if (now->key_missing)
        differ(
            c, true,
            "dkim=pass for %s was reported; here its key is gone from the DNS: %s._domainkey.%s was rotated "
            "away since, or the receiver's DNS is another",
            domain, now->selector, now->domain);
    else if (now->key_revoked)
        differ(c, true, "dkim=pass for %s was reported; its key %s was revoked since", domain, now->selector);
    else if (now->expired)
        differ(c, false, "dkim=pass for %s was reported; the signature has expired since", domain);
    else if (now->body_failed)
        differ(c, false,
               "dkim=pass for %s was reported; here its body hash differs: the body was changed after the "
               "receiver checked it",
               domain);
    else if (now->verdict == VERDICT_FAIL)
        differ(c, false,
               "dkim=pass for %s was reported; here the body is whole and the signature does not fit: the "
               "header "
               "was changed after the receiver checked it, or the key was replaced",
               domain);
    else
        differ(c, true, "dkim=pass for %s was reported; here it is %s: %s", domain,
               verdict_name(now->verdict), now->reason);
}

static void compare_signatures(struct comparison *c, const struct authres *header)
{
    for (size_t i = 0; i < header->count; i++) {
        const struct auth_result *result = &header->result[i];
        if (result->method != METHOD_DKIM || !is_pass(result))
            continue;
        const struct dkim_result *now = find_signature(c->a->verified, result);
        if (now == NULL || now->verdict != VERDICT_PASS)
            explain_lost(c, result, now);
    }
}

static bool is_temporary(const struct auth_result *result)
{
    return strcmp(result->result, "temperror") == 0;
}

static void compare_dkim(struct comparison *c)
{
    const struct auth_result *best = method_reported(c->a, METHOD_DKIM, c->trust);
    const struct dkim_result *now = best_signature(c->a);

    for (size_t i = 0; i < c->a->reported.count; i++)
        if (!c->a->reported.header[i].arc && c->a->reported.header[i].trust >= c->trust)
            compare_signatures(c, &c->a->reported.header[i]);
    if (best != NULL && !is_pass(best) && !is_temporary(best) && now != NULL && now->verdict == VERDICT_PASS)
        differ(c, true, "dkim=%s was reported%s%s%s; here the signature of %s holds", best->result,
               *best->reason != '\0' ? " (" : "", best->reason, *best->reason != '\0' ? ")" : "",
               now->domain);
}

/* Whether one side says pass and the other does not, and both have their answers. */
static bool contradicts(const struct comparison *c, const struct auth_result *result, enum auth_method method)
{
    enum verdict verdict = method_verdict(c->a, method);

    return !is_temporary(result) && verdict != VERDICT_TEMPERROR &&
           is_pass(result) != (verdict == VERDICT_PASS);
}

static void compare_spf(struct comparison *c, const struct auth_result *result)
{
    const struct verification *v = c->a->verified;

    if (*result->domain != '\0' && strcasecmp(result->domain, v->spf.domain) != 0)
        return; /* another identity: no contradiction */
    if (contradicts(c, result, METHOD_SPF))
        differ(c, true, "spf=%s was reported; here %s may %ssend for %s: spf=%s%s%s", result->result,
               v->client_ip, v->spf.verdict == VERDICT_PASS ? "" : "not ", v->spf.domain,
               verdict_name(v->spf.verdict), *v->spf.reason != '\0' ? ", " : "", v->spf.reason);
}

static void compare_dmarc(struct comparison *c, const struct auth_result *result)
{
    const struct dmarc_result *dmarc = &c->a->verified->dmarc;
    const char *now = verdict_name(dmarc->walk.verdict);

    if (!contradicts(c, result, METHOD_DMARC))
        return;
    if (is_pass(result) && c->dkim_lost)
        differ(c, false, "dmarc=pass was reported; here it is %s, since that signature is lost", now);
    else if (is_pass(result) && !method_verified(c->a, METHOD_SPF))
        differ(c, false, "dmarc=pass was reported; here SPF could not be verified, and without it it is %s",
               now);
    else if (dmarc->views_differ && strcmp(result->result, verdict_name(dmarc->list.verdict)) == 0)
        differ(c, true, "dmarc=%s was reported: that receiver goes by RFC 7489 still. %s", result->result,
               dmarc->difference);
    else
        differ(c, true, "dmarc=%s was reported; here it is %s: %s", result->result, now, dmarc->walk.reason);
}

static void compare_arc(struct comparison *c, const struct auth_result *result)
{
    if (!contradicts(c, result, METHOD_ARC))
        return;
    if (is_pass(result))
        differ(c, false, "arc=pass was reported; here the chain does not hold: %s",
               method_reason(c->a, METHOD_ARC));
    else
        differ(c, true, "arc=%s was reported; here the chain holds", result->result);
}

/* Of headers that are trusted, where there are any; what is only assumed to be the receiver's never makes a
 * fault. */
void compare_authentication(const struct authentication *a, struct differences *out)
{
    struct comparison c = {.a = a, .trust = best_trust(a), .out = out};
    void (*const compare[METHOD_OTHER])(struct comparison *, const struct auth_result *) = {
        [METHOD_SPF] = compare_spf, [METHOD_DMARC] = compare_dmarc, [METHOD_ARC] = compare_arc};

    out->count = 0;
    if (method_verified(a, METHOD_DKIM))
        compare_dkim(&c);
    for (enum auth_method method = 0; method < METHOD_OTHER; method++) {
        const struct auth_result *result = method_reported(a, method, c.trust);
        if (compare[method] != NULL && result != NULL && method_verified(a, method))
            compare[method](&c, result);
    }
}
