/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/mutf7.h"

#include <stdint.h>
#include <string.h>

#include "common/base/text.h"
#include "common/mail/charset.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/* Bits between UTF-16 and the letters. */
struct bits {
    uint32_t value;
    unsigned count;
};

static bool is_direct(char c)
{
    return c >= 0x20 && c <= 0x7e;
}

static uint32_t code_point(struct slice character)
{
    static const unsigned char lead_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t u = (unsigned char)character.data[0] & lead_mask[character.len];

    for (size_t i = 1; i < character.len; i++)
        u = u << 6 | ((unsigned char)character.data[i] & 0x3fU);
    return u;
}

static bool put_unit(struct buffer *out, struct bits *bits, uint32_t unit)
{
    bool ok = true;

    bits->value = bits->value << 16 | unit;
    for (bits->count += 16; ok && bits->count >= 6; bits->count -= 6)
        ok = buffer_append_char(out, alphabet[bits->value >> (bits->count - 6) & 0x3f]);
    return ok;
}

static bool put_character(struct buffer *out, struct bits *bits, uint32_t u)
{
    if (u < 0x10000)
        return put_unit(out, bits, u);
    u -= 0x10000;
    return put_unit(out, bits, 0xd800 | u >> 10) && put_unit(out, bits, 0xdc00 | (u & 0x3ff));
}

/* The characters at the front that cannot stand for themselves, as "&...-". */
static bool encode_shifted(struct buffer *out, struct slice *rest)
{
    struct bits bits = {0, 0};
    bool ok = buffer_append_char(out, '&');

    while (ok && rest->len > 0 && !is_direct(rest->data[0])) {
        size_t n = text_utf8_length(*rest);
        ok = n > 0 && rest->data[0] != '\0' && put_character(out, &bits, code_point(slice_head(*rest, n)));
        *rest = slice_skip(*rest, n);
    }
    if (ok && bits.count > 0)
        ok = buffer_append_char(out, alphabet[bits.value << (6 - bits.count) & 0x3f]);
    return ok && buffer_append_char(out, '-');
}

bool mutf7_encode(struct buffer *out, struct slice utf8)
{
    bool ok = true;

    while (ok && utf8.len > 0) {
        if (!is_direct(utf8.data[0])) {
            ok = encode_shifted(out, &utf8);
            continue;
        }
        ok = utf8.data[0] == '&' ? buffer_append_text(out, "&-") : buffer_append_char(out, utf8.data[0]);
        utf8 = slice_skip(utf8, 1);
    }
    return ok;
}

/* One UTF-16 unit; *high holds the first half of a pair, or 0. */
static bool take_unit(struct buffer *out, uint32_t *high, uint32_t unit)
{
    bool is_low = unit >= 0xdc00 && unit <= 0xdfff;

    if (is_low != (*high != 0))
        return false;
    if (unit >= 0xd800 && unit <= 0xdbff) {
        *high = unit;
        return true;
    }
    uint32_t u = is_low ? 0x10000 + ((*high & 0x3ff) << 10 | (unit & 0x3ff)) : unit;
    *high = 0;
    return charset_put(out, u);
}

static bool decode_shifted(struct buffer *out, struct slice letters)
{
    struct bits bits = {0, 0};
    uint32_t high = 0;

    for (size_t i = 0; i < letters.len; i++) {
        const char *at = letters.data[i] == '\0' ? NULL : strchr(alphabet, letters.data[i]);
        if (at == NULL)
            return false;
        bits.value = bits.value << 6 | (uint32_t)(at - alphabet);
        bits.count += 6;
        if (bits.count < 16)
            continue;
        bits.count -= 16;
        if (!take_unit(out, &high, bits.value >> bits.count & 0xffff))
            return false;
    }
    return high == 0;
}

static bool decode(struct buffer *out, struct slice name)
{
    bool ok = true;

    while (ok && name.len > 0) {
        if (name.data[0] != '&') {
            ok = buffer_append_char(out, name.data[0]);
            name = slice_skip(name, 1);
            continue;
        }
        struct slice letters = slice_head(slice_skip(name, 1), slice_find_char(name, '-') - 1);
        name = slice_skip(name, letters.len + 2);
        ok = letters.len == 0 ? buffer_append_char(out, '&') : decode_shifted(out, letters);
    }
    return ok;
}

bool mutf7_decode(struct buffer *out, struct slice name)
{
    /* what is canonical is what encoding gives: one rule in place of a check for each slip */
    struct buffer utf8 = BUFFER_INIT(2 * name.len), again = BUFFER_INIT(name.len);
    bool ok = decode(&utf8, name) && mutf7_encode(&again, buffer_slice(&utf8)) &&
              slice_eq(buffer_slice(&again), name) && buffer_append(out, buffer_slice(&utf8));

    buffer_clear(&utf8);
    buffer_clear(&again);
    return ok;
}
