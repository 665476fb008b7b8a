/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/history/flight.h"

#include <stdlib.h>
#include <string.h>

static const double CLOCK_STEP_S = 60; /* that a clock may be corrected by without being called set back */
static const double TOLD_MOST_S = 240; /* three checks, a minute or two apart */
static const double DATE_GRAIN_S = 1;  /* INTERNALDATE has whole seconds (RFC 3501 section 2.3.3) */

void flight_clear(struct flight *f)
{
    past_list_clear(&f->list);
}

static bool is_undecided(enum fate fate)
{
    return fate == FATE_SENDING || fate == FATE_DEFERRED || fate == FATE_IN_FLIGHT;
}

static bool is_given_up(enum fate fate)
{
    return fate == FATE_LOST || fate == FATE_UNKNOWN;
}

/* What still may land or bounce (history_settle). */
static bool is_open(enum fate fate)
{
    return is_undecided(fate) || is_given_up(fate);
}

static void decide(struct flight *f, size_t i, enum fate fate)
{
    f->list.probe[i].fate = fate;
    f->list.probe[i].decided = f->now;
    f->changed[i] = true;
}

/* ---- before the submission ---- */

bool flight_gap(const struct flight *f, double previous)
{
    return previous > 0 && (f->now - previous > f->policy.lost_s || f->now < previous - CLOCK_STEP_S);
}

size_t flight_give_up(struct flight *f)
{
    size_t count = 0;

    for (size_t i = 0; i < f->list.count; i++) {
        enum fate fate = f->list.probe[i].fate;
        if (!is_undecided(fate))
            continue;
        decide(f, i, fate == FATE_DEFERRED ? FATE_FAILED : FATE_UNKNOWN);
        count += fate != FATE_DEFERRED;
    }
    return count;
}

static bool is_recent(const struct flight *f, double since, double seconds)
{
    return f->now >= since - CLOCK_STEP_S && f->now - since < seconds;
}

/* The last one that was accepted is the last one in the list, whatever clocks say; one from the future tells
 * that the clock was set back since. */
enum flight_plan flight_plan(const struct flight *f, size_t *retry)
{
    for (size_t i = 0; i < f->list.count; i++) {
        const struct past_probe *p = &f->list.probe[i];
        if (p->route != f->route)
            continue;
        if (p->fate == FATE_DEFERRED && is_recent(f, p->first_try, f->policy.lost_s)) {
            *retry = i;
            return FLIGHT_RETRY;
        }
        if (p->accepted > 0)
            return is_recent(f, p->accepted, f->policy.submit_every_s) ? FLIGHT_LOOK : FLIGHT_SUBMIT;
    }
    return FLIGHT_SUBMIT;
}

bool flight_add(struct flight *f, const struct past_probe *probe)
{
    struct past_list *list = &f->list;
    size_t kept = list->count < FLIGHT_MAX ? list->count : FLIGHT_MAX - 1;
    struct past_probe *grown = realloc(list->probe, (kept + 1) * sizeof *grown);

    if (grown == NULL)
        return false;
    memmove(grown + 1, grown, kept * sizeof *grown);
    memmove(f->changed + 1, f->changed, kept * sizeof *f->changed);
    grown[0] = *probe;
    f->changed[0] = true;
    list->probe = grown;
    list->count = kept + 1;
    return true;
}

static size_t position(const struct flight *f, const struct marker *marker, const char *label)
{
    size_t i = 0;

    while (i < f->list.count && (strcmp(f->list.probe[i].marker.text, marker->text) != 0 ||
                                 strcmp(f->list.probe[i].label, label) != 0))
        i++;
    return i;
}

const struct past_probe *flight_find(const struct flight *f, const struct marker *marker, const char *label)
{
    size_t i = position(f, marker, label);

    return i < f->list.count ? &f->list.probe[i] : NULL;
}

struct past_probe *flight_touch(struct flight *f, const struct marker *marker, const char *label)
{
    size_t i = position(f, marker, label);

    if (i == f->list.count)
        return NULL;
    f->changed[i] = true;
    return &f->list.probe[i];
}

/* ---- what a look has found ---- */

/* Clocks differ, and may be set while a message is under way: it took no less than nothing, and no longer
 * than until it was seen. */
static double bounded(double seconds, double most)
{
    return seconds < 0 ? 0 : most >= 0 && seconds > most ? most : seconds;
}

static void land(struct past_probe *p, const struct sighting *s, struct flight_news *news)
{
    double start = p->accepted > 0 ? p->accepted : p->began;
    double took = bounded((s->date > 0 ? s->date : s->seen) - start, s->seen - start);

    p->landed = s->date > 0 ? s->date : s->seen;
    p->junk = s->junk;
    p->size = s->size;
    p->copies = 1;
    p->delivery_s = p->accepted > 0 ? took : -1;
    p->total_s = took + (p->accepted > 0 && p->accepted > p->began ? p->accepted - p->began : 0);
    if (s->date > 0 && start - s->date - DATE_GRAIN_S > news->skew_s)
        news->skew_s = start - s->date - DATE_GRAIN_S;
}

/* landed: by probe, whether this look saw it land. A copy seen again is no second one, unless it has just
 * arrived; but each of those seen in one look counts. */
static void take(struct flight *f, const struct look *look, const struct sighting *s,
                 struct flight_news *news, bool landed[FLIGHT_MAX])
{
    size_t i = position(f, &s->marker, look->label);

    if (i == f->list.count) {
        news->foreign += !s->bounce;
        return;
    }
    struct past_probe *p = &f->list.probe[i];
    if (s->bounce) {
        if (is_open(p->fate))
            decide(f, i, FATE_BOUNCED);
    } else if (p->fate == FATE_LANDED && (s->fresh || landed[i])) {
        p->copies++;
        decide(f, i, FATE_LANDED);
    } else if (is_open(p->fate)) {
        news->late += is_given_up(p->fate) && p->decided != f->began;
        news->found += is_given_up(p->fate) && p->decided == f->began;
        land(p, s, news);
        decide(f, i, FATE_LANDED);
        landed[i] = true;
    }
}

/* ---- what it has not found ---- */

/* The fate of what is undecided and was not found. */
static enum fate verdict(const struct flight *f, const struct past_probe *p, const struct look *look)
{
    double sent = p->accepted > 0 ? p->accepted : p->fate == FATE_SENDING ? p->began : p->first_try;
    bool overdue = look->began - sent >= f->policy.lost_s;

    if (!overdue)
        return p->fate;
    if (p->fate == FATE_DEFERRED)
        return FATE_FAILED;
    if (p->route != f->route || p->fate == FATE_SENDING)
        return FATE_UNKNOWN;
    return look->complete ? FATE_LOST : p->fate;
}

void flight_settle(struct flight *f, const struct look *look, struct flight_news *news)
{
    bool landed[FLIGHT_MAX] = {false};

    /* oldest first: of copies in one look the first one counts */
    for (size_t k = look->count; k-- > 0;)
        take(f, look, &look->sighting[k], news, landed);
    for (size_t i = 0; i < f->list.count; i++) {
        const struct past_probe *p = &f->list.probe[i];
        if (!is_undecided(p->fate) || strcmp(p->label, look->label) != 0)
            continue;
        enum fate fate = verdict(f, p, look);
        if (fate == p->fate)
            continue;
        decide(f, i, fate);
    }
}

/* ---- what counts ---- */

static bool is_verdict(enum fate fate)
{
    return fate == FATE_LANDED || fate == FATE_LOST || fate == FATE_BOUNCED;
}

/* Found out by this run, or so lately that a host may not have told anyone yet. */
static bool is_news(const struct flight *f, const struct past_probe *p)
{
    double run_s = f->now - f->began;
    double told_s = f->policy.submit_every_s < TOLD_MOST_S ? f->policy.submit_every_s : TOLD_MOST_S;

    return is_recent(f, p->decided, run_s > told_s ? run_s : told_s);
}

static void note_overtaken(const struct past_probe *p, struct flight_view *view)
{
    view->lost += p->fate == FATE_LOST;
    if (p->fate == FATE_BOUNCED && view->bounced == NULL)
        view->bounced = p;
    if (p->fate == FATE_LANDED && p->junk && view->misplaced == NULL)
        view->misplaced = p;
    if (p->fate == FATE_LANDED && p->copies > 1 && view->repeated == NULL)
        view->repeated = p;
}

void flight_view(const struct flight *f, const char *label, struct flight_view *view)
{
    bool taken = false;

    *view = (struct flight_view){.in_flight = 0};
    for (size_t i = 0; i < f->list.count; i++) {
        const struct past_probe *p = &f->list.probe[i];
        if (p->route != f->route || (label != NULL && strcmp(p->label, label) != 0))
            continue;
        if (p->fate == FATE_IN_FLIGHT) {
            view->in_flight++;
            if (view->oldest == NULL || p->accepted < view->oldest->accepted)
                view->oldest = p;
        }
        if (view->newest == NULL && is_verdict(p->fate))
            view->newest = p;
        else if (is_news(f, p))
            note_overtaken(p, view);
        view->landed += p->fate == FATE_LANDED;
        taken = taken || p->accepted > 0;
        if (!taken && strcmp(p->verdict, FLIGHT_GREYLISTED) == 0)
            view->greylisted_since = p->first_try;
    }
}

double flight_horizon(const struct flight *f)
{
    double oldest = 0;

    for (size_t i = 0; i < f->list.count; i++) {
        const struct past_probe *p = &f->list.probe[i];
        bool may_come = p->fate == FATE_SENDING || p->fate == FATE_IN_FLIGHT || is_given_up(p->fate);
        if (may_come && p->route == f->route && (oldest == 0 || p->first_try < oldest))
            oldest = p->first_try;
    }
    return oldest;
}
