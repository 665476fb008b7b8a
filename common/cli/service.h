/* SPDX-License-Identifier: GPL-3.0-or-later */
/* service.h - what makes a service the same one in the next run: its name, or whom it talks to about whom. */
#ifndef MAILPROOF_CLI_SERVICE_H
#define MAILPROOF_CLI_SERVICE_H

#include "common/probe/mailbox.h"
#include "common/probe/submission.h"

/* The key that markers carry (marker.h). name: --service, else NULL: a hash of the plugin's name, each
 * endpoint's host, port and user, the addresses and the folders; never of secrets or thresholds. submission
 * and mailbox may be NULL. */
uint64_t service_key(const char *name, const char *check, const struct submission_request *submission,
                     const struct mailbox_request *mailbox);

#endif
