/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "common/base/clock.h"
#include "common/base/parallel.h"
#include "common/cli/terminal.h"
#include "plugins/check_mail_roundtrip/probe_internal.h"

/* Of a deferred run's time, what the submission may take: the look comes behind it, and comes in any case. */
static const double SUBMISSION_SHARE = 0.6;

static void open_one(void *context, size_t i)
{
    watch_open(context, i);
}

static void wait_one(void *context, size_t i)
{
    watch_wait(context, i);
}

static void look_one(void *context, size_t i)
{
    watch_open(context, i);
    watch_look(context, i);
}

static void clean_one(void *context, size_t i)
{
    watch_clean(context, i);
}

static void all(struct course *c, void (*step)(void *context, size_t i))
{
    parallel_run(c->result->watch_count, step, c);
}

static bool any_opened(const struct result *result)
{
    for (size_t i = 0; i < result->watch_count; i++)
        if (result->watch[i].opened)
            return true;
    return false;
}

/* ---- the submission ---- */

static bool compose_probe(struct course *c, struct err *err)
{
    struct result *result = c->result;
    const struct compose_request *request = &c->options->message.compose;

    if (c->plan != FLIGHT_RETRY)
        return marked_compose(&result->composed, &result->marker, request, c->options->key, err);
    result->marker = result->past.flight.list.probe[c->retry].marker;
    return marked_compose_again(&result->composed, &result->marker, request, err);
}

static enum sending outcome(const struct submission *s)
{
    return s->accepted    ? SENDING_SENT
           : s->stopped   ? SENDING_TESTED
           : s->uncertain ? SENDING_UNCERTAIN
                          : SENDING_NOT_SENT;
}

static void submit(struct course *c, enum stop_after stop_after, struct deadline deadline)
{
    struct result *result = c->result;
    struct submission_request request = c->options->submission;

    request.message = buffer_slice(&result->composed.message);
    request.stop_after = stop_after;
    result->began = clock_wall();
    if (submission_run(&result->submission, &request, c->resolver, c->transcript, deadline,
                       &result->smtp_failure))
        result->smtp_failure = ERR_NONE; /* what went wrong before a retry is in the submission */
    result->sending = outcome(&result->submission);
}

/* ---- the two ways ---- */

static void await_all(struct course *c)
{
    size_t count = c->result->watch_count;
    char what[64] = "waiting for the message";

    if (count > 1)
        snprintf(what, sizeof what, "waiting for the message in %zu mailboxes", count);
    terminal_wait_begins(what, watch_wait_seconds(c));
    all(c, wait_one);
    terminal_wait_ends();
}

/* The mailboxes first: then their UIDNEXT is the border, and the waiting sees the message arrive. */
static bool round_trip(struct course *c, struct err *err)
{
    struct result *result = c->result;

    if (!compose_probe(c, err))
        return false;
    all(c, open_one);
    if (any_opened(result)) {
        bool recorded = result->past.usable && past_record(c);
        submit(c, STOP_NEVER, c->deadline);
        if (recorded)
            past_note_submission(c);
    }
    if (result->sending == SENDING_SENT)
        await_all(c);
    return true;
}

/* Nothing is sent that cannot be recorded; then all but the message is tried. */
static void submit_deferred(struct course *c)
{
    struct deadline deadline = deadline_in(c->options->common.timeout_s * SUBMISSION_SHARE);

    if (c->result->past.usable && past_record(c)) {
        submit(c, STOP_NEVER, deadline);
        past_note_submission(c);
    } else if (c->options->submission.sendmail == NULL) { /* a mail program knows no half way */
        submit(c, STOP_RCPT, deadline);
    }
}

static bool carry_on(struct course *c, struct err *err)
{
    if (c->result->past.usable)
        past_plan(c);
    if (c->plan != FLIGHT_LOOK) {
        if (!compose_probe(c, err))
            return false;
        submit_deferred(c);
    } else {
        c->result->sending = SENDING_NOT_DUE;
    }
    all(c, look_one);
    return true;
}

bool probe(struct result *result, const struct options *options, struct transcript *transcript,
           struct err *err)
{
    struct course c = {.options = options,
                       .result = result,
                       .transcript = transcript,
                       .deadline = deadline_in(options->common.timeout_s)};

    result->sending = SENDING_NOT_SENT;
    if (!session_global_init(err))
        return false;
    c.resolver = resolver_new(options->common.resolver, transcript, err);
    bool ok = c.resolver != NULL && watches_make(&c, err);
    if (ok) {
        past_begin(&c);
        bool known = result->past.usable;
        ok = options->deferred ? carry_on(&c, err) : round_trip(&c, err);
        past_settle(&c);
        /* what could not be recorded is not taken away: the next run shall find it */
        if (ok && result->past.usable == known) {
            all(&c, clean_one);
            past_note_cleaning(&c);
        }
        past_clear(&c);
        watches_tell(&c);
    }
    if (c.resolver != NULL)
        resolver_free(&c.resolver);
    return ok;
}

void result_clear(struct result *result)
{
    watches_clear(result);
    composed_clear(&result->composed);
    flight_clear(&result->past.flight);
    history_close(&result->past.history);
}
