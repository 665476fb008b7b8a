/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/peer.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "common/net/imap.h"
#include "common/net/imap_read.h"

enum { TURNS_MAX = 8 };

#define PASSWORD "tan-sta.af1"
#define TOKEN    "ya29.tok-en"

/* A client that talks to an array. */
struct talk {
    struct peer peer;
    struct transcript transcript;
    struct stream stream;
    struct imap imap;
    struct err err;
};

static void begin(struct talk *t, const struct turn *turns, const char *capabilities, bool dripping)
{
    char line[500];

    *t = (struct talk){.peer = PEER_INIT(turns), .err = ERR_NONE};
    t->peer.dripping = dripping;
    t->peer.ending = PEER_CLOSES;
    transcript_init(&t->transcript, true);
    stream_init(&t->stream, &peer_ops, &t->peer, "imap", &t->transcript, deadline_in(60));
    snprintf(line, sizeof line, "* CAPABILITY IMAP4rev1 %s\nA1 OK done\n", capabilities);
    imap_init(&t->imap, &t->stream, SLICE("* OK ready\n"), slice_from(line));
}

static void end(struct talk *t)
{
    imap_clear(&t->imap);
    stream_clear(&t->stream);
    transcript_clear(&t->transcript);
    peer_clear(&t->peer);
}

static void test_capabilities(void **state)
{
    static const struct {
        const char *name;
        const char *greeting, *capabilities;
        bool known, preauth;
        unsigned bits;
        const char *mechanisms;
    } rows[] = {
        {"greeting", "* OK [CAPABILITY IMAP4rev1 IDLE auth=plain AUTH=LOGIN] hi\n", "", true, false,
         IMAP_CAN_IDLE, "plain LOGIN "},
        {"command", "* OK hi\n", "* CAPABILITY IMAP4rev1 UIDPLUS MOVE\r\na1 OK\r\n", true, false,
         IMAP_CAN_UIDPLUS | IMAP_CAN_MOVE, ""},
        {"the later wins", "* OK [CAPABILITY IDLE] hi\n", "* CAPABILITY LOGINDISABLED\n", true, false,
         IMAP_NO_LOGIN, ""},
        {"neither", "* OK hi\n", "", false, false, 0, ""},
        {"preauth", "* PREAUTH [CAPABILITY QUOTA] hi\n", "", true, true, IMAP_CAN_QUOTA, ""},
        {"rev2", "* OK [CAPABILITY IMAP4rev2] hi\n", "", true, false,
         IMAP_CAN_IDLE | IMAP_CAN_UIDPLUS | IMAP_CAN_MOVE | IMAP_CAN_LITERAL_MINUS | IMAP_CAN_SASL_IR, ""},
        {"all others", "", "* capability SPECIAL-USE List-Extended LITERAL+ SASL-IR X-GM-EXT-1\n", true,
         false,
         IMAP_CAN_SPECIAL_USE | IMAP_CAN_LIST_EXTENDED | IMAP_CAN_LITERAL_PLUS | IMAP_CAN_SASL_IR |
             IMAP_CAN_GMAIL,
         ""},
        {"nonsense", "220 smtp\n", "hello\n\n", false, false, 0, ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct imap imap;
        imap_init(&imap, NULL, slice_from(rows[i].greeting), slice_from(rows[i].capabilities));
        CHECK_ROW(rows[i].name, imap.capabilities_known == rows[i].known && imap.preauth == rows[i].preauth);
        CHECK_ROW(rows[i].name, imap.capabilities == rows[i].bits);
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&imap.mechanisms), rows[i].mechanisms);
        imap_clear(&imap);
    }
}

/* What one command with a string in it sends. */
static void test_strings(void **state)
{
    char long_name[1101], long_turn[1200];
    memset(long_name, 'x', 1100);
    long_name[1100] = '\0';
    snprintf(long_turn, sizeof long_turn, "A1 X {1100+}\r\n%s\r\n", long_name);
    const struct {
        const char *name, *capabilities;
        struct slice text;
        struct turn turns[4];
    } rows[] = {
        {"plain", "", SLICE("INBOX"), {{"A1 X \"INBOX\"\r\n", "A1 OK\r\n"}}},
        {"empty", "", SLICE(""), {{"A1 X \"\"\r\n", "A1 OK\r\n"}}},
        {"quotes", "", SLICE("a \"b\\c\""), {{"A1 X \"a \\\"b\\\\c\\\"\"\r\n", "A1 OK\r\n"}}},
        {"8 bit waits", "", SLICE("\xc3\xa9"), {{"A1 X {2}\r\n", "+\r\n"}, {"\xc3\xa9\r\n", "A1 OK\r\n"}}},
        {"data before the plus",
         "",
         SLICE("\xc3\xa9"),
         {{"A1 X {2}\r\n", "* 3 EXISTS\r\n* OK {5}\r\n+ go on\r\n"}, {"\xc3\xa9\r\n", "A1 OK\r\n"}}},
        {"8 bit, LITERAL+", "LITERAL+", SLICE("\xc3\xa9"), {{"A1 X {2+}\r\n\xc3\xa9\r\n", "A1 OK\r\n"}}},
        {"8 bit, LITERAL-", "LITERAL-", SLICE("\xc3\xa9"), {{"A1 X {2+}\r\n\xc3\xa9\r\n", "A1 OK\r\n"}}},
        {"line end", "LITERAL+", SLICE("a\r\nb"), {{"A1 X {4+}\r\na\r\nb\r\n", "A1 OK\r\n"}}},
        {"long", "LITERAL+", slice_from(long_name), {{long_turn, "A1 OK\r\n"}}},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows) * 2; i++) {
        struct talk t;
        struct imap_result result;
        const char *name = rows[i / 2].name;
        begin(&t, rows[i / 2].turns, rows[i / 2].capabilities, i % 2 == 1);
        imap_begin(&t.imap, "X ");
        imap_string(&t.imap, rows[i / 2].text);
        imap_end(&t.imap, &result);
        CHECK_ROW(name, imap_run(&t.imap, STAGE_SEARCH, NULL, NULL, &t.err));
        CHECK_ROW(name, result.done && result.status == IMAP_OK);
        CHECK_ROW(name, peer_satisfied(&t.peer));
        end(&t);
    }
}

/* LITERAL- ends at 4096 bytes (RFC 7888). */
static void test_literal_minus(void **state)
{
    static char big[4098];
    struct talk t;
    memset(big, 'x', sizeof big - 1);
    static const struct turn turns[] = {{"A1 X {4097}\r\n", "A1 BAD too big\r\n"}, {NULL, NULL}};
    struct imap_result result;
    (void)state;

    begin(&t, turns, "LITERAL-", false);
    imap_begin(&t.imap, "X ");
    imap_string(&t.imap, slice_from(big));
    imap_end(&t.imap, &result);
    assert_true(imap_run(&t.imap, STAGE_SEARCH, NULL, NULL, &t.err));
    assert_int_equal(result.status, IMAP_BAD);
    assert_true(peer_satisfied(&t.peer));
    end(&t);
}

static void note_name(void *context, const struct imap_response *r)
{
    struct buffer *names = context;

    if (r->numbered)
        buffer_printf(names, "%u ", r->number);
    buffer_append(names, r->name);
    buffer_append_char(names, ';');
}

/* Several commands in one flight; a refused literal does not take the others with it; answers in any order.
 */
static void test_flight(void **state)
{
    static const struct turn turns[] = {
        {"A1 NOOP\r\nA2 STATUS {2}\r\n", "* 7 EXISTS\r\nA1 OK\r\nA2 NO [CANNOT] no literals\r\n"},
        {"A3 CHECK\r\n", "* LIST () \"/\" {3}\r\na\r\n\r\nA3 BAD what\r\n"},
        {NULL, NULL},
    };
    (void)state;

    for (int dripping = 0; dripping < 2; dripping++) {
        struct talk t;
        struct buffer names = BUFFER_INIT(1000);
        struct imap_result noop, status, check;
        begin(&t, turns, "", dripping == 1);
        imap_begin(&t.imap, "NOOP");
        imap_end(&t.imap, &noop);
        imap_begin(&t.imap, "STATUS ");
        imap_string(&t.imap, SLICE("\xc3\xa9"));
        imap_end(&t.imap, &status);
        imap_begin(&t.imap, "CHECK");
        imap_end(&t.imap, &check);
        assert_true(imap_run(&t.imap, STAGE_SEARCH, note_name, &names, &t.err));
        assert_string_equal(buffer_text(&names), "7 EXISTS;LIST;");
        assert_int_equal(noop.status, IMAP_OK);
        assert_int_equal(status.status, IMAP_NO);
        assert_string_equal(status.code, "CANNOT");
        assert_int_equal(check.status, IMAP_BAD);
        assert_int_equal(t.imap.exists, 7);
        assert_true(peer_satisfied(&t.peer));
        end(&t);
        buffer_clear(&names);
    }
}

static void test_answers_in_any_order(void **state)
{
    static const struct turn turns[] = {{"A1 A\r\nA2 B\r\n", "A2 OK two\r\nA1 NO one\r\n"}, {NULL, NULL}};
    struct talk t;
    struct imap_result a, b;
    (void)state;

    begin(&t, turns, "", false);
    imap_begin(&t.imap, "A");
    imap_end(&t.imap, &a);
    imap_begin(&t.imap, "B");
    imap_end(&t.imap, &b);
    assert_true(imap_run(&t.imap, STAGE_SEARCH, NULL, NULL, &t.err));
    assert_string_equal(a.text, "one");
    assert_string_equal(b.text, "two");
    end(&t);
}

/* What the server tells of the mailbox, whenever it likes. */
static void test_untagged(void **state)
{
    static const char said[] = "* 18 EXISTS\r\n* 2 RECENT\r\n* OK [UIDVALIDITY 3857529045] ok\r\n"
                               "* OK [UIDNEXT 4294967295] ok\r\n* OK [ALERT] disk | full\x1b[1m soon\r\n"
                               "\r\n"
                               "* \r\n"
                               "* NO something\r\n"
                               "* 3 EXPUNGE\r\n* 3 EXPUNGED\r\n* VANISHED 5\r\n* XYZZY (((\r\n"
                               "* CAPABILITY IMAP4rev1 IDLE\r\n"
                               "A1 OK [READ-ONLY] done\r\n";
    static const struct turn turns[] = {{"A1 EXAMINE\r\n", said}, {NULL, NULL}};
    (void)state;

    for (int dripping = 0; dripping < 2; dripping++) {
        struct talk t;
        begin(&t, turns, "MOVE", dripping == 1);
        imap_begin(&t.imap, "EXAMINE");
        imap_end(&t.imap, NULL);
        assert_true(imap_run(&t.imap, STAGE_SELECT, NULL, NULL, &t.err));
        assert_int_equal(t.imap.exists, 15);
        assert_int_equal(t.imap.announced, 1);
        assert_int_equal(t.imap.expunged, 3);
        assert_true(t.imap.uidnext == 4294967295U && t.imap.uidvalidity == 3857529045U);
        assert_true(t.imap.read_only);
        assert_true(imap_can(&t.imap, IMAP_CAN_IDLE) && !imap_can(&t.imap, IMAP_CAN_MOVE));
        assert_string_equal(t.imap.alert, "disk / full soon");
        end(&t);
    }
}

/* How a conversation ends badly. */
static void test_errors(void **state)
{
    static const struct {
        const char *name, *says;
        enum peer_ending ending;
        enum fault fault;
        const char *text; /* part of it */
    } rows[] = {
        {"wrong tag", "A2 OK\r\n", PEER_SILENT, FAULT_PROTOCOL, "never sent"},
        {"tag of another kind", "B1 OK\r\n", PEER_SILENT, FAULT_PROTOCOL, "never sent"},
        {"answered twice", "A1 OK\r\nA1 OK\r\n", PEER_CLOSES, FAULT_NONE, ""},
        {"smtp", "220 mx.example ESMTP | x=1\r\n", PEER_SILENT, FAULT_PROTOCOL, "220 mx.example ESMTP / x=1"},
        {"closed", "* 1 EXISTS\r\n", PEER_CLOSES, FAULT_CONNECT, "closed the connection"},
        {"reset", "", PEER_RESETS, FAULT_CONNECT, "broke the connection"},
        {"silent", "", PEER_SILENT, FAULT_TIMEOUT, "was silent"},
        {"no end", "* OK still here\r\n", PEER_SILENT, FAULT_TIMEOUT, "had not ended its answer"},
        {"bye", "* BYE Server shutting down.\r\n", PEER_CLOSES, FAULT_SERVER_UNAVAILABLE,
         "BYE Server shutting down."},
        {"bye, open", "* BYE [UNAVAILABLE] maintenance\r\n", PEER_SILENT, FAULT_SERVER_UNAVAILABLE,
         "BYE [UNAVAILABLE] maintenance"},
        {"bye, then the answer", "* BYE later\r\nA1 OK\r\n", PEER_CLOSES, FAULT_NONE, ""},
        {"literal without end", "* 1 FETCH (BODY[] {100}\r\nabc", PEER_CLOSES, FAULT_CONNECT, "closed"},
        {"literal of 2 GB", "* 1 FETCH (BODY[] {2147483648}\r\nabc", PEER_SILENT, FAULT_PROTOCOL,
         "2147483648"},
        {"literal of 60 MB", "* 1 FETCH (BODY[] {60000000}\r\nabc", PEER_SILENT, FAULT_TIMEOUT, ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows) * 2; i++) {
        const char *name = rows[i / 2].name;
        struct turn turns[] = {{"A1 NOOP\r\n", rows[i / 2].says}, {NULL, NULL}};
        struct talk t;
        begin(&t, turns, "", i % 2 == 1);
        t.peer.ending = rows[i / 2].ending;
        if (rows[i / 2].ending == PEER_SILENT)
            t.stream.deadline = deadline_in(0.03);
        imap_begin(&t.imap, "NOOP");
        imap_end(&t.imap, NULL);
        bool ok = imap_run(&t.imap, STAGE_SEARCH, NULL, NULL, &t.err);
        CHECK_ROW(name, ok == (rows[i / 2].fault == FAULT_NONE));
        CHECK_ROW_TEXT(name, fault_class(t.err.kind), fault_class(rows[i / 2].fault));
        CHECK_ROW(name, ok || t.err.stage == STAGE_SEARCH);
        CHECK_ROW(name, strstr(t.err.text, rows[i / 2].text) != NULL);
        CHECK_ROW(name, t.imap.in.capacity <= 2 * IMAP_RESPONSE_MAX);
        end(&t);
    }
}

static void test_cut_literal(void **state)
{
    enum { LENGTH = 3 * 1024 * 1024 };
    char *said = malloc(LENGTH + 200);
    assert_non_null(said);
    int n = snprintf(said, 200, "* 1 FETCH (BODY[] {%d}\r\n", LENGTH);
    memset(said + n, 'x', LENGTH);
    snprintf(said + n + LENGTH, 100, " UID 7)\r\n");
    static const struct turn silence[] = {{NULL, NULL}};
    struct peer peer = PEER_INIT(silence);
    struct stream stream;
    struct buffer raw = BUFFER_INIT(IMAP_RESPONSE_MAX);
    struct imap_response r;
    struct imap_fetch f;
    struct err err;
    (void)state;

    peer.pending.max = LENGTH + 200;
    assert_true(buffer_append_text(&peer.pending, said));
    stream_init(&stream, &peer_ops, &peer, "imap", NULL, deadline_in(60));
    assert_true(imap_read(&stream, STAGE_FETCH, false, &raw, &err));
    assert_true(imap_response_parse(buffer_slice(&raw), &r) && imap_fetch_parse(&r, &f));
    assert_true(f.uid == 7 && f.has_body && f.body.text.len > 900 * 1024 &&
                f.body.text.len < IMAP_RESPONSE_MAX);
    stream_clear(&stream);
    buffer_clear(&raw);
    peer_clear(&peer);
    free(said);
}

/* Lines of a response without end are bounded, too. */
static void test_endless_response(void **state)
{
    static const struct turn silence[] = {{NULL, NULL}};
    struct peer peer = PEER_INIT(silence);
    struct stream stream;
    struct buffer raw = BUFFER_INIT(IMAP_RESPONSE_MAX);
    struct err err;
    (void)state;

    peer.pending.max = 8 * IMAP_RESPONSE_MAX;
    buffer_append_text(&peer.pending, "* LIST ");
    for (int i = 0; i < IMAP_RESPONSE_MAX; i++)
        buffer_append_text(&peer.pending, "{0}\r\n");
    stream_init(&stream, &peer_ops, &peer, "imap", NULL, deadline_in(60));
    assert_false(imap_read(&stream, STAGE_FETCH, false, &raw, &err));
    assert_int_equal(err.kind, FAULT_PROTOCOL);
    stream_clear(&stream);
    buffer_clear(&raw);
    peer_clear(&peer);
}

/* --- login --- */

struct login_row {
    const char *name, *capabilities;
    const char *user, *password, *token, *named;
    bool in_clear, allow_clear;
    struct turn turns[TURNS_MAX];
    const char *mechanism;
    enum fault fault;
    const char *text; /* NULL: any */
};

static void play_login(const struct login_row *row, bool dripping)
{
    struct login login = {.username = row->user,
                          .password = SECRET_NONE,
                          .token = SECRET_NONE,
                          .mechanism = row->named,
                          .allow_plaintext = row->allow_clear};
    char mechanism[24] = "";
    struct talk t;

    if (row->password != NULL)
        assert_true(secret_set(&login.password, slice_from(row->password)));
    if (row->token != NULL)
        assert_true(secret_set(&login.token, slice_from(row->token)));
    begin(&t, row->turns, row->capabilities, dripping);
    bool ok =
        imap_login(&t.imap, &login, "mail.example", 143, !row->in_clear, mechanism, sizeof mechanism, &t.err);
    CHECK_ROW_TEXT(row->name, fault_class(t.err.kind),
                   ok ? fault_class(t.err.kind) : fault_class(row->fault));
    CHECK_ROW(row->name, ok == (row->fault == FAULT_NONE));
    CHECK_ROW_TEXT(row->name, mechanism, row->mechanism);
    if (row->text != NULL)
        CHECK_ROW_TEXT(row->name, t.err.text, row->text);
    CHECK_ROW(row->name, peer_satisfied(&t.peer));
    struct slice seen = buffer_slice(&t.transcript.lines);
    CHECK_ROW(row->name, row->password == NULL || !slice_contains_nocase(seen, slice_from(row->password)));
    CHECK_ROW(row->name,
              !slice_contains_nocase(seen, SLICE(TOKEN)) && !slice_contains_nocase(seen, SLICE("AHRpbQB0")));
    CHECK_ROW(row->name, row->password == NULL || strstr(t.err.text, row->password) == NULL);
    secret_clear(&login.password);
    secret_clear(&login.token);
    end(&t);
}

#define PLAIN_RESPONSE "AHRpbQB0YW4tc3RhLmFmMQ=="

static void test_login(void **state)
{
    static const struct login_row rows[] = {
        {.name = "plain, initial response",
         .capabilities = "SASL-IR AUTH=PLAIN",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"A1 AUTHENTICATE PLAIN " PLAIN_RESPONSE "\r\n", "A1 OK in\r\n"}},
         .mechanism = "PLAIN"},
        {.name = "plain, without",
         .capabilities = "AUTH=PLAIN",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"A1 AUTHENTICATE PLAIN\r\n", "+ \r\n"}, {PLAIN_RESPONSE "\r\n", "A1 OK in\r\n"}},
         .mechanism = "PLAIN"},
        {.name = "login command",
         .capabilities = "",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"A1 LOGIN \"tim\" \"" PASSWORD "\"\r\n", "* CAPABILITY IMAP4rev1\r\nA1 OK in\r\n"}},
         .mechanism = "LOGIN"},
        {.name = "login command, odd password",
         .capabilities = "",
         .user = "tim",
         .password = "a\"b\\c d%",
         .turns = {{"A1 LOGIN \"tim\" \"a\\\"b\\\\c d%\"\r\n", "A1 OK in\r\n"}},
         .mechanism = "LOGIN"},
        {.name = "login command, 8 bit",
         .capabilities = "",
         .user = "tim",
         .password = "p\xc3\xa4sswort",
         .turns = {{"A1 LOGIN \"tim\" {9}\r\n", "+ ok\r\n"}, {"p\xc3\xa4sswort\r\n", "A1 OK in\r\n"}},
         .mechanism = "LOGIN"},
        {.name = "login command refused",
         .capabilities = "",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"A1 LOGIN \"tim\" \"" PASSWORD "\"\r\n",
                    "A1 NO [AUTHENTICATIONFAILED] tim " PASSWORD " is wrong\r\n"}},
         .mechanism = "LOGIN",
         .fault = FAULT_AUTH_CREDENTIALS},
        {.name = "wrong password is tried once",
         .capabilities = "SASL-IR AUTH=PLAIN AUTH=LOGIN",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"A1 AUTHENTICATE PLAIN " PLAIN_RESPONSE "\r\n",
                    "A1 NO [AUTHENTICATIONFAILED] Authentication failed.\r\n"}},
         .mechanism = "PLAIN",
         .fault = FAULT_AUTH_CREDENTIALS,
         .text = "AUTHENTICATE refused: NO [AUTHENTICATIONFAILED] Authentication failed."},
        {.name = "a mechanism that does not work",
         .capabilities = "SASL-IR AUTH=PLAIN",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"A1 AUTHENTICATE PLAIN " PLAIN_RESPONSE "\r\n",
                    "A1 BAD Unsupported authentication mechanism\r\n"},
                   {"A2 LOGIN \"tim\" \"" PASSWORD "\"\r\n", "A2 OK in\r\n"}},
         .mechanism = "LOGIN"},
        {.name = "data during the dialogue",
         .capabilities = "AUTH=PLAIN",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"A1 AUTHENTICATE PLAIN\r\n", "* OK wait\r\n+\r\n"},
                   {PLAIN_RESPONSE "\r\n", "* CAPABILITY IMAP4rev1 IDLE\r\nA1 OK in\r\n"}},
         .mechanism = "PLAIN"},
        {.name = "xoauth2 refused",
         .capabilities = "SASL-IR AUTH=XOAUTH2 AUTH=PLAIN",
         .user = "tim",
         .token = TOKEN,
         .turns = {{"A1 AUTHENTICATE XOAUTH2 dXNlcj10aW0BYXV0aD1CZWFyZXIgeWEyOS50b2stZW4BAQ==\r\n",
                    "+ "
                    "eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJodHRwczovL21haWwuZ29vZ2xlLmNv"
                    "bS8ifQ==\r\n"},
                   {"\r\n", "A1 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)\r\n"}},
         .mechanism = "XOAUTH2",
         .fault = FAULT_AUTH_TOKEN},
        {.name = "nonsense for a challenge",
         .capabilities = "AUTH=CRAM-MD5 LOGINDISABLED",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"A1 AUTHENTICATE CRAM-MD5\r\n", "+ !!!\r\n"}, {"*\r\n", "A1 BAD cancelled\r\n"}},
         .mechanism = "CRAM-MD5",
         .fault = FAULT_PROTOCOL},
        {.name = "logindisabled",
         .capabilities = "LOGINDISABLED AUTH=GSSAPI",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{0}},
         .mechanism = "",
         .fault = FAULT_AUTH_UNAVAILABLE},
        {.name = "logindisabled in clear",
         .capabilities = "LOGINDISABLED",
         .user = "tim",
         .password = PASSWORD,
         .in_clear = true,
         .allow_clear = true,
         .turns = {{0}},
         .mechanism = "",
         .fault = FAULT_AUTH_UNAVAILABLE},
        {.name = "logindisabled forgotten after starttls",
         .capabilities = "LOGINDISABLED",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"A1 LOGIN \"tim\" \"" PASSWORD "\"\r\n", "A1 OK in\r\n"}},
         .mechanism = "LOGIN"},
        {.name = "in clear",
         .capabilities = "AUTH=PLAIN",
         .user = "tim",
         .password = PASSWORD,
         .in_clear = true,
         .turns = {{0}},
         .mechanism = "",
         .fault = FAULT_AUTH_UNAVAILABLE},
        {.name = "named, not offered",
         .capabilities = "AUTH=PLAIN",
         .user = "tim",
         .password = PASSWORD,
         .named = "SCRAM-SHA-256",
         .turns = {{0}},
         .mechanism = "",
         .fault = FAULT_AUTH_UNAVAILABLE},
        {.name = "nobody",
         .capabilities = "AUTH=PLAIN",
         .turns = {{0}},
         .mechanism = "",
         .fault = FAULT_AUTH_REQUIRED},
        {.name = "cut",
         .capabilities = "AUTH=PLAIN",
         .user = "tim",
         .password = PASSWORD,
         .turns = {{"A1 AUTHENTICATE PLAIN\r\n", "* BYE overloaded\r\n"}},
         .mechanism = "PLAIN",
         .fault = FAULT_SERVER_UNAVAILABLE},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        play_login(&rows[i], false);
        play_login(&rows[i], true);
    }
}

static void test_preauth(void **state)
{
    struct login login = {.username = NULL, .password = SECRET_NONE, .token = SECRET_NONE};
    char mechanism[24];
    struct imap imap;
    struct err err;
    (void)state;

    imap_init(&imap, NULL, SLICE("* PREAUTH hi\n"), SLICE_EMPTY);
    assert_true(imap_login(&imap, &login, "h", 143, false, mechanism, sizeof mechanism, &err));
    assert_string_equal(mechanism, "PREAUTH");
    imap_clear(&imap);
}

/* --- IDLE --- */

static void test_idle(void **state)
{
    static const struct turn turns[] = {
        {"A1 IDLE\r\n", "* 3 EXISTS\r\n+ idling\r\n* OK Still here\r\n* 4 EXISTS\r\n* 1 RECENT\r\n"},
        {"DONE\r\n", "* 5 EXISTS\r\nA1 OK Idle completed.\r\n"},
        {"A2 NOOP\r\n", "A2 OK\r\n"},
        {NULL, NULL},
    };
    (void)state;

    for (int dripping = 0; dripping < 2; dripping++) {
        struct talk t;
        begin(&t, turns, "IDLE", dripping == 1);
        assert_int_equal(imap_idle(&t.imap, STAGE_SEARCH, &t.err), 1);
        assert_int_equal(imap_listen(&t.imap, STAGE_SEARCH, t.imap.announced, 1, &t.err), 1);
        assert_int_equal(t.imap.exists, 4);
        assert_true(imap_idle_done(&t.imap, STAGE_SEARCH, &t.err));
        assert_int_equal(t.imap.exists, 5);
        imap_begin(&t.imap, "NOOP");
        imap_end(&t.imap, NULL);
        assert_true(imap_run(&t.imap, STAGE_SEARCH, NULL, NULL, &t.err));
        assert_true(peer_satisfied(&t.peer));
        end(&t);
    }
}

static void test_idle_otherwise(void **state)
{
    static const struct {
        const char *name;
        const char *says;
        enum peer_ending ending;
        int idle, listen;
        enum fault fault;
    } rows[] = {
        {"refused", "A1 BAD unknown command\r\n", PEER_SILENT, 0, 0, FAULT_NONE},
        {"answered at once", "A1 OK\r\n", PEER_SILENT, 0, 0, FAULT_NONE},
        {"nothing comes", "+ idling\r\n", PEER_SILENT, 1, 0, FAULT_NONE},
        {"ended by the server", "+ idling\r\nA1 OK enough\r\n", PEER_SILENT, 1, 1, FAULT_NONE},
        {"bye", "+ idling\r\n* BYE idle for too long\r\n", PEER_CLOSES, 1, -1, FAULT_TIMEOUT},
        {"bye, open", "+ idling\r\n* BYE going down\r\n", PEER_SILENT, 1, -1, FAULT_SERVER_UNAVAILABLE},
        {"closed", "+ idling\r\n", PEER_CLOSES, 1, -1, FAULT_CONNECT},
        {"closed before", "", PEER_CLOSES, -1, 0, FAULT_CONNECT},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct turn turns[] = {{"A1 IDLE\r\n", rows[i].says}, {NULL, NULL}};
        struct talk t;
        begin(&t, turns, "IDLE", false);
        t.peer.ending = rows[i].ending;
        CHECK_ROW(rows[i].name, imap_idle(&t.imap, STAGE_SEARCH, &t.err) == rows[i].idle);
        if (rows[i].idle == 1)
            CHECK_ROW(rows[i].name, imap_listen(&t.imap, STAGE_SEARCH, 0, 0.02, &t.err) == rows[i].listen);
        CHECK_ROW_TEXT(rows[i].name, fault_class(t.err.kind), fault_class(rows[i].fault));
        end(&t);
    }
}

static void test_logout(void **state)
{
    static const struct turn turns[] = {{"A1 LOGOUT\r\n", "* BYE bye\r\nA1 OK\r\n"}, {NULL, NULL}};
    static const struct turn deaf[] = {{"A1 LOGOUT\r\n", ""}, {NULL, NULL}};
    struct talk t;
    (void)state;

    begin(&t, turns, "", false);
    imap_logout(&t.imap, 1);
    assert_true(peer_satisfied(&t.peer));
    end(&t);

    begin(&t, deaf, "", false);
    t.peer.ending = PEER_SILENT;
    struct timespec began = clock_now();
    imap_logout(&t.imap, 0.05);
    assert_true(clock_since(began) < 1);
    end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capabilities),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_literal_minus),
        cmocka_unit_test(test_flight),
        cmocka_unit_test(test_answers_in_any_order),
        cmocka_unit_test(test_untagged),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_cut_literal),
        cmocka_unit_test(test_endless_response),
        cmocka_unit_test(test_login),
        cmocka_unit_test(test_preauth),
        cmocka_unit_test(test_idle),
        cmocka_unit_test(test_idle_otherwise),
        cmocka_unit_test(test_logout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
