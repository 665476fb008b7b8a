/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A seed list. Where one mailbox is concerned, its label stands before the text; whether too many are,
 * "placed" tells. */
#include <stdio.h>
#include <string.h>

#include "common/judge/trace.h"
#include "plugins/check_mail_roundtrip/judge_internal.h"

enum placed { PLACED_INBOX, PLACED_JUNK, PLACED_NOT_YET, PLACED_UNREACHABLE };

static const char *const words[] = {[PLACED_INBOX] = "inbox",
                                    [PLACED_JUNK] = "junk",
                                    [PLACED_NOT_YET] = "not_yet",
                                    [PLACED_UNREACHABLE] = "unreachable"};

struct tally {
    size_t count[sizeof words / sizeof *words];
    size_t undecided; /* --deferred: not yet there, and not yet overdue */
    double slowest_s; /* total; < 0: none has landed */
    char failed[300]; /* "yahoo junk, gmx not yet" */
};

/* --deferred: of the newest that is decided. A mailbox in which none is yet has no place. */
static enum placed place_of(const struct judgement *j, const struct watch *w, double *total_s)
{
    *total_s = -1;
    if (w->failure.kind != FAULT_NONE)
        return PLACED_UNREACHABLE;
    if (j->options->deferred) {
        const struct past_probe *newest = judge_view(j, w).newest;
        if (newest == NULL || newest->fate != FATE_LANDED)
            return PLACED_NOT_YET;
        *total_s = newest->total_s;
        return newest->junk ? PLACED_JUNK : PLACED_INBOX;
    }
    if (w->landed == NULL)
        return PLACED_NOT_YET;
    *total_s = w->total_s;
    return mailbox_folder(w->mailbox, w->landed->folder)->role == FOLDER_JUNK ? PLACED_JUNK : PLACED_INBOX;
}

static void note_failed(struct tally *t, const char *label, enum placed placed)
{
    size_t used = strlen(t->failed);

    if (placed != PLACED_INBOX)
        snprintf(t->failed + used, sizeof t->failed - used, "%s%s %s", used > 0 ? ", " : "", label,
                 placed == PLACED_NOT_YET ? "not yet" : words[placed]);
}

static void trace(const struct judgement *j, const struct watch *w)
{
    if (w->mailbox == NULL)
        return;
    const struct connection_facts facts = judge_mailbox_facts(w->mailbox, &w->target->endpoint);
    judge_trace_connection(j->report, &facts, &w->failure, w->target->label);
}

static void tell(const struct judgement *j, const struct watch *w, enum placed placed, double total_s)
{
    const char *label = w->target->label;
    char name[METRIC_NAME_MAX];

    report_json(j->report, "placed", json_string(words[placed]));
    if (placed == PLACED_UNREACHABLE) {
        judge_fault(j->report, &j->options->policy, judge_side(w), &w->failure);
        return;
    }
    snprintf(name, sizeof name, "placed_%s", label);
    report_labelled(j->report, name, "mailbox_placed", label, placed == PLACED_INBOX, false);
    if (total_s < 0) {
        report_line(j->report, 0, "not there yet");
        return;
    }
    snprintf(name, sizeof name, "total_%s", label);
    report_labelled(j->report, name, "mailbox_total", label, total_s, true);
    report_json(j->report, "total", json_real(total_s));
    report_line(j->report, 0, "%s after %.3f s",
                placed == PLACED_JUNK ? "in the junk folder" : "in the inbox", total_s);
}

static enum placed judge_one(const struct judgement *j, const struct watch *w, double *total_s)
{
    enum placed placed = place_of(j, w, total_s);

    report_part(j->report, w->target->label);
    trace(j, w);
    tell(j, w, placed, *total_s);
    if (w->bounce != NULL)
        judge_bounce(j->report, judge_side(w), w->bounce);
    if (j->options->deferred)
        judge_flight(j, w);
    else if (w->landed != NULL)
        judge_found(j, w);
    report_part(j->report, NULL);
    return placed;
}

/* Nobody can be asked of a mailbox that is out of reach: that is its own fault, not the placement's. */
static void judge_tally(const struct judgement *j, const struct tally *t)
{
    size_t all = j->result->watch_count - t->undecided, reachable = all - t->count[PLACED_UNREACHABLE];
    size_t found = t->count[PLACED_INBOX] + t->count[PLACED_JUNK];

    if (reachable > 0)
        report_metric(j->report, "placed", 100.0 * (double)t->count[PLACED_INBOX] / (double)reachable, true);
    report_metric(j->report, "found", (double)found, true);
    if (t->slowest_s >= 0)
        report_metric(j->report, "total", t->slowest_s, true);
    if (*t->failed != '\0')
        report_summary(j->report, "%zu of %zu in the inbox: %s", t->count[PLACED_INBOX], all, t->failed);
    else
        report_summary(j->report, "all %zu in the inbox, the slowest after %.3f s", all, t->slowest_s);
}

/* Before any message was sent there is nothing to place. */
static bool is_under_way(const struct judgement *j)
{
    return j->options->deferred ? j->result->past.usable : j->result->sending == SENDING_SENT;
}

static void judge_unreachable(const struct judgement *j)
{
    for (size_t i = 0; i < j->result->watch_count; i++) {
        const struct watch *w = &j->result->watch[i];
        report_part(j->report, w->target->label);
        trace(j, w);
        if (w->failure.kind != FAULT_NONE)
            judge_fault(j->report, &j->options->policy, judge_side(w), &w->failure);
    }
    report_part(j->report, NULL);
}

void judge_mailboxes(const struct judgement *j)
{
    struct tally tally = {.slowest_s = -1};

    if (!is_under_way(j)) {
        judge_unreachable(j);
        return;
    }
    for (size_t i = 0; i < j->result->watch_count; i++) {
        const struct watch *w = &j->result->watch[i];
        double total_s;
        enum placed placed = judge_one(j, w, &total_s);
        if (placed == PLACED_NOT_YET && j->options->deferred && judge_view(j, w).newest == NULL) {
            tally.undecided++;
            continue;
        }
        tally.count[placed]++;
        note_failed(&tally, w->target->label, placed);
        if (total_s > tally.slowest_s)
            tally.slowest_s = total_s;
    }
    if (tally.undecided < j->result->watch_count)
        judge_tally(j, &tally);
    else
        report_summary(j->report, "nothing to judge yet");
}
