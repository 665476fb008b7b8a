/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>

#include "common/base/text.h"

static const struct {
    struct slice name;
    const char *iconv;
} known[] = {
    {SLICE("utf-8"), "UTF-8"},    {SLICE("utf8"), "UTF-8"},
    {SLICE("us-ascii"), "UTF-8"}, /* what is above ASCII is most often UTF-8 in truth */
    {SLICE("ascii"), "UTF-8"},    {SLICE("latin1"), "ISO-8859-1"},
    {SLICE("koi8-r"), "KOI8-R"},  {SLICE("koi8-u"), "KOI8-U"},
    {SLICE("gb2312"), "GB18030"}, /* labelled so, the supersets are sent */
    {SLICE("gbk"), "GB18030"},    {SLICE("gb18030"), "GB18030"},
    {SLICE("big5"), "BIG5"},      {SLICE("shift_jis"), "CP932"},
    {SLICE("euc-jp"), "EUC-JP"},  {SLICE("iso-2022-jp"), "ISO-2022-JP"},
    {SLICE("euc-kr"), "CP949"},   {SLICE("ks_c_5601-1987"), "CP949"},
};

static const struct {
    struct slice prefix;
    const char *iconv;
    unsigned long long first, last; /* of the numbers behind the prefix */
} families[] = {
    {SLICE("iso-8859-"), "ISO-8859-", 1, 16},
    {SLICE("iso8859-"), "ISO-8859-", 1, 16},
    {SLICE("windows-"), "CP", 1250, 1258},
    {SLICE("cp"), "CP", 1250, 1258},
};

enum { ICONV_NAME_MAX = 24 };

static bool find_charset(char *iconv, struct slice name)
{
    unsigned long long number;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (slice_eq_nocase(name, known[i].name))
            return slice_copy(iconv, ICONV_NAME_MAX, slice_from(known[i].iconv));
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        if (!slice_starts_nocase(name, families[i].prefix) ||
            !slice_number(slice_skip(name, families[i].prefix.len), families[i].last, &number) ||
            number < families[i].first)
            continue;
        snprintf(iconv, ICONV_NAME_MAX, "%s%llu", families[i].iconv, number);
        return true;
    }
    return false;
}

bool charset_known(struct slice name)
{
    char iconv[ICONV_NAME_MAX];
    return find_charset(iconv, name);
}

bool charset_put(struct buffer *out, uint32_t u)
{
    if (u < 0x80)
        return buffer_append_char(out, (char)u);
    if (u < 0x800)
        return buffer_append_char(out, (char)(0xc0 | u >> 6)) &&
               buffer_append_char(out, (char)(0x80 | (u & 0x3f)));
    if (u < 0x10000)
        return buffer_append_char(out, (char)(0xe0 | u >> 12)) &&
               buffer_append_char(out, (char)(0x80 | (u >> 6 & 0x3f))) &&
               buffer_append_char(out, (char)(0x80 | (u & 0x3f)));
    return buffer_append_char(out, (char)(0xf0 | u >> 18)) &&
           buffer_append_char(out, (char)(0x80 | (u >> 12 & 0x3f))) &&
           buffer_append_char(out, (char)(0x80 | (u >> 6 & 0x3f))) &&
           buffer_append_char(out, (char)(0x80 | (u & 0x3f)));
}

static bool append_unknown(struct buffer *out)
{
    return charset_put(out, 0xfffd);
}

static bool append_utf8(struct buffer *out, struct slice bytes)
{
    bool ok = true;

    while (ok && bytes.len > 0) {
        size_t valid = 0, n;
        while ((n = text_utf8_length(slice_skip(bytes, valid))) > 0)
            valid += n;
        ok = buffer_append(out, slice_head(bytes, valid)) && (valid == bytes.len || append_unknown(out));
        bytes = slice_skip(bytes, valid + 1);
    }
    return ok;
}

static bool convert(struct buffer *out, iconv_t cd, struct slice bytes)
{
    char block[512];
    char *in = (char *)(uintptr_t)bytes.data; /* iconv only reads it */
    size_t left = bytes.len;
    bool ok = true;

    while (ok && left > 0) {
        char *to = block;
        size_t room = sizeof block;
        bool bad = iconv(cd, &in, &left, &to, &room) == (size_t)-1 && errno != E2BIG;
        ok = buffer_append(out, slice_of(block, sizeof block - room));
        if (ok && bad) {
            ok = append_unknown(out);
            in++;
            left--;
        }
    }
    return ok;
}

bool charset_to_utf8(struct buffer *out, struct slice name, struct slice bytes)
{
    char iconv_name[ICONV_NAME_MAX];

    if (!find_charset(iconv_name, name))
        return false;
    if (slice_eq(slice_from(iconv_name), SLICE("UTF-8")))
        return append_utf8(out, bytes);
    iconv_t cd = iconv_open("UTF-8", iconv_name);
    if (cd == (iconv_t)-1)
        return append_utf8(out, bytes); /* gconv's modules are not installed: what is ASCII can be read */
    bool ok = convert(out, cd, bytes);
    iconv_close(cd);
    return ok;
}
