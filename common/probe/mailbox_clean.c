/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>

#include "common/mail/mutf7.h"
#include "common/probe/mailbox_internal.h"

enum {
    PURGE_MAX = 1000,    /* messages that one run removes from a folder: the next run goes on */
    SET_MAX = 100,       /* UIDs in one command */
    SEARCH_CHUNK = 5000, /* messages: what is found stands in one line */
    DAY_S = 86400,
    FIRST_PROBE = 1767225600, /* 2026: nothing of ours was sent before */
    CLOCK_SLACK_S = 120
};

/* What --subject or the like matched is never ours by that alone. */
bool mailbox_is_own(const struct cleaning *cleaning, enum message_kind kind, const struct marker *marker)
{
    switch (kind) {
    case MESSAGE_PROBE:
    case MESSAGE_BOUNCE:
    case MESSAGE_DELAYED:
        return cleaning->any_key || marker->key == cleaning->key;
    case MESSAGE_REPLY:
    case MESSAGE_OTHER:
        break;
    }
    return false;
}

bool mailbox_is_doomed(const struct cleaning *cleaning, const struct finding *f)
{
    return mailbox_is_own(cleaning, f->kind, &f->marker) &&
           (cleaning->chosen == NULL || cleaning->chosen(cleaning->context, f));
}

/* The send time is the sender's clock: one that starts in 1970 or runs ahead must not make a probe old at
 * once, nor keep it for years. */
bool mailbox_is_outdated(const struct cleaning *cleaning, const struct matched *matched, bool dated,
                         time_t arrived)
{
    double now = clock_wall(), sent = (double)matched->marker.sent;

    if (!mailbox_is_own(cleaning, matched->kind, &matched->marker))
        return false;
    if (sent >= FIRST_PROBE && sent <= now + CLOCK_SLACK_S)
        return sent < now - cleaning->older_than_s;
    return dated && (double)arrived < now - cleaning->older_than_s;
}

bool mailbox_not_cleaned(struct cleaned *out, struct err *err, const char *why)
{
    out->refused = true;
    return err_set(err, FAULT_CLEANUP, STAGE_CLEANUP, "nothing was removed: %s", why);
}

static bool command_refused(struct cleaned *out, struct err *err, const struct imap_result *result,
                            const char *what)
{
    struct err why;

    imap_refused(result, STAGE_CLEANUP, what, &why);
    out->refused = true;
    return err_set(err, FAULT_CLEANUP, STAGE_CLEANUP, "%s", why.text);
}

/* --- taking messages out of a folder --- */

struct removal {
    struct mailbox *m;
    struct slice move_to; /* wire name; empty: delete in place */
    struct cleaned *out;
};

static void queue_set(struct removal *r, const char *verb, const struct uids *uids, size_t from)
{
    struct buffer set = BUFFER_INIT(SET_MAX * 12);

    uids_print(uids, from, SET_MAX, &set);
    imap_begin(&r->m->imap, verb);
    imap_text(&r->m->imap, buffer_text(&set));
    buffer_clear(&set);
}

static bool finish(struct removal *r, const char *what, struct err *err)
{
    struct imap_result result;

    imap_end(&r->m->imap, &result);
    if (!imap_run(&r->m->imap, STAGE_CLEANUP, NULL, NULL, err))
        return false;
    return result.status == IMAP_OK || command_refused(r->out, err, &result, what);
}

/* UID EXPUNGE removes these and no others, whoever else may have flagged something (RFC 4315). */
static bool expunge_set(struct removal *r, const struct uids *uids, size_t from, struct err *err)
{
    queue_set(r, "UID STORE ", uids, from);
    imap_text(&r->m->imap, " +FLAGS.SILENT (\\Deleted)");
    if (!finish(r, "STORE", err))
        return false;
    queue_set(r, "UID EXPUNGE ", uids, from);
    return finish(r, "EXPUNGE", err);
}

static bool move_set(struct removal *r, const struct uids *uids, size_t from, struct err *err)
{
    bool can_move = imap_can(&r->m->imap, IMAP_CAN_MOVE);

    queue_set(r, can_move ? "UID MOVE " : "UID COPY ", uids, from);
    imap_text(&r->m->imap, " ");
    imap_string(&r->m->imap, r->move_to);
    return finish(r, can_move ? "MOVE" : "COPY", err) && (can_move || expunge_set(r, uids, from, err));
}

static bool remove_all(struct removal *r, const struct uids *uids, struct err *err)
{
    if (uids->count > 0 && r->m->imap.read_only)
        return mailbox_not_cleaned(r->out, err, "the server opened the folder read-only");
    for (size_t at = 0; at < uids->count; at += SET_MAX) {
        if (!(r->move_to.len > 0 ? move_set(r, uids, at, err) : expunge_set(r, uids, at, err)))
            return false;
        r->out->removed += uids->count - at < SET_MAX ? uids->count - at : SET_MAX;
    }
    return true;
}

/* --- which ones --- */

static void list_findings(const struct mailbox *m, const struct cleaning *cleaning, size_t folder,
                          struct uids *out)
{
    for (size_t i = 0; i < m->finding_count; i++) {
        const struct finding *f = m->finding[i];
        if (f->folder == folder && f->uidvalidity == m->folder[folder].uidvalidity &&
            mailbox_is_doomed(cleaning, f))
            uids_add(out, f->uid);
    }
    uids_sort(out);
}

struct purge {
    const struct cleaning *cleaning;
    struct uids doomed;
};

/* Verified one by one: the SEARCH is only a hint. */
static void verify(struct examination *e, const struct imap_fetch *fetch, struct slice text)
{
    static const struct matcher anything;
    struct purge *p = e->context;
    struct matched matched;

    if (e->depth == DEPTH_BODY)
        match_message(&anything, text, &matched);
    else if (match_any_marker(text, &matched) == MATCH_BODY)
        uids_add(&e->bodies, fetch->uid);
    if ((e->depth == DEPTH_BODY || matched.kind == MESSAGE_PROBE) &&
        mailbox_is_outdated(p->cleaning, &matched, fetch->dated, fetch->internal_date))
        uids_add(&p->doomed, fetch->uid);
}

static bool verify_all(struct mailbox *m, struct purge *p, const struct uids *hits, struct err *err)
{
    struct examination e = {.m = m, .compare = verify, .context = p, .from = 1, .to = UINT32_MAX};
    bool ok = true;

    for (size_t at = 0; ok && at < hits->count && p->doomed.count < PURGE_MAX; at += SET_MAX)
        ok = mailbox_fetch_list(&e, DEPTH_FIELDS, hits, at, SET_MAX, err);
    uids_sort(&e.bodies);
    if (ok && e.bodies.count > 0)
        ok = mailbox_fetch_list(&e, DEPTH_BODY, &e.bodies, 0, BODIES_MAX, err);
    uids_sort(&p->doomed);
    examination_clear(&e);
    return ok;
}

static void take_hits(void *context, const struct imap_response *r)
{
    struct uids *hits = context;
    struct imap_numbers numbers;
    uint32_t uid;

    if (!imap_search_parse(r, &numbers))
        return;
    while (!hits->cut && imap_numbers_next(&numbers, &uid))
        if (uid != 0)
            uids_add(hits, uid);
}

/* A header searched for an empty string: any that has it (RFC 3501 section 6.4.4). */
static bool search_old(struct mailbox *m, const struct cleaning *cleaning, struct uids *hits, struct err *err)
{
    uint32_t first = 1;
    struct imap_result result = {.status = IMAP_OK};

    while (first <= m->imap.exists && !hits->cut && result.status == IMAP_OK) {
        uint32_t last = m->imap.exists - first >= SEARCH_CHUNK ? first + SEARCH_CHUNK - 1 : m->imap.exists;
        imap_begin(&m->imap, "UID SEARCH ");
        imap_format(&m->imap, "%" PRIu32 ":%" PRIu32, first, last);
        mailbox_queue_date(m, " BEFORE ", cleaning->older_than_s - DAY_S);
        imap_text(&m->imap, " OR OR HEADER X-Mailproof-Marker \"\" SUBJECT \"" MARKER_PREFIX
                            "\" FROM \"mailer-daemon\"");
        imap_end(&m->imap, &result);
        if (!imap_run(&m->imap, STAGE_CLEANUP, take_hits, hits, err))
            return false;
        first = last + 1;
    }
    uids_sort(hits);
    return result.status == IMAP_OK || imap_refused(&result, STAGE_CLEANUP, "SEARCH", err);
}

static bool list_outdated(struct mailbox *m, const struct cleaning *cleaning, struct uids *out,
                          struct err *err)
{
    struct purge purge = {.cleaning = cleaning};
    struct uids hits = {.count = 0};
    bool ok = search_old(m, cleaning, &hits, err) && verify_all(m, &purge, &hits, err);

    uids_clear(&hits);
    *out = purge.doomed;
    return ok;
}

static bool clean_folder(struct removal *r, const struct cleaning *cleaning, size_t folder, struct err *err)
{
    struct uids doomed = {.count = 0};
    struct removal here = *r;
    bool ok = true;

    if (slice_eq(r->move_to, buffer_slice(&r->m->place[folder].wire))) { /* where it would be moved to */
        if (cleaning->older_than_s < 0 || !imap_can(&r->m->imap, IMAP_CAN_UIDPLUS))
            return true;
        here.move_to = SLICE("");
    }
    if (cleaning->older_than_s < 0) {
        list_findings(r->m, cleaning, folder, &doomed);
        if (doomed.count == 0)
            return true;
    }
    int done = mailbox_select(r->m, folder, STAGE_CLEANUP, err);
    if (done > 0 && cleaning->older_than_s >= 0)
        ok = list_outdated(r->m, cleaning, &doomed, err);
    ok = ok && done >= 0 && (done == 0 || remove_all(&here, &doomed, err));
    uids_clear(&doomed);
    return ok;
}

/* What lies there counts against the quota, and it may have been moved there by us. */
static bool purge_trash(const struct removal *r, const struct cleaning *cleaning, struct err *err)
{
    struct mailbox *m = r->m;
    struct buffer *trash = &m->special.trash, *wire = &m->place[TRASH_PLACE].wire;
    struct removal in_place = {.m = m, .out = r->out};

    if (!imap_can(&m->imap, IMAP_CAN_UIDPLUS))
        return true;
    if (trash->len == 0 && !m->request.junk && !mailbox_list(m, err)) /* junk: it was listed */
        return false;
    for (size_t i = 0; i < m->folder_count; i++)
        if (slice_eq(buffer_slice(&m->place[i].wire), buffer_slice(trash)))
            return true;
    *wire = wire->max == 0 ? BUFFER_INIT(FOLDER_WIRE_MAX) : *wire;
    buffer_reset(wire);
    return trash->len == 0 || !buffer_append(wire, buffer_slice(trash)) ||
           clean_folder(&in_place, cleaning, TRASH_PLACE, err);
}

/* --- how --- */

static bool find_trash(struct mailbox *m, struct cleaned *out, struct buffer *target, struct err *err)
{
    if (m->special.trash.len == 0 && !mailbox_list(m, err))
        return false;
    if (m->special.trash.len == 0)
        return mailbox_not_cleaned(out, err, "there is no \\Trash folder to move it to");
    return buffer_append(target, buffer_slice(&m->special.trash)) ||
           err_set(err, FAULT_INTERNAL, STAGE_CLEANUP, "out of memory");
}

/* Gmail takes a deletion for "archive": only its trash forgets (and other servers with MOVE alone have no
 * other way). */
static bool choose_target(struct mailbox *m, const struct cleaning *cleaning, struct cleaned *out,
                          struct buffer *target, struct err *err)
{
    bool uidplus = imap_can(&m->imap, IMAP_CAN_UIDPLUS), move = imap_can(&m->imap, IMAP_CAN_MOVE);

    if (!uidplus && !move)
        return mailbox_not_cleaned(
            out, err,
            "the server offers neither UIDPLUS nor MOVE, and EXPUNGE would hit others' messages too");
    if (cleaning->how == CLEANUP_MOVE)
        return mutf7_encode(target, slice_from(cleaning->move_to)) ||
               err_set(err, FAULT_USAGE, STAGE_NONE, "\"%s\" cannot be the name of a folder",
                       cleaning->move_to);
    return (uidplus && !imap_can(&m->imap, IMAP_CAN_GMAIL)) || find_trash(m, out, target, err);
}

bool mailbox_imap_clean(struct mailbox *m, const struct cleaning *cleaning, struct cleaned *out,
                        struct err *err)
{
    struct buffer target = BUFFER_INIT(64 * 1024);
    struct removal removal = {.m = m, .out = out};
    bool ok = choose_target(m, cleaning, out, &target, err);

    removal.move_to = buffer_slice(&target);
    for (size_t i = 0; ok && i < m->folder_count; i++)
        if (m->folder[i].selectable)
            ok = clean_folder(&removal, cleaning, i, err);
    ok = ok && (cleaning->older_than_s < 0 || purge_trash(&removal, cleaning, err));
    buffer_clear(&target);
    return ok;
}

/* --- quota --- */

/* A courtesy, asked when the verdict is known: a server that does not answer must not cost the run's time. */
static const double QUOTA_PATIENCE_S = 3;

static void take_quota(void *context, const struct imap_response *r)
{
    struct quota *quota = context;
    double percent;

    if (!imap_quota_parse(r, &percent))
        return;
    if (!quota->known || percent > quota->used_percent)
        *quota = (struct quota){true, percent};
}

void mailbox_imap_quota(struct mailbox *m)
{
    struct err ignored;
    struct deadline whole = m->imap.stream->deadline;
    size_t i = mailbox_main_folder(m);

    m->quota_asked = true;
    if (i == NO_FOLDER || !imap_can(&m->imap, IMAP_CAN_QUOTA))
        return;
    imap_begin(&m->imap, "GETQUOTAROOT ");
    imap_string(&m->imap, buffer_slice(&m->place[i].wire));
    imap_end(&m->imap, NULL);
    m->imap.stream->deadline = deadline_earlier(whole, deadline_in(QUOTA_PATIENCE_S));
    imap_run(&m->imap, STAGE_SEARCH, take_quota, &m->quota, &ignored);
    m->imap.stream->deadline = whole;
}
