/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wait_plan.h - how often to ask a mailbox for news: densely at first, since what is measured is short then,
 * and ever more rarely, so that the error stays small against the time waited and the server is not burdened.
 *
 * IDLE alone is not enough: it announces after 0.001 s, 0.5 s, 60 s or never, according to the server. NOOP
 * sees a delivery at once everywhere. So: NOOPs for the first seconds, then IDLE, with a NOOP now and then
 * for safety. Pure. */
#ifndef MAILPROOF_PROBE_WAIT_PLAN_H
#define MAILPROOF_PROBE_WAIT_PLAN_H

#include <stdbool.h>

struct wait_step {
    bool idle;    /* spend the delay in IDLE */
    double delay; /* seconds until the server is asked next */
};

/* elapsed: seconds since the waiting began. can_idle: IDLE is offered and works. */
struct wait_step wait_plan(double elapsed, bool can_idle);
/* How long after the last time the other folders are asked for their STATUS again; it goes with the next
 * NOOP. */
double wait_plan_others(double elapsed);
/* POP3: seconds until the next session. */
double wait_plan_session(double elapsed);

#endif
