/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first line as Subject or --header, the second as From, the rest as body: what is composed keeps the
 * rules of a message, its Subject reads as it was given, and it comes back unaltered. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/mail/compose.h"
#include "common/mail/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_lines(struct slice message)
{
    while (message.len > 0) {
        size_t end = slice_find_char(message, '\n');
        check(end < message.len && end > 0 && end <= 999 && slice_find_char(message, '\r') == end - 1);
        check(slice_find_char(slice_head(message, end), '\0') == end);
        message = slice_skip(message, end + 1);
    }
}

static bool same_words(struct slice a, struct slice b)
{
    struct slice word_a, word_b;
    bool more_a, more_b;

    do {
        more_a = slice_next_word(&a, &word_a);
        more_b = slice_next_word(&b, &word_b);
        if (more_a != more_b || !slice_eq(word_a, word_b))
            return false;
    } while (more_a);
    return true;
}

static void check_subject(struct slice message, const char *subject, const struct marker *marker)
{
    struct buffer wanted = BUFFER_INIT(strlen(subject) + 100), got = BUFFER_INIT(3 * message.len);
    struct header_field field;

    check(header_count(message, SLICE("Subject")) == 1 && header_find(message, SLICE("Subject"), 0, &field));
    check(slice_find(field.value, slice_from(marker->text)) < field.value.len);
    if (strstr(subject, "=?") == NULL) {
        check(buffer_printf(&wanted, "%s %s", subject, marker->text) && header_decode(field.value, &got));
        check(same_words(buffer_slice(&wanted), buffer_slice(&got)));
    }
    buffer_clear(&wanted);
    buffer_clear(&got);
}

/* The first line as a string of its own; a NUL ends it. */
static char *take_line(struct slice *rest)
{
    struct slice line = SLICE_EMPTY;

    slice_next_line(rest, &line);
    return strndup(line.data, line.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = slice_of(data, size);
    char *first = take_line(&rest), *from = take_line(&rest);
    const char *to = "b@example.net", *headers[] = {first}, *why = NULL;
    struct marker marker;
    struct composed composed;
    struct err err;

    check(marker_parse(&marker, SLICE("mproof28t5cy4t01nb2ew00000000000000000ja")));
    struct compose_request request = {
        .from = strchr(from, '@') != NULL ? from : "a@example.org",
        .to = &to,
        .to_count = 1,
        .subject = first,
        .message_id_domain = "example.org",
        .body = rest,
        .marker = &marker,
        .now = 1790000000,
    };
    if (first[0] == 'X') {
        request.subject = NULL;
        request.headers = headers;
        request.header_count = 1;
    }
    if (compose(&composed, &request, &err)) {
        struct slice message = buffer_slice(&composed.message);
        check_lines(message);
        check_subject(message, request.subject == NULL ? "Mail test" : first, &marker);
        check(compose_intact(message, &composed, &why) == 1);
    } else {
        check(err.kind == FAULT_USAGE && err.text[0] != '\0' && composed.message.data == NULL);
    }
    composed_clear(&composed);
    free(first);
    free(from);
    return 0;
}
