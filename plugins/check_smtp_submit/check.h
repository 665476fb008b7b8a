/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_smtp_submit in three acts: options -> probe -> judge. */
#ifndef MAILPROOF_CHECK_SMTP_SUBMIT_H
#define MAILPROOF_CHECK_SMTP_SUBMIT_H

#include "common/cli/common_options.h"
#include "common/cli/connection.h"
#include "common/cli/message_options.h"
#include "common/judge/connection.h"
#include "common/probe/marked.h"
#include "common/probe/submission.h"
#include "plugins/check_smtp_submit/args.h"

struct options {
    struct args args; /* gengetopt's; what follows points into it */
    struct invocation call;
    struct common_options common;
    struct policy policy;
    struct connection_store store;
    struct endpoint endpoint;
    struct message_options message;
    struct submission_request request; /* all but the message */
    uint64_t key;                      /* of the service */
};

/* What was measured. */
struct result {
    struct submission submission;
    struct marker marker;
    char message_id[sizeof((struct composed *)NULL)->message_id];
    double total_s;
    struct err failure; /* FAULT_NONE: accepted, or stopped as asked */
};

/* False: *err is a usage or configuration error. *o is to be cleared in any case. */
bool options_read(struct options *o, int argc, char **argv, struct err *err);
void options_clear(struct options *o);

/* False only for what is our own fault (no randomness, unusable message); what the server did is in result.
 */
bool probe(struct result *result, const struct options *options, struct transcript *transcript,
           struct err *err);

void judge(struct report *report, const struct result *result, const struct options *options);

#endif
