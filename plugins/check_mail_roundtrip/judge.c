/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/base/clock.h"
#include "plugins/check_mail_roundtrip/judge_internal.h"

/* ---- connections ---- */

static void judge_connections(const struct judgement *j)
{
    const struct result *result = j->result;
    const struct options *o = j->options;
    struct connection_facts facts[2];
    const struct connection_facts *sides[2];
    size_t count = 0;

    if (result->submission.tries > 0) {
        facts[count] = judge_submission_facts(&result->submission, o->submission.endpoint);
        sides[count] = &facts[count];
        judge_steps(j->report, &o->policy, sides[count++], "smtp_", &result->smtp_failure);
    }
    if (!o->seed_list && result->watch[0].mailbox != NULL) {
        const struct watch *w = &result->watch[0];
        facts[count] = judge_mailbox_facts(w->mailbox, &w->target->endpoint);
        sides[count] = &facts[count];
        judge_steps(j->report, &o->policy, sides[count++], "imap_", &w->failure);
    }
    judge_certificates(j->report, sides, count);
    for (size_t i = 0; i < count; i++) {
        judge_flags(j->report, sides[i]);
        judge_timeline_lines(j->report, sides[i]);
    }
}

/* What line 1 shows first. */
static void judge_times(const struct judgement *j, const struct watch *w)
{
    double seconds;

    if (!j->options->seed_list && !j->options->deferred && w->landed != NULL) {
        judge_total(j, w, w->total_s);
        report_metric(j->report, "delivery", w->delivery_s > 0 ? w->delivery_s : 0, true);
    }
    if (submission_submit_seconds(&j->result->submission, &seconds))
        report_metric(j->report, "submit", seconds, true);
    if (!j->options->seed_list && w->mailbox != NULL && mailbox_retrieve_seconds(w->mailbox, &seconds))
        report_metric(j->report, "retrieve", seconds, true);
}

static void judge_submission(const struct judgement *j)
{
    if (j->result->smtp_failure.kind != FAULT_NONE)
        judge_refusal(j);
    judge_mx(j->report, &j->options->policy, &j->result->submission);
    switch (j->result->sending) {
    case SENDING_NOT_SENT:
        report_line(j->report, 0, "nothing was sent");
        break;
    case SENDING_TESTED:
        report_line(j->report, 0,
                    "nothing was sent, since it could not be recorded; up to RCPT all went well");
        break;
    case SENDING_UNCERTAIN:
        report_line(j->report, 0, "the message may arrive nevertheless");
        break;
    case SENDING_NOT_DUE:
    case SENDING_SENT:
        break;
    }
}

/* ---- one mailbox ---- */

/* What lies between the two connections. */
static void draw_way(const struct judgement *j, const struct watch *w)
{
    double begin_s = clock_seconds(j->result->submission.ended_at);
    struct hops hops;

    report_bar(j->report, "delivery", begin_s, w->delivery_s, false);
    received_hops(&hops, buffer_slice(&w->landed->headers));
    judge_hops_bars(j->report, &hops, begin_s);
}

static void judge_one(const struct judgement *j, const struct watch *w)
{
    if (w->landed != NULL) {
        judge_found(j, w);
        draw_way(j, w);
    } else if (w->bounce != NULL) {
        judge_bounce(j->report, judge_side(w), w->bounce);
    } else if (j->result->sending == SENDING_SENT && w->failure.kind == FAULT_NONE) {
        judge_waited(j, w);
    }
}

static void judge_tidiness(const struct judgement *j)
{
    struct quota fullest = {.known = false};
    size_t removed = 0;

    for (size_t i = 0; i < j->result->watch_count; i++) {
        const struct watch *w = &j->result->watch[i];
        report_part(j->report, w->target->label);
        judge_cleaning_fault(j->report, &j->options->policy, judge_side(w), &w->cleaned, &w->cleaning);
        removed += w->cleaned.removed;
        if (w->cleaned.quota.known && w->cleaned.quota.used_percent >= fullest.used_percent)
            fullest = w->cleaned.quota;
    }
    report_part(j->report, NULL);
    judge_quota(j->report, &fullest);
    if (removed > 0)
        report_line(j->report, 0, "messages of ours removed: %zu", removed);
}

void judge(struct report *report, const struct result *result, const struct options *options)
{
    const struct judgement j = {report, result, options};
    const struct watch *w = &result->watch[0];

    if (options->deferred && !options->seed_list)
        judge_flight_times(&j, w);
    judge_times(&j, w);
    judge_connections(&j);
    judge_submission(&j);
    if (!options->seed_list && w->failure.kind != FAULT_NONE)
        judge_fault(report, &options->policy, judge_side(w), &w->failure);
    if (options->seed_list)
        judge_mailboxes(&j);
    else if (options->deferred)
        judge_flight(&j, w);
    else
        judge_one(&j, w);
    judge_past(&j);
    if (result->sending != SENDING_NOT_SENT && result->sending != SENDING_NOT_DUE)
        report_line(report, 0, "marker %s, Message-ID %s", result->marker.text, result->composed.message_id);
    judge_tidiness(&j);
}
