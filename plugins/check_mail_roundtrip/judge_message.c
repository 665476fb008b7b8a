/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "common/judge/trace.h"
#include "plugins/check_mail_roundtrip/judge_internal.h"

static const double SLOW_HOP_SHARE = 0.5; /* of the whole way: then it is that hop that waited */
static const double SLOW_HOP_LEAST_S = 5;

static void judge_content(const struct judgement *j, const struct watch *w)
{
    struct err err;

    if (w->copies > 1) {
        err_set(&err, FAULT_DUPLICATE, STAGE_NONE, "the message arrived %zu times", w->copies);
        report_fault(j->report, judge_side(w), STATE_WARNING, &err);
    }
    if (w->body_read && w->intact == 0) {
        err_set(&err, FAULT_ALTERED, STAGE_NONE, "the message was altered on its way: %s", w->altered_how);
        report_fault(j->report, judge_side(w), STATE_CRITICAL, &err);
    }
    if (w->marker_stripped)
        report_flag(j->report, "the X-Mailproof-Marker header was removed on the way");
}

/* That made most of it wait; "" where none stands out. */
static void slow_hop(const struct watch *w, double total_s, char *out, size_t size)
{
    struct hops hops;

    received_hops(&hops, buffer_slice(&w->landed->headers));
    const struct hop *slow = received_slowest(&hops);
    *out = '\0';
    if (slow == NULL || slow->delay_s < SLOW_HOP_LEAST_S || slow->delay_s < SLOW_HOP_SHARE * total_s)
        return;
    snprintf(out, size, "it waited %.0f s before %s took it%s%s", slow->delay_s,
             *slow->by != '\0' ? slow->by : "the next host", *slow->from != '\0' ? " from " : "", slow->from);
}

/* That a receiver lets the first message of a sender wait is no fault of the way, as long as it has an end.
 */
void judge_total(const struct judgement *j, const struct watch *w, double total_s)
{
    const struct threshold *limits = threshold_find(&j->options->common.thresholds, "total");
    bool late = limits != NULL &&
                (range_alerts(&limits->warning, total_s) || range_alerts(&limits->critical, total_s));
    char hop[300];
    struct err err;

    slow_hop(w, total_s, hop, sizeof hop);
    if (!late || *hop == '\0' || total_s > j->options->greylist_grace_s || !judge_is_first(j, w)) {
        report_metric(j->report, "total", total_s, true);
        if (*hop != '\0')
            report_line(j->report, 0, "slow: %s", hop);
        return;
    }
    report_value(j->report, "total", total_s, true);
    err_set(&err, FAULT_GREYLISTED, STAGE_NONE, "the first delivery took %.0f s: %s", total_s, hop);
    judge_fault(j->report, &j->options->policy, judge_side(w), &err);
}

/* What an earlier run sent is no part of this run's trace. */
static void trace_way(const struct judgement *j, const struct watch *w, const struct hops *hops)
{
    if (j->result->sending == SENDING_SENT && strcmp(w->landed->marker.text, j->result->marker.text) == 0)
        judge_trace_delivery(j->report, j->result->submission.ended_at, w->landed->noticed, hops,
                             w->target->label);
}

void judge_found(const struct judgement *j, const struct watch *w)
{
    const struct folder *folder = mailbox_folder(w->mailbox, w->landed->folder);
    const struct options *o = j->options;
    struct slice header = buffer_slice(&w->landed->headers);
    struct authentication authentication;
    struct hops hops;
    char verdicts[600];

    received_hops(&hops, header);
    trace_way(j, w, &hops);
    authentication_collect(&authentication, &o->authentication, header, w->verification);
    if (!o->seed_list) /* there, "placed" judges it */
        judge_placement(j->report, &w->target->retrieval.placement, judge_side(w), w->mailbox, w->landed);
    judge_content(j, w);
    judge_auth_summary(&authentication, verdicts, sizeof verdicts);
    report_summary(j->report, "landed in %s in %.3f s%s%s", folder->name, w->total_s,
                   *verdicts != '\0' ? "; " : "", verdicts);
    judge_hops_lines(j->report, &hops);
    judge_authentication(j->report, judge_side(w), &authentication, &o->authentication.policy, false);
    report_json(j->report, "message", judge_message_json(w->mailbox, w->landed, &hops));
}

void judge_waited(const struct judgement *j, const struct watch *w)
{
    const struct threshold *total = threshold_find(&j->options->common.thresholds, "total");
    bool lost = total != NULL && range_alerts(&total->critical, w->total_s);
    char reply[160];
    struct err err;

    reply_format(&j->result->submission.final_reply, reply, sizeof reply);
    err_set(&err, lost ? FAULT_NOT_DELIVERED : FAULT_LATE, STAGE_NONE,
            "%s after %.1f s: accepted by %s with %s", lost ? "not delivered" : "not yet delivered",
            w->total_s, j->result->submission.host, reply);
    judge_fault(j->report, &j->options->policy, judge_side(w), &err);
}
