/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_dmarc_align in three acts: options -> probe -> judge. */
#ifndef MAILPROOF_CHECK_DMARC_ALIGN_H
#define MAILPROOF_CHECK_DMARC_ALIGN_H

#include "common/cli/authentication_options.h"
#include "common/cli/common_options.h"
#include "common/cli/connection.h"
#include "common/cli/retrieval_options.h"
#include "common/judge/cleaning.h"
#include "common/judge/message.h"
#include "common/probe/mailbox.h"
#include "common/probe/tidy.h"
#include "plugins/check_dmarc_align/args.h"

enum input { INPUT_FILE, INPUT_MAILBOX, INPUT_IDENTITIES };

struct options {
    struct args args; /* gengetopt's; what follows points into it */
    struct invocation call;
    struct common_options common;
    struct policy policy;
    enum input input;
    struct authentication_options authentication;
    /* of INPUT_MAILBOX */
    struct connection_store store;
    struct endpoint endpoint;
    struct retrieval_options retrieval;
    struct mailbox_request request;
    struct marker marker;
    double max_age_s; /* 0: any */
};

struct result {
    struct mailbox *mailbox;       /* owned; NULL without one */
    const struct finding *finding; /* the mailbox's: the newest match; NULL: none */
    double age_s;                  /* of it; negative: not known */
    struct buffer header;          /* of the message; empty without one */
    bool verified;                 /* .verification was done */
    struct verification verification;
    double total_s;
    struct cleaned cleaned;
    struct err cleaning; /* FAULT_NONE: nothing to complain of */
    struct err failure;  /* FAULT_NONE: the message was read, or there is none that matches */
};

/* False: *err is a usage or configuration error. *o is to be cleared in any case. */
bool options_read(struct options *o, int argc, char **argv, struct err *err);
void options_clear(struct options *o);

/* False only for what is our own fault or the file's; what a server did is in result. */
bool probe(struct result *result, const struct options *options, struct transcript *transcript,
           struct err *err);
void result_clear(struct result *result);
/* Whether the newest match is older than --max-age allows. */
bool result_outdated(const struct result *result, const struct options *options);

void judge(struct report *report, const struct result *result, const struct options *options);

#endif
