/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_imap_marker in three acts: options -> probe -> judge. */
#ifndef MAILPROOF_CHECK_IMAP_MARKER_H
#define MAILPROOF_CHECK_IMAP_MARKER_H

#include "common/cli/common_options.h"
#include "common/cli/connection.h"
#include "common/cli/retrieval_options.h"
#include "common/judge/cleaning.h"
#include "common/judge/message.h"
#include "common/probe/mailbox.h"
#include "common/probe/tidy.h"
#include "plugins/check_imap_marker/args.h"

struct options {
    struct args args; /* gengetopt's; what follows points into it */
    struct invocation call;
    struct common_options common;
    struct policy policy;
    struct connection_store store;
    struct endpoint endpoint;
    struct retrieval_options retrieval;
    struct mailbox_request request;
    struct marker marker;
    struct range expect; /* of matches; not set: at least one */
    double max_age_s;    /* --max-age; 0: any age will do */
};

struct result {
    struct mailbox *mailbox; /* owned; NULL before it was opened */
    double total_s;
    double now; /* by the wall clock, when the last look ended */
    struct quota quota;
    struct cleaned cleaned;
    struct err cleaning; /* FAULT_NONE: nothing to complain of */
    struct err failure;  /* FAULT_NONE: looked at everything that was asked for */
};

/* False: *err is a usage or configuration error. *o is to be cleared in any case. */
bool options_read(struct options *o, int argc, char **argv, struct err *err);
void options_clear(struct options *o);
/* Whether a finding is what was looked for, not a bounce or an answer that quotes it. */
bool options_match(const struct options *o, const struct finding *finding);

/* False only for what is our own fault; what the server did is in result. */
bool probe(struct result *result, const struct options *options, struct transcript *transcript,
           struct err *err);
void result_clear(struct result *result);

void judge(struct report *report, const struct result *result, const struct options *options);

#endif
