/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "plugins/check_mail_roundtrip/judge_internal.h"

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

static void say_again(const struct judgement *j, const struct watch *w, const struct past_probe *p,
                      enum fault kind, enum state state)
{
    char sent[DURATION_TEXT_SIZE];
    struct err err;

    err_set(&err, kind, STAGE_NONE, "the %s probe, sent %s ago, %s",
            p == judge_view(j, w).newest ? "newest" : "earlier",
            duration_text(sent, judge_age(j, p->first_try)), said_again(kind));
    report_fault(j->report, judge_side(w), state, &err);
}

void judge_junk_again(const struct judgement *j, const struct watch *w, const struct past_probe *p)
{
    enum state spam = w->target->retrieval.placement.spam;

    if (spam != STATE_OK && !j->options->seed_list) /* there, "placed" judges it */
        say_again(j, w, p, FAULT_SPAM_PLACED, spam);
}

void judge_copies_again(const struct judgement *j, const struct watch *w, const struct past_probe *p)
{
    say_again(j, w, p, FAULT_DUPLICATE, STATE_WARNING);
}

void judge_again(const struct judgement *j, const struct watch *w, const struct past_probe *p)
{
    struct slice rest = slice_from(p->verdict), word;
    bool placed = !p->junk;

    while (slice_next_word(&rest, &word)) {
        size_t at = slice_find_char(word, '=');
        enum fault kind = fault_of_class(slice_head(word, at));
        if (at + 1 >= word.len || said_again(kind) == NULL || kind == FAULT_DUPLICATE)
            continue;
        placed = placed || kind == FAULT_SPAM_PLACED;
        say_again(j, w, p, kind, (enum state)((word.data[at + 1] - '0') & 3));
    }
    if (!placed)
        judge_junk_again(j, w, p);
    if (p->copies > 1)
        judge_copies_again(j, w, p);
}

/* ---- what is kept for them ---- */

static bool is_misplaced(const struct watch *w)
{
    return judge_folder(&w->target->retrieval.placement, w->mailbox, w->landed->folder) != STATE_OK;
}

/* Whether the fault is one of the message that was read: not of the submission, nor of an older probe. */
static bool is_lasting(const struct report *report, size_t i, const struct watch *w)
{
    enum fault kind = report_fault_kind(report, i);

    return said_again(kind) != NULL && strcmp(report_fault_side(report, i), judge_side(w)) == 0 &&
           kind != FAULT_DUPLICATE && (kind != FAULT_SPAM_PLACED || is_misplaced(w));
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
    if (view.newest == NULL || view.newest->fate != FATE_LANDED || !judge_is_read(w, view.newest))
        return;
    struct past_probe judged = *view.newest;
    write_verdict(report, w, judged.verdict, sizeof judged.verdict);
    if (*judged.verdict == '\0')
        return;
    /* a failure is no loss: the message itself is recorded, only its verdict is not repeated */
    history_settle(result->past.history, &judged, 1, NULL, 0, &ignored);
}
