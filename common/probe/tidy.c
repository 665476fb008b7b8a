/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/probe/tidy.h"

bool tidy_wanted(const struct tidy *tidy)
{
    return tidy->how != CLEANUP_NONE || tidy->purge_s >= 0 || tidy->purge_all_s >= 0;
}

static bool clean(struct mailbox *mailbox, const struct cleaning *cleaning, struct cleaned *total,
                  struct err *err)
{
    struct cleaned one = {0};
    bool ok = mailbox_clean(mailbox, cleaning, &one, err);

    total->removed += one.removed;
    total->refused = total->refused || one.refused;
    return ok && !one.refused;
}

static bool run(const struct tidy *tidy, struct mailbox *mailbox, struct cleaned *total, struct err *err)
{
    struct cleaning cleaning = {.how = tidy->how,
                                .move_to = tidy->move_to,
                                .key = tidy->key,
                                .older_than_s = -1,
                                .chosen = tidy->chosen,
                                .context = tidy->context};

    if (tidy->how != CLEANUP_NONE && !clean(mailbox, &cleaning, total, err))
        return false;
    if (cleaning.how == CLEANUP_NONE)
        cleaning.how = CLEANUP_DELETE;
    cleaning.older_than_s = tidy->purge_s;
    if (tidy->purge_s >= 0 && !clean(mailbox, &cleaning, total, err))
        return false;
    cleaning.any_key = true;
    cleaning.older_than_s = tidy->purge_all_s;
    return tidy->purge_all_s < 0 || clean(mailbox, &cleaning, total, err);
}

bool tidy_run(const struct tidy *tidy, struct mailbox *mailbox, struct cleaned *total, struct err *err)
{
    if (!tidy_wanted(tidy))
        return true;
    bool ok = run(tidy, mailbox, total, err);
    total->quota = mailbox_quota(mailbox);
    return ok;
}
