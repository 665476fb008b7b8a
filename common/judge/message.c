/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/judge/message.h"

#include <stdio.h>
#include <string.h>

enum state judge_folder(const struct placement_policy *policy, const struct mailbox *mailbox, size_t folder)
{
    if (folder < policy->folder_count)
        return policy->folder[folder];
    return mailbox_folder(mailbox, folder)->role == FOLDER_JUNK ? policy->spam : STATE_OK;
}

void judge_placement(struct report *report, const struct placement_policy *policy, const char *side,
                     const struct mailbox *mailbox, const struct finding *finding)
{
    const struct folder *folder = mailbox_folder(mailbox, finding->folder);
    enum state state = judge_folder(policy, mailbox, finding->folder);
    struct err err;

    if (finding->folder < policy->folder_count) {
        err_set(&err, FAULT_SPAM_PLACED, STAGE_NONE, "the message lies in the folder %s", folder->name);
        err.advice = "find the rule or filter that files it there";
        if (state != STATE_OK)
            report_fault(report, side, state, &err);
    } else if (folder->role == FOLDER_JUNK) {
        err_set(&err, FAULT_SPAM_PLACED, STAGE_NONE, "the message landed in the junk folder %s",
                folder->name);
        report_fault(report, side, state, &err);
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

void judge_hops_bars(struct report *report, const struct hops *hops, double begin_s)
{
    for (size_t i = 0; i < hops->count; i++) {
        const struct hop *hop = &hops->hop[i];
        double seconds = hop->delay_s > 0 ? hop->delay_s : 0;
        char name[200];
        if (!hop->delayed)
            continue;
        snprintf(name, sizeof name, "hop %zu %s", i + 1, hop->by);
        report_bar(report, name, begin_s, seconds, true);
        begin_s += seconds;
    }
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
