/* SPDX-License-Identifier: GPL-3.0-or-later */
/* authentication_options.h - the options of common/cli/authentication.ggo: what is believed, verified and
 * required. */
#ifndef MAILPROOF_CLI_AUTHENTICATION_OPTIONS_H
#define MAILPROOF_CLI_AUTHENTICATION_OPTIONS_H

#include "common/judge/authentication.h"

struct authentication_args {
    const char *require, *border, *verify, *alignment, *expect_policy, *expect_selector, *disagreement, *now;
    char **authserv_id;
    unsigned authserv_id_count;
    bool verify_given;
};

#define AUTHENTICATION_ARGS(args)                                                                            \
    ((struct authentication_args){                                                                           \
        .require = (args)->require_arg,                                                                      \
        .border = (args)->border_arg,                                                                        \
        .verify = (args)->verify_arg,                                                                        \
        .alignment = (args)->alignment_arg,                                                                  \
        .expect_policy = (args)->expect_policy_arg,                                                          \
        .expect_selector = (args)->expect_selector_arg,                                                      \
        .disagreement = (args)->disagreement_arg,                                                            \
        .now = (args)->now_arg,                                                                              \
        .authserv_id = (args)->authserv_id_arg,                                                              \
        .authserv_id_count = (args)->authserv_id_given,                                                      \
        .verify_given = (args)->verify_given > 0,                                                            \
    })

/* The strings stay the arguments'. */
struct authentication_options {
    struct authentication_policy policy;
    struct verification_request verification; /* .now: 0 for the clock's */
    const char *const *authserv_ids;
    size_t authserv_id_count;
};

/* policy.require and verification.verify must hold the plugin's defaults. FAULT_USAGE names the option and
 * what it takes. */
bool authentication_options_read(struct authentication_options *o, const struct authentication_args *args,
                                 struct err *err);
/* Whether anything is to be verified at all. */
bool authentication_verifies(const struct authentication_options *o);
/* What there is of a message: its header section, and what was verified (may be NULL). */
void authentication_collect(struct authentication *a, const struct authentication_options *o,
                            struct slice header, const struct verification *verified);

#endif
