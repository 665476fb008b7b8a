/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/compose.h"

#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/mail/date.h"
#include "common/mail/field.h"
#include "common/mail/probe_text.h"
#include "common/mail/token.h"
#include "common/mail/transfer.h"

enum {
    HEADER_MAX = 16 << 20, /* more than a command line can hold */
    LINE_PLAIN_MAX = 78
};

static const char default_subject[] = "Mail test";

/* What a caller's --header may not replace, besides Content-* and X-Mailproof-*. */
static const struct slice reserved[] = {
    SLICE("From"),       SLICE("To"),           SLICE("Subject"),        SLICE("Date"),
    SLICE("Message-ID"), SLICE("MIME-Version"), SLICE("Auto-Submitted"), SLICE("X-Auto-Response-Suppress"),
    SLICE("Received"),   SLICE("Return-Path"),
};
static const struct slice reserved_prefixes[] = {SLICE("Content-"), SLICE("X-Mailproof-")};
/* Those of a caller's fields that hold mailboxes: only their display names may be encoded. */
static const struct slice with_mailboxes[] = {
    SLICE("Sender"),
    SLICE("Reply-To"),
    SLICE("Cc"),
    SLICE("Bcc"),
    SLICE("Errors-To"),
    SLICE("Return-Receipt-To"),
    SLICE("Disposition-Notification-To"),
};

static bool out_of_room(struct err *err)
{
    return err_set(err, FAULT_INTERNAL, STAGE_NONE, "the message does not fit into memory");
}

/* One line of UTF-8 without control characters: what may be written into a header. */
static bool check_line(struct slice text, const char *option, struct err *err)
{
    if (text_has_line_break(text))
        return err_set(err, FAULT_USAGE, STAGE_NONE, "%s takes one line, without line breaks", option);
    if (!text_is_utf8(text))
        return err_set(err, FAULT_USAGE, STAGE_NONE, "%s takes UTF-8", option);
    for (size_t i = 0; i < text.len; i++)
        if (((unsigned char)text.data[i] < ' ' && text.data[i] != '\t') || text.data[i] == 0x7f)
            return err_set(err, FAULT_USAGE, STAGE_NONE, "%s takes no control characters", option);
    return true;
}

/* A value that is encoded already. */
static bool put_field(struct buffer *out, const char *name, const struct buffer *value, const char *option,
                      struct err *err)
{
    if (!field_can_fold(buffer_slice(value)))
        return err_set(err, FAULT_USAGE, STAGE_NONE, "%s has a word that is too long for a header line",
                       option);
    return field_write(out, name, buffer_slice(value)) || out_of_room(err);
}

/* The mailboxes of text, all of them good, appended with commas between. *last (may be NULL) gets the
 * last. */
static bool put_mailboxes(struct buffer *out, struct slice text, const char *option, struct address *last,
                          struct err *err)
{
    struct slice rest = text;
    struct address address;
    size_t broken = 0, count = 0;

    if (!check_line(text, option, err))
        return false;
    for (; broken == 0 && address_next(&rest, &address, &broken); count++) {
        struct buffer spec = BUFFER_INIT(2 * sizeof address.local + sizeof address.domain);
        bool good = address_format(&address, &spec) && address_is_addr_spec(buffer_slice(&spec));
        buffer_clear(&spec);
        if (!good)
            broken++;
        else if ((count > 0 && !buffer_append_text(out, ", ")) || !field_encode_mailbox(out, &address))
            return out_of_room(err);
    }
    if (broken > 0 || count == 0)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "%s: \"%.*s\" is no mail address", option,
                       SLICE_ARG(text));
    if (last != NULL)
        *last = address;
    return count == 1 || last == NULL ||
           err_set(err, FAULT_USAGE, STAGE_NONE, "%s takes one address", option);
}

static bool write_from(struct buffer *out, const struct compose_request *request, struct address *from,
                       struct err *err)
{
    struct buffer value = BUFFER_INIT(HEADER_MAX);
    bool ok = put_mailboxes(&value, slice_from(request->from), "--from", from, err) &&
              put_field(out, "From", &value, "--from", err);

    buffer_clear(&value);
    return ok;
}

static bool write_to(struct buffer *out, const struct compose_request *request, struct err *err)
{
    struct buffer value = BUFFER_INIT(HEADER_MAX);
    struct address to;
    bool ok = true;

    for (size_t i = 0; ok && i < request->to_count; i++)
        ok = (i == 0 || buffer_append_text(&value, ", ") || out_of_room(err)) &&
             put_mailboxes(&value, slice_from(request->to[i]), "--to", &to, err);
    if (ok && request->to_count == 0)
        ok = buffer_append_text(&value, "undisclosed-recipients:;") || out_of_room(err);
    ok = ok && put_field(out, "To", &value, "--to", err);
    buffer_clear(&value);
    return ok;
}

static bool write_subject(struct buffer *out, const struct compose_request *request, struct err *err)
{
    struct slice subject = slice_from(request->subject == NULL ? default_subject : request->subject);
    struct buffer value = BUFFER_INIT(HEADER_MAX);
    if (!check_line(subject, "--subject", err))
        return false;
    subject = slice_trim(subject);
    bool ok = field_encode_text(&value, subject) && (subject.len == 0 || buffer_append_char(&value, ' ')) &&
              buffer_append_text(&value, request->marker->text);

    ok = (ok || out_of_room(err)) && put_field(out, "Subject", &value, "--subject", err);
    buffer_clear(&value);
    return ok;
}

/* "<marker@domain>" */
static bool make_message_id(struct composed *out, const struct marker *marker, struct slice domain)
{
    struct address id = {.display = SLICE_EMPTY};
    struct buffer spec = BUFFER_INIT(sizeof out->message_id - 3);

    slice_copy(id.local, sizeof id.local, slice_from(marker->text));
    bool good = slice_copy(id.domain, sizeof id.domain, domain) && address_format(&id, &spec) &&
                address_is_addr_spec(buffer_slice(&spec));
    if (good)
        snprintf(out->message_id, sizeof out->message_id, "<%s>", buffer_text(&spec));
    buffer_clear(&spec);
    return good;
}

/* What a host calls itself may be no domain: then the sender's serves. */
static bool write_ids(struct composed *out, const struct compose_request *request, const struct address *from,
                      struct err *err)
{
    char date[32];

    date_format(date, sizeof date, request->now);
    if (!make_message_id(out, request->marker, slice_from(request->message_id_domain)) &&
        !make_message_id(out, request->marker, slice_from(from->domain)))
        return err_set(err, FAULT_USAGE, STAGE_NONE, "--from: the domain %s cannot stand in a Message-ID",
                       from->domain);
    /* not NDR: a bounce is what tells that delivery failed */
    return buffer_printf(
               &out->message,
               "Date: %s\r\nMessage-ID: %s\r\nAuto-Submitted: auto-generated\r\n"
               "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply\r\nX-Mailproof-Marker: %s\r\n",
               date, out->message_id, request->marker->text) ||
           out_of_room(err);
}

static bool is_reserved(struct slice name)
{
    for (size_t i = 0; i < sizeof reserved_prefixes / sizeof *reserved_prefixes; i++)
        if (slice_starts_nocase(name, reserved_prefixes[i]))
            return true;
    return token_is_one_of(name, reserved, sizeof reserved / sizeof *reserved);
}

static bool write_extra(struct buffer *out, struct slice header, struct err *err)
{
    size_t colon = slice_find_char(header, ':');
    struct slice name = slice_head(header, colon), text = slice_trim(slice_skip(header, colon + 1));
    struct buffer value = BUFFER_INIT(HEADER_MAX);
    char name_text[FIELD_NAME_MAX + 1];

    if (!check_line(header, "--header", err))
        return false;
    if (colon == header.len || !field_is_name(name))
        return err_set(err, FAULT_USAGE, STAGE_NONE, "--header takes \"Name: value\", not \"%.*s\"",
                       SLICE_ARG(header));
    if (is_reserved(name))
        return err_set(err, FAULT_USAGE, STAGE_NONE, "--header cannot replace %.*s: mailproof writes it",
                       SLICE_ARG(name));
    slice_copy(name_text, sizeof name_text, name);
    bool mailboxes = !text_is_ascii(text) &&
                     token_is_one_of(name, with_mailboxes, sizeof with_mailboxes / sizeof *with_mailboxes);
    bool ok = mailboxes ? put_mailboxes(&value, text, "--header", NULL, err)
                        : field_encode_text(&value, text) || out_of_room(err);
    ok = ok && put_field(out, name_text, &value, "--header", err);
    buffer_clear(&value);
    return ok;
}

static bool write_header(struct composed *out, const struct compose_request *request, struct err *err)
{
    struct address from;
    bool ok = write_from(&out->message, request, &from, err) && write_to(&out->message, request, err) &&
              write_subject(&out->message, request, err) && write_ids(out, request, &from, err);

    for (size_t i = 0; ok && i < request->header_count; i++)
        ok = write_extra(&out->message, slice_from(request->headers[i]), err);
    return ok;
}

static bool write_own_body(struct buffer *out, const struct marker *marker)
{
    char boundary[40];

    snprintf(boundary, sizeof boundary, "=_%016llx", (unsigned long long)marker_random(marker));
    return buffer_printf(
               out,
               "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n--%s\r\n"
               "Content-Type: text/plain; charset=utf-8\r\n\r\n",
               boundary, boundary) &&
           probe_text_plain(out, marker) &&
           buffer_printf(out, "\r\n--%s\r\nContent-Type: text/html; charset=utf-8\r\n\r\n", boundary) &&
           probe_text_html(out, marker) && buffer_printf(out, "\r\n--%s--\r\n", boundary);
}

/* What no relay touches when it stands as it is: short lines of printable ASCII, no "From " that an mbox
 * would escape. */
static bool is_plain(struct slice text)
{
    struct slice line;

    while (slice_next_line(&text, &line)) {
        if (line.len > LINE_PLAIN_MAX || slice_starts(line, SLICE("From ")))
            return false;
        for (size_t i = 0; i < line.len; i++)
            if ((line.data[i] < ' ' && line.data[i] != '\t') || line.data[i] >= 0x7f)
                return false;
    }
    return true;
}

static bool write_given_body(struct buffer *out, struct slice body, const struct marker *marker)
{
    /* ISO-8859-1 gives every byte a meaning: what is no UTF-8 arrives as it was */
    const char *charset = text_is_utf8(body) ? "utf-8" : "iso-8859-1";
    struct buffer lines = BUFFER_INIT(2 * body.len + MARKER_LENGTH + 8);
    struct slice line;
    bool ok = true;

    while (ok && slice_next_line(&body, &line))
        ok = buffer_append(&lines, line) && buffer_append_text(&lines, "\r\n");
    ok = ok && buffer_printf(&lines, "%s\r\n", marker->text);
    struct slice text = buffer_slice(&lines);
    bool plain = is_plain(text);
    ok = ok &&
         buffer_printf(out, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=%s\r\n%s\r\n", charset,
                       plain ? "" : "Content-Transfer-Encoding: quoted-printable\r\n") &&
         (plain ? buffer_append(out, text) : transfer_encode_quoted_printable(out, text));
    buffer_clear(&lines);
    return ok;
}

bool compose(struct composed *out, const struct compose_request *request, struct err *err)
{
    *out = (struct composed){.message = BUFFER_INIT(HEADER_MAX + 8 * request->body.len)};
    bool ok = write_header(out, request, err);

    ok = ok &&
         ((request->body.data == NULL ? write_own_body(&out->message, request->marker)
                                      : write_given_body(&out->message, request->body, request->marker)) ||
          out_of_room(err));
    ok = ok && (compose_digest(buffer_slice(&out->message), out->body_digest) || out_of_room(err));
    if (!ok)
        composed_clear(out);
    return ok;
}

void composed_clear(struct composed *c)
{
    buffer_clear(&c->message);
}
