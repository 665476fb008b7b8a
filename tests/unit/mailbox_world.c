/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/mailbox_world.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "common/mail/received.h"

static bool world_connect(void *context, struct session *s, const struct endpoint *endpoint,
                          struct resolver *resolver, struct timeline *timeline, struct transcript *transcript,
                          struct deadline deadline, struct err *err)
{
    struct world *w = context;

    (void)endpoint, (void)resolver, (void)timeline;
    *s =
        (struct session){.encrypted = true, .greeting = BUFFER_INIT(1000), .capabilities = BUFFER_INIT(1000)};
    if (w->connected == w->script_count)
        return err_set(err, FAULT_CONNECT, STAGE_TCP, "nothing listens");
    struct peer *peer = &w->script[w->connected++].peer;
    stream_init(&s->stream, &peer_ops, peer, protocol_name(endpoint->protocol), transcript, deadline);
    return buffer_append_text(&s->greeting, w->greeting) &&
           buffer_append_text(&s->capabilities, w->capabilities);
}

static void world_disconnect(void *context, struct session *s)
{
    (void)context;
    stream_clear(&s->stream);
    buffer_clear(&s->greeting);
    buffer_clear(&s->capabilities);
}

static void world_pause(void *context, double seconds)
{
    struct world *w = context;

    w->paused_s += seconds;
}

void world_init(struct world *w, enum protocol protocol)
{
    struct err err;

    *w = (struct world){.endpoint = ENDPOINT_INIT,
                        .greeting = protocol == PROTOCOL_IMAP ? "* PREAUTH hi\n" : "+OK hi\n",
                        .capabilities = "",
                        .timeout_s = 5,
                        .ending = PEER_CLOSES};
    w->endpoint.protocol = protocol;
    w->endpoint.host = "mail.example";
    w->request.endpoint = &w->endpoint;
    transcript_init(&w->transcript, true);
    assert_true(marker_new(&w->ours, 7, time(NULL) - 1000, &err));
    assert_true(marker_new(&w->other, 7, time(NULL) - 1000, &err));
    assert_true(marker_new(&w->foreign, 8, time(NULL) - 1000, &err));
}

static void append_now(struct buffer *out)
{
    char text[64];
    time_t now = time(NULL);
    struct tm tm;

    strftime(text, sizeof text, "%d-%b-%Y %H:%M:%S +0000", gmtime_r(&now, &tm));
    buffer_append_text(out, text);
}

static void append_mail_date(struct buffer *out)
{
    char text[64];

    date_format(text, sizeof text, time(NULL));
    buffer_append_text(out, text);
}

static void append_day(struct buffer *out, time_t when)
{
    char text[64];
    struct tm tm;

    strftime(text, sizeof text, "%-d-%b-%Y", gmtime_r(&when, &tm));
    buffer_append_text(out, text);
}

static void expand(const struct world *w, struct buffer *out, const char *text);

static const char *expand_literal(const struct world *w, struct buffer *out, const char *text)
{
    const char *end = strstr(text, "]]");
    char *inner = strndup(text, (size_t)(end - text));
    struct buffer content = BUFFER_INIT(1 << 20);

    expand(w, &content, inner);
    buffer_printf(out, "{%zu}\r\n", content.len);
    buffer_append(out, buffer_slice(&content));
    buffer_clear(&content);
    free(inner);
    return end + 1;
}

static void expand(const struct world *w, struct buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '$')
            buffer_append_text(out, w->ours.text);
        else if (*text == '%')
            buffer_append_text(out, w->other.text);
        else if (*text == '~')
            buffer_append_text(out, w->foreign.text);
        else if (*text == '@')
            append_now(out);
        else if (*text == '^')
            append_mail_date(out);
        else if (*text == '#')
            append_day(out, time(NULL) - 2 * 86400);
        else if (strncmp(text, "[[", 2) == 0)
            text = expand_literal(w, out, text + 2);
        else
            buffer_append_char(out, *text);
    }
}

void world_add(struct world *w, const struct turn *turns)
{
    struct script *s = &w->script[w->script_count++];
    size_t n = 0;

    for (; turns[n].hears != NULL; n++) {
        struct buffer *hears = &s->text[2 * n], *says = hears + 1;
        *hears = *says = BUFFER_INIT(1 << 20);
        expand(w, hears, turns[n].hears);
        expand(w, says, turns[n].says);
        s->turns[n] = (struct turn){buffer_text(hears), buffer_text(says)};
    }
    s->peer = PEER_INIT(s->turns);
    s->peer.dripping = w->dripping;
    s->peer.ending = w->ending;
}

bool world_open(struct world *w, struct err *err)
{
    const struct mailbox_ops ops = {world_connect, world_disconnect, world_pause, w};

    return mailbox_open_with(&w->mailbox, &ops, &w->request, NULL, &w->transcript, deadline_in(w->timeout_s),
                             err);
}

bool world_satisfied(const struct world *w)
{
    for (size_t i = 0; i < w->script_count; i++)
        if (!peer_satisfied(&w->script[i].peer))
            return false;
    return w->connected == w->script_count;
}

bool world_heard(const struct world *w, const char *text)
{
    for (size_t i = 0; i < w->script_count; i++)
        if (slice_contains_nocase(buffer_slice(&w->script[i].peer.heard), slice_from(text)))
            return true;
    return false;
}

void world_findings(const struct world *w, struct buffer *out)
{
    buffer_reset(out);
    for (size_t i = 0; i < mailbox_finding_count(w->mailbox); i++) {
        const struct finding *f = mailbox_finding(w->mailbox, i);
        buffer_printf(out, "%zu/%u/%c ", f->folder, f->uid, "OPBDR"[f->kind]);
    }
}

void world_folders(const struct world *w, struct buffer *out)
{
    buffer_reset(out);
    for (size_t i = 0; i < mailbox_folder_count(w->mailbox); i++) {
        const struct folder *f = mailbox_folder(w->mailbox, i);
        buffer_printf(out, "%s%s(%c) ", f->selectable ? "" : "!", f->name, "IGJ"[f->role]);
    }
}

void world_clear(struct world *w)
{
    mailbox_close(&w->mailbox);
    for (size_t i = 0; i < w->script_count; i++) {
        peer_clear(&w->script[i].peer);
        for (size_t n = 0; n < 2 * WORLD_TURNS_MAX; n++)
            buffer_clear(&w->script[i].text[n]);
    }
    transcript_clear(&w->transcript);
    endpoint_clear(&w->endpoint);
}
