/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/mime.h"

#include <stdio.h>
#include <string.h>

#include "common/mail/charset.h"
#include "common/mail/header.h"
#include "common/mail/token.h"
#include "common/mail/transfer.h"

static bool is_token_char(char c)
{
    return c > ' ' && c < 0x7f && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}

static struct slice take_token(struct slice *rest)
{
    size_t n = 0;

    while (n < rest->len && is_token_char(rest->data[n]))
        n++;
    struct slice token = slice_head(*rest, n);
    *rest = slice_skip(*rest, n);
    return token;
}

/* A token or a quoted string; of what is neither, all up to the next semicolon or blank. */
static void take_value(struct slice *rest, char *out, size_t size)
{
    size_t n = 0;

    if (rest->len > 0 && rest->data[0] == '"') {
        struct buffer text = BUFFER_INIT(size - 1);
        token_take_quoted(rest, &text);
        slice_copy(out, size, buffer_slice(&text));
        buffer_clear(&text);
        return;
    }
    while (n < rest->len && rest->data[n] != ';' && !ascii_is_space(rest->data[n]))
        n++;
    slice_copy(out, size, slice_head(*rest, n));
    *rest = slice_skip(*rest, n);
}

static void take_parameter(struct mime_type *type, struct slice *rest)
{
    char ignored[1];

    token_skip_blanks(rest);
    struct slice name = take_token(rest);
    token_skip_blanks(rest);
    if (rest->len == 0 || rest->data[0] != '=')
        return;
    *rest = slice_skip(*rest, 1);
    token_skip_blanks(rest);
    if (slice_eq_nocase(name, SLICE("charset")) && type->charset[0] == '\0')
        take_value(rest, type->charset, sizeof type->charset);
    else if (slice_eq_nocase(name, SLICE("boundary")) && type->boundary[0] == '\0')
        take_value(rest, type->boundary, sizeof type->boundary);
    else
        take_value(rest, ignored, sizeof ignored);
}

void mime_type_parse(struct mime_type *type, struct slice value)
{
    *type = (struct mime_type){.type = "text/plain"};
    token_skip_blanks(&value);
    struct slice main = take_token(&value);
    token_skip_blanks(&value);
    if (main.len == 0 || value.len == 0 || value.data[0] != '/')
        return;
    value = slice_skip(value, 1);
    token_skip_blanks(&value);
    struct slice sub = take_token(&value);
    if (sub.len == 0 || main.len + 1 + sub.len >= sizeof type->type)
        return;
    snprintf(type->type, sizeof type->type, "%.*s/%.*s", SLICE_ARG(main), SLICE_ARG(sub));
    for (char *c = type->type; *c != '\0'; c++)
        *c = ascii_lower(*c);
    while (value.len > 0) {
        size_t semicolon = slice_find_char(value, ';');
        value = slice_skip(value, semicolon + 1);
        take_parameter(type, &value);
    }
}

void mime_type_of(struct mime_type *type, struct slice entity)
{
    struct header_field field;
    bool found = header_find(entity, SLICE("Content-Type"), 0, &field);

    mime_type_parse(type, found ? field.value : SLICE_EMPTY);
}

/* What is left of a multipart's body, behind its last delimiter line. */
struct parts {
    struct slice rest;
    struct slice delimiter; /* "--boundary" */
    bool closed;
};

/* Behind a delimiter: "--" where it closes, then nothing but blanks (RFC 2046 section 5.1.1). */
static bool is_delimiter_tail(struct slice tail, bool *closes)
{
    *closes = slice_starts(tail, SLICE("--"));
    return slice_trim(slice_skip(tail, *closes ? 2 : 0)).len == 0;
}

/* Takes all up to the next delimiter line off the front of what is left; without one, all. */
static struct slice take_to_delimiter(struct parts *p)
{
    struct slice whole = p->rest, ahead = p->rest, tail;

    for (;;) {
        ahead = slice_skip(ahead, slice_find(ahead, p->delimiter));
        if (ahead.len == 0)
            break;
        size_t at = whole.len - ahead.len;
        ahead = slice_skip(ahead, p->delimiter.len);
        if (at > 0 && whole.data[at - 1] != '\n')
            continue;
        tail = slice_head(ahead, slice_find_char(ahead, '\n'));
        if (is_delimiter_tail(tail, &p->closed)) {
            p->rest = slice_skip(ahead, tail.len + 1);
            return slice_head(whole, at);
        }
    }
    p->rest = SLICE_EMPTY;
    return whole;
}

/* The line end before a delimiter belongs to the delimiter. */
static struct slice without_last_line_end(struct slice part)
{
    if (part.len > 0 && part.data[part.len - 1] == '\n')
        part.len--;
    if (part.len > 0 && part.data[part.len - 1] == '\r')
        part.len--;
    return part;
}

struct walk {
    mime_leaf *leaf;
    void *context;
    size_t leaves;
};

static bool walk_entity(struct walk *walk, struct slice entity, unsigned depth)
{
    char delimiter[sizeof((struct mime_type *)0)->boundary + 2];
    struct mime_type type;

    mime_type_of(&type, entity);
    if (!slice_starts(slice_from(type.type), SLICE("multipart/")) || type.boundary[0] == '\0')
        return walk->leaves++ < MIME_PARTS_MAX && walk->leaf(walk->context, &type, entity);
    if (depth == MIME_DEPTH_MAX)
        return true;
    snprintf(delimiter, sizeof delimiter, "--%s", type.boundary);
    struct parts parts = {.rest = header_body(entity), .delimiter = slice_from(delimiter)};
    take_to_delimiter(&parts); /* the preamble */
    while (!parts.closed && parts.rest.len > 0)
        if (!walk_entity(walk, without_last_line_end(take_to_delimiter(&parts)), depth + 1))
            return false;
    return true;
}

void mime_walk(struct slice message, mime_leaf *leaf, void *context)
{
    struct walk walk = {.leaf = leaf, .context = context};

    walk_entity(&walk, message, 0);
}

bool mime_decode(struct slice entity, struct buffer *out)
{
    struct header_field field = {.value = SLICE_EMPTY};
    struct slice body = header_body(entity), encoding;

    if (header_find(entity, SLICE("Content-Transfer-Encoding"), 0, &field))
        token_skip_blanks(&field.value);
    encoding = take_token(&field.value);
    if (slice_eq_nocase(encoding, SLICE("base64")))
        return transfer_decode_base64(out, body);
    if (slice_eq_nocase(encoding, SLICE("quoted-printable")))
        return transfer_decode_quoted_printable(out, body);
    return buffer_append(out, body);
}

bool mime_decode_text(const struct mime_type *type, struct slice entity, struct buffer *out)
{
    struct slice charset = type->charset[0] == '\0' ? SLICE("us-ascii") : slice_from(type->charset);
    struct buffer bytes = BUFFER_INIT(header_body(entity).len);
    bool ok = mime_decode(entity, &bytes);

    if (ok && charset_known(charset))
        ok = charset_to_utf8(out, charset, buffer_slice(&bytes));
    else if (ok)
        ok = buffer_append(out, buffer_slice(&bytes));
    buffer_clear(&bytes);
    return ok;
}
