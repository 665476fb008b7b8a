/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/probe/submission.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "common/base/interrupt.h"
#include "common/base/text.h"
#include "common/mail/refusal.h"
#include "common/net/oauth2.h"
#include "common/net/smtp.h"
#include "common/probe/sendmail.h"

/* seconds between tries where the server names none */
#define FIRST_DELAY_S   1.0
#define LONGEST_DELAY_S 60.0

struct run {
    struct submission *s;
    const struct submission_request *request;
    struct resolver *resolver;
    struct transcript *transcript;
    struct deadline deadline;
};

/* All that belongs to one connection. */
static void start_over(struct submission *s)
{
    struct timeline timeline = {.stage[STAGE_TOKEN] = s->timeline.stage[STAGE_TOKEN]};

    *s = (struct submission){
        .timeline = timeline,
        .final_reply = REPLY_INIT,
        .began = s->began,
        .tries = s->tries,
        .retried = s->retried,
        .mx_failure = s->mx_failure,
        .mx_missing = s->mx_missing,
    };
}

static void keep_session(struct submission *s, const struct session *session)
{
    s->certificate = session->certificate;
    s->encrypted = session->encrypted;
    slice_copy(s->tls_version, sizeof s->tls_version, slice_from(session->tls_version));
    slice_copy(s->address, sizeof s->address, slice_from(session->address));
}

static void keep_refused(struct submission *s, const struct submission_request *request,
                         const struct err *refused)
{
    for (size_t i = 0; i < request->recipient_count && i < RECIPIENTS_MAX; i++)
        if (refused[i].kind != FAULT_NONE)
            s->refused[s->refused_count++] = (struct refused_recipient){request->recipients[i], refused[i]};
}

/* Some were taken, so that the transaction as such went well. */
static bool some_refused(struct submission *s, const struct submission_request *request, struct err *err)
{
    char command[2 * sizeof s->failed_command];

    if (s->refused_count == 0)
        return true;
    *err = s->refused[0].err;
    err_add(err, " (%zu of %zu recipients refused", s->refused_count, request->recipient_count);
    for (size_t i = 1; i < s->refused_count; i++)
        err_add(err, "%s%s", i > 1 ? ", " : ": also ", s->refused[i].address);
    err_add(err, s->accepted ? "; the message went to the others)" : ")");
    snprintf(command, sizeof command, "RCPT TO:<%s>", s->refused[0].address);
    text_clean(s->failed_command, sizeof s->failed_command, slice_from(command));
    return false;
}

static bool transact(struct run *r, struct smtp *c, struct err *err)
{
    const struct submission_request *request = r->request;
    struct submission *s = r->s;
    struct err refused[RECIPIENTS_MAX];
    struct smtp_mail mail = {
        .from = request->mail_from != NULL ? request->mail_from : "",
        .to = request->recipients,
        .to_count = request->recipient_count < RECIPIENTS_MAX ? request->recipient_count : RECIPIENTS_MAX,
        .message = request->message,
        .until = request->stop_after == STOP_MAIL   ? SMTP_UNTIL_MAIL
                 : request->stop_after == STOP_RCPT ? SMTP_UNTIL_RCPT
                                                    : SMTP_UNTIL_SENT,
        .pipelining = request->pipelining,
        .refused = refused,
    };
    bool ok = smtp_send(c, &mail, err);

    s->mail_at = mail.mail_at;
    s->ended_at = mail.ended_at;
    s->ended_wall = mail.ended_wall;
    s->accepted = mail.accepted;
    s->uncertain = mail.uncertain;
    keep_refused(s, request, refused);
    if (!ok)
        return false;
    if (mail.until != SMTP_UNTIL_SENT) {
        smtp_reset(c);
        s->stopped = s->refused_count == 0;
    }
    return some_refused(s, request, err);
}

static bool converse(struct run *r, struct smtp *c, const struct endpoint *endpoint, struct err *err)
{
    enum stop_after stop = r->request->stop_after;
    bool ok = true;

    if (stop != STOP_CONNECT && stop != STOP_TLS)
        ok = smtp_auth(c, &endpoint->login, r->s->encrypted, endpoint->host, endpoint->port, r->s->mechanism,
                       err);
    if (!ok || stop == STOP_NEVER || stop == STOP_MAIL || stop == STOP_RCPT)
        return ok && transact(r, c, err);
    r->s->stopped = true;
    return true;
}

static void talk_over(struct run *r, struct smtp *c)
{
    struct submission *s = r->s;

    smtp_quit(c);
    s->final_reply = c->verdict.reply;
    if (s->failed_command[0] == '\0')
        slice_copy(s->failed_command, sizeof s->failed_command, slice_from(c->verdict.command));
}

/* One connection, from connect to QUIT. connect_by: when another host would be worth the remaining time. */
static bool try_connection(struct run *r, const struct endpoint *given, struct deadline connect_by,
                           struct err *err)
{
    struct endpoint endpoint = *given;
    struct session session = {.encrypted = false};
    struct submission *s = r->s;
    struct smtp c;

    if (r->request->stop_after == STOP_CONNECT && endpoint.tls != TLS_IMPLICIT)
        endpoint.tls = TLS_NONE;
    start_over(s);
    slice_copy(s->host, sizeof s->host, slice_from(endpoint.host));
    bool ok = session_open(&session, &endpoint, r->resolver, &s->timeline, r->transcript, connect_by, err);
    keep_session(s, &session);
    if (ok) {
        session.stream.deadline = r->deadline;
        smtp_init(&c, &session.stream, &s->timeline, buffer_slice(&session.capabilities));
        ok = converse(r, &c, &endpoint, err);
        talk_over(r, &c);
        if (!ok && r->request->mx_domain != NULL)
            err_add(err, " (MX %s)", endpoint.host);
    } else if (!reply_parse(&s->final_reply, buffer_slice(&session.greeting)) ||
               s->final_reply.code != err->code) {
        s->final_reply = REPLY_INIT; /* it was not the greeting that refused us */
    }
    session_close(&session);
    return ok;
}

/* One server; over again with a new token where it refused a cached one. */
static bool try_host(struct run *r, const struct endpoint *endpoint, struct deadline connect_by,
                     struct err *err)
{
    if (try_connection(r, endpoint, connect_by, err))
        return true;
    return oauth2_is_stale(endpoint, err) &&
           oauth2_renew(endpoint, r->resolver, &r->s->timeline, r->transcript, r->deadline, err) &&
           try_connection(r, endpoint, r->deadline, err);
}

static bool is_temporary(const struct err *err)
{
    return err->code / 100 == 4;
}

/* RFC 5321 section 5.1: what no address of this host could do, or will not do now, another host may. */
static bool passes_over(const struct run *r, const struct err *err)
{
    if (r->s->mail_at.tv_sec != 0 || deadline_passed(r->deadline))
        return false;
    return err->kind == FAULT_CONNECT || err->kind == FAULT_DNS || err->kind == FAULT_TIMEOUT ||
           is_temporary(err);
}

static bool find_hosts(struct run *r, struct mx_list *list, struct err *err)
{
    char domain[DOMAIN_MAX];

    if (!resolver_to_ascii(r->request->mx_domain, domain, err) ||
        !resolver_mx(r->resolver, domain, r->deadline, list, err))
        return false;
    if (list->count == 1 && list->mx[0].host[0] == '\0') {
        err_set(err, FAULT_DNS, STAGE_DNS, "%s accepts no mail (null MX)", r->request->mx_domain);
        err->advice = "check the domain: its owner publishes that it takes no mail at all (RFC 7505)";
        return false;
    }
    r->s->mx_missing = list->count == 0;
    if (list->count == 0) {
        list->count = 1;
        list->mx[0] = (struct mx){.preference = 0};
        slice_copy(list->mx[0].host, sizeof list->mx[0].host, slice_from(domain));
    }
    return true;
}

/* The look-up of the MX counts as part of the step that it belongs to. */
static void add_lookup(struct timeline *timeline, struct timespec began, double seconds)
{
    const struct span *dns = &timeline->stage[STAGE_DNS];

    timeline_set(timeline, STAGE_DNS, began, seconds + (dns->known ? dns->seconds : 0));
}

static bool try_exchangers(struct run *r, struct err *err)
{
    struct submission *s = r->s;
    struct endpoint endpoint = *r->request->endpoint;
    struct timespec asked = clock_now();
    struct mx_list list;

    s->mx_failure = ERR_NONE;
    start_over(s);
    slice_copy(s->host, sizeof s->host, slice_from(r->request->mx_domain));
    bool found = find_hosts(r, &list, err);
    double lookup_s = clock_since(asked);
    add_lookup(&s->timeline, asked, lookup_s);
    for (size_t i = 0; found; i++) {
        bool last = i + 1 == list.count;
        /* a silent host must leave time for the next one */
        struct deadline connect_by = last ? r->deadline : deadline_in(deadline_left(r->deadline) / 2);
        endpoint.host = list.mx[i].host;
        bool ok = try_host(r, &endpoint, connect_by, err);
        add_lookup(&s->timeline, asked, lookup_s);
        s->mx_index = i;
        s->mx_worse = list.mx[i].preference > list.mx[0].preference;
        if (ok)
            return true;
        if (!passes_over(r, err))
            return false;
        if (last) {
            if (i > 0)
                err_add(err, "; none of %zu MX hosts could be used", list.count);
            return false;
        }
        if (s->mx_failure.kind == FAULT_NONE)
            s->mx_failure = *err;
    }
    return false;
}

static bool hand_to_program(struct run *r, struct err *err)
{
    const struct submission_request *request = r->request;
    struct submission *s = r->s;
    struct sendmail_request program = {
        .path = request->sendmail,
        .mail_from = request->mail_from != NULL ? request->mail_from : "",
        .recipients = request->recipients,
        .recipient_count = request->recipient_count,
        .message = request->message,
    };

    if (request->stop_after != STOP_NEVER)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "a local mail program cannot stop after a step");
    start_over(s);
    s->mail_at = clock_now();
    s->accepted = sendmail_run(&program, r->transcript, r->deadline, &s->uncertain, err);
    if (!s->accepted && (err->kind == FAULT_CONFIG || s->uncertain || deadline_passed(r->deadline)))
        return false;
    s->ended_at = clock_now();
    s->ended_wall = clock_wall();
    return s->accepted;
}

static bool try_once(struct run *r, struct err *err)
{
    if (r->request->sendmail != NULL)
        return hand_to_program(r, err);
    if (r->request->mx_domain != NULL)
        return try_exchangers(r, err);
    return try_host(r, r->request->endpoint, r->deadline, err);
}

/* False where a signal ended it. */
static bool pause_for(double seconds)
{
    struct deadline end = deadline_in(seconds);

    while (!deadline_passed(end) && !interrupt_seen()) {
        int ms = deadline_poll_ms(end);
        poll(NULL, 0, ms < 1000 ? ms : 1000);
    }
    return !interrupt_seen();
}

/* Before anything is measured, and again before each try: one may outlive a token. */
static bool get_token(struct run *r, struct err *err)
{
    const struct submission_request *request = r->request;
    bool signs_in =
        request->sendmail == NULL && request->stop_after != STOP_CONNECT && request->stop_after != STOP_TLS;

    if (!signs_in ||
        oauth2_ready(request->endpoint, r->resolver, &r->s->timeline, r->transcript, r->deadline, err))
        return true;
    slice_copy(r->s->host, sizeof r->s->host, slice_from(request->endpoint->host));
    return false;
}

bool submission_run(struct submission *s, const struct submission_request *request, struct resolver *resolver,
                    struct transcript *transcript, struct deadline deadline, struct err *err)
{
    struct run r = {s, request, resolver, transcript, deadline};
    double delay = FIRST_DELAY_S;

    *s = SUBMISSION_INIT;
    bool ready = get_token(&r, err);
    s->began = clock_now();
    while (ready) {
        s->tries++;
        if (try_once(&r, err))
            return true;
        if (!is_temporary(err) || s->accepted || s->uncertain)
            return false;
        double hinted = refusal_retry_after(&s->final_reply), wait = hinted > 0 ? hinted : delay;
        if (clock_since(s->began) + wait > request->retry_s || wait >= deadline_left(deadline))
            return false;
        s->retried = *err;
        if (!pause_for(wait))
            return err_set(err, FAULT_INTERRUPTED, s->retried.stage,
                           "stopped by a signal while waiting for the next try");
        delay = delay * 2 < LONGEST_DELAY_S ? delay * 2 : LONGEST_DELAY_S;
        ready = get_token(&r, err);
    }
    return false;
}

bool submission_submit_seconds(const struct submission *s, double *seconds)
{
    if (s->mail_at.tv_sec == 0 || s->ended_at.tv_sec == 0)
        return false;
    *seconds = clock_between(s->mail_at, s->ended_at);
    return true;
}
