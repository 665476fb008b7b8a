/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "plugins/check_mail_roundtrip/probe_internal.h"

/* So far back a decided probe is kept in view: it may still arrive, or arrive once more. */
static const double MEMORY_S = 2 * 86400;

/* Of a run's time, what other runs that hold the database may cost: the mail is looked at in any case. */
static const double STATE_SHARE = 0.4;

/* ---- the database ---- */

static bool open_history(struct course *c)
{
    struct past *past = &c->result->past;

    return past->history != NULL ||
           history_open_within(&past->history, c->options->common.state_dir, c->options->key,
                               deadline_left(c->deadline) * STATE_SHARE, &past->failure);
}

static void close_history(struct course *c)
{
    history_close(&c->result->past.history);
}

static bool load(struct course *c)
{
    struct past *past = &c->result->past;

    flight_clear(&past->flight);
    memset(past->flight.changed, 0, sizeof past->flight.changed);
    return history_load(past->history, past->flight.now - MEMORY_S, FLIGHT_MAX, &past->flight.list,
                        &past->failure);
}

/* Once more, where another run may have changed anything meanwhile. */
static bool load_news(struct course *c)
{
    return history_is_current(c->result->past.history) || load(c);
}

static bool load_places(struct course *c)
{
    size_t room = c->options->target_count * FOLDERS_MAX;

    c->place = calloc(room, sizeof *c->place);
    return c->place == NULL ? err_set(&c->result->past.failure, FAULT_INTERNAL, STAGE_NONE, "out of memory")
                            : history_places(c->result->past.history, c->options->route, c->place, room,
                                             &c->place_count, &c->result->past.failure);
}

void past_begin(struct course *c)
{
    struct past *past = &c->result->past;

    past->flight.began = past->flight.now = clock_wall();
    past->flight.route = c->options->route;
    past->flight.policy = c->options->flight;
    past->usable = open_history(c) &&
                   history_begin_run(past->history, past->flight.now, c->options->common.service,
                                     &past->previous, &past->failure) &&
                   load(c) && load_places(c);
    if (!past->usable) {
        close_history(c);
        return;
    }
    past->failure = ERR_NONE;
    past->gap = flight_gap(&past->flight, past->previous);
    if (past->gap)
        past->given_up = flight_give_up(&past->flight);
}

void past_clear(struct course *c)
{
    free(c->place);
}

/* ---- the submission ---- */

static void fail(struct course *c)
{
    c->result->past.usable = false;
    close_history(c);
}

void past_plan(struct course *c)
{
    struct past *past = &c->result->past;
    bool mine = false;

    c->plan = flight_plan(&past->flight, &c->retry);
    if (c->plan == FLIGHT_LOOK)
        return;
    if (!history_claim(past->history, &mine, &past->failure)) {
        fail(c);
    } else if (!mine) {
        past->busy = true;
        c->plan = FLIGHT_LOOK;
    } else if (!load_news(c)) { /* a run that had the claim before us may have submitted meanwhile */
        fail(c);
    } else {
        if (past->gap)
            flight_give_up(&past->flight);
        c->plan = flight_plan(&past->flight, &c->retry);
    }
}

/* Stores what has changed. */
static bool store(struct course *c, const struct past_place *places, size_t place_count)
{
    struct past *past = &c->result->past;
    struct past_list *list = &past->flight.list;
    struct past_probe *changed = malloc((list->count + 1) * sizeof *changed);
    size_t count = 0;

    if (changed == NULL)
        return err_set(&past->failure, FAULT_INTERNAL, STAGE_NONE, "out of memory");
    for (size_t i = 0; i < list->count; i++)
        if (past->flight.changed[i])
            changed[count++] = list->probe[i];
    bool ok = history_settle(past->history, changed, count, places, place_count, &past->failure);
    free(changed);
    if (ok)
        memset(past->flight.changed, 0, sizeof past->flight.changed);
    return ok;
}

static bool record(struct course *c)
{
    struct past *past = &c->result->past;
    struct past_probe row[TARGETS_MAX];
    double now = clock_wall();
    size_t count = c->result->watch_count;

    for (size_t i = 0; i < count; i++) {
        const char *label = c->result->watch[i].target->label;
        const struct past_probe *known = flight_find(&past->flight, &c->result->marker, label);
        row[i] = known != NULL ? *known
                               : (struct past_probe){.marker = c->result->marker,
                                                     .route = c->options->route,
                                                     .first_try = now,
                                                     .delivery_s = -1,
                                                     .total_s = -1};
        slice_copy(row[i].label, sizeof row[i].label, slice_from(label));
        row[i].fate = FATE_SENDING;
        row[i].began = now;
        row[i].tries++;
        if (known == NULL && !flight_add(&past->flight, &row[i]))
            return err_set(&past->failure, FAULT_INTERNAL, STAGE_NONE, "out of memory");
        if (known != NULL)
            *flight_touch(&past->flight, &c->result->marker, label) = row[i];
    }
    return history_record(past->history, row, count, &past->failure);
}

bool past_record(struct course *c)
{
    if (!record(c))
        fail(c);
    return c->result->past.usable;
}

static const struct err *refusal_of(const struct course *c, size_t i)
{
    const struct submission *s = &c->result->submission;
    const struct submission_request *request = &c->options->submission;

    for (size_t k = 0; c->options->seed_list && k < s->refused_count; k++)
        if (s->refused[k].address == request->recipients[i])
            return &s->refused[k].err;
    return NULL;
}

/* A probe that was put off is offered again by the next runs, also where the relay could not be reached in
 * between. */
static void note_refusal(struct past_probe *p, const struct err *err, bool again)
{
    bool put_off = err->code / 100 == 4, retried = p->tries > 1;

    p->fate = again && (put_off || (retried && err->code / 100 != 5)) ? FATE_DEFERRED : FATE_FAILED;
    if (err->kind == FAULT_GREYLISTED)
        slice_copy(p->verdict, sizeof p->verdict, SLICE(FLIGHT_GREYLISTED));
    else if (put_off || !retried)
        p->verdict[0] = '\0';
}

void past_note_submission(struct course *c)
{
    struct result *result = c->result;
    const struct submission *s = &result->submission;

    for (size_t i = 0; i < result->watch_count; i++) {
        struct past_probe *p =
            flight_touch(&result->past.flight, &result->marker, result->watch[i].target->label);
        const struct err *refused = refusal_of(c, i);
        if (p == NULL)
            continue;
        p->began = result->began;
        if (s->accepted && refused == NULL) {
            p->fate = FATE_IN_FLIGHT;
            p->accepted = s->ended_wall;
            p->verdict[0] = '\0';
        } else if (!s->uncertain) {
            /* one recipient among several: the others have the message */
            bool again = c->options->deferred && refused == NULL;
            note_refusal(p, refused != NULL ? refused : &result->smtp_failure, again);
        }
    }
    if (!store(c, NULL, 0))
        fail(c);
    else if (!c->options->deferred)
        close_history(c); /* for the minutes that it waits */
    else
        history_release(c->result->past.history);
}

/* ---- the look ---- */

static size_t list_sightings(const struct watch *w, struct sighting *out)
{
    size_t count = 0;

    for (size_t i = 0; i < mailbox_finding_count(w->mailbox); i++) {
        const struct finding *f = mailbox_finding(w->mailbox, i);
        if (f->kind != MESSAGE_PROBE && f->kind != MESSAGE_BOUNCE)
            continue;
        out[count++] = (struct sighting){
            .marker = f->marker,
            .bounce = f->kind == MESSAGE_BOUNCE,
            .junk = mailbox_folder(w->mailbox, f->folder)->role == FOLDER_JUNK,
            .fresh = f->fresh,
            .date = f->date_known ? (double)f->internal_date : 0,
            .seen = clock_wall() - clock_since(f->noticed),
            .size = f->size,
        };
    }
    return count;
}

static bool settle_watch(struct course *c, const struct watch *w)
{
    struct past *past = &c->result->past;
    struct look look = {.label = w->target->label, .began = w->looked_at};
    struct sighting *seen = NULL;

    if (w->opened) {
        seen = malloc((mailbox_finding_count(w->mailbox) + 1) * sizeof *seen);
        if (seen == NULL)
            return err_set(&past->failure, FAULT_INTERNAL, STAGE_NONE, "out of memory");
        look.sighting = seen;
        look.count = list_sightings(w, seen);
        look.complete = w->failure.kind == FAULT_NONE && mailbox_look_complete(w->mailbox);
    }
    flight_settle(&past->flight, &look, &past->news);
    free(seen);
    return true;
}

static size_t list_places(const struct course *c, struct past_place *out)
{
    size_t count = 0;

    for (size_t i = 0; i < c->result->watch_count; i++) {
        const struct watch *w = &c->result->watch[i];
        for (size_t k = 0; w->opened && k < mailbox_folder_count(w->mailbox); k++) {
            struct resume reached;
            if (!mailbox_resume(w->mailbox, k, &reached))
                continue;
            struct past_place *p = &out[count++];
            *p = (struct past_place){.folder = reached.folder,
                                     .route = c->options->route,
                                     .uidvalidity = reached.uidvalidity,
                                     .uidnext = reached.uidnext};
            memcpy(p->uidl, reached.uidl, sizeof p->uidl);
            slice_copy(p->label, sizeof p->label, slice_from(w->target->label));
        }
    }
    return count;
}

/* What was measured while waiting is finer than a mailbox's dates. */
static void note_waited(struct course *c)
{
    struct result *result = c->result;

    for (size_t i = 0; !c->options->deferred && i < result->watch_count; i++) {
        const struct watch *w = &result->watch[i];
        struct past_probe *p =
            w->landed == NULL ? NULL : flight_touch(&result->past.flight, &result->marker, w->target->label);
        if (p == NULL)
            continue;
        p->total_s = w->total_s;
        p->delivery_s = w->delivery_s > 0 ? w->delivery_s : 0;
    }
}

/* What has changed, and how far the mailboxes were looked at. */
static bool store_all(struct course *c)
{
    struct past_place *places = calloc(c->result->watch_count * FOLDERS_MAX + 1, sizeof *places);
    bool ok = places != NULL ? store(c, places, list_places(c, places))
                             : err_set(&c->result->past.failure, FAULT_INTERNAL, STAGE_NONE, "out of memory");

    free(places);
    return ok;
}

static bool settle(struct course *c)
{
    bool ok = true;

    c->result->past.flight.now = clock_wall();
    for (size_t i = 0; ok && i < c->result->watch_count; i++)
        ok = settle_watch(c, &c->result->watch[i]);
    note_waited(c);
    return ok && open_history(c) && store_all(c);
}

/* --deferred: the same for the judge of what this run has read. */
static void note_landed(struct course *c)
{
    for (size_t i = 0; c->options->deferred && i < c->result->watch_count; i++) {
        struct watch *w = &c->result->watch[i];
        const struct past_probe *p =
            w->landed == NULL ? NULL
                              : flight_find(&c->result->past.flight, &w->landed->marker, w->target->label);
        if (p == NULL)
            continue;
        w->total_s = p->total_s;
        w->delivery_s = p->delivery_s;
        w->copies = p->copies;
    }
}

/* What was removed may have been where the next look begins: a maildrop knows its place by its last message.
 */
void past_note_cleaning(struct course *c)
{
    struct past *past = &c->result->past;
    bool moved = false;

    for (size_t i = 0; i < c->result->watch_count; i++) {
        const struct watch *w = &c->result->watch[i];
        moved = moved || (w->target->endpoint.protocol == PROTOCOL_POP3 && w->cleaned.removed > 0);
    }
    if (!moved || !past->usable)
        return;
    past->usable = open_history(c) && store_all(c);
}

void past_settle(struct course *c)
{
    struct past *past = &c->result->past;

    if (!past->usable)
        return;
    /* read again: a run beside this one may have decided otherwise, by a later look */
    past->usable =
        settle(c) && load_news(c) &&
        history_figures(past->history, clock_wall(), c->options->window_s, &past->figures, &past->failure);
    past->figures_known = past->usable;
    past->flight.now = clock_wall(); /* ages are as of now */
    note_landed(c);
}
