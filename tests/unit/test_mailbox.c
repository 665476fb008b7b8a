/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/mailbox_world.h"
#include "tests/unit/unit.h"

#define HEADER " (UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER]<0.262144>)\r\n"
#define FIELDS " (UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (" MATCH_FIELDS ")])\r\n"
#define BODY   " (UID INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.65536>)\r\n"

#define EXAMINE(exists)                                                                                      \
    {                                                                                                        \
        "A1 EXAMINE \"INBOX\"\r\n",                                                                          \
            "* " exists " EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 10] x\r\n"                       \
            "A1 OK [READ-ONLY] x\r\n"                                                                        \
    }
/* a message: sequence number, UID, header */
#define MESSAGE(seq, uid, header)                                                                            \
    "* " seq " FETCH (UID " uid " INTERNALDATE \"@\" RFC822.SIZE 100 BODY[HEADER]<0> [[" header              \
    "\r\n\r\n]])\r\n"
#define PROBE(seq, uid) MESSAGE(seq, uid, "Subject: x $\r\nX-Mailproof-Marker: $")
#define LONG_AGO(seq, uid)                                                                                   \
    "* " seq " FETCH (UID " uid                                                                              \
    " INTERNALDATE \" 1-Feb-2020 10:00:00 +0000\" BODY[HEADER]<0> [[X-Mailproof-"                            \
    "Marker: $\r\n\r\n]])\r\n"
#define OTHER(seq, uid)  MESSAGE(seq, uid, "Subject: x %\r\nX-Mailproof-Marker: %")
#define LETTER(seq, uid) MESSAGE(seq, uid, "Subject: hello\r\nFrom: a@b")
#define DAEMON           "From: MAILER-DAEMON@x\r\nContent-Type: multipart/report; boundary=b"
#define BOUNCE                                                                                               \
    DAEMON "\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"       \
           "Final-Recipient: rfc822; a@b\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: "    \
           "message/rfc822\r\n\r\nX-Mailproof-Marker: $\r\n\r\nx\r\n--b--\r\n"

struct scene {
    const char *name;
    const char *capabilities; /* behind IMAP4rev1; NULL: none */
    const char *folders[3];
    bool junk, old, all; /* old: not only_new; all: count_all */
    double newer_than_s;
    const char *subject; /* in place of the marker */
    bool anything;       /* neither */
    bool silent;         /* at the end, in place of closing */
    struct turn turns[WORLD_TURNS_MAX];
    /* wanted */
    enum fault fault; /* of opening or looking */
    const char *folders_found;
    const char *findings;
    size_t matches; /* 0: as many as there are findings */
    bool incomplete;
};

static void set_up(struct world *w, const struct scene *scene, char *capabilities, size_t size)
{
    world_init(w, PROTOCOL_IMAP);
    snprintf(capabilities, size, "* CAPABILITY IMAP4rev1 %s\n",
             scene->capabilities != NULL ? scene->capabilities : "");
    w->capabilities = capabilities;
    w->ending = scene->silent ? PEER_SILENT : PEER_CLOSES;
    w->timeout_s = scene->fault == FAULT_TIMEOUT ? 0.1 : 5;
    w->request.folders = scene->folders;
    while (scene->folders[w->request.folder_count] != NULL)
        w->request.folder_count++;
    w->request.junk = scene->junk;
    w->request.only_new = !scene->old;
    w->request.count_all = scene->all;
    w->request.newer_than_s = scene->newer_than_s;
    w->request.matcher.subject = scene->subject;
    if (scene->subject == NULL && !scene->anything)
        w->request.matcher.marker = &w->ours;
}

/* EXAMINE and PEEK: nothing that a look says can change anything. */
static void check_read_only(const char *name, const struct world *w)
{
    static const char *const changing[] = {"SELECT", "STORE",  "EXPUNGE", "COPY",       "MOVE",
                                           "APPEND", "CREATE", "DELETE",  "RENAME",     "SUBSCRIBE",
                                           "CLOSE",  " BODY[", "RFC822 ", "RFC822.TEXT"};

    for (size_t i = 0; i < COUNT_OF(changing); i++)
        CHECK_ROW(name, !world_heard(w, changing[i]));
}

static void play(const struct scene *scene, bool dripping)
{
    struct world w;
    struct err err = ERR_NONE;
    struct buffer text = BUFFER_INIT(10000);
    char capabilities[200];

    set_up(&w, scene, capabilities, sizeof capabilities);
    w.dripping = dripping;
    world_add(&w, scene->turns);
    bool ok = world_open(&w, &err) && mailbox_look(w.mailbox, &err);
    CHECK_ROW_TEXT(scene->name, ok ? "" : fault_class(err.kind), fault_class(scene->fault));
    CHECK_ROW(scene->name, world_satisfied(&w));
    check_read_only(scene->name, &w);
    world_folders(&w, &text);
    if (scene->folders_found != NULL)
        CHECK_ROW_TEXT(scene->name, buffer_text(&text), scene->folders_found);
    world_findings(&w, &text);
    CHECK_ROW_TEXT(scene->name, buffer_text(&text), scene->findings != NULL ? scene->findings : "");
    size_t matches = scene->matches > 0 ? scene->matches : mailbox_finding_count(w.mailbox);
    CHECK_ROW(scene->name, mailbox_match_count(w.mailbox) == matches);
    CHECK_ROW(scene->name, mailbox_count_complete(w.mailbox) == !scene->incomplete);
    buffer_clear(&text);
    world_clear(&w);
}

static void play_all(const struct scene *scenes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        play(&scenes[i], false);
        play(&scenes[i], true);
    }
}

static void test_folders(void **state)
{
    static const struct scene scenes[] = {
        {.name = "inbox, empty",
         .turns = {EXAMINE("0"), {"A2 NOOP\r\n", "A2 OK\r\n"}},
         .folders_found = "INBOX(I) "},
        {.name = "junk by special-use, extended",
         .capabilities = "SPECIAL-USE LIST-EXTENDED",
         .junk = true,
         .turns =
             {{"A1 EXAMINE \"INBOX\"\r\nA2 LIST (SPECIAL-USE) \"\" \"*\" RETURN (SPECIAL-USE)\r\n",
               "* 0 EXISTS\r\n* OK [UIDNEXT 10] x\r\nA1 OK x\r\n* LIST (\\Sent) \"/\" Junk\r\n* LIST "
               "(\\JUNK) \"/\" "
               "{10}\r\nSp&AOQ-m \"\r\nA2 OK x\r\n"},
              {"A3 STATUS \"Sp&AOQ-m \\\"\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
               "* STATUS \"Sp&AOQ-m \\\"\" (MESSAGES 3 UIDNEXT 5 UIDVALIDITY 8)\r\nA3 OK x\r\n"},
              {"A4 NOOP\r\nA5 STATUS \"Sp&AOQ-m \\\"\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
               "A4 OK\r\n* STATUS \"Sp&AOQ-m \\\"\" (MESSAGES 3 UIDNEXT 5 UIDVALIDITY 8)\r\nA5 OK x\r\n"}},
         .folders_found = "INBOX(I) Sp\xc3\xa4m \"(J) "},
        {.name = "junk by name, plain list",
         .junk = true,
         .turns = {{"A1 EXAMINE \"INBOX\"\r\nA2 LIST \"\" \"*\"\r\n",
                    "* 0 EXISTS\r\n* OK [UIDNEXT 10] x\r\nA1 OK x\r\n* LIST () \"/\" Spam\r\n* LIST () \"/\" "
                    "\"Junk "
                    "Email\"\r\nA2 OK x\r\n"},
                   {"A3 STATUS \"Junk Email\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
                    "* STATUS \"Junk Email\" (MESSAGES 3 UIDNEXT 5 )\r\nA3 OK x\r\n"},
                   {"A4 NOOP\r\nA5 STATUS \"Junk Email\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
                    "A4 OK\r\nA5 OK x\r\n"}},
         .folders_found = "INBOX(I) Junk Email(J) "},
        {.name = "flagged ones are listed, junk is not among them",
         .capabilities = "SPECIAL-USE LIST-EXTENDED",
         .junk = true,
         .turns =
             {{"A1 EXAMINE \"INBOX\"\r\nA2 LIST (SPECIAL-USE) \"\" \"*\" RETURN (SPECIAL-USE)\r\n",
               "* 0 EXISTS\r\n* OK [UIDNEXT 10] x\r\nA1 OK x\r\n* LIST (\\Sent) \"/\" Sent\r\nA2 OK x\r\n"},
              {"A3 LIST \"\" \"*\"\r\n",
               "* LIST () \".\" INBOX\r\n* LIST () \".\" INBOX.Junk\r\nA3 OK x\r\n"},
              {"A4 STATUS \"INBOX.Junk\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
               "* STATUS INBOX.Junk (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 8)\r\nA4 OK x\r\n"},
              {"A5 NOOP\r\nA6 STATUS \"INBOX.Junk\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
               "A5 OK\r\nA6 OK x\r\n"}},
         .folders_found = "INBOX(I) INBOX.Junk(J) "},
        {.name = "no junk, and LIST is refused",
         .capabilities = "SPECIAL-USE LIST-EXTENDED",
         .junk = true,
         .turns = {{"A1 EXAMINE \"INBOX\"\r\nA2 LIST (SPECIAL-USE) \"\" \"*\" RETURN (SPECIAL-USE)\r\n",
                    "* 0 EXISTS\r\n* OK [UIDNEXT 10] x\r\nA1 OK x\r\nA2 BAD x\r\n"},
                   {"A3 LIST \"\" \"*\"\r\n", "A3 NO x\r\n"},
                   {"A4 NOOP\r\n", "A4 OK\r\n"}},
         .folders_found = "INBOX(I) "},
        {.name = "given ones, the first is missing",
         .folders = {"A b", "Entw\xc3\xbcrfe"},
         .turns = {{"A1 EXAMINE \"A b\"\r\n", "A1 NO [NONEXISTENT] Unknown Mailbox\r\n"},
                   {"A2 STATUS \"Entw&APw-rfe\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
                    "* STATUS Entw&APw-rfe (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 8)\r\nA2 OK x\r\n"},
                   {"A3 EXAMINE \"Entw&APw-rfe\"\r\n", "* 0 EXISTS\r\n* OK [UIDNEXT 1] x\r\nA3 OK x\r\n"},
                   {"A4 NOOP\r\n", "A4 OK\r\n"}},
         .folders_found = "!A b(G) Entw\xc3\xbcrfe(G) "},
        {.name = "given ones, the second is missing",
         .folders = {"INBOX", "B"},
         .turns = {EXAMINE("0"),
                   {"A2 STATUS \"B\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n", "A2 NO [NONEXISTENT] no\r\n"},
                   {"A3 NOOP\r\n", "A3 OK\r\n"}},
         .folders_found = "INBOX(G) !B(G) "},
        {.name = "junk is given already",
         .folders = {"inbox", "Junk"},
         .junk = true,
         .turns =
             {{"A1 EXAMINE \"inbox\"\r\nA2 LIST \"\" \"*\"\r\n",
               "* 0 EXISTS\r\n* OK [UIDNEXT 10] x\r\nA1 OK x\r\n* LIST (\\Junk) \"/\" Junk\r\nA2 OK\r\n"},
              {"A3 STATUS \"Junk\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
               "* STATUS Junk (UIDNEXT 4)\r\nA3 OK\r\n"},
              {"A4 NOOP\r\nA5 STATUS \"Junk\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n", "A4 OK\r\nA5 OK\r\n"}},
         .folders_found = "inbox(G) Junk(G) "},
        {.name = "none can be opened",
         .turns = {{"A1 EXAMINE \"INBOX\"\r\n", "A1 BAD User is authenticated but not connected.\r\n"}},
         .fault = FAULT_AUTH_DISABLED,
         .folders_found = "!INBOX(I) "},
        {.name = "missing",
         .folders = {"Nope"},
         .turns = {{"A1 EXAMINE \"Nope\"\r\n", "A1 NO [NONEXISTENT] x\r\n"}},
         .fault = FAULT_POLICY_REJECTED},
        {.name = "UIDNEXT from STATUS",
         .turns = {{"A1 EXAMINE \"INBOX\"\r\n", "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nA1 OK x\r\n"},
                   {"A2 STATUS \"INBOX\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
                    "* STATUS INBOX (MESSAGES 3 UIDNEXT 10 UIDVALIDITY 7)\r\nA2 OK x\r\n"},
                   {"A3 NOOP\r\n", "* 4 EXISTS\r\nA3 OK\r\n"},
                   {"A4 UID FETCH 10:*" HEADER, PROBE("3", "9") PROBE("4", "10") "A4 OK x\r\n"}},
         .findings = "0/10/P "},
        {.name = "UIDNEXT from the last message",
         .turns = {{"A1 EXAMINE \"INBOX\"\r\n", "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nA1 OK x\r\n"},
                   {"A2 STATUS \"INBOX\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
                    "A2 NO not on the selected one\r\n"},
                   {"A3 UID FETCH * (UID)\r\n", "* 3 FETCH (UID 9)\r\nA3 OK x\r\n"},
                   {"A4 NOOP\r\n", "A4 OK\r\n"},
                   {"A5 UID FETCH 10:*" HEADER, PROBE("3", "9") "A5 OK x\r\n"}}},
        {.name = "UIDNEXT of an empty mailbox",
         .turns = {{"A1 EXAMINE \"INBOX\"\r\n", "* 0 EXISTS\r\nA1 OK x\r\n"},
                   {"A2 STATUS \"INBOX\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n", "A2 OK x\r\n"},
                   {"A3 NOOP\r\n", "* 1 EXISTS\r\nA3 OK\r\n"},
                   {"A4 UID FETCH 1:*" HEADER, PROBE("1", "1") "A4 OK x\r\n"}},
         .findings = "0/1/P "},
    };
    (void)state;

    play_all(scenes, COUNT_OF(scenes));
}

static void test_new(void **state)
{
    static const struct scene scenes[] = {
        {.name = "nothing new: the last message comes all the same",
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "A2 OK\r\n"},
                   {"A3 UID FETCH 10:*" HEADER, PROBE("3", "9") "A3 OK x\r\n"}}},
        {.name = "new",
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "* 5 EXISTS\r\n* 2 RECENT\r\nA2 OK\r\n"},
                   {"A3 UID FETCH 10:*" HEADER, LETTER("4", "10") PROBE("5", "11") "A3 OK x\r\n"}},
         .findings = "0/11/P "},
        {.name = "twice", /* the higher UID is the newer */
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "* 5 EXISTS\r\nA2 OK\r\n"},
                   {"A3 UID FETCH 10:*" HEADER,
                    PROBE("4", "10") PROBE("5", "11") PROBE("5", "11") "A3 OK x\r\n"}},
         .findings = "0/11/P 0/10/P "},
        {.name = "another one's",
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "* 4 EXISTS\r\nA2 OK\r\n"},
                   {"A3 UID FETCH 10:*" HEADER, OTHER("4", "10") "A3 OK x\r\n"}}},
        {.name = "what was never asked for",
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", PROBE("1", "12") "A2 OK\r\n"},
                   {"A3 UID FETCH 10:*" HEADER,
                    PROBE("1", "1") PROBE(
                        "2", "0") "* 4 FETCH (FLAGS (\\Seen))\r\n* 4 FETCH (UID 10)\r\n* 4 FETCH (UID 10 "
                                  "BODY[HEADER] NIL)\r\n* FETCH\r\n* 4 FETCH\r\nA3 OK x\r\n"}}},
        {.name = "highest UID there is",
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "* 4 EXISTS\r\nA2 OK\r\n"},
                   {"A3 UID FETCH 10:*" HEADER, PROBE("4", "4294967295") "A3 OK x\r\n"}},
         .findings = "0/4294967295/P "},
        {.name = "EXISTS beyond all measure: the UIDs first",
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "* 4294967295 EXISTS\r\nA2 OK\r\n"},
                   {"A3 UID FETCH 10:* (UID)\r\n", "* 4 FETCH (UID 10)\r\nA3 OK x\r\n"},
                   {"A4 UID FETCH 10" HEADER, PROBE("4", "10") "A4 OK x\r\n"}},
         .findings = "0/10/P "},
        {.name = "negative EXISTS",
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "* -4 EXISTS\r\nA2 OK\r\n"},
                   {"A3 UID FETCH 10:*" HEADER, "A3 OK x\r\n"}}},
        {.name = "many: a few fields first",
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "* 12 EXISTS\r\nA2 OK\r\n"},
                   {"A3 UID FETCH 10:* (UID)\r\n", "* 4 FETCH (UID 10)\r\n* 5 FETCH (UID 11)\r\n* 6 FETCH "
                                                   "(UID 12)\r\n* 7 FETCH (UID 13)\r\n* 8 FETCH "
                                                   "(UID 14)\r\n* 9 FETCH (UID 15)\r\n* 10 FETCH (UID "
                                                   "16)\r\n* 11 FETCH (UID 17)\r\n* 12 FETCH (UID "
                                                   "18)\r\nA3 OK x\r\n"},
                   {"A4 UID FETCH 18,17,16,15,14,13,12,11,10" FIELDS,
                    LETTER("4", "10") PROBE("5", "11") LETTER("12", "18")
                        MESSAGE("6", "12", DAEMON) "A4 OK x\r\n"},
                   {"A5 UID FETCH 11" HEADER, PROBE("5", "11") "A5 OK x\r\n"},
                   {"A6 UID FETCH 12" BODY, "* 6 FETCH (UID 12 BODY[]<0> [[" BOUNCE "]])\r\nA6 OK x\r\n"}},
         .findings = "0/11/P 0/12/B "},
        {.name = "bounce",
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "* 4 EXISTS\r\nA2 OK\r\n"},
                   {"A3 UID FETCH 10:*" HEADER, MESSAGE("4", "10", DAEMON) "A3 OK x\r\n"},
                   {"A4 UID FETCH 10" BODY,
                    "* 4 FETCH (UID 10 INTERNALDATE \"@\" BODY[]<0> [[" BOUNCE "]])\r\nA4 OK x\r\n"}},
         .findings = "0/10/B "},
        {.name = "bounce of something else",
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "* 4 EXISTS\r\nA2 OK\r\n"},
                   {"A3 UID FETCH 10:*" HEADER, MESSAGE("4", "10", DAEMON) "A3 OK x\r\n"},
                   {"A4 UID FETCH 10" BODY, MESSAGE("4", "10", DAEMON) "A4 OK x\r\n"}}},
        {.name = "FETCH refused once is no error",
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "A2 OK\r\n"},
                   {"A3 UID FETCH 10:*" HEADER, "A3 BAD no messages\r\n"}}},
        {.name = "header in quotes",
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "* 4 EXISTS\r\nA2 OK\r\n"},
                   {"A3 UID FETCH 10:*" HEADER,
                    "* 4 FETCH (BODY[HEADER]<0> \"X-Mailproof-Marker: \\$\" UID 10)\r\nA3 OK x\r\n"}},
         .findings = "0/10/P "},
        {.name = "in junk",
         .junk = true,
         .turns =
             {{"A1 EXAMINE \"INBOX\"\r\nA2 LIST \"\" \"*\"\r\n",
               "* 0 EXISTS\r\n* OK [UIDNEXT 10] x\r\nA1 OK x\r\n* LIST (\\Junk) \"/\" Junk\r\nA2 OK\r\n"},
              {"A3 STATUS \"Junk\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
               "* STATUS Junk (MESSAGES 2 UIDNEXT 4 UIDVALIDITY 8)\r\nA3 OK\r\n"},
              {"A4 NOOP\r\nA5 STATUS \"Junk\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
               "A4 OK\r\n* STATUS Junk (MESSAGES 3 UIDNEXT 5 UIDVALIDITY 8)\r\nA5 OK\r\n"},
              {"A6 EXAMINE \"Junk\"\r\n",
               "* 3 EXISTS\r\n* OK [UIDVALIDITY 8] x\r\n* OK [UIDNEXT 5] x\r\nA6 OK\r\n"},
              {"A7 UID FETCH 4:*" HEADER, PROBE("3", "4") "A7 OK\r\n"}},
         .findings = "1/4/P "},
        {.name = "in junk, without UIDNEXT in STATUS, and junk vanishes",
         .junk = true,
         .turns =
             {{"A1 EXAMINE \"INBOX\"\r\nA2 LIST \"\" \"*\"\r\n",
               "* 0 EXISTS\r\n* OK [UIDNEXT 10] x\r\nA1 OK x\r\n* LIST (\\Junk) \"/\" Junk\r\nA2 OK\r\n"},
              {"A3 STATUS \"Junk\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
               "* STATUS Junk (MESSAGES 2 UIDNEXT 3)\r\nA3 OK\r\n"},
              {"A4 NOOP\r\nA5 STATUS \"Junk\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
               "A4 OK\r\n* STATUS Junk (MESSAGES 3)\r\nA5 OK\r\n"},
              {"A6 EXAMINE \"Junk\"\r\n", "A6 NO gone\r\n"}},
         .folders_found = "INBOX(I) !Junk(J) "},
        {.name = "UIDVALIDITY changed: only dates tell what is new",
         .folders = {"INBOX", "B"},
         .turns = {EXAMINE("0"),
                   {"A2 STATUS \"B\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
                    "* STATUS B (MESSAGES 2 UIDNEXT 400 UIDVALIDITY 8)\r\nA2 OK\r\n"},
                   {"A3 NOOP\r\nA4 STATUS \"B\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
                    "A3 OK\r\n* STATUS B (MESSAGES 2 UIDNEXT 400 UIDVALIDITY 9)\r\nA4 OK\r\n"},
                   {"A5 EXAMINE \"B\"\r\n",
                    "* 2 EXISTS\r\n* OK [UIDVALIDITY 9] x\r\n* OK [UIDNEXT 400] x\r\nA5 OK\r\n"},
                   {"A6 FETCH 1:2" FIELDS, "* 1 FETCH (UID 1 INTERNALDATE \" 1-Feb-2020 10:00:00 +0000\" "
                                           "BODY[HEADER] [[X-Mailproof-Marker: $"
                                           "]])\r\n" PROBE("2", "3") "A6 OK\r\n"},
                   {"A7 UID FETCH 3" HEADER, PROBE("2", "3") "A7 OK\r\n"}},
         .findings = "1/3/P "},
        {.name = "UIDVALIDITY of an empty folder changes",
         .folders = {"INBOX", "B"},
         .turns = {EXAMINE("0"),
                   {"A2 STATUS \"B\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
                    "* STATUS B (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 8)\r\nA2 OK\r\n"},
                   {"A3 NOOP\r\nA4 STATUS \"B\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
                    "A3 OK\r\n* STATUS B (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 9)\r\nA4 OK\r\n"}}},
        {.name = "UIDVALIDITY of an empty folder changes, and something arrives",
         .folders = {"INBOX", "B"},
         .turns = {EXAMINE("0"),
                   {"A2 STATUS \"B\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
                    "* STATUS B (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 8)\r\nA2 OK\r\n"},
                   {"A3 NOOP\r\nA4 STATUS \"B\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
                    "A3 OK\r\n* STATUS B (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 9)\r\nA4 OK\r\n"},
                   {"A5 EXAMINE \"B\"\r\n", "* 1 EXISTS\r\n* OK [UIDVALIDITY 9] x\r\nA5 OK\r\n"},
                   {"A6 UID FETCH 1:*" HEADER,
                    "* 1 FETCH (UID 1 BODY[HEADER] [[X-Mailproof-Marker: $]])\r\nA6 OK\r\n"}},
         .findings = "1/1/P "},
        {.name = "bye",
         .turns = {EXAMINE("3"), {"A2 NOOP\r\n", "* BYE shutting down\r\n"}},
         .fault = FAULT_SERVER_UNAVAILABLE},
        {.name = "silence",
         .silent = true,
         .turns = {EXAMINE("3"), {"A2 NOOP\r\n", ""}},
         .fault = FAULT_TIMEOUT},
        {.name = "wrong tag", .turns = {EXAMINE("3"), {"A2 NOOP\r\n", "A9 OK\r\n"}}, .fault = FAULT_PROTOCOL},
    };
    (void)state;

    play_all(scenes, COUNT_OF(scenes));
}

#define SEARCH(tag, range) tag " UID SEARCH " range " OR HEADER X-Mailproof-Marker \"$\" SUBJECT \"$\"\r\n"
#define NOTHING_NEW(tag)   tag " UID FETCH 10:*" HEADER, LETTER("3", "9") tag " OK x\r\n"

static void test_old(void **state)
{
    static const struct scene scenes[] = {
        {.name = "found",
         .old = true,
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "A2 OK\r\n"},
                   {SEARCH("A3", "1:3"), "* SEARCH 5\r\nA3 OK x\r\n"},
                   {"A4 UID FETCH 5" HEADER, PROBE("2", "5") "A4 OK x\r\n"},
                   {NOTHING_NEW("A5")}},
         .findings = "0/5/P "},
        {.name = "found by ESEARCH",
         .old = true,
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "A2 OK\r\n"},
                   {SEARCH("A3", "1:3"), "* ESEARCH (TAG \"A3\") UID ALL 4:5\r\nA3 OK x\r\n"},
                   {"A4 UID FETCH 5,4" HEADER, PROBE("2", "5") OTHER("1", "4") "A4 OK x\r\n"},
                   {NOTHING_NEW("A5")}},
         .findings = "0/5/P "},
        {.name = "a lazy index",
         .old = true,
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "A2 OK\r\n"},
                   {SEARCH("A3", "1:3"), "A3 OK x\r\n"},
                   {"A4 FETCH 1:3" FIELDS, LETTER("1", "4") PROBE("2", "5") LETTER("3", "9") "A4 OK x\r\n"},
                   {"A5 UID FETCH 5" HEADER, PROBE("2", "5") "A5 OK x\r\n"},
                   {NOTHING_NEW("A6")}},
         .findings = "0/5/P "},
        {.name = "a bounce among the newest",
         .old = true,
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "A2 OK\r\n"},
                   {SEARCH("A3", "1:3"), "* SEARCH\r\nA3 OK x\r\n"},
                   {"A4 FETCH 1:3" FIELDS, MESSAGE("2", "5", DAEMON) "A4 OK x\r\n"},
                   {"A5 UID FETCH 5" BODY, "* 2 FETCH (UID 5 BODY[] [[" BOUNCE "]])\r\nA5 OK x\r\n"},
                   {NOTHING_NEW("A6")}},
         .findings = "0/5/B "},
        {.name = "hits that do not hold",
         .old = true,
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "A2 OK\r\n"},
                   {SEARCH("A3", "1:3"), "* SEARCH 4 5 0 77\r\nA3 OK x\r\n"},
                   {"A4 UID FETCH 5,4" HEADER, OTHER("2", "5") LETTER("1", "4") "A4 OK x\r\n"},
                   {"A5 FETCH 1:3" FIELDS, "A5 OK x\r\n"},
                   {NOTHING_NEW("A6")}}},
        {.name = "from the newest backwards",
         .old = true,
         .turns = {EXAMINE("11000"),
                   {"A2 NOOP\r\n", "A2 OK\r\n"},
                   {SEARCH("A3", "10501:11000"), "* SEARCH\r\nA3 OK x\r\n"},
                   {SEARCH("A4", "8501:10500"), "* SEARCH\r\nA4 OK x\r\n"},
                   {SEARCH("A5", "501:8500"), "* SEARCH 5\r\nA5 OK x\r\n"},
                   {"A6 UID FETCH 5" HEADER, PROBE("2", "5") "A6 OK x\r\n"},
                   {NOTHING_NEW("A7")}},
         .findings = "0/5/P "},
        {.name = "arrived since",
         .old = true,
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "* 4 EXISTS\r\nA2 OK\r\n"},
                   {SEARCH("A3", "1:4"), "* SEARCH 12\r\nA3 OK x\r\n"},
                   {"A4 FETCH 1:4" FIELDS, PROBE("4", "12") "A4 OK x\r\n"},
                   {"A5 UID FETCH 10:*" HEADER, PROBE("4", "12") "A5 OK x\r\n"}},
         .findings = "0/12/P "},
        {.name = "by age",
         .old = true,
         .newer_than_s = 86400,
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "A2 OK\r\n"},
                   {"A3 UID SEARCH 1:3 OR HEADER X-Mailproof-Marker \"$\" SUBJECT \"$\" SINCE #\r\n",
                    "* SEARCH 5 6\r\nA3 OK x\r\n"},
                   {"A4 UID FETCH 6,5" HEADER,
                    PROBE("2",
                          "5") "* 3 FETCH (UID 6 INTERNALDATE \" 1-Feb-2020 10:00:00 +0000\" BODY[HEADER] "
                               "[[X-Mailproof-Marker: $]])\r\nA4 OK x\r\n"},
                   {NOTHING_NEW("A5")}},
         .findings = "0/5/P "},
        {.name = "by subject, outside ASCII",
         .old = true,
         .subject = "Gr\xc3\xbc\xc3\x9f"
                    "e",
         .capabilities = "LITERAL+",
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "A2 OK\r\n"},
                   {"A3 UID SEARCH CHARSET UTF-8 1:3 SUBJECT {7+}\r\nGr\xc3\xbc\xc3\x9f"
                    "e\r\n",
                    "* SEARCH 5\r\nA3 OK x\r\n"},
                   {"A4 UID FETCH 5" HEADER,
                    MESSAGE("2", "5", "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=") "A4 OK x\r\n"},
                   {NOTHING_NEW("A5")}},
         .findings = "0/5/O "},
        {.name = "no such charset",
         .old = true,
         .subject = "Gr\xc3\xbc\xc3\x9f"
                    "e",
         .capabilities = "LITERAL+",
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "A2 OK\r\n"},
                   {"A3 UID SEARCH CHARSET UTF-8 1:3 SUBJECT {7+}\r\nGr\xc3\xbc\xc3\x9f"
                    "e\r\n",
                    "A3 NO [BADCHARSET] x\r\n"},
                   {"A4 FETCH 1:3" FIELDS, MESSAGE("2", "5",
                                                   "Subject: Gr\xc3\xbc\xc3\x9f"
                                                   "e") "A4 OK x\r\n"},
                   {"A5 UID FETCH 5" HEADER, MESSAGE("2", "5",
                                                     "Subject: Gr\xc3\xbc\xc3\x9f"
                                                     "e") "A5 OK x\r\n"},
                   {NOTHING_NEW("A6")}},
         .findings = "0/5/O "},
        {.name = "everything: the newest",
         .old = true,
         .anything = true,
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "A2 OK\r\n"},
                   {"A3 FETCH 3:3" FIELDS, LETTER("3", "9") "A3 OK x\r\n"},
                   {"A4 UID FETCH 9" HEADER, LETTER("3", "9") "A4 OK x\r\n"},
                   {NOTHING_NEW("A5")}},
         .findings = "0/9/O "},
        {.name = "everything, counted",
         .old = true,
         .anything = true,
         .all = true,
         .turns = {EXAMINE("3"),
                   {"A2 NOOP\r\n", "* 4 EXISTS\r\nA2 OK\r\n"},
                   {"A3 FETCH 1:4" FIELDS,
                    LETTER("1", "4") LETTER("2", "5") LETTER("3", "9") LETTER("4", "12") "A3 OK x\r\n"},
                   {"A4 UID FETCH 9,5,4" HEADER,
                    LETTER("1", "4") LETTER("2", "5") LETTER("3", "9") "A4 OK x\r\n"},
                   {"A5 UID FETCH 10:*" HEADER, LETTER("4", "12") "A5 OK x\r\n"}},
         .findings = "0/12/O 0/9/O 0/5/O 0/4/O "},
        {.name = "all that match, counted",
         .old = true,
         .subject = "hello",
         .all = true,
         .turns = {EXAMINE("600"),
                   {"A2 NOOP\r\n", "A2 OK\r\n"},
                   {"A3 UID SEARCH 101:600 SUBJECT \"hello\"\r\n", "* SEARCH 5\r\nA3 OK x\r\n"},
                   {"A4 UID FETCH 5" HEADER, LETTER("102", "5") "A4 OK x\r\n"},
                   {"A5 UID SEARCH 1:100 SUBJECT \"hello\"\r\n", "* SEARCH 2\r\nA5 OK x\r\n"},
                   {"A6 UID FETCH 2" HEADER, LETTER("2", "2") "A6 OK x\r\n"},
                   {"A7 FETCH 551:600" FIELDS, LETTER("600", "9") LETTER("560", "5") "A7 OK x\r\n"},
                   {"A8 UID FETCH 9,5" HEADER, LETTER("600", "9") LETTER("560", "5") "A8 OK x\r\n"},
                   {NOTHING_NEW("A9")}},
         .findings = "0/9/O 0/5/O 0/2/O "},
        {.name = "refused in a big mailbox",
         .old = true,
         .turns = {EXAMINE("2001"),
                   {"A2 NOOP\r\n", "A2 OK\r\n"},
                   {SEARCH("A3", "1502:2001"), "A3 BAD what\r\n"},
                   {"A4 FETCH 1802:2001" FIELDS, PROBE("2000", "5") "A4 OK x\r\n"},
                   {"A5 UID FETCH 5" HEADER, PROBE("2000", "5") "A5 OK x\r\n"},
                   {NOTHING_NEW("A6")}},
         .findings = "0/5/P ",
         .incomplete = true},
    };
    (void)state;

    play_all(scenes, COUNT_OF(scenes));
}

/* More than are kept: the newest are, the others are counted. */
static void test_many_matches(void **state)
{
    const unsigned last = 4294967290U; /* long UIDs make long commands */
    struct world w;
    struct err err;
    struct buffer list = BUFFER_INIT(100000), fields = BUFFER_INIT(100000), headers = BUFFER_INIT(100000);
    struct buffer ask_fields = BUFFER_INIT(10000), ask_headers = BUFFER_INIT(10000);
    (void)state;

    buffer_append_text(&ask_fields, "A4 UID FETCH ");
    buffer_append_text(&ask_headers, "A5 UID FETCH ");
    for (unsigned uid = last; uid > last - 100; uid--) {
        buffer_printf(&list, "* 4 FETCH (UID %u)\r\n", uid);
        buffer_printf(&fields, "* 4 FETCH (UID %u BODY[HEADER] \"Subject: hello\")\r\n", uid);
        buffer_printf(&ask_fields, "%s%u", uid < last ? "," : "", uid);
        if (uid <= last - MATCHES_KEPT_MAX)
            continue;
        buffer_printf(&headers, "* 4 FETCH (UID %u BODY[HEADER] \"Subject: hello\")\r\n", uid);
        buffer_printf(&ask_headers, "%s%u", uid < last ? "," : "", uid);
    }
    buffer_append_text(&list, "A3 OK x\r\n");
    buffer_append_text(&fields, "A4 OK x\r\n");
    buffer_append_text(&headers, "A5 OK x\r\n");
    buffer_append_text(&ask_fields, FIELDS);
    buffer_append_text(&ask_headers, HEADER);
    const struct turn turns[] = {EXAMINE("3"),
                                 {"A2 NOOP\r\n", "* 103 EXISTS\r\nA2 OK\r\n"},
                                 {"A3 UID FETCH 10:* (UID)\r\n", buffer_text(&list)},
                                 {buffer_text(&ask_fields), buffer_text(&fields)},
                                 {buffer_text(&ask_headers), buffer_text(&headers)},
                                 {NULL, NULL}};
    world_init(&w, PROTOCOL_IMAP);
    w.request.only_new = true;
    w.request.matcher.subject = "hello";
    w.capabilities = "* CAPABILITY IMAP4rev1\n";
    world_add(&w, turns);
    assert_true(world_open(&w, &err) && mailbox_look(w.mailbox, &err));
    assert_true(world_satisfied(&w));
    assert_int_equal(mailbox_finding_count(w.mailbox), MATCHES_KEPT_MAX);
    assert_int_equal(mailbox_match_count(w.mailbox), 100);
    assert_int_equal(mailbox_finding(w.mailbox, 0)->uid, last);
    world_clear(&w);
    buffer_clear(&list);
    buffer_clear(&fields);
    buffer_clear(&headers);
    buffer_clear(&ask_fields);
    buffer_clear(&ask_headers);
}

/* What a finding knows. */
static void test_finding(void **state)
{
    static const struct turn turns[] = {
        EXAMINE("3"),
        {"A2 NOOP\r\n", "* 4 EXISTS\r\nA2 OK\r\n"},
        {"A3 UID FETCH 10:*" HEADER, PROBE("4", "10") "A3 OK x\r\n"},
        {"A4 UID FETCH 10 (UID BODY.PEEK[]<0.524288>)\r\n",
         "* 4 FETCH (UID 10 BODY[]<0> {11}\r\na: b\r\n\r\nabc)\r\nA4 OK x\r\n"},
        {"A5 UID FETCH 10 (UID BODY.PEEK[]<0.524288>)\r\n", "A5 OK x\r\n"},
        {"A6 GETQUOTAROOT \"INBOX\"\r\n",
         "* QUOTAROOT INBOX a b\r\n* QUOTA a (STORAGE 10 100)\r\n* QUOTA b (STORAGE 30 100)\r\nA6 OK x\r\n"},
        {NULL, NULL},
    };
    struct world w;
    struct err err;
    struct buffer message = BUFFER_INIT(1000);
    double seconds;
    (void)state;

    world_init(&w, PROTOCOL_IMAP);
    w.request.only_new = true;
    w.request.matcher.marker = &w.ours;
    w.capabilities = "* CAPABILITY IMAP4rev1 QUOTA\n";
    world_add(&w, turns);
    assert_true(world_open(&w, &err));
    assert_false(mailbox_retrieve_seconds(w.mailbox, &seconds));
    struct timespec before = clock_now();
    assert_true(mailbox_look(w.mailbox, &err));
    assert_true(mailbox_retrieve_seconds(w.mailbox, &seconds) && seconds >= 0 && seconds < 5);
    const struct finding *f = mailbox_finding(w.mailbox, 0);
    assert_true(f->uid == 10 && f->uidvalidity == 7 && f->size == 100 && f->date_known);
    assert_in_range(f->internal_date, time(NULL) - 5, time(NULL) + 1);
    assert_string_equal(f->marker.text, w.ours.text);
    assert_true(slice_starts(buffer_slice(&f->headers), SLICE("Subject: x mproof")));
    assert_true(clock_between(before, f->noticed) >= 0 && clock_since(f->noticed) >= 0);
    assert_true(mailbox_fetch(w.mailbox, f, &message, &err));
    assert_string_equal(buffer_text(&message), "a: b\r\n\r\nabc");
    assert_false(mailbox_fetch(w.mailbox, f, &message, &err));
    assert_string_equal(err.text, "the message with UID 10 in INBOX is there no longer");
    struct quota quota = mailbox_quota(w.mailbox);
    assert_true(quota.known && quota.used_percent == 30);
    quota = mailbox_quota(w.mailbox);
    assert_true(quota.known);
    assert_true(world_satisfied(&w));
    assert_string_equal(mailbox_mechanism(w.mailbox), "PREAUTH");
    buffer_clear(&message);
    world_clear(&w);
}

/* A long message comes in parts. */
static void test_fetch_in_parts(void **state)
{
    enum { PART = 524288 };
    static char part[PART + 1], said[PART + 200];
    memset(part, 'x', PART);
    snprintf(said, sizeof said, "* 4 FETCH (UID 10 BODY[]<0> {%d}\r\n%s)\r\nA4 OK x\r\n", PART, part);
    const struct turn turns[] = {
        EXAMINE("3"),
        {"A2 NOOP\r\n", "* 4 EXISTS\r\nA2 OK\r\n"},
        {"A3 UID FETCH 10:*" HEADER, PROBE("4", "10") "A3 OK x\r\n"},
        {"A4 UID FETCH 10 (UID BODY.PEEK[]<0.524288>)\r\n", said},
        {"A5 UID FETCH 10 (UID BODY.PEEK[]<524288.524288>)\r\n",
         "* 4 FETCH (UID 10 BODY[]<524288> \"end\")\r\nA5 OK x\r\n"},
        {NULL, NULL},
    };
    struct world w;
    struct err err;
    struct buffer message = BUFFER_INIT(1 << 20);
    (void)state;

    world_init(&w, PROTOCOL_IMAP);
    w.request.only_new = true;
    w.request.matcher.marker = &w.ours;
    w.capabilities = "* CAPABILITY IMAP4rev1\n";
    world_add(&w, turns);
    assert_true(world_open(&w, &err) && mailbox_look(w.mailbox, &err));
    assert_true(mailbox_fetch(w.mailbox, mailbox_finding(w.mailbox, 0), &message, &err));
    assert_int_equal(message.len, PART + 3);
    assert_true(world_satisfied(&w));
    buffer_clear(&message);
    world_clear(&w);
}

/* --- cleaning --- */

struct cleaning_scene {
    const char *name, *capabilities;
    enum cleanup how;
    bool purge, any_key;
    uint64_t key;
    struct turn turns[12]; /* after the look */
    bool ok;
    bool refused;
    size_t removed;
};

/* A mailbox with a probe of ours (UID 10), one of another service (11), and what --subject matched (12). */
static void play_cleaning(const struct cleaning_scene *scene)
{
    static const struct turn opening[] = {
        {"A1 SELECT \"INBOX\"\r\n",
         "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 10] x\r\nA1 OK [READ-WRITE] x\r\n"},
        {"A2 NOOP\r\n", "* 6 EXISTS\r\nA2 OK\r\n"},
        {"A3 UID FETCH 10:*" HEADER, MESSAGE("4", "10", "Subject: x\r\nX-Mailproof-Marker: $")
                                         MESSAGE("5", "11", "Subject: x\r\nX-Mailproof-Marker: ~")
                                             MESSAGE("6", "12", "Subject: x") "A3 OK x\r\n"},
    };
    struct turn turns[COUNT_OF(opening) + COUNT_OF(scene->turns) + 1] = {{NULL, NULL}};
    struct cleaning cleaning = {.how = scene->how,
                                .move_to = "Entw\xc3\xbcrfe",
                                .key = scene->key,
                                .any_key = scene->any_key,
                                .older_than_s = scene->purge ? 500 : -1};
    struct cleaned cleaned;
    struct world w;
    struct err err;
    char capabilities[200];

    memcpy(turns, opening, sizeof opening);
    memcpy(turns + COUNT_OF(opening), scene->turns, sizeof scene->turns);
    snprintf(capabilities, sizeof capabilities, "* CAPABILITY IMAP4rev1 %s\n", scene->capabilities);
    world_init(&w, PROTOCOL_IMAP);
    w.capabilities = capabilities;
    w.request.only_new = w.request.read_write = true;
    w.request.newer_than_s = scene->purge ? 1000 : 0; /* which is no reason to keep what is older */
    w.request.matcher.subject = "x";
    world_add(&w, turns);
    assert_true(world_open(&w, &err) && mailbox_look(w.mailbox, &err));
    CHECK_ROW(scene->name, mailbox_finding_count(w.mailbox) == 3);
    bool ok = mailbox_clean(w.mailbox, &cleaning, &cleaned, &err);
    CHECK_ROW(scene->name, ok == scene->ok);
    CHECK_ROW(scene->name, ok || err.kind == FAULT_CLEANUP);
    CHECK_ROW(scene->name, cleaned.refused == scene->refused);
    CHECK_ROW(scene->name, cleaned.removed == scene->removed);
    CHECK_ROW(scene->name, world_satisfied(&w));
    CHECK_ROW(scene->name, !world_heard(&w, "\nA4 EXPUNGE") && !world_heard(&w, "CLOSE"));
    world_clear(&w);
}

#define OLD_SEARCH " OR OR HEADER X-Mailproof-Marker \"\" SUBJECT \"mproof\" FROM \"mailer-daemon\"\r\n"

static void test_cleaning(void **state)
{
    static const struct cleaning_scene scenes[] = {
        {.name = "none",
         .capabilities = "UIDPLUS",
         .how = CLEANUP_NONE,
         .key = 7,
         .turns = {{0}},
         .ok = true},
        {.name = "the connection is lost",
         .capabilities = "UIDPLUS",
         .how = CLEANUP_DELETE,
         .key = 7,
         .turns = {{"A4 UID STORE 10 +FLAGS.SILENT (\\Deleted)\r\n", ""}},
         .ok = false},
        {.name = "delete",
         .capabilities = "UIDPLUS",
         .how = CLEANUP_DELETE,
         .key = 7,
         .turns = {{"A4 UID STORE 10 +FLAGS.SILENT (\\Deleted)\r\n", "A4 OK x\r\n"},
                   {"A5 UID EXPUNGE 10\r\n", "* 4 EXPUNGE\r\nA5 OK x\r\n"}},
         .ok = true,
         .removed = 1},
        {.name = "nothing of ours",
         .capabilities = "UIDPLUS",
         .how = CLEANUP_DELETE,
         .key = 99,
         .turns = {{0}},
         .ok = true},
        {.name = "any key",
         .capabilities = "UIDPLUS",
         .how = CLEANUP_DELETE,
         .any_key = true,
         .turns = {{"A4 UID STORE 11,10 +FLAGS.SILENT (\\Deleted)\r\n", "A4 OK x\r\n"},
                   {"A5 UID EXPUNGE 11,10\r\n", "A5 OK x\r\n"}},
         .ok = true,
         .removed = 2},
        {.name = "move",
         .capabilities = "UIDPLUS MOVE",
         .how = CLEANUP_MOVE,
         .key = 7,
         .turns = {{"A4 UID MOVE 10 \"Entw&APw-rfe\"\r\n", "A4 OK x\r\n"}},
         .ok = true,
         .removed = 1},
        {.name = "move by copy",
         .capabilities = "UIDPLUS",
         .how = CLEANUP_MOVE,
         .key = 7,
         .turns = {{"A4 UID COPY 10 \"Entw&APw-rfe\"\r\n", "A4 OK x\r\n"},
                   {"A5 UID STORE 10 +FLAGS.SILENT (\\Deleted)\r\n", "A5 OK x\r\n"},
                   {"A6 UID EXPUNGE 10\r\n", "A6 OK x\r\n"}},
         .ok = true,
         .removed = 1},
        {.name = "a copy that fails deletes nothing",
         .capabilities = "UIDPLUS",
         .how = CLEANUP_MOVE,
         .key = 7,
         .turns = {{"A4 UID COPY 10 \"Entw&APw-rfe\"\r\n", "A4 NO [TRYCREATE] x\r\n"}},
         .refused = true},
        {.name = "gmail",
         .capabilities = "UIDPLUS MOVE X-GM-EXT-1",
         .how = CLEANUP_DELETE,
         .key = 7,
         .turns = {{"A4 LIST \"\" \"*\"\r\n", "* LIST (\\Trash) \"/\" \"[Gmail]/Bin\"\r\nA4 OK x\r\n"},
                   {"A5 UID MOVE 10 \"[Gmail]/Bin\"\r\n", "A5 OK x\r\n"}},
         .ok = true,
         .removed = 1},
        {.name = "gmail without a trash",
         .capabilities = "UIDPLUS MOVE X-GM-EXT-1",
         .how = CLEANUP_DELETE,
         .key = 7,
         .turns = {{"A4 LIST \"\" \"*\"\r\n", "A4 OK x\r\n"}},
         .refused = true},
        {.name = "neither UIDPLUS nor MOVE",
         .capabilities = "",
         .how = CLEANUP_DELETE,
         .key = 7,
         .turns = {{0}},
         .refused = true},
        {.name = "no permission",
         .capabilities = "UIDPLUS",
         .how = CLEANUP_DELETE,
         .key = 7,
         .turns = {{"A4 UID STORE 10 +FLAGS.SILENT (\\Deleted)\r\n", "A4 NO [NOPERM] x\r\n"}},
         .refused = true},
        {.name = "purge",
         .capabilities = "UIDPLUS",
         .how = CLEANUP_DELETE,
         .purge = true,
         .key = 7,
         .turns = {{"A4 UID SEARCH 1:6 BEFORE ", ""}, {"", ""}}, /* filled in below */
         .ok = true,
         .removed = 3},
    };
    (void)state;

    for (size_t i = 0; i + 1 < COUNT_OF(scenes); i++)
        play_cleaning(&scenes[i]);

    /* the date of BEFORE is a day from now, less the age: today or tomorrow */
    struct cleaning_scene purge = scenes[COUNT_OF(scenes) - 1];
    char search[200], search_trash[200], date[32];
    time_t when = time(NULL) + 86400 - 500;
    struct tm tm;
    strftime(date, sizeof date, "%-d-%b-%Y", gmtime_r(&when, &tm));
    snprintf(search, sizeof search, "A4 UID SEARCH 1:6 BEFORE %s" OLD_SEARCH, date);
    purge.turns[0] = (struct turn){search, "* SEARCH 2 3 4 5 10 11\r\nA4 OK x\r\n"};
    purge.turns[1] = (struct turn){"A5 UID FETCH 11,10,5,4,3,2" FIELDS,
                                   LONG_AGO("1", "2") LETTER("2", "3") MESSAGE("3", "4", DAEMON)
                                       MESSAGE("5", "11", "X-Mailproof-Marker: ~") "A5 OK x\r\n"};
    purge.turns[2] =
        (struct turn){"A6 UID FETCH 4" BODY, "* 3 FETCH (UID 4 BODY[] [[" BOUNCE "]])\r\nA6 OK x\r\n"};
    purge.turns[3] = (struct turn){"A7 UID STORE 4,2 +FLAGS.SILENT (\\Deleted)\r\n", "A7 OK x\r\n"};
    purge.turns[4] = (struct turn){"A8 UID EXPUNGE 4,2\r\n", "A8 OK x\r\n"};
    /* what lies in the trash was ours, too */
    purge.turns[5] = (struct turn){"A9 LIST \"\" \"*\"\r\n", "* LIST (\\Trash) \"/\" Bin\r\nA9 OK x\r\n"};
    purge.turns[6] = (struct turn){"A10 SELECT \"Bin\"\r\n", "* 2 EXISTS\r\nA10 OK [READ-WRITE] x\r\n"};
    snprintf(search_trash, sizeof search_trash, "A11 UID SEARCH 1:2 BEFORE %s" OLD_SEARCH, date);
    purge.turns[7] = (struct turn){search_trash, "* SEARCH 1 2\r\nA11 OK x\r\n"};
    purge.turns[8] = (struct turn){"A12 UID FETCH 2,1" FIELDS,
                                   PROBE("1", "1") MESSAGE("2", "2", "X-Mailproof-Marker: ~") "A12 OK x\r\n"};
    purge.turns[9] = (struct turn){"A13 UID STORE 1 +FLAGS.SILENT (\\Deleted)\r\n", "A13 OK x\r\n"};
    purge.turns[10] = (struct turn){"A14 UID EXPUNGE 1\r\n", "A14 OK x\r\n"};
    play_cleaning(&purge);
}

/* By the marker's time, where that can be: else by the time of arrival. */
static void test_outdated(void **state)
{
    const time_t now = time(NULL), hour = 3600;
    const struct {
        const char *name;
        time_t sent, arrived; /* 0: not known */
        uint64_t key;
        enum message_kind kind;
        bool outdated;
    } rows[] = {
        {"new", now - 60, now - 50, 7, MESSAGE_PROBE, false},
        {"old", now - 25 * hour, now - 25 * hour, 7, MESSAGE_PROBE, true},
        {"old, and not known when it came", now - 25 * hour, 0, 7, MESSAGE_PROBE, true},
        {"old bounce", now - 25 * hour, now - 60, 7, MESSAGE_BOUNCE, true},
        {"somebody else's", now - 25 * hour, now - 25 * hour, 8, MESSAGE_PROBE, false},
        {"no probe", now - 25 * hour, now - 25 * hour, 7, MESSAGE_OTHER, false},
        {"sent in 1970, just now", 0, now - 60, 7, MESSAGE_PROBE, false},
        {"sent in 1970, long ago", 5, now - 25 * hour, 7, MESSAGE_PROBE, true},
        {"sent in 1970, who knows when", 0, 0, 7, MESSAGE_PROBE, false},
        {"sent tomorrow, just now", now + 24 * hour, now - 60, 7, MESSAGE_PROBE, false},
        {"sent tomorrow, long ago", now + 24 * hour, now - 25 * hour, 7, MESSAGE_PROBE, true},
        {"sent tomorrow, who knows when", now + 24 * hour, 0, 7, MESSAGE_PROBE, false},
    };
    const struct cleaning cleaning = {.how = CLEANUP_DELETE, .key = 7, .older_than_s = 24 * 3600};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct matched matched = {.kind = rows[i].kind, .marker = {.key = rows[i].key, .sent = rows[i].sent}};
        bool outdated = mailbox_is_outdated(&cleaning, &matched, rows[i].arrived != 0, rows[i].arrived);
        CHECK_ROW(rows[i].name, outdated == rows[i].outdated);
    }
}

static void test_read_only_mailbox(void **state)
{
    static const struct turn turns[] = {
        {"A1 SELECT \"INBOX\"\r\n", "* 3 EXISTS\r\n* OK [UIDNEXT 10] x\r\nA1 OK [READ-ONLY] x\r\n"},
        {"A2 NOOP\r\n", "* 4 EXISTS\r\nA2 OK\r\n"},
        {"A3 UID FETCH 10:*" HEADER, PROBE("4", "10") "A3 OK x\r\n"},
        {NULL, NULL},
    };
    struct cleaning cleaning = {.how = CLEANUP_DELETE, .key = 7, .older_than_s = -1};
    struct cleaned cleaned;
    struct world w;
    struct err err;
    (void)state;

    world_init(&w, PROTOCOL_IMAP);
    w.request.only_new = w.request.read_write = true;
    w.request.matcher.marker = &w.ours;
    w.capabilities = "* CAPABILITY IMAP4rev1 UIDPLUS\n";
    world_add(&w, turns);
    assert_true(world_open(&w, &err) && mailbox_look(w.mailbox, &err));
    assert_false(mailbox_clean(w.mailbox, &cleaning, &cleaned, &err));
    assert_true(cleaned.refused && cleaned.removed == 0 && err.kind == FAULT_CLEANUP);
    assert_true(world_satisfied(&w));
    world_clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folders),
        cmocka_unit_test(test_new),
        cmocka_unit_test(test_old),
        cmocka_unit_test(test_many_matches),
        cmocka_unit_test(test_finding),
        cmocka_unit_test(test_fetch_in_parts),
        cmocka_unit_test(test_cleaning),
        cmocka_unit_test(test_outdated),
        cmocka_unit_test(test_read_only_mailbox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
