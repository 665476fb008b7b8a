/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/probe/mailbox.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "common/net/oauth2.h"
#include "common/net/sasl.h"
#include "common/probe/mailbox_internal.h"

static const double GOODBYE_S = 1; /* for LOGOUT or QUIT */

static bool open_session(void *context, struct session *s, const struct endpoint *endpoint,
                         struct resolver *resolver, struct timeline *timeline, struct transcript *transcript,
                         struct deadline deadline, struct err *err)
{
    (void)context;
    return session_open(s, endpoint, resolver, timeline, transcript, deadline, err);
}

static void close_session(void *context, struct session *s)
{
    (void)context;
    session_close(s);
}

/* A signal ends it early. */
static void pause_for(void *context, double seconds)
{
    double whole = floor(seconds);
    struct timespec t = {(time_t)whole, (long)((seconds - whole) * 1e9)};

    (void)context;
    nanosleep(&t, NULL);
}

static const struct mailbox_ops real_ops = {
    .connect = open_session, .disconnect = close_session, .pause = pause_for};

bool mailbox_is_pop3(const struct mailbox *m)
{
    return m->request.endpoint->protocol == PROTOCOL_POP3;
}

static void note_session(struct mailbox *m)
{
    m->certificate = m->session.certificate;
    m->encrypted = m->session.encrypted;
    slice_copy(m->address, sizeof m->address, slice_from(m->session.address));
    slice_copy(m->tls_version, sizeof m->tls_version, slice_from(m->session.tls_version));
}

static bool sign_in(struct mailbox *m, struct err *err)
{
    const struct endpoint *e = m->request.endpoint;
    struct session *s = &m->session;
    struct timespec began = clock_now();
    bool ok;

    if (mailbox_is_pop3(m)) {
        pop3_init(&m->pop3, &s->stream, buffer_slice(&s->capabilities));
        ok = pop3_login(&m->pop3, &e->login, e->host, e->port, s->encrypted, m->mechanism,
                        sizeof m->mechanism, err);
    } else {
        imap_init(&m->imap, &s->stream, buffer_slice(&s->greeting), buffer_slice(&s->capabilities));
        ok = imap_login(&m->imap, &e->login, e->host, e->port, s->encrypted, m->mechanism,
                        sizeof m->mechanism, err);
    }
    if (sasl_wanted(&e->login))
        timeline_mark(&m->timeline, STAGE_LOGIN, began);
    return ok;
}

static bool connect_once(struct mailbox *m, struct err *err)
{
    bool ok = m->ops.connect(m->ops.context, &m->session, m->request.endpoint, m->resolver, &m->timeline,
                             m->transcript, m->deadline, err);
    note_session(m);
    m->connected = ok;
    m->connected_at = clock_now();
    return ok && sign_in(m, err);
}

/* A token by one of these; its time is not the mail server's. */
typedef bool token_fn(const struct endpoint *side, struct resolver *resolver, struct timeline *timeline,
                      struct transcript *transcript, struct deadline deadline, struct err *err);

static bool get_token(struct mailbox *m, token_fn *get, struct err *err)
{
    struct timespec began = clock_now();
    bool ok = get(m->request.endpoint, m->resolver, &m->timeline, m->transcript, m->deadline, err);

    m->opening_s -= m->opened ? 0 : clock_since(began);
    return ok;
}

/* Over again with a new token where the server refused a cached one. */
bool mailbox_connect(struct mailbox *m, struct err *err)
{
    m->selected = NO_FOLDER;
    m->looked = false;
    if (!get_token(m, oauth2_ready, err))
        return false;
    if (connect_once(m, err))
        return true;
    if (!oauth2_is_stale(m->request.endpoint, err) || !get_token(m, oauth2_renew, err))
        return false;
    mailbox_disconnect(m, true);
    return connect_once(m, err);
}

void mailbox_disconnect(struct mailbox *m, bool politely)
{
    struct err ignored;

    if (m->connected && politely && !mailbox_is_pop3(m)) {
        imap_logout(&m->imap, GOODBYE_S);
    } else if (m->connected && politely && !m->quit_lost) {
        m->session.stream.deadline = deadline_earlier(m->session.stream.deadline, deadline_in(GOODBYE_S));
        m->quit_lost = pop3_quit(&m->pop3, STAGE_QUIT, &ignored) < 0;
    }
    imap_clear(&m->imap);
    pop3_clear(&m->pop3);
    m->ops.disconnect(m->ops.context, &m->session);
    m->connected = false;
    m->selected = NO_FOLDER;
}

bool mailbox_open_with(struct mailbox **out, const struct mailbox_ops *ops,
                       const struct mailbox_request *request, struct resolver *resolver,
                       struct transcript *transcript, struct deadline deadline, struct err *err)
{
    struct mailbox *m = calloc(1, sizeof *m);

    *out = m;
    if (m == NULL)
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
    m->request = *request;
    m->ops = *ops;
    m->resolver = resolver;
    m->transcript = transcript;
    m->deadline = deadline;
    m->special = SPECIAL_FOLDERS_INIT;
    struct timespec began = clock_now();
    bool ok = mailbox_is_pop3(m) ? mailbox_pop3_open(m, err) : mailbox_imap_open(m, err);
    m->opening_s += clock_since(began);
    m->opened_wall = clock_wall();
    m->opened = ok;
    return ok;
}

bool mailbox_open(struct mailbox **m, const struct mailbox_request *request, struct resolver *resolver,
                  struct transcript *transcript, struct deadline deadline, struct err *err)
{
    return mailbox_open_with(m, &real_ops, request, resolver, transcript, deadline, err);
}

void mailbox_extend(struct mailbox *m, struct deadline deadline)
{
    m->deadline = m->session.stream.deadline = deadline;
}

void mailbox_close(struct mailbox **out)
{
    struct mailbox *m = *out;

    if (m == NULL)
        return;
    mailbox_disconnect(m, true);
    mailbox_findings_clear(m);
    special_folders_clear(&m->special);
    for (size_t i = 0; i < PLACES_MAX; i++)
        buffer_clear(&m->place[i].wire);
    free(m);
    *out = NULL;
}

bool mailbox_look(struct mailbox *m, struct err *err)
{
    return mailbox_is_pop3(m) ? mailbox_pop3_look(m, err) : mailbox_imap_look(m, err);
}

bool mailbox_wants_all(const struct mailbox *m)
{
    return m->request.count_all || m->request.matcher.own;
}

void mailbox_lacks(struct mailbox *m)
{
    m->incomplete = true;
    m->place[mailbox_is_pop3(m) ? 0 : m->selected].partial = true;
}

void mailbox_too_long(struct err *err, uint32_t uid)
{
    err_set(err, FAULT_MESSAGE_TOO_BIG, STAGE_FETCH,
            "the header of message %" PRIu32 " has over %d KiB and was not compared to its end", uid,
            HEADERS_MAX / 1024);
    err->advice = "look at that message: no mail system writes such headers";
}

size_t mailbox_keeps(const struct mailbox *m)
{
    return m->request.matcher.own ? FINDINGS_MAX : MATCHES_KEPT_MAX;
}

size_t mailbox_looks_into(const struct mailbox *m)
{
    return m->request.matcher.own ? OWN_BODIES_MAX : BODIES_MAX;
}

bool mailbox_fetch(struct mailbox *m, const struct finding *finding, struct buffer *out, struct err *err)
{
    struct timespec began = clock_now();
    bool ok = mailbox_is_pop3(m) ? mailbox_pop3_fetch(m, finding, out, err)
                                 : mailbox_imap_fetch(m, finding, out, err);

    timeline_mark(&m->timeline, STAGE_FETCH, began);
    return ok;
}

/* Whatever stopped it: the verdict on the mail stands, and this is a matter of its own. */
static bool not_finished(struct err *err)
{
    struct err why = *err;

    if (why.kind == FAULT_CLEANUP || why.kind == FAULT_INTERRUPTED || why.kind == FAULT_INTERNAL ||
        why.kind == FAULT_USAGE)
        return false;
    return err_set(err, FAULT_CLEANUP, STAGE_CLEANUP, "cleaning was not finished: %s", why.text);
}

bool mailbox_clean(struct mailbox *m, const struct cleaning *cleaning, struct cleaned *out, struct err *err)
{
    struct timespec began = clock_now();

    *out = (struct cleaned){.removed = 0};
    if (cleaning->how == CLEANUP_NONE)
        return true;
    bool ok = mailbox_is_pop3(m) ? mailbox_pop3_clean(m, cleaning, out, err)
                                 : mailbox_imap_clean(m, cleaning, out, err);
    timeline_mark(&m->timeline, STAGE_CLEANUP, began);
    return ok || not_finished(err);
}

struct quota mailbox_quota(struct mailbox *m)
{
    if (!mailbox_is_pop3(m) && m->connected && !m->quota_asked)
        mailbox_imap_quota(m);
    return m->quota;
}

bool mailbox_date_fits(const struct mailbox *m, const struct place *place, bool fresh, bool dated,
                       time_t date)
{
    /* beyond a border that holds, no clock is asked: ours may be wrong, and the border moves on */
    if (fresh && m->request.matcher.own)
        return true;
    if (m->request.newer_than_s > 0 && dated && (double)date < clock_wall() - m->request.newer_than_s)
        return false;
    if (place->restarted && m->request.only_new)
        return dated && (double)date >= m->opened_wall - RESTART_SLACK_S;
    return true;
}

size_t mailbox_folder_count(const struct mailbox *m)
{
    return m->folder_count;
}

const struct folder *mailbox_folder(const struct mailbox *m, size_t n)
{
    return &m->folder[n];
}

bool mailbox_count_complete(const struct mailbox *m)
{
    return !m->incomplete;
}

bool mailbox_was_refused(const struct mailbox *m, struct err *err)
{
    for (size_t i = 0; i < m->folder_count; i++) {
        bool closed = !m->folder[i].selectable && !m->place[i].missing;
        const struct err *refusal = closed ? &m->folder[i].failure : &m->place[i].refusal;
        if (refusal->kind != FAULT_NONE) {
            *err = *refusal;
            return true;
        }
    }
    return false;
}

const struct timeline *mailbox_timeline(const struct mailbox *m)
{
    return &m->timeline;
}

const struct certificate *mailbox_certificate(const struct mailbox *m)
{
    return &m->certificate;
}

const char *mailbox_address(const struct mailbox *m)
{
    return m->address;
}

const char *mailbox_mechanism(const struct mailbox *m)
{
    return m->mechanism;
}

const char *mailbox_tls_version(const struct mailbox *m)
{
    return m->tls_version;
}

bool mailbox_encrypted(const struct mailbox *m)
{
    return m->encrypted;
}

const char *mailbox_alert(const struct mailbox *m)
{
    return m->imap.alert;
}

bool mailbox_retrieve_seconds(const struct mailbox *m, double *seconds)
{
    const struct span *search = &m->timeline.stage[STAGE_SEARCH], *fetch = &m->timeline.stage[STAGE_FETCH];

    if (!m->opened || !search->known)
        return false;
    *seconds = m->opening_s + search->seconds + (fetch->known ? fetch->seconds : 0);
    return true;
}
