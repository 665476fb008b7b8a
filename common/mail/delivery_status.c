/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/delivery_status.h"

#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/mail/header.h"
#include "common/mail/reply.h"

enum { FIELD_MAX = 4096 };

/* "smtp; 550 no": what follows the type (RFC 3464 section 2.1.2); all where there is no type. */
static struct slice without_type(struct slice value)
{
    size_t n = slice_find_char(value, ';'), blank = slice_find_char(value, ' ');

    return slice_trim(n < blank ? slice_skip(value, n + 1) : value);
}

static struct slice without_comment(struct slice value)
{
    return slice_trim(slice_head(value, slice_find_char(value, '(')));
}

static struct slice without_brackets(struct slice address)
{
    if (address.len > 2 && address.data[0] == '<' && address.data[address.len - 1] == '>')
        return slice_head(slice_skip(address, 1), address.len - 2);
    return address;
}

/* Undoes what folding did to a reply of several lines: "550-5.1.1 No such 550 5.1.1 user" has two. */
static void split_lines(struct buffer *out, struct slice text)
{
    struct slice code = slice_head(text, 3), word;

    while (slice_next_word(&text, &word)) {
        bool begins =
            slice_eq(word, code) || (word.len > 3 && slice_starts(word, code) && word.data[3] == '-');
        if (out->len > 0)
            buffer_append_char(out, begins ? '\n' : ' ');
        buffer_append(out, word);
    }
}

/* Whether text begins like a refusal; its code, status and text then. */
static bool read_reply(struct reply *r, struct slice text)
{
    struct buffer lines = BUFFER_INIT(FIELD_MAX);

    split_lines(&lines, slice_head(text, FIELD_MAX));
    reply_parse(r, buffer_slice(&lines)); /* its last lines may be missing */
    buffer_clear(&lines);
    return r->code >= 400;
}

static void set_status(struct dsn *dsn, struct slice value)
{
    char line[32];
    struct reply r = REPLY_INIT;

    snprintf(line, sizeof line, "%c50 %.*s", value.len > 0 ? value.data[0] : ' ', SLICE_ARG(value));
    if (reply_feed(&r, slice_from(line)) == 1)
        memcpy(dsn->status, r.enhanced, sizeof dsn->status);
}

static void set_diagnostic(struct dsn *dsn, struct slice text)
{
    struct reply r;

    if (!read_reply(&r, text)) {
        text_clean(dsn->diagnostic, sizeof dsn->diagnostic, text);
        return;
    }
    reply_format(&r, dsn->diagnostic, sizeof dsn->diagnostic);
    dsn->code = r.code;
    if (r.enhanced[0] != '\0' && (dsn->status[0] == '\0' || strcmp(dsn->status + 1, ".0.0") == 0))
        memcpy(dsn->status, r.enhanced, sizeof dsn->status);
}

static void read_field(struct dsn *dsn, struct slice name, struct slice value)
{
    if (slice_eq_nocase(name, SLICE("Final-Recipient")))
        text_clean(dsn->recipient, sizeof dsn->recipient, without_brackets(without_type(value)));
    else if (slice_eq_nocase(name, SLICE("Original-Recipient")) && dsn->recipient[0] == '\0')
        text_clean(dsn->recipient, sizeof dsn->recipient, without_brackets(without_type(value)));
    else if (slice_eq_nocase(name, SLICE("Action")))
        text_clean(dsn->action, sizeof dsn->action, without_comment(value));
    else if (slice_eq_nocase(name, SLICE("Status")))
        set_status(dsn, without_comment(value));
    else if (slice_eq_nocase(name, SLICE("Diagnostic-Code")))
        set_diagnostic(dsn, without_type(value));
}

/* Takes one group of fields, which an empty line ends, off the front. */
static struct dsn take_group(struct slice *rest)
{
    struct dsn group = {.code = 0};
    struct header_field field;

    while (header_next(rest, &field)) {
        struct buffer value = BUFFER_INIT(FIELD_MAX);
        header_unfold(slice_head(field.value, FIELD_MAX), &value);
        read_field(&group, field.name, slice_trim(buffer_slice(&value)));
        buffer_clear(&value);
    }
    for (char *c = group.action; *c != '\0'; c++)
        *c = ascii_lower(*c);
    return group;
}

static int weight(const struct dsn *dsn)
{
    if (strcmp(dsn->action, "failed") == 0)
        return 3;
    return strcmp(dsn->action, "delayed") == 0 ? 2 : 1;
}

bool delivery_status_read(struct dsn *dsn, struct slice content)
{
    int best = 0;

    while (content.len > 0) {
        struct dsn group = take_group(&content);
        bool names_recipient = group.recipient[0] != '\0' || group.action[0] != '\0';
        if (names_recipient && weight(&group) > best) {
            best = weight(&group);
            *dsn = group;
        }
    }
    return best > 0;
}

/* Where a refusal begins in a line: its reply code stands as a word. */
static struct slice find_reply(struct slice line)
{
    for (size_t i = 0; i < line.len; i++) {
        bool within =
            i > 0 && (ascii_is_alnum(line.data[i - 1]) || line.data[i - 1] == '.' || line.data[i - 1] == '-');
        struct slice here = slice_skip(line, i);
        struct reply r = REPLY_INIT;
        if (!within && here.len > 4 && here.data[0] >= '4' && reply_feed(&r, slice_head(here, 4)) >= 0)
            return here;
    }
    return SLICE_EMPTY;
}

/* "<user@example.org>:", "  user@example.org" */
static bool looks_like_address(struct slice line)
{
    if (line.len > 0 && line.data[line.len - 1] == ':')
        line.len--;
    line = without_brackets(line);
    return slice_find_char(line, '@') < line.len && slice_find_char(line, ' ') == line.len;
}

void delivery_status_from_text(struct dsn *dsn, struct slice text)
{
    char recipient[sizeof dsn->recipient] = "";
    struct slice line;

    while (dsn->diagnostic[0] == '\0' && slice_next_line(&text, &line)) {
        line = slice_trim(line);
        if (looks_like_address(line))
            text_clean(recipient, sizeof recipient,
                       without_brackets(slice_head(line, line.len - (line.data[line.len - 1] == ':'))));
        struct slice said = find_reply(line);
        if (said.len > 0)
            set_diagnostic(dsn, said);
    }
    if (dsn->recipient[0] == '\0')
        memcpy(dsn->recipient, recipient, sizeof recipient);
}
