/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/imap.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/base/text.h"
#include "common/mail/refusal.h"
#include "common/net/imap_internal.h"
#include "common/net/imap_read.h"

enum { MECHANISMS_MAX = 1024 };
static const double AFTER_BYE_S = 1;

/* IMAP4rev2 has in its core what these extensions brought (RFC 9051 appendix E). */
enum { REV2 = IMAP_CAN_IDLE | IMAP_CAN_UIDPLUS | IMAP_CAN_MOVE | IMAP_CAN_LITERAL_MINUS | IMAP_CAN_SASL_IR };

static void note_capability(struct imap *i, struct slice word)
{
    static const struct {
        struct slice word;
        unsigned bits;
    } known[] = {
        {{"IDLE", 4}, IMAP_CAN_IDLE},
        {{"UIDPLUS", 7}, IMAP_CAN_UIDPLUS},
        {{"MOVE", 4}, IMAP_CAN_MOVE},
        {{"SPECIAL-USE", 11}, IMAP_CAN_SPECIAL_USE},
        {{"LIST-EXTENDED", 13}, IMAP_CAN_LIST_EXTENDED},
        {{"QUOTA", 5}, IMAP_CAN_QUOTA},
        {{"LITERAL+", 8}, IMAP_CAN_LITERAL_PLUS},
        {{"LITERAL-", 8}, IMAP_CAN_LITERAL_MINUS},
        {{"SASL-IR", 7}, IMAP_CAN_SASL_IR},
        {{"X-GM-EXT-1", 10}, IMAP_CAN_GMAIL},
        {{"LOGINDISABLED", 13}, IMAP_NO_LOGIN},
        {{"IMAP4rev2", 9}, REV2},
    };
    struct slice auth = SLICE("AUTH=");

    for (size_t n = 0; n < sizeof known / sizeof *known; n++)
        if (slice_eq_nocase(word, known[n].word))
            i->capabilities |= known[n].bits;
    if (slice_starts_nocase(word, auth) && buffer_append(&i->mechanisms, slice_skip(word, auth.len)))
        buffer_append_char(&i->mechanisms, ' ');
}

static void note_capabilities(struct imap *i, struct slice words)
{
    struct slice word;

    i->capabilities = 0;
    i->capabilities_known = true;
    buffer_reset(&i->mechanisms);
    while (slice_next_word(&words, &word))
        note_capability(i, word);
}

static void note_code(struct imap *i, const struct imap_response *r)
{
    struct slice argument;

    if (imap_code_is(r->code, SLICE("CAPABILITY"), &argument))
        note_capabilities(i, argument);
    else if (imap_code_is(r->code, SLICE("UIDNEXT"), &argument))
        imap_number(argument, &i->uidnext);
    else if (imap_code_is(r->code, SLICE("UIDVALIDITY"), &argument))
        imap_number(argument, &i->uidvalidity);
    else if (imap_code_is(r->code, SLICE("READ-ONLY"), NULL))
        i->read_only = true;
    else if (imap_code_is(r->code, SLICE("READ-WRITE"), NULL))
        i->read_only = false;
    else if (imap_code_is(r->code, SLICE("ALERT"), NULL))
        text_clean(i->alert, sizeof i->alert, slice_skip(r->text, r->code.len + 2));
}

/* Servers spell an expunge in more ways than EXPUNGE and VANISHED (RFC 7162). */
static bool tells_expunge(const struct imap_response *r)
{
    return slice_starts_nocase(r->name, SLICE("EXPUNGE")) || slice_eq_nocase(r->name, SLICE("VANISHED"));
}

static void note_data(struct imap *i, const struct imap_response *r)
{
    if (r->numbered && slice_eq_nocase(r->name, SLICE("EXISTS"))) {
        i->exists = r->number;
        i->announced++;
        i->announced_at = clock_now();
    } else if (tells_expunge(r)) {
        i->expunged++;
        if (i->exists > 0)
            i->exists--;
    } else if (!r->numbered && slice_eq_nocase(r->name, SLICE("CAPABILITY"))) {
        note_capabilities(i, r->rest);
    }
}

static void note_bye(struct imap *i, const struct imap_response *r)
{
    i->bye = true;
    /* the server is about to close (RFC 3501 section 7.1.5): what has no answer by then will have none */
    i->stream->deadline = deadline_earlier(i->stream->deadline, deadline_in(AFTER_BYE_S));
    slice_copy(i->bye_text, sizeof i->bye_text, r->text);
}

bool imap_said_bye(const struct imap *i, enum stage stage, struct err *err)
{
    const char *advice;
    /* it comes at any stage, and means none of them */
    enum fault kind = refusal_classify_mailbox(slice_from(i->bye_text), STAGE_NONE, &advice);

    err_set(err, kind, stage, "the imap server ended the session at %s: BYE %s", stage_name(stage),
            i->bye_text);
    err->advice = advice;
    return false;
}

void imap_init(struct imap *i, struct stream *stream, struct slice greeting, struct slice capabilities)
{
    struct slice line;
    struct imap_response r;

    *i = (struct imap){
        .stream = stream,
        .mechanisms = BUFFER_INIT(MECHANISMS_MAX),
        .out = BUFFER_SECRET(IMAP_COMMAND_MAX),
        .in = BUFFER_INIT(IMAP_RESPONSE_MAX),
    };
    if (slice_next_line(&greeting, &line) && imap_response_parse(line, &r) && r.kind == IMAP_STATUS) {
        i->preauth = r.status == IMAP_PREAUTH;
        note_code(i, &r);
    }
    while (slice_next_line(&capabilities, &line))
        if (imap_response_parse(line, &r) && r.kind == IMAP_DATA)
            note_data(i, &r);
}

void imap_clear(struct imap *i)
{
    buffer_clear(&i->mechanisms);
    buffer_clear(&i->out);
    buffer_clear(&i->in);
}

bool imap_can(const struct imap *i, enum imap_capability capability)
{
    return (i->capabilities & (unsigned)capability) != 0;
}

void imap_begin(struct imap *i, const char *text)
{
    imap_format(i, "A%u ", ++i->tag);
    imap_text(i, text);
}

void imap_text(struct imap *i, const char *text)
{
    i->overflow |= !buffer_append_text(&i->out, text);
}

void imap_format(struct imap *i, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    i->overflow |= n < 0 || (size_t)n >= sizeof text;
    imap_text(i, text);
}

enum { QUOTED_MAX = 1000, LITERAL_MINUS_MAX = 4096 };

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE: 7 bit, no NUL, CR, LF */
static bool can_quote(struct slice s)
{
    return s.len <= QUOTED_MAX && text_is_ascii(s) && !text_has_line_break(s);
}

static void quote(struct imap *i, struct slice s)
{
    bool fits = buffer_append_char(&i->out, '"');

    for (size_t n = 0; n < s.len && fits; n++) {
        if (s.data[n] == '"' || s.data[n] == '\\')
            fits = buffer_append_char(&i->out, '\\');
        fits = fits && buffer_append_char(&i->out, s.data[n]);
    }
    i->overflow |= !fits || !buffer_append_char(&i->out, '"');
}

void imap_string(struct imap *i, struct slice s)
{
    if (can_quote(s)) {
        quote(i, s);
        return;
    }
    bool wait = !imap_can(i, IMAP_CAN_LITERAL_PLUS) &&
                !(imap_can(i, IMAP_CAN_LITERAL_MINUS) && s.len <= LITERAL_MINUS_MAX);
    imap_format(i, "{%zu%s}\r\n", s.len, wait ? "" : "+");
    if (wait) {
        i->overflow |= i->pauses == IMAP_PENDING_MAX;
        if (!i->overflow)
            i->pause[i->pauses++] = i->out.len;
    }
    i->overflow |= !buffer_append(&i->out, s);
}

void imap_end(struct imap *i, struct imap_result *result)
{
    imap_text(i, "\r\n");
    if (result != NULL)
        *result = (struct imap_result){.done = false};
    if (i->pending_count == IMAP_PENDING_MAX)
        i->overflow = true;
    else
        i->pending[i->pending_count++] = (struct imap_pending){i->tag, i->out.len, false, result};
}

void imap_forget(struct imap *i)
{
    buffer_reset(&i->out);
    i->pending_count = i->pauses = 0;
    i->overflow = false;
    i->label = NULL;
}

/* Tags are "A" and a number. */
static struct imap_pending *find_pending(struct imap *i, struct slice tag)
{
    uint32_t number;

    if (tag.len < 2 || tag.data[0] != 'A' || !imap_number(slice_skip(tag, 1), &number))
        return NULL;
    for (size_t n = 0; n < i->pending_count; n++)
        if (i->pending[n].tag == number && !i->pending[n].done)
            return &i->pending[n];
    return NULL;
}

static bool complete(struct imap *i, enum stage stage, const struct imap_response *r, struct err *err)
{
    struct imap_pending *p = find_pending(i, r->tag);

    if (p == NULL)
        return err_set(err, FAULT_PROTOCOL, stage,
                       "the imap server answered a command that was never sent, at %s: %.*s",
                       stage_name(stage), SLICE_ARG(slice_head(r->tag, 40)));
    p->done = true;
    if (p->result == NULL)
        return true;
    p->result->done = true;
    p->result->status = r->status;
    slice_copy(p->result->code, sizeof p->result->code, r->code);
    slice_copy(p->result->text, sizeof p->result->text, r->text);
    return true;
}

static bool note(struct imap *i, enum stage stage, const struct imap_response *r, struct err *err)
{
    if (r->kind == IMAP_DATA)
        note_data(i, r);
    if (r->kind != IMAP_STATUS)
        return true;
    note_code(i, r);
    if (r->tag.len > 0)
        return complete(i, stage, r, err);
    if (r->status == IMAP_BYE)
        note_bye(i, r);
    return true;
}

bool imap_receive(struct imap *i, enum stage stage, struct imap_response *r, struct err *err)
{
    for (;;) {
        if (!imap_read(i->stream, stage, i->label != NULL, &i->in, err)) {
            i->broken = true;
            return i->bye && (err->kind == FAULT_CONNECT || err->kind == FAULT_TIMEOUT)
                       ? imap_said_bye(i, stage, err)
                       : false;
        }
        struct slice raw = buffer_slice(&i->in);
        if (imap_response_parse(raw, r))
            return note(i, stage, r, err);
        /* an empty line, or untagged data that makes no sense, harms nobody */
        if (raw.len > 0 && raw.data[0] != '*')
            return err_set(err, FAULT_PROTOCOL, stage, "the imap server sent no IMAP response at %s: %.*s",
                           stage_name(stage), SLICE_ARG(slice_head(raw, 100)));
    }
}

static bool receive(struct imap *i, enum stage stage, imap_data_fn *data, void *context,
                    struct imap_response *r, struct err *err)
{
    if (!imap_receive(i, stage, r, err))
        return false;
    if (r->kind == IMAP_DATA && data != NULL)
        data(context, r);
    return true;
}

static bool send_part(struct imap *i, enum stage stage, size_t from, size_t to, struct err *err)
{
    struct slice part = slice_head(slice_skip(buffer_slice(&i->out), from), to - from);

    if (i->label != NULL)
        return stream_send_secret(i->stream, stage, part, i->label, err);
    return stream_send(i->stream, stage, part, err);
}

/* The command that the byte at offset belongs to. */
static const struct imap_pending *owner(const struct imap *i, size_t offset)
{
    size_t n = 0;

    while (n + 1 < i->pending_count && i->pending[n].end <= offset)
        n++;
    return &i->pending[n];
}

bool imap_flush(struct imap *i, enum stage stage, imap_data_fn *data, void *context, struct err *err)
{
    struct imap_response r;
    size_t sent = 0;

    if (i->overflow)
        return err_set(err, FAULT_INTERNAL, stage, "an imap command grew too long at %s", stage_name(stage));
    for (size_t n = 0; n < i->pauses; n++) {
        if (i->pause[n] < sent)
            continue;
        if (!send_part(i, stage, sent, i->pause[n], err))
            return false;
        sent = i->pause[n];
        const struct imap_pending *p = owner(i, sent);
        do {
            if (!receive(i, stage, data, context, &r, err))
                return false;
        } while (r.kind != IMAP_CONTINUE && !p->done);
        if (p->done) /* refused before its literal: go on with the next command */
            sent = p->end;
    }
    return send_part(i, stage, sent, i->out.len, err);
}

static bool all_done(const struct imap *i)
{
    for (size_t n = 0; n < i->pending_count; n++)
        if (!i->pending[n].done)
            return false;
    return true;
}

bool imap_run(struct imap *i, enum stage stage, imap_data_fn *data, void *context, struct err *err)
{
    struct imap_response r;
    bool ok = imap_flush(i, stage, data, context, err);

    while (ok && !all_done(i))
        ok = receive(i, stage, data, context, &r, err);
    imap_forget(i);
    return ok;
}

bool imap_refused(const struct imap_result *result, enum stage stage, const char *what, struct err *err)
{
    char said[sizeof result->text + 8];
    const char *advice;

    snprintf(said, sizeof said, "%s %s", result->status == IMAP_BAD ? "BAD" : "NO", result->text);
    enum fault kind = refusal_classify_mailbox(slice_from(said), stage, &advice);
    err_set(err, kind, stage, "%s refused: %s", what, said);
    err->advice = advice;
    return false;
}

bool imap_capabilities(struct imap *i, struct err *err)
{
    if (i->capabilities_known)
        return true;
    imap_begin(i, "CAPABILITY");
    imap_end(i, NULL);
    return imap_run(i, STAGE_SELECT, NULL, NULL, err);
}

void imap_logout(struct imap *i, double seconds)
{
    struct err ignored;

    if (i->bye || i->broken || deadline_passed(i->stream->deadline))
        return;
    i->stream->deadline = deadline_earlier(i->stream->deadline, deadline_in(seconds));
    imap_forget(i);
    imap_begin(i, "LOGOUT");
    imap_end(i, NULL);
    imap_run(i, STAGE_QUIT, NULL, NULL, &ignored);
}
