/* SPDX-License-Identifier: GPL-3.0-or-later */
/* service.h - what makes a service the same one in the next run: its name, or whom it talks to about whom. */
#ifndef MAILPROOF_CLI_SERVICE_H
#define MAILPROOF_CLI_SERVICE_H

#include "common/probe/mailbox.h"
#include "common/probe/submission.h"

/* Whom a plugin talks to about whom; never secrets or thresholds. */
struct service_route {
    const char *check;                           /* "check_mail_roundtrip" */
    const struct submission_request *submission; /* NULL: it sends nothing */
    const struct mailbox_request *const *mailboxes;
    size_t mailbox_count;
    struct slice body; /* --body-file's content: another text is another probe */
};

/* A hash of the plugin's name, each endpoint's host, port and user, the addresses, the folders and the body.
 */
uint64_t service_route_key(const struct service_route *route);
/* The key that markers carry (marker.h). name: --service, else NULL: the route's. */
uint64_t service_key(const char *name, const struct service_route *route);
/* Of a plugin that has one mailbox and sends nothing. */
uint64_t service_mailbox_key(const char *name, const char *check, const struct mailbox_request *mailbox);

#endif
