/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/html.h"

#include "common/mail/charset.h"
#include "common/mail/token.h"

static const struct {
    struct slice name;
    uint32_t character;
} entities[] = {
    {SLICE("amp"), '&'},  {SLICE("lt"), '<'},    {SLICE("gt"), '>'},
    {SLICE("quot"), '"'}, {SLICE("apos"), '\''}, {SLICE("nbsp"), ' '},
};

static const struct slice inline_tags[] = {
    SLICE("a"),   SLICE("abbr"),  SLICE("b"),    SLICE("code"),   SLICE("em"), SLICE("font"), SLICE("i"),
    SLICE("o:p"), SLICE("small"), SLICE("span"), SLICE("strong"), SLICE("tt"), SLICE("u"),    SLICE("wbr"),
};

/* What is in them is no text of the page. */
static const struct slice hidden_tags[] = {SLICE("style"), SLICE("script"), SLICE("title")};

/* "#39" or "#x27": a character that can be shown, else 0. */
static uint32_t numbered(struct slice digits)
{
    bool hex = digits.len > 0 && ascii_lower(digits.data[0]) == 'x';
    uint32_t u = 0;

    for (size_t i = hex ? 1 : 0; i < digits.len && u <= 0x10ffff; i++) {
        char c = ascii_lower(digits.data[i]);
        bool letter = hex && c >= 'a' && c <= 'f';
        if (!letter && !ascii_is_digit(c))
            return 0;
        u = u * (hex ? 16 : 10) + (uint32_t)(letter ? c - 'a' + 10 : c - '0');
    }
    return u > 0x10ffff || (u >= 0xd800 && u <= 0xdfff) ? 0 : u;
}

/* "&name;" or "&#number;" at the front; what is no entity is text. */
static bool take_entity(struct buffer *out, struct slice *rest)
{
    struct slice name = slice_head(slice_skip(*rest, 1), 10);
    size_t end = slice_find_char(name, ';');
    uint32_t character = 0;

    if (end < name.len) {
        name = slice_head(name, end);
        if (slice_starts(name, SLICE("#")))
            character = numbered(slice_skip(name, 1));
        for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
            if (slice_eq_nocase(name, entities[i].name))
                character = entities[i].character;
    }
    *rest = slice_skip(*rest, character == 0 ? 1 : end + 2);
    return charset_put(out, character == 0 ? '&' : character);
}

/* Up to and with the '>', which may stand in quotes before. An open tag goes to the end. */
static void skip_tag(struct slice *rest)
{
    char quote = '\0';
    size_t i = 0;

    for (; i < rest->len && (quote != '\0' || rest->data[i] != '>'); i++)
        if (quote == '\0' && (rest->data[i] == '"' || rest->data[i] == '\''))
            quote = rest->data[i];
        else if (rest->data[i] == quote)
            quote = '\0';
    *rest = slice_skip(*rest, i + 1);
}

static void skip_to(struct slice *rest, struct slice end)
{
    *rest = slice_skip(*rest, slice_find_nocase(*rest, end));
}

/* The end tag of what hides its content; the names are short. */
static void skip_hidden(struct slice *rest, struct slice name)
{
    char end[16] = "</";

    slice_copy(end + 2, sizeof end - 2, name);
    skip_to(rest, slice_from(end));
}

/* A tag, comment or declaration at the front, which begins with '<'; what is none is text. */
static bool take_tag(struct buffer *out, struct slice *rest)
{
    if (slice_starts(*rest, SLICE("<!--"))) {
        skip_to(rest, SLICE("-->"));
        *rest = slice_skip(*rest, 3);
        return true;
    }
    bool closing = slice_starts(*rest, SLICE("</"));
    struct slice name = slice_skip(*rest, closing ? 2 : 1);
    size_t n = 0;
    while (n < name.len && (ascii_is_alnum(name.data[n]) || name.data[n] == ':'))
        n++;
    name = slice_head(name, n);
    bool named = n > 0 && !ascii_is_digit(name.data[0]);
    if (!named && !slice_starts(*rest, SLICE("<!")) && !slice_starts(*rest, SLICE("<?"))) {
        *rest = slice_skip(*rest, 1);
        return buffer_append_char(out, '<');
    }
    skip_tag(rest);
    if (!closing && token_is_one_of(name, hidden_tags, sizeof hidden_tags / sizeof *hidden_tags))
        skip_hidden(rest, name);
    return token_is_one_of(name, inline_tags, sizeof inline_tags / sizeof *inline_tags) ||
           buffer_append_char(out, ' ');
}

bool html_text(struct buffer *out, struct slice html)
{
    bool ok = true;

    while (ok && html.len > 0) {
        if (html.data[0] == '<') {
            ok = take_tag(out, &html);
        } else if (html.data[0] == '&') {
            ok = take_entity(out, &html);
        } else {
            ok = buffer_append_char(out, html.data[0]);
            html = slice_skip(html, 1);
        }
    }
    return ok;
}
