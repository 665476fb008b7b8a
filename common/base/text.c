/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/base/text.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buffer.h"

size_t text_utf8_length(struct slice s)
{
    /* RFC 3629 section 4: no overlong forms, no surrogates, nothing above U+10FFFF */
    const unsigned char *b = (const unsigned char *)s.data;
    size_t n = s.len;

    if (n == 0)
        return 0;
    if (b[0] < 0x80)
        return 1;
    if (b[0] >= 0xc2 && b[0] <= 0xdf)
        return n >= 2 && (b[1] & 0xc0) == 0x80 ? 2 : 0;
    if (b[0] >= 0xe0 && b[0] <= 0xef) {
        if (n < 3 || (b[1] & 0xc0) != 0x80 || (b[2] & 0xc0) != 0x80)
            return 0;
        if ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f))
            return 0;
        return 3;
    }
    if (b[0] >= 0xf0 && b[0] <= 0xf4) {
        if (n < 4 || (b[1] & 0xc0) != 0x80 || (b[2] & 0xc0) != 0x80 || (b[3] & 0xc0) != 0x80)
            return 0;
        if ((b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] > 0x8f))
            return 0;
        return 4;
    }
    return 0;
}

bool text_is_utf8(struct slice s)
{
    while (s.len > 0) {
        size_t n = text_utf8_length(s);
        if (n == 0)
            return false;
        s = slice_skip(s, n);
    }
    return true;
}

bool text_is_ascii(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.data[i] >= 0x80)
            return false;
    return true;
}

bool text_has_line_break(struct slice s)
{
    return slice_find_char(s, '\r') < s.len || slice_find_char(s, '\n') < s.len ||
           slice_find_char(s, '\0') < s.len;
}

void text_hex(char *out, const unsigned char *bytes, size_t len)
{
    static const char digit[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digit[bytes[i] >> 4];
        out[2 * i + 1] = digit[bytes[i] & 0xf];
    }
    out[2 * len] = '\0';
}

/* An ESC sequence: CSI up to its final byte, OSC and the like up to BEL or ST, else ESC and one character. */
static size_t escape_length(struct slice s)
{
    size_t i = 2;

    if (s.len < 2)
        return s.len;
    if (s.data[1] == '[') {
        while (i < s.len && s.data[i] >= 0x20 && s.data[i] < 0x40)
            i++;
        return i < s.len && (unsigned char)s.data[i] < 0x7f && s.data[i] >= 0x40 ? i + 1 : i;
    }
    if (strchr("]P^_X", s.data[1]) != NULL && s.data[1] != '\0') {
        for (; i < s.len; i++) {
            if (s.data[i] == '\a')
                return i + 1;
            if (s.data[i] == '\033')
                return i + 1 < s.len && s.data[i + 1] == '\\' ? i + 2 : i;
        }
        return i;
    }
    return (unsigned char)s.data[1] >= 0x20 && (unsigned char)s.data[1] < 0x7f ? 2 : 1;
}

/* C1 controls, zero-width and bidirectional format characters, line and paragraph separators, BOM. */
static bool is_invisible(struct slice character)
{
    const unsigned char *b = (const unsigned char *)character.data;

    if (character.len == 2)
        return (b[0] == 0xc2 && b[1] < 0xa0) || (b[0] == 0xd8 && b[1] == 0x9c);
    if (character.len != 3)
        return false;
    unsigned u = (unsigned)(b[0] & 0xf) << 12 | (unsigned)(b[1] & 0x3f) << 6 | (b[2] & 0x3fU);
    return (u >= 0x200b && u <= 0x200f) || (u >= 0x2028 && u <= 0x202e) || (u >= 0x2060 && u <= 0x206f) ||
           u == 0xfeff;
}

void text_clean(char *out, size_t size, struct slice in)
{
    static const char more[] = "...";
    size_t n = 0, cut = 0; /* cut: the last place where "..." would fit */

    if (size == 0)
        return;
    while (in.len > 0) {
        size_t used = text_utf8_length(in);
        char one = '\0';
        if (in.data[0] == '\033') {
            in = slice_skip(in, escape_length(in));
            continue;
        }
        if (used == 0) {
            one = '?';
            used = 1;
        } else if (ascii_is_space(in.data[0])) {
            one = ' ';
        } else if ((unsigned char)in.data[0] < 0x20 || in.data[0] == 0x7f ||
                   is_invisible(slice_head(in, used))) {
            one = '?';
        } else if (in.data[0] == '|') {
            one = '/';
        } else if (in.data[0] == '<') {
            one = '(';
        } else if (in.data[0] == '>') {
            one = ')';
        }
        size_t width = one != '\0' ? 1 : used;
        if (one == ' ' && (n == 0 || out[n - 1] == ' ')) {
            in = slice_skip(in, used);
            continue;
        }
        if (n + width >= size) {
            n = cut;
            for (size_t i = 0; i < sizeof more - 1 && n + 1 < size; i++)
                out[n++] = more[i];
            out[n] = '\0';
            return;
        }
        if (n + sizeof more <= size)
            cut = n;
        if (one != '\0')
            out[n] = one;
        else
            memcpy(out + n, in.data, used);
        n += width;
        in = slice_skip(in, used);
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
}

bool text_base64_encode(struct buffer *out, struct slice in)
{
    enum { CHUNK = 3 * 256 };
    unsigned char block[CHUNK / 3 * 4 + 1];
    bool ok = true;

    while (in.len > 0 && ok) {
        struct slice part = slice_head(in, CHUNK);
        int n = EVP_EncodeBlock(block, (const unsigned char *)part.data, (int)part.len);
        ok = buffer_append(out, slice_of(block, (size_t)n));
        in = slice_skip(in, part.len);
    }
    if (out->secret)
        OPENSSL_cleanse(block, sizeof block);
    return ok;
}

bool text_base64_decode(struct buffer *out, struct slice in)
{
    unsigned char block[768];
    bool ok = in.len % 4 == 0;

    for (size_t i = 0; i < in.len && ok; i++)
        ok = ascii_is_alnum(in.data[i]) || in.data[i] == '+' || in.data[i] == '/' ||
             (in.data[i] == '=' && (i + 1 == in.len || (i + 2 == in.len && in.data[i + 1] == '=')));
    while (in.len > 0 && ok) {
        struct slice part = slice_head(in, 1024);
        int n = EVP_DecodeBlock(block, (const unsigned char *)part.data, (int)part.len);
        in = slice_skip(in, part.len);
        if (n < 0)
            return false;
        for (size_t pad = part.len; in.len == 0 && pad > 0 && part.data[pad - 1] == '='; pad--)
            n--;
        ok = buffer_append(out, slice_of(block, (size_t)n));
    }
    if (out->secret)
        OPENSSL_cleanse(block, sizeof block);
    return ok;
}
