/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever an IMAP or POP3 server says, a look into a mailbox ends, says why where it fails, keeps no more
 * than it may, and changes nothing unless it was asked to. Input: a byte of flags, then parts that end in
 * 0xff: what the server says after each flight. IMAP: the tagged answers follow by themselves, unless the
 * part begins with '!'. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/probe/mailbox_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PART_END = 0xff };
enum {
    POP3 = 1,
    ONLY_NEW = 2,
    COUNT_ALL = 4,
    CLEANING = 8,
    BY_SUBJECT = 16,
    JUNK = 32,
    PURGE = 64, /* with CLEANING; without: all probes of a service, from a border on */
    POOR = 128
};

static const char marker_text[] = "mproof0000000701nb2ew0fqey60p3j80k7ebes7";

struct server {
    struct slice rest;    /* parts that are not said yet */
    struct buffer saying; /* what is under way */
    struct buffer heard;
    size_t answered; /* of heard */
    bool pop3;
};

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static struct slice next_part(struct server *s)
{
    size_t n = slice_find_char(s->rest, (char)PART_END);
    struct slice part = slice_head(s->rest, n);

    s->rest = slice_skip(s->rest, n + 1);
    return part;
}

/* A tagged OK for each command of the flight, a "+" where a literal is waited for. */
static void answer(struct server *s, struct slice flight)
{
    struct slice line, tag;

    if (slice_ends_nocase(flight, SLICE("}\r\n")))
        buffer_append_text(&s->saying, "+\r\n");
    while (slice_next_line(&flight, &line))
        if (slice_next_word(&line, &tag) && tag.data[0] == 'A' && tag.len > 1 && ascii_is_digit(tag.data[1]))
            buffer_printf(&s->saying, "%.*s OK x\r\n", SLICE_ARG(tag));
}

static ssize_t say(void *context, void *data, size_t size)
{
    struct server *s = context;
    struct slice flight = slice_skip(buffer_slice(&s->heard), s->answered);

    if (s->saying.len == 0 && flight.len > 0 && s->rest.len > 0) {
        struct slice part = next_part(s);
        bool bare = part.len > 0 && part.data[0] == '!';
        buffer_append(&s->saying, slice_skip(part, bare ? 1 : 0));
        if (!s->pop3 && !bare)
            answer(s, flight);
        s->answered = s->heard.len;
    }
    size_t n = s->saying.len < size ? s->saying.len : size;
    if (n > 0)
        memcpy(data, s->saying.data, n);
    buffer_consume(&s->saying, n);
    return (ssize_t)n;
}

static ssize_t hear(void *context, const void *data, size_t size)
{
    struct server *s = context;

    demand(buffer_append(&s->heard, slice_of(data, size)));
    return (ssize_t)size;
}

static int await(void *context, bool for_output, int timeout_ms)
{
    (void)context, (void)for_output, (void)timeout_ms;
    return 1;
}

static bool connect_server(void *context, struct session *s, const struct endpoint *endpoint,
                           struct resolver *resolver, struct timeline *timeline,
                           struct transcript *transcript, struct deadline deadline, struct err *err)
{
    static const struct stream_ops ops = {say, hear, await};
    struct server *server = context;

    (void)resolver, (void)timeline;
    *s =
        (struct session){.encrypted = true, .greeting = BUFFER_INIT(1000), .capabilities = BUFFER_INIT(1000)};
    if (server->heard.len > 0)
        return err_set(err, FAULT_CONNECT, STAGE_TCP, "once is enough");
    stream_init(&s->stream, &ops, server, protocol_name(endpoint->protocol), transcript, deadline);
    return buffer_append_text(&s->greeting, "* PREAUTH hi\n") &&
           buffer_append_text(&s->capabilities,
                              endpoint->tls_name); /* smuggled in where nothing else wants it */
}

static void disconnect_server(void *context, struct session *s)
{
    (void)context;
    stream_clear(&s->stream);
    buffer_clear(&s->greeting);
    buffer_clear(&s->capabilities);
}

static void no_pause(void *context, double seconds)
{
    (void)context, (void)seconds;
}

static bool enough(const struct mailbox *m, void *context)
{
    (void)context;
    return mailbox_finding_count(m) > 0;
}

static bool look(struct mailbox *m, unsigned flags, struct err *err)
{
    struct cleaning cleaning = {
        .how = CLEANUP_DELETE, .any_key = true, .older_than_s = (flags & PURGE) != 0 ? 0 : -1};
    struct cleaned cleaned;
    struct buffer message = BUFFER_INIT(100000);

    bool ok = mailbox_look(m, err);
    if (ok && mailbox_finding_count(m) > 0)
        ok = mailbox_fetch(m, mailbox_finding(m, 0), &message, err);
    demand(message.len <= message.max);
    buffer_clear(&message);
    mailbox_quota(m);
    if (ok && (flags & CLEANING) != 0)
        ok = mailbox_clean(m, &cleaning, &cleaned, err);
    return ok && mailbox_wait(m, 0, enough, NULL, err);
}

static bool wants_own(unsigned flags)
{
    return (flags & (PURGE | CLEANING)) == PURGE;
}

static void check_finding(const struct mailbox *m, const struct finding *f, const struct marker *marker,
                          unsigned flags)
{
    demand(f->headers.len <= HEADERS_MAX && f->folder < mailbox_folder_count(m));
    if (wants_own(flags))
        demand(f->kind != MESSAGE_OTHER && f->marker.key == marker->key);
    else if ((flags & BY_SUBJECT) == 0)
        demand(strcmp(f->marker.text, marker->text) == 0);
}

static void check_borders(const struct mailbox *m)
{
    struct resume r;

    for (size_t i = 0; i < mailbox_folder_count(m); i++)
        if (mailbox_resume(m, i, &r))
            demand(mailbox_is_pop3(m) ? (*r.uidl != '\0') != (r.uidnext == 1)
                                      : r.uidnext != 0 && r.uidvalidity != 0);
}

static void check(const struct mailbox *m, const struct server *s, const struct marker *marker,
                  unsigned flags)
{
    struct slice heard = buffer_slice(&s->heard);

    demand(mailbox_finding_count(m) <= FINDINGS_MAX && mailbox_folder_count(m) <= FOLDERS_MAX);
    demand(mailbox_match_count(m) >= mailbox_finding_count(m));
    for (size_t i = 0; i < mailbox_finding_count(m); i++)
        check_finding(m, mailbox_finding(m, i), marker, flags);
    check_borders(m);
    if ((flags & CLEANING) == 0)
        demand(!slice_contains_nocase(heard, SLICE("\nDELE")) &&
               !slice_contains_nocase(heard, SLICE(" STORE ")) &&
               !slice_contains_nocase(heard, SLICE(" EXPUNGE")) &&
               !slice_contains_nocase(heard, SLICE(" SELECT ")) &&
               !slice_contains_nocase(heard, SLICE(" BODY[")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    unsigned flags = data[0];
    struct server server = {.rest = slice_of(data + 1, size - 1),
                            .saying = BUFFER_INIT(1 << 24),
                            .heard = BUFFER_INIT(1 << 24),
                            .pop3 = (flags & POP3) != 0};
    const struct mailbox_ops ops = {connect_server, disconnect_server, no_pause, &server};
    const struct resume resume = {folder_hash("INBOX"), 7, 8, "aaa"};
    struct marker marker;
    struct endpoint endpoint = ENDPOINT_INIT;
    struct mailbox *m;
    struct err err = ERR_NONE;

    demand(marker_parse(&marker, slice_from(marker_text)));
    endpoint.protocol = server.pop3 ? PROTOCOL_POP3 : PROTOCOL_IMAP;
    endpoint.host = "mail.example";
    endpoint.tls_name = (flags & POOR) != 0 ? "* CAPABILITY IMAP4rev1\n"
                        : server.pop3       ? "+OK\nTOP\nUIDL\nUSER\nPIPELINING\n.\n"
                                      : "* CAPABILITY IMAP4rev1 UIDPLUS SPECIAL-USE LIST-EXTENDED QUOTA\n";
    endpoint.login.username = "tim";
    demand(secret_set(&endpoint.login.password, SLICE("secret")));
    struct mailbox_request request = {.endpoint = &endpoint,
                                      .junk = (flags & JUNK) != 0,
                                      .only_new = (flags & ONLY_NEW) != 0,
                                      .count_all = (flags & COUNT_ALL) != 0,
                                      .read_write = (flags & CLEANING) != 0};
    if (wants_own(flags)) {
        request.matcher.own = true;
        request.matcher.key = marker.key;
        request.resume = &resume;
        request.resume_count = 1;
    } else if ((flags & BY_SUBJECT) != 0) {
        request.matcher.subject = "hello";
    } else {
        request.matcher.marker = &marker;
    }
    struct deadline deadline = deadline_in(20);
    if (!mailbox_open_with(&m, &ops, &request, NULL, NULL, deadline, &err) || !look(m, flags, &err))
        demand(err.kind != FAULT_NONE && err.text[0] != '\0');
    check(m, &server, &marker, flags);
    demand(!deadline_passed(deadline));
    mailbox_close(&m);
    endpoint_clear(&endpoint);
    buffer_clear(&server.saying);
    buffer_clear(&server.heard);
    return 0;
}
