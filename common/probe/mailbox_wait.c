/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/base/interrupt.h"
#include "common/probe/mailbox_internal.h"
#include "common/probe/wait_plan.h"

enum {
    QUICK_LOSSES_MAX = 5, /* connections that were lost soon after they were made */
    TRIES_MAX = 6         /* to make one connection anew, at doubling intervals */
};
static const double HELD_S = 10; /* a connection that held so long has proved itself */
static const double FIRST_PAUSE_S = 0.25;

struct waiting {
    struct mailbox *m;
    struct timespec began;
    double seconds;
    mailbox_enough_fn *enough;
    void *context;
    double others_at; /* elapsed seconds when the other folders were last asked for */
    double idle_from; /* no IDLE before */
    unsigned quick_losses;
};

static double elapsed(const struct waiting *w)
{
    return clock_since(w->began);
}

static bool time_is_up(const struct waiting *w)
{
    return elapsed(w) >= w->seconds;
}

static bool is_over(const struct waiting *w)
{
    return w->enough(w->m, w->context) || time_is_up(w);
}

static double at_most_left(const struct waiting *w, double delay)
{
    double left = w->seconds - elapsed(w);

    return left < 0 ? 0 : delay < left ? delay : left;
}

static bool take_pause(const struct waiting *w, double delay, struct err *err)
{
    double left = deadline_left(w->m->deadline);

    w->m->ops.pause(w->m->ops.context, at_most_left(w, delay < left ? delay : left));
    if (interrupt_seen())
        return err_set(err, FAULT_INTERRUPTED, STAGE_SEARCH, "stopped by a signal while waiting");
    if (deadline_passed(w->m->deadline))
        return err_set(err, FAULT_TIMEOUT, STAGE_SEARCH, "the time was up while waiting");
    return true;
}

/* --- IMAP --- */

static bool others_are_due(struct waiting *w)
{
    double now = elapsed(w);

    if (now - w->others_at < wait_plan_others(now))
        return false;
    w->others_at = now;
    return true;
}

/* 1 something was announced, 0 the time for the next question has come, -1 error */
static int idle(struct waiting *w, double delay, struct err *err)
{
    struct imap *i = &w->m->imap;
    int idling = imap_idle(i, STAGE_SEARCH, err);

    if (idling <= 0) {
        w->m->idle_refused = idling == 0;
        return idling;
    }
    int heard = imap_listen(i, STAGE_SEARCH, w->m->heard, delay, err);
    if (heard < 0 || !imap_idle_done(i, STAGE_SEARCH, err))
        return -1;
    return heard;
}

/* A server that ends every IDLE at once, or announces what is not there, is polled for a while. */
static bool heed(struct waiting *w, bool idle, struct err *err)
{
    struct mailbox *m = w->m;
    size_t i = m->selected;
    uint32_t next = m->place[i].next;

    if (!mailbox_heed(m, err))
        return false;
    if (idle && m->place[i].next == next)
        w->idle_from = elapsed(w) + wait_plan(elapsed(w), false).delay;
    return true;
}

static bool can_idle(const struct waiting *w)
{
    return imap_can(&w->m->imap, IMAP_CAN_IDLE) && !w->m->idle_refused && elapsed(w) >= w->idle_from;
}

static bool wait_step(struct waiting *w, struct err *err)
{
    struct mailbox *m = w->m;
    struct wait_step step = wait_plan(elapsed(w), can_idle(w));
    double delay = at_most_left(w, step.delay);
    int heard = step.idle ? idle(w, delay, err) : imap_listen(&m->imap, STAGE_SEARCH, m->heard, delay, err);

    if (heard < 0)
        return false;
    return heard > 0 ? heed(w, step.idle, err) : mailbox_poll(m, others_are_due(w), err);
}

/* Before giving up, everything is looked at once, whatever was announced or not. */
static bool last_look(struct waiting *w, struct err *err)
{
    return w->enough(w->m, w->context) || mailbox_look_new(w->m, true, err);
}

static bool wait_imap(struct waiting *w, struct err *err)
{
    bool ok = mailbox_imap_look(w->m, err);

    while (ok && !is_over(w))
        ok = wait_step(w, err);
    return ok && last_look(w, err);
}

/* --- POP3: a session shows what was there when it began --- */

static bool wait_pop3(struct waiting *w, struct err *err)
{
    bool ok = mailbox_pop3_look(w->m, err);

    while (ok && !is_over(w)) {
        double delay = wait_plan_session(elapsed(w));
        if (delay < w->m->pop3.login_delay_s)
            delay = w->m->pop3.login_delay_s;
        mailbox_disconnect(w->m, true);
        ok = take_pause(w, delay, err) && mailbox_pop3_look(w->m, err);
    }
    return ok;
}

/* --- a lost connection --- */

/* A BYE may say anything: that it is about to go down, that we were idle for too long. */
static bool is_loss(const struct mailbox *m, const struct err *err)
{
    return err->kind == FAULT_CONNECT || err->kind == FAULT_SERVER_UNAVAILABLE || m->imap.bye;
}

static bool connect_again(struct waiting *w, struct err *err)
{
    double pause = FIRST_PAUSE_S * (1U << w->quick_losses);

    for (unsigned i = 0; i < TRIES_MAX && !time_is_up(w); i++, pause *= 2) {
        struct err stopped;
        mailbox_disconnect(w->m, false);
        if (!take_pause(w, pause, &stopped)) {
            *err = stopped;
            return false;
        }
        if (mailbox_is_pop3(w->m) ||
            mailbox_imap_reopen(w->m, err)) /* POP3 looks make their sessions themselves */
            return true;
        if (!is_loss(w->m, err))
            return false;
    }
    return false;
}

static bool recover(struct waiting *w, struct err *err)
{
    if (!is_loss(w->m, err))
        return false;
    w->quick_losses = clock_since(w->m->connected_at) < HELD_S ? w->quick_losses + 1 : 0;
    return w->quick_losses <= QUICK_LOSSES_MAX && connect_again(w, err);
}

bool mailbox_wait_since(struct mailbox *m, struct timespec began, double seconds, mailbox_enough_fn *enough,
                        void *context, struct err *err)
{
    struct waiting w = {.m = m, .began = began, .seconds = seconds, .enough = enough, .context = context};

    for (;;) {
        if (mailbox_is_pop3(m) ? wait_pop3(&w, err) : wait_imap(&w, err))
            return true;
        if (!recover(&w, err))
            return false;
    }
}

bool mailbox_wait(struct mailbox *m, double seconds, mailbox_enough_fn *enough, void *context,
                  struct err *err)
{
    return mailbox_wait_since(m, clock_now(), seconds, enough, context, err);
}
