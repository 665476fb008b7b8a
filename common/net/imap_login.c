/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "common/net/imap_internal.h"
#include "common/net/sasl.h"

/* What the server said to credentials goes into the transcript and the error only after what it quotes was
 * taken out. */
static void show(struct imap *i, const struct sasl *sasl, const struct login *login,
                 struct imap_result *result)
{
    char line[sizeof result->text + 8];

    sasl_redact(sasl, login, result->text);
    snprintf(line, sizeof line, "%s %s",
             result->status == IMAP_OK    ? "OK"
             : result->status == IMAP_BAD ? "BAD"
                                          : "NO",
             result->text);
    transcript_line(i->stream->transcript, i->stream->side, SPEAKER_SERVER, slice_from(line));
}

static bool respond(struct imap *i, const struct buffer *response, struct err *err)
{
    struct buffer line = BUFFER_SECRET(SASL_RESPONSE_MAX + 2);
    bool ok;

    if (buffer_append(&line, buffer_slice(response)) && buffer_append_text(&line, "\r\n"))
        ok = stream_send_secret(i->stream, STAGE_LOGIN, buffer_slice(&line), "(redacted)", err);
    else
        ok = err_set(err, FAULT_INTERNAL, STAGE_LOGIN, "out of memory");
    buffer_clear(&line);
    return ok;
}

/* Answers challenges until the server has decided. *given_up: we could not go on; err says why. */
static bool converse(struct imap *i, struct sasl *sasl, struct buffer *response, bool *given_up,
                     struct err *err)
{
    struct imap_response r;
    struct err later;

    while (!i->pending[0].done) {
        if (!imap_receive(i, STAGE_LOGIN, &r, *given_up ? &later : err))
            return false;
        if (r.kind != IMAP_CONTINUE || *given_up)
            continue;
        if (!sasl_step(sasl, r.text, response, err)) {
            *given_up = true;
            if (!stream_send(i->stream, STAGE_LOGIN, SLICE("*\r\n"), &later)) /* RFC 3501 section 6.2.2 */
                return false;
        } else if (!respond(i, response, err)) {
            return false;
        }
    }
    return true;
}

static bool begin_authenticate(struct imap *i, enum sasl_mechanism mechanism, struct sasl *sasl,
                               struct buffer *response, struct imap_result *result, struct err *err)
{
    bool first = imap_can(i, IMAP_CAN_SASL_IR) && sasl_client_first(sasl);

    imap_begin(i, "AUTHENTICATE ");
    imap_text(i, sasl_name(mechanism));
    if (first) { /* RFC 4959: an empty initial response is "=" */
        if (!sasl_step(sasl, SLICE_EMPTY, response, err))
            return false;
        imap_text(i, " ");
        imap_text(i, response->len == 0 ? "=" : buffer_text(response));
    }
    imap_end(i, result);
    i->label = first ? "AUTHENTICATE (redacted)" : "AUTHENTICATE";
    return imap_flush(i, STAGE_LOGIN, NULL, NULL, err);
}

static bool dialogue(struct imap *i, enum sasl_mechanism mechanism, struct sasl *sasl,
                     const struct login *login, struct buffer *response, struct err *err)
{
    struct imap_result result;
    bool given_up = false;

    if (!begin_authenticate(i, mechanism, sasl, response, &result, err) ||
        !converse(i, sasl, response, &given_up, err))
        return false;
    show(i, sasl, login, &result);
    if (given_up)
        return false;
    if (result.status == IMAP_OK)
        return sasl_verify(sasl, err);
    imap_refused(&result, STAGE_LOGIN, "AUTHENTICATE", err);
    sasl_refused(sasl, err);
    return false;
}

static bool authenticate(struct imap *i, enum sasl_mechanism mechanism, const struct login *login,
                         const char *host, unsigned port, struct err *err)
{
    struct sasl *sasl = sasl_new(mechanism, login, PROTOCOL_IMAP, host, port, err);

    if (sasl == NULL)
        return false;
    struct buffer response = BUFFER_SECRET(SASL_RESPONSE_MAX);
    bool ok = dialogue(i, mechanism, sasl, login, &response, err);
    if (!ok)
        sasl_redact(sasl, login, err->text);
    imap_forget(i);
    buffer_clear(&response);
    sasl_free(&sasl);
    return ok;
}

static bool login_command(struct imap *i, const struct login *login, struct err *err)
{
    struct imap_result result;

    imap_begin(i, "LOGIN ");
    imap_string(i, slice_from(login->username));
    imap_text(i, " ");
    imap_string(i, secret_slice(&login->password));
    imap_end(i, &result);
    i->label = "LOGIN (redacted)";
    if (!imap_run(i, STAGE_LOGIN, NULL, NULL, err)) {
        sasl_redact(NULL, login, err->text);
        return false;
    }
    show(i, NULL, login, &result);
    return result.status == IMAP_OK || imap_refused(&result, STAGE_LOGIN, "LOGIN", err);
}

/* LOGINDISABLED forbids it, but some servers go on saying so within TLS: where they offer nothing else, they
 * are asked. */
static bool login_command_fits(const struct imap *i, const struct login *login, bool encrypted)
{
    bool named = login->mechanism == NULL || slice_eq_nocase(slice_from(login->mechanism), SLICE("LOGIN"));
    bool disabled = imap_can(i, IMAP_NO_LOGIN) && !(encrypted && i->mechanisms.len == 0);

    return named && login->username != NULL && login->password.set && !disabled;
}

/* Whether it is worth going on after that failure: the connection holds, and the mechanism was the trouble.
 */
static bool go_on(const struct imap *i, const struct err *err)
{
    return !i->bye && sasl_next(err);
}

bool imap_login(struct imap *i, const struct login *login, const char *host, unsigned port, bool encrypted,
                char *mechanism, size_t mechanism_size, struct err *err)
{
    enum sasl_mechanism order[SASL_COUNT];
    bool tried = false;

    if (i->preauth) {
        slice_copy(mechanism, mechanism_size, SLICE("PREAUTH"));
        return true;
    }
    if (!sasl_wanted(login))
        return err_set(err, FAULT_AUTH_REQUIRED, STAGE_LOGIN,
                       "no user name or token was given, and IMAP wants a login");
    if (!sasl_allowed(login, PROTOCOL_IMAP, encrypted, err))
        return false;
    struct slice offered = buffer_slice(&i->mechanisms);
    size_t count = sasl_order(login, offered, order);
    /* the login reply tells what a user may do; what was offered before it says little of that */
    i->capabilities_known = false;
    for (size_t n = 0; n < count; n++) {
        slice_copy(mechanism, mechanism_size, slice_from(sasl_name(order[n])));
        tried = true;
        if (authenticate(i, order[n], login, host, port, err))
            return true;
        if (!go_on(i, err))
            return false;
    }
    if (!login_command_fits(i, login, encrypted))
        return tried ? false : sasl_unavailable(login, PROTOCOL_IMAP, offered, err);
    slice_copy(mechanism, mechanism_size, SLICE("LOGIN"));
    return login_command(i, login, err);
}
