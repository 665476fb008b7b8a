/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/probe/match.h"

#include <stdio.h>

#include "common/mail/address.h"
#include "common/mail/header.h"

enum { VALUE_MAX = 64 * 1024 };

static bool decoded_contains(struct slice value, const char *text)
{
    struct buffer decoded = BUFFER_INIT(VALUE_MAX);

    header_decode(value, &decoded); /* of a value beyond all measure, what fitted is compared */
    bool found = slice_contains_nocase(buffer_slice(&decoded), slice_from(text));
    buffer_clear(&decoded);
    return found;
}

/* Any field of that name. */
static bool field_contains(struct slice headers, struct slice name, const char *text)
{
    struct header_field field;

    while (header_next(&headers, &field))
        if (slice_eq_nocase(field.name, name) && decoded_contains(field.value, text))
            return true;
    return false;
}

static bool from_contains(struct slice headers, const char *text)
{
    struct header_field field;
    struct address address;
    char whole[sizeof address.local + sizeof address.domain + 1];

    if (!header_find(headers, SLICE("From"), 0, &field))
        return false;
    while (address_next(&field.value, &address, NULL)) {
        snprintf(whole, sizeof whole, "%s@%s", address.local, address.domain);
        if (slice_contains_nocase(slice_from(whole), slice_from(text)))
            return true;
    }
    return false;
}

/* All but the marker. */
static bool fields_match(const struct matcher *m, struct slice headers)
{
    if (m->subject != NULL && !field_contains(headers, SLICE("Subject"), m->subject))
        return false;
    if (m->from != NULL && !from_contains(headers, m->from))
        return false;
    return m->header_name == NULL ||
           field_contains(headers, slice_from(m->header_name), m->header_text == NULL ? "" : m->header_text);
}

static bool field_has(struct slice headers, struct slice name, struct slice text)
{
    struct header_field field;

    return header_find(headers, name, 0, &field) && slice_contains_nocase(field.value, text);
}

/* Signs of a message that a machine wrote about another one: worth a look at its body. */
static bool may_quote(struct slice headers)
{
    struct header_field field;

    if (header_find(headers, SLICE("X-Mailproof-Marker"), 0, &field)) /* a probe, but another one */
        return false;
    if (header_find(headers, SLICE("Auto-Submitted"), 0, &field) &&
        !slice_eq_nocase(slice_trim(field.value), SLICE("no")))
        return true;
    if (header_find(headers, SLICE("Return-Path"), 0, &field) &&
        slice_eq(slice_trim(field.value), SLICE("<>")))
        return true;
    return field_has(headers, SLICE("Content-Type"), SLICE("multipart/report")) ||
           field_has(headers, SLICE("From"), SLICE("mailer-daemon")) ||
           field_has(headers, SLICE("From"), SLICE("postmaster")) ||
           header_find(headers, SLICE("X-Failed-Recipients"), 0, &field);
}

static void classify(struct slice message, const struct marker *wanted, struct matched *out)
{
    *out = (struct matched){.kind = MESSAGE_OTHER};
    out->kind = message_classify(message, wanted, &out->marker, &out->dsn);
    if (out->kind == MESSAGE_OTHER)
        out->marker = (struct marker){.key = 0};
}

/* Of any marker that was found, where those of one service are wanted. */
static bool key_matches(const struct matcher *m, const struct matched *found)
{
    return !m->own || found->marker.key == m->key;
}

static enum match match_marker(struct slice headers, const struct marker *wanted, struct matched *out)
{
    classify(headers, wanted, out);
    if (out->kind == MESSAGE_PROBE)
        return MATCH_YES;
    return out->kind != MESSAGE_OTHER || may_quote(headers) ? MATCH_BODY : MATCH_NO;
}

enum match match_headers(const struct matcher *m, struct slice headers, struct matched *out)
{
    if (m->marker != NULL || m->own) {
        enum match match = match_marker(headers, m->marker, out);
        return match == MATCH_YES && !(key_matches(m, out) && fields_match(m, headers)) ? MATCH_NO : match;
    }
    classify(headers, NULL, out);
    return fields_match(m, headers) ? MATCH_YES : MATCH_NO;
}

enum match match_any_marker(struct slice headers, struct matched *out)
{
    return match_marker(headers, NULL, out);
}

bool match_message(const struct matcher *m, struct slice message, struct matched *out)
{
    classify(message, m->marker, out);
    return out->kind != MESSAGE_OTHER && out->kind != MESSAGE_PROBE && key_matches(m, out);
}

bool match_anything(const struct matcher *m)
{
    return m->marker == NULL && !m->own && m->subject == NULL && m->from == NULL && m->header_name == NULL;
}
