/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/auth/dkim.h"
#include "common/mail/header.h"
#include "tests/unit/txt_table.h"

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

/* The body in pieces of that size. */
static size_t verify(struct slice message, size_t piece, const struct lookup *lookup, time_t now,
                     struct dkim_result results[DKIM_SIGNATURES_MAX])
{
    struct slice body = header_body(message);
    struct dkim *d = dkim_new(message);

    assert_non_null(d);
    for (; body.len > 0; body = slice_skip(body, piece))
        dkim_body(d, slice_head(body, piece));
    size_t n = dkim_finish(d, lookup, now, results);
    dkim_free(&d);
    assert_null(d);
    return n;
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
        size_t n = verify(rows[row].message, piece, txt_table_lookup(&table), 1528637910, results);
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rfc_examples)};
    return cmocka_run_group_tests_name("dkim", tests, NULL, NULL);
}
