/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/transfer.h"

#include <stdint.h>

enum { QP_LINE_MAX = 76 }; /* RFC 2045 section 6.7 (5), without CRLF */

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (ascii_is_digit(c))
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool transfer_decode_base64(struct buffer *out, struct slice in)
{
    uint32_t bits = 0;
    unsigned count = 0;

    for (size_t i = 0; i < in.len; i++) {
        int value = base64_value(in.data[i]);
        if (in.data[i] == '=')
            count = 0;
        if (value < 0)
            continue;
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count < 8)
            continue;
        count -= 8;
        if (!buffer_append_char(out, (char)(bits >> count & 0xff)))
            return false;
    }
    return true;
}

static int hex_value(char c)
{
    c = ascii_lower(c);
    if (ascii_is_digit(c))
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int transfer_hex_pair(struct slice s)
{
    if (s.len < 2 || hex_value(s.data[0]) < 0 || hex_value(s.data[1]) < 0)
        return -1;
    return hex_value(s.data[0]) * 16 + hex_value(s.data[1]);
}

static bool decode_qp_line(struct buffer *out, struct slice line, bool has_end)
{
    bool ok = true;

    while (line.len > 0 && ascii_is_space(line.data[line.len - 1]))
        line.len--;
    if (has_end && line.len > 0 && line.data[line.len - 1] == '=') {
        line.len--;
        has_end = false;
    }
    while (ok && line.len > 0) {
        size_t plain = slice_find_char(line, '=');
        ok = buffer_append(out, slice_head(line, plain));
        line = slice_skip(line, plain);
        if (line.len == 0)
            break;
        int value = transfer_hex_pair(slice_skip(line, 1));
        ok = ok && buffer_append_char(out, value < 0 ? '=' : (char)value);
        line = slice_skip(line, value < 0 ? 1 : 3);
    }
    return ok && (!has_end || buffer_append_text(out, "\r\n"));
}

bool transfer_decode_quoted_printable(struct buffer *out, struct slice in)
{
    bool ok = true;

    while (ok && in.len > 0) {
        size_t end = slice_find_char(in, '\n');
        ok = decode_qp_line(out, slice_head(in, end), end < in.len);
        in = slice_skip(in, end + 1);
    }
    return ok;
}

/* What may stand as it is. Blanks may not at the end of a line, nor "From " at its start, which an mbox
 * would escape. */
static bool is_qp_plain(struct slice rest, size_t column)
{
    char c = rest.data[0];

    if (c == ' ' || c == '\t')
        return rest.len > 1;
    return c > ' ' && c <= '~' && c != '=' && (column > 0 || !slice_starts(rest, SLICE("From ")));
}

static bool encode_qp_line(struct buffer *out, struct slice line)
{
    static const char digit[] = "0123456789ABCDEF";
    bool ok = true;

    for (size_t column = 0; ok && line.len > 0; line = slice_skip(line, 1)) {
        unsigned char c = (unsigned char)line.data[0];
        char coded[3] = {'=', digit[c >> 4], digit[c & 0xf]};
        size_t width = is_qp_plain(line, column) ? 1 : sizeof coded;
        if (column + width > QP_LINE_MAX - 1) { /* room for the '=' of the soft break */
            ok = buffer_append_text(out, "=\r\n");
            column = 0;
            width = is_qp_plain(line, column) ? 1 : sizeof coded;
        }
        ok = ok && buffer_append(out, width == 1 ? slice_head(line, 1) : slice_of(coded, sizeof coded));
        column += width;
    }
    return ok;
}

bool transfer_encode_quoted_printable(struct buffer *out, struct slice in)
{
    bool ok = true;

    while (ok && in.len > 0) {
        size_t end = slice_find_char(in, '\n');
        bool has_end = end < in.len;
        struct slice line = slice_head(in, end);
        if (has_end && end > 0 && line.data[end - 1] == '\r')
            line.len--;
        ok = encode_qp_line(out, line) && (!has_end || buffer_append_text(out, "\r\n"));
        in = slice_skip(in, end + 1);
    }
    return ok;
}
