/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <time.h>

#include "common/base/text.h"
#include "common/mail/encoded_word.h"
#include "common/mail/header.h"

/* Each field as "name=value;", then "|" and the body. */
static void show(char *out, size_t size, struct slice message)
{
    struct buffer b = BUFFER_INIT(size - 1);
    struct header_field field;

    while (header_next(&message, &field)) {
        assert_true(buffer_printf(&b, "%.*s=%.*s;", SLICE_ARG(field.name), SLICE_ARG(field.value)));
        assert_ptr_equal(field.raw.data, field.name.data);
        assert_ptr_equal(field.raw.data + field.raw.len, message.data);
    }
    assert_true(buffer_printf(&b, "|%.*s", SLICE_ARG(message)));
    slice_copy(out, size, buffer_slice(&b));
    buffer_clear(&b);
}

static void test_next(void **state)
{
    static const struct {
        const char *name;
        struct slice message;
        const char *shown;
    } rows[] = {
        {"empty", SLICE(""), "|"},
        {"no header", SLICE("\r\nbody"), "|body"},
        {"crlf", SLICE("A: 1\r\nB: 2\r\n\r\nbody\r\n\r\nmore"), "A= 1;B= 2;|body\r\n\r\nmore"},
        {"lf", SLICE("A: 1\nB: 2\n\nbody"), "A= 1;B= 2;|body"},
        {"no body", SLICE("A: 1\r\n"), "A= 1;|"},
        {"no line end", SLICE("A: 1"), "A= 1;|"},
        {"folded", SLICE("A: 1\r\n 2\r\n\t3\r\nB:4\r\n\r\n"), "A= 1\r\n 2\r\n\t3;B=4;|"},
        {"a fold of blanks alone", SLICE("A: 1\n \nB: 2\n\nx"), "A= 1\n ;B= 2;|x"},
        {"empty value", SLICE("A:\r\nB: \r\n\r\n"), "A=;B= ;|"},
        {"blanks before the colon", SLICE("Subject \t: x\r\n\r\n"), "Subject= x;|"},
        {"colon in the value", SLICE("A: b: c\n\n"), "A= b: c;|"},
        {"mbox line", SLICE("From me@example.org Tue Jul  1 10:52:37 2003\nA: 1\n\n"), "A= 1;|"},
        {"a line that is no field", SLICE("A: 1\nnonsense\n with a fold\nB: 2\n\n"), "A= 1;B= 2;|"},
        {"a fold without a field", SLICE(" lost\nA: 1\n\n"), "A= 1;|"},
        {"no name", SLICE(": x\nA: 1\n\n"), "A= 1;|"},
        {"name above ASCII", SLICE("\xc3\xa4: x\nA: 1\n\n"), "A= 1;|"},
        {"DEL in the name", SLICE("A\x7f: x\nA: 1\n\n"), "A= 1;|"},
        {"only a line feed", SLICE("\n"), "|"},
        {"only a carriage return", SLICE("\r"), "|"},
        {"cut in a line end", SLICE("A: 1\r\n\r"), "A= 1;|"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[200];
        show(out, sizeof out, rows[i].message);
        CHECK_ROW_TEXT(rows[i].name, out, rows[i].shown);
    }
}

static void test_raw_fields_join_to_the_header(void **state)
{
    struct slice message = SLICE("A: 1\r\n 2\nB : \0x\r\n\t\r\nC:\n\r\nbody"), rest = message;
    struct header_field field;
    size_t joined = 0;
    (void)state;

    while (header_next(&rest, &field)) {
        assert_ptr_equal(field.raw.data, message.data + joined);
        joined += field.raw.len;
    }
    assert_int_equal(joined + 2, message.len - 4);
    assert_true(slice_eq(rest, SLICE("body")));
}

static void test_find_and_count(void **state)
{
    struct slice message =
        SLICE("X: 1\nReceived: a\nreceived : b\nReceived-SPF: c\nRECEIVED: d\n\nReceived: e\n");
    struct header_field field;
    (void)state;

    assert_int_equal(header_count(message, SLICE("Received")), 3);
    assert_int_equal(header_count(message, SLICE("Missing")), 0);
    assert_true(header_find(message, SLICE("Received"), 0, &field) && slice_eq(field.value, SLICE(" a")));
    assert_true(header_find(message, SLICE("Received"), 2, &field) && slice_eq(field.value, SLICE(" d")));
    assert_false(header_find(message, SLICE("Received"), 3, &field));
    assert_true(slice_eq(header_body(message), SLICE("Received: e\n")));
    assert_int_equal(header_body(SLICE("A: 1\n")).len, 0);
}

static void test_unfold(void **state)
{
    static const struct {
        const char *name;
        struct slice value;
        const char *out;
    } rows[] = {
        {"plain", SLICE(" text "), "text"},
        {"folds", SLICE(" a\r\n b\r\n\tc\n  d\r\n"), "a b\tc  d"},
        {"empty", SLICE(" \r\n "), ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer b = BUFFER_INIT(100);
        CHECK_ROW(rows[i].name, header_unfold(rows[i].value, &b));
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&b), rows[i].out);
        buffer_clear(&b);
    }
    struct buffer small = BUFFER_INIT(3);
    assert_false(header_unfold(SLICE("abcd"), &small));
    buffer_clear(&small);
}

static void test_decode(void **state)
{
    static const struct {
        const char *name;
        struct slice value;
        const char *out;
    } rows[] = {
        {"plain", SLICE(" Mail probe"), "Mail probe"},
        {"empty", SLICE(""), ""},
        {"folds become one blank", SLICE(" a\r\n\tb\r\n   c"), "a b c"},
        {"q", SLICE("=?utf-8?Q?Gr=C3=BC=C3=9Fe_an_alle?="),
         "Gr\xc3\xbc\xc3\x9f"
         "e an alle"},
        {"b", SLICE("=?UTF-8?B?R3LDvMOfZQ==?="),
         "Gr\xc3\xbc\xc3\x9f"
         "e"},
        {"lower-case hex", SLICE("=?utf-8?q?=c3=bc?="), "\xc3\xbc"},
        {"within text", SLICE("Re: =?utf-8?q?=C3=BC?= done"), "Re: \xc3\xbc done"},
        {"adjacent words are joined", SLICE("=?utf-8?q?a?= =?utf-8?q?b?="), "ab"},
        {"adjacent over a fold", SLICE("=?utf-8?q?a?=\r\n =?utf-8?q?b?= c"), "ab c"},
        {"adjacent, q and b", SLICE("=?utf-8?q?a?=  =?utf-8?b?Yg==?="), "ab"},
        {"adjacent, other charset", SLICE("=?utf-8?q?a?= =?iso-8859-1?q?=FC?="), "a\xc3\xbc"},
        {"without blanks between", SLICE("=?utf-8?q?a?==?utf-8?q?b?="), "ab"},
        {"character split over words, q", SLICE("=?utf-8?q?=C3?= =?utf-8?q?=BC?="), "\xc3\xbc"},
        {"character split over words, b", SLICE("=?utf-8?B?ww==?= =?utf-8?B?vA==?="), "\xc3\xbc"},
        {"split, charset in other case", SLICE("=?utf-8?B?ww==?= =?UTF-8?B?vA==?="), "\xc3\xbc"},
        {"language suffix", SLICE("=?utf-8*en?Q?hello?="), "hello"},
        {"latin-1", SLICE("=?ISO-8859-1?Q?a=FCb?="),
         "a\xc3\xbc"
         "b"},
        {"latin-9", SLICE("=?iso-8859-15?Q?=A4?="), "\xe2\x82\xac"},
        {"windows", SLICE("=?windows-1252?Q?=80?="), "\xe2\x82\xac"},
        {"koi8-r", SLICE("=?KOI8-R?Q?=C1?="), "\xd0\xb0"},
        /* not ISO-2022-JP or EUC: their converters load libraries in a way that valgrind takes amiss */
        {"big5", SLICE("=?Big5?B?pKQ=?="), "\xe4\xb8\xad"},
        {"unknown charset", SLICE("=?x-unknown?Q?=41?= b"), "=?x-unknown?Q?=41?= b"},
        {"unknown beside known", SLICE("=?x-unknown?Q?a?= =?utf-8?Q?b?="), "=?x-unknown?Q?a?= b"},
        {"dangerous charset", SLICE("=?UTF-7?Q?+AGE-?="), "=?UTF-7?Q?+AGE-?="},
        {"charset with an iconv suffix", SLICE("=?utf-8//IGNORE?Q?a?="), "=?utf-8//IGNORE?Q?a?="},
        {"iso-8859 out of range", SLICE("=?iso-8859-99?Q?a?="), "=?iso-8859-99?Q?a?="},
        {"other encoding", SLICE("=?utf-8?X?a?="), "=?utf-8?X?a?="},
        {"no end", SLICE("=?utf-8?Q?abc"), "=?utf-8?Q?abc"},
        {"no end before the next", SLICE("=?utf-8?Q?abc =?utf-8?Q?d?="), "=?utf-8?Q?abc d"},
        {"only the start", SLICE("=?"), "=?"},
        {"no start", SLICE("xxutf-8?Q?a?="), "xxutf-8?Q?a?="},
        {"other mark behind the charset", SLICE("=?utf-8!Q?a?="), "=?utf-8!Q?a?="},
        {"other mark behind the encoding", SLICE("=?utf-8?Q!a?="), "=?utf-8?Q!a?="},
        {"meaningless bytes", SLICE("=?windows-1252?Q?a=81=8Db?="),
         "a\xef\xbf\xbd\xef\xbf\xbd"
         "b"},
        {"character that is cut, big5", SLICE("=?big5?Q?a=A4?="), "a\xef\xbf\xbd"},
        {"no charset", SLICE("=??Q?a?="), "=??Q?a?="},
        {"empty text",
         SLICE("a =?utf-8?Q?"
               "?= b"),
         "a  b"},
        {"blanks in the text", SLICE("=?utf-8?Q?a b c?="), "a b c"},
        {"question mark in the text", SLICE("=?utf-8?Q?a?b?="), "a?b"},
        {"text that ends in =", SLICE("=?utf-8?B?Yg=?="), "b"},
        {"in quotes", SLICE("\"=?utf-8?Q?=C3=BC?=\" <a@b>"), "\"\xc3\xbc\" <a@b>"},
        {"broken hex", SLICE("=?utf-8?Q?a=GGb=4?="), "a=GGb=4"},
        {"broken base64", SLICE("=?utf-8?B?Y!W*Jj?="), "abc"},
        {"no padding", SLICE("=?utf-8?B?YWI?="), "ab"},
        {"invalid utf-8", SLICE("=?utf-8?Q?a=FFb?="),
         "a\xef\xbf\xbd"
         "b"},
        {"character cut at the end", SLICE("=?utf-8?Q?a=E2=82?="), "a\xef\xbf\xbd\xef\xbf\xbd"},
        {"us-ascii with more", SLICE("=?us-ascii?Q?=C3=BC?="), "\xc3\xbc"},
        {"raw bytes stay", SLICE("Gr\xfc\xdf"), "Gr\xfc\xdf"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer b = BUFFER_INIT(200);
        CHECK_ROW(rows[i].name, header_decode(rows[i].value, &b));
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&b), rows[i].out);
        buffer_clear(&b);
    }
}

static void test_decode_keeps_nul(void **state)
{
    struct buffer b = BUFFER_INIT(10);
    (void)state;

    assert_true(header_decode(SLICE("=?utf-8?Q?a=00b?="), &b));
    assert_true(slice_eq(buffer_slice(&b), SLICE("a\0b")));
    buffer_clear(&b);
}

static void test_decode_is_bounded(void **state)
{
    (void)state;

    for (size_t max = 0; max < 6; max++) {
        struct buffer b = BUFFER_INIT(max);
        assert_false(header_decode(SLICE("ab=?utf-8?Q?cd?=ef"), &b));
        assert_true(b.len <= max);
        buffer_clear(&b);
    }
}

static void test_encode(void **state)
{
    struct buffer text = BUFFER_INIT(4000), coded = BUFFER_INIT(8000), back = BUFFER_INIT(4000);
    struct slice rest, word;
    (void)state;

    for (int i = 0; i < 200; i++)
        assert_true(buffer_append_text(&text, i % 3 == 0   ? "\xf0\x9f\x93\xac"
                                              : i % 3 == 1 ? "\xc3\xbc"
                                                           : " x"));
    assert_true(encoded_word_encode(&coded, buffer_slice(&text)));
    rest = buffer_slice(&coded);
    while (slice_next_word(&rest, &word)) {
        struct buffer one = BUFFER_INIT(100);
        assert_true(word.len <= 75);
        assert_true(encoded_word_decode(&one, word));
        assert_true(slice_find(buffer_slice(&one), SLICE("\xef\xbf\xbd")) ==
                    one.len); /* no character is split */
        buffer_clear(&one);
    }
    assert_true(header_decode(buffer_slice(&coded), &back));
    assert_string_equal(buffer_text(&back), buffer_text(&text));
    buffer_reset(&coded);
    assert_false(encoded_word_encode(&coded, SLICE("\xff")));
    buffer_clear(&text);
    buffer_clear(&coded);
    buffer_clear(&back);
}

/* A megabyte of what would be slow if anything was looked through again and again. */
static void test_hostile_input_takes_linear_time(void **state)
{
    static const char *const patterns[] = {
        "=?big5?q?a?= =?koi8-r?q?a?= ",
        "=?utf-8?q?a ",
        "=?x?q?a ",
        "=?utf-8?b?",
        "=?utf-8?q?x?= ",
        "?= =?",
        "A:\n ",
        "A: b\n",
        " \n",
        "=?=?=?",
        "a\n",
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        struct buffer in = BUFFER_INIT(1 << 20), out = BUFFER_INIT(2 << 20);
        while (buffer_append_text(&in, patterns[i]))
            ;
        clock_t start = clock(); /* CPU: the host may be busy */
        CHECK_ROW(patterns[i], header_decode(buffer_slice(&in), &out));
        header_count(buffer_slice(&in), SLICE("A"));
        CHECK_ROW(patterns[i], (clock() - start) / CLOCKS_PER_SEC <
                                   20); /* 0.02 s; under valgrind 1 s; quadratic: minutes */
        buffer_clear(&in);
        buffer_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next),
        cmocka_unit_test(test_raw_fields_join_to_the_header),
        cmocka_unit_test(test_find_and_count),
        cmocka_unit_test(test_unfold),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_decode_keeps_nul),
        cmocka_unit_test(test_decode_is_bounded),
        cmocka_unit_test(test_encode),
        cmocka_unit_test(test_hostile_input_takes_linear_time),
    };
    return cmocka_run_group_tests_name("header", tests, NULL, NULL);
}
