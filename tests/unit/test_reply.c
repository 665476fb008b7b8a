/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/base/text.h"
#include "common/mail/reply.h"

static void test_replies(void **state)
{
    static const struct {
        const char *name, *in, *formatted;
        int code;
        const char *enhanced, *text;
    } rows[] = {
        {"plain", "250 ok", "250 ok", 250, "", "ok"},
        {"no text", "250", "250", 250, "", ""},
        {"blank only", "250 ", "250", 250, "", ""},
        {"lowest code", "200 x", "200 x", 200, "", "x"},
        {"highest code", "559 x", "559 x", 559, "", "x"},
        {"enhanced", "535 5.7.8 Username and Password not accepted",
         "535 5.7.8 Username and Password not accepted", 535, "5.7.8", "Username and Password not accepted"},
        {"enhanced alone", "250 2.1.0", "250 2.1.0", 250, "2.1.0", ""},
        {"long detail", "550 5.7.515 Access denied", "550 5.7.515 Access denied", 550, "5.7.515",
         "Access denied"},
        {"enhanced on every line",
         "550-5.1.1 The account\r\n550-5.1.1 does not exist\r\n550 5.1.1 see there\r\n",
         "550 5.1.1 The account does not exist see there", 550, "5.1.1",
         "The account does not exist see there"},
        {"enhanced on the second line", "550-Sorry\n550 5.7.1 No", "550 5.7.1 Sorry No", 550, "5.7.1",
         "Sorry No"},
        {"another enhanced code stays text", "550-5.7.1 a\n550 5.7.26 b", "550 5.7.1 a 5.7.26 b", 550,
         "5.7.1", "a 5.7.26 b"},
        {"hash before it", "550 #5.1.0 Address rejected.", "550 5.1.0 Address rejected.", 550, "5.1.0",
         "Address rejected."},
        {"refusals of two minds", "451 5.7.1 Later", "451 5.7.1 Later", 451, "5.7.1", "Later"},
        {"class of success in a refusal", "550 2.1.0 x", "550 2.1.0 x", 550, "", "2.1.0 x"},
        {"class of refusal in a success", "250 5.7.8 x", "250 5.7.8 x", 250, "", "5.7.8 x"},
        {"none in an intermediate reply", "354 3.0.0 go", "354 3.0.0 go", 354, "", "3.0.0 go"},
        {"address, not a status", "554 5.1.1.1 is listed", "554 5.1.1.1 is listed", 554, "",
         "5.1.1.1 is listed"},
        {"two parts only", "550 5.7 x", "550 5.7 x", 550, "", "5.7 x"},
        {"four digits", "550 5.7.1234 x", "550 5.7.1234 x", 550, "", "5.7.1234 x"},
        {"glued to a word", "550 5.7.1x y", "550 5.7.1x y", 550, "", "5.7.1x y"},
        {"glued to a colon", "550 5.7.1: no", "550 5.7.1 : no", 550, "5.7.1", ": no"},
        {"several lines", "220-a\n220-b\n220 c", "220 a b c", 220, "", "a b c"},
        {"empty lines within", "220-a\n220-\n220-  \n220 c", "220 a c", 220, "", "a c"},
        {"what follows the last line is not read", "250 ok\n550 no", "250 ok", 250, "", "ok"},
        {"hostile text", "550 \033[31m<b>|x|\001", "550 (b)/x/?", 550, "", "(b)/x/?"},
        {"latin-1", "550 bo\xeete pleine", "550 bo?te pleine", 550, "", "bo?te pleine"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct reply r;
        char formatted[256];
        CHECK_ROW(rows[i].name, reply_parse(&r, slice_from(rows[i].in)));
        CHECK_ROW(rows[i].name, r.code == rows[i].code);
        CHECK_ROW_TEXT(rows[i].name, r.enhanced, rows[i].enhanced);
        CHECK_ROW_TEXT(rows[i].name, r.text, rows[i].text);
        reply_format(&r, formatted, sizeof formatted);
        CHECK_ROW_TEXT(rows[i].name, formatted, rows[i].formatted);
        CHECK_ROW(rows[i].name, reply_is_positive(&r) == (rows[i].code < 300));
    }
}

static void test_no_replies(void **state)
{
    static const struct {
        const char *name;
        struct slice in;
    } rows[] = {
        {"nothing", SLICE("")},
        {"empty line", SLICE("\r\n")},
        {"two digits", SLICE("25")},
        {"four digits", SLICE("2500 x")},
        {"first digit 1", SLICE("150 x")},
        {"first digit 6", SLICE("650 x")},
        {"second digit 6", SLICE("261 x")},
        {"letter", SLICE("25O x")},
        {"blank in front", SLICE(" 250 x")},
        {"tab behind", SLICE("250\tx")},
        {"word glued on", SLICE("250ok")},
        {"another protocol", SLICE("* OK IMAP4rev1 ready")},
        {"pop3", SLICE("+OK ready")},
        {"nul", SLICE("250\0x")},
        {"never ends", SLICE("250-a\r\n250-b\r\n")},
        {"code changes", SLICE("250-a\r\n550 b\r\n")},
        {"no reply within", SLICE("250-a\r\nb\r\n250 c\r\n")},
        {"empty line within", SLICE("250-a\r\n\r\n250 c\r\n")},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct reply r;
        CHECK_ROW(rows[i].name, !reply_parse(&r, rows[i].in));
    }
}

static void test_feeding_line_by_line(void **state)
{
    struct reply r = REPLY_INIT;
    (void)state;

    assert_int_equal(reply_feed(&r, SLICE("250-mx.example.net")), 0);
    assert_int_equal(reply_feed(&r, SLICE("250-SIZE 1000")), 0);
    assert_int_equal(reply_feed(&r, SLICE("251 other")), -1);
    assert_int_equal(reply_feed(&r, SLICE("250 8BITMIME")), 1);
    assert_int_equal(r.lines, 3);
    assert_string_equal(r.text, "mx.example.net SIZE 1000 8BITMIME");
}

static void test_too_many_lines(void **state)
{
    struct reply r = REPLY_INIT;
    (void)state;

    for (size_t i = 0; i < REPLY_LINES_MAX; i++)
        assert_int_equal(reply_feed(&r, SLICE("250-the same again, and of some length")), 0);
    assert_int_equal(reply_feed(&r, SLICE("250 end")), -1);
    assert_true(strlen(r.text) < REPLY_TEXT_MAX);
    assert_true(text_is_utf8(slice_from(r.text)));
}

/* The first lines win, whatever the lengths; a cut stands where a character ends. */
static void test_long_text(void **state)
{
    (void)state;

    for (size_t n = REPLY_TEXT_MAX - 20; n < REPLY_TEXT_MAX + 20; n++) {
        struct reply r = REPLY_INIT;
        struct buffer line = BUFFER_INIT(4096);
        buffer_append_text(&line, "550-5.7.1 x");
        while (line.len < n)
            buffer_append_text(&line, "\xe2\x82\xac");
        assert_int_equal(reply_feed(&r, buffer_slice(&line)), 0);
        assert_int_equal(reply_feed(&r, SLICE("550 and the second line goes on")), 1);
        assert_true(strlen(r.text) < REPLY_TEXT_MAX);
        assert_true(text_is_utf8(slice_from(r.text)));
        assert_string_equal(r.enhanced, "5.7.1");
        assert_true(slice_ends_nocase(slice_from(r.text), SLICE("...")) ||
                    strlen(r.text) > REPLY_TEXT_MAX - 6);
        buffer_clear(&line);
    }
}

static void test_format_cuts(void **state)
{
    struct reply r = REPLY_INIT;
    char out[16];
    (void)state;

    reply_feed(&r, SLICE("550 5.1.1 no such user here"));
    reply_format(&r, out, sizeof out);
    assert_string_equal(out, "550 5.1.1 no...");
    reply_format(&r, out, 1);
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_no_replies),
        cmocka_unit_test(test_feeding_line_by_line),
        cmocka_unit_test(test_too_many_lines),
        cmocka_unit_test(test_long_text),
        cmocka_unit_test(test_format_cuts),
    };
    return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
