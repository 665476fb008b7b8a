/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <math.h>

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/err.h"
#include "common/base/text.h"

static void test_text_clean(void **state)
{
    static const struct {
        const char *name;
        struct slice in;
        const char *out;
    } rows[] = {
        {"plain", SLICE("250 ok"), "250 ok"},
        {"empty", SLICE(""), ""},
        {"bar", SLICE("a | time=999s"), "a / time=999s"},
        {"markup", SLICE("<script>alert(1)</script>"), "(script)alert(1)(/script)"},
        {"lines fold", SLICE(" a\r\n\tb  c\n"), "a b c"},
        {"nul", SLICE("a\0b"), "a?b"},
        {"csi", SLICE("a\033[31;1mred\033[0m"), "ared"},
        {"osc with bel", SLICE("a\033]0;title\ab"), "ab"},
        {"osc with st", SLICE("a\033]0;title\033\\b"), "ab"},
        {"osc without end", SLICE("a\033]0;title"), "a"},
        {"esc at the end", SLICE("a\033"), "a"},
        {"utf-8 stays", SLICE("Gr\xc3\xbc\xc3\x9f"), "Gr\xc3\xbc\xc3\x9f"},
        {"latin-1", SLICE("Gr\xfc\xdf"), "Gr??"},
        {"overlong", SLICE("\xc0\xaf"), "??"},
        {"surrogate", SLICE("\xed\xa0\x80"), "???"},
        {"c1 control",
         SLICE("a\xc2\x9b"
               "31m"),
         "a?31m"},
        {"right-to-left override",
         SLICE("a\xe2\x80\xae"
               "b"),
         "a?b"},
        {"cut character", SLICE("a\xe2\x82"), "a??"},
        {"delete", SLICE("a\x7f"), "a?"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[64];
        text_clean(out, sizeof out, rows[i].in);
        CHECK_ROW_TEXT(rows[i].name, out, rows[i].out);
    }
}

static void test_text_clean_cuts_between_characters(void **state)
{
    char in[] = "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac";
    (void)state;

    for (size_t size = 1; size < 20; size++) {
        char out[20];
        text_clean(out, size, slice_from(in));
        assert_true(strlen(out) < size);
        assert_true(text_is_utf8(slice_from(out)));
        if (size < sizeof in && size >= 4)
            assert_string_equal(out + strlen(out) - 3, "...");
    }
}

static void test_duration(void **state)
{
    static const struct {
        const char *text;
        double seconds; /* < 0: refused */
    } rows[] = {
        {"10", 10},    {"1.5", 1.5},
        {"90s", 90},   {"5m", 300},
        {"2h", 7200},  {"1d", 86400},
        {"0", 0},      {"0.25s", 0.25},
        {"", -1},      {"s", -1},
        {"-1", -1},    {"+1", -1},
        {"1,5", -1},   {"1e3", -1},
        {"0x10", -1},  {"inf", -1},
        {"1 s", -1},   {"10ms", -1},
        {".5", -1},    {"5.", -1},
        {"5.s", -1},   {"99999999999999999999", -1},
        {"4000d", -1}, {"1.2.3", -1},
        {"nan", -1},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        double seconds = -1;
        bool ok = duration_parse(rows[i].text, &seconds);
        CHECK_ROW(rows[i].text, ok == (rows[i].seconds >= 0));
        CHECK_ROW(rows[i].text, !ok || fabs(seconds - rows[i].seconds) < 1e-9);
    }
}

static void test_number(void **state)
{
    unsigned long long n = 0;
    (void)state;

    assert_true(slice_number(SLICE("65535"), 65535, &n) && n == 65535);
    assert_false(slice_number(SLICE("65536"), 65535, &n));
    assert_false(slice_number(SLICE("4294967321"), 65535, &n));
    assert_false(slice_number(SLICE("18446744073709551616"), ~0ULL, &n));
    assert_true(slice_number(SLICE("18446744073709551615"), ~0ULL, &n));
    assert_false(slice_number(SLICE(""), 10, &n));
    assert_false(slice_number(SLICE("7"), 5, &n));
    assert_false(slice_number(SLICE("-1"), 10, &n));
}

static void test_buffer_maximum(void **state)
{
    struct buffer b = BUFFER_INIT(10);
    (void)state;

    assert_true(buffer_append_text(&b, "12345"));
    assert_false(buffer_append_text(&b, "678901"));
    assert_int_equal(b.len, 5);
    assert_true(buffer_printf(&b, "%d", 67890));
    assert_false(buffer_append_char(&b, 'x'));
    assert_string_equal(buffer_text(&b), "1234567890");
    buffer_consume(&b, 4);
    assert_string_equal(buffer_text(&b), "567890");
    buffer_clear(&b);
    assert_string_equal(buffer_text(&b), "");
}

static void test_base64(void **state)
{
    static const char *const plain[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar"};
    static const char *const coded[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    static const char *const broken[] = {"Zg=", "Zg", "Z===", "Zm9v Zm9v", "Zm9v\n", "====", "Zg==Zg=="};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        struct buffer b = BUFFER_INIT(100), back = BUFFER_INIT(100);
        assert_true(text_base64_encode(&b, slice_from(plain[i])));
        assert_string_equal(buffer_text(&b), coded[i]);
        assert_true(text_base64_decode(&back, buffer_slice(&b)));
        assert_string_equal(buffer_text(&back), plain[i]);
        buffer_clear(&b);
        buffer_clear(&back);
    }
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        struct buffer b = BUFFER_INIT(100);
        CHECK_ROW(broken[i], !text_base64_decode(&b, slice_from(broken[i])));
        buffer_clear(&b);
    }
    struct buffer big = BUFFER_INIT(10000), back = BUFFER_INIT(10000), in = BUFFER_INIT(5000);
    for (int i = 0; i < 5000; i++)
        buffer_append_char(&in, (char)(i * 7));
    assert_true(text_base64_encode(&big, buffer_slice(&in)));
    assert_true(text_base64_decode(&back, buffer_slice(&big)));
    assert_true(slice_eq(buffer_slice(&in), buffer_slice(&back)));
    buffer_clear(&big);
    buffer_clear(&back);
    buffer_clear(&in);
}

static void test_err_set_cleans(void **state)
{
    struct err err;
    (void)state;

    assert_false(err_set(&err, FAULT_AUTH_CREDENTIALS, STAGE_AUTH, "AUTH refused: %s", "535 |\n<b>"));
    assert_string_equal(err.text, "AUTH refused: 535 / (b)");
    assert_string_equal(fault_class(err.kind), "auth_credentials");
    assert_string_equal(stage_name(err.stage), "auth");
}

static void test_err_add(void **state)
{
    struct err err;
    (void)state;

    err_set(&err, FAULT_TIMEOUT, STAGE_ACCEPT, "silent");
    err.code = 421;
    err_add(&err, "; %s", "may arrive |\n<b>");
    assert_string_equal(err.text, "silent; may arrive / (b)");
    assert_true(err.kind == FAULT_TIMEOUT && err.stage == STAGE_ACCEPT && err.code == 421);
    for (int i = 0; i < 200; i++)
        err_add(&err, "0123456789");
    assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_clean),     cmocka_unit_test(test_text_clean_cuts_between_characters),
        cmocka_unit_test(test_duration),       cmocka_unit_test(test_number),
        cmocka_unit_test(test_buffer_maximum), cmocka_unit_test(test_base64),
        cmocka_unit_test(test_err_set_cleans), cmocka_unit_test(test_err_add),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
