/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/cli/look.h"

#include "common/cli/terminal.h"

bool look(struct mailbox *mailbox, double wait_s, struct deadline deadline, mailbox_enough_fn *enough,
          void *context, struct err *err)
{
    double left = deadline_left(deadline) - CLOSING_S, wait = wait_s < left ? wait_s : left;

    if (wait <= 0)
        return mailbox_look(mailbox, err);
    terminal_wait_begins("waiting for a message that matches", wait);
    bool ok = mailbox_wait(mailbox, wait, enough, context, err);
    terminal_wait_ends();
    return ok;
}
