/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "common/judge/authentication_internal.h"

static void reported_line(struct report *report, const struct authres *header)
{
    struct buffer line = BUFFER_INIT(1024);

    for (size_t n = 0; n < header->count; n++) {
        const struct auth_result *result = &header->result[n];
        buffer_printf(&line, " %s=%s%s%s%s", result->method_name, result->result,
                      *result->domain != '\0' ? " (" : "", result->domain,
                      *result->domain != '\0' ? ")" : "");
    }
    report_line(report, 0, "%s %s by %s:%s", trust_name(header->trust),
                header->arc ? "ARC-Authentication-Results" : "Authentication-Results",
                *header->authserv_id != '\0' ? header->authserv_id : "(no id)",
                line.len > 0 ? buffer_text(&line) : " none");
    buffer_clear(&line);
}

static const char *dnssec(bool authenticated)
{
    return authenticated ? ", DNSSEC" : "";
}

static void spf_lines(struct report *report, const struct verification *v)
{
    const struct spf_result *spf = &v->spf;

    if (!v->done.spf) {
        if (*v->spf_missing != '\0')
            report_line(report, 0, "verified spf: not done: %s", v->spf_missing);
        return;
    }
    report_line(report, 0, "verified spf=%s for %s (%s), client %s%s%s, lookups %u of %d, void %u%s",
                verdict_name(spf->verdict), *spf->domain != '\0' ? spf->domain : "no domain",
                spf->helo_identity ? "helo" : "mailfrom", v->client_ip, *spf->mechanism != '\0' ? ", " : "",
                spf->mechanism, spf->lookups, SPF_LOOKUPS_MAX, spf->void_lookups, dnssec(spf->authenticated));
    if (*spf->reason != '\0')
        report_line(report, spf->verdict == VERDICT_PASS ? 1 : 0, "%s", spf->reason);
    if (*spf->explanation != '\0')
        report_line(report, 0, "the domain explains: %s", spf->explanation);
}

static void dkim_lines(struct report *report, const struct verification *v)
{
    if (!v->done.dkim)
        return;
    if (v->dkim_count == 0)
        report_line(report, 0, "verified dkim=none: the message bears no DKIM signature");
    for (size_t i = 0; i < v->dkim_count; i++) {
        const struct dkim_result *d = &v->dkim[i];
        char bits[24] = "";
        if (d->bits > 0)
            snprintf(bits, sizeof bits, ", %u bits", d->bits);
        report_line(report, 0, "verified dkim=%s for %s, selector %s%s%s%s%s%s", verdict_name(d->verdict),
                    *d->domain != '\0' ? d->domain : "no domain", *d->selector != '\0' ? d->selector : "none",
                    *d->algorithm != '\0' ? ", " : "", d->algorithm, bits,
                    d->testing ? ", key is in test (t=y)" : "", dnssec(d->authenticated));
        if (*d->reason != '\0')
            report_line(report, 0, "%s", d->reason);
        if (d->body_partial)
            report_line(report, 0, "l= leaves %llu bytes of the body unsigned: anything could stand there",
                        d->unsigned_bytes);
    }
    if (v->dkim_found > v->dkim_count)
        report_line(report, 0, "... and %zu more signatures, not looked at", v->dkim_found - v->dkim_count);
}

static void arc_lines(struct report *report, const struct verification *v)
{
    if (!v->done.arc || v->arc.verdict == VERDICT_NONE)
        return;
    report_line(report, 0, "verified arc=%s, sets %u, newest seal by %s%s%s", verdict_name(v->arc.verdict),
                v->arc.instances, *v->arc.domain != '\0' ? v->arc.domain : "nobody",
                *v->arc.reason != '\0' ? ": " : "", v->arc.reason);
}

static void dmarc_lines(struct report *report, const struct verification *v)
{
    const struct dmarc_result *d = &v->dmarc;
    const struct dmarc_view *view = &d->walk;

    if (!v->done.dmarc)
        return;
    report_line(report, 0, "verified dmarc=%s for From: %s: %s", verdict_name(view->verdict),
                *v->from_domain != '\0' ? v->from_domain : "(no author domain)", view->reason);
    if (*view->record_domain != '\0')
        report_line(
            report, 0, "policy %s%s%s by the record of %s (adkim=%s aspf=%s), organizational domain %s",
            dmarc_policy_name(view->policy), d->record.testing ? ", in test (t=y)" : "",
            d->subdomain_missing ? ", since the domain does not exist (np)" : "", view->record_domain,
            d->record.adkim == ALIGNMENT_STRICT ? "s" : "r", d->record.aspf == ALIGNMENT_STRICT ? "s" : "r",
            *view->org_domain != '\0' ? view->org_domain : "not known");
    if (*d->record.warning != '\0')
        report_line(report, 0, "the record: %s", d->record.warning);
    if (d->views_differ)
        report_line(report, 0, "%s", d->difference);
}

void authentication_lines(struct report *report, const struct authentication *a,
                          const struct differences *differences)
{
    for (size_t i = 0; i < differences->count; i++)
        report_line(report, 0, "%s: %s", differences->at[i].is_fault ? "disagreement" : "note",
                    differences->at[i].text);
    for (size_t i = 0; i < a->reported.count; i++) {
        const struct authres *header = &a->reported.header[i];
        reported_line(report, header);
        if (i + 1 == a->reported.count || header[1].trust != header->trust || header[1].why != header->why)
            report_line(report, 0, "%s: %s", trust_name(header->trust), header->why);
    }
    if (a->verified == NULL)
        return;
    spf_lines(report, a->verified);
    dkim_lines(report, a->verified);
    arc_lines(report, a->verified);
    dmarc_lines(report, a->verified);
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (*text != '\0')
        json_object_set_new(object, key, json_string(text));
}

static void set_result(json_t *object, enum verdict verdict)
{
    json_object_set_new(object, "result", json_string(verdict_name(verdict)));
}

static json_t *result_json(const struct auth_result *result)
{
    json_t *one = json_object();

    set_text(one, "result", result->result);
    set_text(one, "domain", result->domain);
    set_text(one, "selector", result->selector);
    set_text(one, "policy", result->policy);
    set_text(one, "reason", result->reason);
    return one;
}

static json_t *header_json(const struct authres *header)
{
    json_t *one = json_object(), *dkim = json_array();

    set_text(one, "authserv_id", header->authserv_id);
    set_text(one, "trust", trust_name(header->trust));
    set_text(one, "why", header->why);
    for (size_t n = 0; n < header->count; n++) {
        const struct auth_result *result = &header->result[n];
        if (result->method == METHOD_DKIM)
            json_array_append_new(dkim, result_json(result));
        else if (json_object_get(one, result->method_name) == NULL) /* of several the topmost counts */
            json_object_set_new(one, result->method_name, result_json(result));
    }
    if (json_array_size(dkim) > 0)
        json_object_set(one, "dkim", dkim);
    json_decref(dkim);
    return one;
}

static json_t *reported_json(const struct authres_set *set)
{
    json_t *list = json_array();

    for (size_t i = 0; i < set->count; i++)
        if (!set->header[i].arc)
            json_array_append_new(list, header_json(&set->header[i]));
    return list;
}

/* By the record's mode; relaxed where there is none. */
static bool is_aligned(enum alignment alignment, enum alignment mode)
{
    return alignment >= (mode == ALIGNMENT_STRICT ? ALIGNMENT_STRICT : ALIGNMENT_RELAXED);
}

static json_t *spf_json(const struct verification *v)
{
    json_t *one = json_object();

    set_result(one, v->spf.verdict);
    set_text(one, "domain", v->spf.domain);
    set_text(one, "identity", v->spf.helo_identity ? "helo" : "mailfrom");
    if (v->done.dmarc)
        json_object_set_new(one, "aligned",
                            json_boolean(is_aligned(v->dmarc.spf_alignment, v->dmarc.record.aspf)));
    json_object_set_new(one, "lookups", json_integer(v->spf.lookups));
    json_object_set_new(one, "void_lookups", json_integer(v->spf.void_lookups));
    set_text(one, "client_ip", v->client_ip);
    set_text(one, "helo", v->helo);
    set_text(one, "mechanism", v->spf.mechanism);
    set_text(one, "explanation", v->spf.explanation);
    set_text(one, "reason", v->spf.reason);
    json_object_set_new(one, "dnssec", json_boolean(v->spf.authenticated));
    return one;
}

static json_t *signature_json(const struct verification *v, size_t i)
{
    const struct dkim_result *d = &v->dkim[i];
    json_t *one = json_object();

    set_result(one, d->verdict);
    set_text(one, "domain", d->domain);
    set_text(one, "selector", d->selector);
    set_text(one, "identity", d->identity);
    set_text(one, "algorithm", d->algorithm);
    set_text(one, "canonicalization", d->canonicalization);
    if (d->bits > 0)
        json_object_set_new(one, "bits", json_integer(d->bits));
    if (v->done.dmarc)
        json_object_set_new(one, "aligned",
                            json_boolean(is_aligned(v->dmarc.dkim_alignment[i], v->dmarc.record.adkim)));
    set_text(one, "reason", d->reason);
    json_object_set_new(one, "dnssec", json_boolean(d->authenticated));
    return one;
}

static json_t *arc_json(const struct arc_result *arc)
{
    json_t *one = json_object();

    set_result(one, arc->verdict);
    json_object_set_new(one, "instances", json_integer(arc->instances));
    set_text(one, "domain", arc->domain);
    set_text(one, "reason", arc->reason);
    return one;
}

static json_t *view_json(const struct dmarc_view *view)
{
    json_t *one = json_object();

    set_result(one, view->verdict);
    if (*view->record_domain != '\0') {
        set_text(one, "policy", dmarc_policy_name(view->policy));
        set_text(one, "disposition", dmarc_policy_name(view->disposition));
        set_text(one, "record_domain", view->record_domain);
    }
    set_text(one, "org_domain", view->org_domain);
    set_text(one, "reason", view->reason);
    return one;
}

static json_t *dmarc_json(const struct dmarc_result *d)
{
    json_t *one = view_json(&d->walk);

    if (d->record.testing)
        json_object_set_new(one, "testing", json_true());
    set_text(one, "warning", d->record.warning);
    if (d->views_differ)
        json_object_set_new(one, "rfc7489", view_json(&d->list));
    return one;
}

static json_t *verified_json(const struct verification *v)
{
    json_t *one = json_object();

    if (v->done.spf)
        json_object_set_new(one, "spf", spf_json(v));
    if (v->done.dkim) {
        json_t *list = json_array();
        for (size_t i = 0; i < v->dkim_count; i++)
            json_array_append_new(list, signature_json(v, i));
        json_object_set_new(one, "dkim", list);
    }
    if (v->done.arc)
        json_object_set_new(one, "arc", arc_json(&v->arc));
    if (v->done.dmarc)
        json_object_set_new(one, "dmarc", dmarc_json(&v->dmarc));
    return one;
}

json_t *authentication_json(const struct authentication *a, const struct differences *differences)
{
    json_t *one = json_object();

    set_text(one, "from_domain", a->from_domain);
    if (method_verified(a, METHOD_DMARC))
        set_text(one, "org_domain", a->verified->dmarc.walk.org_domain);
    json_object_set_new(one, "reported", reported_json(&a->reported));
    if (a->verified != NULL)
        json_object_set_new(one, "verified", verified_json(a->verified));
    if (differences->count > 0) {
        json_t *list = json_array();
        for (size_t i = 0; i < differences->count; i++)
            json_array_append_new(list, json_string(differences->at[i].text));
        json_object_set_new(one, "differences", list);
    }
    return one;
}
