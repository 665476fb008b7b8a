/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/base/buffer.h"
#include "common/mail/marker.h"

/* key 0x123456789a, sent 1790000000, random bits as they fell */
#define KNOWN "mproof28t5cy4t01nb2ew00000000000000000ja"

static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";

static struct marker fresh(uint64_t key, time_t now)
{
    struct marker m;
    struct err err;

    assert_true(marker_new(&m, key, now, &err));
    return m;
}

static void test_round_trip(void **state)
{
    static const struct {
        const char *name;
        uint64_t key;
        time_t now;
    } rows[] = {
        {"all zero", 0, 0},
        {"usual", 0x123456789a, 1790000000},
        {"largest", (UINT64_C(1) << MARKER_KEY_BITS) - 1, (time_t)((UINT64_C(1) << 40) - 1)},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct marker made = fresh(rows[i].key, rows[i].now), parsed;
        CHECK_ROW(rows[i].name, strlen(made.text) == MARKER_LENGTH);
        CHECK_ROW(rows[i].name, marker_parse(&parsed, slice_from(made.text)));
        CHECK_ROW_TEXT(rows[i].name, parsed.text, made.text);
        CHECK_ROW(rows[i].name, parsed.key == rows[i].key && made.key == rows[i].key);
        CHECK_ROW(rows[i].name, parsed.sent == rows[i].now);
    }
}

static void test_new_refuses_impossible_times(void **state)
{
    struct marker m;
    struct err err;
    (void)state;

    assert_false(marker_new(&m, 1, -1, &err));
    assert_int_equal(err.kind, FAULT_INTERNAL);
    assert_false(marker_new(&m, 1, (time_t)(UINT64_C(1) << 40), &err));
}

static void test_each_is_new(void **state)
{
    (void)state;

    for (int i = 0; i < 100; i++) {
        struct marker a = fresh(7, 1790000000), b = fresh(7, 1790000000);
        assert_string_not_equal(a.text, b.text);
        assert_memory_equal(a.text, b.text, 6 + 8 + 8);
        assert_true(marker_random(&a) != marker_random(&b));
    }
}

static void test_key_keeps_to_its_width(void **state)
{
    (void)state;

    /* SHA-256("abc") begins ba7816bf 8f */
    assert_true(marker_key(SLICE("abc")) == UINT64_C(0xba7816bf8f));
    /* SHA-256("") begins e3b0c442 98 */
    assert_true(marker_key(SLICE("")) == UINT64_C(0xe3b0c44298));
    assert_true(fresh(~UINT64_C(0), 1).key == (UINT64_C(1) << MARKER_KEY_BITS) - 1);
}

/* The format is a promise: a marker that an older version sent is still ours. */
static void test_known_marker(void **state)
{
    struct marker m;
    (void)state;

    assert_true(marker_parse(&m, SLICE(KNOWN)));
    assert_true(m.key == UINT64_C(0x123456789a));
    assert_true(m.sent == 1790000000);
    assert_true(marker_random(&m) == 0);
}

static void test_parse_refuses(void **state)
{
    char text[MARKER_LENGTH + 2];
    struct marker m;
    (void)state;

    static const struct {
        const char *name;
        struct slice text;
    } rows[] = {
        {"empty", SLICE("")},
        {"prefix alone", SLICE("mproof")},
        {"cut by one", {KNOWN, MARKER_LENGTH - 1}},
        {"one more", SLICE(KNOWN "0")},
        {"other prefix", SLICE("mproog28t5cy4t01nb2ew00000000000000000ja")},
        {"letter i", SLICE("mproof28t5cy4t01nb2ew0000000i000000000ja")},
        {"letter u", SLICE("mproof28t5cy4t01nb2ew0000000u000000000ja")},
        {"a blank", SLICE("mproof28t5cy4t01nb2ew0000000 000000000ja")},
        {"a NUL", SLICE("mproof28t5cy4t01nb2ew0000000\0"
                        "000000000ja")},
        {"a byte above ASCII", SLICE("mproof28t5cy4t01nb2ew0000000\xe9"
                                     "000000000ja")},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK_ROW(rows[i].name, !marker_parse(&m, rows[i].text));

    /* any one letter changed */
    for (size_t i = 6; i < MARKER_LENGTH; i++)
        for (size_t k = 0; letters[k] != '\0'; k++) {
            strcpy(text, KNOWN);
            text[i] = letters[k];
            assert_true(marker_parse(&m, slice_from(text)) == (letters[k] == KNOWN[i]));
        }
    /* any two neighbours swapped */
    for (int n = 0; n < 50; n++) {
        struct marker good = fresh(0x5a5a5a5a5a, 1790000000);
        for (size_t i = 6; i + 3 < MARKER_LENGTH; i++) {
            struct marker bad = good;
            bad.text[i] = good.text[i + 1];
            bad.text[i + 1] = good.text[i];
            assert_true(marker_parse(&m, slice_from(bad.text)) == (bad.text[i] == good.text[i]));
        }
    }
}

static void test_find(void **state)
{
    static const struct {
        const char *name;
        struct slice text;
        bool found;
    } rows[] = {
        {"alone", SLICE(KNOWN), true},
        {"at the start", SLICE(KNOWN " is here"), true},
        {"at the end", SLICE("mail probe " KNOWN), true},
        {"upper case", SLICE("RE: MPROOF28T5CY4T01NB2EW00000000000000000JA."), true},
        {"brackets", SLICE("[" KNOWN "]"), true},
        {"underscores", SLICE("_" KNOWN "_"), true},
        {"behind a byte above ASCII", SLICE("\xe3\x80\x91" KNOWN), true},
        {"between NULs", SLICE("\0" KNOWN "\0"), true},
        {"second of two prefixes", SLICE("mproof mproof" KNOWN " " KNOWN), true},
        {"behind a broken one", SLICE("mproof28t5cy4t01nb2ew00000000000000000jb " KNOWN), true},
        {"empty", SLICE(""), false},
        {"longer word behind", SLICE(KNOWN "x"), false},
        {"longer word before", SLICE("x" KNOWN), false},
        {"digit before", SLICE("1" KNOWN), false},
        {"folded apart", SLICE("mproof28t5cy4t01nb2e w00000000000000000ja"), false},
        {"cut", {KNOWN, MARKER_LENGTH - 1}, false},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct marker m = {.text = "untouched"};
        CHECK_ROW(rows[i].name, marker_find(&m, rows[i].text) == rows[i].found);
        CHECK_ROW_TEXT(rows[i].name, m.text, rows[i].found ? KNOWN : "untouched");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_new_refuses_impossible_times),
        cmocka_unit_test(test_each_is_new),  cmocka_unit_test(test_key_keeps_to_its_width),
        cmocka_unit_test(test_known_marker), cmocka_unit_test(test_parse_refuses),
        cmocka_unit_test(test_find),
    };
    return cmocka_run_group_tests_name("marker", tests, NULL, NULL);
}
