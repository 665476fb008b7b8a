/* SPDX-License-Identifier: GPL-3.0-or-later */
/* matcher_options.h - the options of common/cli/matcher.ggo: which message. */
#ifndef MAILPROOF_CLI_MATCHER_OPTIONS_H
#define MAILPROOF_CLI_MATCHER_OPTIONS_H

#include "common/probe/mailbox.h"

struct matcher_args {
    const char *marker, *subject, *match_from;
    char *match_header;
};

#define MATCHER_ARGS(args)                                                                                   \
    ((struct matcher_args){                                                                                  \
        .marker = (args)->marker_arg,                                                                        \
        .subject = (args)->subject_arg,                                                                      \
        .match_from = (args)->match_from_arg,                                                                \
        .match_header = (args)->match_header_arg,                                                            \
    })

/* matcher points into the arguments, and to marker where --marker is given. FAULT_USAGE names the option. */
bool matcher_options_read(struct matcher *matcher, struct marker *marker, const struct matcher_args *args,
                          struct err *err);

#endif
