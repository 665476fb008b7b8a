/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/imap.h"

#include "common/net/imap_internal.h"

/* 1 where the server lets us idle, 0 where it says NO or BAD. */
static int enter(struct imap *i, enum stage stage, struct err *err)
{
    struct imap_response r;

    if (!imap_flush(i, stage, NULL, NULL, err))
        return -1;
    do {
        if (!imap_receive(i, stage, &r, err))
            return -1;
        if (i->pending[0].done)
            return 0;
    } while (r.kind != IMAP_CONTINUE);
    return 1;
}

int imap_idle(struct imap *i, enum stage stage, struct err *err)
{
    imap_begin(i, "IDLE");
    imap_end(i, NULL);
    int idling = enter(i, stage, err);
    if (idling < 0)
        err_add(err, " (IDLE)"); /* which is no step of its own */
    if (idling <= 0)
        imap_forget(i);
    return idling;
}

/* A server may end the IDLE of its own accord. */
static bool ended(const struct imap *i)
{
    return i->pending_count > 0 && i->pending[0].done;
}

int imap_listen(struct imap *i, enum stage stage, unsigned seen, double seconds, struct err *err)
{
    struct imap_response r;
    struct deadline until = deadline_in(seconds);

    while (i->announced == seen && !ended(i)) {
        int ready = stream_wait(i->stream, stage, deadline_left(until), err);
        if (ready <= 0)
            return ready;
        if (!imap_receive(i, stage, &r, err))
            return -1;
        if (i->bye) {
            imap_said_bye(i, stage, err);
            return -1;
        }
    }
    return 1;
}

bool imap_idle_done(struct imap *i, enum stage stage, struct err *err)
{
    struct imap_response r;
    bool ok = true;

    if (!ended(i))
        ok = stream_send(i->stream, stage, SLICE("DONE\r\n"), err);
    while (ok && !ended(i))
        ok = imap_receive(i, stage, &r, err);
    if (!ok)
        err_add(err, " (DONE)");
    imap_forget(i);
    return ok;
}
