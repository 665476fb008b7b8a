/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/peer.h"
#include "tests/unit/unit.h"

#include "common/net/pop3.h"

enum { TURNS_MAX = 8 };

#define PASSWORD       "tan-sta.af1"
#define PLAIN_RESPONSE "AHRpbQB0YW4tc3RhLmFmMQ=="

struct talk {
    struct peer peer;
    struct transcript transcript;
    struct stream stream;
    struct pop3 pop3;
    struct err err;
};

static void begin(struct talk *t, const struct turn *turns, const char *capabilities, bool dripping)
{
    *t = (struct talk){.peer = PEER_INIT(turns), .err = ERR_NONE};
    t->peer.dripping = dripping;
    t->peer.ending = PEER_CLOSES;
    transcript_init(&t->transcript, true);
    stream_init(&t->stream, &peer_ops, &t->peer, "pop3", &t->transcript, deadline_in(60));
    pop3_init(&t->pop3, &t->stream, slice_from(capabilities));
}

static void end(struct talk *t)
{
    pop3_clear(&t->pop3);
    stream_clear(&t->stream);
    transcript_clear(&t->transcript);
    peer_clear(&t->peer);
}

static void test_capabilities(void **state)
{
    static const struct {
        const char *name, *capa;
        bool known, top, uidl, user, pipelining;
        const char *mechanisms;
        unsigned login_delay;
    } rows[] = {
        {"all",
         "+OK\r\nTOP\r\nuidl\r\nUSER\r\nPIPELINING\r\nSASL PLAIN  LOGIN\r\nLOGIN-DELAY 30 USER\r\n.\r\n",
         true, true, true, true, true, "PLAIN  LOGIN", 30},
        {"none of them", "+OK x\n\nXYZZY\n.\n", true, false, false, false, false, "", 0},
        {"refused: all may be tried", "-ERR\n", false, true, true, true, true, "", 0},
        {"not asked", "LOGIN-DELAY 5\n", false, true, true, true, true, "", 0},
        {"delays beyond measure", "+OK\nLOGIN-DELAY -5\nLOGIN-DELAY 99999999999\n.\n", true, false, false,
         false, false, "", 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pop3 p;
        pop3_init(&p, NULL, slice_from(rows[i].capa));
        CHECK_ROW(rows[i].name, p.capabilities_known == rows[i].known);
        CHECK_ROW(rows[i].name, pop3_can(&p, POP3_CAN_TOP) == rows[i].top);
        CHECK_ROW(rows[i].name, pop3_can(&p, POP3_CAN_UIDL) == rows[i].uidl);
        CHECK_ROW(rows[i].name, pop3_can(&p, POP3_CAN_USER) == rows[i].user);
        CHECK_ROW(rows[i].name, pop3_can(&p, POP3_CAN_PIPELINING) == rows[i].pipelining);
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&p.mechanisms), rows[i].mechanisms);
        CHECK_ROW(rows[i].name, p.login_delay_s == rows[i].login_delay);
        pop3_clear(&p);
    }
}

struct login_row {
    const char *name, *sasl; /* NULL: CAPA refused */
    const char *user, *password, *token, *named;
    bool in_clear;
    struct turn turns[TURNS_MAX];
    const char *mechanism;
    enum fault fault;
    bool locked;
    const char *text; /* NULL: any */
};

static void play(const struct login_row *row, bool dripping)
{
    struct login login = {
        .username = row->user, .password = SECRET_NONE, .token = SECRET_NONE, .mechanism = row->named};
    char mechanism[24] = "", capa[200] = "-ERR\n";
    struct talk t;

    if (row->password != NULL)
        assert_true(secret_set(&login.password, slice_from(row->password)));
    if (row->token != NULL)
        assert_true(secret_set(&login.token, slice_from(row->token)));
    if (row->sasl != NULL)
        snprintf(capa, sizeof capa, "+OK\n%s\n.\n", row->sasl);
    begin(&t, row->turns, capa, dripping);
    bool ok =
        pop3_login(&t.pop3, &login, "mail.example", 110, !row->in_clear, mechanism, sizeof mechanism, &t.err);
    CHECK_ROW_TEXT(row->name, fault_class(t.err.kind),
                   ok ? fault_class(t.err.kind) : fault_class(row->fault));
    CHECK_ROW(row->name, ok == (row->fault == FAULT_NONE));
    CHECK_ROW_TEXT(row->name, mechanism, row->mechanism);
    CHECK_ROW(row->name, t.pop3.locked == row->locked);
    if (row->text != NULL)
        CHECK_ROW_TEXT(row->name, t.err.text, row->text);
    CHECK_ROW(row->name, peer_satisfied(&t.peer));
    struct slice seen = buffer_slice(&t.transcript.lines);
    CHECK_ROW(row->name, row->password == NULL || !slice_contains_nocase(seen, slice_from(row->password)));
    CHECK_ROW(row->name, !slice_contains_nocase(seen, SLICE("AHRpbQB0")));
    CHECK_ROW(row->name, row->password == NULL || strstr(t.err.text, row->password) == NULL);
    secret_clear(&login.password);
    secret_clear(&login.token);
    end(&t);
}

static void test_login(void **state)
{
    /* its base64 passes the 255 bytes of a line */
    static const char long_password[] =
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xxxxxxxx";
    static const struct login_row rows[] = {
        {.name = "plain",
         .sasl = "SASL PLAIN",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"AUTH PLAIN " PLAIN_RESPONSE "\r\n", "+OK in\r\n"}},
         .mechanism = "PLAIN"},
        {.name = "login",
         .sasl = "SASL LOGIN",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"AUTH LOGIN\r\n", "+ VXNlcm5hbWU6\r\n"},
                   {"dGlt\r\n", "+ UGFzc3dvcmQ6\r\n"},
                   {"dGFuLXN0YS5hZjE=\r\n", "+OK\r\n"}},
         .mechanism = "LOGIN"},
        {.name = "long response waits",
         .sasl = "SASL PLAIN",
         .user = "tim",
         .password = long_password,
         .turns = {{"AUTH PLAIN\r\n", "+ \r\n"},
                   {"AHRpbQB4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4"
                    "eHh4eHh4"
                    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4"
                    "eHh4eHh4"
                    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eA=="
                    "\r\n",
                    "+OK\r\n"}},
         .mechanism = "PLAIN"},
        {.name = "user and pass",
         .sasl = "USER",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"USER tim\r\n", "+OK\r\n"}, {"PASS " PASSWORD "\r\n", "+OK in\r\n"}},
         .mechanism = "USER"},
        {.name = "user and pass, no capa",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"USER tim\r\n", "+ok\r\n"}, {"PASS " PASSWORD "\r\n", "+OK in\r\n"}},
         .mechanism = "USER"},
        {.name = "wrong password",
         .sasl = "USER",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"USER tim\r\n", "+OK\r\n"},
                   {"PASS " PASSWORD "\r\n", "-ERR [AUTH] " PASSWORD " is wrong\r\n"}},
         .mechanism = "USER",
         .fault = FAULT_AUTH_CREDENTIALS},
        {.name = "wrong password is tried once",
         .sasl = "SASL PLAIN LOGIN",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"AUTH PLAIN " PLAIN_RESPONSE "\r\n", "-ERR [AUTH] Authentication failed.\r\n"}},
         .mechanism = "PLAIN",
         .fault = FAULT_AUTH_CREDENTIALS,
         .text = "AUTH refused: -ERR [AUTH] Authentication failed."},
        {.name = "locked",
         .sasl = "USER",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"USER tim\r\n", "+OK\r\n"},
                   {"PASS " PASSWORD "\r\n", "-ERR [IN-USE] Do you have another POP session?\r\n"}},
         .mechanism = "USER",
         .fault = FAULT_SERVER_UNAVAILABLE,
         .locked = true},
        {.name = "locked, in words",
         .sasl = "USER",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"USER tim\r\n", "+OK\r\n"},
                   {"PASS " PASSWORD "\r\n", "-ERR maildrop already locked\r\n"}},
         .mechanism = "USER",
         .fault = FAULT_SERVER_UNAVAILABLE,
         .locked = true},
        {.name = "temporary",
         .sasl = "USER",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"USER tim\r\n", "+OK\r\n"}, {"PASS " PASSWORD "\r\n", "-ERR [SYS/TEMP] later\r\n"}},
         .mechanism = "USER",
         .fault = FAULT_SERVER_UNAVAILABLE},
        {.name = "a mechanism that does not work",
         .sasl = "SASL PLAIN\nUSER",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"AUTH PLAIN " PLAIN_RESPONSE "\r\n", "-ERR Unsupported authentication mechanism\r\n"},
                   {"USER tim\r\n", "+OK\r\n"},
                   {"PASS " PASSWORD "\r\n", "+OK in\r\n"}},
         .mechanism = "USER"},
        {.name = "nonsense for a challenge",
         .sasl = "SASL CRAM-MD5",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"AUTH CRAM-MD5\r\n", "+ !!!\r\n"}, {"*\r\n", "-ERR cancelled\r\n"}},
         .mechanism = "CRAM-MD5",
         .fault = FAULT_PROTOCOL},
        {.name = "nothing usable",
         .sasl = "SASL GSSAPI",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{0}},
         .mechanism = "",
         .fault = FAULT_AUTH_UNAVAILABLE},
        {.name = "in clear",
         .sasl = "USER",
         .user = "tim",
         .password = PASSWORD,
         .in_clear = true,
         .turns = {{0}},
         .mechanism = "",
         .fault = FAULT_AUTH_UNAVAILABLE},
        {.name = "nobody", .sasl = "USER", .turns = {{0}}, .mechanism = "", .fault = FAULT_AUTH_REQUIRED},
        {.name = "cut",
         .sasl = "USER",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"USER tim\r\n", ""}},
         .mechanism = "USER",
         .fault = FAULT_CONNECT},
        {.name = "another protocol",
         .sasl = "USER",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"USER tim\r\n", "* BAD what\r\n"}},
         .mechanism = "USER",
         .fault = FAULT_PROTOCOL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        play(&rows[i], false);
        play(&rows[i], true);
    }
}

static void test_numbers(void **state)
{
    static const struct {
        const char *name, *reply;
        int stat, size, uidl; /* as returned; stat: 1 or -1 for failure */
        uint32_t count;
        const char *id;
    } rows[] = {
        {"usual", "+OK 2 320\r\n", 1, 1, 1, 2, "320"},
        {"with words behind", "+OK 2 320 (x)\r\n", 1, 1, 1, 2, "320"},
        {"refused", "-ERR no such message\r\n", -1, 0, 0, 0, ""},
        {"no number", "+OK two messages\r\n", -1, 0, 1, 0, "messages"},
        {"nothing", "+OK\r\n", -1, 0, 0, 0, ""},
        {"negative", "+OK -1 -5\r\n", -1, 0, 1, 0, "-5"},
        {"too large", "+OK 4294967296 99999999999999999999999\r\n", -1, 0, 1, 0, "99999999999999999999999"},
        {"id with 8 bit", "+OK 1 \xff\r\n", 1, 0, 0, 1, ""},
        {"id too long",
         "+OK 1 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n", 1, 0, 0,
         1, ""},
        {"nonsense", "220 smtp\r\n", -1, -1, -1, 0, ""},
        {"cut", "+OK 2", -1, -1, -1, 0, ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows) * 2; i++) {
        const char *name = rows[i / 2].name;
        const struct turn stat[] = {{"STAT\r\n", rows[i / 2].reply}, {NULL, NULL}};
        const struct turn list[] = {{"LIST 7\r\n", rows[i / 2].reply}, {NULL, NULL}};
        const struct turn uidl[] = {{"UIDL 7\r\n", rows[i / 2].reply}, {NULL, NULL}};
        uint32_t count = 0;
        unsigned long long size = 0;
        char id[POP3_UIDL_MAX];
        struct talk t;

        begin(&t, stat, "", i % 2 == 1);
        bool ok = pop3_stat(&t.pop3, STAGE_SELECT, &count, &t.err);
        CHECK_ROW(name, ok == (rows[i / 2].stat == 1) && count == rows[i / 2].count);
        CHECK_ROW(name, ok || t.err.kind != FAULT_NONE);
        end(&t);
        begin(&t, list, "", i % 2 == 1);
        CHECK_ROW(name, pop3_size(&t.pop3, STAGE_SELECT, 7, &size, &t.err) == rows[i / 2].size);
        CHECK_ROW(name, size == (rows[i / 2].size == 1 ? 320 : 0));
        end(&t);
        begin(&t, uidl, "", i % 2 == 1);
        CHECK_ROW(name, pop3_uidl(&t.pop3, STAGE_SELECT, 7, id, &t.err) == rows[i / 2].uidl);
        CHECK_ROW_TEXT(name, rows[i / 2].uidl == -1 ? "" : id, rows[i / 2].id);
        end(&t);
    }
}

struct taken {
    struct buffer log;
    unsigned limit;
};

static bool take(void *context, uint32_t number, struct slice text)
{
    struct taken *taken = context;

    buffer_printf(&taken->log, "%u[%.*s]", number, SLICE_ARG(text));
    return --taken->limit > 0;
}

static void test_top(void **state)
{
    static const struct {
        const char *name, *capa;
        uint32_t newest, oldest;
        unsigned limit;
        struct turn turns[TURNS_MAX];
        bool ok;
        const char *taken;
    } rows[] = {
        {"one",
         "",
         3,
         3,
         9,
         {{"TOP 3 0\r\n", "+OK\r\na: b\r\n..\r\n...x\r\n\r\n.\r\n"}},
         true,
         "3[a: b\r\n.\r\n..x\r\n\r\n]"},
        {"one by one, until enough",
         "",
         3,
         1,
         2,
         {{"TOP 3 0\r\n", "+OK\r\nx\r\n.\r\n"}, {"TOP 2 0\r\n", "+OK\r\ny\n.\n"}},
         true,
         "3[x\r\n]2[y\r\n]"},
        {"in one flight",
         "+OK\nTOP\nPIPELINING\n.\n",
         3,
         1,
         9,
         {{"TOP 3 0\r\nTOP 2 0\r\nTOP 1 0\r\n", "+OK\r\nx\r\n.\r\n-ERR gone\r\n+OK\r\n.\r\n"}},
         true,
         "3[x\r\n]1[]"},
        {"in one flight, all is read",
         "+OK\nTOP\nPIPELINING\n.\n",
         2,
         1,
         1,
         {{"TOP 2 0\r\nTOP 1 0\r\n", "+OK\r\nx\r\n.\r\n+OK\r\ny\r\n.\r\n"}},
         true,
         "2[x\r\n]"},
        {"none", "", 0, 1, 9, {{0}}, true, ""},
        {"no top",
         "+OK\nUIDL\n.\n",
         1,
         1,
         9,
         {{"RETR 1\r\n", "+OK\r\na: b\r\n\r\nbody\r\n.\r\n"}},
         true,
         "1[a: b\r\n\r\nbody\r\n]"},
        {"cut", "", 1, 1, 9, {{"TOP 1 0\r\n", "+OK\r\na: b\r\n"}}, false, ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows) * 2; i++) {
        const char *name = rows[i / 2].name;
        struct buffer text = BUFFER_INIT(100);
        struct taken taken = {.log = BUFFER_INIT(1000), .limit = rows[i / 2].limit};
        struct talk t;
        begin(&t, rows[i / 2].turns, rows[i / 2].capa, i % 2 == 1);
        bool ok = pop3_top(&t.pop3, STAGE_SEARCH, rows[i / 2].newest, rows[i / 2].oldest, 0, &text, take,
                           &taken, &t.err);
        CHECK_ROW(name, ok == rows[i / 2].ok);
        CHECK_ROW_TEXT(name, buffer_text(&taken.log), rows[i / 2].taken);
        CHECK_ROW(name, peer_satisfied(&t.peer));
        end(&t);
        buffer_clear(&text);
        buffer_clear(&taken.log);
    }
}

/* A message is cut where the buffer ends, and read to its end all the same. */
static void test_retrieve(void **state)
{
    static const struct turn turns[] = {{"RETR 1\r\n", "+OK 20 octets\r\n12345678\r\n12345678\r\nx\r\n.\r\n"},
                                        {"DELE 1\r\n", "+OK\r\n"},
                                        {"DELE 2\r\n", "-ERR no\r\n"},
                                        {"QUIT\r\n", "+OK\r\n"},
                                        {NULL, NULL}};
    struct buffer out = BUFFER_INIT(12);
    struct talk t;
    (void)state;

    begin(&t, turns, "", false);
    assert_int_equal(pop3_retrieve(&t.pop3, STAGE_FETCH, 1, &out, &t.err), 1);
    assert_string_equal(buffer_text(&out), "12345678\r\n");
    assert_int_equal(pop3_delete(&t.pop3, STAGE_CLEANUP, 1, &t.err), 1);
    assert_int_equal(pop3_delete(&t.pop3, STAGE_CLEANUP, 2, &t.err), 0);
    assert_false(pop3_refused(&t.pop3, STAGE_CLEANUP, "DELE", &t.err));
    assert_string_equal(t.err.text, "DELE refused: -ERR no");
    assert_int_equal(pop3_quit(&t.pop3, STAGE_QUIT, &t.err), 1);
    assert_true(peer_satisfied(&t.peer));
    end(&t);
    buffer_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capabilities), cmocka_unit_test(test_login),    cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_top),          cmocka_unit_test(test_retrieve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
