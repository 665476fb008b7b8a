/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/mail/mutf7.h"

static void test_round_trip(void **state)
{
    static const struct {
        const char *name;
        const char *utf8;
        const char *coded;
    } rows[] = {
        {"empty", "", ""},
        {"ascii", "INBOX/Sent Items", "INBOX/Sent Items"},
        {"ampersand", "R&D", "R&-D"},
        {"ampersands", "&&", "&-&-"},
        {"umlaut", "Entw\xc3\xbcrfe", "Entw&APw-rfe"},
        {"RFC 3501 example", "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
         "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
        {"surrogate pair", "\xf0\x9f\x93\xac", "&2D3c7A-"},
        {"last character", "\xf4\x8f\xbf\xbf", "&2,,f,w-"},
        {"pair beside others",
         "a\xc3\xbc\xf0\x9f\x93\xac\xc3\xbc"
         "b",
         "a&APzYPdzsAPw-b"},
        {"ampersand behind", "\xc3\xbc&", "&APw-&-"},
        {"minus behind", "\xc3\xbc-", "&APw--"},
        {"tab", "a\tb", "a&AAk-b"},
        {"delete", "a\x7f", "a&AH8-"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer coded = BUFFER_INIT(200), back = BUFFER_INIT(200);
        CHECK_ROW(rows[i].name, mutf7_encode(&coded, slice_from(rows[i].utf8)));
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&coded), rows[i].coded);
        CHECK_ROW(rows[i].name, mutf7_decode(&back, slice_from(rows[i].coded)));
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&back), rows[i].utf8);
        buffer_clear(&coded);
        buffer_clear(&back);
    }
}

static void test_decode_refuses(void **state)
{
    static const struct {
        const char *name;
        struct slice coded;
    } rows[] = {
        {"no end", SLICE("a&APw")},
        {"ampersand at the end", SLICE("a&")},
        {"printable in base64", SLICE("&AGE-")},
        {"ampersand in base64", SLICE("&ACY-")},
        {"two shifts for one", SLICE("&APw-&APw-")},
        {"bits left over", SLICE("&APx-")},
        {"letter left over", SLICE("&APwA-")},
        {"too short", SLICE("&AP-")},
        {"padding", SLICE("&APw=-")},
        {"slash for comma", SLICE("&U/BTFw-")},
        {"not in the alphabet", SLICE("&A!w-")},
        {"NUL in the letters", SLICE("&A\0w-")},
        {"lone high surrogate", SLICE("&2D0-")},
        {"lone low surrogate", SLICE("&3Kw-")},
        {"low before high", SLICE("&3KzYPQ-")},
        {"high twice", SLICE("&2D3YPdys-")},
        {"coded NUL", SLICE("&AAA-")},
        {"raw UTF-8", SLICE("\xc3\xbc")},
        {"raw control", SLICE("a\tb")},
        {"raw NUL", SLICE("a\0b")},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer b = BUFFER_INIT(200);
        CHECK_ROW(rows[i].name, !mutf7_decode(&b, rows[i].coded));
        CHECK_ROW(rows[i].name, b.len == 0);
        buffer_clear(&b);
    }
}

static void test_encode_refuses(void **state)
{
    static const struct {
        const char *name;
        struct slice utf8;
    } rows[] = {
        {"latin-1", SLICE("\xfc")},
        {"cut character", SLICE("a\xe2\x82")},
        {"surrogate", SLICE("\xed\xa0\xbd")},
        {"overlong", SLICE("\xc0\xaf")},
        {"NUL", SLICE("a\0b")},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer b = BUFFER_INIT(200);
        CHECK_ROW(rows[i].name, !mutf7_encode(&b, rows[i].utf8));
        buffer_clear(&b);
    }
}

static void test_full_buffer(void **state)
{
    (void)state;

    for (size_t max = 0; max < 12; max++) {
        struct buffer coded = BUFFER_INIT(max), plain = BUFFER_INIT(max);
        assert_false(mutf7_encode(&coded, SLICE("Entw\xc3\xbcrfe")));
        if (max < 9)
            assert_false(mutf7_decode(&plain, SLICE("Entw&APw-rfe")));
        buffer_clear(&coded);
        buffer_clear(&plain);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_decode_refuses),
        cmocka_unit_test(test_encode_refuses),
        cmocka_unit_test(test_full_buffer),
    };
    return cmocka_run_group_tests_name("mutf7", tests, NULL, NULL);
}
