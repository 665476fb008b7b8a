/* SPDX-License-Identifier: GPL-3.0-or-later */
/* judge_internal.h - what the parts of the judge share among themselves. */
#ifndef MAILPROOF_CHECK_MAIL_ROUNDTRIP_JUDGE_INTERNAL_H
#define MAILPROOF_CHECK_MAIL_ROUNDTRIP_JUDGE_INTERNAL_H

#include "plugins/check_mail_roundtrip/check.h"

/* What is judged, and by what. */
struct judgement {
    struct report *report;
    const struct result *result;
    const struct options *options;
};

/* judge_view.c */
const char *judge_side(const struct watch *w);
double judge_age(const struct judgement *j, double since); /* seconds, no less than 0 */
/* What earlier runs and this one know of that mailbox's probes. */
struct flight_view judge_view(const struct judgement *j, const struct watch *w);
/* Whether the message that this run has read is that one. */
bool judge_is_read(const struct watch *w, const struct past_probe *p);
/* Whether that was the first one to land: a receiver may have greylisted it. */
bool judge_is_first(const struct judgement *j, const struct watch *w);

/* judge_message.c */
/* A message that was found and read: where it lies, what came through, what its authentication says. */
void judge_found(const struct judgement *j, const struct watch *w);
/* Of what w->landed is: metric and verdict. */
void judge_total(const struct judgement *j, const struct watch *w, double total_s);
void judge_waited(const struct judgement *j, const struct watch *w);

/* judge_again.c */
/* What an earlier run found wrong with it: "spam_placed=2 dmarc=2". That it lies in junk is known also where
 * the run that found it did not come to its verdict, or read a newer one; that it came more than once, also
 * where each copy was found by another run. */
void judge_again(const struct judgement *j, const struct watch *w, const struct past_probe *p);
void judge_junk_again(const struct judgement *j, const struct watch *w, const struct past_probe *p);
void judge_copies_again(const struct judgement *j, const struct watch *w, const struct past_probe *p);

/* judge_flight.c */
/* --deferred: total and delivery of the newest that has landed. */
void judge_flight_times(const struct judgement *j, const struct watch *w);
/* --deferred: what is under way, and the newest that is decided. */
void judge_flight(const struct judgement *j, const struct watch *w);
/* The refusal of a submission, whose patience may be over. */
void judge_refusal(const struct judgement *j);

/* judge_mailboxes.c */
void judge_mailboxes(const struct judgement *j);

/* judge_past.c */
/* Percentiles, losses, what is new since the run before; and why there is no history. */
void judge_past(const struct judgement *j);

#endif
