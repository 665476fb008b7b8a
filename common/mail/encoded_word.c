/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/encoded_word.h"

#include <string.h>

#include "common/base/text.h"
#include "common/mail/charset.h"
#include "common/mail/transfer.h"

struct word {
    struct slice charset;
    char encoding; /* 'q' or 'b' */
    struct slice text;
    size_t length; /* of all of it, delimiters included */
};

/* RFC 2047 section 2: charset and encoding are tokens. */
static size_t token_length(struct slice s)
{
    size_t n = 0;

    while (n < s.len && s.data[n] > ' ' && s.data[n] < 0x7f && strchr("()<>@,;:\"/[]?.=", s.data[n]) == NULL)
        n++;
    return n;
}

/* Where the encoded text ends; its length if nowhere. A new "=?" ends the search: what came before it is
 * no word then, and no text is looked through twice. "=?=" is a text that ends in '='. */
static size_t find_end(struct slice s)
{
    for (size_t i = 0; i + 1 < s.len; i++) {
        if (s.data[i] == '?' && s.data[i + 1] == '=')
            return i;
        if (s.data[i] == '=' && s.data[i + 1] == '?' && i + 2 < s.len && s.data[i + 2] != '=')
            break;
    }
    return s.len;
}

/* "=?charset*language?Q?text?=" at the front. */
static bool take_word(struct slice s, struct word *word)
{
    struct slice rest = slice_skip(s, 2);
    size_t n = token_length(rest);

    if (!slice_starts(s, SLICE("=?")) || rest.len < n + 3 || rest.data[n] != '?' || rest.data[n + 2] != '?')
        return false;
    word->charset = slice_head(rest, n);
    word->charset = slice_head(word->charset, slice_find_char(word->charset, '*'));
    word->encoding = ascii_lower(rest.data[n + 1]);
    rest = slice_skip(rest, n + 3);
    if ((word->encoding != 'q' && word->encoding != 'b') || !charset_known(word->charset))
        return false;
    size_t end = find_end(rest);
    word->text = slice_head(rest, end);
    word->length = (size_t)(rest.data - s.data) + end + 2;
    return end < rest.len;
}

static bool decode_q(struct buffer *out, struct slice in)
{
    bool ok = true;

    while (ok && in.len > 0) {
        int value = in.data[0] == '=' ? transfer_hex_pair(slice_skip(in, 1)) : -1;
        char c = in.data[0] == '_' ? ' ' : in.data[0];
        ok = buffer_append_char(out, value < 0 ? c : (char)value);
        in = slice_skip(in, value < 0 ? 1 : 3);
    }
    return ok;
}

static size_t blanks_length(struct slice s)
{
    size_t n = 0;

    while (n < s.len && ascii_is_space(s.data[n]))
        n++;
    return n;
}

/* All words of one charset that follow each other: their bytes are joined before they become characters,
 * because many mailers split a character over two words. */
static bool decode_run(struct buffer *out, struct slice *rest, struct word word)
{
    struct buffer bytes = BUFFER_INIT(rest->len);
    struct slice charset = word.charset;
    bool ok = true, more = true;

    while (ok && more) {
        ok = word.encoding == 'q' ? decode_q(&bytes, word.text) : transfer_decode_base64(&bytes, word.text);
        *rest = slice_skip(*rest, word.length);
        struct slice next = slice_skip(*rest, blanks_length(*rest));
        more = take_word(next, &word);
        if (more)
            *rest = next; /* section 6.2: blanks between encoded words are not shown */
        more = more && slice_eq_nocase(word.charset, charset);
    }
    ok = ok && charset_to_utf8(out, charset, buffer_slice(&bytes));
    buffer_clear(&bytes);
    return ok;
}

bool encoded_word_decode(struct buffer *out, struct slice text)
{
    bool ok = true;
    struct word word;

    while (ok && text.len > 0) {
        if (take_word(text, &word)) {
            ok = decode_run(out, &text, word);
            continue;
        }
        size_t next = slice_find(slice_skip(text, 1), SLICE("=?")) + 1;
        ok = buffer_append(out, slice_head(text, next));
        text = slice_skip(text, next);
    }
    return ok;
}

bool encoded_word_encode(struct buffer *out, struct slice utf8)
{
    enum { BYTES_MAX = 39 };
    bool ok = true;

    while (ok && utf8.len > 0) {
        size_t used = 0, n;
        while ((n = text_utf8_length(slice_skip(utf8, used))) > 0 && used + n <= BYTES_MAX)
            used += n;
        if (used == 0)
            return false;
        ok = buffer_append_text(out, "=?utf-8?B?") && text_base64_encode(out, slice_head(utf8, used)) &&
             buffer_append_text(out, "?=");
        utf8 = slice_skip(utf8, used);
        ok = ok && (utf8.len == 0 || buffer_append_char(out, ' '));
    }
    return ok;
}
