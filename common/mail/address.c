/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/address.h"

#include <idn2.h>
#include <string.h>

#include "common/base/text.h"
#include "common/mail/token.h"

enum { ADDR_SPEC_MAX = 254, LABEL_MAX = 63 }; /* RFC 5321 section 4.5.3.1.3, RFC 1035 section 2.3.4 */

/* What stands between two commas, and where its angle brackets are. */
struct item {
    struct slice text;
    bool has_angle;
    struct slice before, within, after; /* of the first angle brackets */
};

/* Skips what is one piece to whoever looks for a separator. Returns its length. */
static size_t piece_length(struct slice s)
{
    struct slice rest = s;

    if (s.data[0] == '(')
        return token_comment(s);
    if (s.data[0] != '"')
        return 1;
    token_take_quoted(&rest, NULL);
    return s.len - rest.len;
}

/* The index of the first of these characters outside of quotes and comments; s.len if none. */
static size_t find_any(struct slice s, const char *characters)
{
    size_t i = 0;

    while (i < s.len && (s.data[i] == '\0' || strchr(characters, s.data[i]) == NULL))
        i += piece_length(slice_skip(s, i));
    return i < s.len ? i : s.len;
}

/* Takes one list element; a group's name and colon are passed over, its mailboxes are elements. */
static struct item take_item(struct slice *rest)
{
    struct item item = {.has_angle = false};
    struct slice s = *rest;
    size_t end = find_any(s, ",;:<@");

    if (end < s.len && s.data[end] == ':') {
        s = slice_skip(s, end + 1);
        end = 0;
    }
    end += find_any(slice_skip(s, end), ",;<");
    if (end < s.len && s.data[end] == '<') {
        item.has_angle = true;
        item.before = slice_head(s, end);
        item.within = slice_skip(s, end + 1);
        item.within = slice_head(item.within, find_any(item.within, ">"));
        item.after = slice_skip(s, end + 1 + item.within.len + 1);
        item.after = slice_head(item.after, find_any(item.after, ",;"));
        end = (size_t)(item.after.data + item.after.len - s.data);
    }
    item.text = slice_head(s, end);
    *rest = slice_skip(s, end + 1);
    return item;
}

/* A word of a local part or domain, or its dot. *joined: a dot came before, or nothing. */
static bool take_atom(struct slice *rest, struct buffer *out, bool *joined)
{
    size_t n = 0;

    if (rest->data[0] == '.') {
        *joined = true;
        *rest = slice_skip(*rest, 1);
        return buffer_append_char(out, '.');
    }
    while (n < rest->len && token_is_atext(rest->data[n]))
        n++;
    bool ok = n > 0 && *joined && buffer_append(out, slice_head(*rest, n));
    *joined = false;
    *rest = slice_skip(*rest, n);
    return ok;
}

/* obs-local-part (RFC 5322 section 4.4): words with dots between, blanks and comments around each. Dots
 * where none should be are left to their owners: some providers gave such addresses out. */
static bool take_local(struct slice *rest, struct buffer *out)
{
    bool ok = true, joined = true;

    token_skip_blanks(rest);
    while (ok && rest->len > 0 && rest->data[0] != '@') {
        if (rest->data[0] == '"') {
            ok = joined && token_take_quoted(rest, out);
            joined = false;
        } else {
            ok = take_atom(rest, out, &joined);
        }
        token_skip_blanks(rest);
    }
    return ok && rest->len > 0 && out->len > 0;
}

/* What RFC 5321 section 4.1.3 has use for: the quotes and brackets that RFC 5322 would allow as well are
 * taken for separators by whoever splits a list. */
static bool is_literal_char(char c)
{
    return ascii_is_alnum(c) || (c != '\0' && strchr(".:-", c) != NULL);
}

static bool take_literal(struct slice *rest, struct buffer *out)
{
    size_t end = slice_find_char(*rest, ']');
    bool ok = end < rest->len;

    for (size_t i = 0; ok && i <= end; i++) {
        char c = rest->data[i];
        if (!ascii_is_space(c))
            ok = (is_literal_char(c) || i == 0 || i == end) && buffer_append_char(out, c);
    }
    *rest = slice_skip(*rest, end + 1);
    return ok;
}

static bool take_domain(struct slice *rest, struct buffer *out)
{
    bool ok = true, joined = true;

    token_skip_blanks(rest);
    if (rest->len > 0 && rest->data[0] == '[') {
        ok = take_literal(rest, out);
        token_skip_blanks(rest);
        return ok && rest->len == 0;
    }
    while (ok && rest->len > 0) {
        ok = take_atom(rest, out, &joined);
        token_skip_blanks(rest);
    }
    ok = ok && slice_find(buffer_slice(out), SLICE("..")) == out->len;
    if (out->len > 0 && out->data[out->len - 1] == '.')
        out->data[--out->len] = '\0'; /* the root's dot */
    return ok && out->len > 0 && out->data[0] != '.';
}

/* "<@one,@two:local@domain>": the route is of no use to anybody (RFC 5321 section 4.1.1.3). */
static void skip_route(struct slice *rest)
{
    token_skip_blanks(rest);
    if (rest->len > 0 && rest->data[0] == '@')
        *rest = slice_skip(*rest, find_any(*rest, ":") + 1);
}

static bool has_control(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.data[i] < ' ' || s.data[i] == 0x7f)
            return true;
    return false;
}

static bool parse_addr_spec(struct slice s, struct address *out)
{
    struct buffer local = BUFFER_INIT(sizeof out->local - 1), domain = BUFFER_INIT(sizeof out->domain - 1);
    bool ok = take_local(&s, &local);

    s = slice_skip(s, 1); /* the '@' */
    ok = ok && take_domain(&s, &domain) && !has_control(buffer_slice(&local)) &&
         text_is_utf8(buffer_slice(&local)) && text_is_utf8(buffer_slice(&domain));
    if (ok) {
        slice_copy(out->local, sizeof out->local, buffer_slice(&local));
        slice_copy(out->domain, sizeof out->domain, buffer_slice(&domain));
        for (char *c = out->domain; *c != '\0'; c++)
            *c = ascii_lower(*c);
    }
    buffer_clear(&local);
    buffer_clear(&domain);
    return ok;
}

static bool parse_item(struct item item, struct address *out)
{
    *out = (struct address){.display = SLICE_EMPTY};
    if (!item.has_angle)
        return parse_addr_spec(item.text, out);
    skip_route(&item.within);
    token_skip_blanks(&item.after);
    out->display = slice_trim(item.before);
    return item.after.len == 0 && parse_addr_spec(item.within, out);
}

bool address_next(struct slice *rest, struct address *out, size_t *broken)
{
    while (rest->len > 0) {
        struct item item = take_item(rest);
        struct slice content = item.text;
        token_skip_blanks(&content);
        if (content.len == 0)
            continue; /* ",," and an empty group */
        if (parse_item(item, out))
            return true;
        if (broken != NULL)
            ++*broken;
    }
    return false;
}

struct slice address_domain(struct slice addr_spec)
{
    size_t at = addr_spec.len;

    while (at > 0 && addr_spec.data[at - 1] != '@')
        at--;
    return at == 0 ? SLICE_EMPTY : slice_skip(addr_spec, at);
}

static bool is_dot_atom(struct slice s)
{
    if (s.len == 0 || s.data[0] == '.' || s.data[s.len - 1] == '.' || slice_find(s, SLICE("..")) < s.len)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!token_is_atext(s.data[i]) && s.data[i] != '.')
            return false;
    return true;
}

/* RFC 5321 section 4.1.2: Quoted-string, but not an empty one */
static bool is_quoted_string(struct slice s)
{
    if (s.len < 3 || s.data[0] != '"' || s.data[s.len - 1] != '"')
        return false;
    for (size_t i = 1; i + 1 < s.len; i++) {
        if (s.data[i] == '"')
            return false;
        if (s.data[i] == '\\' && ++i + 1 >= s.len)
            return false;
    }
    return true;
}

/* RFC 5321 section 4.1.3: "[192.0.2.1]", "[IPv6:2001:db8::1]", "[tag:content]" */
static bool is_literal(struct slice s)
{
    if (s.len < 3 || s.data[0] != '[' || s.data[s.len - 1] != ']')
        return false;
    for (size_t i = 1; i + 1 < s.len; i++)
        if (!is_literal_char(s.data[i]))
            return false;
    return true;
}

static bool is_domain(struct slice s)
{
    if (is_literal(s))
        return true;
    while (s.len > 0) {
        struct slice label = slice_head(s, slice_find_char(s, '.'));
        if (label.len == 0 || label.len > LABEL_MAX || label.data[0] == '-' ||
            label.data[label.len - 1] == '-')
            return false;
        for (size_t i = 0; i < label.len; i++)
            if (!ascii_is_alnum(label.data[i]) && (unsigned char)label.data[i] < 0x80 &&
                strchr("-_", label.data[i]) == NULL)
                return false;
        if (label.len + 1 == s.len)
            return false; /* a dot at the end */
        s = slice_skip(s, label.len + 1);
    }
    return true;
}

bool address_is_addr_spec(struct slice text)
{
    struct slice domain = address_domain(text);

    if (domain.len == 0 || text.len > ADDR_SPEC_MAX || has_control(text) || !text_is_utf8(text))
        return false;
    struct slice local = slice_head(text, text.len - domain.len - 1);
    return (is_dot_atom(local) || is_quoted_string(local)) && is_domain(domain);
}

bool address_format(const struct address *address, struct buffer *out)
{
    struct slice local = slice_from(address->local), domain = slice_from(address->domain);
    char *ascii = NULL;

    if (text_is_ascii(local) && !text_is_ascii(domain)) {
        if (idn2_to_ascii_8z(address->domain, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
            return false;
        domain = slice_from(ascii);
    }
    bool ok = is_dot_atom(local) ? buffer_append(out, local) : token_append_quoted(out, local);
    ok = ok && buffer_append_char(out, '@') && buffer_append(out, domain);
    idn2_free(ascii);
    return ok;
}
