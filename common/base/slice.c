/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/base/slice.h"

#include <string.h>

struct slice slice_from(const char *text)
{
    return text == NULL ? SLICE_EMPTY : (struct slice){text, strlen(text)};
}

struct slice slice_of(const void *data, size_t len)
{
    return (struct slice){len == 0 ? "" : data, len};
}

struct slice slice_skip(struct slice s, size_t offset)
{
    if (offset > s.len)
        offset = s.len;
    return (struct slice){s.data + offset, s.len - offset};
}

struct slice slice_head(struct slice s, size_t len)
{
    return (struct slice){s.data, len < s.len ? len : s.len};
}

char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool ascii_is_alnum(char c)
{
    c = ascii_lower(c);
    return ascii_is_digit(c) || (c >= 'a' && c <= 'z');
}

bool ascii_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice s)
{
    while (s.len > 0 && ascii_is_space(s.data[0])) {
        s.data++;
        s.len--;
    }
    while (s.len > 0 && ascii_is_space(s.data[s.len - 1]))
        s.len--;
    return s;
}

bool slice_eq(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool slice_eq_nocase(struct slice a, struct slice b)
{
    return a.len == b.len && slice_starts_nocase(a, b);
}

bool slice_starts(struct slice s, struct slice prefix)
{
    return s.len >= prefix.len && slice_eq(slice_head(s, prefix.len), prefix);
}

bool slice_starts_nocase(struct slice s, struct slice prefix)
{
    if (s.len < prefix.len)
        return false;
    for (size_t i = 0; i < prefix.len; i++)
        if (ascii_lower(s.data[i]) != ascii_lower(prefix.data[i]))
            return false;
    return true;
}

bool slice_ends_nocase(struct slice s, struct slice suffix)
{
    return s.len >= suffix.len && slice_starts_nocase(slice_skip(s, s.len - suffix.len), suffix);
}

size_t slice_find_char(struct slice s, char c)
{
    const char *at = s.len == 0 ? NULL : memchr(s.data, c, s.len);
    return at == NULL ? s.len : (size_t)(at - s.data);
}

size_t slice_find(struct slice s, struct slice needle)
{
    const char *at = memmem(s.data, s.len, needle.data, needle.len);
    return at == NULL ? s.len : (size_t)(at - s.data);
}

size_t slice_find_nocase(struct slice s, struct slice needle)
{
    for (size_t i = 0; i + needle.len <= s.len; i++)
        if (slice_starts_nocase(slice_skip(s, i), needle))
            return i;
    return s.len;
}

bool slice_contains_nocase(struct slice s, struct slice needle)
{
    return needle.len == 0 || slice_find_nocase(s, needle) < s.len;
}

bool slice_next_word(struct slice *rest, struct slice *word)
{
    struct slice s = *rest;

    while (s.len > 0 && ascii_is_space(s.data[0]))
        s = slice_skip(s, 1);
    size_t n = 0;
    while (n < s.len && !ascii_is_space(s.data[n]))
        n++;
    *word = slice_head(s, n);
    *rest = slice_skip(s, n);
    return n > 0;
}

bool slice_next_line(struct slice *rest, struct slice *line)
{
    if (rest->len == 0)
        return false;
    size_t n = slice_find_char(*rest, '\n');
    *line = slice_head(*rest, n);
    *rest = slice_skip(*rest, n + 1);
    if (line->len > 0 && line->data[line->len - 1] == '\r')
        line->len--;
    return true;
}

bool slice_copy(char *out, size_t size, struct slice s)
{
    size_t n = s.len;
    bool whole = n < size;

    if (size == 0)
        return false;
    if (!whole) {
        n = size - 1;
        while (n > 0 && ((unsigned char)s.data[n] & 0xc0) == 0x80)
            n--;
    }
    if (n > 0)
        memcpy(out, s.data, n);
    out[n] = '\0';
    return whole;
}

bool slice_number(struct slice s, unsigned long long max, unsigned long long *value)
{
    unsigned long long n = 0;

    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (!ascii_is_digit(s.data[i]))
            return false;
        unsigned digit = (unsigned)(s.data[i] - '0');
        if (digit > max || n > (max - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *value = n;
    return true;
}
