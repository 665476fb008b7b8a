/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_mail_roundtrip/judge_internal.h"

enum { SAMPLES_LEAST = 20, PROBES_SHOWN = 50 };

static const double SKEW_LEAST_S = 2; /* a date in whole seconds, and a little on the way */

static void judge_figures(const struct judgement *j)
{
    const struct history_figures *f = &j->result->past.figures;
    struct flight_view view;
    char window[DURATION_TEXT_SIZE];

    duration_text(window, j->options->window_s);
    flight_view(&j->result->past.flight, NULL, &view);
    if (f->decided >= SAMPLES_LEAST)
        report_metric(j->report, "loss", f->loss_percent, true);
    if (f->landed >= SAMPLES_LEAST) {
        report_metric(j->report, "p50", f->p50, true);
        report_metric(j->report, "p95", f->p95, true);
        report_metric(j->report, "p99", f->p99, true);
        if (view.newest != NULL && view.newest->fate == FATE_LANDED && f->p50 > 0)
            report_metric(j->report, "baseline", view.newest->total_s / f->p50, true);
    }
    if (f->decided < SAMPLES_LEAST)
        report_line(j->report, 0,
                    "history: %zu decided in %s: too few for loss and percentiles, which want %d", f->decided,
                    window, SAMPLES_LEAST);
    else
        report_line(j->report, 0,
                    "history: of %zu decided in %s %zu lost (%.1f %%); p50 %.3f p95 %.3f p99 %.3f s",
                    f->decided, window, f->lost, f->loss_percent, f->p50, f->p95, f->p99);
}

static void judge_in_flight(const struct judgement *j)
{
    struct flight_view view;

    flight_view(&j->result->past.flight, NULL, &view);
    report_metric(j->report, "in_flight", (double)view.in_flight, j->options->deferred);
    if (view.oldest != NULL)
        report_metric(j->report, "in_flight_age", judge_age(j, view.oldest->accepted), j->options->deferred);
}

static const char *state_word(const struct judgement *j, const struct past_probe *p)
{
    const struct threshold *total = threshold_find(&j->options->common.thresholds, "total");

    if (p->fate == FATE_IN_FLIGHT && total != NULL &&
        range_alerts(&total->warning, judge_age(j, p->accepted)))
        return "late";
    return fate_name(p->fate);
}

static void tell_probes(const struct judgement *j)
{
    const struct past_list *list = &j->result->past.flight.list;
    json_t *all = json_array();

    for (size_t i = 0; i < list->count && i < PROBES_SHOWN; i++) {
        const struct past_probe *p = &list->probe[i];
        json_t *one = json_pack("{s:s s:I s:s}", "marker", p->marker.text, "sent", (json_int_t)p->first_try,
                                "state", state_word(j, p));
        if (*p->label != '\0')
            json_object_set_new(one, "mailbox", json_string(p->label));
        if (p->total_s >= 0)
            json_object_set_new(one, "total", json_real(p->total_s));
        json_array_append_new(all, one);
    }
    report_json(j->report, "probes", all);
}

static void tell_news(const struct judgement *j)
{
    const struct past *past = &j->result->past;
    struct report *r = j->report;
    char text[DURATION_TEXT_SIZE];

    if (past->gap)
        report_line(r, 0, "no run for %s: what was under way then has no verdict unless it is found",
                    duration_text(text, judge_age(j, past->previous)));
    /* a service that runs more rarely than --lost would never see a loss: that is for line 1 */
    if (past->given_up > past->news.found)
        report_flag(r, "%zu probe%s without verdict: no run for longer than --lost",
                    past->given_up - past->news.found, past->given_up - past->news.found == 1 ? "" : "s");
    if (past->busy)
        report_line(r, 0, "another run of this service was submitting: this one only looked");
    if (past->news.late > 0)
        report_line(r, 0, "arrived after having been given up, and counted now: %zu", past->news.late);
    if (past->news.foreign > 0)
        report_line(r, 0, "probes of this service that another node sent: %zu", past->news.foreign);
    if (past->news.skew_s >= SKEW_LEAST_S)
        report_line(r, 0,
                    "clocks differ: the mailbox's is %.0f s behind ours, so that a delivery seems instant",
                    past->news.skew_s);
}

/* Only what cannot do without it fails. */
static void judge_unusable(const struct judgement *j)
{
    struct err err = j->result->past.failure;

    if (j->options->deferred || j->options->history_needed)
        report_fault(j->report, "", STATE_UNKNOWN, &err);
    else
        report_line(j->report, 0, "no history is kept: %s", err.text);
}

void judge_past(const struct judgement *j)
{
    if (!j->result->past.usable) {
        judge_unusable(j);
        return;
    }
    if (j->result->past.figures_known)
        judge_figures(j);
    judge_in_flight(j);
    tell_news(j);
    tell_probes(j);
}
