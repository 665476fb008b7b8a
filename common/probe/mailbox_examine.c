/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "common/mail/header.h"
#include "common/probe/mailbox_internal.h"

enum {
    DIRECT_MAX = 8,         /* of so many the whole header is fetched at once, of more a few fields first */
    BATCH = 200,            /* messages in one FETCH of fields */
    RESTART_RANGE = 200,    /* newest messages to look at when UIDs have lost their meaning */
    PART_SIZE = 512 * 1024, /* of a message fetched whole, in one FETCH */
    REFUSALS_MAX = 3
};

void examination_clear(struct examination *e)
{
    uids_clear(&e->hits);
    uids_clear(&e->bodies);
    uids_clear(&e->seen);
    uids_clear(&e->bare);
}

static struct finding describe(const struct examination *e, const struct imap_fetch *fetch)
{
    const struct mailbox *m = e->m;

    return (struct finding){
        .folder = m->selected,
        .uid = fetch->uid,
        .uidvalidity = m->folder[m->selected].uidvalidity,
        .internal_date = fetch->dated ? fetch->internal_date : 0,
        .date_known = fetch->dated,
        .size = fetch->sized ? fetch->size : 0,
        .fresh = e->fresh,
        .noticed = m->place[m->selected].changed ? m->place[m->selected].changed_at : clock_now(),
    };
}

static void add(struct examination *e, const struct imap_fetch *fetch, struct slice text,
                const struct matched *matched)
{
    struct finding like = describe(e, fetch);
    struct slice headers = slice_head(text, text.len - header_body(text).len);

    mailbox_add(e->m, &like, headers, matched);
}

static void compare(struct examination *e, const struct imap_fetch *fetch, struct slice text)
{
    struct mailbox *m = e->m;
    struct matched matched;

    if (!mailbox_date_fits(m, &m->place[m->selected], e->fresh, fetch->dated, fetch->internal_date))
        return;
    if (e->depth == DEPTH_BODY) {
        if (match_message(&m->request.matcher, text, &matched))
            add(e, fetch, text, &matched);
        return;
    }
    switch (match_headers(&m->request.matcher, text, &matched)) {
    case MATCH_YES:
        if (e->depth == DEPTH_HEADER)
            add(e, fetch, text, &matched);
        else
            uids_add(&e->hits, fetch->uid);
        break;
    case MATCH_BODY:
        uids_add(&e->bodies, fetch->uid);
        break;
    case MATCH_NO:
        if (e->depth == DEPTH_HEADER && text.len >= HEADERS_MAX)
            mailbox_too_long(&e->refusal, fetch->uid);
        break;
    }
}

static bool is_wanted(const struct examination *e, uint32_t uid)
{
    return uid != 0 && uid >= e->from && uid <= e->to && (e->wanted == NULL || uids_contain(e->wanted, uid));
}

static void note_compared(struct examination *e, uint32_t uid, bool has_body)
{
    if (uid > e->highest)
        e->highest = uid;
    uids_add(has_body ? &e->seen : &e->bare, uid);
}

/* The lowest UID of which the server gave no bytes, although it knows it; 0: none. (An announcement of flags
 * has none either, but then the bytes come as well.) */
static uint32_t missed(struct examination *e)
{
    uids_sort(&e->seen);
    uids_sort(&e->bare);
    for (size_t i = e->bare.count; i-- > 0;)
        if (!uids_contain(&e->seen, e->bare.uid[i]))
            return e->bare.uid[i];
    return 0;
}

static void take(void *context, const struct imap_response *r)
{
    struct examination *e = context;
    struct imap_fetch fetch;

    if (!imap_fetch_parse(r, &fetch) || !is_wanted(e, fetch.uid))
        return;
    note_compared(e, fetch.uid, fetch.has_body);
    if (!fetch.has_body)
        return;
    struct buffer text = BUFFER_INIT(IMAP_RESPONSE_MAX);
    if (fetch.body.kind == IMAP_LITERAL)
        e->compare(e, &fetch, fetch.body.text);
    else if (imap_token_text(&fetch.body, &text))
        e->compare(e, &fetch, buffer_slice(&text));
    buffer_clear(&text);
}

static void queue_items(struct examination *e)
{
    struct imap *i = &e->m->imap;
    const char *name = e->m->request.matcher.header_name;

    switch (e->depth) {
    case DEPTH_FIELDS:
        imap_text(i, " (UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (" MATCH_FIELDS);
        if (name != NULL) {
            imap_text(i, " ");
            imap_string(i, slice_from(name));
        }
        imap_text(i, ")])");
        break;
    case DEPTH_HEADER:
        imap_format(i, " (UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER]<0.%d>)", HEADERS_MAX);
        break;
    case DEPTH_BODY:
        imap_format(i, " (UID INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.%d>)", BODY_SIZE);
        break;
    }
}

/* A refusal of what should work is an error only when it happens again and again: messages vanish between two
 * commands, and some servers say NO or BAD where there is nothing. */
static bool tolerate(struct examination *e, const struct imap_result *result, enum stage stage,
                     struct err *err)
{
    if (result->status == IMAP_OK) {
        e->m->refusals = 0;
        return true;
    }
    e->refused = true;
    if (!imap_code_is(slice_from(result->code), SLICE("EXPUNGEISSUED"), NULL)) /* RFC 5530 */
        imap_refused(result, stage, "FETCH", &e->refusal);
    return ++e->m->refusals < REFUSALS_MAX || imap_refused(result, stage, "FETCH", err);
}

/* command: "FETCH 1:200" or the like */
static bool run(struct examination *e, enum depth depth, const char *command, struct err *err)
{
    struct mailbox *m = e->m;
    struct imap_result result;
    struct timespec began = clock_now();
    enum stage stage = depth == DEPTH_FIELDS ? STAGE_SEARCH : STAGE_FETCH;

    e->depth = depth;
    imap_begin(&m->imap, command);
    queue_items(e);
    imap_end(&m->imap, &result);
    if (!imap_run(&m->imap, stage, take, e, err))
        return false;
    if (depth != DEPTH_FIELDS)
        m->fetching_s += clock_since(began);
    return tolerate(e, &result, stage, err);
}

bool mailbox_fetch_list(struct examination *e, enum depth depth, const struct uids *uids, size_t from,
                        size_t count, struct err *err)
{
    struct buffer command = BUFFER_INIT(16 * 1024);

    buffer_append_text(&command, "UID FETCH ");
    uids_print(uids, from, count, &command);
    e->wanted = uids;
    bool ok = run(e, depth, buffer_text(&command), err);
    buffer_clear(&command);
    return ok;
}

/* The whole headers of what matched by its fields; what is more than is kept is only counted. */
static bool fetch_hits(struct examination *e, struct err *err)
{
    size_t kept = mailbox_keeps(e->m);

    uids_sort(&e->hits);
    if (e->hits.count > kept) {
        e->m->matches += e->hits.count - kept;
        e->m->place[e->m->selected].partial = true;
        e->hits.count = kept;
    }
    for (size_t at = 0; at < e->hits.count; at += BATCH)
        if (!mailbox_fetch_list(e, DEPTH_HEADER, &e->hits, at, BATCH, err))
            return false;
    return true;
}

static bool fetch_bodies(struct examination *e, struct err *err)
{
    size_t most = mailbox_looks_into(e->m);

    uids_sort(&e->bodies);
    if (e->bodies.count > most) {
        e->m->incomplete = true;
        e->bodies.count = most;
    }
    for (size_t at = 0; at < e->bodies.count; at += BODIES_MAX)
        if (!mailbox_fetch_list(e, DEPTH_BODY, &e->bodies, at, BODIES_MAX, err))
            return false;
    return true;
}

static bool finish(struct examination *e, struct err *err)
{
    return fetch_hits(e, err) && fetch_bodies(e, err);
}

static bool examine_list(struct examination *e, const struct uids *uids, bool stop, struct err *err)
{
    if (uids->count <= DIRECT_MAX)
        return uids->count == 0 || mailbox_fetch_list(e, DEPTH_HEADER, uids, 0, uids->count, err);
    for (size_t at = 0; at < uids->count && !(stop && e->hits.count > 0); at += BATCH)
        if (!mailbox_fetch_list(e, DEPTH_FIELDS, uids, at, BATCH, err))
            return false;
    return true;
}

/* What old messages were not compared will not be: they are looked at once. */
static void note_old(struct examination *e)
{
    struct place *place = &e->m->place[e->m->selected];

    if (e->refusal.kind != FAULT_NONE)
        place->refusal = e->refusal;
    place->partial = place->partial || e->refused || e->seen.cut || missed(e) != 0;
}

static struct examination begin(struct mailbox *m)
{
    return (struct examination){.m = m, .compare = compare, .from = 1, .to = UINT32_MAX};
}

bool mailbox_examine(struct mailbox *m, const struct uids *uids, bool stop, struct err *err)
{
    struct examination e = begin(m);
    bool ok = examine_list(&e, uids, stop, err) && finish(&e, err);

    note_old(&e);
    examination_clear(&e);
    return ok;
}

static bool examine_range(struct examination *e, uint32_t first, uint32_t last, bool stop, struct err *err)
{
    char command[64];

    while (last >= first && last > 0 && !(stop && e->hits.count > 0)) {
        uint32_t low = last - first >= BATCH ? last - BATCH + 1 : first;
        snprintf(command, sizeof command, "FETCH %" PRIu32 ":%" PRIu32, low, last);
        if (!run(e, DEPTH_FIELDS, command, err))
            return false;
        last = low - 1;
    }
    return true;
}

bool mailbox_examine_range(struct mailbox *m, uint32_t first, uint32_t last, bool stop, struct err *err)
{
    struct examination e = begin(m);

    e.to = m->place[m->selected].next - 1;
    bool ok = examine_range(&e, first, last, stop, err) && finish(&e, err);
    note_old(&e);
    examination_clear(&e);
    return ok;
}

static void take_uid(void *context, const struct imap_response *r)
{
    struct uids *uids = context;
    struct imap_fetch fetch;

    if (imap_fetch_parse(r, &fetch) && fetch.uid != 0)
        uids_add(uids, fetch.uid);
}

/* Many came: first which, then their fields, then the headers of those that match. */
static bool examine_many(struct examination *e, struct err *err)
{
    struct mailbox *m = e->m;
    struct imap_result result;
    struct uids uids = {.count = 0};

    imap_begin(&m->imap, "UID FETCH ");
    imap_format(&m->imap, "%" PRIu32 ":* (UID)", e->from);
    imap_end(&m->imap, &result);
    bool ok =
        imap_run(&m->imap, STAGE_SEARCH, take_uid, &uids, err) && tolerate(e, &result, STAGE_SEARCH, err);
    uids_sort(&uids);
    if (uids.cut)
        mailbox_lacks(m);
    ok = ok && examine_list(e, &uids, false, err);
    e->wanted = NULL;
    uids_clear(&uids);
    return ok;
}

/* "n:*" always gives the last message, even where its UID is below n. */
static bool examine_few(struct examination *e, struct err *err)
{
    char command[64];

    snprintf(command, sizeof command, "UID FETCH %" PRIu32 ":*", e->from);
    return run(e, DEPTH_HEADER, command, err);
}

static bool examine_tail(struct examination *e, const struct place *place, struct err *err)
{
    uint32_t exists = e->m->imap.exists;
    uint32_t arrived = exists > place->known ? exists - place->known : 0;

    if (exists == 0)
        return true;
    if (place->restarted && exists > RESTART_RANGE)
        mailbox_lacks(e->m);
    if (place->restarted)
        return examine_range(e, exists > RESTART_RANGE ? exists - RESTART_RANGE + 1 : 1, exists, false, err);
    return arrived > DIRECT_MAX ? examine_many(e, err) : examine_few(e, err);
}

/* Up to the highest that was seen, or the lowest that should have been; not up to what the server says that
 * its next UID is, which another view of the folder may have been the source of. */
static void move_border(struct place *place, struct examination *e)
{
    uint32_t lacking = missed(e);

    if (place->border == 0 || e->from > place->border || e->highest < place->border)
        return;
    place->border = e->highest < UINT32_MAX ? e->highest + 1 : e->highest;
    if (lacking != 0 && lacking < place->border)
        place->border = lacking;
    place->partial = place->partial || lacking != 0;
}

bool mailbox_examine_tail(struct mailbox *m, struct err *err)
{
    struct place *place = &m->place[m->selected];
    struct examination e = begin(m);
    unsigned announced = m->imap.announced;
    uint32_t exists = m->imap.exists, uidnext = place->uidnext;

    e.from = place->next;
    e.fresh = !place->restarted;
    bool more = exists > place->known; /* where there is nothing new, some say NO or BAD */
    bool ok = examine_tail(&e, place, err) && finish(&e, err);
    bool lasting =
        place->partial || place->refusal.kind == FAULT_MESSAGE_TOO_BIG; /* it is not looked at again */
    if (e.refused ? more : (e.refusal.kind != FAULT_NONE || !lasting))
        place->refusal = e.refusal;
    if (ok && !e.refused) {
        move_border(place, &e);
        if (e.highest >= place->next)
            place->next = e.highest < UINT32_MAX ? e.highest + 1 : e.highest;
        if (uidnext > place->next) /* told before the FETCH: what it covers was there */
            place->next = uidnext;
        place->known = exists;
        place->changed = place->restarted = false;
        m->heard = announced;
    }
    examination_clear(&e);
    return ok;
}

/* --- a whole message --- */

struct part {
    const struct finding *finding;
    struct buffer *out;
    size_t got;
    bool seen, full;
};

static void take_part(void *context, const struct imap_response *r)
{
    struct part *p = context;
    struct imap_fetch fetch;

    if (!imap_fetch_parse(r, &fetch) || fetch.uid != p->finding->uid || !fetch.has_body || p->seen)
        return;
    struct buffer text = BUFFER_INIT(IMAP_RESPONSE_MAX);
    struct slice part = fetch.body.text;
    if (fetch.body.kind == IMAP_QUOTED && imap_token_text(&fetch.body, &text))
        part = buffer_slice(&text);
    p->seen = true;
    p->got = part.len;
    size_t room = p->out->max - p->out->len;
    p->full = part.len >= room;
    buffer_append(p->out, slice_head(part, room));
    buffer_clear(&text);
}

static bool fetch_parts(struct mailbox *m, struct part *p, struct err *err)
{
    struct imap_result result;

    do {
        p->seen = false;
        p->got = 0;
        imap_begin(&m->imap, "UID FETCH ");
        imap_format(&m->imap, "%" PRIu32 " (UID BODY.PEEK[]<%zu.%d>)", p->finding->uid, p->out->len,
                    PART_SIZE);
        imap_end(&m->imap, &result);
        if (!imap_run(&m->imap, STAGE_FETCH, take_part, p, err))
            return false;
        if (result.status != IMAP_OK)
            return imap_refused(&result, STAGE_FETCH, "FETCH", err);
    } while (p->got == PART_SIZE && !p->full);
    return true;
}

bool mailbox_imap_fetch(struct mailbox *m, const struct finding *finding, struct buffer *out, struct err *err)
{
    struct part part = {.finding = finding, .out = out};

    buffer_reset(out);
    int done = mailbox_select(m, finding->folder, STAGE_FETCH, err);
    if (done == 0)
        *err = m->folder[finding->folder].failure;
    if (done <= 0)
        return false;
    bool same = finding->uidvalidity == m->folder[finding->folder].uidvalidity;
    if (same && !fetch_parts(m, &part, err))
        return false;
    if (out->len == 0)
        return err_set(err, FAULT_PROTOCOL, STAGE_FETCH,
                       "the message with UID %" PRIu32 " in %s is there no longer", finding->uid,
                       m->folder[finding->folder].name);
    return true;
}
