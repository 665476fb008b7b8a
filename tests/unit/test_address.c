/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/mail/address.h"

/* Each as "display|local|domain;", then the count of broken ones where there are any. */
static void show(char *out, size_t size, struct slice value)
{
    struct buffer b = BUFFER_INIT(size - 1);
    struct address a;
    size_t broken = 0;

    while (address_next(&value, &a, &broken))
        assert_true(buffer_printf(&b, "%.*s|%s|%s;", SLICE_ARG(a.display), a.local, a.domain));
    if (broken > 0)
        assert_true(buffer_printf(&b, "%zu broken", broken));
    slice_copy(out, size, buffer_slice(&b));
    buffer_clear(&b);
}

static void test_next(void **state)
{
    static const struct {
        const char *name;
        struct slice value;
        const char *shown;
    } rows[] = {
        {"bare", SLICE(" a@example.org"), "|a|example.org;"},
        {"angle", SLICE("<a@example.org>"), "|a|example.org;"},
        {"name", SLICE("Ann Other <a@example.org>"), "Ann Other|a|example.org;"},
        {"quoted name", SLICE("\"Other, Ann <x>\" <a@example.org>"), "\"Other, Ann <x>\"|a|example.org;"},
        {"name without quotes around the comma", SLICE("Other, Ann <a@example.org>"),
         "Ann|a|example.org;1 broken"},
        {"two", SLICE("a@b, c <d@e>"), "|a|b;c|d|e;"},
        {"folded", SLICE("a@b,\r\n\tc <d@e>\r\n"), "|a|b;c|d|e;"},
        {"domain in upper case", SLICE("A@EXAMPLE.org"), "|A|example.org;"},
        {"quoted local", SLICE("\"a@b \\\"c\\\\\"@d"), "|a@b \"c\\|d;"},
        {"quoted local, folded", SLICE("\"a\r\n b\"@d"), "|a b|d;"},
        {"partly quoted local", SLICE("a.\"b c\".d@e"), "|a.b c.d|e;"},
        {"angle in a quoted local", SLICE("x <\"a>b\"@c>"), "x|a>b|c;"},
        {"comment behind", SLICE("a@b (Ann Other)"), "|a|b;"},
        {"comments everywhere", SLICE("(1) a (2 (nested \\) )) @ (3) b (4) . (5) c (6)"), "|a|b.c;"},
        {"comment with a comma", SLICE("a@b (x, y), c@d"), "|a|b;|c|d;"},
        {"blanks around dots", SLICE("a . b @ c . d"), "|a.b|c.d;"},
        {"route", SLICE("<@a,@b.c:d@e>"), "|d|e;"},
        {"group", SLICE("The list: a@b, C <d@e>;"), "|a|b;C|d|e;"},
        {"group between others", SLICE("x@y, list: a@b;, z@z"), "|x|y;|a|b;|z|z;"},
        {"empty group", SLICE("undisclosed-recipients:;"), ""},
        {"group without an end", SLICE("list: a@b"), "|a|b;"},
        {"quoted group name", SLICE("\"a: b\": c@d;"), "|c|d;"},
        {"empty elements", SLICE(",, a@b ,, ,c@d,"), "|a|b;|c|d;"},
        {"domain literal", SLICE("a@[192.0.2.1]"), "|a|[192.0.2.1];"},
        {"ipv6 literal", SLICE("a@[IPv6:2001:DB8::1]"), "|a|[ipv6:2001:db8::1];"},
        {"utf-8", SLICE("J\xc3\xbcrgen <j\xc3\xbc@b\xc3\xbc.example>"),
         "J\xc3\xbcrgen|j\xc3\xbc|b\xc3\xbc.example;"},
        {"address as a name", SLICE("a@b <c@d>"), "a@b|c|d;"},
        {"via", SLICE("a@b via list <c@d>"), "a@b via list|c|d;"},
        {"brackets in a name", SLICE("[External] Ann <a@b>"), "[External] Ann|a|b;"},
        {"dots of a provider's own", SLICE("a..b.@example.jp"), "|a..b.|example.jp;"},
        {"root's dot", SLICE("a@example.org."), "|a|example.org;"},
        {"colon in a name", SLICE("Re: Ann <a@b>"), "Ann|a|b;"},
        {"empty", SLICE(""), ""},
        {"blanks", SLICE(" \r\n "), ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[300];
        show(out, sizeof out, rows[i].value);
        CHECK_ROW_TEXT(rows[i].name, out, rows[i].shown);
    }
}

static void test_broken(void **state)
{
    static const struct {
        const char *name;
        struct slice value;
        const char *shown;
    } rows[] = {
        {"a word", SLICE("MAILER-DAEMON"), "1 broken"},
        {"nothing in the brackets", SLICE("<>"), "1 broken"},
        {"no local part", SLICE("@b"), "1 broken"},
        {"no domain", SLICE("a@"), "1 broken"},
        {"two ats", SLICE("a@b@c"), "1 broken"},
        {"words before", SLICE("Ann a@b"), "1 broken"},
        {"words behind", SLICE("a@b c"), "1 broken"},
        {"words behind the brackets", SLICE("<a@b> c"), "1 broken"},
        {"two brackets", SLICE("A <a@b> <c@d>"), "1 broken"},
        {"brackets in brackets", SLICE("<<a@b>>"), "1 broken"},
        {"no dot between", SLICE("a@b c.d"), "1 broken"},
        {"empty label", SLICE("a@b..c"), "1 broken"},
        {"dot first", SLICE("a@.b"), "1 broken"},
        {"dots at the end", SLICE("a@b.."), "1 broken"},
        {"only a dot", SLICE("a@."), "1 broken"},
        {"open quote swallows the rest", SLICE("\"a@b, c@d"), "1 broken"},
        {"open comment swallows the rest", SLICE("a (b@c, d@e"), "1 broken"},
        {"open literal", SLICE("a@[1.2.3.4"), "1 broken"},
        {"text behind a literal", SLICE("a@[1.2.3.4]b"), "1 broken"},
        {"quote and bracket in a literal", SLICE("<\"a\"@[:0Z \" g \"<O]"), "1 broken"},
        {"NUL", SLICE("a\0b@c"), "1 broken"},
        {"control", SLICE("\"a\033b\"@c"), "1 broken"},
        {"latin-1", SLICE("\xfc@c"), "1 broken"},
        {"the next is read", SLICE("nobody, a@b"), "|a|b;1 broken"},
        {"both counted", SLICE("nobody, none, a@b"), "|a|b;2 broken"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[300];
        show(out, sizeof out, rows[i].value);
        CHECK_ROW_TEXT(rows[i].name, out, rows[i].shown);
    }
}

static void test_lengths(void **state)
{
    struct address a;
    struct buffer text = BUFFER_INIT(10000);
    (void)state;

    for (size_t n = 250; n < 260; n++) {
        buffer_reset(&text);
        for (size_t i = 0; i < n; i++)
            assert_true(buffer_append_char(&text, 'x'));
        assert_true(buffer_append_text(&text, "@y"));
        struct slice rest = buffer_slice(&text);
        assert_true(address_next(&rest, &a, NULL) == (n <= 255));
    }
    buffer_clear(&text);
}

static void test_is_addr_spec(void **state)
{
    static const struct {
        struct slice text;
        bool good;
    } rows[] = {
        {SLICE("a@example.org"), true},
        {SLICE("root@localhost"), true},
        {SLICE("a.b+c=d@sub_domain.example"), true},
        {SLICE("\"a b\"@example.org"), true},
        {SLICE("\"a@b\\\"\"@example.org"), true},
        {SLICE("\"a<b>\"@example.org"), true},
        {SLICE("a@[192.0.2.1]"), true},
        {SLICE("j\xc3\xbc@b\xc3\xbc.example"), true},
        {SLICE(""), false},
        {SLICE("a"), false},
        {SLICE("@"), false},
        {SLICE("@b"), false},
        {SLICE("a@"), false},
        {SLICE("a@b@c"), false},
        {SLICE("a b@c"), false},
        {SLICE(" a@b"), false},
        {SLICE("a@b "), false},
        {SLICE("<a@b>"), false},
        {SLICE("a@b>"), false},
        {SLICE("a@b> SIZE=1"), false},
        {SLICE("a@b\r\nRCPT TO:<c@d>"), false},
        {SLICE("a@b\n"), false},
        {SLICE("a@b\0c"), false},
        {SLICE("a\0@b"), false},
        {SLICE("\"a\r\n\"@b"), false},
        {SLICE("\"a\"b\"@c"), false},
        {SLICE("\"a\\\"@c"), false},
        {SLICE("\"@c"), false},
        {SLICE(".a@b"), false},
        {SLICE("a.@b"), false},
        {SLICE("a..b@c"), false},
        {SLICE("a@b..c"), false},
        {SLICE("a@b."), false},
        {SLICE("a@.b"), false},
        {SLICE("a@-b"), false},
        {SLICE("a@b-.c"), false},
        {SLICE("a@b,c"), false},
        {SLICE("a@[1.2.3.4"), false},
        {SLICE("a@[1 2]"), false},
        {SLICE("a@[]"), false},
        {SLICE("a(x)@b"), false},
        {SLICE("\xfc@b"), false},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK_ROW(rows[i].text.data, address_is_addr_spec(rows[i].text) == rows[i].good);
    char text[300];
    for (size_t n = 240; n < 260; n++) {
        memset(text, 'x', n);
        memcpy(text + 1, "@", 1);
        for (size_t i = 40; i < n; i += 40)
            text[i] = '.';
        if (text[n - 1] != '.')
            assert_true(address_is_addr_spec(slice_of(text, n)) == (n <= 254));
    }
    memset(text, 'x', 70);
    memcpy(text, "a@", 2);
    assert_true(address_is_addr_spec(slice_of(text, 2 + 63)));
    assert_false(address_is_addr_spec(slice_of(text, 2 + 64)));
}

static void test_domain(void **state)
{
    (void)state;

    assert_true(slice_eq(address_domain(SLICE("a@b")), SLICE("b")));
    assert_true(slice_eq(address_domain(SLICE("\"a@x\"@b")), SLICE("b")));
    assert_int_equal(address_domain(SLICE("a")).len, 0);
    assert_int_equal(address_domain(SLICE("a@")).len, 0);
    assert_int_equal(address_domain(SLICE("")).len, 0);
}

static void test_format(void **state)
{
    static const struct {
        const char *name;
        const char *local, *domain;
        const char *out; /* NULL: refused */
    } rows[] = {
        {"plain", "a.b", "example.org", "a.b@example.org"},
        {"blank", "a b", "example.org", "\"a b\"@example.org"},
        {"quote and backslash", "a\"\\", "b", "\"a\\\"\\\\\"@b"},
        {"dots", "a..b", "c", "\"a..b\"@c"},
        {"literal", "a", "[192.0.2.1]", "a@[192.0.2.1]"},
        {"ascii at a U-label", "a",
         "b\xc3\xbc"
         "cher.example",
         "a@xn--bcher-kva.example"},
        {"utf-8 at a U-label", "\xc3\xbc",
         "b\xc3\xbc"
         "cher.example",
         "\xc3\xbc@b\xc3\xbc"
         "cher.example"},
        {"no name", "a", "\xe2\x80\xae.example", NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer b = BUFFER_INIT(300);
        struct address a = {.display = SLICE_EMPTY};
        strcpy(a.local, rows[i].local);
        strcpy(a.domain, rows[i].domain);
        CHECK_ROW(rows[i].name, address_format(&a, &b) == (rows[i].out != NULL));
        if (rows[i].out != NULL)
            CHECK_ROW_TEXT(rows[i].name, buffer_text(&b), rows[i].out);
        buffer_clear(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next),         cmocka_unit_test(test_broken), cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_is_addr_spec), cmocka_unit_test(test_domain), cmocka_unit_test(test_format),
    };
    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
