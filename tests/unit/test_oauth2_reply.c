/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/net/http_url.h"
#include "common/net/oauth2_reply.h"

static void test_tokens(void **state)
{
    static const struct {
        const char *name, *body, *token;
        double lifetime_s;
        const char *renewed; /* NULL: none */
    } rows[] = {
        {"usual", "{\"access_token\":\"abc\",\"token_type\":\"Bearer\",\"expires_in\":3599}", "abc", 3599,
         NULL},
        {"lower case", "{\"access_token\":\"abc\",\"token_type\":\"bearer\",\"expires_in\":1}", "abc", 1,
         NULL},
        {"number as text", "{\"access_token\":\"a.b-c_d~/+=\",\"expires_in\":\"3599\"}", "a.b-c_d~/+=", 3599,
         NULL},
        {"fraction", "{\"access_token\":\"abc\",\"expires_in\":10.5}", "abc", 10.5, NULL},
        {"no lifetime", "{\"access_token\":\"abc\",\"token_type\":\"Bearer\"}", "abc", 0, NULL},
        {"negative", "{\"access_token\":\"abc\",\"expires_in\":-5}", "abc", 0, NULL},
        {"null", "{\"access_token\":\"abc\",\"expires_in\":null}", "abc", 0, NULL},
        {"for ever", "{\"access_token\":\"abc\",\"expires_in\":1e300}", "abc", 3650 * 86400.0, NULL},
        {"rotation", "{\"access_token\":\"abc\",\"refresh_token\":\"r2\",\"expires_in\":60}", "abc", 60,
         "r2"},
        {"error that is none", "{\"access_token\":\"abc\",\"error\":\"\",\"expires_in\":60}", "abc", 60,
         NULL},
        {"more than we know", "\n{\"id_token\":{\"a\":[1]},\"access_token\":\"abc\",\"ext_expires_in\":9}\n",
         "abc", 0, NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct oauth2_reply r = OAUTH2_REPLY_INIT;
        struct err err;
        CHECK_ROW(rows[i].name, oauth2_reply_parse(&r, OAUTH2_CLIENT_CREDENTIALS, 200,
                                                   slice_from(rows[i].body), STAGE_AUTH, &err));
        CHECK_ROW(rows[i].name, slice_eq(secret_slice(&r.token), slice_from(rows[i].token)));
        CHECK_ROW(rows[i].name, r.lifetime_s == rows[i].lifetime_s);
        CHECK_ROW(rows[i].name, r.renewed.set == (rows[i].renewed != NULL));
        CHECK_ROW(rows[i].name, slice_eq(secret_slice(&r.renewed), slice_from(rows[i].renewed)));
        oauth2_reply_clear(&r);
    }
}

#define ERROR(code) "{\"error\":\"" code "\"}"

static void test_refusals(void **state)
{
    static const struct {
        const char *name;
        enum oauth2_grant grant;
        long status;
        const char *body, *text, *advice;
    } rows[] = {
        {"revoked", OAUTH2_REFRESH_TOKEN, 400,
         "{\"error\":\"invalid_grant\",\"error_description\":\"Token has been expired or revoked.\"}",
         "invalid_grant: Token has been expired or revoked.", "sign in again"},
        {"no such user", OAUTH2_SERVICE_ACCOUNT, 400, ERROR("invalid_grant"), "invalid_grant",
         "user of the domain"},
        {"old key", OAUTH2_SERVICE_ACCOUNT, 400,
         "{\"error\":\"invalid_grant\",\"error_description\":\"Invalid JWT Signature.\"}",
         "Invalid JWT Signature.", "make a new key"},
        {"secret", OAUTH2_CLIENT_CREDENTIALS, 401,
         "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000222: expired | <b>\\r\\nTrace\"}",
         "invalid_client: AADSTS7000222: expired / (b) Trace", "its secret is wrong or has expired"},
        {"delegation", OAUTH2_SERVICE_ACCOUNT, 401, ERROR("unauthorized_client"), "unauthorized_client",
         "domain-wide delegation"},
        {"grant", OAUTH2_CLIENT_CREDENTIALS, 400, ERROR("unauthorized_client"), "unauthorized_client",
         "let this client use this grant"},
        {"scope", OAUTH2_CLIENT_CREDENTIALS, 400, ERROR("invalid_scope"), "invalid_scope", "--oauth2-scope"},
        {"person", OAUTH2_REFRESH_TOKEN, 400, ERROR("interaction_required"), "interaction_required",
         "a person"},
        {"a code of its own", OAUTH2_REFRESH_TOKEN, 400, ERROR("quux"), "quux", "the options --oauth2-*"},
        {"with status 200", OAUTH2_REFRESH_TOKEN, 200, ERROR("invalid_grant"), "invalid_grant",
         "sign in again"},
        {"too many", OAUTH2_REFRESH_TOKEN, 429, ERROR("invalid_request"), "invalid_request",
         "too many requests"},
        {"out of order", OAUTH2_REFRESH_TOKEN, 503, ERROR("temporarily_unavailable"),
         "temporarily_unavailable", "out of order"},
        {"500, no JSON", OAUTH2_REFRESH_TOKEN, 500, "oops", "HTTP 500 without JSON", "out of order"},
        {"404", OAUTH2_REFRESH_TOKEN, 404, "{}", "HTTP 404 without an OAuth2 error", "token endpoint's URL"},
        {"blank code", OAUTH2_REFRESH_TOKEN, 400,
         ERROR("                                                                      x"), "x",
         "the options"},
        {"nothing but blanks", OAUTH2_REFRESH_TOKEN, 400, ERROR("  "), "without an OAuth2 error", "URL"},
        {"redirect", OAUTH2_REFRESH_TOKEN, 302, "{\"access_token\":\"abc\"}", "HTTP 302 is a redirect",
         "redirects are not followed"},
        {"no content", OAUTH2_REFRESH_TOKEN, 204, "", "HTTP 204 without JSON", "token endpoint's URL"},
        {"page", OAUTH2_REFRESH_TOKEN, 200, "<html>", "HTTP 200 without JSON", "token endpoint's URL"},
        {"cut", OAUTH2_REFRESH_TOKEN, 200, "{\"access_token\":\"ab", "without JSON", "token endpoint's URL"},
        {"list", OAUTH2_REFRESH_TOKEN, 200, "[{\"access_token\":\"abc\"}]", "without JSON",
         "token endpoint's URL"},
        {"no token", OAUTH2_REFRESH_TOKEN, 200, "{}", "without an access_token", "token endpoint's URL"},
        {"number for a token", OAUTH2_REFRESH_TOKEN, 200, "{\"access_token\":7}", "without an access_token",
         "token endpoint's URL"},
        {"type", OAUTH2_REFRESH_TOKEN, 200, "{\"access_token\":\"abc\",\"token_type\":\"pop\"}",
         "type \"pop\"", "bearer"},
        {"line break", OAUTH2_REFRESH_TOKEN, 200, "{\"access_token\":\"a\\r\\nQUIT\"}", "characters", "URL"},
        {"separator of SASL", OAUTH2_REFRESH_TOKEN, 200, "{\"access_token\":\"a\\u0001b\"}", "characters",
         "URL"},
        {"blank", OAUTH2_REFRESH_TOKEN, 200, "{\"access_token\":\"a b\"}", "characters", "URL"},
        {"not ASCII", OAUTH2_REFRESH_TOKEN, 200, "{\"access_token\":\"\xc3\xbc\"}", "characters", "URL"},
        {"renewed with a line break", OAUTH2_REFRESH_TOKEN, 200,
         "{\"access_token\":\"abc\",\"refresh_token\":\"a\\nb\"}", "characters", "URL"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct oauth2_reply r = OAUTH2_REPLY_INIT;
        struct err err = ERR_NONE;
        CHECK_ROW(rows[i].name, !oauth2_reply_parse(&r, rows[i].grant, rows[i].status,
                                                    slice_from(rows[i].body), STAGE_LOGIN, &err));
        CHECK_ROW(rows[i].name, err.kind == FAULT_AUTH_TOKEN && err.stage == STAGE_LOGIN && !r.token.set);
        if (strstr(err.text, rows[i].text) == NULL || strstr(err_advice(&err), rows[i].advice) == NULL)
            fail_msg("row \"%s\": \"%s\" (%s)", rows[i].name, err.text, err_advice(&err));
        CHECK_ROW(rows[i].name, oauth2_reply_is_invalid_grant(slice_from(rows[i].body)) ==
                                    (strstr(rows[i].body, "\"invalid_grant\"") != NULL));
        oauth2_reply_clear(&r);
    }
}

static void test_a_description_is_cut(void **state)
{
    struct oauth2_reply r = OAUTH2_REPLY_INIT;
    struct buffer body = BUFFER_INIT(10000);
    struct err err = ERR_NONE;
    (void)state;

    buffer_append_text(&body, "{\"error\":\"invalid_client\",\"error_description\":\"");
    for (int i = 0; i < 500; i++)
        buffer_append_text(&body, "blah blah ");
    buffer_append_text(&body, "\"}");
    assert_false(oauth2_reply_parse(&r, OAUTH2_REFRESH_TOKEN, 400, buffer_slice(&body), STAGE_AUTH, &err));
    assert_true(strlen(err.text) < 300);
    buffer_clear(&body);
}

static void test_urls(void **state)
{
    static const struct {
        const char *url, *host;
        unsigned port;
        const char *path;
    } good[] = {
        {"https://oauth2.googleapis.com/token", "oauth2.googleapis.com", 443, "/token"},
        {"HTTPS://login.example:8443", "login.example", 8443, "/"},
        {"https://login.example/a/b?c=d&e", "login.example", 443, "/a/b?c=d&e"},
        {"https://[::1]:8443/t", "::1", 8443, "/t"},
        {"https://192.0.2.1/", "192.0.2.1", 443, "/"},
    };
    static const struct {
        const char *url, *wrong;
    } bad[] = {
        {"http://127.0.0.1/token", "https://"},
        {"login.example/token", "https://"},
        {"ftp://login.example/", "https://"},
        {"", "https://"},
        {"https://", "URL"},
        {"https://u:hunter2@login.example/", "user name"},
        {"https://u@login.example/", "user name"},
        {"https://login.example/#x", "fragment"},
        {"https://login.example:0/", ""},
        {"https://login.example:99999/", ""},
        {"https://login.example/ a", "characters"},
        {"https://login.example/\r\nHost: x", "characters"},
        {"https://login.example:x/", ""},
    };
    struct http_url url;
    const char *wrong;
    (void)state;

    for (size_t i = 0; i < COUNT_OF(good); i++) {
        CHECK_ROW(good[i].url, http_url_parse(&url, good[i].url, false, &wrong));
        CHECK_ROW_TEXT(good[i].url, url.host, good[i].host);
        CHECK_ROW_TEXT(good[i].url, url.path, good[i].path);
        CHECK_ROW(good[i].url, url.port == good[i].port && wrong == NULL);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        CHECK_ROW(bad[i].url, !http_url_parse(&url, bad[i].url, false, &wrong));
        CHECK_ROW(bad[i].url, strstr(wrong, bad[i].wrong) != NULL && strstr(wrong, "hunter2") == NULL);
    }
}

/* Where no secret is sent, http will do. */
static void test_plain_urls(void **state)
{
    struct http_url url;
    const char *wrong;
    (void)state;

    assert_true(http_url_parse(&url, "http://localhost:4318", true, &wrong));
    assert_true(!url.tls && url.port == 4318 && strcmp(url.path, "/") == 0);
    assert_true(http_url_parse(&url, "HTTP://[::1]/a?b", true, &wrong));
    assert_true(!url.tls && url.port == 80 && strcmp(url.host, "::1") == 0 && strcmp(url.path, "/a?b") == 0);
    assert_true(http_url_parse(&url, "https://collector.example", true, &wrong));
    assert_true(url.tls && url.port == 443);
    assert_false(http_url_parse(&url, "http://u:hunter2@localhost", true, &wrong));
    assert_false(http_url_parse(&url, "localhost:4318", true, &wrong));
    assert_false(http_url_parse(&url, "grpc://localhost:4317", true, &wrong));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_a_description_is_cut),
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_plain_urls),
    };
    return cmocka_run_group_tests_name("oauth2_reply", tests, NULL, NULL);
}
