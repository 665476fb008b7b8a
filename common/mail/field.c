/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/field.h"

#include <string.h>

#include "common/base/text.h"
#include "common/mail/encoded_word.h"
#include "common/mail/token.h"

enum { LINE_WANTED = 78 };

bool field_is_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] <= ' ' || name.data[i] >= 0x7f || name.data[i] == ':')
            return false;
    return name.len > 0 && name.len <= FIELD_NAME_MAX;
}

static size_t first_word(struct slice s)
{
    size_t n = 0;

    while (n < s.len && ascii_is_space(s.data[n]))
        n++;
    return n;
}

/* The blanks at the front and the word behind them. */
static struct slice take_piece(struct slice *rest)
{
    size_t n = first_word(*rest);

    while (n < rest->len && !ascii_is_space(rest->data[n]))
        n++;
    struct slice piece = slice_head(*rest, n);
    *rest = slice_skip(*rest, n);
    return piece;
}

bool field_encode_text(struct buffer *out, struct slice utf8)
{
    bool ok = true;

    while (ok && utf8.len > 0) {
        struct slice run = take_piece(&utf8), ahead = utf8;
        if (text_is_ascii(run)) {
            ok = buffer_append(out, run);
            continue;
        }
        /* neighbours are encoded together: the blanks between encoded words are not shown (RFC 2047
         * section 6.2) */
        for (struct slice piece = take_piece(&ahead); !text_is_ascii(piece); piece = take_piece(&ahead)) {
            run.len += piece.len;
            utf8 = ahead;
        }
        size_t blanks = first_word(run);
        ok = buffer_append(out, slice_head(run, blanks)) && encoded_word_encode(out, slice_skip(run, blanks));
    }
    return ok;
}

/* A display name without its quotes, blanks folded. */
static bool unquote(struct buffer *out, struct slice display)
{
    bool ok = true;

    while (ok && display.len > 0) {
        char c = ascii_is_space(display.data[0]) ? ' ' : display.data[0];
        if (c == '"') {
            token_take_quoted(&display, out);
            continue;
        }
        display = slice_skip(display, 1);
        ok = (c == ' ' && out->len > 0 && out->data[out->len - 1] == ' ') || buffer_append_char(out, c);
    }
    return ok;
}

static bool is_phrase(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!token_is_atext(text.data[i]) && text.data[i] != ' ')
            return false;
    return true;
}

static bool encode_display(struct buffer *out, struct slice text)
{
    if (!text_is_ascii(text))
        return encoded_word_encode(out, text);
    return is_phrase(text) ? buffer_append(out, text) : token_append_quoted(out, text);
}

bool field_encode_mailbox(struct buffer *out, const struct address *address)
{
    struct buffer display = BUFFER_INIT(address->display.len);
    bool ok = unquote(&display, address->display);

    if (display.len > 0)
        ok = ok && encode_display(out, buffer_slice(&display)) && buffer_append_text(out, " <") &&
             address_format(address, out) && buffer_append_char(out, '>');
    else
        ok = ok && address_format(address, out);
    buffer_clear(&display);
    return ok;
}

bool field_write(struct buffer *out, const char *name, struct slice value)
{
    size_t column = strlen(name) + 1;
    bool ok = buffer_append_text(out, name) && buffer_append_text(out, value.len > 0 ? ": " : ":"),
         first = true;

    while (ok && value.len > 0) {
        struct slice piece = take_piece(&value);
        if (!first && column + piece.len > LINE_WANTED) {
            ok = buffer_append_text(out, "\r\n");
            column = 0;
        }
        ok = ok && buffer_append(out, piece);
        column += piece.len;
        first = false;
    }
    return ok && buffer_append_text(out, "\r\n");
}

bool field_can_fold(struct slice value)
{
    while (value.len > 0)
        if (take_piece(&value).len > FIELD_LINE_MAX - FIELD_NAME_MAX - 2)
            return false;
    return true;
}
