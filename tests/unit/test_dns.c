/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "common/base/buffer.h"
#include "common/dns/mx.h"
#include "common/dns/name.h"
#include "common/dns/query.h"

#define LABEL_63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"
#define NAME_253                                                                                             \
    LABEL_63 "." LABEL_63 "." LABEL_63 ".aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffg"

static void test_to_ascii(void **state)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"mail.example.org", "mail.example.org"},
        {"MAIL.Example.ORG.", "mail.example.org"},
        {"localhost", "localhost"},
        {"_dmarc.example.org", "_dmarc.example.org"},
        {"my_host.example", "my_host.example"},
        {"b\xc3\xbc"
         "cher.example",
         "xn--bcher-kva.example"},
        {"B\xc3\x9c"
         "CHER.example",
         "xn--bcher-kva.example"},
        {"stra\xc3\x9f"
         "e.example",
         "xn--strae-oqa.example"}, /* non-transitional: not strasse */
        {"\xe4\xbe\x8b\xe5\xad\x90.example", "xn--fsqu00a.example"},
        {"xn--bcher-kva.example", "xn--bcher-kva.example"},
        {"_dmarc.b\xc3\xbc"
         "cher.example",
         "_dmarc.xn--bcher-kva.example"},
        {"\xc3\xbc\xef\xbc\x8e"
         "example",
         "xn--tda.example"}, /* a full-width dot is a dot */
        {NAME_253, NAME_253},
        {NAME_253 ".", NAME_253},
    };
    static const char *const refused[] = {
        "",
        ".",
        "a..b",
        ".a",
        "a b",
        "a\nb",
        "a\r\nRCPT",
        "a/b",
        "a@b",
        "a:25",
        "[::1]",
        "::1",
        "-a.example",
        "a-.example",
        "a|b",
        "%eth0",
        LABEL_63 "a.example",
        NAME_253 "a",
        "a..",
        "b\xc3\xbc cher.example",
        "\xff\xfe.example",
        "b\303\274cher..example",
        "a\xe3\x80\x80\xc3\xbc.example",
        "a\xef\xbc\x8f\xc3\xbc.example",
        "\xef\xbc\x8e.\xc3\xbc.example",
        "\xc3\xbc\r\nx.example",
        "\xc3\xbc@x.example",
    };
    char out[DOMAIN_MAX];
    struct err err;
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK_ROW(rows[i].in, resolver_to_ascii(rows[i].in, out, &err));
        CHECK_ROW_TEXT(rows[i].in, out, rows[i].out);
    }
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        CHECK_ROW(refused[i], !resolver_to_ascii(refused[i], out, &err));
        CHECK_ROW(refused[i], err.kind == FAULT_USAGE);
    }
    assert_false(resolver_to_ascii(NULL, out, &err));
}

static void test_to_ascii_of_a_book(void **state)
{
    static char book[1 << 20];
    char out[DOMAIN_MAX];
    struct err err;
    (void)state;

    for (size_t i = 0; i + 2 < sizeof book; i += 2)
        memcpy(book + i, "\xc3\xbc", 2);
    assert_false(resolver_to_ascii(book, out, &err));
}

static void test_is_literal(void **state)
{
    static const struct {
        const char *in, *bare;
    } rows[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"[192.0.2.1]", "192.0.2.1"},
        {"::1", "::1"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
    };
    static const char *const refused[] = {
        "",
        "[]",
        "[",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.1.",
        " 192.0.2.1",
        "192.0.2.1 ",
        "[::1",
        "::1]",
        "[[::1]]",
        "fe80::1%eth0",
        "1",
        "0x7f.0.0.1",
        "mail.example",
        "[IPv6:::1]",
        "2001:db8::1::2",
        "1111111111111111111111111111111111111111111111111111111111",
    };
    char bare[ADDRESS_TEXT_MAX];
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK_ROW(rows[i].in, resolver_is_literal(rows[i].in, bare));
        CHECK_ROW_TEXT(rows[i].in, bare, rows[i].bare);
        CHECK_ROW(rows[i].in, resolver_is_literal(rows[i].in, NULL));
    }
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        CHECK_ROW(refused[i], !resolver_is_literal(refused[i], bare));
    assert_false(resolver_is_literal(NULL, NULL));
}

static void test_servers(void **state)
{
    static const struct {
        const char *in, *named;
    } rows[] = {
        {"192.0.2.1", "the DNS server 192.0.2.1"},
        {"192.0.2.1:5353", "the DNS server 192.0.2.1 port 5353"},
        {"192.0.2.1:53", "the DNS server 192.0.2.1"},
        {"2001:db8::1", "the DNS server 2001:db8::1"},
        {"[2001:db8::1]", "the DNS server 2001:db8::1"},
        {"[2001:db8::1]:65535", "the DNS server 2001:db8::1 port 65535"},
    };
    static const char *const refused[] = {
        "",
        "dns.example",
        "192.0.2.1:",
        "192.0.2.1:0",
        "192.0.2.1:65536",
        "192.0.2.1:+53",
        "192.0.2.1:5 3",
        "192.0.2.1,192.0.2.2",
        "[2001:db8::1",
        "[2001:db8::1]53",
        "[2001:db8::1]x:53",
        "2001:db8::1]:53",
        ":53",
        "[]:53",
    };
    struct err err;
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct resolver *r = resolver_new(rows[i].in, NULL, &err);
        CHECK_ROW(rows[i].in, r != NULL);
        CHECK_ROW_TEXT(rows[i].in, r->servers, rows[i].named);
        resolver_free(&r);
        assert_null(r);
        resolver_free(&r);
    }
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        CHECK_ROW(refused[i], resolver_new(refused[i], NULL, &err) == NULL);
        CHECK_ROW(refused[i], err.kind == FAULT_CONFIG);
    }
}

/* None of these may reach the server: it is one that would never answer. */
static void test_addresses_without_a_question(void **state)
{
    static const struct {
        const char *name;
        enum family family;
        const char *found; /* NULL: FAULT_USAGE */
    } rows[] = {
        {"192.0.2.1", FAMILY_ANY, "192.0.2.1"},
        {"[192.0.2.1]", FAMILY_IPV4, "192.0.2.1"},
        {"[2001:db8::1]", FAMILY_ANY, "2001:db8::1"},
        {"2001:db8::1", FAMILY_IPV6, "2001:db8::1"},
        {"localhost", FAMILY_ANY, "::1 127.0.0.1"},
        {"LOCALHOST.", FAMILY_IPV4, "127.0.0.1"},
        {"localhost", FAMILY_IPV6, "::1"},
        {"192.0.2.1", FAMILY_IPV6, NULL},
        {"::1", FAMILY_IPV4, NULL},
        {"a..b", FAMILY_ANY, NULL},
        {"", FAMILY_ANY, NULL},
    };
    struct err err;
    struct resolver *r = resolver_new("192.0.2.1", NULL, &err);
    (void)state;

    assert_non_null(r);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct addresses found;
        char text[256] = "";
        bool ok = resolver_addresses(r, rows[i].name, rows[i].family, deadline_in(0), &found, &err);
        CHECK_ROW(rows[i].name, ok == (rows[i].found != NULL));
        CHECK_ROW(rows[i].name, ok || err.kind == FAULT_USAGE);
        for (size_t n = 0; ok && n < found.count; n++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", n > 0 ? " " : "",
                     found.text[n]);
        if (ok)
            CHECK_ROW_TEXT(rows[i].name, text, rows[i].found);
    }
    resolver_free(&r);
}

static void test_sentences(void **state)
{
    static const struct {
        enum answer_status status;
        enum fault kind;
        const char *text;
    } rows[] = {
        {ANSWER_NXDOMAIN, FAULT_DNS, "x.example does not exist (NXDOMAIN)"},
        {ANSWER_NODATA, FAULT_DNS, "x.example has no IPv6 address"},
        {ANSWER_SERVFAIL, FAULT_DNS, "the DNS server 192.0.2.1 failed to look up x.example (SERVFAIL)"},
        {ANSWER_REFUSED, FAULT_DNS, "the DNS server 192.0.2.1 refused to look up x.example (REFUSED)"},
        {ANSWER_BROKEN, FAULT_DNS, "the DNS server 192.0.2.1 gave a broken answer for x.example"},
        {ANSWER_SILENCE, FAULT_DNS, "no answer from the DNS server 192.0.2.1 for x.example within 2.0 s"},
        {ANSWER_UNREACHABLE, FAULT_DNS, "the DNS server 192.0.2.1 cannot be reached to look up x.example"},
        {ANSWER_INTERRUPTED, FAULT_INTERRUPTED, "stopped by a signal while looking up x.example"},
        {ANSWER_INTERNAL, FAULT_INTERNAL, "the lookup of x.example could not be started"},
    };
    static const struct resolver r = {.servers = "the DNS server 192.0.2.1", .server_count = 1};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = ERR_NONE;
        assert_false(answer_err(&r, rows[i].status, "x.example", "IPv6 address", 2, &err));
        CHECK_ROW_TEXT(rows[i].text, err.text, rows[i].text);
        CHECK_ROW(rows[i].text, err.kind == rows[i].kind && err.stage == STAGE_DNS);
    }
}

/* --- answers --- */

static void put_name(struct buffer *out, const char *name)
{
    struct slice rest = slice_from(name);

    while (rest.len > 0) {
        struct slice label = slice_head(rest, slice_find_char(rest, '.'));
        buffer_append_char(out, (char)label.len);
        buffer_append(out, label);
        rest = slice_skip(rest, label.len + 1);
    }
    buffer_append_char(out, '\0');
}

static void put_mx(struct buffer *out, unsigned preference, const char *host)
{
    struct buffer name = BUFFER_INIT(512);

    put_name(&name, host);
    buffer_append(out, SLICE("\xc0\x0c\0\x0f\0\1\0\0\0\x3c")); /* the question's name, MX, IN, a minute */
    buffer_append_char(out, (char)((name.len + 2) >> 8));
    buffer_append_char(out, (char)(name.len + 2));
    buffer_append_char(out, (char)(preference >> 8));
    buffer_append_char(out, (char)preference);
    buffer_append(out, buffer_slice(&name));
    buffer_clear(&name);
    out->data[7]++; /* one more answer */
}

static struct buffer begin_answer(void)
{
    struct buffer out = BUFFER_INIT(65535);

    buffer_append(&out, SLICE("\x12\x34\x81\x80\0\1\0\0\0\0\0\0"));
    put_name(&out, "dest.example");
    buffer_append(&out, SLICE("\0\x0f\0\1"));
    return out;
}

static bool parse(const struct buffer *b, struct mx_list *out)
{
    return mx_parse((const unsigned char *)b->data, (int)b->len, out);
}

static void test_mx(void **state)
{
    static const struct {
        const char *name;
        struct {
            unsigned preference;
            const char *host;
        } records[4];
        bool ok;
        const char *found;
    } rows[] = {
        {"one", {{10, "mx.dest.example"}}, true, "10=mx.dest.example"},
        {"by preference",
         {{20, "b.example"}, {5, "a.example"}, {65535, "c.example"}},
         true,
         "5=a.example 20=b.example 65535=c.example"},
        {"lower case", {{1, "MX.Dest.EXAMPLE"}}, true, "1=mx.dest.example"},
        {"null", {{0, ""}}, true, "0="},
        {"null beside another means nothing", {{0, ""}, {10, "mx.example"}}, true, "10=mx.example"},
        {"control character", {{1, "a\nb.example"}, {2, "mx.example"}}, true, "2=mx.example"},
        {"bar", {{1, "a|b.example"}, {2, "mx.example"}}, true, "2=mx.example"},
        {"nothing usable", {{1, "a b.example"}}, false, ""},
        {"nothing usable beside null", {{1, "a b.example"}, {0, ""}}, false, ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer b = begin_answer();
        struct mx_list list;
        char text[256] = "";
        for (size_t n = 0; n < 4 && rows[i].records[n].host != NULL; n++)
            put_mx(&b, rows[i].records[n].preference, rows[i].records[n].host);
        CHECK_ROW(rows[i].name, parse(&b, &list) == rows[i].ok);
        for (size_t n = 0; n < list.count; n++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%u=%s", n > 0 ? " " : "",
                     list.mx[n].preference, list.mx[n].host);
        CHECK_ROW_TEXT(rows[i].name, text, rows[i].found);
        buffer_clear(&b);
    }
}

static void test_mx_many_keeps_the_best(void **state)
{
    struct buffer b = begin_answer();
    struct mx_list list;
    char host[32];
    (void)state;

    for (unsigned i = 100; i > 0; i--) {
        snprintf(host, sizeof host, "mx%u.example", i);
        put_mx(&b, i, host);
    }
    assert_true(parse(&b, &list));
    assert_int_equal(list.count, MX_MAX);
    for (unsigned i = 0; i < MX_MAX; i++)
        assert_int_equal(list.mx[i].preference, i + 1);
    buffer_clear(&b);
}

static void test_mx_equal_ones_are_shuffled(void **state)
{
    struct buffer b = begin_answer();
    size_t first_a = 0;
    enum { ROUNDS = 200 };
    (void)state;

    put_mx(&b, 10, "a.example");
    put_mx(&b, 10, "b.example");
    for (size_t i = 0; i < ROUNDS; i++) {
        struct mx_list list;
        assert_true(parse(&b, &list));
        first_a += list.mx[0].host[0] == 'a';
    }
    assert_in_range(first_a, ROUNDS / 10, ROUNDS * 9 / 10); /* 2^-70 or so of failing by chance */
    buffer_clear(&b);
}

static void test_mx_cut_anywhere(void **state)
{
    struct buffer b = begin_answer();
    (void)state;

    put_mx(&b, 10, "mx1.example");
    put_mx(&b, 20, "mx2.example");
    for (size_t len = 0; len < b.len; len++) {
        unsigned char *copy = malloc(len + 1); /* so that valgrind sees what is read beyond */
        struct mx_list list;
        assert_non_null(copy);
        memcpy(copy, b.data, len);
        assert_false(mx_parse(copy, (int)len, &list));
        assert_int_equal(list.count, 0);
        free(copy);
    }
    buffer_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_to_ascii),
        cmocka_unit_test(test_to_ascii_of_a_book),
        cmocka_unit_test(test_is_literal),
        cmocka_unit_test(test_servers),
        cmocka_unit_test(test_addresses_without_a_question),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_mx),
        cmocka_unit_test(test_mx_many_keeps_the_best),
        cmocka_unit_test(test_mx_equal_ones_are_shuffled),
        cmocka_unit_test(test_mx_cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
