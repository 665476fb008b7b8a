/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <openssl/sha.h>

#include "common/base/text.h"
#include "common/mail/compose.h"
#include "common/mail/header.h"
#include "common/mail/html.h"
#include "common/mail/mime.h"

/* What happened to a text on its way; the mildest first. */
enum change {
    CHANGE_NONE,
    CHANGE_APPENDED,
    CHANGE_PREPENDED,
    CHANGE_AROUND,
    CHANGE_MARKER_LOST,
    CHANGE_OTHER
};

static const char *const text_why[] = {
    [CHANGE_NONE] = "the body is unaltered",
    [CHANGE_APPENDED] = "text was appended to the body",
    [CHANGE_PREPENDED] = "text was put before the body",
    [CHANGE_AROUND] = "text was put before and after the body",
    [CHANGE_MARKER_LOST] = "the body was changed, and its marker is gone",
    [CHANGE_OTHER] = "the body was changed",
};

static const char *const html_why[] = {
    [CHANGE_NONE] = "the HTML part is unaltered",
    [CHANGE_APPENDED] = "text was appended to the HTML part",
    [CHANGE_PREPENDED] = "text was put before that of the HTML part",
    [CHANGE_AROUND] = "text was put before and after that of the HTML part",
    [CHANGE_MARKER_LOST] = "the HTML part was changed, and its marker is gone",
    [CHANGE_OTHER] = "the HTML part was changed",
};

/* Runs of white space as one blank, none at the ends. No-break spaces count: editors and HTML converters
 * swap them. */
static bool fold_blanks(struct buffer *out, struct slice text)
{
    bool ok = true, gap = false;

    while (ok && text.len > 0) {
        bool no_break = slice_starts(text, SLICE("\xc2\xa0"));
        if (no_break || ascii_is_space(text.data[0])) {
            gap = out->len > 0;
            text = slice_skip(text, no_break ? 2 : 1);
            continue;
        }
        ok = (!gap || buffer_append_char(out, ' ')) && buffer_append_char(out, text.data[0]);
        gap = false;
        text = slice_skip(text, 1);
    }
    return ok;
}

static bool is_html(const struct mime_type *type)
{
    return slice_eq(slice_from(type->type), SLICE("text/html"));
}

static bool is_plain_text(const struct mime_type *type)
{
    return slice_eq(slice_from(type->type), SLICE("text/plain"));
}

/* What a reader sees of a text or HTML part, blanks folded. */
static bool read_text(const struct mime_type *type, struct slice entity, struct buffer *out)
{
    /* a byte may become a U+FFFD of three, in html an entity never more than it had */
    struct buffer decoded = BUFFER_INIT(3 * entity.len), shown = BUFFER_INIT(3 * entity.len);
    bool ok = mime_decode_text(type, entity, &decoded);

    if (ok && is_html(type))
        ok = html_text(&shown, buffer_slice(&decoded)) && fold_blanks(out, buffer_slice(&shown));
    else if (ok)
        ok = fold_blanks(out, buffer_slice(&decoded));
    buffer_clear(&decoded);
    buffer_clear(&shown);
    return ok;
}

static bool digest_text(struct slice folded, char digest[65])
{
    unsigned char bytes[SHA256_DIGEST_LENGTH];

    if (SHA256((const unsigned char *)folded.data, folded.len, bytes) == NULL)
        return false;
    text_hex(digest, bytes, sizeof bytes);
    return true;
}

/* Of what was composed: its first text part, and whether there is HTML too. */
struct original {
    struct buffer text;
    bool has_text, has_html;
    bool failed; /* out of memory */
};

static bool take_original(void *context, const struct mime_type *type, struct slice entity)
{
    struct original *original = context;

    if (is_html(type))
        original->has_html = true;
    if (is_plain_text(type) && !original->has_text) {
        original->has_text = true;
        original->failed = !read_text(type, entity, &original->text);
    }
    return !original->failed;
}

static struct original read_original(struct slice message)
{
    struct original original = {.text = BUFFER_INIT(3 * message.len)};

    mime_walk(message, take_original, &original);
    return original;
}

bool compose_digest(struct slice message, char digest[65])
{
    struct original original = read_original(message);
    bool ok = original.has_text && !original.failed && digest_text(buffer_slice(&original.text), digest);

    buffer_clear(&original.text);
    return ok;
}

/* Of what came back. */
struct arrived {
    const char *digest;
    struct slice wanted; /* the text; empty where only the digest is known */
    size_t texts, htmls, others;
    enum change text, html; /* of the part that fits best */
    bool failed;
};

static bool has_lost_marker(struct slice wanted, struct slice got)
{
    struct marker marker;

    return marker_find(&marker, wanted) && !slice_contains_nocase(got, slice_from(marker.text));
}

static enum change compare(const struct arrived *a, struct slice got)
{
    struct slice wanted = a->wanted;
    char digest[65];

    if (digest_text(got, digest) && slice_eq(slice_from(digest), slice_from(a->digest)))
        return CHANGE_NONE;
    if (wanted.len == 0)
        return CHANGE_OTHER;
    if (slice_starts(got, wanted))
        return CHANGE_APPENDED;
    size_t at = slice_find(got, wanted);
    if (at < got.len)
        return at + wanted.len == got.len ? CHANGE_PREPENDED : CHANGE_AROUND;
    return has_lost_marker(wanted, got) ? CHANGE_MARKER_LOST : CHANGE_OTHER;
}

static bool take_arrived(void *context, const struct mime_type *type, struct slice entity)
{
    struct arrived *a = context;
    bool html = is_html(type);

    if (!html && !is_plain_text(type)) {
        a->others++;
        return true;
    }
    struct buffer got = BUFFER_INIT(3 * entity.len);
    a->failed = !read_text(type, entity, &got);
    enum change change = compare(a, buffer_slice(&got)), *best = html ? &a->html : &a->text;
    buffer_clear(&got);
    *best = change < *best ? change : *best;
    ++*(html ? &a->htmls : &a->texts);
    return !a->failed;
}

/* NULL: nothing. */
static const char *find_alteration(const struct arrived *a, bool html_sent)
{
    if (a->texts == 0)
        return a->html == CHANGE_NONE ? "the text part is gone" : html_why[a->html];
    if (a->text != CHANGE_NONE)
        return text_why[a->text];
    if (a->htmls > 0 && a->html != CHANGE_NONE)
        return html_why[a->html];
    if (a->htmls == 0 && html_sent)
        return "the HTML part is gone";
    return a->texts > 1 || a->htmls > 1 || a->others > 0 ? "a part was added to the message" : NULL;
}

int compose_intact(struct slice message, const struct composed *sent, const char **why)
{
    struct original original = read_original(buffer_slice(&sent->message));
    struct arrived arrived = {.digest = sent->body_digest,
                              .wanted = buffer_slice(&original.text),
                              .text = CHANGE_OTHER,
                              .html = CHANGE_OTHER,
                              .failed = original.failed};

    if (header_body(message).len > 0)
        mime_walk(message, take_arrived, &arrived);
    const char *alteration = find_alteration(&arrived, original.has_html);
    buffer_clear(&original.text);
    if (arrived.failed || arrived.texts + arrived.htmls == 0) {
        *why = arrived.failed ? "the message does not fit into memory" : "the message has no text";
        return -1;
    }
    *why = alteration == NULL ? text_why[CHANGE_NONE] : alteration;
    return alteration == NULL ? 1 : 0;
}
