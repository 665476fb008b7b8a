/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/smtp.h"

#include <math.h>
#include <string.h>

#include "common/base/text.h"
#include "common/mail/refusal.h"

/* seconds; half of what is left where that is less */
#define COURTESY_S 1.0

enum { SAID_MAX = 200 };

static void add_mechanisms(struct smtp_extensions *e, struct slice words)
{
    struct slice word;

    while (slice_next_word(&words, &word)) {
        struct slice known = slice_from(e->auth), other;
        bool repeated = false;
        while (slice_next_word(&known, &other))
            repeated = repeated || slice_eq_nocase(word, other);
        size_t used = strlen(e->auth);
        if (repeated || used + 1 + word.len + 1 > sizeof e->auth)
            continue;
        if (used > 0)
            e->auth[used++] = ' ';
        slice_copy(e->auth + used, sizeof e->auth - used, word);
    }
}

static void read_extension(struct smtp_extensions *e, struct slice line)
{
    struct slice keyword;
    unsigned long long size;

    /* "AUTH=LOGIN" is older than RFC 2554 and still heard */
    if (slice_starts_nocase(line, SLICE("AUTH ")) || slice_starts_nocase(line, SLICE("AUTH="))) {
        add_mechanisms(e, slice_skip(line, 5));
        return;
    }
    if (!slice_next_word(&line, &keyword))
        return;
    if (slice_eq_nocase(keyword, SLICE("SIZE"))) {
        e->size = true;
        if (slice_number(slice_trim(line), ~0ULL, &size))
            e->size_max = size;
    } else if (slice_eq_nocase(keyword, SLICE("PIPELINING"))) {
        e->pipelining = true;
    } else if (slice_eq_nocase(keyword, SLICE("8BITMIME"))) {
        e->eight_bit = true;
    } else if (slice_eq_nocase(keyword, SLICE("SMTPUTF8"))) {
        e->utf8 = true;
    }
}

/* RFC 5321 section 4.1.1.1: the first line is a greeting, each other one a keyword and its parameters. */
void smtp_extensions_read(struct smtp_extensions *e, struct slice capabilities)
{
    struct slice line;

    *e = (struct smtp_extensions){.size = false};
    slice_next_line(&capabilities, &line);
    while (slice_next_line(&capabilities, &line))
        if (slice_starts(line, SLICE("250-")) || slice_starts(line, SLICE("250 ")))
            read_extension(e, slice_skip(line, 4));
}

void smtp_init(struct smtp *c, struct stream *stream, struct timeline *timeline, struct slice capabilities)
{
    *c = (struct smtp){.stream = stream, .timeline = timeline};
    smtp_extensions_read(&c->extensions, capabilities);
}

void smtp_note_failed(struct smtp *c, const char *label)
{
    c->verdict.reply = c->reply;
    slice_copy(c->verdict.command, sizeof c->verdict.command, slice_from(label));
}

static bool lost(struct smtp *c, const char *label)
{
    c->gone = true;
    c->reply = REPLY_INIT;
    smtp_note_failed(c, label);
    return false;
}

bool smtp_hear(struct smtp *c, enum stage stage, const char *label, struct buffer *last, struct err *err)
{
    bool secret = stage == STAGE_AUTH;
    struct slice line;
    int complete = 0;

    c->reply = REPLY_INIT;
    while (complete == 0) {
        bool ok = secret ? stream_line_secret(c->stream, stage, &line, err)
                         : stream_line(c->stream, stage, &line, err);
        if (!ok)
            return lost(c, label);
        complete = reply_feed(&c->reply, line);
    }
    if (complete < 0) {
        char said[SAID_MAX];
        text_clean(said, sizeof said, line);
        err_set(err, FAULT_PROTOCOL, stage,
                c->reply.lines < REPLY_LINES_MAX ? "the answer to %s is no SMTP reply"
                                                 : "the answer to %s does not end",
                label);
        if (!secret)
            err_add(err, ": \"%s\"", said);
        return lost(c, label);
    }
    if (last != NULL) {
        buffer_reset(last);
        if (!buffer_append(last, line)) {
            err_set(err, FAULT_INTERNAL, stage, "out of memory");
            return lost(c, label);
        }
    }
    if (c->login != NULL)
        sasl_redact(c->sasl, c->login, c->reply.text);
    c->gone = c->reply.code == 421;
    return true;
}

bool smtp_refused(struct smtp *c, enum stage stage, const char *label, struct err *err)
{
    char said[ERR_TEXT_MAX];

    smtp_note_failed(c, label);
    if (c->reply.code >= 400)
        return refusal_err(err, &c->reply, stage, label);
    reply_format(&c->reply, said, sizeof said);
    return err_set(err, FAULT_PROTOCOL, stage, "%s was answered %s", label, said);
}

/* What a server said before it was asked. A refusal may come at any time (421 above all, and from the middle
 * of a message on); anything else would be taken for an answer that it is not. Either way the conversation is
 * over. */
static bool spoke_early(struct smtp *c, enum stage stage, const char *label, struct err *err)
{
    char said[ERR_TEXT_MAX];

    if (!smtp_hear(c, stage, label, NULL, err))
        return false;
    c->gone = true;
    if (c->reply.code >= 400)
        return smtp_refused(c, stage, label, err);
    smtp_note_failed(c, label);
    reply_format(&c->reply, said, sizeof said);
    return err_set(err, FAULT_PROTOCOL, stage, "before %s the server spoke out of turn: %s", label, said);
}

/* A server that cuts or stops reading has often said why. */
static bool not_sent(struct smtp *c, enum stage stage, const char *label, struct err *err)
{
    struct err early;

    if (!stream_has_input(c->stream) || !smtp_hear(c, stage, label, NULL, &early) || c->reply.code < 400)
        return lost(c, label);
    c->gone = true;
    return smtp_refused(c, stage, label, err);
}

bool smtp_say(struct smtp *c, enum stage stage, struct slice line, const char *shown, const char *label,
              struct err *err)
{
    if (stream_has_input(c->stream))
        return spoke_early(c, stage, label, err);
    c->asked = clock_now();
    bool ok = shown != NULL ? stream_send_secret(c->stream, stage, line, shown, err)
                            : stream_send(c->stream, stage, line, err);
    return ok || not_sent(c, stage, label, err);
}

/* Says something where nobody cares for the answer. */
static void courtesy(struct smtp *c, struct slice line)
{
    struct deadline whole = c->stream->deadline;
    struct reply reply = REPLY_INIT;
    struct slice answer;
    struct err ignored;

    if (c->gone)
        return;
    c->stream->deadline = deadline_in(fmin(COURTESY_S, deadline_left(whole) / 2));
    c->asked = clock_now();
    if (line.len == 0 || stream_send(c->stream, STAGE_QUIT, line, &ignored)) {
        int complete = 0;
        while (complete == 0 && stream_line(c->stream, STAGE_QUIT, &answer, &ignored))
            complete = reply_feed(&reply, answer);
        c->gone = complete != 1 || reply.code == 421;
    }
    c->stream->deadline = whole;
}

void smtp_reset(struct smtp *c)
{
    courtesy(c, SLICE("RSET\r\n"));
}

void smtp_quit(struct smtp *c)
{
    courtesy(c, c->quit_sent ? SLICE_EMPTY : SLICE("QUIT\r\n"));
    if (!c->gone)
        timeline_mark(c->timeline, STAGE_QUIT, c->asked);
    c->gone = true;
}
