/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>

#include "common/base/interrupt.h"
#include "common/mail/header.h"
#include "common/mail/received.h"
#include "common/probe/mailbox_internal.h"

static const double LOCK_PAUSE_S = 0.5, LOCK_PAUSE_MAX_S = 8;

/* --- sessions --- */

/* The maildrop is locked by another session (RFC 1939 section 8): it may be over soon. */
static bool connect_unlocked(struct mailbox *m, struct err *err)
{
    for (double pause = LOCK_PAUSE_S;; pause = pause < LOCK_PAUSE_MAX_S ? 2 * pause : pause) {
        if (mailbox_connect(m, err))
            return true;
        if (!m->pop3.locked || interrupt_seen() || deadline_left(m->deadline) <= pause)
            return false;
        mailbox_disconnect(m, true);
        m->ops.pause(m->ops.context, pause);
        m->opening_s -= m->opened ? 0 : pause;
    }
}

bool mailbox_pop3_session(struct mailbox *m, struct err *err)
{
    if (m->connected)
        mailbox_disconnect(m, true);
    if (!connect_unlocked(m, err)) {
        if (m->quit_lost)
            err_add(err, "; before that, QUIT got no answer");
        return false;
    }
    struct timespec began = clock_now();
    m->serial++;
    if (!pop3_stat(&m->pop3, STAGE_SELECT, &m->maildrop, err))
        return false;
    timeline_mark(&m->timeline, STAGE_SELECT, began);
    return true;
}

/* What was looked at ends here: numbers shift when somebody deletes, ids do not. */
static bool note_base(struct mailbox *m, uint32_t number, enum stage stage, struct err *err)
{
    bool uidl = pop3_can(&m->pop3, POP3_CAN_UIDL);

    m->base = number;
    m->base_serial = m->serial;
    m->base_uidl[0] = '\0';
    m->base_told = uidl && m->base == 0;
    if (m->base == 0 || !uidl)
        return true;
    int done = pop3_uidl(&m->pop3, stage, m->base, m->base_uidl, err);
    m->base_told = done > 0 && *m->base_uidl != '\0';
    return done >= 0;
}

/* False where there is none, or ids cannot be asked for. */
static bool resume_base(struct mailbox *m)
{
    const struct resume *r = mailbox_resume_of(m, m->place[0].hash);

    if (r == NULL || !pop3_can(&m->pop3, POP3_CAN_UIDL) || (*r->uidl == '\0' && r->uidnext != 1))
        return false;
    m->base = *r->uidl != '\0' ? m->maildrop : 0;
    slice_copy(m->base_uidl, sizeof m->base_uidl, slice_from(r->uidl));
    m->base_told = m->place[0].searched = true;
    return true;
}

bool mailbox_pop3_open(struct mailbox *m, struct err *err)
{
    if (m->request.folder_count > 0)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "POP3 knows no folders");
    m->folder_count = 1;
    m->folder[0] = (struct folder){.name = "INBOX", .role = FOLDER_INBOX, .selectable = true};
    m->place[0].hash = folder_hash(m->folder[0].name);
    m->place[0].told = true;
    if (!mailbox_pop3_session(m, err))
        return false;
    m->folder[0].messages = m->maildrop;
    return resume_base(m) || !m->request.only_new || note_base(m, m->maildrop, STAGE_SELECT, err);
}

/* --- looking --- */

struct sweep {
    struct mailbox *m;
    bool stop;                /* at the first match */
    bool fresh;               /* no look has seen these before */
    bool ended;               /* older ones need not be looked at */
    uint32_t lowest;          /* the last one that was looked at */
    struct uids hits, bodies; /* message numbers */
};

bool mailbox_pop3_received(struct slice headers, time_t *at)
{
    struct header_field field;
    struct hop hop;

    if (!header_find(headers, SLICE("Received"), 0, &field) || !received_parse(&hop, field.value) ||
        !hop.dated)
        return false;
    *at = hop.at;
    return true;
}

/* What TOP gives of a header ends so, unless there was no room for all of it. */
static bool ends_in_blank_line(struct slice text)
{
    return slice_ends_nocase(text, SLICE("\r\n\r\n"));
}

static bool take_headers(void *context, uint32_t number, struct slice text)
{
    struct sweep *s = context;
    struct matched matched;
    time_t at = 0;
    bool dated = mailbox_pop3_received(text, &at);

    s->lowest = number;
    if (!mailbox_date_fits(s->m, &s->m->place[0], s->fresh, dated, at)) {
        s->ended = dated; /* a maildrop is in the order of arrival */
        return !s->ended;
    }
    switch (match_headers(&s->m->request.matcher, text, &matched)) {
    case MATCH_YES:
        uids_add(&s->hits, number);
        s->ended = s->stop;
        break;
    case MATCH_BODY:
        uids_add(&s->bodies, number);
        break;
    case MATCH_NO:
        if (text.len > HEADERS_MAX - STREAM_LINE_MAX && header_body(text).len == 0 &&
            !ends_in_blank_line(text))
            mailbox_too_long(&s->m->pop3.refusal, number);
        break;
    }
    return !s->ended;
}

struct candidate {
    struct mailbox *m;
    bool body;
    struct finding like;
};

static bool take_candidate(void *context, uint32_t number, struct slice text)
{
    struct candidate *c = context;
    const struct matcher *matcher = &c->m->request.matcher;
    struct slice headers = slice_head(text, text.len - header_body(text).len);
    struct matched matched;
    time_t at = 0;

    (void)number;
    if (c->body ? !match_message(matcher, text, &matched)
                : match_headers(matcher, text, &matched) != MATCH_YES)
        return true;
    c->like.date_known = mailbox_pop3_received(headers, &at);
    c->like.internal_date = at;
    mailbox_add(c->m, &c->like, headers, &matched);
    return true;
}

/* The message again, now that its id and size are worth asking for. */
static bool keep(const struct sweep *s, uint32_t number, bool body, struct timespec noticed, struct err *err)
{
    struct mailbox *m = s->m;
    struct candidate c = {.m = m, .body = body};
    struct buffer text = BUFFER_INIT(body ? BODY_SIZE : HEADERS_MAX);

    c.like = (struct finding){.uid = number, .uidvalidity = m->serial, .fresh = s->fresh, .noticed = noticed};
    bool ok =
        !pop3_can(&m->pop3, POP3_CAN_UIDL) || pop3_uidl(&m->pop3, STAGE_FETCH, number, c.like.uidl, err) >= 0;
    ok = ok && pop3_size(&m->pop3, STAGE_FETCH, number, &c.like.size, err) >= 0 &&
         pop3_top(&m->pop3, STAGE_FETCH, number, number, body ? POP3_BODY_LINES : 0, &text, take_candidate,
                  &c, err);
    buffer_clear(&text);
    return ok;
}

static bool keep_all(struct sweep *s, struct err *err)
{
    struct mailbox *m = s->m;
    struct timespec noticed = clock_now();

    for (size_t i = 0; i < s->hits.count && i < mailbox_keeps(m); i++)
        if (!keep(s, s->hits.uid[i], false, noticed, err))
            return false;
    if (s->hits.count > mailbox_keeps(m)) {
        m->matches += s->hits.count - mailbox_keeps(m);
        m->place[0].partial = true;
    }
    for (size_t i = 0; i < s->bodies.count && i < mailbox_looks_into(m); i++)
        if (!keep(s, s->bodies.uid[i], true, noticed, err))
            return false;
    if (s->bodies.count > mailbox_looks_into(m))
        m->incomplete = true;
    return true;
}

/* What was refused will be sought again: by the next look, or the next run. */
static void note_refusal(struct mailbox *m)
{
    if (m->pop3.refusal.kind == FAULT_NONE)
        return;
    m->place[0].refusal = m->pop3.refusal;
    m->place[0].partial = true;
}

static bool sweep(struct mailbox *m, uint32_t oldest, bool stop, bool fresh, struct err *err)
{
    struct sweep s = {.m = m, .stop = stop, .fresh = fresh, .lowest = m->maildrop + 1};
    struct buffer text = BUFFER_INIT(HEADERS_MAX);
    uint32_t last = m->maildrop > POP3_LOOK_MAX ? m->maildrop - POP3_LOOK_MAX + 1 : 1;
    struct timespec began = clock_now();

    bool ok = pop3_top(&m->pop3, STAGE_SEARCH, m->maildrop, last > oldest ? last : oldest, 0, &text,
                       take_headers, &s, err);
    timeline_mark(&m->timeline, STAGE_SEARCH, began);
    if (last > oldest && !s.ended)
        mailbox_lacks(m);
    began = clock_now();
    bool found = s.hits.count + s.bodies.count > 0;
    ok = ok && keep_all(&s, err);
    note_refusal(m);
    if (found)
        timeline_mark(&m->timeline, STAGE_FETCH, began);
    buffer_clear(&text);
    uids_clear(&s.hits);
    uids_clear(&s.bodies);
    return ok;
}

/* 1: from *first on all is new. 0: it cannot be told by numbers and ids. */
static int find_first_new(struct mailbox *m, uint32_t *first, struct err *err)
{
    char uidl[POP3_UIDL_MAX];
    uint32_t newest = m->maildrop;

    *first = m->base + 1;
    if (m->base == 0 || (*m->base_uidl == '\0' && m->base <= newest))
        return 1;
    if (*m->base_uidl == '\0')
        return 0;
    /* nobody deletes, as a rule: it is where it was */
    for (uint32_t n = m->base <= newest ? m->base : newest, left = POP3_LOOK_MAX; n > 0 && left > 0;
         n--, left--) {
        int done = pop3_uidl(&m->pop3, STAGE_SEARCH, n, uidl, err);
        if (done < 0)
            return -1;
        *first = n + 1;
        if (done == 1 && slice_eq(slice_from(uidl), slice_from(m->base_uidl)))
            return 1;
    }
    return 0;
}

static bool look_at_new(struct mailbox *m, struct err *err)
{
    uint32_t first;
    int told = find_first_new(m, &first, err);

    if (told < 0)
        return false;
    m->place[0].restarted = told == 0;
    if (told == 1 && first > m->maildrop && m->base == m->maildrop && m->base > 0) {
        m->base_serial = m->serial;
        return sweep(m, first, false, true, err); /* nothing: for the time that it took */
    }
    return sweep(m, told == 0 ? 1 : first, false, told == 1, err) &&
           note_base(m, m->maildrop, STAGE_SEARCH, err);
}

static bool look_at_old(struct mailbox *m, struct err *err)
{
    m->place[0].searched = sweep(m, 1, !mailbox_wants_all(m), false, err);
    return m->place[0].searched && note_base(m, m->maildrop, STAGE_SEARCH, err);
}

static bool look(struct mailbox *m, struct err *err)
{
    if ((!m->connected || m->looked) && !mailbox_pop3_session(m, err))
        return false;
    m->looked = true;
    return m->request.only_new || m->place[0].searched ? look_at_new(m, err) : look_at_old(m, err);
}

bool mailbox_pop3_look(struct mailbox *m, struct err *err)
{
    m->look_done = false;
    m->look_done = look(m, err);
    return m->look_done;
}

bool mailbox_pop3_move_base(struct mailbox *m, const struct uids *doomed, struct err *err)
{
    uint32_t last = m->base;

    if (!m->base_told || m->base_serial != m->serial)
        return true;
    while (last > 0 && uids_contain(doomed, last))
        last--;
    return last == m->base || note_base(m, last, STAGE_CLEANUP, err);
}

/* --- one message --- */

int mailbox_pop3_locate(struct mailbox *m, const struct finding *finding, enum stage stage, uint32_t *number,
                        struct err *err)
{
    char uidl[POP3_UIDL_MAX];
    uint32_t newest = m->maildrop;

    *number = finding->uid;
    if (finding->uidvalidity == m->serial)
        return 1;
    if (*finding->uidl == '\0')
        return 0;
    for (uint32_t n = finding->uid <= newest ? finding->uid : newest, left = POP3_LOOK_MAX; n > 0 && left > 0;
         n--, left--) {
        int done = pop3_uidl(&m->pop3, stage, n, uidl, err);
        if (done < 0)
            return -1;
        *number = n;
        if (done == 1 && slice_eq(slice_from(uidl), slice_from(finding->uidl)))
            return 1;
    }
    return 0;
}

bool mailbox_pop3_fetch(struct mailbox *m, const struct finding *finding, struct buffer *out, struct err *err)
{
    uint32_t number;

    buffer_reset(out);
    if (!m->connected && !mailbox_pop3_session(m, err))
        return false;
    int done = mailbox_pop3_locate(m, finding, STAGE_FETCH, &number, err);
    if (done == 0)
        return err_set(err, FAULT_PROTOCOL, STAGE_FETCH,
                       *finding->uidl == '\0' ? "without UIDL the message cannot be found in a second session"
                                              : "the message is no longer in the maildrop");
    if (done < 0)
        return false;
    done = pop3_retrieve(&m->pop3, STAGE_FETCH, number, out, err);
    return done == 0 ? pop3_refused(&m->pop3, STAGE_FETCH, "RETR", err) : done > 0;
}
