/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/probe/mailbox_internal.h"

static bool list_findings(struct mailbox *m, const struct cleaning *cleaning, struct uids *doomed,
                          struct err *err)
{
    for (size_t i = 0; i < m->finding_count; i++) {
        const struct finding *f = m->finding[i];
        uint32_t number;
        if (!mailbox_is_doomed(cleaning, f))
            continue;
        int done = mailbox_pop3_locate(m, f, STAGE_CLEANUP, &number, err);
        if (done < 0)
            return false;
        if (done > 0)
            uids_add(doomed, number);
    }
    return true;
}

struct purge {
    const struct cleaning *cleaning;
    struct uids doomed, bodies;
    bool body;
};

static bool verify(void *context, uint32_t number, struct slice text)
{
    static const struct matcher anything;
    struct purge *p = context;
    struct matched matched;
    time_t arrived = 0;

    if (p->body)
        match_message(&anything, text, &matched);
    else if (match_any_marker(text, &matched) == MATCH_BODY)
        uids_add(&p->bodies, number);
    bool dated = mailbox_pop3_received(text, &arrived);
    if ((p->body || matched.kind == MESSAGE_PROBE) &&
        mailbox_is_outdated(p->cleaning, &matched, dated, arrived))
        uids_add(&p->doomed, number);
    return true;
}

/* The oldest ones: the next run goes on where this one ended. */
static bool list_outdated(struct mailbox *m, struct purge *p, struct err *err)
{
    struct buffer text = BUFFER_INIT(HEADERS_MAX);
    uint32_t newest = m->maildrop < POP3_LOOK_MAX ? m->maildrop : POP3_LOOK_MAX;
    bool ok = pop3_top(&m->pop3, STAGE_CLEANUP, newest, 1, 0, &text, verify, p, err);

    p->body = true;
    for (size_t i = 0; ok && i < p->bodies.count && i < BODIES_MAX; i++)
        ok = pop3_top(&m->pop3, STAGE_CLEANUP, p->bodies.uid[i], p->bodies.uid[i], POP3_BODY_LINES, &text,
                      verify, p, err);
    buffer_clear(&text);
    return ok;
}

/* DELE only marks: it is QUIT that removes, or not (RFC 1939 section 6). */
static bool remove_all(struct mailbox *m, const struct uids *doomed, struct cleaned *out, struct err *err)
{
    size_t marked = 0;

    if (doomed->count > 0 && !mailbox_pop3_move_base(m, doomed, err))
        return false;
    for (size_t i = 0; i < doomed->count; i++) {
        int done = pop3_delete(&m->pop3, STAGE_CLEANUP, doomed->uid[i], err);
        if (done < 0)
            return false;
        marked += (size_t)done;
    }
    if (doomed->count == 0)
        return true;
    int done = pop3_quit(&m->pop3, STAGE_CLEANUP, err);
    mailbox_disconnect(m, false);
    if (done < 0)
        return false;
    if (done == 0 || marked == 0)
        return mailbox_not_cleaned(out, err, "the server did not delete it");
    out->removed = marked;
    return true;
}

bool mailbox_pop3_clean(struct mailbox *m, const struct cleaning *cleaning, struct cleaned *out,
                        struct err *err)
{
    struct purge purge = {.cleaning = cleaning};

    if (cleaning->how == CLEANUP_MOVE)
        return mailbox_not_cleaned(out, err, "POP3 knows no folders to move a message to");
    if (!m->connected && !mailbox_pop3_session(m, err))
        return false;
    bool ok = cleaning->older_than_s < 0 ? list_findings(m, cleaning, &purge.doomed, err)
                                         : list_outdated(m, &purge, err);
    uids_sort(&purge.doomed);
    ok = ok && remove_all(m, &purge.doomed, out, err);
    uids_clear(&purge.doomed);
    uids_clear(&purge.bodies);
    return ok;
}
