/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_mail_roundtrip in three acts: options -> probe -> judge; and what the judge found is remembered for
 * the next run.
 *
 * options.c          what both sides share, the modes
 * targets.c          the mailboxes: one, or those of a seed list
 * probe.c            the course of a run
 * watch.c            one mailbox of it, side by side with the others
 * past.c             earlier runs: what is under way, what this run adds
 * print_history.c    --history
 * judge.c            the verdict of a run, of all that follows here:
 * judge_message.c    one message that was found, or waited for in vain
 * judge_flight.c     --deferred: what is under way, the newest that is decided
 * judge_mailboxes.c  a seed list
 * judge_past.c       the figures of the history
 * judge_again.c      what stays said of a message that an earlier run has read
 * judge_view.c       what they all ask */
#ifndef MAILPROOF_CHECK_MAIL_ROUNDTRIP_H
#define MAILPROOF_CHECK_MAIL_ROUNDTRIP_H

#include "common/cli/authentication_options.h"
#include "common/cli/common_options.h"
#include "common/cli/connection.h"
#include "common/cli/message_options.h"
#include "common/cli/retrieval_options.h"
#include "common/history/flight.h"
#include "common/judge/cleaning.h"
#include "common/judge/message.h"
#include "common/probe/mailbox.h"
#include "common/probe/marked.h"
#include "common/probe/submission.h"
#include "common/probe/tidy.h"
#include "plugins/check_mail_roundtrip/args.h"
#include "plugins/check_mail_roundtrip/mailbox/mailbox_args.h"

enum { TARGETS_MAX = RECIPIENTS_MAX };

/* One mailbox to watch. */
struct target {
    struct mailbox_args args; /* of its file; unused where there is but one mailbox */
    bool has_args;
    char label[LABEL_MAX + 1]; /* "" where there is but one mailbox */
    struct endpoint endpoint;
    struct connection_store store; /* what the endpoint's strings need */
    struct retrieval_options retrieval;
    struct mailbox_request request; /* all but what is sought */
};

struct options {
    struct args args; /* gengetopt's; what follows points into it */
    struct invocation call;
    struct common_options common;
    struct policy policy;
    struct connection_store store;
    struct endpoint smtp;
    struct message_options message;
    struct submission_request submission; /* all but the message */
    struct authentication_options authentication;
    size_t target_count;
    struct target *target; /* owned */
    bool seed_list;        /* --mailbox */
    char **recipient;      /* the seed list's addresses; owned, the strings are the targets' */
    double wait_s;

    bool deferred;
    struct flight_policy flight;
    double greylist_grace_s, window_s;
    bool history;        /* --history: only print it */
    bool history_needed; /* a threshold was set on what only the history knows */
    uint64_t key, route; /* of the service; of its configuration */
};

/* What became of the submission. */
enum sending {
    SENDING_NOT_DUE,   /* --deferred: the last one is recent */
    SENDING_NOT_SENT,  /* the mailbox could not be opened, or the message was refused */
    SENDING_TESTED,    /* all but the message: it could not have been recorded */
    SENDING_UNCERTAIN, /* sent in full, but no final reply was read */
    SENDING_SENT
};

/* One mailbox, as this run saw it. */
struct watch {
    const struct target *target;
    struct mailbox *mailbox;           /* owned; NULL before it was opened */
    struct resolver *resolver;         /* owned, but for the first watch's: each thread has its own */
    struct transcript transcript;      /* likewise */
    struct err failure;                /* FAULT_NONE where that side did its part */
    struct resume resume[FOLDERS_MAX]; /* how far earlier runs have looked */
    bool opened;
    double looked_at; /* when the last whole look began, by our clock; 0: none */
    const struct finding
        *landed; /* the first copy of the probe (--deferred: of the newest one); the mailbox's */
    const struct finding *bounce;
    size_t copies;
    double delivery_s, total_s; /* landed; else: until the waiting ended */
    bool body_read;
    int intact; /* compose_intact's answer, where body_read */
    const char *altered_how;
    struct verification *verification; /* owned; NULL: not done */
    bool marker_stripped;              /* found by Subject: the header field is gone */
    struct cleaned cleaned;
    struct err cleaning;
};

/* What earlier runs left, and what this one adds to it. */
struct past {
    struct history *history; /* owned; NULL while it is not used: a run that waits keeps no database open */
    bool usable;             /* the history can be read and written */
    struct err failure;      /* why not */
    struct flight flight;
    double previous; /* when the run before began; 0: this is the first */
    bool gap;        /* so long ago that what was under way then has no verdict */
    size_t given_up; /* for that; those that are found nevertheless among them */
    bool busy;       /* another run of this service is submitting right now */
    struct flight_news news;
    bool figures_known;
    struct history_figures figures;
};

struct result {
    enum sending sending;
    struct submission submission;
    struct err smtp_failure;  /* FAULT_NONE where that side did its part */
    struct marker marker;     /* of what was submitted */
    struct composed composed; /* owned */
    double began;             /* of the submission, by our clock */
    size_t watch_count;
    struct watch *watch; /* owned */
    struct past past;
};

/* False: *err is a usage or configuration error. *o is to be cleared in any case. */
bool options_read(struct options *o, int argc, char **argv, struct err *err);
void options_clear(struct options *o);

/* False only for what is our own fault; what the servers did is in result. */
bool probe(struct result *result, const struct options *options, struct transcript *transcript,
           struct err *err);
void result_clear(struct result *result);

void judge(struct report *report, const struct result *result, const struct options *options);

/* Keeps the verdict on the newest probe for the runs that find nothing newer. */
void remember(const struct report *report, struct result *result, const struct options *options);
/* --history: to stdout. False: *err says why there is nothing to print. */
bool print_history(const struct options *options, struct err *err);

#endif
