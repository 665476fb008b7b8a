/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "common/net/pop3_internal.h"
#include "common/net/sasl.h"

enum { AUTH_LINE_MAX = 255 }; /* RFC 5034 section 4: a longer initial response waits for its challenge */

static bool send_line(struct pop3 *p, struct slice verb, struct slice argument, const char *label,
                      struct err *err)
{
    struct buffer line = BUFFER_SECRET(SASL_RESPONSE_MAX + 64);
    bool ok;

    if (buffer_append(&line, verb) && buffer_append(&line, argument) && buffer_append_text(&line, "\r\n"))
        ok = stream_send_secret(p->stream, STAGE_LOGIN, buffer_slice(&line), label, err);
    else
        ok = err_set(err, FAULT_INTERNAL, STAGE_LOGIN, "out of memory");
    buffer_clear(&line);
    return ok;
}

/* Some say it in words only, some by RFC 2449's code. */
static bool says_locked(struct slice text)
{
    return slice_starts_nocase(text, SLICE("[IN-USE]")) ||
           slice_contains_nocase(text, SLICE("maildrop locked")) ||
           slice_contains_nocase(text, SLICE("already locked"));
}

/* Takes the final reply; what a server says to credentials is shown only after what it quotes was taken out.
 */
static bool conclude(struct pop3 *p, const struct sasl *sasl, const struct login *login, enum pop3_line kind,
                     struct slice text, const char *what, struct err *err)
{
    char line[sizeof p->reply.text + 8];

    p->reply.ok = kind == POP3_OK;
    slice_copy(p->reply.text, sizeof p->reply.text, text);
    sasl_redact(sasl, login, p->reply.text);
    snprintf(line, sizeof line, "%s %s", p->reply.ok ? "+OK" : "-ERR", p->reply.text);
    transcript_line(p->stream->transcript, p->stream->side, SPEAKER_SERVER, slice_from(line));
    p->locked = !p->reply.ok && says_locked(slice_from(p->reply.text));
    return p->reply.ok || pop3_refused(p, STAGE_LOGIN, what, err);
}

static bool receive(struct pop3 *p, enum pop3_line *kind, struct slice *text, struct err *err)
{
    struct slice line;

    if (!stream_line_secret(p->stream, STAGE_LOGIN, &line, err))
        return false;
    *kind = pop3_parse(line, text);
    return *kind != POP3_NONSENSE || pop3_nonsense(STAGE_LOGIN, line, err);
}

/* Answers challenges until the server has decided. */
static bool converse(struct pop3 *p, struct sasl *sasl, const struct login *login, struct buffer *response,
                     struct err *err)
{
    struct slice text;
    struct err later;
    enum pop3_line kind;
    bool given_up = false;

    for (;;) {
        if (!receive(p, &kind, &text, given_up ? &later : err))
            return false;
        if (kind != POP3_CONTINUE)
            break;
        if (given_up)
            continue;
        /* an initial response that was too long for its line answers the first, empty challenge */
        if (response->len > 0 && text.len == 0) {
            if (!send_line(p, SLICE_EMPTY, buffer_slice(response), "(redacted)", err))
                return false;
            buffer_reset(response);
        } else if (!sasl_step(sasl, text, response, err)) {
            given_up = true;
            if (!stream_send(p->stream, STAGE_LOGIN, SLICE("*\r\n"), &later))
                return false;
        } else {
            bool sent = send_line(p, SLICE_EMPTY, buffer_slice(response), "(redacted)", err);
            buffer_reset(response);
            if (!sent)
                return false;
        }
    }
    if (conclude(p, sasl, login, kind, text, "AUTH", given_up ? &later : err))
        return !given_up && sasl_verify(sasl, err);
    if (!given_up)
        sasl_refused(sasl, err);
    return false;
}

/* "AUTH PLAIN", with the initial response where there is one and it is short; else it stays in *response. */
static bool begin(struct pop3 *p, enum sasl_mechanism mechanism, struct sasl *sasl, struct buffer *response,
                  struct err *err)
{
    char verb[64];
    bool first = sasl_client_first(sasl);

    if (first && !sasl_step(sasl, SLICE_EMPTY, response, err))
        return false;
    int n = snprintf(verb, sizeof verb, "AUTH %s", sasl_name(mechanism));
    if (!first || (size_t)n + 1 + response->len + 2 > AUTH_LINE_MAX)
        return send_line(p, slice_from(verb), SLICE_EMPTY, verb, err);
    snprintf(verb, sizeof verb, "AUTH %s ", sasl_name(mechanism));
    struct slice initial = response->len > 0 ? buffer_slice(response) : SLICE("=");
    bool ok = send_line(p, slice_from(verb), initial, "AUTH (redacted)", err);
    buffer_reset(response);
    return ok;
}

static bool authenticate(struct pop3 *p, enum sasl_mechanism mechanism, const struct login *login,
                         const char *host, unsigned port, struct err *err)
{
    struct sasl *sasl = sasl_new(mechanism, login, PROTOCOL_POP3, host, port, err);

    if (sasl == NULL)
        return false;
    struct buffer response = BUFFER_SECRET(SASL_RESPONSE_MAX);
    bool ok = begin(p, mechanism, sasl, &response, err) && converse(p, sasl, login, &response, err);
    if (!ok)
        sasl_redact(sasl, login, err->text);
    buffer_clear(&response);
    sasl_free(&sasl);
    return ok;
}

static bool step(struct pop3 *p, const struct login *login, const char *verb, struct slice argument,
                 const char *label, struct err *err)
{
    struct slice text;
    enum pop3_line kind;
    char what[8];

    slice_copy(what, sizeof what, slice_trim(slice_from(verb)));
    bool ok = send_line(p, slice_from(verb), argument, label, err) && receive(p, &kind, &text, err) &&
              conclude(p, NULL, login, kind, text, what, err);
    if (!ok)
        sasl_redact(NULL, login, err->text);
    return ok;
}

static bool user_and_pass(struct pop3 *p, const struct login *login, struct err *err)
{
    return step(p, login, "USER ", slice_from(login->username), "USER (redacted)", err) &&
           step(p, login, "PASS ", secret_slice(&login->password), "PASS (redacted)", err);
}

static bool user_fits(const struct pop3 *p, const struct login *login)
{
    bool named = login->mechanism == NULL || slice_eq_nocase(slice_from(login->mechanism), SLICE("LOGIN"));
    bool offered = pop3_can(p, POP3_CAN_USER) || p->mechanisms.len == 0;

    return named && offered && login->username != NULL && login->password.set;
}

bool pop3_login(struct pop3 *p, const struct login *login, const char *host, unsigned port, bool encrypted,
                char *mechanism, size_t mechanism_size, struct err *err)
{
    enum sasl_mechanism order[SASL_COUNT];

    if (!sasl_wanted(login))
        return err_set(err, FAULT_AUTH_REQUIRED, STAGE_LOGIN,
                       "no user name or token was given, and POP3 wants a login");
    if (!sasl_allowed(login, PROTOCOL_POP3, encrypted, err))
        return false;
    struct slice offered = buffer_slice(&p->mechanisms);
    size_t count = sasl_order(login, offered, order);
    for (size_t n = 0; n < count; n++) {
        slice_copy(mechanism, mechanism_size, slice_from(sasl_name(order[n])));
        if (authenticate(p, order[n], login, host, port, err))
            return true;
        if (p->locked || !sasl_next(err))
            return false;
    }
    if (!user_fits(p, login))
        return count > 0 ? false : sasl_unavailable(login, PROTOCOL_POP3, offered, err);
    slice_copy(mechanism, mechanism_size, SLICE("USER"));
    return user_and_pass(p, login, err);
}
