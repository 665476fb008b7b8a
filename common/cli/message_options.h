/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message_options.h - the options of common/cli/message.ggo and transaction.ggo: what is sent, from whom, to
 * whom, how. */
#ifndef MAILPROOF_CLI_MESSAGE_OPTIONS_H
#define MAILPROOF_CLI_MESSAGE_OPTIONS_H

#include "common/mail/compose.h"
#include "common/probe/submission.h"

struct message_args {
    const char *from, *mail_from, *subject, *body_file, *helo;
    char **to, **header;
    unsigned to_count, header_count;
    const char *mx, *sendmail, *retry;
    bool sendmail_given, pipelining;
};

#define MESSAGE_ARGS(args)                                                                                   \
    ((struct message_args){                                                                                  \
        .from = (args)->from_arg,                                                                            \
        .mail_from = (args)->mail_from_arg,                                                                  \
        .subject = (args)->subject_arg,                                                                      \
        .body_file = (args)->body_file_arg,                                                                  \
        .helo = (args)->helo_arg,                                                                            \
        .to = (args)->to_arg,                                                                                \
        .header = (args)->header_arg,                                                                        \
        .to_count = (args)->to_given,                                                                        \
        .header_count = (args)->header_given,                                                                \
        .mx = (args)->mx_arg,                                                                                \
        .sendmail = (args)->sendmail_arg,                                                                    \
        .retry = (args)->retry_arg,                                                                          \
        .sendmail_given = (args)->sendmail_given > 0,                                                        \
        .pipelining = (args)->pipelining_given > 0,                                                          \
    })

/* Points into the arguments and into itself: do not copy. */
struct message_options {
    struct compose_request compose; /* all but marker and time */
    char *envelope[RECIPIENTS_MAX +
                   1]; /* owned: the sender's, then the recipients' addr-specs, domains as A-labels */
    size_t recipient_count;
    struct buffer body;
    char helo[DOMAIN_MAX];
    char mx[DOMAIN_MAX];
};

/* stop_after tells how much must be there: a connection needs no sender. Fills request, but for its endpoint
 * and message. FAULT_USAGE names the option, FAULT_CONFIG the body's file. */
bool message_options_read(struct message_options *m, struct submission_request *request,
                          const struct message_args *args, enum stop_after stop_after, struct err *err);
void message_options_clear(struct message_options *m);

#endif
