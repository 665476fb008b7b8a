/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message.h - what a found message means: its way, its placement, what the receiver said of its
 * authentication. */
#ifndef MAILPROOF_JUDGE_MESSAGE_H
#define MAILPROOF_JUDGE_MESSAGE_H

#include "common/judge/connection.h"
#include "common/mail/received.h"
#include "common/probe/mailbox.h"

/* What was given to --folder=NAME=STATE and --spam-state. */
struct placement_policy {
    enum state spam;
    const enum state *folder; /* by the order of --folder; NULL: all OK */
    size_t folder_count;
};

/* The state of lying in that folder. */
enum state judge_folder(const struct placement_policy *policy, const struct mailbox *mailbox, size_t folder);
/* The same of a message, as a fault of class spam_placed. */
void judge_placement(struct report *report, const struct placement_policy *policy, const char *side,
                     const struct mailbox *mailbox, const struct finding *finding);
/* {"marker":...,"folder":...,"uidvalidity":...,"uid":...,"hops":[...]}; new reference. */
json_t *judge_message_json(const struct mailbox *mailbox, const struct finding *finding,
                           const struct hops *hops);
/* One line a hop; the slowest is named in line 1's words by the caller. */
void judge_hops_lines(struct report *report, const struct hops *hops);
/* A bar of the chart a hop whose delay is known, one behind the other from there on: the hosts' clocks differ
 * from ours. */
void judge_hops_bars(struct report *report, const struct hops *hops, double begin_s);
/* A bounce's sentence, with status and diagnostic, as FAULT_BOUNCED. */
void judge_bounce(struct report *report, const char *side, const struct finding *finding);

#endif
