/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/base/text.h"
#include "common/net/sasl.h"

enum { STEPS_MAX = 4 };

static struct login login_of(const char *user, const char *password, const char *token)
{
    struct login login = {.username = user, .password = SECRET_NONE, .token = SECRET_NONE};

    if (password != NULL)
        assert_true(secret_set(&login.password, slice_from(password)));
    if (token != NULL)
        assert_true(secret_set(&login.token, slice_from(token)));
    return login;
}

static void login_clear(struct login *login)
{
    secret_clear(&login->password);
    secret_clear(&login->token);
}

#define SCRAM1_FIRST  "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"
#define SCRAM1_SERVER "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"
#define SCRAM1_PROOF  "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="
#define SCRAM2_SERVER                                                                                        \
    "r=fyko+d2lbbFgONRv9qkxdawL%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
#define SCRAM2_PROOF                                                                                         \
    "c=biws,r=fyko+d2lbbFgONRv9qkxdawL%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"                                       \
    "p=2FUSN0pPcS7P8hBhsxBJOiUDbRoW4KVNGZT0LxVnSek="

struct step {
    struct slice challenge; /* before base64; data NULL: the end */
    struct slice response;
};

struct exchange {
    const char *name;
    enum sasl_mechanism mechanism;
    const char *user, *password, *token;
    struct step steps[STEPS_MAX];
};

/* Where the table's challenges are not broken on purpose. */
static bool do_step(struct sasl *s, struct slice challenge, struct slice *response, struct buffer *plain,
                    struct err *err)
{
    struct buffer coded = BUFFER_INIT(4096), answer = BUFFER_SECRET(SASL_RESPONSE_MAX);

    assert_true(text_base64_encode(&coded, challenge));
    bool ok = sasl_step(s, buffer_slice(&coded), &answer, err);
    buffer_reset(plain);
    assert_true(text_base64_decode(plain, buffer_slice(&answer)));
    *response = buffer_slice(plain);
    buffer_clear(&coded);
    buffer_clear(&answer);
    return ok;
}

static void test_exchanges(void **state)
{
    static const struct exchange rows[] = {
        {"plain, RFC 4616 section 4",
         SASL_PLAIN,
         "tim",
         "tanstaaftanstaaf",
         NULL,
         {{SLICE(""), SLICE("\0tim\0tanstaaftanstaaf")}}},
        {"plain, UTF-8",
         SASL_PLAIN,
         "j\xc3\xbcrgen",
         "p\xc3\xa4ss wort",
         NULL,
         {{SLICE(""), SLICE("\0j\xc3\xbcrgen\0p\xc3\xa4ss wort")}}},
        {"login",
         SASL_LOGIN,
         "tim",
         "secret",
         NULL,
         {{SLICE("Username:"), SLICE("tim")}, {SLICE("Password:"), SLICE("secret")}}},
        {"cram-md5, RFC 2195 section 2",
         SASL_CRAM_MD5,
         "tim",
         "tanstaaftanstaaf",
         NULL,
         {{SLICE("<1896.697170952@postoffice.reston.mci.net>"),
           SLICE("tim b913a602c7eda7a495b4e6e7334d3890")}}},
        {"scram-sha-1, RFC 5802 section 5",
         SASL_SCRAM_SHA_1,
         "user",
         "pencil",
         NULL,
         {{SLICE(""), SLICE(SCRAM1_FIRST)},
          {SLICE(SCRAM1_SERVER), SLICE(SCRAM1_PROOF)},
          {SLICE("v=rmF9pqV8S7suAoZWja4dJRkFsKQ="), SLICE("")}}},
        {"scram-sha-256, RFC 7677 section 3 with the other nonce",
         SASL_SCRAM_SHA_256,
         "user",
         "pencil",
         NULL,
         {{SLICE(""), SLICE(SCRAM1_FIRST)},
          {SLICE(SCRAM2_SERVER), SLICE(SCRAM2_PROOF)},
          {SLICE("v=zJZjsVp2g+W9jd01vgbsshippfH1sM0tLdBvs+e3DF4="), SLICE("")}}},
        {"external", SASL_EXTERNAL, NULL, NULL, NULL, {{SLICE(""), SLICE("")}}},
        {"external for somebody",
         SASL_EXTERNAL,
         "fred@example.com",
         NULL,
         NULL,
         {{SLICE(""), SLICE("fred@example.com")}}},
        {"xoauth2",
         SASL_XOAUTH2,
         "someuser@example.com",
         NULL,
         "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg",
         {{SLICE(""),
           SLICE("user=someuser@example.com\1auth=Bearer ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"
                 "\1\1")}}},
        {"oauthbearer, RFC 7628 section 4.1",
         SASL_OAUTHBEARER,
         "user@example.com",
         NULL,
         "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
         {{SLICE(""), SLICE("n,a=user@example.com,\1host=server.example.com\1port=143\1"
                            "auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1")}}},
        {"oauthbearer, a name to escape",
         SASL_OAUTHBEARER,
         "a,b=c",
         NULL,
         "t",
         {{SLICE(""), SLICE("n,a=a=2Cb=3Dc,\1host=server.example.com\1port=143\1auth=Bearer t\1\1")}}},
        {"oauthbearer without a name",
         SASL_OAUTHBEARER,
         NULL,
         NULL,
         "t",
         {{SLICE(""), SLICE("n,,\1host=server.example.com\1port=143\1auth=Bearer t\1\1")}}},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *name = rows[i].name;
        struct login login = login_of(rows[i].user, rows[i].password, rows[i].token);
        struct err err = ERR_NONE;
        struct buffer plain = BUFFER_INIT(4096);
        struct slice response;
        struct sasl *s = sasl_new(rows[i].mechanism, &login, PROTOCOL_IMAP, "server.example.com", 143, &err);
        CHECK_ROW(name, s != NULL);
        for (size_t n = 0; n < STEPS_MAX && rows[i].steps[n].challenge.data != NULL; n++) {
            CHECK_ROW(name, n == 0 || rows[i].mechanism == SASL_LOGIN || !sasl_verify(s, &err));
            CHECK_ROW(name, do_step(s, rows[i].steps[n].challenge, &response, &plain, &err));
            CHECK_ROW(name, slice_eq(response, rows[i].steps[n].response));
        }
        CHECK_ROW(name, sasl_verify(s, &err));
        buffer_clear(&plain);
        sasl_free(&s);
        assert_null(s);
        login_clear(&login);
    }
}

/* All steps but the last go well; at the last the client refuses to go on. */
static void test_hostile_servers(void **state)
{
    static const struct {
        struct exchange exchange;
        enum fault fault;
        const char *text;
    } rows[] = {
        {{"wrong server signature",
          SASL_SCRAM_SHA_1,
          "user",
          "pencil",
          NULL,
          {{SLICE(""), SLICE("")},
           {SLICE(SCRAM1_SERVER), SLICE("")},
           {SLICE("v=AAAAAAAAAAAAAAAAAAAAAAAAAAA="), SLICE("")}}},
         FAULT_PROTOCOL,
         "SCRAM-SHA-1: the server could not prove that it knows the password itself"},
        {{"foreign nonce",
          SASL_SCRAM_SHA_1,
          "user",
          "pencil",
          NULL,
          {{SLICE(""), SLICE("")}, {SLICE("r=other,s=QSXCR+Q6sek8bf92,i=4096"), SLICE("")}}},
         FAULT_PROTOCOL,
         NULL},
        {{"hours of work",
          SASL_SCRAM_SHA_256,
          "user",
          "pencil",
          NULL,
          {{SLICE(""), SLICE("")},
           {SLICE("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=2000000000"), SLICE("")}}},
         FAULT_PROTOCOL,
         "SCRAM-SHA-256: the server asks for 2000000000 iterations, over 1000000"},
        {{"server's own error",
          SASL_SCRAM_SHA_1,
          "user",
          "pencil",
          NULL,
          {{SLICE(""), SLICE("")}, {SLICE(SCRAM1_SERVER), SLICE("")}, {SLICE("e=invalid-proof"), SLICE("")}}},
         FAULT_AUTH_CREDENTIALS,
         "AUTH SCRAM-SHA-1 refused: invalid-proof"},
        {{"server's own error, ours to get around",
          SASL_SCRAM_SHA_1,
          "user",
          "pencil",
          NULL,
          {{SLICE(""), SLICE("")}, {SLICE("e=other-error"), SLICE("")}}},
         FAULT_AUTH_UNAVAILABLE,
         "AUTH SCRAM-SHA-1 refused: other-error"},
        {{"empty challenge",
          SASL_SCRAM_SHA_1,
          "user",
          "pencil",
          NULL,
          {{SLICE(""), SLICE("")}, {SLICE(""), SLICE("")}}},
         FAULT_PROTOCOL,
         NULL},
        {{"plain goes on",
          SASL_PLAIN,
          "user",
          "pencil",
          NULL,
          {{SLICE(""), SLICE("")}, {SLICE("more"), SLICE("")}}},
         FAULT_PROTOCOL,
         "the server goes on asking after the end of PLAIN"},
        {{"login goes on",
          SASL_LOGIN,
          "user",
          "pencil",
          NULL,
          {{SLICE("User:"), SLICE("")}, {SLICE("Pass:"), SLICE("")}, {SLICE("More:"), SLICE("")}}},
         FAULT_PROTOCOL,
         "the server goes on asking after the end of LOGIN"},
        {{"token goes on",
          SASL_XOAUTH2,
          "user",
          NULL,
          "t",
          {{SLICE(""), SLICE("")}, {SLICE("{}"), SLICE("")}, {SLICE("{}"), SLICE("")}}},
         FAULT_PROTOCOL,
         "the server goes on asking after it refused the token"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct exchange *x = &rows[i].exchange;
        struct login login = login_of(x->user, x->password, x->token);
        struct err err = ERR_NONE;
        struct buffer plain = BUFFER_INIT(4096);
        struct slice response;
        struct sasl *s = sasl_new(x->mechanism, &login, PROTOCOL_SMTP, "host", 25, &err);
        size_t n = 0;
        CHECK_ROW(x->name, s != NULL);
        for (; x->steps[n + 1].challenge.data != NULL; n++)
            CHECK_ROW(x->name, do_step(s, x->steps[n].challenge, &response, &plain, &err));
        CHECK_ROW(x->name, !do_step(s, x->steps[n].challenge, &response, &plain, &err));
        CHECK_ROW(x->name, err.kind == rows[i].fault && err.stage == STAGE_AUTH && response.len == 0);
        if (rows[i].text != NULL)
            CHECK_ROW_TEXT(x->name, err.text, rows[i].text);
        buffer_clear(&plain);
        sasl_free(&s);
        login_clear(&login);
    }
}

static void test_broken_base64(void **state)
{
    static const char *const challenges[] = {"PDE4OTY", "####", "PDE4 OTYu", "=", "P\xff=="};
    struct login login = login_of("tim", "tanstaaf", NULL);
    (void)state;

    for (size_t i = 0; i < COUNT_OF(challenges); i++) {
        struct buffer response = BUFFER_SECRET(SASL_RESPONSE_MAX);
        struct err err = ERR_NONE;
        struct sasl *s = sasl_new(SASL_CRAM_MD5, &login, PROTOCOL_POP3, "host", 110, &err);
        assert_non_null(s);
        assert_false(sasl_client_first(s));
        CHECK_ROW(challenges[i], !sasl_step(s, slice_from(challenges[i]), &response, &err));
        CHECK_ROW(challenges[i], err.kind == FAULT_PROTOCOL && err.stage == STAGE_LOGIN);
        sasl_free(&s);
        buffer_clear(&response);
    }
    login_clear(&login);
}

/* Prompts mean nothing: not every server encodes them. */
static void test_prompts_are_not_read(void **state)
{
    struct login login = login_of("tim", "secret", NULL);
    struct buffer response = BUFFER_SECRET(SASL_RESPONSE_MAX);
    struct err err = ERR_NONE;
    struct sasl *s = sasl_new(SASL_LOGIN, &login, PROTOCOL_SMTP, "host", 25, &err);
    (void)state;

    assert_true(sasl_step(s, SLICE("Username:"), &response, &err));
    assert_string_equal(buffer_text(&response), "dGlt");
    assert_true(sasl_step(s, SLICE("Password:"), &response, &err));
    assert_string_equal(buffer_text(&response), "c2VjcmV0");
    sasl_free(&s);
    s = sasl_new(SASL_PLAIN, &login, PROTOCOL_SMTP, "host", 25, &err);
    assert_true(sasl_step(s, SLICE("go ahead"), &response, &err));
    assert_string_equal(buffer_text(&response), "AHRpbQBzZWNyZXQ=");
    sasl_free(&s);
    buffer_clear(&response);
    login_clear(&login);
}

static void test_token_refusal_is_read_to_its_end(void **state)
{
    static const struct {
        const char *name;
        enum sasl_mechanism mechanism;
        const char *challenge;
        const char *answer; /* base64 */
        const char *text;
    } rows[] = {
        {"gmail", SASL_XOAUTH2,
         "{\"status\":\"400\",\"schemes\":\"Bearer\",\"scope\":\"https://mail.google.com/\"}", "",
         "535 no (status 400, scope https://mail.google.com/)"},
        {"RFC 7628 section 4.3", SASL_OAUTHBEARER,
         "{\"status\":\"invalid_token\",\"scope\":\"example_scope\"}",
         "AQ==", "535 no (status invalid_token, scope example_scope)"},
        {"only a scope", SASL_OAUTHBEARER, "{\"scope\":\"s\"}", "AQ==", "535 no (scope s)"},
        {"no json", SASL_XOAUTH2, "go away", "", "535 no"},
        {"empty", SASL_XOAUTH2, "", "", "535 no"},
        {"other types", SASL_OAUTHBEARER, "{\"status\":[],\"scope\":7}", "AQ==", "535 no"},
        {"not even an object", SASL_OAUTHBEARER, "[[[[", "AQ==", "535 no"},
        {"perfdata and markup", SASL_XOAUTH2, "{\"status\":\"4|x=1\\n<b>\"}", "",
         "535 no (status 4/x=1 (b))"},
        {"the token itself", SASL_XOAUTH2, "{\"status\":\"bad ya29.A-token-like-any\",\"scope\":\"s\"}", "",
         "535 no (status bad *** scope s)"},
    };
    struct login login = login_of("user", NULL, "ya29.A-token-like-any");
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *name = rows[i].name;
        struct buffer coded = BUFFER_INIT(4096), response = BUFFER_SECRET(SASL_RESPONSE_MAX);
        struct err err = ERR_NONE;
        struct sasl *s = sasl_new(rows[i].mechanism, &login, PROTOCOL_SMTP, "host", 25, &err);
        assert_true(text_base64_encode(&coded, slice_from(rows[i].challenge)));
        CHECK_ROW(name, sasl_step(s, SLICE_EMPTY, &response, &err) && response.len > 0);
        CHECK_ROW(name, sasl_step(s, buffer_slice(&coded), &response, &err));
        CHECK_ROW_TEXT(name, buffer_text(&response), rows[i].answer);
        CHECK_ROW(name, !sasl_verify(s, &err));
        err_set(&err, FAULT_AUTH_CREDENTIALS, STAGE_AUTH, "535 no");
        err.code = 535;
        sasl_refused(s, &err);
        CHECK_ROW(name, err.kind == FAULT_AUTH_TOKEN && err.code == 535 && !sasl_next(&err));
        CHECK_ROW_TEXT(name, err.text, rows[i].text);
        sasl_free(&s);
        buffer_clear(&coded);
        buffer_clear(&response);
    }
    login_clear(&login);
}

static void test_order(void **state)
{
    static const struct {
        const char *name;
        const char *user, *password, *token, *named;
        const char *offered;
        const char *order;
    } rows[] = {
        {"default", "u", "p", NULL, NULL,
         "GSSAPI CRAM-MD5 LOGIN PLAIN SCRAM-SHA-1 SCRAM-SHA-256 EXTERNAL NTLM XOAUTH2",
         "SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN CRAM-MD5"},
        {"token", "u", NULL, "t", NULL, "PLAIN XOAUTH2 OAUTHBEARER", "OAUTHBEARER XOAUTH2"},
        {"token and password", "u", "p", "t", NULL, "PLAIN XOAUTH2", "XOAUTH2"},
        {"token, but only PLAIN", "u", "p", "t", NULL, "PLAIN LOGIN", ""},
        {"token without a user", NULL, NULL, "t", NULL, "OAUTHBEARER XOAUTH2", "OAUTHBEARER"},
        {"lower case, tabs", "u", "p", NULL, NULL, " plain\tlogin ", "PLAIN LOGIN"},
        {"part of a word", "u", "p", NULL, NULL, "PLAINER SCRAM-SHA-1-PLUS LOGI", ""},
        {"nothing offered", "u", "p", NULL, NULL, "", ""},
        {"named", "u", "p", NULL, "CRAM-MD5", "PLAIN CRAM-MD5", "CRAM-MD5"},
        {"named, not offered", "u", "p", NULL, "CRAM-MD5", "PLAIN", ""},
        {"named, no such", "u", "p", NULL, "NTLM", "PLAIN NTLM", ""},
        {"external only when named", NULL, NULL, NULL, "EXTERNAL", "PLAIN EXTERNAL", "EXTERNAL"},
        {"named password mechanism in spite of a token", "u", "p", "t", "PLAIN", "PLAIN XOAUTH2", "PLAIN"},
        {"no password", "u", NULL, NULL, NULL, "PLAIN", ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct login login = login_of(rows[i].user, rows[i].password, rows[i].token);
        enum sasl_mechanism order[SASL_COUNT];
        struct buffer got = BUFFER_INIT(200);
        login.mechanism = rows[i].named;
        size_t count = sasl_order(&login, slice_from(rows[i].offered), order);
        for (size_t n = 0; n < count; n++)
            buffer_printf(&got, "%s%s", n > 0 ? " " : "", sasl_name(order[n]));
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&got), rows[i].order);
        buffer_clear(&got);
        login_clear(&login);
    }
}

static void test_unavailable_says_what(void **state)
{
    static const struct {
        const char *user, *password, *token, *named;
        const char *offered;
        const char *text;
    } rows[] = {
        {"u", "p", NULL, NULL, "", "credentials were given, but the server offers no authentication"},
        {"u", "p", NULL, NULL, "GSSAPI NTLM",
         "the server does not offer a mechanism for a user name and password: it offers GSSAPI NTLM"},
        {"u", "p", NULL, "CRAM-MD5", "PLAIN LOGIN",
         "the server does not offer CRAM-MD5: it offers PLAIN LOGIN"},
        {"u", "p", "t", NULL, "PLAIN",
         "the server does not offer OAUTHBEARER or XOAUTH2, which a token needs: it offers PLAIN"},
        {"u", NULL, NULL, NULL, "PLAIN", "a user name was given, but neither a password nor a token"},
        {"u", NULL, NULL, "PLAIN", "PLAIN", "PLAIN needs a password, and none was given"},
        {"u", "p", NULL, "XOAUTH2", "XOAUTH2", "XOAUTH2 needs an OAuth2 token, and none was given"},
        {NULL, "p", NULL, "LOGIN", "LOGIN", "LOGIN needs a user name, and none was given"},
        {"u", "p", NULL, "NTLM", "NTLM", "--auth=NTLM is no mechanism that is known here"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct login login = login_of(rows[i].user, rows[i].password, rows[i].token);
        struct err err = ERR_NONE;
        login.mechanism = rows[i].named;
        CHECK_ROW(rows[i].text, !sasl_unavailable(&login, PROTOCOL_IMAP, slice_from(rows[i].offered), &err));
        CHECK_ROW(rows[i].text, err.kind == FAULT_AUTH_UNAVAILABLE && err.stage == STAGE_LOGIN);
        CHECK_ROW_TEXT(rows[i].text, err.text, rows[i].text);
        login_clear(&login);
    }
}

static void test_no_credentials_in_clear(void **state)
{
    struct login login = login_of("u", "p", NULL);
    struct err err = ERR_NONE;
    (void)state;

    assert_true(sasl_wanted(&login));
    assert_true(sasl_allowed(&login, PROTOCOL_SMTP, true, &err));
    assert_false(sasl_allowed(&login, PROTOCOL_SMTP, false, &err));
    assert_int_equal(err.kind, FAULT_AUTH_UNAVAILABLE);
    assert_non_null(strstr(err_advice(&err), "--allow-plaintext-auth"));
    login.allow_plaintext = true;
    assert_true(sasl_allowed(&login, PROTOCOL_SMTP, false, &err));
    login_clear(&login);
    login = login_of(NULL, NULL, NULL);
    assert_false(sasl_wanted(&login));
    login.mechanism = "EXTERNAL";
    assert_true(sasl_wanted(&login));
}

static void test_next_only_where_the_mechanism_is_meant(void **state)
{
    static const struct {
        enum fault kind;
        int code;
        const char *text;
        bool next;
    } rows[] = {
        {FAULT_AUTH_UNAVAILABLE, 0, "SCRAM-SHA-256 cannot be used here", true},
        {FAULT_PROTOCOL, 504, "504 5.5.4 Unrecognized authentication type", true},
        {FAULT_PROTOCOL, 538, "538 5.7.11 Encryption required", true},
        {FAULT_AUTH_CREDENTIALS, 535, "535 5.7.8 Error: authentication failed: no mechanism available", true},
        {FAULT_PROTOCOL, 0, "NO Unsupported authentication mechanism.", true},
        {FAULT_AUTH_CREDENTIALS, 535, "535 5.7.8 Username and Password not accepted", false},
        {FAULT_AUTH_CREDENTIALS, 534, "534 5.7.9 Application-specific password required", false},
        {FAULT_AUTH_DISABLED, 550, "550 5.7.30 Basic authentication is not supported", false},
        {FAULT_SERVER_UNAVAILABLE, 454, "454 4.7.0 Temporary authentication failure", false},
        {FAULT_TIMEOUT, 0, "the smtp server was silent at auth until the time was up", false},
        {FAULT_CONNECT, 0, "the smtp server closed the connection at auth", false},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err;
        err_set(&err, rows[i].kind, STAGE_AUTH, "%s", rows[i].text);
        err.code = rows[i].code;
        CHECK_ROW(rows[i].text, sasl_next(&err) == rows[i].next);
    }
}

static void test_redact(void **state)
{
    static const struct {
        const char *name;
        const char *password, *token;
        const char *in, *out;
    } rows[] = {
        {"nothing quoted", "correct-horse-1", NULL, "535 5.7.8 not accepted", "535 5.7.8 not accepted"},
        {"response quoted", "s3cret-w0rd", NULL, "500 unrecognized: 'AUTH PLAIN AHUAczNjcmV0LXcwcmQ='",
         "500 unrecognized: 'AUTH PLAIN ***"},
        {"response quoted, cut", "s3cret-w0rd", NULL, "500 AUTH PLAIN AHUAczNjcmV0LX...",
         "500 AUTH PLAIN ***"},
        {"the middle of a response", "s3cret-w0rd", NULL, "no xxxAczNjcmV0LXcwcmQ", "no ***"},
        {"less than tells", "s3cret-w0rd", NULL, "no AHUAczNjcmV x", "no AHUAczNjcmV x"},
        {"a piece of a phrase", "correct horse battery staple", NULL, "(horse battery st) no", "*** no"},
        {"a secret of blanks and little else", "    1", NULL, "1 1 1", "1 1 1"},
        {"empty", "s3cret-w0rd", NULL, "", ""},
        {"twice", "s3cret-w0rd", NULL, "s3cret-w0rd and s3cret-w0rd!", "*** and ***"},
        {"as cleaned", "s3cret|w0rd", NULL, "no s3cret/w0rd here", "no *** here"},
        {"with blanks", "correct horse battery staple", NULL, "no correct horse battery staple", "no ***"},
        {"a word like any other", "password", NULL, "bad password", "bad password"},
        {"but not in base64", "password", NULL, "bad cGFzc3dvcmQ=", "bad ***"},
        {"base64", "s3cret-w0rd", NULL, "no czNjcmV0LXcwcmQ=", "no ***"},
        {"base64 within another word", "s3cret-w0rd", NULL, "no mechanismczNjcmV0LXcwcm available",
         "no *** available"},
        {"base64 behind one octet more", "s3cret-w0rd", NULL, "no eHMzY3JldC13MHJk", "no ***"},
        {"base64 behind two", "s3cret-w0rd", NULL, "no eHhzM2NyZXQtdzByZHh4", "no ***"},
        {"base64 of a token", NULL, "ya29.abcdefghijklmnop", "no eWEyOS5hYmNkZWZnaGlqa2xtbm9w", "no ***"},
        {"token", NULL, "ya29.abcdefghijklmnop", "no ya29.abcdefghijklm...", "no ***"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct login login = login_of("u", rows[i].password, rows[i].token);
        struct buffer response = BUFFER_SECRET(SASL_RESPONSE_MAX);
        struct err err = ERR_NONE;
        char text[200];
        struct sasl *s =
            sasl_new(rows[i].token != NULL ? SASL_XOAUTH2 : SASL_PLAIN, &login, PROTOCOL_SMTP, "h", 25, &err);
        assert_true(sasl_step(s, SLICE_EMPTY, &response, &err));
        snprintf(text, sizeof text, "%s", rows[i].in);
        sasl_redact(s, &login, text);
        CHECK_ROW_TEXT(rows[i].name, text, rows[i].out);
        sasl_free(&s);
        buffer_clear(&response);
        login_clear(&login);
    }
    struct login login = login_of("u", "s3cret-w0rd", NULL);
    char text[] = "BAD LOGIN u s3cret-w0rd";
    sasl_redact(NULL, &login, text);
    assert_string_equal(text, "BAD LOGIN u ***");
    login_clear(&login);
}

static void test_missing_credentials(void **state)
{
    struct login login = login_of("u", NULL, NULL);
    struct err err = ERR_NONE;
    (void)state;

    assert_null(sasl_new(SASL_PLAIN, &login, PROTOCOL_SMTP, "h", 25, &err));
    assert_int_equal(err.kind, FAULT_AUTH_UNAVAILABLE);
    assert_true(secret_set(&login.password, SLICE("not\xffUTF-8")));
    assert_null(sasl_new(SASL_SCRAM_SHA_256, &login, PROTOCOL_SMTP, "h", 25, &err));
    assert_true(sasl_next(&err));
    secret_clear(&login.password);
    assert_null(sasl_new(SASL_XOAUTH2, &login, PROTOCOL_SMTP, "h", 25, &err));
    assert_string_equal(err.text, "XOAUTH2 needs an OAuth2 token, and none was given");
}

static void test_longest_credentials(void **state)
{
    struct login login = login_of("user", NULL, NULL);
    struct buffer token = BUFFER_SECRET(SECRET_MAX), response = BUFFER_SECRET(SASL_RESPONSE_MAX);
    struct err err = ERR_NONE;
    (void)state;

    while (buffer_append_char(&token, 'x')) {
    }
    assert_true(secret_set(&login.token, buffer_slice(&token)));
    struct sasl *s = sasl_new(SASL_OAUTHBEARER, &login, PROTOCOL_SMTP, "h", 25, &err);
    assert_true(sasl_step(s, SLICE_EMPTY, &response, &err));
    assert_true(response.len > SECRET_MAX / 3 * 4);
    sasl_free(&s);
    buffer_clear(&token);
    buffer_clear(&response);
    login_clear(&login);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchanges),
        cmocka_unit_test(test_hostile_servers),
        cmocka_unit_test(test_broken_base64),
        cmocka_unit_test(test_prompts_are_not_read),
        cmocka_unit_test(test_token_refusal_is_read_to_its_end),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_unavailable_says_what),
        cmocka_unit_test(test_no_credentials_in_clear),
        cmocka_unit_test(test_next_only_where_the_mechanism_is_meant),
        cmocka_unit_test(test_redact),
        cmocka_unit_test(test_missing_credentials),
        cmocka_unit_test(test_longest_credentials),
    };
    return cmocka_run_group_tests_name("sasl", tests, NULL, NULL);
}
