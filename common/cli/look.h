/* SPDX-License-Identifier: GPL-3.0-or-later */
/* look.h - one look into a mailbox, or a wait in it that a person at a terminal can follow. */
#ifndef MAILPROOF_CLI_LOOK_H
#define MAILPROOF_CLI_LOOK_H

#include "common/probe/mailbox.h"

enum { CLOSING_S = 1 }; /* kept of a run's deadline for cleaning and a polite end */

/* Looks once, or where wait_s > 0 (--wait) until enough() says so, for wait_s at most and within the
 * deadline. False also where too little was found and the server refused to show what may be it. */
bool look(struct mailbox *mailbox, double wait_s, struct deadline deadline, mailbox_enough_fn *enough,
          void *context, struct err *err);

#endif
