/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>

#include "common/base/text.h"
#include "common/probe/mailbox_internal.h"

enum {
    CHUNK_FIRST = 500, /* messages in the first SEARCH, each next one four times as many ... */
    CHUNK_HITS_MAX =
        5000,           /* ... but where all may match: their UIDs stand in one line, and that is bounded */
    NEWEST = 50,        /* whose headers are compared where SEARCH finds nothing: indexes are late */
    COMPARE_MAX = 2000, /* the same where the server refuses to search */
    DAY_S = 86400
};

void mailbox_queue_date(struct mailbox *m, const char *key, double age_s)
{
    static const char month[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t when = (time_t)(clock_wall() - age_s);
    struct tm tm;

    if (when > 0 && gmtime_r(&when, &tm) != NULL)
        imap_format(&m->imap, "%s%d-%s-%d", key, tm.tm_mday, month[tm.tm_mon], tm.tm_year + 1900);
}

static void queue_key(struct imap *i, const char *key, const char *text)
{
    if (text == NULL)
        return;
    imap_text(i, key);
    imap_string(i, slice_from(text));
}

static bool is_ascii(const char *text)
{
    return text == NULL || text_is_ascii(slice_from(text));
}

/* Never TEXT or BODY: that makes servers read every message. A service's probes can only be sought by date:
 * no server's index finds a part of a word everywhere. */
static void queue_keys(struct mailbox *m)
{
    const struct matcher *wanted = &m->request.matcher;
    struct imap *i = &m->imap;

    if (wanted->marker != NULL) {
        imap_format(i, " OR HEADER X-Mailproof-Marker \"%s\" SUBJECT \"%s\"", wanted->marker->text,
                    wanted->marker->text);
    } else if (!wanted->own) {
        queue_key(i, " SUBJECT ", wanted->subject);
        queue_key(i, " FROM ", wanted->from);
        queue_key(i, " HEADER ", wanted->header_name);
        if (wanted->header_name != NULL)
            queue_key(i, " ", wanted->header_text == NULL ? "" : wanted->header_text);
    }
    if (m->request.newer_than_s > 0) /* dates are compared without their zone: a day of slack */
        mailbox_queue_date(m, " SINCE ", m->request.newer_than_s + DAY_S);
}

static void queue_search(struct mailbox *m, uint32_t first, uint32_t last, struct imap_result *result)
{
    const struct matcher *w = &m->request.matcher;
    bool ascii = w->marker != NULL || (is_ascii(w->subject) && is_ascii(w->from) && is_ascii(w->header_text));

    imap_begin(&m->imap, ascii ? "UID SEARCH " : "UID SEARCH CHARSET UTF-8 ");
    imap_format(&m->imap, "%" PRIu32 ":%" PRIu32, first, last);
    queue_keys(m);
    imap_end(&m->imap, result);
}

struct hits {
    struct uids uids;
    uint32_t below; /* what came later is looked at by itself */
};

static void take_hits(void *context, const struct imap_response *r)
{
    struct hits *hits = context;
    struct imap_numbers numbers;
    uint32_t uid;

    if (!imap_search_parse(r, &numbers))
        return;
    numbers.below = hits->below;
    while (!hits->uids.cut && imap_numbers_next(&numbers, &uid))
        if (uid != 0 && uid < hits->below)
            uids_add(&hits->uids, uid);
}

/* One SEARCH and the comparison of what it found. */
static bool search_chunk(struct mailbox *m, uint32_t first, uint32_t last, struct err *err)
{
    struct imap_result result;
    struct hits hits = {.below = m->place[m->selected].next};

    queue_search(m, first, last, &result);
    bool ok = imap_run(&m->imap, STAGE_SEARCH, take_hits, &hits, err);
    if (ok && result.status != IMAP_OK)
        m->search_refused = true;
    uids_sort(&hits.uids);
    if (hits.uids.cut)
        mailbox_lacks(m);
    ok = ok && mailbox_examine(m, &hits.uids, !mailbox_wants_all(m), err);
    uids_clear(&hits.uids);
    return ok;
}

/* From the newest backwards in growing chunks; a sequence set is a search key (RFC 3501 section 6.4.4). */
static bool search_chunks(struct mailbox *m, struct err *err)
{
    size_t before = m->matches;
    uint32_t last = m->imap.exists, chunk = CHUNK_FIRST;

    while (last > 0 && !m->search_refused) {
        uint32_t first = last > chunk ? last - chunk + 1 : 1;
        if (!search_chunk(m, first, last, err))
            return false;
        if (m->matches > before && !mailbox_wants_all(m))
            break;
        last = first - 1;
        if (m->request.matcher.marker != NULL || chunk < CHUNK_HITS_MAX / 4)
            chunk = chunk < UINT32_MAX / 4 ? chunk * 4 : UINT32_MAX;
        else
            chunk = CHUNK_HITS_MAX;
    }
    return true;
}

static bool compare_newest(struct mailbox *m, uint32_t count, struct err *err)
{
    uint32_t last = m->imap.exists;

    if (last == 0)
        return true;
    return mailbox_examine_range(m, last > count ? last - count + 1 : 1, last, !mailbox_wants_all(m), err);
}

/* Every message matches: the newest is enough, and the number is known. */
static bool take_everything(struct mailbox *m, struct err *err)
{
    size_t before = m->matches;
    uint32_t known = m->place[m->selected].known;

    if (!compare_newest(m, m->request.count_all ? MATCHES_KEPT_MAX : 1, err))
        return false;
    if (m->request.count_all && m->matches - before < known)
        m->matches = before + known;
    return true;
}

/* Without the server's help. */
static bool compare_all(struct mailbox *m, struct err *err)
{
    if (m->imap.exists > COMPARE_MAX)
        mailbox_lacks(m);
    return compare_newest(m, COMPARE_MAX, err);
}

static bool search_old(struct mailbox *m, struct err *err)
{
    const struct matcher *matcher = &m->request.matcher;
    size_t before = m->matches;
    bool dated = m->request.newer_than_s > 0;

    if (m->imap.exists == 0)
        return true;
    if (match_anything(matcher) && !dated)
        return take_everything(m, err);
    if (matcher->own && !dated)
        return compare_all(m, err);
    if (!m->search_refused && !search_chunks(m, err))
        return false;
    if (m->search_refused)
        return compare_all(m, err);
    return (m->matches > before && !mailbox_wants_all(m)) || compare_newest(m, NEWEST, err);
}

static bool look_into(struct mailbox *m, size_t i, struct err *err)
{
    int done = mailbox_select(m, i, STAGE_SEARCH, err);

    if (done <= 0)
        return done == 0; /* refused: the folder's .failure says why */
    if (!m->request.only_new && !m->place[i].searched) {
        if (!search_old(m, err))
            return false;
        m->place[i].searched = true;
    }
    return mailbox_examine_tail(m, err);
}

bool mailbox_look_new(struct mailbox *m, bool everywhere, struct err *err)
{
    for (size_t i = 0; i < m->folder_count; i++)
        if (m->folder[i].selectable && (everywhere || m->place[i].changed) && !look_into(m, i, err))
            return false;
    return true;
}

/* The selected folder is asked for anyhow. Old messages are sought once; folders that had none need not be
 * searched. What a folder announced before, it did while nobody looked: what is found now is noticed now. */
static void plan_look(struct mailbox *m)
{
    struct timespec now = clock_now();

    for (size_t i = 0; i < m->folder_count; i++)
        m->place[i].changed_at = now;
    for (size_t i = 0; i < m->folder_count; i++) {
        if (i == m->selected || (!m->request.only_new && !m->place[i].searched && m->place[i].known > 0))
            mailbox_mark_changed(m, i, now);
        else
            m->place[i].searched = true;
    }
}

static void note_times(struct mailbox *m, struct timespec began)
{
    timeline_set(&m->timeline, STAGE_SEARCH, began, clock_since(began) - m->fetching_s);
    if (m->fetching_s > 0)
        timeline_set(&m->timeline, STAGE_FETCH, began, m->fetching_s);
}

static bool select_main(struct mailbox *m, struct err *err)
{
    size_t i = mailbox_main_folder(m);
    int done = i == NO_FOLDER ? 0 : mailbox_select(m, i, STAGE_SEARCH, err);

    if (done == 0)
        *err = m->folder[i == NO_FOLDER ? 0 : i].failure;
    return done > 0;
}

/* Having been away from the main folder, something may have arrived there. */
static bool look_and_return(struct mailbox *m, struct err *err)
{
    return mailbox_look_new(m, false, err) && select_main(m, err) && mailbox_look_new(m, false, err);
}

bool mailbox_poll(struct mailbox *m, bool others, struct err *err)
{
    struct timespec began = clock_now();

    m->fetching_s = 0;
    bool ok = mailbox_ask(m, others, err) && look_and_return(m, err);
    note_times(m, began);
    return ok;
}

bool mailbox_heed(struct mailbox *m, struct err *err)
{
    struct timespec began = clock_now();

    m->fetching_s = 0;
    if (m->imap.announced != m->heard)
        mailbox_mark_changed(m, m->selected, m->imap.announced_at);
    bool ok = look_and_return(m, err);
    note_times(m, began);
    return ok;
}

bool mailbox_imap_look(struct mailbox *m, struct err *err)
{
    struct timespec began = clock_now();

    m->fetching_s = 0;
    m->look_done = false;
    bool ok = select_main(m, err) && mailbox_ask(m, true, err);
    if (ok) {
        plan_look(m);
        ok = mailbox_look_new(m, false, err);
    }
    note_times(m, began);
    m->look_done = ok;
    return ok;
}
