/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "common/base/text.h"
#include "common/mail/dsn.h"
#include "common/mail/header.h"
#include "tests/unit/sample.h"

static const char wanted_text[] = "mproof8rjfdagj01nb2ew0hq5kmvkm38kcms3prk";
static struct buffer file = BUFFER_INIT(1024 * 1024);

/* What data/messages.txt says of a message: "=== kind: name", "= field value" lines, the message itself. */
struct expected {
    char kind[16], name[128];
    char code[8], status[16], action[16], recipient[256], diagnostic[400];
};

static void read_expected(struct expected *e, const struct sample *sample)
{
    struct slice options = sample->options, key, value;
    size_t colon = slice_find_char(sample->title, ':');

    *e = (struct expected){.code = "0"};
    slice_copy(e->kind, sizeof e->kind, slice_head(sample->title, colon));
    slice_copy(e->name, sizeof e->name, slice_skip(sample->title, colon + 2));
    while (sample_option(&options, &key, &value)) {
        if (slice_eq(key, SLICE("code")))
            slice_copy(e->code, sizeof e->code, value);
        else if (slice_eq(key, SLICE("status")))
            slice_copy(e->status, sizeof e->status, value);
        else if (slice_eq(key, SLICE("action")))
            slice_copy(e->action, sizeof e->action, value);
        else if (slice_eq(key, SLICE("recipient")))
            slice_copy(e->recipient, sizeof e->recipient, value);
        else if (slice_eq(key, SLICE("diagnostic")))
            slice_copy(e->diagnostic, sizeof e->diagnostic, value);
        else
            fail_msg("no field: %.*s", SLICE_ARG(key));
    }
}

static bool next_message(struct slice *rest, struct expected *e, struct slice *message)
{
    struct sample sample;

    if (!sample_next(rest, &sample))
        return false;
    read_expected(e, &sample);
    *message = sample.text;
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
    (void)state;
    return sample_load(&file, TEST_DATA "/messages.txt") ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    buffer_clear(&file);
    return 0;
}

static void check_message(const struct expected *e, struct slice message)
{
    struct marker wanted, found;
    struct dsn dsn;
    char code[8];

    assert_true(marker_parse(&wanted, slice_from(wanted_text)));
    enum message_kind kind = message_classify(message, &wanted, &found, &dsn);
    snprintf(code, sizeof code, "%d", dsn.code);
    CHECK_ROW_TEXT(e->name, kind_name(kind), e->kind);
    CHECK_ROW_TEXT(e->name, code, e->code);
    CHECK_ROW_TEXT(e->name, dsn.status, e->status);
    CHECK_ROW_TEXT(e->name, dsn.action, e->action);
    CHECK_ROW_TEXT(e->name, dsn.recipient, e->recipient);
    CHECK_ROW_TEXT(e->name, dsn.diagnostic, e->diagnostic);
    CHECK_ROW_TEXT(e->name, found.text, kind == MESSAGE_OTHER ? "" : wanted_text);
}

static void test_messages(void **state)
{
    struct slice rest = buffer_slice(&file), message;
    struct expected e;
    size_t count = 0;
    (void)state;

    for (; next_message(&rest, &e, &message); count++)
        check_message(&e, message);
    assert_true(count >= 35);
}

static void test_messages_with_crlf(void **state)
{
    struct slice rest = buffer_slice(&file), lines, line;
    struct expected e;
    (void)state;

    while (next_message(&rest, &e, &lines)) {
        struct buffer crlf = BUFFER_INIT(100 * 1024);
        while (slice_next_line(&lines, &line))
            assert_true(buffer_append(&crlf, line) && buffer_append_text(&crlf, "\r\n"));
        check_message(&e, buffer_slice(&crlf));
        buffer_clear(&crlf);
    }
}

/* Without a certain marker in mind, any of ours will do. */
static void test_any_marker(void **state)
{
    struct slice rest = buffer_slice(&file), message;
    struct expected e;
    (void)state;

    while (next_message(&rest, &e, &message)) {
        struct marker found;
        struct dsn dsn;
        enum message_kind kind = message_classify(message, NULL, &found, &dsn);
        bool another = strcmp(e.name, "another probe") == 0,
             bounce = strcmp(e.name, "a bounce of another probe") == 0;
        CHECK_ROW_TEXT(e.name, kind_name(kind), another ? "probe" : bounce ? "bounce" : e.kind);
        CHECK_ROW(e.name,
                  (strcmp(found.text, wanted_text) == 0) == (kind != MESSAGE_OTHER && !another && !bounce));
    }
}

/* However much of it was fetched: from its whole header section on, what is no probe never passes for one. */
static void test_cut_messages(void **state)
{
    struct slice rest = buffer_slice(&file), message;
    struct expected e;
    (void)state;

    while (next_message(&rest, &e, &message)) {
        bool probe = strcmp(e.kind, "probe") == 0 || strcmp(e.name, "another probe") == 0;
        for (size_t n = message.len - header_body(message).len; n <= message.len; n++) {
            struct marker found;
            struct dsn dsn;
            char *cut = malloc(n > 0 ? n : 1); /* of its very size, so that a read beyond it shows */
            assert_non_null(cut);
            memcpy(cut, message.data, n);
            CHECK_ROW(e.name,
                      (message_classify(slice_of(cut, n), NULL, &found, &dsn) == MESSAGE_PROBE) == probe);
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
