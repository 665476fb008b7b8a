/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flight.h - the rules for probes in flight: what a run submits, what a look into the mailbox decides, and
 * what of the past still counts. Pure: the clock, the database and the network are the caller's.
 *
 * A loss is only declared by a complete look that began when the probe was long overdue, so that what has
 * just arrived is never taken for lost; and never across a time without runs, when nobody looked. What nobody
 * knows to have been sent (the run was killed, the final reply never came) may arrive and count, but is no
 * loss when it does not. */
#ifndef MAILPROOF_HISTORY_FLIGHT_H
#define MAILPROOF_HISTORY_FLIGHT_H

#include "common/history/history.h"

enum { FLIGHT_MAX = 1024 }; /* probes of a service that a run has in view */

struct flight_policy {
    double submit_every_s; /* --submit-every */
    double lost_s;         /* --lost */
};

/* Everything that a run knows of its service's probes. Times are wall-clock seconds since the epoch. */
struct flight {
    struct past_list list; /* in the order of sending, newest first; owned: flight_clear */
    bool changed[FLIGHT_MAX];
    uint64_t route; /* of this run: probes of another configuration are not judged by it */
    double began;   /* this run */
    double now;     /* as of when it plans, settles, tells ages */
    struct flight_policy policy;
};

void flight_clear(struct flight *f);

/* What is new since the run before. */
struct flight_news {
    size_t found;   /* landed, though this run had given them up after a time without runs */
    size_t late;    /* landed, though an earlier run had given them up */
    size_t foreign; /* bear the service's key, but are not in the list: another node's, or forgotten */
    double skew_s;  /* the mailbox's clock lies behind ours by so much; 0: not noticed */
};

/* Whether so long a time passed without a run that nobody can tell what became of the probes. Also where the
 * clock was set back. previous: 0 for the first run. */
bool flight_gap(const struct flight *f, double previous);
/* What .verdict says of a submission that was put off by greylisting. */
#define FLIGHT_GREYLISTED "greylisted"

/* After such a gap: all that was undecided is unknown, or has failed where it was never accepted. It is
 * sought once more, and counts if it is found. How many are unknown. */
size_t flight_give_up(struct flight *f);

enum flight_plan {
    FLIGHT_SUBMIT, /* a new probe */
    FLIGHT_RETRY,  /* the one that was put off (4xx), with its marker */
    FLIGHT_LOOK    /* nothing is due: a host re-checks sooner */
};
/* retry: set to its index with FLIGHT_RETRY. Failed submissions do not count: the next run tries again. */
enum flight_plan flight_plan(const struct flight *f, size_t *retry);

/* Adds a probe that is about to be sent, in front. False where memory is out. */
bool flight_add(struct flight *f, const struct past_probe *probe);
/* The probe of that marker and label, NULL where there is none; flight_touch: it will be changed. */
const struct past_probe *flight_find(const struct flight *f, const struct marker *marker, const char *label);
struct past_probe *flight_touch(struct flight *f, const struct marker *marker, const char *label);

/* A message that a look came upon. */
struct sighting {
    struct marker marker;
    bool bounce; /* a delivery status notification about it */
    bool junk;   /* in the junk folder */
    bool fresh;  /* arrived since the last complete look (else it may have been seen before) */
    double date; /* in the mailbox since; 0: not told */
    double seen; /* when it was noticed, by our clock */
    unsigned long long size;
};

struct look {
    const char *label; /* of the mailbox; "" */
    double began;      /* by our clock */
    bool complete;     /* every folder, every message that is not known from before */
    const struct sighting *sighting;
    size_t count;
};

/* Takes what a look has found, then decides what it has not found. Adds to news. */
void flight_settle(struct flight *f, const struct look *look, struct flight_news *news);

/* What counts for the verdict: of this route. A host tells somebody after its third bad check in a row, and
 * re-checks sooner than this submits: so long (240 s at most) what went wrong stays in view, though newer
 * probes have landed. */
struct flight_view {
    size_t in_flight, landed;
    const struct past_probe *oldest; /* in flight; NULL: none */
    const struct past_probe *newest; /* decided: landed, lost or bounced, the one sent last; NULL: none yet */
    size_t lost;                     /* lately, of what was sent before the newest */
    /* likewise; in junk; arrived more than once. The last of each, NULL: none */
    const struct past_probe *bounced, *misplaced, *repeated;
    double greylisted_since; /* the first of the submissions in a row that were put off by greylisting; 0:
                                none */
};
/* label: of one mailbox; NULL: of all. */
void flight_view(const struct flight *f, const char *label, struct flight_view *view);

/* Since when the oldest probe that may still come was sent; 0: none. What is older need not be looked for. */
double flight_horizon(const struct flight *f);

#endif
