/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <openssl/evp.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "common/base/buffer.h"
#include "common/net/certificate.h"

static const time_t year_2020 = 1577836800, year_2021 = 1609459200, year_2030 = 1893456000;

static void add_entry(X509_NAME *name, const char *field, const char *value)
{
    if (value != NULL)
        assert_int_equal(
            X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0),
            1);
}

/* Unsigned: nobody here asks for that. */
static X509 *make(const char *common_name, const char *alternative, const char *issuer_name,
                  const char *issuer_organization, time_t from, time_t until)
{
    X509 *x509 = X509_new();

    assert_non_null(x509);
    add_entry(X509_get_subject_name(x509), "CN", common_name);
    add_entry(X509_get_issuer_name(x509), "CN", issuer_name);
    add_entry(X509_get_issuer_name(x509), "O", issuer_organization);
    ASN1_TIME_set(X509_getm_notBefore(x509), from);
    ASN1_TIME_set(X509_getm_notAfter(x509), until);
    if (alternative != NULL) {
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alternative);
        assert_non_null(extension);
        X509_add_ext(x509, extension, -1);
        X509_EXTENSION_free(extension);
    }
    return x509;
}

static void test_read(void **state)
{
    static const struct {
        const char *name, *common_name, *alternative, *issuer, *organization;
        const char *subject, *names, *read_issuer;
    } rows[] = {
        {"all", "mail.example", "DNS:mail.example,DNS:*.b.example,IP:192.0.2.1,IP:2001:db8::1", "Lab CA",
         "Lab", "mail.example", "mail.example *.b.example 192.0.2.1 2001:db8::1", "Lab CA"},
        {"other kinds of names", "mail.example", "email:a@b.example,DNS:a.example,URI:https://x/", "Lab CA",
         NULL, "mail.example", "a.example", "Lab CA"},
        {"no common name", NULL, "DNS:a.example,DNS:b.example", NULL, "Lab Org", "a.example",
         "a.example b.example", "Lab Org"},
        {"no alternative names", "mail.example", NULL, "Lab CA", NULL, "mail.example", "mail.example",
         "Lab CA"},
        {"nothing", NULL, NULL, NULL, NULL, "", "", ""},
        {"hostile", "a|b\nc\033[31m<d>", "DNS:x|time=1",
         "\xe2\x80\xae"
         "CA",
         NULL, "a/b c(d)", "x/time=1", "?CA"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        X509 *x509 = make(rows[i].common_name, rows[i].alternative, rows[i].issuer, rows[i].organization,
                          year_2020, year_2030);
        struct certificate c;
        certificate_read(&c, x509);
        CHECK_ROW(rows[i].name, c.known && c.not_before == year_2020 && c.not_after == year_2030);
        CHECK_ROW_TEXT(rows[i].name, c.subject, rows[i].subject);
        CHECK_ROW_TEXT(rows[i].name, c.names, rows[i].names);
        CHECK_ROW_TEXT(rows[i].name, c.issuer, rows[i].read_issuer);
        X509_free(x509);
    }
}

static void test_read_many_names(void **state)
{
    struct buffer names = BUFFER_INIT(1 << 20);
    struct certificate c;
    (void)state;

    for (int i = 0; i < 1000; i++)
        buffer_printf(&names, "%sDNS:host%d.example", i > 0 ? "," : "", i);
    X509 *x509 = make("host0.example", buffer_text(&names), "CA", NULL, year_2020, year_2030);
    certificate_read(&c, x509);
    assert_true(slice_starts(slice_from(c.names), SLICE("host0.example host1.example ")));
    assert_true(slice_ends_nocase(slice_from(c.names), SLICE("...")));
    X509_free(x509);
    buffer_clear(&names);
}

static void test_sentences(void **state)
{
    static const struct {
        int error, depth;
        time_t from, until;
        const char *text;
    } rows[] = {
        {X509_V_ERR_CERT_HAS_EXPIRED, 0, year_2020, year_2021,
         "certificate expired on 2021-01-01 (mail.example a.example, issued by Lab CA)"},
        {X509_V_ERR_CERT_NOT_YET_VALID, 0, year_2030, year_2030 + 86400,
         "certificate is not valid before 2030-01-01 (mail.example a.example, issued by Lab CA, expires on "
         "2030-01-02)"},
        {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, 0, year_2020, year_2030,
         "certificate is self-signed (mail.example a.example, issued by Lab CA, expires on 2030-01-01)"},
        {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, 1, year_2020, year_2030,
         "certificate is issued by an unknown CA (mail.example a.example, issued by Lab CA, expires on "
         "2030-01-01)"},
        {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, 0, year_2020, year_2021,
         "certificate is issued by an unknown CA, or the server does not send the CA's intermediate "
         "certificate (mail.example "
         "a.example, issued by Lab CA, expired on 2021-01-01)"},
        {X509_V_OK, 0, year_2020, year_2030,
         "certificate is for mail.example a.example, not for imap.example (issued by Lab CA, expires on "
         "2030-01-01)"},
        {X509_V_ERR_CERT_HAS_EXPIRED, 1, year_2020, year_2030,
         "certificate hangs on the CA certificate \"Old CA\", which has expired (mail.example a.example, "
         "issued by Lab CA, "
         "expires on 2030-01-01)"},
        {X509_V_ERR_CERT_REVOKED, 0, year_2020, year_2030,
         "certificate is refused: certificate revoked (mail.example a.example, issued by Lab CA, expires on 2030-01-01)"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct certificate c = {.known = true,
                                      .not_before = rows[i].from,
                                      .not_after = rows[i].until,
                                      .names = "mail.example a.example",
                                      .issuer = "Lab CA"};
        const struct certificate_problem problem = {
            .error = rows[i].error, .depth = rows[i].depth, .ca = "Old CA"};
        struct err err = ERR_NONE;
        assert_false(certificate_err(&err, &c, &problem, "imap.example", year_2021 + 86400));
        CHECK_ROW_TEXT(rows[i].text, err.text, rows[i].text);
        CHECK_ROW(rows[i].text, err.kind == FAULT_TLS_CERTIFICATE && err.stage == STAGE_TLS);
    }
}

static void test_long_names_leave_room_for_issuer_and_date(void **state)
{
    struct certificate c = {.known = true, .not_after = year_2030};
    const struct certificate_problem problem = {.error = X509_V_OK};
    char name[254];
    struct err err = ERR_NONE;
    (void)state;

    memset(c.names, 'n', sizeof c.names - 1);
    memset(c.issuer, 'i', sizeof c.issuer - 1);
    memset(name, 'h', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_false(certificate_err(&err, &c, &problem, name, year_2021));
    assert_true(slice_ends_nocase(slice_from(err.text), SLICE("i, expires on 2030-01-01)")));
}

static void test_no_certificate(void **state)
{
    const struct certificate c = {.known = false};
    const struct certificate_problem problem = {.error = X509_V_OK};
    struct err err = ERR_NONE;
    (void)state;

    assert_false(certificate_err(&err, &c, &problem, "imap.example", year_2021));
    assert_string_equal(err.text, "the server showed no certificate");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_read_many_names),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_long_names_leave_room_for_issuer_and_date),
        cmocka_unit_test(test_no_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
