/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history.h - what must outlive a run: probes in flight, how earlier ones ended, how far a mailbox was looked
 * at.
 *
 * One SQLite database in the state directory, shared by all services of a user. What is stored are markers,
 * times, sizes and verdicts: no address, no subject, no text of a server. All times are wall-clock seconds
 * since the epoch.
 *
 * Every function gives FAULT_STATE with a sentence that names the file and what is wrong: missing, not ours,
 * read-only, no room, damaged, in use for too long, or written by a newer version. Nothing is ever deleted or
 * overwritten because it is damaged. */
#ifndef MAILPROOF_HISTORY_HISTORY_H
#define MAILPROOF_HISTORY_HISTORY_H

#include "common/mail/marker.h"

/* The numbers are stored: new ones go to the end. The first three are undecided. */
enum fate {
    FATE_SENDING,   /* not known whether it was sent: the run was killed, or no final reply was read */
    FATE_DEFERRED,  /* answered 4xx: to be tried again with the same marker */
    FATE_IN_FLIGHT, /* accepted by the relay, not decided yet */
    FATE_LANDED,
    FATE_LOST,
    FATE_UNKNOWN, /* not sought in time, or perhaps never sent: no verdict */
    FATE_BOUNCED,
    FATE_FAILED /* never accepted: a failed submission, no loss */
};
enum { FATE_COUNT = FATE_FAILED + 1 };

const char *fate_name(enum fate fate); /* "in_flight": the contract's words */

enum { HISTORY_VERDICT_SIZE = 128, LABEL_MAX = 8, PLACE_UIDL_SIZE = 72 };

/* One probe on its way to one mailbox: a seed list has one a label. A time of 0: it did not come so far. */
struct past_probe {
    long long serial; /* in the order of recording: clocks are set back, this is not. 0: not recorded yet */
    struct marker marker;
    char label[LABEL_MAX + 1]; /* of the mailbox in a seed list; "" */
    uint64_t route;            /* fingerprint of endpoints, addresses and folders at that time */
    enum fate fate;
    double first_try;  /* of its submission */
    double began;      /* first connect of the try that was accepted, or of the latest */
    double accepted;   /* final reply */
    double landed;     /* in the mailbox, by its date */
    double decided;    /* when we knew; of what landed, the last of its copies */
    double delivery_s; /* seconds; < 0: unknown */
    double total_s;    /* likewise */
    unsigned tries, copies;
    bool junk;
    unsigned long long size;            /* octets; 0 unknown */
    char verdict[HISTORY_VERDICT_SIZE]; /* classes of faults and states, "spam_placed=2 dmarc=2" */
};

/* How far a folder was looked at: the next look begins there. */
struct past_place {
    char label[LABEL_MAX + 1];
    uint64_t folder; /* hash of its name */
    uint64_t route;  /* places of another route do not count */
    uint32_t uidvalidity, uidnext;
    char uidl[PLACE_UIDL_SIZE]; /* POP3: of the last message; "" */
};

struct history;

/* dir: --state-dir, NULL for the default (state_dir.h). key: of the service (marker.h). *h is the caller's
 * until history_close, which clears it. */
bool history_open(struct history **h, const char *dir, uint64_t key, struct err *err);
/* The same for who has little time: so many seconds are spent at most, until it is closed, on waiting for
 * other runs (else 5). */
bool history_open_within(struct history **h, const char *dir, uint64_t key, double patience_s,
                         struct err *err);
void history_close(struct history **h);

/* Notes that the service runs now; to be called before anything is stored. *previous: when it did before, 0
 * for the first time. name: --service, for people who look into the file; may be NULL. */
bool history_begin_run(struct history *h, double now, const char *name, double *previous, struct err *err);

/* One submission at a time: *mine is true where no other process has the claim of this service. It ends with
 * history_release, history_close, or the process, whatever ends that: no clock is asked. */
bool history_claim(struct history *h, bool *mine, struct err *err);
void history_release(struct history *h);

struct past_list {
    struct past_probe *probe; /* owned: past_list_clear */
    size_t count;
};
/* Every undecided probe of the service and, of the others that were recorded last, those that were first tried
 * since then, at most max (undecided ones first), in the order of recording, newest first. Rows that make no
 * sense are left out. Where it fails there is none. */
bool history_load(struct history *h, double since, size_t max, struct past_list *out, struct err *err);
/* Whether nobody else has stored anything since history_load, so that loading again would tell nothing new.
 * False also where that cannot be told. */
bool history_is_current(struct history *h);
void past_list_clear(struct past_list *list);

/* Inserts, or replaces what has the same marker and label. Outlives this process when it returns true,
 * whatever ends that: nothing is sent that is not known. A power failure may take the last changes. Old rows
 * make room. */
bool history_record(struct history *h, const struct past_probe *probes, size_t count, struct err *err);
/* What a look has found, all of it or nothing. Where another run has settled a probe meanwhile, only a fate
 * that may follow that one is taken: landed and bounced follow everything but each other and failed; lost,
 * unknown and failed follow what is undecided; in flight and deferred follow sending and deferred. The same
 * fate once more brings its copies and verdict up to date; in flight, where it has landed meanwhile, is the
 * time of acceptance. */
bool history_settle(struct history *h, const struct past_probe *probes, size_t count,
                    const struct past_place *places, size_t place_count, struct err *err);
bool history_places(struct history *h, uint64_t route, struct past_place *out, size_t max, size_t *count,
                    struct err *err);

/* Over a window. Failed submissions, bounces and what is unknown are not decided. */
struct history_figures {
    size_t decided, lost, landed;
    double loss_percent;  /* of decided; 0 where that is 0 */
    double p50, p95, p99; /* of total_s by nearest rank over what landed; 0 where nothing did */
};
/* Of the probes that were first tried in (now - window_s, now]. */
bool history_figures(struct history *h, double now, double window_s, struct history_figures *out,
                     struct err *err);

#endif
