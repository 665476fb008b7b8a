/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/reply.h"

#include <stdio.h>
#include <string.h>

#include "common/base/text.h"

/* A text with less room than that for more is full: it ends in "...", or has no place to say so. */
enum { ROOM_FOR_MORE = sizeof " ..." };

static int digit_at(struct slice s, size_t i)
{
    return i < s.len && ascii_is_digit(s.data[i]) ? s.data[i] - '0' : -1;
}

/* Reply-code = %x32-35 %x30-35 %x30-39, and what may follow it; 0 where there is none */
static int code_of(struct slice line)
{
    int a = digit_at(line, 0), b = digit_at(line, 1), c = digit_at(line, 2);

    if (a < 2 || a > 5 || b < 0 || b > 5 || c < 0)
        return 0;
    if (line.len > 3 && line.data[3] != ' ' && line.data[3] != '-')
        return 0;
    return 100 * a + 10 * b + c;
}

/* One to three digits from *at on; false where there are none or more. */
static bool skip_number(struct slice s, size_t *at)
{
    size_t n = 0;

    while (digit_at(s, *at + n) >= 0)
        n++;
    *at += n;
    return n >= 1 && n <= 3;
}

/* status-code = class "." subject "." detail (RFC 3463 section 2); its length at the front of text, 0 where
 * there is none. A dot, letter or digit behind it makes it an address, a version or a host name. */
static size_t status_length(struct slice text)
{
    size_t at = 1;
    int class = digit_at(text, 0);

    if (class != 2 && class != 4 && class != 5)
        return 0;
    for (int part = 0; part < 2; part++) {
        if (at >= text.len || text.data[at] != '.')
            return 0;
        at++;
        if (!skip_number(text, &at))
            return 0;
    }
    return at == text.len || !(ascii_is_alnum(text.data[at]) || text.data[at] == '.') ? at : 0;
}

/* A refusal's class may differ from its code's first digit (some servers say "451 5.7.1"), a success's may
 * not. */
static bool class_fits(char class, int code)
{
    return code < 300 ? class == '2' : code >= 400 && class != '2';
}

static struct slice take_status(struct reply *r, struct slice text)
{
    /* "#5.1.0 Address rejected" is how one widespread appliance writes it */
    struct slice bare = text.len > 0 && text.data[0] == '#' ? slice_skip(text, 1) : text;
    size_t n = status_length(bare);
    struct slice status = slice_head(bare, n);

    if (n == 0 || n >= sizeof r->enhanced || !class_fits(status.data[0], r->code))
        return text;
    if (r->enhanced[0] == '\0')
        slice_copy(r->enhanced, sizeof r->enhanced, status);
    return slice_eq(status, slice_from(r->enhanced)) ? slice_trim(slice_skip(bare, n)) : text;
}

static void add_text(struct reply *r, struct slice text)
{
    size_t n = strlen(r->text), room = sizeof r->text - n;

    if (text.len == 0 || room < ROOM_FOR_MORE)
        return;
    if (n > 0)
        r->text[n++] = ' ';
    text_clean(r->text + n, sizeof r->text - n, text);
    if (n > 0 && r->text[n] == '\0')
        r->text[n - 1] = '\0';
}

int reply_feed(struct reply *r, struct slice line)
{
    int code = code_of(line);

    if (code == 0 || (r->lines > 0 && code != r->code) || r->lines >= REPLY_LINES_MAX)
        return -1;
    r->code = code;
    r->lines++;
    add_text(r, take_status(r, slice_trim(slice_skip(line, 4))));
    return line.len > 3 && line.data[3] == '-' ? 0 : 1;
}

bool reply_parse(struct reply *r, struct slice text)
{
    struct slice line;

    *r = REPLY_INIT;
    while (slice_next_line(&text, &line)) {
        int fed = reply_feed(r, line);
        if (fed != 0)
            return fed > 0;
    }
    return false;
}

bool reply_is_positive(const struct reply *r)
{
    return r->code >= 200 && r->code < 300;
}

void reply_format(const struct reply *r, char *out, size_t size)
{
    char whole[sizeof "599  " + sizeof r->enhanced + sizeof r->text];

    snprintf(whole, sizeof whole, "%d %s %s", r->code, r->enhanced, r->text);
    text_clean(out, size, slice_from(whole));
}
