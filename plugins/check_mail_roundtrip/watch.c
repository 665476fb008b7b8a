/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/parallel.h"
#include "common/cli/look.h"
#include "common/mail/header.h"
#include "plugins/check_mail_roundtrip/probe_internal.h"

enum {
    VERIFYING_S = 10,           /* for the DNS of SPF, DKIM and DMARC: who does not answer by then will not */
    BODY_MAX = 4 * 1024 * 1024, /* of the message that is read back */
    OPENING_MAX_S = 10,    /* for the mailboxes of a seed list: who is silent must not hold up the others */
    HORIZON_SLACK_S = 3600 /* a server's clock may be wrong, where only dates tell what to look at */
};

static const double OPENING_SHARE = 0.4; /* of the time, at most */

bool watches_make(struct course *c, struct err *err)
{
    struct result *result = c->result;

    result->watch = calloc(c->options->target_count, sizeof *result->watch);
    if (result->watch == NULL)
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
    for (; result->watch_count < c->options->target_count; result->watch_count++) {
        struct watch *w = &result->watch[result->watch_count];
        w->target = &c->options->target[result->watch_count];
        transcript_init(&w->transcript, c->transcript->on);
        w->transcript.start = c->transcript->start;
        /* a resolver is one thread's; the first watch has the run's, which nobody else uses meanwhile */
        if (result->watch_count > 0 &&
            (w->resolver = resolver_new(c->options->common.resolver, &w->transcript, err)) == NULL)
            return false;
    }
    return true;
}

void watches_tell(struct course *c)
{
    for (size_t i = 1; i < c->result->watch_count; i++)
        if (!buffer_append(&c->transcript->lines, buffer_slice(&c->result->watch[i].transcript.lines)))
            c->transcript->dropped++;
}

static void close_one(void *context, size_t i)
{
    struct result *result = context;

    mailbox_close(&result->watch[i].mailbox);
}

void watches_clear(struct result *result)
{
    /* side by side: each waits for its server's goodbye */
    parallel_run(result->watch_count, close_one, result);
    for (size_t i = 0; i < result->watch_count; i++) {
        struct watch *w = &result->watch[i];
        if (w->resolver != NULL)
            resolver_free(&w->resolver);
        transcript_clear(&w->transcript);
        free(w->verification);
    }
    free(result->watch);
}

/* ---- opening ---- */

/* How far this service has looked before; the number of folders that it is known of. */
static size_t find_resume(const struct course *c, struct watch *w)
{
    size_t count = 0;

    for (size_t i = 0; i < c->place_count && count < FOLDERS_MAX; i++) {
        const struct past_place *place = &c->place[i];
        if (strcmp(place->label, w->target->label) != 0)
            continue;
        struct resume *r = &w->resume[count++];
        *r = (struct resume){
            .folder = place->folder, .uidvalidity = place->uidvalidity, .uidnext = place->uidnext};
        memcpy(r->uidl, place->uidl, sizeof r->uidl);
    }
    return count;
}

/* Everything that is under way, where earlier runs are known; else this run's own probe, which will be new.
 */
static void set_sought(const struct course *c, struct watch *w, struct mailbox_request *request)
{
    const struct past *past = &c->result->past;

    if (!past->usable) {
        request->matcher.marker = &c->result->marker;
        request->only_new = true;
        return;
    }
    request->matcher.own = true;
    request->matcher.key = c->options->key;
    request->resume = w->resume;
    request->resume_count = find_resume(c, w);
    request->only_new = request->resume_count == 0 && !c->options->deferred;
    if (request->only_new) /* UIDNEXT is the border then, whatever the server's clock says */
        return;
    double oldest = flight_horizon(&past->flight);
    request->newer_than_s =
        HORIZON_SLACK_S + (oldest > 0 && oldest < past->flight.now ? past->flight.now - oldest : 0);
}

/* A seed list's message is sent when all are open, or out of reach. */
static struct deadline opened_by(const struct course *c)
{
    double share = deadline_left(c->deadline) * OPENING_SHARE;

    return c->options->seed_list ? deadline_in(share < OPENING_MAX_S ? share : OPENING_MAX_S) : c->deadline;
}

void watch_open(struct course *c, size_t i)
{
    struct watch *w = &c->result->watch[i];
    struct mailbox_request request = w->target->request;

    set_sought(c, w, &request);
    w->looked_at = clock_wall();
    w->opened = mailbox_open(&w->mailbox, &request, i == 0 ? c->resolver : w->resolver,
                             i == 0 ? c->transcript : &w->transcript, opened_by(c), &w->failure);
    if (!w->opened)
        return;
    w->failure = ERR_NONE;
    mailbox_extend(w->mailbox, c->deadline);
}

/* ---- what came ---- */

static bool is_this_probe(const struct course *c, const struct finding *finding)
{
    return strcmp(finding->marker.text, c->result->marker.text) == 0;
}

static bool decided(const struct mailbox *mailbox, void *context)
{
    const struct course *c = context;

    for (size_t i = 0; i < mailbox_finding_count(mailbox); i++) {
        const struct finding *finding = mailbox_finding(mailbox, i);
        if ((finding->kind == MESSAGE_PROBE || finding->kind == MESSAGE_BOUNCE) && is_this_probe(c, finding))
            return true;
    }
    return false;
}

static void note_findings(const struct course *c, struct watch *w)
{
    w->copies = 0;
    for (size_t i = 0; i < mailbox_finding_count(w->mailbox); i++) {
        const struct finding *finding = mailbox_finding(w->mailbox, i);
        if (!is_this_probe(c, finding))
            continue;
        if (finding->kind == MESSAGE_PROBE) {
            w->copies++;
            w->landed = finding; /* newest first: the last one seen here came first */
        } else if (finding->kind == MESSAGE_BOUNCE) {
            w->bounce = finding;
        }
    }
}

/* The newest one that earlier runs know and have not seen land. */
static void note_newest(const struct course *c, struct watch *w)
{
    const struct past_probe *newest = NULL;

    for (size_t i = 0; i < mailbox_finding_count(w->mailbox); i++) {
        const struct finding *finding = mailbox_finding(w->mailbox, i);
        const struct past_probe *known =
            flight_find(&c->result->past.flight, &finding->marker, w->target->label);
        if (finding->kind != MESSAGE_PROBE || known == NULL || known->fate == FATE_LANDED)
            continue;
        if (newest == NULL || known->first_try >= newest->first_try) {
            newest = known;
            w->landed = finding;
        }
    }
}

/* ---- reading it back ---- */

static bool verify(struct course *c, struct watch *w, struct resolver *resolver, struct slice message,
                   struct err *err)
{
    struct verification_request request = c->options->authentication.verification;
    double left = deadline_left(c->deadline) - CLOSING_S;
    struct deadline soon = deadline_in(left < VERIFYING_S ? left : VERIFYING_S);
    struct message_source source;

    if (!authentication_verifies(&c->options->authentication))
        return true;
    struct verification *verification = calloc(1, sizeof *verification);
    if (verification == NULL)
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
    if (request.now == 0)
        request.now = time(NULL);
    message_source_memory(&source, message);
    bool ok = verification_run(verification, &request, &source, resolver, soon, err);
    message_source_close(&source);
    if (ok)
        w->verification = verification;
    else
        free(verification);
    return ok;
}

/* What came back, against what was sent: in this run, or in an earlier one by the same options. */
static bool compare(struct course *c, struct watch *w, struct slice message, struct err *err)
{
    struct composed earlier = {.message_id = ""};
    const struct composed *sent = &c->result->composed;

    if (!is_this_probe(c, w->landed)) {
        if (!marked_compose_again(&earlier, &w->landed->marker, &c->options->message.compose, err)) {
            composed_clear(&earlier);
            return false;
        }
        sent = &earlier;
    }
    w->body_read = true;
    w->intact = compose_intact(message, sent, &w->altered_how);
    composed_clear(&earlier);
    return true;
}

static bool read_back(struct course *c, struct watch *w, struct resolver *resolver, struct err *err)
{
    struct buffer message = BUFFER_INIT(BODY_MAX);
    struct header_field field;

    w->marker_stripped =
        !header_find(buffer_slice(&w->landed->headers), SLICE("X-Mailproof-Marker"), 0, &field);
    bool ok = mailbox_fetch(w->mailbox, w->landed, &message, err) &&
              compare(c, w, buffer_slice(&message), err) &&
              verify(c, w, resolver, buffer_slice(&message), err);
    buffer_clear(&message);
    return ok;
}

/* ---- one mailbox's part of a run ---- */

/* Nothing was found, and what the server refused to show may be it. */
static bool hidden(struct watch *w)
{
    return w->landed == NULL && w->bounce == NULL && mailbox_was_refused(w->mailbox, &w->failure);
}

double watch_wait_seconds(const struct course *c)
{
    double left = deadline_left(c->deadline) - CLOSING_S;
    double wait = c->options->wait_s < left ? c->options->wait_s : left;

    return wait > 0 ? wait : 0;
}

void watch_wait(struct course *c, size_t i)
{
    struct watch *w = &c->result->watch[i];
    const struct submission *submission = &c->result->submission;
    struct err *err = &w->failure;

    if (!w->opened)
        return;
    bool ok = mailbox_wait(w->mailbox, watch_wait_seconds(c), decided, c, err);
    note_findings(c, w);
    w->delivery_s = clock_since(submission->ended_at);
    w->total_s = clock_since(submission->began);
    ok = ok && !hidden(w);
    if (w->landed != NULL) {
        w->delivery_s = clock_between(submission->ended_at, w->landed->noticed);
        w->total_s = clock_between(submission->began, w->landed->noticed);
        /* a second copy, or one in another folder, comes close behind the first if at all */
        ok = ok && mailbox_look(w->mailbox, err);
        if (ok)
            note_findings(c, w);
        ok = ok && read_back(c, w, i == 0 ? c->resolver : w->resolver, err);
    }
    if (ok)
        *err = ERR_NONE;
}

void watch_look(struct course *c, size_t i)
{
    struct watch *w = &c->result->watch[i];
    struct flight_view view;
    struct err gone;

    if (!w->opened || !mailbox_look(w->mailbox, &w->failure))
        return;
    w->failure = ERR_NONE;
    note_newest(c, w);
    flight_view(&c->result->past.flight, w->target->label, &view);
    if (view.in_flight > 0 && hidden(w))
        return;
    /* a run beside this one may have taken it away meanwhile: that is no failure of the mail */
    if (w->landed != NULL && !read_back(c, w, i == 0 ? c->resolver : w->resolver, &gone) &&
        gone.kind != FAULT_PROTOCOL)
        w->failure = gone;
}

/* ---- cleaning ---- */

struct ownership {
    const struct course *course;
    const struct watch *watch;
};

/* Another node may run the same service, and not have seen its own probes yet. */
static bool is_ours(void *context, const struct finding *finding)
{
    const struct ownership *a = context;

    return is_this_probe(a->course, finding) ||
           flight_find(&a->course->result->past.flight, &finding->marker, a->watch->target->label) != NULL;
}

void watch_clean(struct course *c, size_t i)
{
    struct watch *w = &c->result->watch[i];
    struct ownership context = {c, w};
    struct tidy tidy = w->target->retrieval.tidy;

    tidy.chosen = is_ours;
    tidy.context = &context;
    if (w->opened && w->failure.kind == FAULT_NONE && tidy_run(&tidy, w->mailbox, &w->cleaned, &w->cleaning))
        w->cleaning = ERR_NONE;
}
