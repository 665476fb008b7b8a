/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_mail_roundtrip in three acts: options -> probe -> judge. */
#ifndef MAILPROOF_CHECK_MAIL_ROUNDTRIP_H
#define MAILPROOF_CHECK_MAIL_ROUNDTRIP_H

#include "common/cli/authentication_options.h"
#include "common/cli/common_options.h"
#include "common/cli/connection.h"
#include "common/cli/message_options.h"
#include "common/cli/retrieval_options.h"
#include "common/judge/message.h"
#include "common/probe/mailbox.h"
#include "common/probe/marked.h"
#include "common/probe/submission.h"
#include "common/probe/tidy.h"
#include "plugins/check_mail_roundtrip/args.h"

struct options {
    struct args args; /* gengetopt's; what follows points into it */
    struct invocation call;
    struct common_options common;
    struct policy policy;
    struct connection_store store;
    struct endpoint smtp, imap;
    struct message_options message;
    struct retrieval_options retrieval;
    struct submission_request submission; /* all but the message */
    struct mailbox_request mailbox;       /* all but the marker */
    uint64_t key;                         /* of the service */
    struct authentication_options authentication;
};

enum outcome {
    OUTCOME_NOT_SENT,  /* the mailbox could not be opened, or the message was refused */
    OUTCOME_UNCERTAIN, /* sent in full, but no final reply was read */
    OUTCOME_WAITED,    /* accepted; waited in vain, or the mailbox was lost while waiting */
    OUTCOME_BOUNCED,
    OUTCOME_LANDED
};

struct result {
    enum outcome outcome;
    struct submission submission;
    struct mailbox *mailbox; /* owned; NULL before it was opened */
    struct marker marker;
    struct composed composed;              /* owned */
    struct err smtp_failure, imap_failure; /* FAULT_NONE where that side did its part */

    const struct finding *landed; /* the first copy; the mailbox's */
    const struct finding *bounce;
    size_t copies;
    double delivery_s, total_s; /* landed; else: until the waiting ended */
    bool body_read;
    int intact; /* compose_intact's answer, where body_read */
    const char *altered_how;
    bool verified; /* .verification was done */
    struct verification verification;
    bool marker_stripped; /* found by Subject: the header field is gone */
    struct cleaned cleaned;
    struct err cleaning;
};

/* False: *err is a usage or configuration error. *o is to be cleared in any case. */
bool options_read(struct options *o, int argc, char **argv, struct err *err);
void options_clear(struct options *o);

/* False only for what is our own fault; what the servers did is in result. */
bool probe(struct result *result, const struct options *options, struct transcript *transcript,
           struct err *err);
void result_clear(struct result *result);

void judge(struct report *report, const struct result *result, const struct options *options);

#endif
