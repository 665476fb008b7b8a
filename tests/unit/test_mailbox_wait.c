/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waiting over IMAP, and all of POP3. */
#include "tests/unit/mailbox_world.h"
#include "tests/unit/unit.h"

#define HEADER " (UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER]<0.262144>)\r\n"
#define PROBE  "* 4 FETCH (UID 10 INTERNALDATE \"@\" BODY[HEADER]<0> [[X-Mailproof-Marker: $\r\n\r\n]])\r\n"
#define LATER  "* 5 FETCH (UID 11 INTERNALDATE \"@\" BODY[HEADER]<0> [[X-Mailproof-Marker: $\r\n\r\n]])\r\n"
#define FIRST                                                                                                \
    {                                                                                                        \
        "A1 EXAMINE \"INBOX\"\r\n",                                                                          \
            "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 10] x\r\nA1 OK x\r\n"                     \
    }
#define LOOK                                                                                                 \
    {"A2 NOOP\r\n", "A2 OK\r\n"},                                                                            \
    {                                                                                                        \
        "A3 UID FETCH 10:*" HEADER, "A3 OK x\r\n"                                                            \
    }

static bool any(const struct mailbox *m, void *context)
{
    (void)context;
    return mailbox_finding_count(m) > 0;
}

static bool nothing(const struct mailbox *m, void *context)
{
    (void)m, (void)context;
    return false;
}

struct scene {
    const char *name;
    double head_start; /* seconds that were waited already */
    double seconds;
    mailbox_enough_fn *enough;
    struct turn turns[3][12]; /* of each connection */
    bool ok;
    enum fault fault;
    const char *findings;
    double paused; /* between connections, at least */
};

static void play(const struct scene *scene)
{
    struct world w;
    struct err err = ERR_NONE;
    struct buffer text = BUFFER_INIT(1000);
    struct timespec began;

    world_init(&w, PROTOCOL_IMAP);
    w.capabilities = "* CAPABILITY IMAP4rev1 IDLE\n";
    w.request.only_new = true;
    w.request.matcher.marker = &w.ours;
    for (size_t i = 0; i < COUNT_OF(scene->turns) && scene->turns[i][0].hears != NULL; i++)
        world_add(&w, scene->turns[i]);
    CHECK_ROW(scene->name, world_open(&w, &err));
    began = clock_now();
    began.tv_sec -= (time_t)scene->head_start;
    bool ok =
        mailbox_wait_since(w.mailbox, began, scene->head_start + scene->seconds, scene->enough, NULL, &err);
    CHECK_ROW_TEXT(scene->name, ok ? "" : fault_class(err.kind), fault_class(scene->fault));
    CHECK_ROW(scene->name, ok == scene->ok);
    world_findings(&w, &text);
    CHECK_ROW_TEXT(scene->name, buffer_text(&text), scene->findings);
    CHECK_ROW(scene->name, world_satisfied(&w));
    CHECK_ROW(scene->name, w.paused_s >= scene->paused);
    buffer_clear(&text);
    world_clear(&w);
}

static void test_wait(void **state)
{
    static const struct scene scenes[] = {
        {.name = "there already",
         .seconds = 2,
         .enough = any,
         .ok = true,
         .findings = "0/10/P ",
         .turns = {{FIRST,
                    {"A2 NOOP\r\n", "* 4 EXISTS\r\nA2 OK\r\n"},
                    {"A3 UID FETCH 10:*" HEADER, PROBE "A3 OK x\r\n"}}}},
        {.name = "seen by a NOOP",
         .seconds = 2,
         .enough = any,
         .ok = true,
         .findings = "0/10/P ",
         .turns = {{FIRST,
                    LOOK,
                    {"A4 NOOP\r\n", "A4 OK\r\n"},
                    {"A5 NOOP\r\n", "* 4 EXISTS\r\nA5 OK\r\n"},
                    {"A6 UID FETCH 10:*" HEADER, PROBE "A6 OK x\r\n"}}}},
        {.name = "announced unasked",
         .seconds = 2,
         .enough = any,
         .ok = true,
         .findings = "0/10/P ",
         .turns = {{FIRST,
                    {"A2 NOOP\r\n", "A2 OK\r\n"},
                    {"A3 UID FETCH 10:*" HEADER, "A3 OK x\r\n* 4 EXISTS\r\n"},
                    {"A4 UID FETCH 10:*" HEADER, PROBE "A4 OK x\r\n"}}}},
        {.name = "an expunge hides the growth",
         .seconds = 2,
         .enough = any,
         .ok = true,
         .findings = "0/10/P ",
         .turns = {{FIRST,
                    LOOK,
                    {"A4 NOOP\r\n", "* 3 EXISTS\r\nA4 OK\r\n"},
                    {"A5 UID FETCH 10:*" HEADER, PROBE "A5 OK x\r\n"}}}},
        {.name = "announced by IDLE",
         .head_start = 10,
         .seconds = 2,
         .enough = any,
         .ok = true,
         .findings = "0/10/P ",
         .turns = {{FIRST,
                    LOOK,
                    {"A4 IDLE\r\n", "+ idling\r\n* OK Still here\r\n* 4 EXISTS\r\n"},
                    {"DONE\r\n", "A4 OK\r\n"},
                    {"A5 UID FETCH 10:*" HEADER, PROBE "A5 OK x\r\n"}}}},
        {.name = "announced by IDLE, something else",
         .head_start = 10,
         .seconds = 2,
         .enough = any,
         .ok = true,
         .findings = "0/11/P ",
         .turns = {{FIRST,
                    LOOK,
                    {"A4 IDLE\r\n", "+ idling\r\n* 4 EXISTS\r\n"},
                    {"DONE\r\n", "A4 OK\r\n"},
                    {"A5 UID FETCH 10:*" HEADER, "* 4 FETCH (UID 10 BODY[HEADER] \"a: b\")\r\nA5 OK x\r\n"},
                    {"A6 IDLE\r\n", "+ idling\r\n* 4 EXISTS\r\n"},
                    {"DONE\r\n", "A6 OK\r\n"},
                    {"A7 UID FETCH 11:*" HEADER, LATER "A7 OK x\r\n"}}}},
        {.name = "IDLE refused",
         .head_start = 10,
         .seconds = 2,
         .enough = any,
         .ok = true,
         .findings = "0/10/P ",
         .turns = {{FIRST,
                    LOOK,
                    {"A4 IDLE\r\n", "A4 BAD what\r\n"},
                    {"A5 NOOP\r\n", "* 4 EXISTS\r\nA5 OK\r\n"},
                    {"A6 UID FETCH 10:*" HEADER, PROBE "A6 OK x\r\n"}}}},
        {.name = "IDLE ended by the server",
         .head_start = 10,
         .seconds = 3,
         .enough = any,
         .ok = true,
         .findings = "0/10/P ",
         .turns = {{FIRST,
                    LOOK,
                    {"A4 IDLE\r\n", "+ idling\r\nA4 OK done\r\n"},
                    {"A5 NOOP\r\n", "* 4 EXISTS\r\nA5 OK\r\n"},
                    {"A6 UID FETCH 10:*" HEADER, PROBE "A6 OK x\r\n"}}}},
        {.name = "announced by IDLE, nothing there",
         .head_start = 10,
         .seconds = 3,
         .enough = any,
         .ok = true,
         .findings = "0/10/P ",
         .turns = {{FIRST,
                    LOOK,
                    {"A4 IDLE\r\n", "+ idling\r\n* 4 EXISTS\r\n"},
                    {"DONE\r\n", "A4 OK\r\n"},
                    {"A5 UID FETCH 10:*" HEADER, "* 3 FETCH (UID 9 BODY[HEADER] \"a: b\")\r\nA5 OK x\r\n"},
                    {"A6 NOOP\r\n", "* 4 EXISTS\r\nA6 OK\r\n"},
                    {"A7 UID FETCH 10:*" HEADER, PROBE "A7 OK x\r\n"}}}},
        {.name = "time is up: asked and looked once more",
         .head_start = 10,
         .seconds = 0.05,
         .enough = nothing,
         .ok = true,
         .findings = "0/10/P ",
         .turns = {{FIRST,
                    LOOK,
                    {"A4 IDLE\r\n", "+ idling\r\n"},
                    {"DONE\r\n", "A4 OK\r\n"},
                    {"A5 NOOP\r\n", "A5 OK\r\n"},
                    {"A6 UID FETCH 10:*" HEADER, PROBE "A6 OK x\r\n"}}}},
        {.name = "connection lost, made anew",
         .seconds = 2,
         .enough = any,
         .ok = true,
         .findings = "0/10/P ",
         .paused = 0.25,
         .turns = {{FIRST, LOOK, {"A4 NOOP\r\n", ""}},
                   {{"A1 EXAMINE \"INBOX\"\r\n",
                     "* 4 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 11] x\r\nA1 OK x\r\n"},
                    {"A2 NOOP\r\n", "A2 OK\r\n"},
                    {"A3 UID FETCH 10:*" HEADER, PROBE "A3 OK x\r\n"}}}},
        {.name = "bye while idling, twice",
         .head_start = 10,
         .seconds = 2,
         .enough = any,
         .ok = true,
         .findings = "0/10/P ",
         .paused = 0.75,
         .turns = {{FIRST, LOOK, {"A4 IDLE\r\n", "+ idling\r\n* BYE idle for too long\r\n"}},
                   {FIRST, {"A2 NOOP\r\n", "* BYE shutting down\r\n"}},
                   {FIRST,
                    {"A2 NOOP\r\n", "* 4 EXISTS\r\nA2 OK\r\n"},
                    {"A3 UID FETCH 10:*" HEADER, PROBE "A3 OK x\r\n"}}}},
        {.name = "the server is gone for good",
         .seconds = 2,
         .enough = any,
         .fault = FAULT_CONNECT,
         .findings = "",
         .paused = 2,
         .turns = {{FIRST, LOOK, {"A4 NOOP\r\n", ""}}}},
        {.name = "no loss, but nonsense",
         .seconds = 2,
         .enough = any,
         .fault = FAULT_PROTOCOL,
         .findings = "",
         .turns = {{FIRST, LOOK, {"A4 NOOP\r\n", "A9 OK\r\n"}}}},
        {.name = "UIDVALIDITY changed meanwhile",
         .seconds = 2,
         .enough = any,
         .ok = true,
         .findings = "0/2/P ",
         .turns =
             {{FIRST, LOOK, {"A4 NOOP\r\n", ""}},
              {{"A1 EXAMINE \"INBOX\"\r\n",
                "* 2 EXISTS\r\n* OK [UIDVALIDITY 8] x\r\n* OK [UIDNEXT 3] x\r\nA1 OK x\r\n"},
               {"A2 NOOP\r\n", "A2 OK\r\n"},
               {"A3 FETCH 1:2 (UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (" MATCH_FIELDS ")])\r\n",
                "* 2 FETCH (UID 2 INTERNALDATE \"@\" BODY[HEADER] [[X-Mailproof-Marker: $]])\r\nA3 OK x\r\n"},
               {"A4 UID FETCH 2" HEADER, "* 2 FETCH (UID 2 INTERNALDATE \"@\" BODY[HEADER] "
                                         "[[X-Mailproof-Marker: $]])\r\nA4 OK x\r\n"}}}},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(scenes); i++)
        play(&scenes[i]);
}

static void test_deadline(void **state)
{
    static const struct turn turns[] = {FIRST, LOOK, {"A4 IDLE\r\n", "+ idling\r\n"}, {NULL, NULL}};
    struct world w;
    struct err err;
    (void)state;

    world_init(&w, PROTOCOL_IMAP);
    w.capabilities = "* CAPABILITY IMAP4rev1 IDLE\n";
    w.request.only_new = true;
    w.request.matcher.marker = &w.ours;
    w.ending = PEER_SILENT;
    w.timeout_s = 0.1;
    world_add(&w, turns);
    assert_true(world_open(&w, &err));
    struct timespec began = clock_now();
    struct timespec earlier = {began.tv_sec - 10, began.tv_nsec};
    assert_false(mailbox_wait_since(w.mailbox, earlier, 1000, any, NULL, &err));
    assert_int_equal(err.kind, FAULT_TIMEOUT);
    assert_true(clock_since(began) < 1);
    world_clear(&w);
}

/* --- POP3 --- */

#define LOGIN                                                                                                \
    {"USER tim\r\n", "+OK\r\n"},                                                                             \
    {                                                                                                        \
        "PASS secret\r\n", "+OK\r\n"                                                                         \
    }
#define P_HEADER "Received: by x; ^\r\nX-Mailproof-Marker: $\r\n\r\n.\r\n"
#define P_OTHER  "X-Mailproof-Marker: %\r\n\r\n.\r\n"

struct pop3_scene {
    const char *name, *capabilities;
    bool only_new, all, wait;
    struct turn turns[3][14];
    enum fault fault;
    const char *findings;
    bool incomplete;
};

static void set_up_pop3(struct world *w)
{
    world_init(w, PROTOCOL_POP3);
    w->endpoint.login.username = "tim";
    assert_true(secret_set(&w->endpoint.login.password, SLICE("secret")));
    w->capabilities = "-ERR no capa\n";
    w->request.matcher.marker = &w->ours;
}

static void play_pop3(const struct pop3_scene *scene)
{
    struct world w;
    struct err err = ERR_NONE;
    struct buffer text = BUFFER_INIT(1000);

    set_up_pop3(&w);
    if (scene->capabilities != NULL)
        w.capabilities = scene->capabilities;
    w.request.only_new = scene->only_new;
    w.request.count_all = scene->all;
    for (size_t i = 0; i < COUNT_OF(scene->turns) && scene->turns[i][0].hears != NULL; i++)
        world_add(&w, scene->turns[i]);
    bool ok = world_open(&w, &err) &&
              (scene->wait ? mailbox_wait(w.mailbox, 5, any, NULL, &err) : mailbox_look(w.mailbox, &err));
    CHECK_ROW_TEXT(scene->name, ok ? "" : fault_class(err.kind), fault_class(scene->fault));
    world_findings(&w, &text);
    CHECK_ROW_TEXT(scene->name, buffer_text(&text), scene->findings);
    CHECK_ROW(scene->name, world_satisfied(&w));
    CHECK_ROW(scene->name, mailbox_count_complete(w.mailbox) == !scene->incomplete);
    CHECK_ROW(scene->name, !world_heard(&w, "DELE") && !world_heard(&w, "RETR"));
    buffer_clear(&text);
    world_clear(&w);
}

static void test_pop3(void **state)
{
    static const struct pop3_scene scenes[] = {
        {.name = "newest first, until found",
         .findings = "0/2/P ",
         .turns = {{LOGIN,
                    {"STAT\r\n", "+OK 3 300\r\n"},
                    {"TOP 3 0\r\n", "+OK\r\n" P_OTHER},
                    {"TOP 2 0\r\n", "+OK\r\n" P_HEADER},
                    {"UIDL 2\r\n", "+OK 2 bbb\r\n"},
                    {"LIST 2\r\n", "+OK 2 100\r\n"},
                    {"TOP 2 0\r\n", "+OK\r\n" P_HEADER},
                    {"UIDL 3\r\n", "+OK 3 ccc\r\n"}}}},
        {.name = "empty", .findings = "", .turns = {{LOGIN, {"STAT\r\n", "+OK 0 0\r\n"}}}},
        {.name = "nothing new",
         .only_new = true,
         .findings = "",
         .turns = {{LOGIN,
                    {"STAT\r\n", "+OK 1 300\r\n"},
                    {"UIDL 1\r\n", "+OK 1 aaa\r\n"},
                    {"UIDL 1\r\n", "+OK 1 aaa\r\n"}}}},
        {.name = "new in the next session",
         .only_new = true,
         .wait = true,
         .findings = "0/2/P ",
         .turns = {{LOGIN,
                    {"STAT\r\n", "+OK 1 300\r\n"},
                    {"UIDL 1\r\n", "+OK 1 aaa\r\n"},
                    {"UIDL 1\r\n", "+OK 1 aaa\r\n"},
                    {"QUIT\r\n", "+OK\r\n"}},
                   {LOGIN,
                    {"STAT\r\n", "+OK 2 300\r\n"},
                    {"UIDL 1\r\n", "+OK 1 aaa\r\n"},
                    {"TOP 2 0\r\n", "+OK\r\n" P_HEADER},
                    {"UIDL 2\r\n", "+OK 2 bbb\r\n"},
                    {"LIST 2\r\n", "+OK 2 100\r\n"},
                    {"TOP 2 0\r\n", "+OK\r\n" P_HEADER},
                    {"UIDL 2\r\n", "+OK 2 bbb\r\n"}}}},
        {.name = "without UIDL",
         .only_new = true,
         .wait = true,
         .findings = "0/2/P ",
         .capabilities = "+OK\nTOP\nUSER\n.\n",
         .turns = {{LOGIN, {"STAT\r\n", "+OK 1 300\r\n"}, {"QUIT\r\n", "+OK\r\n"}},
                   {LOGIN,
                    {"STAT\r\n", "+OK 2 300\r\n"},
                    {"TOP 2 0\r\n", "+OK\r\n" P_HEADER},
                    {"LIST 2\r\n", "-ERR\r\n"},
                    {"TOP 2 0\r\n", "+OK\r\n" P_HEADER}}}},
        {.name = "somebody deleted older ones",
         .only_new = true,
         .wait = true,
         .findings = "0/2/P ",
         .turns = {{LOGIN,
                    {"STAT\r\n", "+OK 3 300\r\n"},
                    {"UIDL 3\r\n", "+OK 3 ccc\r\n"},
                    {"UIDL 3\r\n", "+OK 3 ccc\r\n"},
                    {"QUIT\r\n", "+OK\r\n"}},
                   {LOGIN,
                    {"STAT\r\n", "+OK 2 300\r\n"},
                    {"UIDL 2\r\n", "+OK 2 ddd\r\n"},
                    {"UIDL 1\r\n", "+OK 1 ccc\r\n"},
                    {"TOP 2 0\r\n", "+OK\r\n" P_HEADER},
                    {"UIDL 2\r\n", "+OK 2 ddd\r\n"},
                    {"LIST 2\r\n", "+OK 2 100\r\n"},
                    {"TOP 2 0\r\n", "+OK\r\n" P_HEADER},
                    {"UIDL 2\r\n", "+OK 2 ddd\r\n"}}}},
        {.name = "everything we knew is gone: dates tell",
         .only_new = true,
         .wait = true,
         .findings = "0/2/P ",
         .turns = {{LOGIN,
                    {"STAT\r\n", "+OK 1 300\r\n"},
                    {"UIDL 1\r\n", "+OK 1 aaa\r\n"},
                    {"UIDL 1\r\n", "+OK 1 aaa\r\n"},
                    {"QUIT\r\n", "+OK\r\n"}},
                   {LOGIN,
                    {"STAT\r\n", "+OK 2 300\r\n"},
                    {"UIDL 1\r\n", "+OK 1 xxx\r\n"},
                    {"TOP 2 0\r\n", "+OK\r\n" P_HEADER},
                    {"TOP 1 0\r\n", "+OK\r\nReceived: by x; Sat, 1 Feb 2020 10:00:00 "
                                    "+0000\r\nX-Mailproof-Marker: $\r\n\r\n.\r\n"},
                    {"UIDL 2\r\n", "+OK 2 yyy\r\n"},
                    {"LIST 2\r\n", "+OK 2 100\r\n"},
                    {"TOP 2 0\r\n", "+OK\r\n" P_HEADER},
                    {"UIDL 2\r\n", "+OK 2 yyy\r\n"}}}},
        {.name = "locked, then free",
         .findings = "",
         .turns = {{{"USER tim\r\n", "+OK\r\n"},
                    {"PASS secret\r\n", "-ERR [IN-USE] x\r\n"},
                    {"QUIT\r\n", "+OK\r\n"}},
                   {LOGIN, {"STAT\r\n", "+OK 0 0\r\n"}}}},
        {.name = "connection lost while waiting",
         .only_new = true,
         .wait = true,
         .findings = "0/1/P ",
         .turns = {{LOGIN, {"STAT\r\n", "+OK 0 0\r\n"}, {"QUIT\r\n", "+OK\r\n"}},
                   {LOGIN, {"STAT\r\n", ""}},
                   {LOGIN,
                    {"STAT\r\n", "+OK 1 100\r\n"},
                    {"TOP 1 0\r\n", "+OK\r\n" P_HEADER},
                    {"UIDL 1\r\n", "+OK 1 a\r\n"},
                    {"LIST 1\r\n", "+OK 1 100\r\n"},
                    {"TOP 1 0\r\n", "+OK\r\n" P_HEADER},
                    {"UIDL 1\r\n", "+OK 1 a\r\n"}}}},
        {.name = "bounce",
         .only_new = true,
         .wait = true,
         .findings = "0/1/B ",
         .turns =
             {{LOGIN, {"STAT\r\n", "+OK 0 0\r\n"}, {"QUIT\r\n", "+OK\r\n"}},
              {LOGIN,
               {"STAT\r\n", "+OK 1 100\r\n"},
               {"TOP 1 0\r\n",
                "+OK\r\nFrom: MAILER-DAEMON@x\r\nContent-Type: multipart/report; boundary=b\r\n\r\n.\r\n"},
               {"UIDL 1\r\n", "+OK 1 a\r\n"},
               {"LIST 1\r\n", "+OK 1 100\r\n"},
               {"TOP 1 400\r\n",
                "+OK\r\nFrom: MAILER-DAEMON@x\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
                "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
                "Final-Recipient: rfc822; a@b\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\n"
                "Content-Type: message/rfc822\r\n\r\nX-Mailproof-Marker: $\r\n\r\nx\r\n--b--\r\n.\r\n"},
               {"UIDL 1\r\n", "+OK 1 a\r\n"}}}},
        {.name = "stat refused",
         .fault = FAULT_SERVER_UNAVAILABLE,
         .findings = "",
         .turns = {{LOGIN, {"STAT\r\n", "-ERR [SYS/TEMP] x\r\n"}}}},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(scenes); i++)
        play_pop3(&scenes[i]);
}

/* Never everything: a documented number of the newest. */
static void test_pop3_bound(void **state)
{
    struct buffer said = BUFFER_INIT(1 << 20), asked = BUFFER_INIT(1 << 20);
    struct turn turns[20] = {LOGIN, {"STAT\r\n", "+OK 50000 300\r\n"}};
    size_t n = 3;
    struct world w;
    struct err err;
    (void)state;

    static struct buffer flights[2 * 13];
    for (unsigned from = 50000; from > 50000 - POP3_LOOK_MAX; from -= 16, n++) {
        struct buffer *hears = &flights[2 * (n - 3)], *says = hears + 1;
        *hears = *says = BUFFER_INIT(10000);
        for (unsigned i = from; i > from - 16 && i > 50000 - POP3_LOOK_MAX; i--) {
            buffer_printf(hears, "TOP %u 0\r\n", i);
            buffer_append_text(says, "+OK\r\nSubject: x\r\n\r\n.\r\n");
        }
        turns[n] = (struct turn){buffer_text(hears), buffer_text(says)};
    }
    turns[n] = (struct turn){"UIDL 50000\r\n", "+OK 50000 z\r\n"};
    set_up_pop3(&w);
    w.capabilities = "+OK\nTOP\nUIDL\nUSER\nPIPELINING\n.\n";
    world_add(&w, turns);
    assert_true(world_open(&w, &err) && mailbox_look(w.mailbox, &err));
    assert_true(world_satisfied(&w));
    assert_false(mailbox_count_complete(w.mailbox));
    world_clear(&w);
    for (size_t i = 0; i < COUNT_OF(flights); i++)
        buffer_clear(&flights[i]);
    buffer_clear(&said);
    buffer_clear(&asked);
}

static void test_pop3_fetch_and_clean(void **state)
{
    static const struct turn turns[] = {
        LOGIN,
        {"STAT\r\n", "+OK 2 300\r\n"},
        {"TOP 2 0\r\n", "+OK\r\n" P_HEADER},
        {"UIDL 2\r\n", "+OK 2 bbb\r\n"},
        {"LIST 2\r\n", "+OK 2 100\r\n"},
        {"TOP 2 0\r\n", "+OK\r\n" P_HEADER},
        {"UIDL 2\r\n", "+OK 2 bbb\r\n"},
        {"RETR 2\r\n", "+OK\r\na: b\r\n\r\n..x\r\n.\r\n"},
        {"UIDL 1\r\n", "+OK 1 aaa\r\n"},
        {"DELE 2\r\n", "+OK\r\n"},
        {"QUIT\r\n", "+OK\r\n"},
        {NULL, NULL},
    };
    static const struct turn purge[] = {
        LOGIN,
        {"STAT\r\n", "+OK 2 300\r\n"},
        {"TOP 2 0\r\n", "+OK\r\nX-Mailproof-Marker: ~\r\n\r\n.\r\n"},
        {"TOP 1 0\r\n", "+OK\r\n" P_OTHER},
        {"DELE 1\r\n", "+OK\r\n"},
        {"QUIT\r\n", "+OK\r\n"},
        {NULL, NULL},
    };
    struct cleaning cleaning = {.how = CLEANUP_DELETE, .key = 7, .older_than_s = -1};
    struct cleaned cleaned;
    struct resume resume;
    struct buffer message = BUFFER_INIT(1000);
    struct world w;
    struct err err;
    (void)state;

    set_up_pop3(&w);
    world_add(&w, turns);
    world_add(&w, purge);
    assert_true(world_open(&w, &err) && mailbox_look(w.mailbox, &err));
    assert_true(mailbox_fetch(w.mailbox, mailbox_finding(w.mailbox, 0), &message, &err));
    assert_string_equal(buffer_text(&message), "a: b\r\n\r\n.x\r\n");
    assert_true(mailbox_clean(w.mailbox, &cleaning, &cleaned, &err));
    assert_int_equal(cleaned.removed, 1);
    assert_true(mailbox_resume(w.mailbox, 0, &resume));
    assert_string_equal(resume.uidl, "aaa"); /* the last one that is left */
    /* the session is over: old ones are removed in the next */
    cleaning.older_than_s = 500;
    assert_true(mailbox_clean(w.mailbox, &cleaning, &cleaned, &err));
    assert_int_equal(cleaned.removed, 1);
    assert_true(world_satisfied(&w));
    cleaning.how = CLEANUP_MOVE;
    assert_false(mailbox_clean(w.mailbox, &cleaning, &cleaned, &err));
    assert_true(cleaned.refused && err.kind == FAULT_CLEANUP);
    world_clear(&w);
    buffer_clear(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_pop3),
        cmocka_unit_test(test_pop3_bound),
        cmocka_unit_test(test_pop3_fetch_and_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
