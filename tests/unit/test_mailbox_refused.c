/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a mailbox's server refuses to show, or to end properly: told, and not taken for an empty mailbox. */
#include "tests/unit/mailbox_world.h"
#include "tests/unit/unit.h"

#define HEADER " (UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER]<0.262144>)\r\n"
#define FIELDS " (UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (" MATCH_FIELDS ")])\r\n"
#define EXAMINE                                                                                              \
    {                                                                                                        \
        "A1 EXAMINE \"INBOX\"\r\n",                                                                          \
            "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 10] x\r\nA1 OK [READ-ONLY] x\r\n"         \
    }
#define OTHER                                                                                                \
    {"A2 STATUS \"B\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",                                                   \
     "* STATUS B (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 8)\r\nA2 OK x\r\n"},                                      \
    {                                                                                                        \
        "A3 EXAMINE \"B\"\r\n", "* 0 EXISTS\r\n* OK [UIDNEXT 1] x\r\nA3 OK x\r\n"                            \
    }
#define NOTHING_NEW                                                                                          \
    {                                                                                                        \
        "A2 NOOP\r\n", "A2 OK\r\n"                                                                           \
    }
#define ARRIVAL                                                                                              \
    {                                                                                                        \
        "A2 NOOP\r\n", "* 4 EXISTS\r\nA2 OK\r\n"                                                             \
    }
#define FOUND(tag)                                                                                           \
    "* 4 FETCH (UID 10 INTERNALDATE \"@\" RFC822.SIZE 100 BODY[HEADER]<0> [[X-Mailproof-Marker: "            \
    "$\r\n\r\n]])\r\n" tag " OK x\r\n"
#define SEARCH(tag)                                                                                          \
    tag " UID SEARCH 1:3 OR HEADER X-Mailproof-Marker \"$\" SUBJECT \"$\"\r\n", "* SEARCH 5\r\n" tag " OK\r" \
                                                                                "\n"
#define LOGIN                                                                                                \
    {"USER tim\r\n", "+OK\r\n"},                                                                             \
    {                                                                                                        \
        "PASS secret\r\n", "+OK\r\n"                                                                         \
    }
#define P_HEADER "+OK\r\nReceived: by x; ^\r\nX-Mailproof-Marker: $\r\n\r\n.\r\n"
#define P_OTHER  "+OK\r\nX-Mailproof-Marker: %\r\n\r\n.\r\n"

struct scene {
    const char *name;
    enum protocol protocol;
    const char *folders[3]; /* none: INBOX */
    bool old;               /* old messages are sought too */
    unsigned looks;
    struct turn turns[12];
    const char *refused; /* "": nothing was */
    size_t found;
    bool complete;
};

static void set_up(struct world *w, enum protocol protocol)
{
    world_init(w, protocol);
    w->request.matcher.marker = &w->ours;
    w->capabilities = protocol == PROTOCOL_IMAP ? "* CAPABILITY IMAP4rev1\n" : "-ERR no capa\n";
    if (protocol == PROTOCOL_IMAP)
        return;
    w->endpoint.login.username = "tim";
    assert_true(secret_set(&w->endpoint.login.password, SLICE("secret")));
}

static void play(const struct scene *scene)
{
    struct world w;
    struct err err = ERR_NONE, refused = ERR_NONE;

    set_up(&w, scene->protocol);
    w.request.only_new = !scene->old;
    w.request.folders = scene->folders;
    while (scene->folders[w.request.folder_count] != NULL)
        w.request.folder_count++;
    world_add(&w, scene->turns);
    CHECK_ROW(scene->name, world_open(&w, &err));
    for (unsigned i = 0; i < scene->looks; i++)
        CHECK_ROW(scene->name, mailbox_look(w.mailbox, &err));
    CHECK_ROW(scene->name, mailbox_was_refused(w.mailbox, &refused) == (*scene->refused != '\0'));
    CHECK_ROW_TEXT(scene->name, refused.text, scene->refused);
    CHECK_ROW(scene->name, mailbox_finding_count(w.mailbox) == scene->found);
    CHECK_ROW(scene->name, mailbox_look_complete(w.mailbox) == scene->complete);
    CHECK_ROW(scene->name, world_satisfied(&w));
    world_clear(&w);
}

static void test_refused(void **state)
{
    static const struct scene scenes[] = {
        {.name = "what has arrived",
         .protocol = PROTOCOL_IMAP,
         .looks = 1,
         .turns = {EXAMINE, ARRIVAL, {"A3 UID FETCH 10:*" HEADER, "A3 NO [SERVERBUG] x\r\n"}},
         .refused = "FETCH refused: NO [SERVERBUG] x"},
        {.name = "a folder, where another is open",
         .protocol = PROTOCOL_IMAP,
         .folders = {"INBOX", "B"},
         .looks = 1,
         .turns = {{"A1 EXAMINE \"INBOX\"\r\n", "A1 NO [UNAVAILABLE] x\r\n"},
                   OTHER,
                   {"A4 NOOP\r\n", "A4 OK\r\n"}},
         .refused = "EXAMINE INBOX refused: NO [UNAVAILABLE] x"},
        {.name = "a folder that is not there is none",
         .protocol = PROTOCOL_IMAP,
         .folders = {"A", "B"},
         .looks = 1,
         .turns = {{"A1 EXAMINE \"A\"\r\n", "A1 NO [NONEXISTENT] x\r\n"},
                   OTHER,
                   {"A4 NOOP\r\n", "A4 OK\r\n"}},
         .refused = "",
         .complete = true},
        {.name = "what has arrived, and then shown",
         .protocol = PROTOCOL_IMAP,
         .looks = 2,
         .turns = {EXAMINE,
                   ARRIVAL,
                   {"A3 UID FETCH 10:*" HEADER, "A3 NO [SERVERBUG] x\r\n"},
                   {"A4 NOOP\r\n", "A4 OK\r\n"},
                   {"A5 UID FETCH 10:*" HEADER, FOUND("A5")}},
         .refused = "",
         .found = 1,
         .complete = true},
        {.name = "where nothing has arrived",
         .protocol = PROTOCOL_IMAP,
         .looks = 1,
         .turns = {EXAMINE, NOTHING_NEW, {"A3 UID FETCH 10:*" HEADER, "A3 BAD no messages\r\n"}},
         .refused = ""},
        {.name = "what somebody has removed meanwhile",
         .protocol = PROTOCOL_IMAP,
         .looks = 1,
         .turns = {EXAMINE, ARRIVAL, {"A3 UID FETCH 10:*" HEADER, "A3 NO [EXPUNGEISSUED] gone\r\n"}},
         .refused = ""},
        {.name = "what the search found",
         .protocol = PROTOCOL_IMAP,
         .old = true,
         .looks = 1,
         .turns = {EXAMINE,
                   NOTHING_NEW,
                   {SEARCH("A3")},
                   {"A4 UID FETCH 5" HEADER, "A4 NO [SERVERBUG] x\r\n"},
                   {"A5 FETCH 1:3" FIELDS, "A5 OK x\r\n"},
                   {"A6 UID FETCH 10:*" HEADER, "A6 OK x\r\n"}},
         .refused = "FETCH refused: NO [SERVERBUG] x"},
        {.name = "the newest of a maildrop",
         .protocol = PROTOCOL_POP3,
         .old = true,
         .looks = 1,
         .turns = {LOGIN,
                   {"STAT\r\n", "+OK 2 300\r\n"},
                   {"TOP 2 0\r\n", "-ERR [SYS/TEMP] x\r\n"},
                   {"TOP 1 0\r\n", P_OTHER},
                   {"UIDL 2\r\n", "+OK 2 b\r\n"}},
         .refused = "TOP refused: -ERR [SYS/TEMP] x"},
        {.name = "one of a maildrop that is found all the same",
         .protocol = PROTOCOL_POP3,
         .old = true,
         .looks = 1,
         .turns = {LOGIN,
                   {"STAT\r\n", "+OK 2 300\r\n"},
                   {"TOP 2 0\r\n", "-ERR x\r\n"},
                   {"TOP 1 0\r\n", P_HEADER},
                   {"UIDL 1\r\n", "+OK 1 a\r\n"},
                   {"LIST 1\r\n", "+OK 1 9\r\n"},
                   {"TOP 1 0\r\n", P_HEADER},
                   {"UIDL 2\r\n", "+OK 2 b\r\n"}},
         .refused = "TOP refused: -ERR x",
         .found = 1},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(scenes); i++)
        play(&scenes[i]);
}

static void test_refused_again_and_again(void **state)
{
    static const struct turn turns[] = {
        EXAMINE,
        NOTHING_NEW,
        {"A3 UID FETCH 10:*" HEADER, "A3 NO x\r\n"},
        {"A4 NOOP\r\n", "A4 OK\r\n"},
        {"A5 UID FETCH 10:*" HEADER, "A5 NO x\r\n"},
        {"A6 NOOP\r\n", "A6 OK\r\n"},
        {"A7 UID FETCH 10:*" HEADER, "A7 NO [SERVERBUG] x\r\n"},
        {NULL, NULL},
    };
    struct world w;
    struct err err;
    (void)state;

    set_up(&w, PROTOCOL_IMAP);
    w.request.only_new = true;
    world_add(&w, turns);
    assert_true(world_open(&w, &err));
    assert_true(mailbox_look(w.mailbox, &err) && mailbox_look(w.mailbox, &err));
    assert_false(mailbox_look(w.mailbox, &err));
    assert_string_equal(err.text, "FETCH refused: NO [SERVERBUG] x");
    assert_true(world_satisfied(&w));
    world_clear(&w);
}

/* The next sessions do without it, and where one cannot be had, it is said. */
static void test_quit_without_answer(void **state)
{
    static const struct turn first[] = {LOGIN, {"STAT\r\n", "+OK 0 0\r\n"}, {"QUIT\r\n", ""}, {NULL, NULL}};
    static const struct turn second[] = {LOGIN, {"STAT\r\n", "+OK 0 0\r\n"}, {NULL, NULL}};
    static const struct turn third[] = {
        {"USER tim\r\n", "+OK\r\n"}, {"PASS secret\r\n", "-ERR [SYS/TEMP] try later\r\n"}, {NULL, NULL}};
    struct world w;
    struct err err;
    (void)state;

    set_up(&w, PROTOCOL_POP3);
    world_add(&w, first);
    world_add(&w, second);
    world_add(&w, third);
    assert_true(world_open(&w, &err) && mailbox_look(w.mailbox, &err) && mailbox_look(w.mailbox, &err));
    assert_false(mailbox_look(w.mailbox, &err));
    assert_string_equal(err.text, "PASS refused: -ERR [SYS/TEMP] try later; before that, QUIT got no answer");
    assert_true(world_satisfied(&w));
    world_clear(&w);
}

/* Whether the message was removed is not known; that it was found stands. */
static void test_lost_while_cleaning(void **state)
{
    static const struct turn turns[] = {LOGIN,
                                        {"STAT\r\n", "+OK 1 300\r\n"},
                                        {"TOP 1 0\r\n", P_HEADER},
                                        {"UIDL 1\r\n", "+OK 1 a\r\n"},
                                        {"LIST 1\r\n", "+OK 1 9\r\n"},
                                        {"TOP 1 0\r\n", P_HEADER},
                                        {"UIDL 1\r\n", "+OK 1 a\r\n"},
                                        {"DELE 1\r\n", "+OK\r\n"},
                                        {"QUIT\r\n", ""},
                                        {NULL, NULL}};
    const struct cleaning cleaning = {.how = CLEANUP_DELETE, .key = 7, .older_than_s = -1};
    struct cleaned cleaned;
    struct world w;
    struct err err;
    (void)state;

    set_up(&w, PROTOCOL_POP3);
    world_add(&w, turns);
    assert_true(world_open(&w, &err) && mailbox_look(w.mailbox, &err));
    assert_false(mailbox_clean(w.mailbox, &cleaning, &cleaned, &err));
    assert_int_equal(err.kind, FAULT_CLEANUP);
    assert_string_equal(err.text,
                        "cleaning was not finished: the pop3 server closed the connection at cleanup");
    assert_int_equal(cleaned.removed, 0);
    assert_true(world_satisfied(&w));
    world_clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_refused_again_and_again),
        cmocka_unit_test(test_quit_without_answer),
        cmocka_unit_test(test_lost_while_cleaning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
