/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/spf_macro.h"

#include <stdio.h>
#include <string.h>

/* PARTS_ALL: more than any value has; WINDOW: what of a name is at hand while it grows */
enum { LABEL_MAX = 63, PARTS_ALL = 1000000, WINDOW = 2048, SCRATCH_MAX = 80 };

#define DELIMITERS ".-+,/_="

/* A run of literal characters, or one macro-expand. */
struct piece {
    struct slice literal; /* also of "%%", "%_" and "%-" */
    bool expands;
    char letter; /* lower case; 0 of a literal */
    bool upper;
    unsigned parts;
    bool reverse;
    struct slice delimiters;
};

static bool is_delimiter(char c)
{
    return c != '\0' && strchr(DELIMITERS, c) != NULL;
}

/* transformers = *DIGIT [ "r" ], section 7.1; "0" is an error by section 7.3 */
static bool take_transformers(struct slice *rest, struct piece *out)
{
    size_t digits = 0;

    out->parts = PARTS_ALL;
    for (unsigned value = 0; digits < rest->len && ascii_is_digit(rest->data[digits]); digits++) {
        value = value >= PARTS_ALL ? PARTS_ALL : value * 10 + (unsigned)(rest->data[digits] - '0');
        out->parts = value;
    }
    *rest = slice_skip(*rest, digits);
    out->reverse = rest->len > 0 && ascii_lower(rest->data[0]) == 'r';
    if (out->reverse)
        *rest = slice_skip(*rest, 1);
    return out->parts > 0;
}

/* Behind "%{". */
static bool take_macro(struct slice *rest, struct piece *out)
{
    size_t delimiters = 0;

    if (rest->len == 0)
        return false;
    out->letter = ascii_lower(rest->data[0]);
    out->upper = out->letter != rest->data[0];
    *rest = slice_skip(*rest, 1);
    if (out->letter == '\0' || strchr("slodiphcrtv", out->letter) == NULL || !take_transformers(rest, out))
        return false;
    while (delimiters < rest->len && is_delimiter(rest->data[delimiters]))
        delimiters++;
    out->delimiters = delimiters > 0 ? slice_head(*rest, delimiters) : SLICE(".");
    *rest = slice_skip(*rest, delimiters);
    bool closed = rest->len > 0 && rest->data[0] == '}';
    *rest = slice_skip(*rest, 1);
    return closed;
}

/* Takes the next piece off the front of *rest, which is not empty. */
static bool take_piece(struct slice *rest, struct piece *out)
{
    size_t plain = slice_find_char(*rest, '%');

    *out = (struct piece){.literal = slice_head(*rest, plain)};
    *rest = slice_skip(*rest, plain);
    if (plain > 0)
        return true;
    out->expands = true;
    char second = rest->len > 1 ? rest->data[1] : '\0';
    *rest = slice_skip(*rest, 2);
    switch (second) {
    case '{':
        return take_macro(rest, out);
    case '%':
        out->literal = SLICE("%");
        return true;
    case '_':
        out->literal = SLICE(" ");
        return true;
    case '-':
        out->literal = SLICE("%20");
        return true;
    default:
        return false;
    }
}

/* macro-literal is visible ASCII; an explanation may hold spaces, section 6.2 */
static bool literal_valid(struct slice s, enum spf_macro_text kind)
{
    const char least = kind == SPF_EXPLANATION ? ' ' : '!';

    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] < least || s.data[i] > '~')
            return false;
    return true;
}

/* toplabel, section 7.1: of letters, digits and inner hyphens, but not of digits alone */
static bool is_toplabel(struct slice s)
{
    bool more_than_digits = false;

    for (size_t i = 0; i < s.len; i++) {
        if (!ascii_is_alnum(s.data[i]) && s.data[i] != '-')
            return false;
        more_than_digits = more_than_digits || !ascii_is_digit(s.data[i]);
    }
    return more_than_digits && s.data[0] != '-' && s.data[s.len - 1] != '-';
}

/* domain-end, section 7.1, where it is no macro: "." toplabel [ "." ] */
static bool ends_in_toplabel(struct slice literal)
{
    if (literal.len > 0 && literal.data[literal.len - 1] == '.')
        literal.len--;
    for (size_t i = literal.len; i > 0; i--)
        if (literal.data[i - 1] == '.')
            return is_toplabel(slice_skip(literal, i));
    return false;
}

bool spf_macro_valid(struct slice text, enum spf_macro_text kind)
{
    struct piece piece = {.expands = false};

    if (kind == SPF_DOMAIN_SPEC && text.len == 0)
        return false;
    while (text.len > 0) {
        if (!take_piece(&text, &piece))
            return false;
        if (!piece.expands && !literal_valid(piece.literal, kind))
            return false;
        if (kind != SPF_EXPLANATION && piece.letter != '\0' && strchr("crt", piece.letter) != NULL)
            return false;
    }
    return kind != SPF_DOMAIN_SPEC || piece.expands || ends_in_toplabel(piece.literal);
}

bool spf_macro_uses(struct slice text, char letter)
{
    struct piece piece;

    while (text.len > 0 && take_piece(&text, &piece))
        if (piece.letter == letter)
            return true;
    return false;
}

/* Where expanded text goes: the beginning of it, or the end. */
struct sink {
    char *data;
    size_t size;
    size_t len;
    bool keep_end;
    bool url; /* section 7.3: an upper-case letter escapes what RFC 3986 does not call unreserved */
};

static void put(struct sink *s, char c)
{
    if (s->len == s->size && s->keep_end) {
        s->len /= 2;
        memmove(s->data, s->data + s->size - s->len, s->len);
    }
    if (s->len < s->size)
        s->data[s->len++] = c;
}

static void put_escaped(struct sink *s, char c)
{
    static const char hex[] = "0123456789ABCDEF";
    unsigned char byte = (unsigned char)c;

    if (!s->url || ascii_is_alnum(c) || (c != '\0' && strchr("-._~", c) != NULL)) {
        put(s, c);
        return;
    }
    put(s, '%');
    put(s, hex[byte >> 4]);
    put(s, hex[byte & 0xf]);
}

static void put_text(struct sink *s, struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        put_escaped(s, text.data[i]);
}

static bool divides(const struct piece *piece, char c)
{
    return slice_find_char(piece->delimiters, c) < piece->delimiters.len;
}

/* The first n parts, the last of them first. */
static void put_reversed(struct sink *s, struct slice value, const struct piece *piece)
{
    size_t end = 0;

    for (unsigned left = piece->parts; end < value.len; end++)
        if (divides(piece, value.data[end]) && --left == 0)
            break;
    for (size_t start = end;; start--) {
        if (start > 0 && !divides(piece, value.data[start - 1]))
            continue;
        put_text(s, slice_of(value.data + start, end - start));
        if (start == 0)
            return;
        put(s, '.');
        end = start - 1;
    }
}

/* The last n parts. */
static void put_straight(struct sink *s, struct slice value, const struct piece *piece)
{
    size_t start = value.len;

    for (unsigned left = piece->parts; start > 0; start--)
        if (divides(piece, value.data[start - 1]) && --left == 0)
            break;
    for (; start < value.len; start++) {
        if (divides(piece, value.data[start]))
            put(s, '.');
        else
            put_escaped(s, value.data[start]);
    }
}

static struct slice value_of(char letter, const struct spf_values *v, char scratch[SCRATCH_MAX])
{
    switch (letter) {
    case 's':
        return v->sender;
    case 'l':
        return v->local;
    case 'o':
        return v->sender_domain;
    case 'd':
        return v->domain;
    case 'p':
        return v->validated;
    case 'h':
        return v->helo;
    case 'r':
        return v->receiver;
    case 'v':
        return v->ip.is_ipv6 ? SLICE("ip6") : SLICE("in-addr");
    case 'i':
        spf_ip_dotted(&v->ip, scratch);
        break;
    case 'c':
        spf_ip_text(&v->ip, scratch);
        break;
    default:
        snprintf(scratch, SCRATCH_MAX, "%lld", (long long)v->now);
        break;
    }
    return slice_from(scratch);
}

static void expand(struct sink *s, struct slice text, const struct spf_values *values)
{
    char scratch[SCRATCH_MAX];
    struct piece piece;

    while (text.len > 0 && take_piece(&text, &piece)) {
        s->url = piece.upper;
        if (piece.letter == '\0')
            put_text(s, piece.literal);
        else if (piece.reverse)
            put_reversed(s, value_of(piece.letter, values, scratch), &piece);
        else
            put_straight(s, value_of(piece.letter, values, scratch), &piece);
    }
}

bool spf_name_is_usable(struct slice name)
{
    size_t label = 0;

    if (name.len >= SPF_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] < ' ' || name.data[i] > '~')
            return false;
        label = name.data[i] == '.' ? 0 : label + 1;
        if (label > LABEL_MAX || (label == 0 && (i == 0 || name.data[i - 1] == '.')))
            return false;
    }
    return label > 0;
}

bool spf_macro_name(struct slice spec, const struct spf_values *values, char out[SPF_NAME_MAX])
{
    char window[WINDOW];
    struct sink sink = {.data = window, .size = sizeof window, .keep_end = true};

    expand(&sink, spec, values);
    struct slice name = slice_of(window, sink.len);
    if (name.len > 0 && name.data[name.len - 1] == '.')
        name.len--;
    while (name.len >= SPF_NAME_MAX)
        name = slice_skip(name, slice_find_char(name, '.') + 1);
    return spf_name_is_usable(name) && slice_copy(out, SPF_NAME_MAX, name);
}

size_t spf_macro_explain(struct slice text, const struct spf_values *values, char *out, size_t size)
{
    struct sink sink = {.data = out, .size = size};

    expand(&sink, text, values);
    return sink.len;
}
