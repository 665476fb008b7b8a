/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/peer.h"
#include "tests/unit/unit.h"

#include "common/net/smtp.h"

enum { TURNS_MAX = 8 };

#define PASSWORD "tan-sta.af1"
#define TOKEN    "ya29.tok-en"

#define PLAIN_LINE   "AUTH PLAIN AHRpbQB0YW4tc3RhLmFmMQ==\r\n"
#define XOAUTH2_LINE "AUTH XOAUTH2 dXNlcj10aW0BYXV0aD1CZWFyZXIgeWEyOS50b2stZW4BAQ==\r\n"
#define BEARER_LINE                                                                                          \
    "AUTH OAUTHBEARER bixhPXRpbSwBaG9zdD1teC5leGFtcGxlAXBvcnQ9NTg3AWF1dGg9QmVhcmVyIHlhMjkudG9rLWVuAQE=\r\n"
#define TOKEN_REFUSAL                                                                                        \
    "334 "                                                                                                   \
    "eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJodHRwczovL21haWwuZ29vZ2xlLmNvbS8ifQ==\r\n"

/* RFC 5802 section 5 */
#define SCRAM_LINE "AUTH SCRAM-SHA-1 biwsbj11c2VyLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdM\r\n"
#define SCRAM_CHALLENGE                                                                                      \
    "334 "                                                                                                   \
    "cj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0wzcmZjTkhZSlkxWlZ2V1ZzN2oscz1RU1hDUitRNnNlazhiZjkyLGk9NDA5Ng==\r\n"
#define SCRAM_PROOF                                                                                          \
    "Yz1iaXdzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMM3JmY05IWUpZMVpWdldWczdqLHA9djBYOHYzQnoyVDBDSkdiSlF5RjBYK0" \
    "hJ"                                                                                                     \
    "NFRzPQ==\r\n"
#define SCRAM_VERIFIER "334 dj1ybUY5cHFWOFM3c3VBb1pXamE0ZEpSa0ZzS1E9\r\n"
#define SCRAM_WRONG    "334 dj1BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE9\r\n"

struct row {
    const char *name;
    const char *auth; /* offered */
    const char *user, *password, *token, *named;
    bool in_clear, allow_clear;
    enum peer_ending ending;
    struct turn turns[TURNS_MAX];
    /* wanted */
    const char *mechanism; /* "" where it fails */
    enum fault fault;
    int code;
    const char *text;
    const char *command;
};

static void play(const struct row *row, bool dripping)
{
    struct login login = {.username = row->user,
                          .password = SECRET_NONE,
                          .token = SECRET_NONE,
                          .mechanism = row->named,
                          .allow_plaintext = row->allow_clear};
    struct peer peer = PEER_INIT(row->turns);
    struct timeline timeline = {0};
    struct transcript transcript;
    struct stream stream;
    struct smtp smtp;
    struct err err = ERR_NONE;
    struct buffer capabilities = BUFFER_INIT(1000);
    char mechanism[SASL_NAME_MAX];

    if (row->password != NULL)
        assert_true(secret_set(&login.password, slice_from(row->password)));
    if (row->token != NULL)
        assert_true(secret_set(&login.token, slice_from(row->token)));
    peer.ending = row->ending;
    peer.dripping = dripping;
    transcript_init(&transcript, true);
    stream_init(&stream, &peer_ops, &peer, "smtp", &transcript,
                deadline_in(row->fault == FAULT_TIMEOUT ? 0.02 : 60));
    buffer_printf(&capabilities, "250-mx.example\n250 AUTH %s\n", row->auth);
    smtp_init(&smtp, &stream, &timeline, row->auth != NULL ? buffer_slice(&capabilities) : SLICE_EMPTY);

    bool ok = smtp_auth(&smtp, &login, !row->in_clear, "mx.example", 587, mechanism, &err);
    CHECK_ROW_TEXT(row->name, fault_class(err.kind), ok ? fault_class(err.kind) : fault_class(row->fault));
    CHECK_ROW(row->name, ok == (row->fault == FAULT_NONE));
    CHECK_ROW(row->name, ok || err.stage == STAGE_AUTH);
    CHECK_ROW_TEXT(row->name, mechanism, row->mechanism != NULL ? row->mechanism : "");
    CHECK_ROW(row->name, smtp.verdict.reply.code == row->code);
    CHECK_ROW_TEXT(row->name, smtp.verdict.command, row->command != NULL ? row->command : "");
    if (row->text != NULL)
        CHECK_ROW_TEXT(row->name, err.text, row->text);
    CHECK_ROW(row->name, peer_satisfied(&peer));
    for (const struct turn *turn = row->turns; turn->hears != NULL; turn++) {
        /* nothing but the mechanism's name may be seen of what was said */
        struct slice rest = slice_from(turn->hears), word;
        while (slice_next_word(&rest, &word))
            if (word.len >= 20)
                CHECK_ROW(row->name,
                          !slice_contains_nocase(buffer_slice(&transcript.lines), slice_head(word, 8)));
    }
    CHECK_ROW(row->name,
              strstr(buffer_text(&transcript.lines), PASSWORD) == NULL && strstr(err.text, PASSWORD) == NULL);
    CHECK_ROW(row->name,
              strstr(buffer_text(&transcript.lines), TOKEN) == NULL && strstr(err.text, TOKEN) == NULL);
    secret_clear(&login.password);
    secret_clear(&login.token);
    buffer_clear(&capabilities);
    transcript_clear(&transcript);
    stream_clear(&stream);
    peer_clear(&peer);
}

static void play_all(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        play(&rows[i], false);
        play(&rows[i], true);
    }
}

static void test_accepted(void **state)
{
    static const struct row rows[] = {
        {.name = "nobody signs in", .auth = "PLAIN", .turns = {{0}}, .in_clear = true},
        {.name = "plain",
         .auth = "LOGIN PLAIN",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{PLAIN_LINE, "235 2.7.0 ok\r\n"}, {0}},
         .mechanism = "PLAIN"},
        {.name = "plain in clear, allowed",
         .auth = "PLAIN",
         .user = "tim",
         .password = PASSWORD,
         .in_clear = true,
         .allow_clear = true,
         .turns = {{PLAIN_LINE, "235-2.7.0 ok\r\n235 2.7.0 welcome\r\n"}, {0}},
         .mechanism = "PLAIN"},
        {.name = "login",
         .auth = "LOGIN",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n"},
                   {"dGlt\r\n", "334 UGFzc3dvcmQ6\r\n"},
                   {"dGFuLXN0YS5hZjE=\r\n", "235 ok\r\n"},
                   {0}},
         .mechanism = "LOGIN"},
        {.name = "cram-md5",
         .auth = "CRAM-MD5",
         .user = "tim",
         .password = "tanstaaftanstaaf",
         .turns = {{"AUTH CRAM-MD5\r\n", "334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n"},
                   {"dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n", "235 ok\r\n"},
                   {0}},
         .mechanism = "CRAM-MD5"},
        {.name = "scram-sha-1",
         .auth = "PLAIN SCRAM-SHA-1",
         .user = "user",
         .password = "pencil",
         .turns = {{SCRAM_LINE, SCRAM_CHALLENGE}, {SCRAM_PROOF, SCRAM_VERIFIER}, {"\r\n", "235 ok\r\n"}, {0}},
         .mechanism = "SCRAM-SHA-1"},
        {.name = "external without a name",
         .auth = "EXTERNAL",
         .named = "EXTERNAL",
         .turns = {{"AUTH EXTERNAL =\r\n", "235 ok\r\n"}, {0}},
         .mechanism = "EXTERNAL"},
        {.name = "xoauth2",
         .auth = "PLAIN XOAUTH2",
         .user = "tim",
         .token = TOKEN,
         .turns = {{XOAUTH2_LINE, "235 ok\r\n"}, {0}},
         .mechanism = "XOAUTH2"},
        {.name = "oauthbearer",
         .auth = "XOAUTH2 OAUTHBEARER",
         .user = "tim",
         .token = TOKEN,
         .turns = {{BEARER_LINE, "235 ok\r\n"}, {0}},
         .mechanism = "OAUTHBEARER"},
        {.name = "the first does not work, the next does",
         .auth = "SCRAM-SHA-1 PLAIN LOGIN",
         .user = "tim",
         .password = PASSWORD,
         .named = NULL,
         .turns = {{"AUTH SCRAM-SHA-1 biwsbj10aW0scj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0w=\r\n",
                    "504 5.5.4 Unrecognized authentication type\r\n"},
                   {PLAIN_LINE, "535 5.7.8 Error: authentication failed: no mechanism available\r\n"},
                   {"AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n"},
                   {"dGlt\r\n", "334 UGFzc3dvcmQ6\r\n"},
                   {"dGFuLXN0YS5hZjE=\r\n", "235 ok\r\n"},
                   {0}},
         .mechanism = "LOGIN"},
    };
    (void)state;

    play_all(rows, COUNT_OF(rows));
}

static void test_refused(void **state)
{
    static const struct row rows[] = {
        {.name = "wrong password: not tried again by other means",
         .auth = "LOGIN PLAIN CRAM-MD5",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{PLAIN_LINE, "535-5.7.8 Username and Password not accepted.\r\n535 5.7.8 Learn more\r\n"},
                   {0}},
         .fault = FAULT_AUTH_CREDENTIALS,
         .code = 535,
         .command = "AUTH PLAIN",
         .text = "AUTH PLAIN refused: 535 5.7.8 Username and Password not accepted. Learn more"},
        {.name = "the server quotes what we said",
         .auth = "PLAIN",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{PLAIN_LINE, "535 5.7.8 no: AUTH PLAIN AHRpbQB0YW4tc3RhLmFmMQ== ( " PASSWORD " )\r\n"},
                   {0}},
         .fault = FAULT_AUTH_CREDENTIALS,
         .code = 535,
         .command = "AUTH PLAIN",
         .text = "AUTH PLAIN refused: 535 5.7.8 no: AUTH PLAIN *** ( *** )"},
        {.name = "not offered",
         .auth = NULL,
         .user = "tim",
         .password = PASSWORD,
         .turns = {{0}},
         .fault = FAULT_AUTH_UNAVAILABLE,
         .text = "credentials were given, but the server offers no authentication"},
        {.name = "named, not offered",
         .auth = "PLAIN LOGIN",
         .user = "tim",
         .password = PASSWORD,
         .named = "SCRAM-SHA-256",
         .turns = {{0}},
         .fault = FAULT_AUTH_UNAVAILABLE,
         .text = "the server does not offer SCRAM-SHA-256: it offers PLAIN LOGIN"},
        {.name = "in clear",
         .auth = "PLAIN",
         .user = "tim",
         .password = PASSWORD,
         .in_clear = true,
         .turns = {{0}},
         .fault = FAULT_AUTH_UNAVAILABLE,
         .text = "the connection is not encrypted, so the credentials were not sent"},
        {.name = "xoauth2 refusal, read to its end",
         .auth = "XOAUTH2",
         .user = "tim",
         .token = TOKEN,
         .turns = {{XOAUTH2_LINE, TOKEN_REFUSAL},
                   {"\r\n", "535-5.7.8 Username and Password not accepted.\r\n535 5.7.8 x\r\n"},
                   {0}},
         .fault = FAULT_AUTH_TOKEN,
         .code = 535,
         .command = "AUTH XOAUTH2",
         .text = "AUTH XOAUTH2 refused: 535 5.7.8 Username and Password not accepted. x (status 400, scope "
                 "https://mail.google.com/)"},
        {.name = "oauthbearer refusal, read to its end",
         .auth = "OAUTHBEARER XOAUTH2",
         .user = "tim",
         .token = TOKEN,
         .turns = {{BEARER_LINE, TOKEN_REFUSAL}, {"AQ==\r\n", "535 5.7.8 no\r\n"}, {0}},
         .fault = FAULT_AUTH_TOKEN,
         .code = 535,
         .command = "AUTH OAUTHBEARER",
         .text = "AUTH OAUTHBEARER refused: 535 5.7.8 no (status 400, scope https://mail.google.com/)"},
        {.name = "token refused at once",
         .auth = "XOAUTH2",
         .user = "tim",
         .token = TOKEN,
         .turns = {{XOAUTH2_LINE, "535 5.7.3 Authentication unsuccessful\r\n"}, {0}},
         .fault = FAULT_AUTH_TOKEN,
         .code = 535,
         .command = "AUTH XOAUTH2",
         .text = "AUTH XOAUTH2 refused: 535 5.7.3 Authentication unsuccessful"},
        {.name = "challenge that is not base64: cancelled",
         .auth = "CRAM-MD5",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"AUTH CRAM-MD5\r\n", "334 <this@is.plain>\r\n"},
                   {"*\r\n", "501 5.7.0 cancelled\r\n"},
                   {0}},
         .fault = FAULT_PROTOCOL,
         .command = "AUTH CRAM-MD5",
         .text = "CRAM-MD5: the server's challenge is not base64"},
        {.name = "server signature wrong: cancelled",
         .auth = "SCRAM-SHA-1 PLAIN",
         .user = "user",
         .password = "pencil",
         .turns = {{SCRAM_LINE, SCRAM_CHALLENGE},
                   {SCRAM_PROOF, SCRAM_WRONG},
                   {"*\r\n", "501 5.7.0 cancelled\r\n"},
                   {0}},
         .fault = FAULT_PROTOCOL,
         .command = "AUTH SCRAM-SHA-1",
         .text = "SCRAM-SHA-1: the server could not prove that it knows the password itself"},
        {.name = "yes without a server signature",
         .auth = "SCRAM-SHA-1 PLAIN",
         .user = "user",
         .password = "pencil",
         .turns = {{SCRAM_LINE, SCRAM_CHALLENGE}, {SCRAM_PROOF, "235 2.7.0 ok\r\n"}, {0}},
         .fault = FAULT_PROTOCOL,
         .code = 235,
         .command = "AUTH SCRAM-SHA-1",
         .text = "the server said yes in the middle of SCRAM-SHA-1, without a proof that it knows the "
                 "password itself"},
        {.name = "yes before anything was proved",
         .auth = "LOGIN",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"AUTH LOGIN\r\n", "235 2.7.0 ok\r\n"}, {0}},
         .fault = FAULT_PROTOCOL,
         .code = 235,
         .command = "AUTH LOGIN"},
        {.name = "plain goes on asking",
         .auth = "PLAIN",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{PLAIN_LINE, "334 \r\n"}, {"*\r\n", "501 no\r\n"}, {0}},
         .fault = FAULT_PROTOCOL,
         .command = "AUTH PLAIN",
         .text = "the server goes on asking after the end of PLAIN"},
        {.name = "250 is no yes",
         .auth = "PLAIN",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{PLAIN_LINE, "250 ok\r\n"}, {0}},
         .fault = FAULT_PROTOCOL,
         .code = 250,
         .command = "AUTH PLAIN",
         .text = "AUTH PLAIN was answered 250 ok"},
        {.name = "421 in the middle",
         .auth = "LOGIN PLAIN",
         .user = "tim",
         .password = PASSWORD,
         .named = "LOGIN",
         .ending = PEER_CLOSES,
         .turns = {{"AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n"}, {"dGlt\r\n", "421 4.3.2 going down\r\n"}, {0}},
         .fault = FAULT_SERVER_UNAVAILABLE,
         .code = 421,
         .command = "AUTH LOGIN",
         .text = "AUTH LOGIN refused: 421 4.3.2 going down"},
        {.name = "cut in the middle",
         .auth = "LOGIN",
         .user = "tim",
         .password = PASSWORD,
         .ending = PEER_CLOSES,
         .turns = {{"AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n"}, {"dGlt\r\n", ""}, {0}},
         .fault = FAULT_CONNECT,
         .command = "AUTH LOGIN",
         .text = "the smtp server closed the connection at auth"},
        {.name = "silent",
         .auth = "PLAIN",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{PLAIN_LINE, ""}, {0}},
         .fault = FAULT_TIMEOUT,
         .command = "AUTH PLAIN"},
        {.name = "no SMTP at all: not quoted, it may hold a secret",
         .auth = "PLAIN",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{PLAIN_LINE, "what is " PASSWORD "?\r\n"}, {0}},
         .fault = FAULT_PROTOCOL,
         .command = "AUTH PLAIN",
         .text = "the answer to AUTH PLAIN is no SMTP reply"},
        {.name = "a challenge before we said anything",
         .auth = "LOGIN",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"", "334 VXNlcm5hbWU6\r\n"}, {0}},
         .fault = FAULT_PROTOCOL,
         .code = 334,
         .command = "AUTH LOGIN",
         .text = "before AUTH LOGIN the server spoke out of turn: 334 VXNlcm5hbWU6"},
        {.name = "no mechanism works: the last refusal",
         .auth = "PLAIN CRAM-MD5",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{PLAIN_LINE, "504 5.5.4 no\r\n"}, {"AUTH CRAM-MD5\r\n", "504 5.5.4 neither\r\n"}, {0}},
         .fault = FAULT_AUTH_UNAVAILABLE,
         .code = 504,
         .command = "AUTH CRAM-MD5",
         .text = "AUTH CRAM-MD5 refused: 504 5.5.4 neither"},
    };
    (void)state;

    play_all(rows, COUNT_OF(rows));
}

/* RFC 4954 section 4: what makes the line longer than 512 bytes goes in a line of its own. */
static void test_long_token_waits_for_leave(void **state)
{
    struct buffer token = BUFFER_SECRET(5000), answer = BUFFER_SECRET(SASL_RESPONSE_MAX);
    struct err err;
    (void)state;

    for (size_t len = 300; len <= 400; len += 100) {
        struct login login = {.username = "tim", .password = SECRET_NONE, .token = SECRET_NONE};
        buffer_reset(&token);
        while (token.len < len)
            buffer_append_char(&token, 'x');
        assert_true(secret_set(&login.token, buffer_slice(&token)));
        struct sasl *s = sasl_new(SASL_XOAUTH2, &login, PROTOCOL_SMTP, "mx.example", 587, &err);
        assert_true(sasl_step(s, SLICE_EMPTY, &answer, &err));
        sasl_free(&s);
        struct buffer line = BUFFER_INIT(20000);
        buffer_printf(&line, len == 300 ? "AUTH XOAUTH2 %s\r\n" : "%s\r\n", buffer_text(&answer));
        struct turn at_once[] = {{buffer_text(&line), "235 ok\r\n"}, {0}};
        struct turn asked[] = {{"AUTH XOAUTH2\r\n", "334 \r\n"}, {buffer_text(&line), "235 ok\r\n"}, {0}};
        struct peer peer = PEER_INIT(len == 300 ? at_once : asked);
        struct timeline timeline = {0};
        struct stream stream;
        struct smtp smtp;
        char mechanism[SASL_NAME_MAX];
        stream_init(&stream, &peer_ops, &peer, "smtp", NULL, deadline_in(60));
        smtp_init(&smtp, &stream, &timeline, SLICE("250-x\n250 AUTH XOAUTH2\n"));
        assert_true(smtp_auth(&smtp, &login, true, "mx.example", 587, mechanism, &err));
        assert_true(peer_satisfied(&peer));
        assert_true(timeline.stage[STAGE_AUTH].known);
        stream_clear(&stream);
        peer_clear(&peer);
        buffer_clear(&line);
        secret_clear(&login.token);
    }
    buffer_clear(&token);
    buffer_clear(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_long_token_waits_for_leave),
    };
    return cmocka_run_group_tests_name("smtp-auth", tests, NULL, NULL);
}
