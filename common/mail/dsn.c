/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/dsn.h"

#include <string.h>

#include "common/base/text.h"
#include "common/mail/address.h"
#include "common/mail/delivery_status.h"
#include "common/mail/header.h"
#include "common/mail/html.h"
#include "common/mail/mime.h"
#include "common/mail/phrase.h"

/* Of a value or a part no more than that is looked at. */
enum { VALUE_MAX = 8 * 1024, PART_MAX = 256 * 1024 };

/* What the header section says of itself. */
struct signs {
    struct marker own;     /* of X-Mailproof-Marker */
    struct marker subject; /* of the Subject */
    bool has_own, has_subject;
    bool report;         /* multipart/report */
    bool auto_replied;   /* RFC 3834, and what was used before it */
    bool auto_generated; /* as we write it ourselves */
    bool failed;         /* X-Failed-Recipients */
    bool from_daemon;    /* From: MAILER-DAEMON */
    bool from_postmaster;
    bool null_path; /* Return-Path: <> */
    bool answers;   /* In-Reply-To, References, "Re: ..." */
};

/* The one that is wanted, as a word of its own, or the first. */
static bool find_marker(struct marker *m, struct slice text, const struct marker *wanted)
{
    if (wanted == NULL)
        return marker_find(m, text);
    struct slice word = slice_from(wanted->text);
    while (word.len > 0) {
        size_t at = slice_find_nocase(text, word), end = at + word.len;
        if (at == text.len)
            return false;
        if ((at == 0 || !ascii_is_alnum(text.data[at - 1])) &&
            (end == text.len || !ascii_is_alnum(text.data[end]))) {
            *m = *wanted;
            return true;
        }
        text = slice_skip(text, end);
    }
    return false;
}

/* The value in lower case, for phrases. */
static void lower_value(struct slice value, struct buffer *out)
{
    header_decode(slice_head(value, VALUE_MAX), out);
    for (size_t i = 0; i < out->len; i++)
        out->data[i] = ascii_lower(out->data[i]);
}

static bool value_says(struct slice value, const char *phrases)
{
    struct buffer text = BUFFER_INIT(VALUE_MAX);

    lower_value(value, &text);
    bool says = phrase_starts(buffer_slice(&text), phrases);
    buffer_clear(&text);
    return says;
}

static void read_subject(struct signs *signs, struct slice value, const struct marker *wanted)
{
    struct buffer text = BUFFER_INIT(VALUE_MAX);

    header_decode(slice_head(value, VALUE_MAX), &text);
    signs->has_subject = find_marker(&signs->subject, buffer_slice(&text), wanted);
    buffer_clear(&text);
    /* answers, forwarded copies and notices, in the words of the common mailers */
    if (value_says(
            value,
            "re:|re[|aw:|sv:|vs:|antw:|antwort:|odp:|r:|fw:|fwd:|wg:|tr:|rv:|enc:|i:|pd:|vb:|doorst:|automat|"
            "auto-reply|auto:|autosvar|out of office|abwesen|absence|respuesta auto|risposta auto|"
            "resposta auto|undeliver|unzustellbar|delivery status|delivery fail|delivery notif|"
            "delivery report|delivery has|mail delivery|returned mail|failure notice|mail system error|"
            "read:|gelesen:|not read:|accepted:|declined:"))
        signs->answers = true;
}

static void read_from(struct signs *signs, struct slice value)
{
    struct slice rest = slice_head(value, VALUE_MAX);
    struct address from = {.local = ""};

    if (!address_next(&rest, &from, NULL)) /* "MAILER-DAEMON (Mail Delivery System)" has no domain */
        signs->from_daemon = value_says(value, "mailer-daemon");
    if (slice_starts_nocase(slice_from(from.local), SLICE("mailer-daemon")) ||
        slice_eq_nocase(slice_from(from.local), SLICE("mailerdaemon")))
        signs->from_daemon = true;
    signs->from_postmaster = slice_eq_nocase(slice_from(from.local), SLICE("postmaster"));
}

static void read_auto_submitted(struct signs *signs, struct slice value)
{
    if (value_says(value, "auto-replied|auto-notified"))
        signs->auto_replied = true;
    else if (value_says(value, "auto-generated"))
        signs->auto_generated = true;
}

static void read_sign(struct signs *signs, const struct header_field *field, const struct marker *wanted)
{
    struct slice name = field->name, value = field->value;

    if (slice_eq_nocase(name, SLICE("X-Mailproof-Marker")))
        signs->has_own = signs->has_own || find_marker(&signs->own, slice_head(value, VALUE_MAX), wanted);
    else if (slice_eq_nocase(name, SLICE("Subject")))
        read_subject(signs, value, wanted);
    else if (slice_eq_nocase(name, SLICE("Content-Type")))
        signs->report = signs->report || value_says(value, "multipart/report");
    else if (slice_eq_nocase(name, SLICE("Auto-Submitted")))
        read_auto_submitted(signs, value);
    else if (slice_eq_nocase(name, SLICE("Precedence")))
        signs->auto_replied = signs->auto_replied || value_says(value, "auto-reply|auto_reply");
    else if (slice_eq_nocase(name, SLICE("X-Autoreply")) || slice_eq_nocase(name, SLICE("X-Autorespond")) ||
             slice_eq_nocase(name, SLICE("X-Autoresponder")) ||
             slice_eq_nocase(name, SLICE("X-Autoreply-From")))
        signs->auto_replied = true;
    else if (slice_eq_nocase(name, SLICE("X-Failed-Recipients")))
        signs->failed = true;
    else if (slice_eq_nocase(name, SLICE("From")))
        read_from(signs, value);
    else if (slice_eq_nocase(name, SLICE("Return-Path")))
        signs->null_path = signs->null_path || slice_eq(slice_trim(value), SLICE("<>"));
    else if (slice_eq_nocase(name, SLICE("In-Reply-To")) || slice_eq_nocase(name, SLICE("References")))
        signs->answers = true;
}

static void read_signs(struct signs *signs, struct slice message, const struct marker *wanted)
{
    struct header_field field;

    *signs = (struct signs){.has_own = false};
    while (header_next(&message, &field))
        read_sign(signs, &field, wanted);
}

/* DESIGN.md section 5. Where a system strips our header, the Subject tells, unless the message is an answer
 * to one. */
static bool is_probe(const struct signs *signs)
{
    if (signs->report || signs->auto_replied || signs->failed)
        return false;
    if (signs->has_own)
        return true;
    bool notice = signs->from_daemon || (signs->null_path && !signs->auto_generated);
    return signs->has_subject && !signs->answers && !notice;
}

/* What the parts of a message hold. */
struct parts {
    const struct marker *wanted;
    struct marker *found;
    bool has_marker;
    struct dsn *dsn;
    bool has_status;    /* a message/delivery-status that names a recipient */
    bool receipt;       /* a message/disposition-notification: RFC 8098 */
    struct buffer text; /* of the first part for people */
};

static void read_text_part(struct parts *parts, const struct mime_type *type, struct slice content)
{
    if (parts->text.len > 0)
        return;
    if (strcmp(type->type, "text/html") == 0)
        html_text(&parts->text, content);
    else if (slice_starts(slice_from(type->type), SLICE("text/")))
        buffer_append(&parts->text, content);
}

static bool read_part(void *context, const struct mime_type *type, struct slice entity)
{
    struct parts *parts = context;
    struct buffer content = BUFFER_INIT(PART_MAX);
    struct slice name = slice_from(type->type);

    mime_decode(slice_head(entity, PART_MAX), &content);
    parts->has_marker = parts->has_marker || find_marker(parts->found, buffer_slice(&content), parts->wanted);
    if (slice_eq(name, SLICE("message/delivery-status")) ||
        slice_eq(name, SLICE("message/global-delivery-status")))
        parts->has_status = parts->has_status || delivery_status_read(parts->dsn, buffer_slice(&content));
    else if (slice_eq(name, SLICE("message/disposition-notification")))
        parts->receipt = true;
    else
        read_text_part(parts, type, buffer_slice(&content));
    buffer_clear(&content);
    return true;
}

static bool text_says(const struct buffer *text, const char *phrases)
{
    struct buffer lower = BUFFER_INIT(PART_MAX);

    buffer_append(&lower, buffer_slice(text));
    for (size_t i = 0; i < lower.len; i++)
        lower.data[i] = ascii_is_space(lower.data[i]) ? ' ' : ascii_lower(lower.data[i]);
    bool says = phrase_match(buffer_slice(&lower), phrases);
    buffer_clear(&lower);
    return says;
}

static enum message_kind kind_by_status(const struct dsn *dsn)
{
    if (strcmp(dsn->action, "failed") == 0)
        return MESSAGE_BOUNCE;
    if (strcmp(dsn->action, "delayed") == 0)
        return MESSAGE_DELAYED;
    if (dsn->action[0] != '\0' || dsn->status[0] == '2')
        return MESSAGE_REPLY; /* delivered, relayed, expanded: a receipt */
    return dsn->status[0] == '4' ? MESSAGE_DELAYED : MESSAGE_BOUNCE;
}

/* Bounces that are no multipart/report, or one without its machine-readable part. */
static enum message_kind kind_by_text(const struct signs *signs, const struct parts *parts)
{
    static const char failure[] =
        "not be delivered|n't be delivered|not delivered|wasn't delivered|delivery*fail|"
        "undeliver|permanent error|permanent fatal error|qmail-send program";
    static const char delay[] =
        "not yet been delivered|delivery*delayed|has been delayed|warning message only|"
        "will continue to be|will keep trying|still trying|not been able to deliver*yet";
    bool daemon = signs->failed || signs->from_daemon;

    if (parts->receipt)
        return MESSAGE_REPLY;
    if (!daemon && (signs->report || signs->from_postmaster || (signs->null_path && !signs->auto_replied)))
        daemon = text_says(&parts->text, failure) || text_says(&parts->text, delay);
    if (!daemon)
        return MESSAGE_REPLY;
    return text_says(&parts->text, delay) && !text_says(&parts->text, "permanent") ? MESSAGE_DELAYED
                                                                                   : MESSAGE_BOUNCE;
}

static void set_failed_recipient(struct dsn *dsn, struct slice message)
{
    struct header_field field;
    struct slice rest;
    struct address address;

    if (dsn->recipient[0] != '\0' || !header_find(message, SLICE("X-Failed-Recipients"), 0, &field))
        return;
    rest = slice_head(field.value, VALUE_MAX);
    struct buffer text = BUFFER_INIT(sizeof dsn->recipient - 1);
    if (address_next(&rest, &address, NULL) && address_format(&address, &text))
        text_clean(dsn->recipient, sizeof dsn->recipient, buffer_slice(&text));
    buffer_clear(&text);
}

/* In the decoded parts, the Subject, or anywhere: a message may be cut within a part, or be no MIME at all.
 */
static bool find_quoted(struct parts *parts, const struct signs *signs, struct slice message)
{
    if (parts->has_marker)
        return true;
    if (signs->has_subject) {
        *parts->found = signs->subject;
        return true;
    }
    return find_marker(parts->found, message, parts->wanted);
}

enum message_kind message_classify(struct slice message, const struct marker *wanted, struct marker *found,
                                   struct dsn *dsn)
{
    struct parts parts = {.wanted = wanted, .found = found, .dsn = dsn, .text = BUFFER_INIT(PART_MAX)};
    enum message_kind kind = MESSAGE_OTHER;
    struct signs signs;

    *found = (struct marker){.key = 0};
    *dsn = (struct dsn){.code = 0};
    read_signs(&signs, message, wanted);
    if (is_probe(&signs)) {
        *found = signs.has_own ? signs.own : signs.subject;
        return MESSAGE_PROBE;
    }
    mime_walk(message, read_part, &parts);
    if (find_quoted(&parts, &signs, message))
        kind = parts.has_status ? kind_by_status(dsn) : kind_by_text(&signs, &parts);
    if (kind == MESSAGE_BOUNCE || kind == MESSAGE_DELAYED) {
        set_failed_recipient(dsn, message);
        delivery_status_from_text(dsn, buffer_slice(&parts.text));
    } else {
        *dsn = (struct dsn){.code = 0};
    }
    buffer_clear(&parts.text);
    return kind;
}
