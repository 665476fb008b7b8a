/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tidy.h - what is removed at the end of a run: the probe that was just found, and old ones. */
#ifndef MAILPROOF_PROBE_TIDY_H
#define MAILPROOF_PROBE_TIDY_H

#include "common/probe/mailbox.h"

struct tidy {
    enum cleanup how; /* --cleanup: of what this run found */
    const char *move_to;
    uint64_t key;       /* whose probes are ours */
    double purge_s;     /* --purge-older-than: ours; < 0: not asked for */
    double purge_all_s; /* --purge-all-older-than: any mailproof's; < 0: not asked for */
    mailbox_chosen_fn *chosen; /* of the findings, only those; NULL: all that have the key */
    void *context;
};

#define TIDY_NONE ((struct tidy){.how = CLEANUP_NONE, .purge_s = -1, .purge_all_s = -1})

bool tidy_wanted(const struct tidy *tidy); /* the folders must then be opened for writing */
/* Adds up what was removed, and asks for the quota. False at the first refusal or failure. Nothing is done
 * where nothing is wanted. */
bool tidy_run(const struct tidy *tidy, struct mailbox *mailbox, struct cleaned *total, struct err *err);

#endif
