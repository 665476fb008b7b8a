/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/base/clock.h"
#include "common/mail/header.h"
#include "tests/unit/dkim_tool.h"

#define RSA_8463                                                                                             \
    "v=DKIM1; k=rsa; "                                                                                       \
    "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16"        \
    "JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/"                                                                  \
    "8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+"                              \
    "l/K4w3QIDAQAB"
#define RSA_6376                                                                                             \
    "v=DKIM1; "                                                                                              \
    "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b"   \
    "4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/"                                              \
    "NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ"                                                  \
    "2QIDAQAB"

#define BODY "\r\nHi.\r\n\r\nWe lost the game. Are you hungry yet?\r\n\r\nJoe.\r\n"
#define FIELDS                                                                                               \
    "From: Joe SixPack <joe@football.example.com>\r\n"                                                       \
    "To: Suzie Q <suzie@shopping.example.net>\r\n"                                                           \
    "Subject: Is dinner ready?\r\n"                                                                          \
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"                                                        \
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"

/* RFC 6376 appendix A.2 */
#define MESSAGE_6376                                                                                         \
    "DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\r\n"                                      \
    "      c=simple/simple; q=dns/txt; i=joe@football.example.com;\r\n"                                      \
    "      h=Received : From : To : Subject : Date : Message-ID;\r\n"                                        \
    "      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"                                             \
    "      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB\r\n"                                       \
    "      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut\r\n"                                         \
    "      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV\r\n"                                         \
    "      4bmp/YzhwvcubU4=;\r\n"                                                                            \
    "Received: from client1.football.example.com  [192.0.2.1]\r\n"                                           \
    "      by submitserver.example.com with SUBMISSION;\r\n"                                                 \
    "      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r\n" FIELDS BODY

/* RFC 8463 appendix A.3 */
#define MESSAGE_8463                                                                                         \
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"                                          \
    " d=football.example.com; i=@football.example.com;\r\n"                                                  \
    " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"                                                \
    " subject : date : message-id : from : subject : date;\r\n"                                              \
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"                                                  \
    " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"                                        \
    " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"                                                                  \
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"                                              \
    " d=football.example.com; i=@football.example.com;\r\n"                                                  \
    " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"                                          \
    " date : message-id : from : subject : date;\r\n"                                                        \
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"                                                  \
    " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"                                        \
    " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"                                        \
    " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n" FIELDS BODY

static void publish(struct txt_table *t)
{
    *t = (struct txt_table){.count = 0};
    txt_table_add(t, "brisbane._domainkey.example.com", SLICE(RSA_6376));
    txt_table_add(t, "test._domainkey.football.example.com", SLICE(RSA_8463));
    txt_table_add(t, "brisbane._domainkey.football.example.com",
                  SLICE("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="));
}

static void test_rfc_examples(void **state)
{
    static const struct {
        const char *name;
        struct slice message;
        size_t signature, count;
        const char *domain, *selector, *identity, *algorithm, *canonicalization;
        unsigned bits;
    } rows[] = {
        {"RFC 6376 appendix A", SLICE(MESSAGE_6376), 0, 1, "example.com", "brisbane",
         "joe@football.example.com", "rsa-sha256", "simple/simple", 1024},
        {"RFC 8463 appendix A, Ed25519", SLICE(MESSAGE_8463), 0, 2, "football.example.com", "brisbane",
         "@football.example.com", "ed25519-sha256", "relaxed/relaxed", 256},
        {"RFC 8463 appendix A, RSA", SLICE(MESSAGE_8463), 1, 2, "football.example.com", "test",
         "@football.example.com", "rsa-sha256", "relaxed/relaxed", 1024},
    };
    static const size_t pieces[] = {1, 2, 3, 1000};
    struct txt_table table;
    (void)state;

    publish(&table);
    for (size_t i = 0; i < COUNT_OF(rows) * COUNT_OF(pieces); i++) {
        struct dkim_result results[DKIM_SIGNATURES_MAX];
        size_t row = i / COUNT_OF(pieces), piece = pieces[i % COUNT_OF(pieces)];
        size_t n = tool_verify(rows[row].message, piece, txt_table_lookup(&table), 1528637910, results);
        const struct dkim_result *r = &results[rows[row].signature];
        CHECK_ROW(rows[row].name, n == rows[row].count);
        CHECK_ROW_TEXT(rows[row].name, verdict_name(r->verdict), "pass");
        CHECK_ROW_TEXT(rows[row].name, r->reason, "");
        CHECK_ROW_TEXT(rows[row].name, r->domain, rows[row].domain);
        CHECK_ROW_TEXT(rows[row].name, r->selector, rows[row].selector);
        CHECK_ROW_TEXT(rows[row].name, r->identity, rows[row].identity);
        CHECK_ROW_TEXT(rows[row].name, r->algorithm, rows[row].algorithm);
        CHECK_ROW_TEXT(rows[row].name, r->canonicalization, rows[row].canonicalization);
        CHECK_ROW(rows[row].name, r->bits == rows[row].bits);
        CHECK_ROW(rows[row].name, !r->body_failed && !r->body_partial && !r->expired && !r->key_missing);
    }
}

/* Every byte that a signature covers, and every byte of the signature, changed: nothing passes but what
 * base64 and the canonical form leave out. */
static void check_each_byte(const char *name, struct slice message, size_t signature,
                            bool (*may_pass)(struct slice, size_t))
{
    struct buffer changed = BUFFER_INIT(message.len);
    struct dkim_result results[DKIM_SIGNATURES_MAX];
    struct txt_table table;
    size_t passed = 0;

    publish(&table);
    assert_true(buffer_append(&changed, message));
    for (size_t i = 0; i < message.len; i++) {
        char was = changed.data[i];
        changed.data[i] = (char)(was ^ 1);
        size_t n = tool_verify(buffer_slice(&changed), 1000, txt_table_lookup(&table), 1528637910, results);
        changed.data[i] = was;
        bool pass = n > signature && results[signature].verdict == VERDICT_PASS;
        passed += pass;
        if (pass && !may_pass(message, i))
            fail_msg("%s: byte %zu, '%c' of \"%.20s\", may be changed", name, i, was,
                     message.data + (i < 10 ? 0 : i - 10));
        if (n > signature && !pass && results[signature].reason[0] == '\0')
            fail_msg("%s: byte %zu: no reason", name, i);
    }
    assert_true(passed < message.len / 2);
    buffer_clear(&changed);
}

static bool is_before(struct slice message, size_t i, const char *text)
{
    return slice_starts(slice_skip(message, i + 1), slice_from(text));
}

/* The last digit before the padding has bits that stand for nothing. */
static bool may_pass_6376(struct slice message, size_t i)
{
    return is_before(message, i, "=;\r\nReceived");
}

/* Here the first signature is not covered by the second. */
static bool may_pass_8463(struct slice message, size_t i)
{
    return i < slice_find(message, SLICE("\r\nDKIM-Signature")) + 1 || is_before(message, i, "=\r\nFrom");
}

static void test_each_byte(void **state)
{
    (void)state;
    check_each_byte("RFC 6376", SLICE(MESSAGE_6376), 0, may_pass_6376);
    check_each_byte("RFC 8463", SLICE(MESSAGE_8463), 1, may_pass_8463);
}

static void test_nothing_to_verify(void **state)
{
    static const struct slice messages[] = {
        SLICE(""),
        SLICE("\r\n"),
        SLICE("From: a\r\n\r\nDKIM-Signature: v=1\r\n"),
        SLICE("X-DKIM-Signature: v=1\r\n"),
        SLICE("DKIM-Signature v=1\r\n"),
    };
    struct txt_table table = {0};
    struct dkim_result results[DKIM_SIGNATURES_MAX];
    (void)state;

    for (size_t i = 0; i < COUNT_OF(messages); i++)
        assert_int_equal(tool_verify(messages[i], 1, txt_table_lookup(&table), 0, results), 0);
    assert_int_equal(table.queries, 0);
}

/* What is said of a signature that cannot even be read. */
static void test_broken_signatures_are_described(void **state)
{
    struct txt_table table = {0};
    struct dkim_result r[DKIM_SIGNATURES_MAX];
    (void)state;

    assert_int_equal(tool_verify(SLICE("DKIM-Signature: v=1; d=Example.org; s=A|b; i=\x1b[1m|@x; x\r\n"
                                       "dkim-signature :\r\n"
                                       "DKIM-Signature: v=1; a=\xe4; s=sel\r\n\r\n"),
                                 1, txt_table_lookup(&table), 0, r),
                     3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(r[i].verdict, VERDICT_PERMERROR);
    assert_string_equal(r[0].domain, "example.org");
    assert_string_equal(r[0].selector, "");
    assert_string_equal(r[0].reason, "a tag's value has characters that may not stand there");
    assert_string_equal(r[1].identity, "@");
    assert_string_equal(r[1].reason, "a tag is not of the form name=value");
    assert_string_equal(r[2].reason, "a tag's value has characters that may not stand there");
    assert_int_equal(table.queries, 0);
}

/* Thousands of signatures that name thousands of fields, in a header of a megabyte with NULs in it. */
static void test_hostile_header(void **state)
{
    struct buffer header = BUFFER_INIT(3 << 20);
    struct txt_table table;
    struct dkim_result results[DKIM_SIGNATURES_MAX];
    size_t signatures = 0;
    struct timespec start;
    (void)state;

    publish(&table);
    for (; signatures < 3000; signatures++) {
        assert_true(buffer_append_text(
            &header, "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=brisbane; bh=AAAA;"
                     " b=AAAA; h=from"));
        for (int i = 0; signatures < 30 && i < 5000; i++)
            assert_true(buffer_append_text(&header, i % 2 == 0 ? ":a" : ":x-b"));
        assert_true(buffer_append_text(&header, "\r\n"));
    }
    for (int i = 0; i < 50000; i++)
        assert_true(buffer_append(&header, i % 3 == 0 ? SLICE("a:\0\r\n") : SLICE("X-B: \xff\0 x\r\n")));
    start = clock_now();
    assert_int_equal(tool_verify(buffer_slice(&header), 1, txt_table_lookup(&table), 0, results), signatures);
    assert_int_equal(table.queries, DKIM_SIGNATURES_MAX);
    assert_int_equal(results[DKIM_SIGNATURES_MAX - 1].verdict, VERDICT_FAIL);
    assert_true(clock_since(start) < 20); /* 0.2 s; under valgrind 8 s */
    buffer_clear(&header);
}

static void test_prefetch(void **state)
{
    struct txt_table table;
    struct dkim *d = dkim_new(SLICE(MESSAGE_8463));
    (void)state;

    publish(&table);
    dkim_prefetch(d, txt_table_lookup(&table));
    assert_int_equal(table.prefetches, 2);
    assert_int_equal(table.queries, 0);
    dkim_free(&d);
    dkim_free(&d);
    d = dkim_new(SLICE(
        "DKIM-Signature: v=1; a=rsa-sha1; d=example.com; s=brisbane; h=from; bh=AAAA; b=AAAA\r\n"
        "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=brisbane; h=from; bh=AAAA; b=AAAA; v=1\r\n"));
    dkim_prefetch(d, txt_table_lookup(&table));
    assert_int_equal(table.prefetches, 2); /* the keys of these are not needed */
    dkim_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc_examples),      cmocka_unit_test(test_each_byte),
        cmocka_unit_test(test_nothing_to_verify), cmocka_unit_test(test_broken_signatures_are_described),
        cmocka_unit_test(test_hostile_header),    cmocka_unit_test(test_prefetch),
    };
    return cmocka_run_group_tests_name("dkim", tests, NULL, NULL);
}
