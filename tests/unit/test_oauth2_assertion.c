/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The assertion against RFC 7515, 7519 and 7523, verified by OpenSSL with the public key. */
#include "tests/unit/unit.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "common/base/text.h"
#include "common/net/oauth2_assertion.h"

enum { TEXT_MAX = 16 * 1024 };
static EVP_PKEY *key;

static int make_key(void **state)
{
    (void)state;
    key = EVP_RSA_gen(2048);
    return key != NULL ? 0 : -1;
}

static int free_key(void **state)
{
    (void)state;
    EVP_PKEY_free(key);
    return 0;
}

static void append_pem(struct buffer *out, EVP_PKEY *of)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data = NULL;

    assert_true(PEM_write_bio_PKCS8PrivateKey(bio, of, NULL, NULL, 0, NULL, NULL) == 1);
    long size = BIO_get_mem_data(bio, &data);
    assert_true(buffer_append(out, slice_of(data, (size_t)size)));
    BIO_free(bio);
}

/* As Google writes it; a member that is NULL is left out. */
static void write_json(struct buffer *out, const char *type, const char *email, const char *url,
                       const char *pem)
{
    json_t *object = json_pack("{s:s*, s:s*, s:s*, s:s*, s:s*}", "type", type, "client_email", email,
                               "token_uri", url, "private_key", pem, "private_key_id", "k1");
    char *text = json_dumps(object, JSON_INDENT(2));

    buffer_reset(out);
    assert_true(buffer_append_text(out, text));
    free(text);
    json_decref(object);
}

static void read_account(struct service_account *account)
{
    struct buffer pem = BUFFER_INIT(TEXT_MAX), json = BUFFER_INIT(TEXT_MAX);
    struct err err = ERR_NONE;

    append_pem(&pem, key);
    write_json(&json, "service_account", "p@x.example", "https://login.example/token", buffer_text(&pem));
    if (!service_account_read(account, buffer_slice(&json), "file", &err))
        fail_msg("%s", err.text);
    buffer_clear(&pem);
    buffer_clear(&json);
}

/* RFC 7515 section 2: the URL-safe alphabet without padding. */
static void decode(struct buffer *out, struct slice part)
{
    struct buffer coded = BUFFER_INIT(TEXT_MAX);

    for (size_t i = 0; i < part.len; i++) {
        char c = part.data[i];
        assert_true(ascii_is_alnum(c) || c == '-' || c == '_');
        buffer_append_char(&coded, c == '-' ? '+' : c == '_' ? '/' : c);
    }
    while (coded.len % 4 != 0)
        buffer_append_char(&coded, '=');
    assert_true(text_base64_decode(out, buffer_slice(&coded)));
    buffer_clear(&coded);
}

static json_t *decode_json(struct slice part)
{
    struct buffer text = BUFFER_INIT(TEXT_MAX);

    decode(&text, part);
    json_t *object = json_loads(buffer_text(&text), 0, NULL);
    assert_non_null(object);
    buffer_clear(&text);
    return object;
}

static bool verifies(struct slice signed_part, struct slice signature)
{
    struct buffer bytes = BUFFER_INIT(TEXT_MAX);
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    decode(&bytes, signature);
    assert_int_equal(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key), 1);
    bool ok = EVP_DigestVerify(context, (const unsigned char *)bytes.data, bytes.len,
                               (const unsigned char *)signed_part.data, signed_part.len) == 1;
    EVP_MD_CTX_free(context);
    buffer_clear(&bytes);
    return ok;
}

static void test_a_signed_assertion(void **state)
{
    struct service_account account;
    struct buffer out = BUFFER_INIT(ASSERTION_MAX);
    struct err err = ERR_NONE;
    (void)state;

    read_account(&account);
    assert_true(assertion_sign(&out, &account, "user@x.example", "https://mail.google.com/",
                               "https://login.example/token", 1790000000, &err));
    struct slice all = buffer_slice(&out), head = slice_head(all, slice_find_char(all, '.'));
    struct slice rest = slice_skip(all, head.len + 1), body = slice_head(rest, slice_find_char(rest, '.'));
    struct slice signature = slice_skip(rest, body.len + 1);

    json_t *header = decode_json(head), *claims = decode_json(body);
    json_t *wanted_header = json_pack("{s:s, s:s, s:s}", "alg", "RS256", "typ", "JWT", "kid", "k1");
    json_t *wanted =
        json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "iss", "p@x.example", "sub", "user@x.example", "scope",
                  "https://mail.google.com/", "aud", "https://login.example/token", "iat",
                  (json_int_t)1790000000, "exp", (json_int_t)1790000000 + ASSERTION_LIFETIME_S);
    assert_true(json_equal(header, wanted_header));
    assert_true(json_equal(claims, wanted));
    assert_true(verifies(slice_head(all, head.len + 1 + body.len), signature));
    assert_false(verifies(head, signature));
    json_decref(header);
    json_decref(claims);
    json_decref(wanted_header);
    json_decref(wanted);
    buffer_clear(&out);
    service_account_clear(&account);
}

static void test_files_that_are_none(void **state)
{
    struct buffer pem = BUFFER_INIT(TEXT_MAX), json = BUFFER_INIT(TEXT_MAX),
                  short_pem = BUFFER_INIT(TEXT_MAX), curve_pem = BUFFER_INIT(TEXT_MAX);
    EVP_PKEY *short_key = EVP_RSA_gen(1024), *curve_key = EVP_EC_gen("P-256");
    (void)state;

    append_pem(&pem, key);
    append_pem(&short_pem, short_key);
    append_pem(&curve_pem, curve_key);
    const char *good = buffer_text(&pem), *url = "https://login.example/token";
    const struct {
        const char *name, *type, *email, *url, *pem, *text;
    } rows[] = {
        {"a user's", "authorized_user", "p", url, good, "\"service_account\""},
        {"no type", NULL, "p", url, good, "\"service_account\""},
        {"no name", "service_account", NULL, url, good, "\"client_email\""},
        {"no URL", "service_account", "p", NULL, good, "\"token_uri\""},
        {"no key", "service_account", "p", url, NULL, "\"private_key\""},
        {"plain HTTP", "service_account", "p", "http://login.example/", good, "has to begin with https://"},
        {"not PEM", "service_account", "p", url, "secret stuff", "no RSA key"},
        {"encrypted", "service_account", "p", url,
         "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n", "no RSA key"},
        {"short", "service_account", "p", url, buffer_text(&short_pem), "2048 bits or more"},
        {"elliptic", "service_account", "p", url, buffer_text(&curve_pem), "no RSA key"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct service_account account;
        struct err err = ERR_NONE;
        write_json(&json, rows[i].type, rows[i].email, rows[i].url, rows[i].pem);
        CHECK_ROW(rows[i].name, !service_account_read(&account, buffer_slice(&json), "FILE", &err));
        CHECK_ROW(rows[i].name, err.kind == FAULT_CONFIG && strstr(err.text, "FILE") != NULL);
        CHECK_ROW(rows[i].name,
                  strstr(err.text, rows[i].text) != NULL && strstr(err.text, "secret stuff") == NULL);
        CHECK_ROW(rows[i].name, account.issuer == NULL && !account.key.set);
    }
    struct service_account account;
    struct err err = ERR_NONE;
    assert_false(service_account_read(&account, SLICE("-----BEGIN PRIVATE KEY-----"), "FILE", &err));
    assert_non_null(strstr(err.text, "it is not JSON"));
    EVP_PKEY_free(short_key);
    EVP_PKEY_free(curve_key);
    buffer_clear(&pem);
    buffer_clear(&json);
    buffer_clear(&short_pem);
    buffer_clear(&curve_pem);
}

static void test_what_does_not_fit(void **state)
{
    struct service_account account;
    struct buffer out = BUFFER_INIT(ASSERTION_MAX);
    char scope[ASSERTION_MAX];
    struct err err = ERR_NONE;
    (void)state;

    read_account(&account);
    memset(scope, 's', sizeof scope - 1);
    scope[sizeof scope - 1] = '\0';
    assert_false(assertion_sign(&out, &account, "u", scope, "a", 1, &err));
    assert_true(err.kind == FAULT_CONFIG);
    buffer_reset(&out);
    assert_false(assertion_sign(&out, &account, "\xff", "s", "a", 1, &err));
    buffer_clear(&out);
    service_account_clear(&account);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_signed_assertion),
        cmocka_unit_test(test_files_that_are_none),
        cmocka_unit_test(test_what_does_not_fit),
    };
    return cmocka_run_group_tests_name("oauth2_assertion", tests, make_key, free_key);
}
