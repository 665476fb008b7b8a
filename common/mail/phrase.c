/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/phrase.h"

#include <string.h>

static bool is_word(struct slice text, size_t at)
{
    return at < text.len && ascii_is_alnum(text.data[at]);
}

static bool is_separator(struct slice text, size_t at)
{
    return at < text.len && (text.data[at] == ' ' || text.data[at] == '-' || text.data[at] == '_');
}

/* One pattern character at *at, which moves behind what it took. */
static bool match_one(struct slice text, size_t *at, char c)
{
    switch (c) {
    case '<':
        return *at == 0 || !is_word(text, *at - 1);
    case '>':
        return !is_word(text, *at);
    case '-':
        *at += is_separator(text, *at);
        return true;
    case '%':
        return *at < text.len && ascii_is_digit(text.data[(*at)++]);
    default:
        return *at < text.len && text.data[(*at)++] == c;
    }
}

static bool match_at(struct slice text, size_t *at, struct slice part)
{
    for (size_t i = 0; i < part.len; i++)
        if (!match_one(text, at, part.data[i]))
            return false;
    return true;
}

/* The character that part must begin with, behind a word start; NUL where several will do. */
static char first_letter(struct slice part)
{
    size_t at = part.len > 0 && part.data[0] == '<' ? 1 : 0;

    return at < part.len && strchr("<>-%", part.data[at]) == NULL ? part.data[at] : '\0';
}

/* Moves *from behind the leftmost part from there on. Never going back is complete, since gaps may be of any
 * length. */
static bool find_part(struct slice text, size_t *from, struct slice part)
{
    char first = first_letter(part);

    for (size_t start = *from; start <= text.len; start++) {
        if (first != '\0')
            start += slice_find_char(slice_skip(text, start), first);
        size_t at = start;
        if (match_at(text, &at, part)) {
            *from = at;
            return true;
        }
    }
    return false;
}

static bool match_anywhere(struct slice text, struct slice phrase)
{
    size_t from = 0;

    while (phrase.len > 0) {
        size_t n = slice_find_char(phrase, '*');
        if (!find_part(text, &from, slice_head(phrase, n)))
            return false;
        phrase = slice_skip(phrase, n + 1);
    }
    return true;
}

static bool match_front(struct slice text, struct slice phrase)
{
    size_t at = 0;

    return match_at(text, &at, phrase);
}

static bool match_any(struct slice text, const char *phrases,
                      bool (*match)(struct slice text, struct slice phrase))
{
    struct slice rest = slice_from(phrases);

    while (rest.len > 0) {
        size_t n = slice_find_char(rest, '|');
        if (n > 0 && match(text, slice_head(rest, n)))
            return true;
        rest = slice_skip(rest, n + 1);
    }
    return false;
}

bool phrase_match(struct slice text, const char *phrases)
{
    return match_any(text, phrases, match_anywhere);
}

bool phrase_starts(struct slice text, const char *phrases)
{
    return match_any(text, phrases, match_front);
}
