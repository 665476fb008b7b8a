/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/base/text.h"
#include "common/mail/mutf7.h"
#include "common/probe/mailbox_internal.h"

static bool is_inbox(struct slice name)
{
    return slice_eq_nocase(name, SLICE("INBOX"));
}

static bool same_name(struct slice a, struct slice b)
{
    return slice_eq(a, b) || (is_inbox(a) && is_inbox(b));
}

static size_t find_place(const struct mailbox *m, struct slice wire)
{
    size_t i = 0;

    while (i < m->folder_count && !same_name(buffer_slice(&m->place[i].wire), wire))
        i++;
    return i;
}

/* The name as people read it: decoded where it can be. */
static void name_folder(struct folder *f, uint64_t *hash, struct slice wire)
{
    struct buffer utf8 = BUFFER_INIT(4 * FOLDER_WIRE_MAX);

    if (!mutf7_decode(&utf8, wire)) {
        buffer_reset(&utf8);
        buffer_append(&utf8, wire);
    }
    text_clean(f->name, sizeof f->name, buffer_slice(&utf8));
    *hash = folder_hash(buffer_text(&utf8));
    buffer_clear(&utf8);
}

static bool add_folder(struct mailbox *m, struct slice wire, enum folder_role role)
{
    if (m->folder_count == FOLDERS_MAX || find_place(m, wire) < m->folder_count)
        return true;
    struct place *place = &m->place[m->folder_count];
    struct folder *folder = &m->folder[m->folder_count];
    place->wire = BUFFER_INIT(64 * 1024);
    *folder = (struct folder){.role = role, .selectable = true};
    name_folder(folder, &place->hash, wire);
    m->folder_count++;
    return buffer_append(&place->wire, wire);
}

static bool add_given(struct mailbox *m, const char *name, struct err *err)
{
    struct buffer wire = BUFFER_INIT(64 * 1024);
    bool ok = mutf7_encode(&wire, slice_from(name)) && wire.len > 0;

    if (!ok)
        err_set(err, FAULT_USAGE, STAGE_NONE,
                "\"%s\" cannot be the name of a folder: it is empty or no UTF-8", name);
    else if (m->folder_count == FOLDERS_MAX - 1)
        ok = err_set(err, FAULT_USAGE, STAGE_NONE, "more than %d folders are given", FOLDERS_MAX - 1);
    else if (!add_folder(m, buffer_slice(&wire), FOLDER_GIVEN))
        ok = err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
    buffer_clear(&wire);
    return ok;
}

static bool add_first_folders(struct mailbox *m, struct err *err)
{
    const struct mailbox_request *request = &m->request;

    if (request->folder_count == 0)
        return add_folder(m, SLICE("INBOX"), FOLDER_INBOX) ||
               err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
    for (size_t i = 0; i < request->folder_count; i++)
        if (!add_given(m, request->folders[i], err))
            return false;
    return true;
}

static void fail_folder(struct mailbox *m, size_t i, const struct imap_result *result, const char *verb)
{
    char what[100];

    snprintf(what, sizeof what, "%s %s", verb, m->folder[i].name);
    m->folder[i].selectable = false;
    m->place[i].missing = slice_eq_nocase(slice_from(result->code), SLICE("NONEXISTENT"));
    imap_refused(result, STAGE_SELECT, what, &m->folder[i].failure);
}

/* EXAMINE is what keeps a look from changing anything: it sets no \Recent and lets nothing be stored. */
static void queue_select(struct mailbox *m, size_t i, struct imap_result *result)
{
    m->imap.exists = m->imap.uidnext = m->imap.uidvalidity = 0;
    m->imap.read_only = false;
    m->selected = NO_FOLDER;
    imap_begin(&m->imap, m->request.read_write ? "SELECT " : "EXAMINE ");
    imap_string(&m->imap, buffer_slice(&m->place[i].wire));
    imap_end(&m->imap, result);
}

void mailbox_mark_changed(struct mailbox *m, size_t i, struct timespec at)
{
    if (!m->place[i].changed)
        m->place[i].changed_at = at;
    m->place[i].changed = true;
}

/* RFC 3501 section 2.3.1.1: with another UIDVALIDITY no UID means what it meant. Courier invents one every
 * second for a folder that it has not written to yet: where nothing was, nothing can be mistaken for new. */
static void note_uidvalidity(struct mailbox *m, size_t i, uint32_t now)
{
    struct folder *folder = &m->folder[i];
    struct place *place = &m->place[i];

    if (now == 0 || now == folder->uidvalidity)
        return;
    if (folder->uidvalidity != 0) {
        place->next = 1;
        place->restarted = place->known > 0;
        place->border = place->restarted ? 0 : 1;
        place->searched = place->searched && !place->restarted;
        mailbox_mark_changed(m, i, clock_now());
    }
    folder->uidvalidity = now;
}

static void selected(struct mailbox *m, size_t i)
{
    struct folder *folder = &m->folder[i];
    struct place *place = &m->place[i];

    m->selected = i;
    m->heard = m->imap.announced;
    note_uidvalidity(m, i, m->imap.uidvalidity);
    if (!m->opened) {
        folder->messages = place->known = m->imap.exists;
        folder->uidnext = m->imap.uidnext;
    }
    if (place->next == 0)
        place->next = m->imap.uidnext;
    else if (m->imap.uidnext == 0 || m->imap.uidnext != place->next)
        mailbox_mark_changed(m, i, clock_now());
    if (m->imap.uidnext != 0)
        place->uidnext = m->imap.uidnext;
    if (m->imap.uidnext != 0 && m->imap.uidnext < place->border) /* an older view than that before */
        place->border = m->imap.uidnext;
    place->told = true;
}

int mailbox_select(struct mailbox *m, size_t i, enum stage stage, struct err *err)
{
    struct imap_result result;

    if (m->selected == i)
        return 1;
    queue_select(m, i, &result);
    if (!imap_run(&m->imap, stage, NULL, NULL, err))
        return -1;
    if (result.status != IMAP_OK) {
        fail_folder(m, i, &result, m->request.read_write ? "SELECT" : "EXAMINE");
        return 0;
    }
    m->folder[i].selectable = true;
    selected(m, i);
    return 1;
}

static void queue_status(struct mailbox *m, size_t i, struct imap_result *result)
{
    imap_begin(&m->imap, "STATUS ");
    imap_string(&m->imap, buffer_slice(&m->place[i].wire));
    imap_text(&m->imap, " (MESSAGES UIDNEXT UIDVALIDITY)");
    imap_end(&m->imap, result);
}

static void take_status(struct mailbox *m, size_t i, const struct imap_status_data *status)
{
    struct folder *folder = &m->folder[i];
    struct place *place = &m->place[i];

    place->told = status->counted || status->uidnext != 0;
    if (!m->opened) {
        if (status->uidvalidity != 0)
            folder->uidvalidity = status->uidvalidity;
        folder->uidnext = status->uidnext;
        folder->messages = place->known = status->messages;
        place->next = place->uidnext = status->uidnext;
        return;
    }
    bool empty = status->counted && status->messages == 0;
    bool more = status->uidnext != 0 ? status->uidnext != place->next : status->messages > place->known;
    bool other = status->uidvalidity != 0 && status->uidvalidity != folder->uidvalidity;
    if (!(empty && place->known == 0) && (more || other))
        mailbox_mark_changed(m, i, clock_now());
    if (status->counted && status->messages < place->known)
        place->known = status->messages;
    place->uidnext = status->uidnext;
}

static void hear(void *context, const struct imap_response *r)
{
    struct mailbox *m = context;
    struct imap_list entry;
    struct imap_status_data status;

    if (imap_list_parse(r, &entry)) {
        special_folders_consider(&m->special, &entry);
    } else if (imap_status_parse(r, &status)) {
        struct buffer wire = BUFFER_INIT(64 * 1024);
        size_t i =
            imap_token_text(&status.name, &wire) ? find_place(m, buffer_slice(&wire)) : m->folder_count;
        if (i < m->folder_count)
            take_status(m, i, &status);
        buffer_clear(&wire);
    }
}

/* LIST (SPECIAL-USE) lists what has a flag (RFC 6154 section 3), where RFC 5258's syntax is known. True where
 * all was asked for. */
static bool queue_list(struct mailbox *m, bool all, struct imap_result *result)
{
    bool extended = imap_can(&m->imap, IMAP_CAN_SPECIAL_USE) && imap_can(&m->imap, IMAP_CAN_LIST_EXTENDED);

    if (extended && !all)
        imap_begin(&m->imap, "LIST (SPECIAL-USE) \"\" \"*\" RETURN (SPECIAL-USE)");
    else
        imap_begin(&m->imap, "LIST \"\" \"*\"");
    imap_end(&m->imap, result);
    return all || !extended;
}

/* STATUS of those that it is not known of, among the first `count`: 0 where nothing was left to ask. */
static size_t queue_unknown(struct mailbox *m, size_t from, struct imap_result results[FOLDERS_MAX])
{
    size_t asked = 0;

    for (size_t i = from; i < m->folder_count; i++)
        if (m->folder[i].selectable && m->place[i].next == 0) {
            queue_status(m, i, &results[i]);
            asked++;
        }
    return asked;
}

static bool ask_unknown(struct mailbox *m, size_t from, bool list, struct err *err)
{
    struct imap_result results[FOLDERS_MAX] = {{.done = false}}, listed;

    if (list)
        queue_list(m, true, &listed);
    if (queue_unknown(m, from, results) == 0 && !list)
        return true;
    if (!imap_run(&m->imap, STAGE_SELECT, hear, m, err))
        return false;
    if (list)
        m->list_refused = listed.status != IMAP_OK;
    for (size_t i = from; i < m->folder_count; i++)
        if (results[i].done && results[i].status != IMAP_OK && i != m->selected)
            fail_folder(m, i, &results[i], "STATUS");
    return true;
}

bool mailbox_list(struct mailbox *m, struct err *err)
{
    queue_list(m, true, NULL);
    return imap_run(&m->imap, STAGE_CLEANUP, hear, m, err);
}

static bool add_junk(struct mailbox *m, struct err *err)
{
    if (m->special.junk.len == 0 || add_folder(m, buffer_slice(&m->special.junk), FOLDER_JUNK))
        return true;
    return err_set(err, FAULT_INTERNAL, STAGE_SELECT, "out of memory");
}

/* The first flight: the folder that is waited on, and the list. */
static bool survey(struct mailbox *m, bool *listed_all, struct err *err)
{
    struct imap_result result, listed = {.status = IMAP_OK};

    queue_select(m, 0, &result);
    *listed_all = !m->request.junk || queue_list(m, false, &listed);
    if (!imap_run(&m->imap, STAGE_SELECT, hear, m, err))
        return false;
    m->list_refused = listed.status != IMAP_OK;
    if (result.status == IMAP_OK)
        selected(m, 0);
    else
        fail_folder(m, 0, &result, m->request.read_write ? "SELECT" : "EXAMINE");
    return !m->request.junk || add_junk(m, err);
}

static void take_uid(void *context, const struct imap_response *r)
{
    struct mailbox *m = context;
    struct imap_fetch fetch;
    uint32_t *next = &m->place[m->selected].next;

    if (imap_fetch_parse(r, &fetch) && fetch.uid >= *next)
        *next = fetch.uid < UINT32_MAX ? fetch.uid + 1 : fetch.uid;
}

/* Neither EXAMINE nor STATUS told UIDNEXT: it is beyond the last message's UID. */
static bool find_next(struct mailbox *m, size_t i, struct err *err)
{
    int done = mailbox_select(m, i, STAGE_SELECT, err);

    if (done <= 0 || m->place[i].next != 0)
        return done >= 0;
    m->place[i].next = 1;
    if (m->imap.exists == 0)
        return true;
    imap_begin(&m->imap, "UID FETCH * (UID)");
    imap_end(&m->imap, NULL);
    return imap_run(&m->imap, STAGE_SELECT, take_uid, m, err);
}

static bool find_all_next(struct mailbox *m, struct err *err)
{
    for (size_t i = 0; i < m->folder_count; i++)
        if (m->folder[i].selectable && m->place[i].next == 0 && !find_next(m, i, err))
            return false;
    return true;
}

size_t mailbox_main_folder(const struct mailbox *m)
{
    for (size_t i = 0; i < m->folder_count; i++)
        if (m->folder[i].selectable)
            return i;
    return NO_FOLDER;
}

static bool select_main(struct mailbox *m, struct err *err)
{
    for (;;) {
        size_t i = mailbox_main_folder(m);
        if (i == NO_FOLDER) {
            *err = m->folder[0].failure;
            return false;
        }
        int done = mailbox_select(m, i, STAGE_SELECT, err);
        if (done != 0)
            return done > 0;
    }
}

static bool find_folders(struct mailbox *m, struct err *err)
{
    bool listed_all;

    if (!survey(m, &listed_all, err))
        return false;
    size_t known = m->folder_count;
    bool list = m->special.junk.len == 0 && !listed_all;
    return ask_unknown(m, 0, list, err) &&
           (!list || (add_junk(m, err) && ask_unknown(m, known, false, err))) && find_all_next(m, err) &&
           select_main(m, err);
}

bool mailbox_imap_open(struct mailbox *m, struct err *err)
{
    if (!add_first_folders(m, err) || !mailbox_connect(m, err) || !imap_capabilities(&m->imap, err))
        return false;
    struct timespec began = clock_now();
    bool ok = find_folders(m, err);
    mailbox_resume_places(m);
    if (ok)
        timeline_mark(&m->timeline, STAGE_SELECT, began);
    return ok;
}

bool mailbox_imap_reopen(struct mailbox *m, struct err *err)
{
    size_t i = mailbox_main_folder(m);

    if (!mailbox_connect(m, err) || !imap_capabilities(&m->imap, err))
        return false;
    int done = mailbox_select(m, i, STAGE_SELECT, err);
    if (done == 0) { /* what could be selected before is no missing folder */
        *err = m->folder[i].failure;
        m->folder[i].selectable = true;
    }
    return done > 0;
}

bool mailbox_ask(struct mailbox *m, bool others, struct err *err)
{
    imap_begin(&m->imap, "NOOP");
    imap_end(&m->imap, NULL);
    for (size_t i = 0; others && i < m->folder_count; i++)
        if (i != m->selected && m->folder[i].selectable) {
            m->place[i].told = false;
            queue_status(m, i, NULL);
        }
    bool ok = imap_run(&m->imap, STAGE_SEARCH, hear, m, err);
    if (m->selected != NO_FOLDER && m->imap.announced != m->heard)
        mailbox_mark_changed(m, m->selected, m->imap.announced_at);
    return ok;
}
