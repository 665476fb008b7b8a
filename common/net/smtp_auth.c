/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/smtp.h"

#include <stdio.h>
#include <string.h>

enum { COMMAND_LINE_MAX = 512 }; /* RFC 5321 section 4.5.3.1.4, which RFC 4954 section 4 upholds for AUTH */

struct exchange {
    struct smtp *smtp;
    struct sasl *sasl;
    const char *name;
    char label[SMTP_COMMAND_MAX]; /* "AUTH PLAIN" */
    struct buffer response;       /* base64 */
    struct buffer heard;          /* the server's last line */
};

static bool say(struct exchange *x, const char *before, const char *words, const char *shown, struct err *err)
{
    struct buffer line = BUFFER_SECRET(SASL_RESPONSE_MAX + COMMAND_LINE_MAX);
    bool ok = buffer_append_text(&line, before) && buffer_append_text(&line, words) &&
              buffer_append_text(&line, "\r\n");

    ok = ok ? smtp_say(x->smtp, STAGE_AUTH, buffer_slice(&line), shown, x->label, err)
            : err_set(err, FAULT_INTERNAL, STAGE_AUTH, "out of memory");
    buffer_clear(&line);
    return ok;
}

/* The AUTH command. A response that does not fit in it waits for the server's leave: *waiting. */
static bool start(struct exchange *x, bool *waiting, struct err *err)
{
    char command[SMTP_COMMAND_MAX], shown[SMTP_COMMAND_MAX];

    snprintf(command, sizeof command, "AUTH %s", x->name);
    *waiting = sasl_client_first(x->sasl);
    if (!*waiting)
        return say(x, command, "", command, err);
    if (!sasl_step(x->sasl, SLICE_EMPTY, &x->response, err))
        return false;
    if (strlen(command) + strlen(" ") + x->response.len + strlen("\r\n") > COMMAND_LINE_MAX)
        return say(x, command, "", command, err);
    *waiting = false;
    snprintf(command, sizeof command, "AUTH %s ", x->name);
    snprintf(shown, sizeof shown, "AUTH %s (redacted)", x->name);
    return say(x, command, x->response.len > 0 ? buffer_text(&x->response) : "=", shown, err);
}

/* RFC 4954 section 4: a lone "*" ends the exchange, and the server answers 501. */
static bool cancel(struct exchange *x)
{
    struct err ignored;

    if (say(x, "", "*", "*", &ignored))
        smtp_hear(x->smtp, STAGE_AUTH, x->label, &x->heard, &ignored);
    x->smtp->reply = REPLY_INIT;
    smtp_note_failed(x->smtp, x->label);
    return false;
}

static bool converse(struct exchange *x, struct err *err)
{
    bool waiting;

    if (!start(x, &waiting, err))
        return false;
    for (;;) {
        if (!smtp_hear(x->smtp, STAGE_AUTH, x->label, &x->heard, err))
            return false;
        if (x->smtp->reply.code != 334)
            return true;
        struct slice challenge = slice_skip(buffer_slice(&x->heard), strlen("334 "));
        if (!waiting && !sasl_step(x->sasl, challenge, &x->response, err))
            return cancel(x);
        waiting = false;
        if (!say(x, "", buffer_text(&x->response), "(redacted)", err))
            return false;
    }
}

/* What ended the exchange. */
static bool judge(struct exchange *x, struct err *err)
{
    struct smtp *c = x->smtp;
    char said[REPLY_TEXT_MAX + 32];

    reply_format(&c->reply, said, sizeof said);
    transcript_line(c->stream->transcript, c->stream->side, SPEAKER_NOTE, slice_from(said));
    if (c->reply.code == 235 && sasl_verify(x->sasl, err))
        return true;
    if (c->reply.code == 235) {
        smtp_note_failed(c, x->label);
        return false;
    }
    smtp_refused(c, STAGE_AUTH, x->label, err);
    sasl_refused(x->sasl, err);
    return false;
}

static bool try_mechanism(struct smtp *c, enum sasl_mechanism mechanism, const struct login *login,
                          const char *host, unsigned port, struct err *err)
{
    struct exchange x = {
        .smtp = c,
        .name = sasl_name(mechanism),
        .response = BUFFER_SECRET(SASL_RESPONSE_MAX),
        .heard = BUFFER_SECRET(STREAM_LINE_MAX),
    };
    struct timespec began = clock_now();
    bool ok = false;

    snprintf(x.label, sizeof x.label, "AUTH %s", x.name);
    c->login = login;
    c->sasl = x.sasl = sasl_new(mechanism, login, PROTOCOL_SMTP, host, port, err);
    if (x.sasl != NULL && converse(&x, err)) {
        timeline_mark(c->timeline, STAGE_AUTH, began);
        ok = judge(&x, err);
    }
    sasl_free(&x.sasl);
    c->sasl = NULL;
    buffer_clear(&x.response);
    buffer_clear(&x.heard);
    return ok;
}

bool smtp_auth(struct smtp *c, const struct login *login, bool encrypted, const char *host, unsigned port,
               char mechanism[SASL_NAME_MAX], struct err *err)
{
    enum sasl_mechanism order[SASL_COUNT];
    struct slice offered = slice_from(c->extensions.auth);

    mechanism[0] = '\0';
    if (!sasl_wanted(login))
        return true;
    if (!sasl_allowed(login, PROTOCOL_SMTP, encrypted, err))
        return false;
    size_t count = sasl_order(login, offered, order);
    if (count == 0)
        return sasl_unavailable(login, PROTOCOL_SMTP, offered, err);
    for (size_t i = 0; i < count; i++) {
        if (try_mechanism(c, order[i], login, host, port, err)) {
            slice_copy(mechanism, SASL_NAME_MAX, slice_from(sasl_name(order[i])));
            c->verdict = (struct smtp_verdict){.reply = REPLY_INIT};
            return true;
        }
        if (c->gone || !sasl_next(err))
            return false;
    }
    return false;
}
