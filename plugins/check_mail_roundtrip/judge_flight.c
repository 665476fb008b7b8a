/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "plugins/check_mail_roundtrip/judge_internal.h"

/* ---- the submission ---- */

void judge_refusal(const struct judgement *j)
{
    struct policy policy = j->options->policy;
    struct err err = j->result->smtp_failure;
    struct flight_view view;
    char text[DURATION_TEXT_SIZE];

    flight_view(&j->result->past.flight, NULL, &view);
    if (err.kind == FAULT_GREYLISTED && j->options->deferred && view.greylisted_since > 0) {
        double waited = judge_age(j, view.greylisted_since);
        err_add(&err, " (put off for %s)", duration_text(text, waited));
        if (waited > j->options->greylist_grace_s && policy.greylist != STATE_OK)
            policy.greylist = STATE_CRITICAL;
    }
    judge_fault(j->report, &policy, "smtp", &err);
}

/* ---- the newest that is decided ---- */

static void judge_lost(const struct judgement *j, const struct watch *w, const struct past_probe *p)
{
    struct err err;
    char sent[DURATION_TEXT_SIZE], patience[DURATION_TEXT_SIZE];

    err_set(&err, FAULT_NOT_DELIVERED, STAGE_NONE, "the probe sent %s ago is lost: not there after %s",
            duration_text(sent, judge_age(j, p->first_try)),
            duration_text(patience, j->options->flight.lost_s));
    report_fault(j->report, judge_side(w), STATE_CRITICAL, &err);
}

static void judge_bounced(const struct judgement *j, const struct watch *w, const struct past_probe *p)
{
    struct err err;
    char sent[DURATION_TEXT_SIZE];

    for (size_t i = 0; w->opened && i < mailbox_finding_count(w->mailbox); i++) {
        const struct finding *f = mailbox_finding(w->mailbox, i);
        if (f->kind == MESSAGE_BOUNCE && strcmp(f->marker.text, p->marker.text) == 0) {
            judge_bounce(j->report, judge_side(w), f);
            return;
        }
    }
    err_set(&err, FAULT_BOUNCED, STAGE_NONE, "the probe sent %s ago bounced",
            duration_text(sent, judge_age(j, p->first_try)));
    report_fault(j->report, judge_side(w), STATE_CRITICAL, &err);
}

static void judge_newest(const struct judgement *j, const struct watch *w, const struct past_probe *p)
{
    char ago[DURATION_TEXT_SIZE];

    switch (p->fate) {
    case FATE_LOST:
        judge_lost(j, w, p);
        break;
    case FATE_BOUNCED:
        judge_bounced(j, w, p);
        break;
    case FATE_LANDED:
        if (judge_is_read(w, p)) {
            judge_found(j, w);
            break;
        }
        judge_again(j, w, p);
        report_summary(j->report, "the newest probe landed%s in %.3f s, %s ago",
                       p->junk ? " in the junk folder" : "", p->total_s,
                       duration_text(ago, judge_age(j, p->landed)));
        break;
    case FATE_SENDING:
    case FATE_DEFERRED:
    case FATE_IN_FLIGHT:
    case FATE_UNKNOWN:
    case FATE_FAILED:
        break;
    }
}

/* ---- what is under way ---- */

static void judge_oldest(const struct judgement *j, const struct watch *w, const struct flight_view *view)
{
    const struct threshold *total = threshold_find(&j->options->common.thresholds, "total");
    double waited = judge_age(j, view->oldest->accepted);
    bool critical = total != NULL && range_alerts(&total->critical, waited);
    bool warning = total != NULL && range_alerts(&total->warning, waited);
    struct err err;
    char text[DURATION_TEXT_SIZE];

    duration_text(text, waited);
    if (critical && view->landed == 0 && waited <= j->options->greylist_grace_s)
        err_set(&err, FAULT_GREYLISTED, STAGE_NONE,
                "the first probe has not arrived after %s: the receiver may greylist it", text);
    else if (critical || warning)
        err_set(&err, critical ? FAULT_NOT_DELIVERED : FAULT_LATE, STAGE_NONE,
                "a probe that was accepted %s ago has not arrived%s", text, critical ? "" : " yet");
    else
        return;
    judge_fault(j->report, &j->options->policy, judge_side(w), &err);
}

/* What newer probes have overtaken already. */
static void judge_older(const struct judgement *j, const struct watch *w, const struct flight_view *view)
{
    const struct past_probe *newest = view->newest;
    struct err err;

    if (view->lost > 0 && newest->fate != FATE_LOST) {
        err_set(&err, FAULT_NOT_DELIVERED, STAGE_NONE,
                "%zu earlier probe%s lost, though newer ones have landed", view->lost,
                view->lost == 1 ? " is" : "s are");
        report_fault(j->report, judge_side(w), STATE_CRITICAL, &err);
    }
    if (view->bounced != NULL && newest->fate != FATE_BOUNCED)
        judge_bounced(j, w, view->bounced);
    if (view->misplaced != NULL && !newest->junk)
        judge_junk_again(j, w, view->misplaced);
    if (view->repeated != NULL && newest->copies < 2)
        judge_copies_again(j, w, view->repeated);
}

void judge_flight_times(const struct judgement *j, const struct watch *w)
{
    struct flight_view view = judge_view(j, w);
    const struct past_probe *p = view.newest;

    if (!j->result->past.usable || p == NULL || p->fate != FATE_LANDED)
        return;
    if (judge_is_read(w, p))
        judge_total(j, w, p->total_s);
    else if (strstr(p->verdict, fault_class(FAULT_GREYLISTED)) != NULL)
        report_value(j->report, "total", p->total_s, true);
    else
        report_metric(j->report, "total", p->total_s, true);
    if (p->delivery_s >= 0)
        report_metric(j->report, "delivery", p->delivery_s, true);
}

void judge_flight(const struct judgement *j, const struct watch *w)
{
    struct flight_view view = judge_view(j, w);

    if (!j->result->past.usable)
        return;
    if (view.newest != NULL)
        judge_newest(j, w, view.newest);
    else
        report_summary(j->report, "%s: nothing to judge yet, %zu in flight",
                       j->result->past.previous == 0 ? "first run" : "no probe is decided", view.in_flight);
    if (view.oldest != NULL)
        judge_oldest(j, w, &view);
    judge_older(j, w, &view);
}
