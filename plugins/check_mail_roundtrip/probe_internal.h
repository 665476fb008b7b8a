/* SPDX-License-Identifier: GPL-3.0-or-later */
/* probe_internal.h - what the parts of the probe share among themselves. */
#ifndef MAILPROOF_CHECK_MAIL_ROUNDTRIP_PROBE_INTERNAL_H
#define MAILPROOF_CHECK_MAIL_ROUNDTRIP_PROBE_INTERNAL_H

#include "plugins/check_mail_roundtrip/check.h"

/* One run under way. */
struct course {
    const struct options *options;
    struct result *result;
    struct resolver *resolver;
    struct transcript *transcript;
    struct deadline deadline;
    enum flight_plan plan;
    size_t retry;             /* index into the flight, with FLIGHT_RETRY */
    struct past_place *place; /* owned; how far earlier runs have looked */
    size_t place_count;
};

/* watch.c; i: of the watch. All may run side by side for different watches. */
bool watches_make(struct course *c, struct err *err);
/* Opens the mailbox. What goes wrong is in the watch's failure. */
void watch_open(struct course *c, size_t i);
/* How long it waits for the probe at most. */
double watch_wait_seconds(const struct course *c);
/* Waits for the probe, looks for copies, reads it back. */
void watch_wait(struct course *c, size_t i);
/* Looks once for whatever is under way, reads the newest back. */
void watch_look(struct course *c, size_t i);
/* After what was found is recorded: a run that is killed in between must not take its own cleaning for a
 * loss. */
void watch_clean(struct course *c, size_t i);
/* Puts what each has said and heard behind the run's own transcript. */
void watches_tell(struct course *c);
void watches_clear(struct result *result);

/* past.c */
/* Opens the history and learns what is under way. What goes wrong is in result->past. */
void past_begin(struct course *c);
/* --deferred: whether a submission is due, and no other run is at it. */
void past_plan(struct course *c);
/* Before the submission: what is about to be sent is recorded, so that nothing is sent that is not known. */
bool past_record(struct course *c);
/* After it. */
void past_note_submission(struct course *c);
/* After the mailboxes were looked at: decides, stores, counts. */
void past_settle(struct course *c);
/* After cleaning. */
void past_note_cleaning(struct course *c);
void past_clear(struct course *c);

#endif
