/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/auth/spf_macro.h"
#include "common/auth/spf_record.h"

/* --- RFC 7208 section 7.4 --- */

static struct spf_values values(const char *ip)
{
    struct spf_values v = {.sender = SLICE("strong-bad@email.example.com"),
                           .local = SLICE("strong-bad"),
                           .sender_domain = SLICE("email.example.com"),
                           .domain = SLICE("email.example.com"),
                           .validated = SLICE("mx.example.org"),
                           .helo = SLICE("Helo Name/=?"),
                           .receiver = SLICE("rx.example.net"),
                           .now = 1234567890};

    assert_true(spf_ip_parse(&v.ip, ip));
    return v;
}

static void test_expand(void **state)
{
    static const struct {
        const char *text, *wanted;
    } rows[] = {
        {"%{s}", "strong-bad@email.example.com"},
        {"%{o}", "email.example.com"},
        {"%{d}", "email.example.com"},
        {"%{d4}", "email.example.com"},
        {"%{d3}", "email.example.com"},
        {"%{d2}", "example.com"},
        {"%{d1}", "com"},
        {"%{dr}", "com.example.email"},
        {"%{d2r}", "example.email"},
        {"%{l}", "strong-bad"},
        {"%{l-}", "strong.bad"},
        {"%{lr}", "strong-bad"},
        {"%{lr-}", "bad.strong"},
        {"%{l1r-}", "strong"},
        {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
        {"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
        {"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"},
        {"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"},
        {"%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"},
        /* not of the table */
        {"%{p2}", "example.org"},
        {"%{D2R}", "example.email"},
        {"%{d000002}", "example.com"},
        {"%{d99999999999999999999}", "email.example.com"},
        {"%{s-.}", "strong.bad@email.example.com"},
        {"%{l-+,/_=.}", "strong.bad"},
        {"%{h/=}", "Helo Name..?"},
        {"%{hr/=}", "?..Helo Name"},
        {"%{H}", "Helo%20Name%2F%3D%3F"},
        {"%{S}", "strong-bad%40email.example.com"},
        {"%%%_%-", "% %20"},
        {"%{c} %{r} %{t}", "192.0.2.3 rx.example.net 1234567890"},
        {"", ""},
    };
    const struct spf_values v = values("192.0.2.3");
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[256];
        size_t length = spf_macro_explain(slice_from(rows[i].text), &v, out, sizeof out - 1);
        out[length] = '\0';
        CHECK_ROW_TEXT(rows[i].text, out, rows[i].wanted);
    }
}

static void test_expand_ipv6(void **state)
{
    const struct spf_values v = values("2001:db8::cb01");
    char name[SPF_NAME_MAX], text[80];
    (void)state;

    assert_true(spf_macro_name(SLICE("%{ir}.%{v}._spf.%{d2}"), &v, name));
    assert_string_equal(
        name, "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6._spf.example.com");
    size_t length = spf_macro_explain(SLICE("%{c} %{i2}"), &v, text, sizeof text);
    assert_string_equal((text[length] = '\0', text), "2001:db8::cb01 0.1");
}

static void test_name(void **state)
{
    static const struct {
        const char *spec, *local, *wanted; /* NULL: no name */
    } rows[] = {
        {"%{l}.example.com", "a", "a.example.com"},
        {"%{l}.example.com.", "a", "a.example.com"},
        {"%{l}", "one", "one"},
        {"%{l}.example.com", "a b", "a b.example.com"},
        {"%{l}.example.com", "a.", NULL},
        {"%{l}.example.com", ".a", NULL},
        {"%{l}.example.com", "", NULL},
        {"%{l}", "", NULL},
        {"%{l}.example.com", "\303\274", NULL},
        {"%{l}.example.com", "a\tb", NULL},
    };
    struct spf_values v = values("192.0.2.3");
    char name[SPF_NAME_MAX];
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        v.local = slice_from(rows[i].local);
        bool ok = spf_macro_name(slice_from(rows[i].spec), &v, name);
        CHECK_ROW(rows[i].spec, ok == (rows[i].wanted != NULL));
        if (ok)
            CHECK_ROW_TEXT(rows[i].spec, name, rows[i].wanted);
    }
}

/* Labels go from the left until 253 are left. */
static void test_name_limits(void **state)
{
    static char labels[8000], label[65];
    struct spf_values v = values("192.0.2.3");
    char name[SPF_NAME_MAX];
    (void)state;

    memset(label, 'a', 64);
    v.local = slice_of(label, 63);
    assert_true(spf_macro_name(SLICE("%{l}.example.com"), &v, name));
    v.local = slice_of(label, 64);
    assert_false(spf_macro_name(SLICE("%{l}.example.com"), &v, name));
    for (size_t i = 0; i < sizeof labels; i++)
        labels[i] = i % 2 == 0 ? 'x' : '.';
    for (size_t length = 1; length < sizeof labels; length += 2) { /* ends in "x" */
        v.local = slice_of(labels, length);
        assert_true(spf_macro_name(SLICE("%{l}.example.com"), &v, name));
        size_t wanted = length + 12 <= 253 ? length + 12 : 253;
        assert_int_equal(strlen(name), wanted);
        assert_string_equal(name + strlen(name) - 13, "x.example.com");
    }
    memset(labels, 'x', sizeof labels);
    v.local = slice_of(labels, sizeof labels);
    assert_true(spf_macro_name(SLICE("%{l}.example.com"), &v, name));
    assert_string_equal(name, "example.com");
    assert_false(spf_macro_name(SLICE("%{l}"), &v, name));
}

/* --- grammar --- */

static void test_terms_valid(void **state)
{
    static const struct {
        const char *term;
        enum spf_kind kind;
        enum verdict qualifier;
        const char *domain;
        unsigned bits4, bits6;
    } rows[] = {
        {"all", SPF_ALL, VERDICT_PASS, "", 0, 0},
        {"-ALL", SPF_ALL, VERDICT_FAIL, "", 0, 0},
        {"~all", SPF_ALL, VERDICT_SOFTFAIL, "", 0, 0},
        {"?all", SPF_ALL, VERDICT_NEUTRAL, "", 0, 0},
        {"+a", SPF_A, VERDICT_PASS, "", 32, 128},
        {"a/24", SPF_A, VERDICT_PASS, "", 24, 128},
        {"a//64", SPF_A, VERDICT_PASS, "", 32, 64},
        {"mx/0//0", SPF_MX, VERDICT_PASS, "", 0, 0},
        {"A:x.example.com/24//64", SPF_A, VERDICT_PASS, "x.example.com", 24, 64},
        {"mx:a/b.example.com/8", SPF_MX, VERDICT_PASS, "a/b.example.com", 8, 128},
        {"a:%{d1/}/8", SPF_A, VERDICT_PASS, "%{d1/}", 8, 128},
        {"a:x/24.%{d}", SPF_A, VERDICT_PASS, "x/24.%{d}", 32, 128},
        {"include:_spf.example.com", SPF_INCLUDE, VERDICT_PASS, "_spf.example.com", 0, 0},
        {"include:x.xn--p1ai.", SPF_INCLUDE, VERDICT_PASS, "x.xn--p1ai.", 0, 0},
        {"exists:%{ir}.%{l1r+-}.%%.%{d2}", SPF_EXISTS, VERDICT_PASS, "%{ir}.%{l1r+-}.%%.%{d2}", 0, 0},
        {"exists:%{S-}", SPF_EXISTS, VERDICT_PASS, "%{S-}", 0, 0},
        {"exists:a%-", SPF_EXISTS, VERDICT_PASS, "a%-", 0, 0},
        {"exists:.com", SPF_EXISTS, VERDICT_PASS, ".com", 0, 0},
        {"exists:a.1-2", SPF_EXISTS, VERDICT_PASS, "a.1-2", 0, 0},
        {"ptr", SPF_PTR, VERDICT_PASS, "", 0, 0},
        {"-ptr:example.com", SPF_PTR, VERDICT_FAIL, "example.com", 0, 0},
        {"ip4:192.0.2.1", SPF_IP4, VERDICT_PASS, "", 32, 0},
        {"ip4:192.0.2.1/0", SPF_IP4, VERDICT_PASS, "", 0, 0},
        {"ip6:2001:DB8::/32", SPF_IP6, VERDICT_PASS, "", 0, 32},
        {"ip6:::ffff:192.0.2.1", SPF_IP6, VERDICT_PASS, "", 0, 128},
        {"redirect=example.com", SPF_REDIRECT, VERDICT_NONE, "example.com", 0, 0},
        {"REDIRECT=%{d}", SPF_REDIRECT, VERDICT_NONE, "%{d}", 0, 0},
        {"exp=a.%{d}", SPF_EXP, VERDICT_NONE, "a.%{d}", 0, 0},
        {"x=", SPF_UNKNOWN, VERDICT_NONE, "", 0, 0},
        {"a=b", SPF_UNKNOWN, VERDICT_NONE, "", 0, 0},
        {"ra=postmaster", SPF_UNKNOWN, VERDICT_NONE, "", 0, 0},
        {"x-1.y_2=a:b/c=%{d}", SPF_UNKNOWN, VERDICT_NONE, "", 0, 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice rest = slice_from(rows[i].term);
        struct spf_term t;
        assert_true(spf_term_next(&rest, &t));
        if (t.problem != NULL)
            fail_msg("row \"%s\": %s", rows[i].term, t.problem);
        CHECK_ROW(rows[i].term, t.kind == rows[i].kind);
        CHECK_ROW(rows[i].term, t.qualifier == rows[i].qualifier);
        CHECK_ROW(rows[i].term, slice_eq(t.domain, slice_from(rows[i].domain)));
        CHECK_ROW(rows[i].term, t.bits4 == rows[i].bits4 && t.bits6 == rows[i].bits6);
        CHECK_ROW(rows[i].term, slice_eq(t.text, slice_from(rows[i].term)));
        CHECK_ROW(rows[i].term, !spf_term_next(&rest, &t));
    }
}

static void test_terms_invalid(void **state)
{
    static const char *const rows[] = {
        "-",
        "+",
        "--all",
        "-+all",
        "all:",
        "all:example.com",
        "all/8",
        "al",
        "alle",
        "-all,",
        "include",
        "include:",
        "include:com",
        "include:example.com/24",
        "include:example.c_m",
        "include:example.-com",
        "include:example.com-",
        "include:example.123",
        "include:example..",
        "include:.",
        "include:%{d}x",
        "include:%{d}.",
        "include:x.%",
        "include:%{}",
        "include:%{x}",
        "include:%{d",
        "include:%{d0}",
        "include:%{dr2}",
        "include:%{d:}",
        "include:%{c}",
        "include:%{r}.com",
        "include:%{T}",
        "include:%(d)",
        "include:% d",
        "include:a b",
        "include/24",
        "exists",
        "exists:",
        "exists/8",
        "ptr:",
        "ptr/8",
        "ptr:example.com/8",
        "a:",
        "a:/24",
        "a/",
        "a//",
        "a/33",
        "a//129",
        "a/24/64",
        "a/24//",
        "a///64",
        "a/-1",
        "a/024",
        "a//064",
        "a/00",
        "a:example.com/33",
        "a:example.com//129",
        "a:example.com/",
        "a24",
        "a.example.com",
        "mx:com",
        "mx/x",
        "ip4",
        "ip4:",
        "ip4/8",
        "ip4:192.0.2",
        "ip4:192.0.2.256",
        "ip4:192.0.2.01",
        "ip4:192.0.2.1/33",
        "ip4:192.0.2.1/",
        "ip4:192.0.2.1/08",
        "ip4:192.0.2.1//8",
        "ip4:192.0.2.1:25",
        "ip4:::1",
        "ip4: 192.0.2.1",
        "ip4:0x7f.0.0.1",
        "ip6",
        "ip6:",
        "ip6:x",
        "ip6:192.0.2.1",
        "ip6:2001:db8::/129",
        "ip6:2001:db8::/064",
        "ip6:[2001:db8::1]",
        "ip6:fe80::1%eth0",
        "redirect=",
        "redirect=com",
        "redirect:example.com",
        "redirect=a.com/24",
        "exp=",
        "exp=com",
        "exp=%{t}.com",
        "x=%",
        "x=%{y}",
        "x=%{c}",
        "x=\t",
        "x=\303\274",
        "1x=a",
        "_x=a",
        "=a",
        "x y",
        "v=spf1\001",
        "a\t",
        "\ta",
        "a:x.com\r",
        "all\n",
        "\200a",
        "a:\377.com",
        "spf2.0/pra",
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice rest = slice_from(rows[i]);
        struct spf_term t;
        bool broken = false;
        while (spf_term_next(&rest, &t))
            broken = broken || t.problem != NULL;
        CHECK_ROW(rows[i], broken);
    }
}

static void test_record_is(void **state)
{
    static const char *const are[] = {"v=spf1", "V=SPF1 ", "v=spf1 -all", "v=spf1  moo"};
    static const char *const are_not[] = {
        "",        "v",           "v=spf",      "v=spf10", "v=spf1-all",      "v=spf1\t-all",
        " v=spf1", "v=spf2 -all", "spf2.0/pra", "v= spf1", "\"v=spf1 -all\"", "v=spf1\303\274"};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(are); i++)
        CHECK_ROW(are[i], spf_record_is(slice_from(are[i])));
    for (size_t i = 0; i < COUNT_OF(are_not); i++)
        CHECK_ROW(are_not[i], !spf_record_is(slice_from(are_not[i])));
}

static void test_record(void **state)
{
    static const struct {
        const char *record, *redirect, *exp, *broken; /* broken: "" if none */
    } rows[] = {
        {"v=spf1", "", "", ""},
        {"v=spf1   a   exp=e.%{d}  redirect=r.com  ", "r.com", "e.%{d}", ""},
        {"v=spf1 -all moo a", "", "", "moo"},
        {"v=spf1 exp=a.com exp=a.com", "a.com", "", "exp=a.com"},
        {"v=spf1 redirect=a.com Redirect=b.com", "", "", "Redirect=b.com"},
        {"v=spf1 x=1 x=2", "", "", ""},
    };
    struct spf_record record;
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool ok = spf_record_parse(&record, slice_from(rows[i].record));
        CHECK_ROW(rows[i].record, ok == (rows[i].broken[0] == '\0'));
        if (!ok) {
            CHECK_ROW(rows[i].record, slice_eq(record.broken.text, slice_from(rows[i].broken)));
            continue;
        }
        CHECK_ROW(rows[i].record, slice_eq(record.redirect, slice_from(rows[i].redirect)));
        CHECK_ROW(rows[i].record, slice_eq(record.exp, slice_from(rows[i].exp)));
    }
}

/* --- addresses --- */

static void test_ip(void **state)
{
    static const struct {
        const char *ip, *network;
        unsigned bits;
        bool matches;
    } rows[] = {
        {"192.0.2.1", "192.0.2.1", 32, true},
        {"192.0.2.1", "192.0.2.0", 32, false},
        {"192.0.2.1", "192.0.2.0", 31, true},
        {"192.0.2.2", "192.0.2.0", 31, false},
        {"192.0.2.1", "1.2.3.4", 0, true},
        {"192.0.2.1", "193.0.2.1", 7, true},
        {"192.0.2.1", "193.0.2.1", 8, false},
        {"::ffff:192.0.2.1", "192.0.2.1", 32, true},
        {"2001:db8::1", "2001:db8::1", 128, true},
        {"2001:db8::1", "2001:db8::", 128, false},
        {"2001:db8::1", "2001:db8::", 127, true},
        {"2001:db8::2", "2001:db8::", 127, false},
        {"2001:db8:8000::", "2001:db8::", 33, false},
        {"2001:db8:8000::", "2001:db8::", 32, true},
        {"2001:db8::1", "::", 0, true},
    };
    struct spf_ip ip, network;
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(spf_ip_parse(&ip, rows[i].ip) && spf_ip_parse(&network, rows[i].network));
        CHECK_ROW(rows[i].ip, spf_ip_matches(&ip, network.bytes, rows[i].bits) == rows[i].matches);
    }
    assert_false(spf_ip_parse(&ip, ""));
    assert_false(spf_ip_parse(&ip, "192.0.2"));
    assert_false(spf_ip_parse(&ip, "[192.0.2.1]"));
    assert_false(spf_ip_parse(&ip, "2001:db8::g"));
}

static void test_arpa(void **state)
{
    struct spf_ip ip;
    char name[SPF_IP_ARPA_MAX];
    (void)state;

    assert_true(spf_ip_parse(&ip, "192.0.2.3"));
    spf_ip_arpa(&ip, name);
    assert_string_equal(name, "3.2.0.192.in-addr.arpa");
    assert_true(spf_ip_parse(&ip, "2001:db8::567:89ab"));
    spf_ip_arpa(&ip, name);
    assert_string_equal(name, "B.A.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6.arpa");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expand),      cmocka_unit_test(test_expand_ipv6),
        cmocka_unit_test(test_name),        cmocka_unit_test(test_name_limits),
        cmocka_unit_test(test_terms_valid), cmocka_unit_test(test_terms_invalid),
        cmocka_unit_test(test_record_is),   cmocka_unit_test(test_record),
        cmocka_unit_test(test_ip),          cmocka_unit_test(test_arpa),
    };

    return cmocka_run_group_tests_name("spf record", tests, NULL, NULL);
}
