/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "plugins/check_mail_roundtrip/judge_internal.h"

enum { SAMPLES_LEAST = 20, PROBES_SHOWN = 50 };

static const double SKEW_LEAST_S = 2; /* a date in whole seconds, and a little on the way */

/* What is told of a message that landed, and stays true until a newer one is decided. */
static const struct {
    enum fault kind;
    const char *again; /* how a later run says it */
} lasting[] = {
    {FAULT_SPAM_PLACED, "landed in the wrong folder"},
    {FAULT_ALTERED, "was altered on its way"},
    {FAULT_SPF, "did not pass SPF as required"},
    {FAULT_DKIM, "did not pass DKIM as required"},
    {FAULT_DMARC, "did not pass DMARC as required"},
    {FAULT_ARC, "did not pass ARC as required"},
    {FAULT_ALIGNMENT, "did not align as required"},
    {FAULT_DISAGREEMENT, "was judged otherwise by the receiver than by our own verification"},
    {FAULT_LOOKUP, "could not be verified, since our own lookups had no answer"},
    {FAULT_GREYLISTED, "was held back on its first delivery"},
    {FAULT_DUPLICATE, "arrived more than once"},
};

/* NULL: it says nothing of later runs. */
static const char *said_again(enum fault kind)
{
    for (size_t i = 0; i < sizeof lasting / sizeof *lasting; i++)
        if (lasting[i].kind == kind)
            return lasting[i].again;
    return NULL;
}

static double age(const struct judgement *j, double since)
{
    double seconds = j->result->past.flight.now - since;

    return seconds > 0 ? seconds : 0;
}

struct flight_view judge_view(const struct judgement *j, const struct watch *w)
{
    struct flight_view view;

    flight_view(&j->result->past.flight, w->target->label, &view);
    return view;
}

/* The message that this run has read is the newest one that is decided. */
static bool is_read(const struct watch *w, const struct past_probe *p)
{
    return w->landed != NULL && p != NULL && strcmp(w->landed->marker.text, p->marker.text) == 0;
}

bool judge_is_first(const struct judgement *j, const struct watch *w)
{
    return j->result->past.usable && judge_view(j, w).landed == 1;
}

/* ---- the submission ---- */

void judge_refusal(const struct judgement *j)
{
    struct policy policy = j->options->policy;
    struct err err = j->result->smtp_failure;
    struct flight_view view;
    char text[DURATION_TEXT_SIZE];

    flight_view(&j->result->past.flight, NULL, &view);
    if (err.kind == FAULT_GREYLISTED && j->options->deferred && view.greylisted_since > 0) {
        double waited = age(j, view.greylisted_since);
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
            duration_text(sent, age(j, p->first_try)), duration_text(patience, j->options->flight.lost_s));
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
            duration_text(sent, age(j, p->first_try)));
    report_fault(j->report, judge_side(w), STATE_CRITICAL, &err);
}

static void say_again(const struct judgement *j, const struct watch *w, const struct past_probe *p,
                      enum fault kind, enum state state)
{
    char sent[DURATION_TEXT_SIZE];
    struct err err;

    err_set(&err, kind, STAGE_NONE, "the newest probe, sent %s ago, %s",
            duration_text(sent, age(j, p->first_try)), said_again(kind));
    report_fault(j->report, judge_side(w), state, &err);
}

/* What an earlier run found wrong with it: "spam_placed=2 dmarc=2". That it lies in junk is known also where
 * the run that found it did not come to its verdict, or read a newer one. */
static void judge_again(const struct judgement *j, const struct watch *w, const struct past_probe *p)
{
    struct slice rest = slice_from(p->verdict), word;
    bool placed = !p->junk || j->options->seed_list; /* there, "placed" judges it */

    while (slice_next_word(&rest, &word)) {
        size_t at = slice_find_char(word, '=');
        enum fault kind = fault_of_class(slice_head(word, at));
        if (at + 1 >= word.len || said_again(kind) == NULL)
            continue;
        placed = placed || kind == FAULT_SPAM_PLACED;
        say_again(j, w, p, kind, (enum state)((word.data[at + 1] - '0') & 3));
    }
    if (!placed && w->target->retrieval.placement.spam != STATE_OK)
        say_again(j, w, p, FAULT_SPAM_PLACED, w->target->retrieval.placement.spam);
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
        if (is_read(w, p)) {
            judge_found(j, w);
            break;
        }
        judge_again(j, w, p);
        report_summary(j->report, "the newest probe landed%s in %.3f s, %s ago",
                       p->junk ? " in the junk folder" : "", p->total_s,
                       duration_text(ago, age(j, p->landed)));
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
    double waited = age(j, view->oldest->accepted);
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

/* Losses that newer probes have overtaken already: still, this look has found them out. */
static void judge_news(const struct judgement *j, const struct watch *w, const struct past_probe *newest)
{
    const struct flight_news *news = &j->result->past.news;
    struct err err;

    if (news->lost > 0 && (newest == NULL || newest->fate != FATE_LOST)) {
        err_set(&err, FAULT_NOT_DELIVERED, STAGE_NONE,
                "%zu earlier probe%s lost, though newer ones have landed", news->lost,
                news->lost == 1 ? " is" : "s are");
        report_fault(j->report, judge_side(w), STATE_CRITICAL, &err);
    }
    if (news->duplicates > 0 && !(is_read(w, newest) && w->copies > 1)) { /* else it is told already */
        err_set(&err, FAULT_DUPLICATE, STAGE_NONE, "%zu cop%s of probes arrived that had landed before",
                news->duplicates, news->duplicates == 1 ? "y" : "ies");
        report_fault(j->report, judge_side(w), STATE_WARNING, &err);
    }
}

void judge_flight_times(const struct judgement *j, const struct watch *w)
{
    struct flight_view view = judge_view(j, w);
    const struct past_probe *p = view.newest;

    if (!j->result->past.usable || p == NULL || p->fate != FATE_LANDED)
        return;
    if (is_read(w, p))
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
    judge_news(j, w, view.newest);
}

/* ---- the history ---- */

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
        report_metric(j->report, "in_flight_age", age(j, view.oldest->accepted), j->options->deferred);
}

static const char *state_word(const struct judgement *j, const struct past_probe *p)
{
    const struct threshold *total = threshold_find(&j->options->common.thresholds, "total");

    if (p->fate == FATE_IN_FLIGHT && total != NULL && range_alerts(&total->warning, age(j, p->accepted)))
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
                    duration_text(text, age(j, past->previous)));
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

/* ---- what is kept of the verdict ---- */

/* Whether the fault is one of the message that was read: not of the submission, nor of an older probe. */
static bool is_lasting(const struct report *report, size_t i, const struct watch *w)
{
    enum fault kind = report_fault_kind(report, i);

    return said_again(kind) != NULL && strcmp(report_fault_side(report, i), judge_side(w)) == 0 &&
           (kind != FAULT_DUPLICATE || w->copies > 1);
}

/* The gravest of each kind. */
static bool is_repeated(const struct report *report, size_t i, const struct watch *w)
{
    for (size_t k = 0; k < i; k++)
        if (report_fault_kind(report, k) == report_fault_kind(report, i) && is_lasting(report, k, w))
            return true;
    return false;
}

static void write_verdict(const struct report *report, const struct watch *w, char *out, size_t size)
{
    size_t used = 0;

    *out = '\0';
    for (size_t i = 0; i < report_fault_count(report); i++) {
        const char *word = fault_class(report_fault_kind(report, i));
        if (!is_lasting(report, i, w) || is_repeated(report, i, w) || used + strlen(word) + 4 > size)
            continue;
        used += (size_t)snprintf(out + used, size - used, "%s%s=%d", used > 0 ? " " : "", word,
                                 (int)report_fault_state(report, i));
    }
}

void remember(const struct report *report, struct result *result, const struct options *options)
{
    struct judgement j = {NULL, result, options};
    const struct watch *w = &result->watch[0];
    struct flight_view view;
    struct err ignored;

    if (!options->deferred || options->seed_list || !result->past.usable)
        return;
    view = judge_view(&j, w);
    if (view.newest == NULL || view.newest->fate != FATE_LANDED || !is_read(w, view.newest))
        return;
    struct past_probe judged = *view.newest;
    write_verdict(report, w, judged.verdict, sizeof judged.verdict);
    if (*judged.verdict == '\0')
        return;
    /* a failure is no loss: the message itself is recorded, only its verdict is not repeated */
    history_settle(result->past.history, &judged, 1, NULL, 0, &ignored);
}
