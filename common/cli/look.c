/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/cli/look.h"

#include "common/cli/terminal.h"

static bool look_or_wait(struct mailbox *mailbox, double wait, mailbox_enough_fn *enough, void *context,
                         struct err *err)
{
    if (wait <= 0)
        return mailbox_look(mailbox, err);
    terminal_wait_begins("waiting for a message that matches", wait);
    bool ok = mailbox_wait(mailbox, wait, enough, context, err);
    terminal_wait_ends();
    return ok;
}

bool look(struct mailbox *mailbox, double wait_s, struct deadline deadline, mailbox_enough_fn *enough,
          void *context, struct err *err)
{
    struct err refused;
    double left = deadline_left(deadline) - CLOSING_S, wait = wait_s < left ? wait_s : left;

    if (!look_or_wait(mailbox, wait, enough, context, err))
        return false;
    if ((mailbox_finding_count(mailbox) > 0 && enough(mailbox, context)) ||
        !mailbox_was_refused(mailbox, &refused))
        return true;
    *err = refused;
    return false;
}
