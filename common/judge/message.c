/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/judge/message.h"

#include <stdio.h>
#include <string.h>

#include "common/auth/alignment.h"

void judge_placement(struct report *report, const struct placement_policy *policy, const char *side,
                     const struct mailbox *mailbox, const struct finding *finding)
{
    const struct folder *folder = mailbox_folder(mailbox, finding->folder);
    struct err err;

    if (finding->folder < policy->folder_count) {
        enum state wanted = policy->folder[finding->folder];
        if (wanted != STATE_OK) {
            err_set(&err, FAULT_SPAM_PLACED, STAGE_NONE, "the message lies in the folder %s", folder->name);
            err.advice = "find the rule or filter that files it there";
            report_fault(report, side, wanted, &err);
        }
    } else if (folder->role == FOLDER_JUNK) {
        err_set(&err, FAULT_SPAM_PLACED, STAGE_NONE, "the message landed in the junk folder %s",
                folder->name);
        report_fault(report, side, policy->spam, &err);
    }
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (*text != '\0')
        json_object_set_new(object, key, json_string(text));
}

json_t *judge_message_json(const struct mailbox *mailbox, const struct finding *finding,
                           const struct hops *hops)
{
    const struct folder *folder = mailbox_folder(mailbox, finding->folder);
    json_t *message = json_object();

    set_text(message, "marker", finding->marker.text);
    set_text(message, "folder", folder->name);
    if (folder->uidvalidity != 0)
        json_object_set_new(message, "uidvalidity", json_integer(folder->uidvalidity));
    json_object_set_new(message, "uid", json_integer(finding->uid));
    set_text(message, "uidl", finding->uidl);
    if (hops != NULL) {
        json_t *list = json_array();
        for (size_t i = 0; i < hops->count; i++) {
            const struct hop *hop = &hops->hop[i];
            json_t *one = json_object();
            set_text(one, "from", hop->from);
            set_text(one, "by", hop->by);
            if (hop->delayed)
                json_object_set_new(one, "delay_s", json_real(hop->delay_s));
            json_array_append_new(list, one);
        }
        json_object_set_new(message, "hops", list);
    }
    return message;
}

void judge_hops_lines(struct report *report, const struct hops *hops)
{
    for (size_t i = 0; i < hops->count; i++) {
        const struct hop *hop = &hops->hop[i];
        char delay[32] = "";
        if (hop->delayed)
            snprintf(delay, sizeof delay, " after %.0f s", hop->delay_s);
        report_line(report, 0, "hop %zu: %s to %s%s%s%s", i + 1, *hop->from != '\0' ? hop->from : "?",
                    *hop->by != '\0' ? hop->by : "?", *hop->with != '\0' ? " with " : "", hop->with, delay);
    }
    if (hops->total > hops->count)
        report_line(report, 0, "... and %zu more Received lines", hops->total - hops->count);
    if (hops->skewed)
        report_line(report, 0, "note: the hops' clocks differ, so that a delay seems negative");
}

void judge_bounce(struct report *report, const char *side, const struct finding *finding)
{
    const struct dsn *dsn = &finding->dsn;
    const bool told = *dsn->diagnostic != '\0';
    struct err err;

    err_set(&err, FAULT_BOUNCED, STAGE_NONE, "the message to %s bounced: %s",
            *dsn->recipient != '\0' ? dsn->recipient : "the recipient",
            told                   ? dsn->diagnostic
            : *dsn->status != '\0' ? dsn->status
                                   : "no reason was given");
    err.code = dsn->code;
    memcpy(err.enhanced, dsn->status, sizeof err.enhanced);
    report_fault(report, side, STATE_CRITICAL, &err);
}

static const struct {
    enum auth_method method;
    const char *name;
} methods[] = {{METHOD_SPF, "spf"}, {METHOD_DKIM, "dkim"}, {METHOD_DMARC, "dmarc"}, {METHOD_ARC, "arc"}};

void judge_auth_summary(const struct authres_set *set, enum trust at_least, char *out, size_t size)
{
    struct buffer text = BUFFER_INIT(size - 1);
    const struct authres *best = NULL;

    for (size_t i = 0; i < set->count && best == NULL; i++)
        if (!set->header[i].arc && set->header[i].trust >= at_least)
            best = &set->header[i];
    *out = '\0';
    if (best == NULL)
        return;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        const struct auth_result *result = authres_believed(set, methods[i].method, at_least, NULL, NULL);
        if (result != NULL)
            buffer_printf(&text, "%s%s=%s", text.len > 0 ? " " : "", methods[i].name, result->result);
    }
    if (text.len == 0)
        buffer_append_text(&text, "nothing checked");
    buffer_printf(&text, " by %s (%s)",
                  *best->authserv_id != '\0' ? best->authserv_id : "a receiver without id",
                  trust_name(best->trust));
    slice_copy(out, size, buffer_slice(&text));
    buffer_clear(&text);
}

void judge_auth_lines(struct report *report, const struct authres_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct authres *header = &set->header[i];
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
        report_line(report, 1, "  %s", header->why);
        buffer_clear(&line);
    }
}

static json_t *result_json(const struct auth_result *result)
{
    json_t *one = json_object();

    json_object_set_new(one, "result", json_string(result->result));
    set_text(one, "domain", result->domain);
    set_text(one, "selector", result->selector);
    set_text(one, "policy", result->policy);
    set_text(one, "reason", result->reason);
    return one;
}

json_t *judge_auth_json(const struct authres_set *set)
{
    json_t *list = json_array();

    for (size_t i = 0; i < set->count; i++) {
        const struct authres *header = &set->header[i];
        if (header->arc)
            continue;
        json_t *one = json_object();
        json_t *dkim = json_array();
        set_text(one, "authserv_id", header->authserv_id);
        json_object_set_new(one, "trust", json_string(trust_name(header->trust)));
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
        json_array_append_new(list, one);
    }
    if (json_array_size(list) > 0)
        return list;
    json_decref(list);
    return NULL;
}

static void require_pass(struct report *report, const char *side, const struct authres_set *set,
                         enum auth_method method, enum fault kind, const char *from_domain)
{
    const struct auth_result *result = authres_believed(set, method, TRUST_TRUSTED, from_domain, NULL);
    struct err err;

    if (result != NULL && strcmp(result->result, "pass") == 0)
        return;
    if (result == NULL) {
        err_set(&err, kind, STAGE_NONE, "no trusted Authentication-Results header says anything of %s",
                fault_class(kind));
        err.advice = "name the receiver's id with --authserv-id; the long output lists what was found";
    } else {
        err_set(&err, kind, STAGE_NONE, "the receiver found %s=%s%s%s%s%s%s", fault_class(kind),
                result->result, *result->domain != '\0' ? " for " : "", result->domain,
                *result->reason != '\0' ? " (" : "", result->reason, *result->reason != '\0' ? ")" : "");
    }
    report_fault(report, side, STATE_CRITICAL, &err);
}

static void require_aligned(struct report *report, const char *side, const struct authres_set *set,
                            enum auth_method method, const char *from_domain)
{
    const struct auth_result *result = authres_believed(set, method, TRUST_TRUSTED, from_domain, NULL);
    const char *name = method == METHOD_SPF ? "SPF" : "DKIM";
    struct err err;

    if (result != NULL && strcmp(result->result, "pass") == 0 &&
        alignment_of(result->domain, from_domain) != ALIGNMENT_NONE)
        return;
    if (result == NULL || strcmp(result->result, "pass") != 0)
        err_set(&err, FAULT_ALIGNMENT, STAGE_NONE, "%s did not pass, so that it cannot align with %s", name,
                from_domain);
    else
        err_set(&err, FAULT_ALIGNMENT, STAGE_NONE, "%s passed for %s, which does not align with From: %s",
                name, result->domain, from_domain);
    report_fault(report, side, STATE_CRITICAL, &err);
}

void judge_requirement(struct report *report, const char *side, const struct requirement *require,
                       const struct authres_set *set, const char *from_domain)
{
    if (require->spf)
        require_pass(report, side, set, METHOD_SPF, FAULT_SPF, from_domain);
    if (require->dkim)
        require_pass(report, side, set, METHOD_DKIM, FAULT_DKIM, from_domain);
    if (require->dmarc)
        require_pass(report, side, set, METHOD_DMARC, FAULT_DMARC, from_domain);
    if (require->arc)
        require_pass(report, side, set, METHOD_ARC, FAULT_ARC, from_domain);
    if (require->spf_aligned)
        require_aligned(report, side, set, METHOD_SPF, from_domain);
    if (require->dkim_aligned)
        require_aligned(report, side, set, METHOD_DKIM, from_domain);
}
