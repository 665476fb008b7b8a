/* SPDX-License-Identifier: GPL-3.0-or-later */
/* retrieval_options.h - the options of common/cli/retrieval.ggo: where to look, how long, what to clean up.
 */
#ifndef MAILPROOF_CLI_RETRIEVAL_OPTIONS_H
#define MAILPROOF_CLI_RETRIEVAL_OPTIONS_H

#include "common/judge/message.h"
#include "common/probe/tidy.h"

struct retrieval_args {
    char **folder;
    unsigned folder_count;
    bool no_junk;
    const char *spam_state, *wait, *cleanup, *purge_older_than, *purge_all_older_than;
};

#define RETRIEVAL_ARGS(args)                                                                                 \
    ((struct retrieval_args){                                                                                \
        .folder = (args)->folder_arg,                                                                        \
        .folder_count = (args)->folder_given,                                                                \
        .no_junk = (args)->no_junk_given > 0,                                                                \
        .spam_state = (args)->spam_state_arg,                                                                \
        .wait = (args)->wait_arg,                                                                            \
        .cleanup = (args)->cleanup_arg,                                                                      \
        .purge_older_than = (args)->purge_older_than_arg,                                                    \
        .purge_all_older_than = (args)->purge_all_older_than_arg,                                            \
    })

/* Points into the arguments and into itself: do not copy. */
struct retrieval_options {
    double wait_s;
    struct placement_policy placement;
    enum state folder_state[FOLDERS_MAX];
    struct tidy tidy; /* but for its key */
};

/* Fills request's folders, junk and read_write too. wait_s must hold the plugin's default. */
bool retrieval_options_read(struct retrieval_options *r, struct mailbox_request *request,
                            const struct retrieval_args *args, enum protocol protocol, struct err *err);
/* --protocol: "imap" or "pop3"; NULL: IMAP. */
bool retrieval_protocol(const char *text, enum protocol *protocol, struct err *err);

#endif
