/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All probes of a service, from where an earlier look ended. */
#include "tests/unit/mailbox_world.h"
#include "tests/unit/unit.h"

#define HEADER " (UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER]<0.262144>)\r\n"
#define FIELDS " (UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (" MATCH_FIELDS ")])\r\n"
#define BODY   " (UID INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.65536>)\r\n"
#define TOLD(exists, uidvalidity, uidnext)                                                                   \
    "* " exists " EXISTS\r\n* OK [UIDVALIDITY " uidvalidity "] x\r\n* OK [UIDNEXT " uidnext "] x\r\n"
#define EXAMINE(exists, uidvalidity, uidnext)                                                                \
    {                                                                                                        \
        "A1 EXAMINE \"INBOX\"\r\n", TOLD(exists, uidvalidity, uidnext) "A1 OK [READ-ONLY] x\r\n"             \
    }
#define NOOP(tag)                                                                                            \
    {                                                                                                        \
        tag " NOOP\r\n", tag " OK\r\n"                                                                       \
    }
#define STATUS(tag, folder, numbers)                                                                         \
    tag " STATUS \"" folder "\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",                                         \
        "* STATUS \"" folder "\" (" numbers ")\r\n" tag " OK x\r\n"
#define MESSAGE(seq, uid, date, header)                                                                      \
    "* " seq " FETCH (UID " uid " INTERNALDATE \"" date "\" RFC822.SIZE 100 BODY[HEADER]<0> [[" header       \
    "\r\n\r\n]])\r\n"
#define PROBE(seq, uid)   MESSAGE(seq, uid, "@", "Subject: x $\r\nX-Mailproof-Marker: $")
#define OTHER(seq, uid)   MESSAGE(seq, uid, "@", "Subject: x %\r\nX-Mailproof-Marker: %")
#define FOREIGN(seq, uid) MESSAGE(seq, uid, "@", "Subject: x ~\r\nX-Mailproof-Marker: ~")
#define ANCIENT(seq, uid) MESSAGE(seq, uid, " 1-Feb-2020 10:00:00 +0000", "X-Mailproof-Marker: $")
#define LETTER(seq, uid)  MESSAGE(seq, uid, "@", "Subject: hello\r\nFrom: a@b")
#define DAEMON            "From: MAILER-DAEMON@x\r\nContent-Type: multipart/report; boundary=b"
#define BOUNCE(marker)                                                                                       \
    DAEMON "\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"       \
           "Final-Recipient: rfc822; a@b\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: "    \
           "message/rfc822\r\n\r\nX-Mailproof-Marker: " marker "\r\n\r\nx\r\n--b--\r\n"

struct border {
    const char *folder;
    uint32_t uidvalidity, uidnext;
};

struct scene {
    const char *name;
    const char *folders[3];
    bool junk;
    double newer_than_s;
    struct border from[2];
    struct turn turns[WORLD_TURNS_MAX];
    const char *findings; /* "folder/uid/kind", "+" behind one that is fresh */
    const char *borders;  /* of each folder; "-": none */
    bool incomplete;
    enum fault fault;
};

static void print_findings(const struct mailbox *m, struct buffer *out)
{
    buffer_reset(out);
    for (size_t i = 0; i < mailbox_finding_count(m); i++) {
        const struct finding *f = mailbox_finding(m, i);
        buffer_printf(out, "%zu/%u/%c%s ", f->folder, f->uid, "OPBDR"[f->kind], f -> fresh ? "+" : "");
    }
}

static void print_borders(const struct mailbox *m, struct buffer *out)
{
    struct resume r;

    buffer_reset(out);
    for (size_t i = 0; i < mailbox_folder_count(m); i++)
        if (!mailbox_resume(m, i, &r))
            buffer_append_text(out, "- ");
        else if (*r.uidl != '\0')
            buffer_printf(out, "%s ", r.uidl);
        else
            buffer_printf(out, "%u:%u ", r.uidvalidity, r.uidnext);
}

static size_t set_borders(const struct border *from, struct resume *out)
{
    size_t count = 0;

    for (; count < 2 && from[count].folder != NULL; count++)
        out[count] = (struct resume){.folder = folder_hash(from[count].folder),
                                     .uidvalidity = from[count].uidvalidity,
                                     .uidnext = from[count].uidnext};
    return count;
}

static void play(const struct scene *scene)
{
    struct world w;
    struct err err = ERR_NONE;
    struct buffer text = BUFFER_INIT(10000);
    struct resume resume[2];

    world_init(&w, PROTOCOL_IMAP);
    w.capabilities = "* CAPABILITY IMAP4rev1\n";
    w.request.folders = scene->folders;
    while (scene->folders[w.request.folder_count] != NULL)
        w.request.folder_count++;
    w.request.junk = scene->junk;
    w.request.newer_than_s = scene->newer_than_s;
    w.request.matcher = (struct matcher){.own = true, .key = 7};
    w.request.resume = resume;
    w.request.resume_count = set_borders(scene->from, resume);
    world_add(&w, scene->turns);
    bool ok = world_open(&w, &err);
    CHECK_ROW(scene->name, !ok || !mailbox_look_complete(w.mailbox));
    ok = ok && mailbox_look(w.mailbox, &err);
    CHECK_ROW_TEXT(scene->name, ok ? "" : fault_class(err.kind), fault_class(scene->fault));
    CHECK_ROW(scene->name, world_satisfied(&w));
    CHECK_ROW(scene->name, mailbox_look_complete(w.mailbox) == !scene->incomplete);
    print_findings(w.mailbox, &text);
    CHECK_ROW_TEXT(scene->name, buffer_text(&text), scene->findings);
    print_borders(w.mailbox, &text);
    CHECK_ROW_TEXT(scene->name, buffer_text(&text), scene->borders);
    buffer_clear(&text);
    world_clear(&w);
}

static void play_all(const struct scene *scenes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        play(&scenes[i]);
}

#define SINCE "A3 UID SEARCH 1:3 SINCE #\r\n"
#define DAY   86400

static void test_borders(void **state)
{
    static const struct scene scenes[] = {
        {.name = "a border that holds: nothing below is asked for",
         .newer_than_s = DAY,
         .from = {{"INBOX", 7, 8}},
         .turns = {EXAMINE("3", "7", "10"),
                   NOOP("A2"),
                   {"A3 UID FETCH 8:*" HEADER, PROBE("2", "8") OTHER("3", "9") "A3 OK x\r\n"}},
         .findings = "0/9/P+ 0/8/P+ ",
         .borders = "7:10 "},
        {.name = "beyond a border that holds dates do not count: our clock may be wrong",
         .newer_than_s = DAY,
         .from = {{"INBOX", 7, 8}},
         .turns = {EXAMINE("3", "7", "10"),
                   NOOP("A2"),
                   {"A3 UID FETCH 8:*" HEADER, ANCIENT("2", "8") OTHER("3", "9") "A3 OK x\r\n"}},
         .findings = "0/9/P+ 0/8/P+ ",
         .borders = "7:10 "},
        {.name = "in another spelling",
         .folders = {"inbox"},
         .newer_than_s = DAY,
         .from = {{"Inbox", 7, 9}},
         .turns = {{"A1 EXAMINE \"inbox\"\r\n", TOLD("3", "7", "10") "A1 OK x\r\n"},
                   NOOP("A2"),
                   {"A3 UID FETCH 9:*" HEADER, PROBE("3", "9") "A3 OK x\r\n"}},
         .findings = "0/9/P+ ",
         .borders = "7:10 "},
        {.name = "nothing new: the last message comes all the same",
         .from = {{"INBOX", 7, 10}},
         .turns = {EXAMINE("3", "7", "10"),
                   NOOP("A2"),
                   {"A3 UID FETCH 10:*" HEADER, PROBE("3", "9") "A3 OK x\r\n"}},
         .findings = "",
         .borders = "7:10 "},
        {.name = "UIDVALIDITY changed: by date",
         .newer_than_s = DAY,
         .from = {{"INBOX", 6, 8}},
         .turns = {EXAMINE("3", "7", "10"),
                   NOOP("A2"),
                   {SINCE, "* SEARCH 8 9\r\nA3 OK x\r\n"},
                   {"A4 UID FETCH 9,8" HEADER, ANCIENT("2", "8") PROBE("3", "9") "A4 OK x\r\n"},
                   {"A5 FETCH 1:3" FIELDS, LETTER("1", "5") ANCIENT("2", "8") PROBE("3", "9") "A5 OK x\r\n"},
                   {"A6 UID FETCH 9" HEADER, PROBE("3", "9") "A6 OK x\r\n"},
                   {"A7 UID FETCH 10:*" HEADER, PROBE("3", "9") "A7 OK x\r\n"}},
         .findings = "0/9/P ",
         .borders = "7:10 "},
        {.name = "no UIDVALIDITY: nothing can be resumed",
         .newer_than_s = DAY,
         .from = {{"INBOX", 0, 8}},
         .turns = {{"A1 EXAMINE \"INBOX\"\r\n", "* 3 EXISTS\r\n* OK [UIDNEXT 10] x\r\nA1 OK x\r\n"},
                   NOOP("A2"),
                   {SINCE, "* SEARCH\r\nA3 OK x\r\n"},
                   {"A4 FETCH 1:3" FIELDS, "A4 OK x\r\n"},
                   {"A5 UID FETCH 10:*" HEADER, "A5 OK x\r\n"}},
         .findings = "",
         .borders = "- "},
        {.name = "a border beyond UIDNEXT: by date",
         .newer_than_s = DAY,
         .from = {{"INBOX", 7, 11}},
         .turns = {EXAMINE("3", "7", "10"),
                   NOOP("A2"),
                   {SINCE, "* SEARCH 9\r\nA3 OK x\r\n"},
                   {"A4 UID FETCH 9" HEADER, PROBE("3", "9") "A4 OK x\r\n"},
                   {"A5 FETCH 1:3" FIELDS, PROBE("3", "9") "A5 OK x\r\n"},
                   {"A6 UID FETCH 9" HEADER, PROBE("3", "9") "A6 OK x\r\n"},
                   {"A7 UID FETCH 10:*" HEADER, "A7 OK x\r\n"}},
         .findings = "0/9/P ",
         .borders = "7:10 "},
        {.name = "UIDNEXT not told, the last message was removed",
         .newer_than_s = DAY,
         .from = {{"INBOX", 7, 11}},
         .turns = {{"A1 EXAMINE \"INBOX\"\r\n", "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nA1 OK x\r\n"},
                   {STATUS("A2", "INBOX", "MESSAGES 3")},
                   {"A3 UID FETCH * (UID)\r\n", "* 3 FETCH (UID 9)\r\nA3 OK x\r\n"},
                   {"A4 NOOP\r\n", "* 4 EXISTS\r\nA4 OK\r\n"},
                   {"A5 UID FETCH 11:*" HEADER, PROBE("4", "12") "A5 OK x\r\n"}},
         .findings = "0/12/P+ ",
         .borders = "7:13 "},
        {.name = "no border: all that there is, where no age is given",
         .turns = {EXAMINE("3", "7", "10"),
                   NOOP("A2"),
                   {"A3 FETCH 1:3" FIELDS, PROBE("1", "5") FOREIGN("2", "8") OTHER("3", "9") "A3 OK x\r\n"},
                   {"A4 UID FETCH 9,5" HEADER, PROBE("1", "5") OTHER("3", "9") "A4 OK x\r\n"},
                   {"A5 UID FETCH 10:*" HEADER, "A5 OK x\r\n"}},
         .findings = "0/9/P 0/5/P ",
         .borders = "7:10 "},
        {.name = "a folder that vanished is no lack",
         .folders = {"INBOX", "B"},
         .from = {{"INBOX", 7, 10}, {"B", 8, 4}},
         .turns = {EXAMINE("3", "7", "10"),
                   {"A2 STATUS \"B\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n", "A2 NO [NONEXISTENT] no\r\n"},
                   NOOP("A3"),
                   {"A4 UID FETCH 10:*" HEADER, "A4 OK x\r\n"}},
         .findings = "",
         .borders = "7:10 - "},
        {.name = "one that is refused is",
         .folders = {"INBOX", "B"},
         .from = {{"INBOX", 7, 10}, {"B", 8, 4}},
         .turns = {EXAMINE("3", "7", "10"),
                   {"A2 STATUS \"B\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n", "A2 NO [NOPERM] no\r\n"},
                   NOOP("A3"),
                   {"A4 UID FETCH 10:*" HEADER, "A4 OK x\r\n"}},
         .findings = "",
         .borders = "7:10 - ",
         .incomplete = true},
        {.name = "one that does not tell how it stands is",
         .folders = {"INBOX", "B"},
         .from = {{"INBOX", 7, 10}, {"B", 8, 4}},
         .turns = {EXAMINE("3", "7", "10"),
                   {STATUS("A2", "B", "MESSAGES 1 UIDNEXT 4 UIDVALIDITY 8")},
                   {"A3 NOOP\r\nA4 STATUS \"B\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
                    "A3 OK\r\nA4 NO [INUSE] no\r\n"},
                   {"A5 UID FETCH 10:*" HEADER, "A5 OK x\r\n"}},
         .findings = "",
         .borders = "7:10 - ",
         .incomplete = true},
        {.name = "another folder has what came meanwhile",
         .folders = {"INBOX", "B"},
         .from = {{"INBOX", 7, 10}, {"B", 8, 4}},
         .turns = {EXAMINE("3", "7", "10"),
                   {STATUS("A2", "B", "MESSAGES 1 UIDNEXT 6 UIDVALIDITY 8")},
                   {"A3 NOOP\r\nA4 STATUS \"B\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
                    "A3 OK\r\n* STATUS B (MESSAGES 1 UIDNEXT 6 UIDVALIDITY 8)\r\nA4 OK\r\n"},
                   {"A5 UID FETCH 10:*" HEADER, "A5 OK x\r\n"},
                   {"A6 EXAMINE \"B\"\r\n", TOLD("1", "8", "6") "A6 OK x\r\n"},
                   {"A7 UID FETCH 4:*" HEADER, PROBE("1", "4") "A7 OK x\r\n"}},
         .findings = "1/4/P+ ",
         .borders = "7:10 8:5 "}, /* whatever had UID 5 was never seen */
        {.name = "an older view than STATUS had does not hide what comes",
         .folders = {"INBOX", "B"},
         .from = {{"INBOX", 7, 10}, {"B", 8, 4}},
         .turns = {EXAMINE("3", "7", "10"),
                   {STATUS("A2", "B", "MESSAGES 1 UIDNEXT 6 UIDVALIDITY 8")},
                   {"A3 NOOP\r\nA4 STATUS \"B\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n",
                    "A3 OK\r\n* STATUS B (MESSAGES 1 UIDNEXT 6 UIDVALIDITY 8)\r\nA4 OK\r\n"},
                   {"A5 UID FETCH 10:*" HEADER, "A5 OK x\r\n"},
                   {"A6 EXAMINE \"B\"\r\n", TOLD("0", "8", "3") "A6 OK x\r\n"}},
         .findings = "",
         .borders = "7:10 8:3 "},
        {.name = "no junk folder is no lack",
         .junk = true,
         .from = {{"INBOX", 7, 10}},
         .turns = {{"A1 EXAMINE \"INBOX\"\r\nA2 LIST \"\" \"*\"\r\n",
                    TOLD("3", "7", "10") "A1 OK x\r\n* LIST () \"/\" Sent\r\nA2 OK x\r\n"},
                   NOOP("A3"),
                   {"A4 UID FETCH 10:*" HEADER, "A4 OK x\r\n"}},
         .findings = "",
         .borders = "7:10 "},
        {.name = "a LIST that is refused is one",
         .junk = true,
         .from = {{"INBOX", 7, 10}},
         .turns = {{"A1 EXAMINE \"INBOX\"\r\nA2 LIST \"\" \"*\"\r\n",
                    TOLD("3", "7", "10") "A1 OK x\r\nA2 NO busy\r\n"},
                   NOOP("A3"),
                   {"A4 UID FETCH 10:*" HEADER, "A4 OK x\r\n"}},
         .findings = "",
         .borders = "7:10 ",
         .incomplete = true},
        {.name = "one more is announced at the end of the look: it lies beyond the border",
         .from = {{"INBOX", 7, 8}},
         .turns = {EXAMINE("3", "7", "10"),
                   NOOP("A2"),
                   {"A3 UID FETCH 8:*" HEADER, PROBE("2", "8") OTHER("3", "9") "* 4 EXISTS\r\nA3 OK x\r\n"}},
         .findings = "0/9/P+ 0/8/P+ ",
         .borders = "7:10 "},
        {.name = "FETCH refused: the border stays",
         .from = {{"INBOX", 7, 8}},
         .turns = {EXAMINE("3", "7", "10"), NOOP("A2"), {"A3 UID FETCH 8:*" HEADER, "A3 NO busy\r\n"}},
         .findings = "",
         .borders = "7:8 ",
         .incomplete = true},
        {.name = "a FETCH of old ones refused",
         .newer_than_s = DAY,
         .turns = {EXAMINE("3", "7", "10"),
                   NOOP("A2"),
                   {SINCE, "* SEARCH 9\r\nA3 OK x\r\n"},
                   {"A4 UID FETCH 9" HEADER, "A4 NO busy\r\n"},
                   {"A5 FETCH 1:3" FIELDS, "A5 OK x\r\n"},
                   {"A6 UID FETCH 10:*" HEADER, "A6 OK x\r\n"}},
         .findings = "",
         .borders = "- ",
         .incomplete = true},
        {.name = "SEARCH refused: compared here",
         .newer_than_s = DAY,
         .turns = {EXAMINE("3", "7", "10"),
                   NOOP("A2"),
                   {SINCE, "A3 BAD what\r\n"},
                   {"A4 FETCH 1:3" FIELDS, ANCIENT("1", "5") PROBE("3", "9") "A4 OK x\r\n"},
                   {"A5 UID FETCH 9" HEADER, PROBE("3", "9") "A5 OK x\r\n"},
                   {"A6 UID FETCH 10:*" HEADER, "A6 OK x\r\n"}},
         .findings = "0/9/P ",
         .borders = "7:10 "},
        {.name = "a message without its bytes",
         .from = {{"INBOX", 7, 8}},
         .turns = {EXAMINE("3", "7", "10"),
                   NOOP("A2"),
                   {"A3 UID FETCH 8:*" HEADER,
                    "* 2 FETCH (UID 8 BODY[HEADER]<0> NIL)\r\n" PROBE("3", "9") "A3 OK x\r\n"}},
         .findings = "0/9/P+ ",
         .borders = "- ",
         .incomplete = true},
        {.name = "flags told beside the bytes",
         .from = {{"INBOX", 7, 8}},
         .turns = {EXAMINE("3", "7", "10"),
                   NOOP("A2"),
                   {"A3 UID FETCH 8:*" HEADER,
                    "* 2 FETCH (UID 8 FLAGS (\\Seen))\r\n" PROBE("2", "8") PROBE("3", "9") "A3 OK x\r\n"}},
         .findings = "0/9/P+ 0/8/P+ ",
         .borders = "7:10 "},
        {.name = "EXISTS shrinks",
         .from = {{"INBOX", 7, 8}},
         .turns = {EXAMINE("3", "7", "10"),
                   {"A2 NOOP\r\n", "* 3 EXPUNGE\r\n* 2 EXISTS\r\nA2 OK\r\n"},
                   {"A3 UID FETCH 8:*" HEADER, PROBE("2", "8") "A3 OK x\r\n"}},
         .findings = "0/8/P+ ",
         .borders = "7:9 "},
        {.name = "emptied, with a new UIDVALIDITY",
         .newer_than_s = DAY,
         .from = {{"INBOX", 7, 8}},
         .turns = {EXAMINE("0", "9", "1"), NOOP("A2")},
         .findings = "",
         .borders = "9:1 "},
        {.name = "bye",
         .from = {{"INBOX", 7, 8}},
         .turns = {EXAMINE("3", "7", "10"), {"A2 NOOP\r\n", "* BYE shutting down\r\n"}},
         .findings = "",
         .borders = "- ",
         .fault = FAULT_SERVER_UNAVAILABLE,
         .incomplete = true},
    };
    (void)state;

    play_all(scenes, COUNT_OF(scenes));
}

static void test_own(void **state)
{
    static const struct scene scenes[] = {
        {.name = "own key among others, by fields",
         .from = {{"INBOX", 7, 10}},
         .turns = {EXAMINE("12", "7", "19"),
                   NOOP("A2"),
                   {"A3 UID FETCH 10:* (UID)\r\n",
                    "* 4 FETCH (UID 10)\r\n* 5 FETCH (UID 11)\r\n* 6 FETCH (UID 12)\r\n* 7 FETCH (UID 13)\r\n"
                    "* 8 FETCH (UID 14)\r\n* 9 FETCH (UID 15)\r\n* 10 FETCH (UID 16)\r\n* 11 FETCH (UID "
                    "17)\r\n* 12 FETCH (UID 18)\r\nA3 OK x\r\n"},
                   {"A4 UID FETCH 18,17,16,15,14,13,12,11,10" FIELDS,
                    LETTER("4", "10") PROBE("5", "11") FOREIGN("6", "12") OTHER("7", "13")
                        MESSAGE("8", "14", "@", DAEMON) MESSAGE("9", "15", "@", DAEMON) "A4 OK x\r\n"},
                   {"A5 UID FETCH 13,11" HEADER, PROBE("5", "11") OTHER("7", "13") "A5 OK x\r\n"},
                   {"A6 UID FETCH 15,14" BODY,
                    "* 8 FETCH (UID 14 INTERNALDATE \"@\" BODY[]<0> [[" BOUNCE(
                        "%") "]])\r\n* 9 FETCH (UID 15 BODY[]<0> [[" BOUNCE("~") "]])\r\nA6 "
                                                                                 "OK "
                                                                                 "x\r\n"}},
         .findings = "0/14/B+ 0/13/P+ 0/11/P+ ",
         .borders = "7:16 "},
        {.name = "bounces by their key",
         .from = {{"INBOX", 7, 10}},
         .turns = {EXAMINE("5", "7", "12"),
                   NOOP("A2"),
                   {"A3 UID FETCH 10:*" HEADER,
                    MESSAGE("4", "10", "@", DAEMON) MESSAGE("5", "11", "@", DAEMON) "A3 OK x\r\n"},
                   {"A4 UID FETCH 11,10" BODY,
                    "* 4 FETCH (UID 10 BODY[]<0> [[" BOUNCE("~") "]])\r\n* 5 FETCH (UID 11 BODY[]<0> "
                                                                 "[[" BOUNCE("$") "]])\r\nA4 OK x\r\n"}},
         .findings = "0/11/B+ ",
         .borders = "7:12 "},
    };
    (void)state;

    play_all(scenes, COUNT_OF(scenes));
}

/* After an outage: each is found and knows its marker. */
static void test_backlog(void **state)
{
    enum { COUNT = 300, FIRST = 1000, AT_ONCE = 200 };
    struct world w;
    struct err err;
    struct resume resume = {.folder = folder_hash("INBOX"), .uidvalidity = 7, .uidnext = FIRST};
    struct buffer said[5], asked[5];
    struct turn turns[8] = {EXAMINE("303", "7", "1300"), NOOP("A2")};
    (void)state;

    world_init(&w, PROTOCOL_IMAP);
    for (size_t i = 0; i < COUNT_OF(said); i++) {
        said[i] = asked[i] = BUFFER_INIT(200000);
        buffer_printf(&asked[i], "A%zu UID FETCH ", i + 3);
    }
    buffer_append_text(&asked[0], "1000:* (UID)\r\n");
    for (unsigned n = 0; n < COUNT; n++) {
        unsigned uid = FIRST + COUNT - 1 - n, part = n / AT_ONCE;
        struct marker marker;
        assert_true(marker_new(&marker, 7, time(NULL), &err));
        buffer_printf(&said[0], "* %u FETCH (UID %u)\r\n", uid - FIRST + 4, uid);
        for (unsigned k = 1 + part; k <= 3 + part; k += 2) {
            buffer_printf(&asked[k], "%s%u", n % AT_ONCE > 0 ? "," : "", uid);
            buffer_printf(&said[k], "* 4 FETCH (UID %u BODY[HEADER] \"X-Mailproof-Marker: %s\")\r\n", uid,
                          marker.text);
        }
    }
    for (size_t i = 0; i < COUNT_OF(said); i++) {
        if (i > 0)
            buffer_append_text(&asked[i], i < 3 ? FIELDS : HEADER);
        buffer_printf(&said[i], "A%zu OK x\r\n", i + 3);
        turns[i + 2] = (struct turn){buffer_text(&asked[i]), buffer_text(&said[i])};
    }
    w.capabilities = "* CAPABILITY IMAP4rev1\n";
    w.request.matcher = (struct matcher){.own = true, .key = 7};
    w.request.resume = &resume;
    w.request.resume_count = 1;
    world_add(&w, turns);
    assert_true(world_open(&w, &err) && mailbox_look(w.mailbox, &err));
    assert_true(world_satisfied(&w));
    assert_true(mailbox_look_complete(w.mailbox));
    assert_int_equal(mailbox_finding_count(w.mailbox), COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        const struct finding *f = mailbox_finding(w.mailbox, i);
        assert_true(f->fresh && f->marker.key == 7 && f->kind == MESSAGE_PROBE);
    }
    assert_true(mailbox_resume(w.mailbox, 0, &resume) && resume.uidnext == FIRST + COUNT);
    world_clear(&w);
    for (size_t i = 0; i < COUNT_OF(said); i++) {
        buffer_clear(&said[i]);
        buffer_clear(&asked[i]);
    }
}

/* --- POP3 --- */

#define LOGIN                                                                                                \
    {"USER tim\r\n", "+OK\r\n"},                                                                             \
    {                                                                                                        \
        "PASS secret\r\n", "+OK\r\n"                                                                         \
    }
#define P_HEADER "+OK\r\nReceived: by x; ^\r\nX-Mailproof-Marker: $\r\n\r\n.\r\n"
#define P_OLD    "+OK\r\nReceived: by x; Sat, 1 Feb 2020 10:00:00 +0000\r\nX-Mailproof-Marker: $\r\n\r\n.\r\n"
#define P_TAKEN(number, uidl)                                                                                \
    {"UIDL " number "\r\n", "+OK " number " " uidl "\r\n"},                                                  \
        {"LIST " number "\r\n", "+OK " number " 100\r\n"},                                                   \
    {                                                                                                        \
        "TOP " number " 0\r\n", P_HEADER                                                                     \
    }

struct pop3_scene {
    const char *name;
    struct resume from;
    struct turn turns[WORLD_TURNS_MAX];
    const char *findings, *border;
    bool incomplete;
};

static void play_pop3(const struct pop3_scene *scene)
{
    struct world w;
    struct err err = ERR_NONE;
    struct buffer text = BUFFER_INIT(1000);
    struct resume resume = scene->from;

    world_init(&w, PROTOCOL_POP3);
    w.endpoint.login.username = "tim";
    assert_true(secret_set(&w.endpoint.login.password, SLICE("secret")));
    w.capabilities = "-ERR no capa\n";
    resume.folder = folder_hash("INBOX");
    w.request.matcher = (struct matcher){.own = true, .key = 7};
    w.request.newer_than_s = DAY;
    w.request.resume = &resume;
    w.request.resume_count = 1;
    world_add(&w, scene->turns);
    CHECK_ROW(scene->name, world_open(&w, &err) && mailbox_look(w.mailbox, &err));
    CHECK_ROW(scene->name, world_satisfied(&w));
    CHECK_ROW(scene->name, mailbox_look_complete(w.mailbox) == !scene->incomplete);
    print_findings(w.mailbox, &text);
    CHECK_ROW_TEXT(scene->name, buffer_text(&text), scene->findings);
    print_borders(w.mailbox, &text);
    CHECK_ROW_TEXT(scene->name, buffer_text(&text), scene->border);
    buffer_clear(&text);
    world_clear(&w);
}

static void test_pop3(void **state)
{
    static const struct pop3_scene scenes[] = {
        {.name = "a border that holds",
         .from = {.uidl = "aaa"},
         .turns = {LOGIN,
                   {"STAT\r\n", "+OK 2 200\r\n"},
                   {"UIDL 2\r\n", "+OK 2 bbb\r\n"},
                   {"UIDL 1\r\n", "+OK 1 aaa\r\n"},
                   {"TOP 2 0\r\n", P_HEADER},
                   P_TAKEN("2", "bbb"),
                   {"UIDL 2\r\n", "+OK 2 bbb\r\n"}},
         .findings = "0/2/P+ ",
         .border = "bbb "},
        {.name = "nothing new",
         .from = {.uidl = "bbb"},
         .turns = {LOGIN, {"STAT\r\n", "+OK 2 200\r\n"}, {"UIDL 2\r\n", "+OK 2 bbb\r\n"}},
         .findings = "",
         .border = "bbb "},
        {.name = "the message at the border vanished: by date",
         .from = {.uidl = "xxx"},
         .turns = {LOGIN,
                   {"STAT\r\n", "+OK 2 200\r\n"},
                   {"UIDL 2\r\n", "+OK 2 bbb\r\n"},
                   {"UIDL 1\r\n", "+OK 1 aaa\r\n"},
                   {"TOP 2 0\r\n", P_HEADER},
                   {"TOP 1 0\r\n", P_OLD},
                   P_TAKEN("2", "bbb"),
                   {"UIDL 2\r\n", "+OK 2 bbb\r\n"}},
         .findings = "0/2/P ",
         .border = "bbb "},
        {.name = "there was no message",
         .from = {.uidnext = 1},
         .turns = {LOGIN,
                   {"STAT\r\n", "+OK 1 100\r\n"},
                   {"TOP 1 0\r\n", P_HEADER},
                   P_TAKEN("1", "aaa"),
                   {"UIDL 1\r\n", "+OK 1 aaa\r\n"}},
         .findings = "0/1/P+ ",
         .border = "aaa "},
        {.name = "there is none",
         .from = {.uidl = "xxx"},
         .turns = {LOGIN, {"STAT\r\n", "+OK 0 0\r\n"}},
         .findings = "",
         .border = "0:1 "},
        {.name = "no border",
         .turns = {LOGIN,
                   {"STAT\r\n", "+OK 1 100\r\n"},
                   {"TOP 1 0\r\n", P_HEADER},
                   P_TAKEN("1", "aaa"),
                   {"UIDL 1\r\n", "+OK 1 aaa\r\n"}},
         .findings = "0/1/P ",
         .border = "aaa "},
        {.name = "no ids",
         .turns =
             {LOGIN, {"STAT\r\n", "+OK 1 100\r\n"}, {"TOP 1 0\r\n", P_OLD}, {"UIDL 1\r\n", "-ERR what\r\n"}},
         .findings = "",
         .border = "- "},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(scenes); i++)
        play_pop3(&scenes[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_borders),
        cmocka_unit_test(test_own),
        cmocka_unit_test(test_backlog),
        cmocka_unit_test(test_pop3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
