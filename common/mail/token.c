/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/token.h"

#include <string.h>

bool token_is_atext(char c)
{
    return ascii_is_alnum(c) || (unsigned char)c >= 0x80 ||
           (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

size_t token_comment(struct slice s)
{
    size_t depth = 0, i = 0;

    do {
        if (s.data[i] == '\\')
            i++;
        else if (s.data[i] == '(')
            depth++;
        else if (s.data[i] == ')')
            depth--;
        i++;
    } while (depth > 0 && i < s.len);
    return i < s.len ? i : s.len;
}

void token_skip_blanks(struct slice *rest)
{
    while (rest->len > 0 && (ascii_is_space(rest->data[0]) || rest->data[0] == '('))
        *rest = slice_skip(*rest, rest->data[0] == '(' ? token_comment(*rest) : 1);
}

bool token_take_quoted(struct slice *rest, struct buffer *out)
{
    bool ok = true, closed = false;
    size_t i = 1;

    for (; i < rest->len && !closed; i++) {
        char c = rest->data[i];
        closed = c == '"';
        if (closed || c == '\r' || c == '\n')
            continue;
        if (c == '\\' && i + 1 < rest->len)
            c = rest->data[++i];
        ok = ok && (out == NULL || buffer_append_char(out, c));
    }
    *rest = slice_skip(*rest, i);
    return ok && closed;
}

bool token_append_quoted(struct buffer *out, struct slice text)
{
    bool ok = buffer_append_char(out, '"');

    for (size_t i = 0; ok && i < text.len; i++)
        ok = ((text.data[i] != '"' && text.data[i] != '\\') || buffer_append_char(out, '\\')) &&
             buffer_append_char(out, text.data[i]);
    return ok && buffer_append_char(out, '"');
}

bool token_is_one_of(struct slice token, const struct slice *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq_nocase(token, names[i]))
            return true;
    return false;
}
