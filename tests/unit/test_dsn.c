/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "common/base/text.h"
#include "common/mail/dsn.h"
#include "common/mail/header.h"

static const char wanted_text[] = "mproof8rjfdagj01nb2ew0hq5kmvkm38kcms3prk";
static struct buffer file = BUFFER_INIT(1024 * 1024);

/* A message of data/messages.txt: "=== kind: name", "= field value" lines, the message itself. */
struct sample {
    struct slice kind, name, message;
    char code[8], status[16], action[16], recipient[256], diagnostic[400];
};

static void read_expected(struct sample *s, struct slice line)
{
    struct slice field;

    slice_next_word(&line, &field);
    line = slice_trim(line);
    if (slice_eq(field, SLICE("code")))
        slice_copy(s->code, sizeof s->code, line);
    else if (slice_eq(field, SLICE("status")))
        slice_copy(s->status, sizeof s->status, line);
    else if (slice_eq(field, SLICE("action")))
        slice_copy(s->action, sizeof s->action, line);
    else if (slice_eq(field, SLICE("recipient")))
        slice_copy(s->recipient, sizeof s->recipient, line);
    else if (slice_eq(field, SLICE("diagnostic")))
        slice_copy(s->diagnostic, sizeof s->diagnostic, line);
    else
        fail_msg("no field: %.*s", SLICE_ARG(field));
}

static bool next_sample(struct slice *rest, struct sample *s)
{
    struct slice line;

    *s = (struct sample){.code = "0"};
    if (!slice_next_line(rest, &line))
        return false;
    assert_true(slice_starts(line, SLICE("=== ")));
    size_t colon = slice_find_char(line, ':');
    s->kind = slice_skip(slice_head(line, colon), 4);
    s->name = slice_skip(line, colon + 2);
    while (slice_starts(*rest, SLICE("= ")) && slice_next_line(rest, &line))
        read_expected(s, slice_skip(line, 2));
    s->message = slice_head(*rest, slice_find(*rest, SLICE("\n=== ")) + 1);
    *rest = slice_skip(*rest, s->message.len);
    return true;
}

static const char *kind_name(enum message_kind kind)
{
    switch (kind) {
    case MESSAGE_OTHER:
        return "other";
    case MESSAGE_PROBE:
        return "probe";
    case MESSAGE_BOUNCE:
        return "bounce";
    case MESSAGE_DELAYED:
        return "delayed";
    case MESSAGE_REPLY:
        return "reply";
    }
    return "?";
}

static int load(void **state)
{
    FILE *f = fopen(TEST_DATA "/messages.txt", "r");
    char block[4096];
    size_t n;
    (void)state;

    if (f == NULL)
        return -1;
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        buffer_append(&file, slice_of(block, n));
    fclose(f);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    buffer_clear(&file);
    return 0;
}

static void check_sample(const struct sample *s, struct slice message)
{
    char name[128], code[8];
    struct marker wanted, found;
    struct dsn dsn;

    slice_copy(name, sizeof name, s->name);
    assert_true(marker_parse(&wanted, slice_from(wanted_text)));
    enum message_kind kind = message_classify(message, &wanted, &found, &dsn);
    snprintf(code, sizeof code, "%d", dsn.code);
    char kind_wanted[16];
    slice_copy(kind_wanted, sizeof kind_wanted, s->kind);
    CHECK_ROW_TEXT(name, kind_name(kind), kind_wanted);
    CHECK_ROW_TEXT(name, code, s->code);
    CHECK_ROW_TEXT(name, dsn.status, s->status);
    CHECK_ROW_TEXT(name, dsn.action, s->action);
    CHECK_ROW_TEXT(name, dsn.recipient, s->recipient);
    CHECK_ROW_TEXT(name, dsn.diagnostic, s->diagnostic);
    CHECK_ROW_TEXT(name, found.text, kind == MESSAGE_OTHER ? "" : wanted_text);
}

static void test_messages(void **state)
{
    struct slice rest = buffer_slice(&file);
    struct sample s;
    size_t count = 0;
    (void)state;

    for (; next_sample(&rest, &s); count++)
        check_sample(&s, s.message);
    assert_true(count >= 35);
}

static void test_messages_with_crlf(void **state)
{
    struct slice rest = buffer_slice(&file);
    struct sample s;
    (void)state;

    while (next_sample(&rest, &s)) {
        struct buffer crlf = BUFFER_INIT(100 * 1024);
        struct slice lines = s.message, line;
        while (slice_next_line(&lines, &line))
            assert_true(buffer_append(&crlf, line) && buffer_append_text(&crlf, "\r\n"));
        check_sample(&s, buffer_slice(&crlf));
        buffer_clear(&crlf);
    }
}

/* Without a certain marker in mind, any of ours will do. */
static void test_any_marker(void **state)
{
    struct slice rest = buffer_slice(&file);
    struct sample s;
    (void)state;

    while (next_sample(&rest, &s)) {
        struct marker found;
        struct dsn dsn;
        char name[128];
        slice_copy(name, sizeof name, s.name);
        enum message_kind kind = message_classify(s.message, NULL, &found, &dsn);
        if (!slice_eq(s.kind, SLICE("other")))
            CHECK_ROW(name, slice_eq(s.kind, slice_from(kind_name(kind))));
        else if (slice_eq(s.name, SLICE("another probe")))
            CHECK_ROW(name, kind == MESSAGE_PROBE && strcmp(found.text, wanted_text) != 0);
        else if (slice_eq(s.name, SLICE("a bounce of another probe")))
            CHECK_ROW(name, kind == MESSAGE_BOUNCE && strcmp(found.text, wanted_text) != 0);
        else
            CHECK_ROW(name, kind == MESSAGE_OTHER);
    }
}

/* However much of it was fetched: from its whole header section on, what is no probe never passes for one. */
static void test_cut_messages(void **state)
{
    struct slice rest = buffer_slice(&file);
    struct sample s;
    (void)state;

    while (next_sample(&rest, &s)) {
        size_t header = s.message.len - header_body(s.message).len;
        for (size_t n = header; n <= s.message.len; n++) {
            struct marker found;
            struct dsn dsn;
            char *cut = malloc(n + 1);
            assert_non_null(cut);
            memcpy(cut, s.message.data, n);
            enum message_kind kind = message_classify(slice_of(cut, n), NULL, &found, &dsn);
            bool probe = slice_eq(s.kind, SLICE("probe")) || slice_eq(s.name, SLICE("another probe"));
            CHECK_ROW("cut", (kind == MESSAGE_PROBE) == probe);
            free(cut);
        }
    }
}

/* Quoted many times over, in a deep or broken structure, with long lines: it ends, and soon. */
static void test_hostile_messages(void **state)
{
    static const char *const pieces[] = {"mproof",
                                         "550 ",
                                         "4 ",
                                         "--b\n",
                                         "Content-Type: multipart/report; boundary=b\n\n",
                                         "Final-Recipient: rfc822; x\n\n",
                                         "<x@y>:\n",
                                         "Subject: ",
                                         "=?utf-8?q?",
                                         "550-5.1.1 ",
                                         "\n\n",
                                         "X-Mailproof-Marker: ",
                                         "\0",
                                         "\r"};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        struct buffer message = BUFFER_INIT(1024 * 1024);
        struct marker found, wanted;
        struct dsn dsn;
        size_t len = strlen(pieces[i]) > 0 ? strlen(pieces[i]) : 1;
        buffer_append_text(&message, "From: MAILER-DAEMON\nContent-Type: multipart/report; boundary=b\n");
        buffer_append_text(&message, "X-A: mproof8rjfdagj01nb2ew0hq5kmvkm38kcms3prk\n\n--b\nContent-Type: "
                                     "message/delivery-status\n\n");
        while (message.len + len < 300 * 1024)
            buffer_append(&message, slice_of(pieces[i], len));
        assert_true(marker_parse(&wanted, slice_from(wanted_text)));
        message_classify(buffer_slice(&message), &wanted, &found, &dsn);
        assert_string_equal(found.text, wanted_text);
        assert_true(text_is_utf8(slice_from(dsn.diagnostic)) && text_is_utf8(slice_from(dsn.recipient)));
        buffer_clear(&message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),         cmocka_unit_test(test_messages_with_crlf),
        cmocka_unit_test(test_any_marker),       cmocka_unit_test(test_cut_messages),
        cmocka_unit_test(test_hostile_messages),
    };
    return cmocka_run_group_tests_name("dsn", tests, load, unload);
}
