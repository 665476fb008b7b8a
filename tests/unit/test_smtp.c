/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/peer.h"
#include "tests/unit/unit.h"

#include "common/net/smtp.h"

enum { TURNS_MAX = 12, TO_MAX = 3 };

#define CAPABILITIES "250-mx\n250-SIZE 1000\n250-AUTH PLAIN\n250 HELP\n"
#define PIPELINING   "250-mx\n250 PIPELINING\n"
#define MAYBE        "; all of the message was sent, so it may arrive nevertheless"
#define FROM_OK                                                                                              \
    {                                                                                                        \
        "MAIL FROM:<a@x.example>\r\n", "250 2.1.0 ok\r\n"                                                    \
    }
#define TO_OK                                                                                                \
    {                                                                                                        \
        "RCPT TO:<b@y.example>\r\n", "250 2.1.5 ok\r\n"                                                      \
    }
#define DATA_OK                                                                                              \
    {                                                                                                        \
        "DATA\r\n", "354 go\r\n"                                                                             \
    }
#define BODY "Subject: x\r\n\r\nhi\r\n.\r\n"
#define QUIT                                                                                                 \
    {                                                                                                        \
        "QUIT\r\n", "221 bye\r\n"                                                                            \
    }
#define FLIGHT  "MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n"
#define FLIGHT2 "MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nRCPT TO:<c@y.example>\r\nDATA\r\n"

struct row {
    const char *name;
    const char *capabilities;
    enum smtp_until until;
    bool pipelining;
    size_t to_count; /* 0: one */
    enum peer_ending ending;
    size_t room;
    struct turn turns[TURNS_MAX];
    /* wanted */
    bool accepted, uncertain;
    size_t taken;
    enum fault fault;
    enum stage stage;
    int code; /* of the verdict */
    const char *text;
    const char *command;
};

static const char *const recipients[TO_MAX] = {"b@y.example", "c@y.example", "d@y.example"};
static const struct slice message = SLICE("Subject: x\r\n\r\nhi\r\n");

static void play(const struct row *row, bool dripping)
{
    struct peer peer = PEER_INIT(row->turns);
    struct timeline timeline = {0};
    struct stream stream;
    struct smtp smtp;
    struct err refused[TO_MAX], err = ERR_NONE;
    struct smtp_mail mail = {
        .from = "a@x.example",
        .to = recipients,
        .to_count = row->to_count > 0 ? row->to_count : 1,
        .message = message,
        .until = row->until,
        .pipelining = row->pipelining,
        .refused = refused,
    };

    peer.ending = row->ending;
    peer.room = row->room;
    peer.dripping = dripping;
    stream_init(&stream, &peer_ops, &peer, "smtp", NULL, deadline_in(row->fault == FAULT_TIMEOUT ? 0.02 : 60));
    smtp_init(&smtp, &stream, &timeline, slice_from(row->capabilities != NULL ? row->capabilities : ""));
    bool ok = smtp_send(&smtp, &mail, &err);
    if (ok && row->until != SMTP_UNTIL_SENT)
        smtp_reset(&smtp);
    smtp_quit(&smtp);

    CHECK_ROW(row->name, ok == (row->fault == FAULT_NONE));
    if (!ok)
        CHECK_ROW_TEXT(row->name, fault_class(err.kind), fault_class(row->fault));
    CHECK_ROW(row->name, ok || err.stage == row->stage);
    if (row->text != NULL)
        CHECK_ROW_TEXT(row->name, err.text, row->text);
    CHECK_ROW(row->name, mail.accepted == row->accepted);
    CHECK_ROW(row->name, mail.uncertain == row->uncertain);
    CHECK_ROW(row->name, mail.taken == row->taken);
    CHECK_ROW(row->name, smtp.verdict.reply.code == row->code);
    CHECK_ROW_TEXT(row->name, smtp.verdict.command, row->command != NULL ? row->command : "");
    CHECK_ROW(row->name, (mail.ended_at.tv_sec != 0) == timeline.stage[STAGE_ACCEPT].known);
    if (row->room == 0)
        CHECK_ROW(row->name, peer_satisfied(&peer));
    stream_clear(&stream);
    peer_clear(&peer);
}

static void play_all(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        play(&rows[i], false);
        if (rows[i].fault != FAULT_TIMEOUT)
            play(&rows[i], true);
    }
}

static void test_step_by_step(void **state)
{
    static const struct row rows[] = {
        {.name = "accepted",
         .until = SMTP_UNTIL_SENT,
         .turns = {FROM_OK, TO_OK, DATA_OK, {BODY, "250 2.0.0 queued\r\n"}, QUIT, {0}},
         .accepted = true,
         .taken = 1,
         .code = 250},
        {.name = "size is said",
         .capabilities = CAPABILITIES,
         .until = SMTP_UNTIL_SENT,
         .turns = {{"MAIL FROM:<a@x.example> SIZE=18\r\n", "250 ok\r\n"},
                   TO_OK,
                   DATA_OK,
                   {BODY, "250 ok\r\n"},
                   QUIT,
                   {0}},
         .accepted = true,
         .taken = 1,
         .code = 250},
        {.name = "pipelining asked for, not offered",
         .until = SMTP_UNTIL_SENT,
         .pipelining = true,
         .turns = {FROM_OK, TO_OK, DATA_OK, {BODY, "250 ok\r\n"}, QUIT, {0}},
         .accepted = true,
         .taken = 1,
         .code = 250},
        {.name = "answers of many lines",
         .until = SMTP_UNTIL_SENT,
         .turns = {{"MAIL FROM:<a@x.example>\r\n", "250-a\r\n250-b\n250 c\r\n"},
                   TO_OK,
                   DATA_OK,
                   {BODY, "250-x\r\n250 y\r\n"},
                   QUIT,
                   {0}},
         .accepted = true,
         .taken = 1,
         .code = 250},
        {.name = "RCPT 251, quit unanswered",
         .until = SMTP_UNTIL_SENT,
         .ending = PEER_CLOSES,
         .turns = {FROM_OK,
                   {"RCPT TO:<b@y.example>\r\n", "251 will forward\r\n"},
                   DATA_OK,
                   {BODY, "250 ok\r\n"},
                   {"QUIT\r\n", ""},
                   {0}},
         .accepted = true,
         .taken = 1,
         .code = 250},
        {.name = "stop after MAIL",
         .until = SMTP_UNTIL_MAIL,
         .turns = {FROM_OK, {"RSET\r\n", "250 ok\r\n"}, QUIT, {0}}},
        {.name = "stop after RCPT",
         .until = SMTP_UNTIL_RCPT,
         .turns = {FROM_OK, TO_OK, {"RSET\r\n", "250 ok\r\n"}, QUIT, {0}},
         .taken = 1},
        {.name = "one refused of two: sent to the other",
         .until = SMTP_UNTIL_SENT,
         .to_count = 2,
         .turns = {FROM_OK,
                   {"RCPT TO:<b@y.example>\r\n", "550 5.1.1 who?\r\n"},
                   {"RCPT TO:<c@y.example>\r\n", "250 ok\r\n"},
                   DATA_OK,
                   {BODY, "250 ok\r\n"},
                   QUIT,
                   {0}},
         .accepted = true,
         .taken = 1,
         .code = 250},
        {.name = "one refused of two, stop after RCPT",
         .until = SMTP_UNTIL_RCPT,
         .to_count = 3,
         .turns = {FROM_OK,
                   {"RCPT TO:<b@y.example>\r\n", "550 5.1.1 who?\r\n"},
                   {"RCPT TO:<c@y.example>\r\n", "250 ok\r\n"},
                   {"RCPT TO:<d@y.example>\r\n", "450 4.1.1 who?\r\n"},
                   {"RSET\r\n", "250 ok\r\n"},
                   QUIT,
                   {0}},
         .taken = 1,
         .code = 550,
         .command = "RCPT TO:(b@y.example)"},
        {.name = "MAIL refused",
         .until = SMTP_UNTIL_SENT,
         .turns = {{"MAIL FROM:<a@x.example>\r\n",
                    "553 5.7.1 Sender address rejected: not owned by user\r\n"},
                   QUIT,
                   {0}},
         .fault = FAULT_SENDER_REJECTED,
         .stage = STAGE_MAIL,
         .code = 553,
         .command = "MAIL FROM:(a@x.example)",
         .text = "MAIL FROM:(a@x.example) refused: 553 5.7.1 Sender address rejected: not owned by user"},
        {.name = "both recipients refused: the first is told",
         .until = SMTP_UNTIL_SENT,
         .to_count = 2,
         .turns = {FROM_OK,
                   {"RCPT TO:<b@y.example>\r\n", "550 5.1.1 who?\r\n"},
                   {"RCPT TO:<c@y.example>\r\n", "452 4.2.2 full\r\n"},
                   QUIT,
                   {0}},
         .fault = FAULT_RECIPIENT_UNKNOWN,
         .stage = STAGE_RCPT,
         .code = 550,
         .command = "RCPT TO:(b@y.example)",
         .text = "RCPT TO:(b@y.example) refused: 550 5.1.1 who?"},
        {.name = "DATA refused",
         .until = SMTP_UNTIL_SENT,
         .turns = {FROM_OK, TO_OK, {"DATA\r\n", "554 5.7.1 no\r\n"}, QUIT, {0}},
         .taken = 1,
         .fault = FAULT_POLICY_REJECTED,
         .stage = STAGE_DATA,
         .code = 554,
         .command = "DATA"},
        {.name = "DATA answered 250",
         .until = SMTP_UNTIL_SENT,
         .turns = {FROM_OK, TO_OK, {"DATA\r\n", "250 ok\r\n"}, QUIT, {0}},
         .taken = 1,
         .fault = FAULT_PROTOCOL,
         .stage = STAGE_DATA,
         .code = 250,
         .command = "DATA",
         .text = "DATA was answered 250 ok"},
        {.name = "message refused",
         .until = SMTP_UNTIL_SENT,
         .turns = {FROM_OK, TO_OK, DATA_OK, {BODY, "552 5.2.2 mailbox full\r\n"}, QUIT, {0}},
         .taken = 1,
         .fault = FAULT_MAILBOX_FULL,
         .stage = STAGE_ACCEPT,
         .code = 552,
         .command = "the message",
         .text = "the message refused: 552 5.2.2 mailbox full"},
        {.name = "greylisted",
         .until = SMTP_UNTIL_SENT,
         .turns = {FROM_OK, {"RCPT TO:<b@y.example>\r\n", "450 4.2.0 Greylisted\r\n"}, QUIT, {0}},
         .fault = FAULT_GREYLISTED,
         .stage = STAGE_RCPT,
         .code = 450,
         .command = "RCPT TO:(b@y.example)"},
    };
    (void)state;

    play_all(rows, COUNT_OF(rows));
}

static void test_pipelined(void **state)
{
    static const struct row rows[] = {
        {.name = "accepted",
         .capabilities = PIPELINING,
         .until = SMTP_UNTIL_SENT,
         .pipelining = true,
         .turns = {{FLIGHT, "250 ok\r\n250 ok\r\n354 go\r\n"},
                   {BODY "QUIT\r\n", "250 queued\r\n221 bye\r\n"},
                   {0}},
         .accepted = true,
         .taken = 1,
         .code = 250},
        {.name = "not for a stop",
         .capabilities = PIPELINING,
         .until = SMTP_UNTIL_RCPT,
         .pipelining = true,
         .turns = {FROM_OK, TO_OK, {"RSET\r\n", "250 ok\r\n"}, QUIT, {0}},
         .taken = 1},
        {.name = "one refused of two",
         .capabilities = PIPELINING,
         .until = SMTP_UNTIL_SENT,
         .pipelining = true,
         .to_count = 2,
         .turns = {{FLIGHT2, "250 ok\r\n550 5.1.1 no\r\n250 ok\r\n354 go\r\n"},
                   {BODY "QUIT\r\n", "250 queued\r\n221 bye\r\n"},
                   {0}},
         .accepted = true,
         .taken = 1,
         .code = 250},
        {.name = "all refused, DATA too",
         .capabilities = PIPELINING,
         .until = SMTP_UNTIL_SENT,
         .pipelining = true,
         .to_count = 2,
         .turns = {{FLIGHT2, "250 ok\r\n550 5.1.1 no\r\n450 4.1.1 no\r\n554 no valid recipients\r\n"},
                   QUIT,
                   {0}},
         .fault = FAULT_RECIPIENT_UNKNOWN,
         .stage = STAGE_RCPT,
         .code = 550,
         .command = "RCPT TO:(b@y.example)"},
        {.name = "all refused, DATA welcome: a lone dot",
         .capabilities = PIPELINING,
         .until = SMTP_UNTIL_SENT,
         .pipelining = true,
         .turns = {{FLIGHT, "250 ok\r\n550 5.1.1 no\r\n354 go\r\n"},
                   {".\r\n", "554 no recipients\r\n"},
                   QUIT,
                   {0}},
         .fault = FAULT_RECIPIENT_UNKNOWN,
         .stage = STAGE_RCPT,
         .code = 550,
         .command = "RCPT TO:(b@y.example)"},
        {.name = "MAIL refused, the rest follows",
         .capabilities = PIPELINING,
         .until = SMTP_UNTIL_SENT,
         .pipelining = true,
         .turns = {{FLIGHT, "553 5.1.8 no such sender domain\r\n503 MAIL first\r\n503 MAIL first\r\n"},
                   QUIT,
                   {0}},
         .fault = FAULT_SENDER_REJECTED,
         .stage = STAGE_MAIL,
         .code = 553,
         .command = "MAIL FROM:(a@x.example)"},
        {.name = "MAIL refused, DATA welcome all the same",
         .capabilities = PIPELINING,
         .until = SMTP_UNTIL_SENT,
         .pipelining = true,
         .turns = {{FLIGHT, "553 5.1.8 no such sender domain\r\n250 ok\r\n354 go\r\n"},
                   {".\r\n", "250 ok\r\n"},
                   QUIT,
                   {0}},
         .fault = FAULT_SENDER_REJECTED,
         .stage = STAGE_MAIL,
         .code = 553,
         .command = "MAIL FROM:(a@x.example)"},
        {.name = "421 to MAIL",
         .capabilities = PIPELINING,
         .until = SMTP_UNTIL_SENT,
         .pipelining = true,
         .ending = PEER_CLOSES,
         .turns = {{FLIGHT, "421 4.3.2 shutting down\r\n"}, {0}},
         .fault = FAULT_SERVER_UNAVAILABLE,
         .stage = STAGE_MAIL,
         .code = 421,
         .command = "MAIL FROM:(a@x.example)"},
        {.name = "DATA refused",
         .capabilities = PIPELINING,
         .until = SMTP_UNTIL_SENT,
         .pipelining = true,
         .turns = {{FLIGHT, "250 ok\r\n250 ok\r\n554 5.7.1 no\r\n"}, QUIT, {0}},
         .taken = 1,
         .fault = FAULT_POLICY_REJECTED,
         .stage = STAGE_DATA,
         .code = 554,
         .command = "DATA"},
        {.name = "message refused",
         .capabilities = PIPELINING,
         .until = SMTP_UNTIL_SENT,
         .pipelining = true,
         .turns = {{FLIGHT, "250 ok\r\n250 ok\r\n354 go\r\n"},
                   {BODY "QUIT\r\n", "552 5.2.2 mailbox full\r\n221 bye\r\n"},
                   {0}},
         .taken = 1,
         .fault = FAULT_MAILBOX_FULL,
         .stage = STAGE_ACCEPT,
         .code = 552,
         .command = "the message"},
        {.name = "an answer too many",
         .capabilities = PIPELINING,
         .until = SMTP_UNTIL_SENT,
         .pipelining = true,
         .turns = {{FLIGHT, "250 ok\r\n250 ok\r\n354 go\r\n250 queued already\r\n"}, {0}},
         .taken = 1,
         .fault = FAULT_PROTOCOL,
         .stage = STAGE_DATA,
         .code = 250,
         .command = "the message",
         .text = "before the message the server spoke out of turn: 250 queued already"},
    };
    (void)state;

    play_all(rows, COUNT_OF(rows));
}

static void test_cuts_and_lies(void **state)
{
    static const struct row rows[] = {
        {.name = "silent at MAIL",
         .until = SMTP_UNTIL_SENT,
         .turns = {{"MAIL FROM:<a@x.example>\r\n", ""}, {0}},
         .fault = FAULT_TIMEOUT,
         .stage = STAGE_MAIL,
         .command = "MAIL FROM:(a@x.example)",
         .text = "the smtp server was silent at mail until the time was up"},
        {.name = "stops in the middle of an answer",
         .until = SMTP_UNTIL_SENT,
         .turns = {FROM_OK, {"RCPT TO:<b@y.example>\r\n", "250-ok\r\n25"}, {0}},
         .fault = FAULT_TIMEOUT,
         .stage = STAGE_RCPT,
         .command = "RCPT TO:(b@y.example)"},
        {.name = "cut at RCPT",
         .until = SMTP_UNTIL_SENT,
         .to_count = 2,
         .ending = PEER_CLOSES,
         .turns = {FROM_OK, {"RCPT TO:<b@y.example>\r\n", ""}, {0}},
         .fault = FAULT_CONNECT,
         .stage = STAGE_RCPT,
         .command = "RCPT TO:(b@y.example)",
         .text = "the smtp server closed the connection at rcpt"},
        {.name = "cut at the second RCPT, the first was refused",
         .until = SMTP_UNTIL_SENT,
         .to_count = 2,
         .ending = PEER_CLOSES,
         .turns = {FROM_OK,
                   {"RCPT TO:<b@y.example>\r\n", "550 5.1.1 no\r\n"},
                   {"RCPT TO:<c@y.example>\r\n", ""},
                   {0}},
         .fault = FAULT_CONNECT,
         .stage = STAGE_RCPT,
         .command = "RCPT TO:(c@y.example)"},
        {.name = "reset at DATA",
         .until = SMTP_UNTIL_SENT,
         .ending = PEER_RESETS,
         .turns = {FROM_OK, TO_OK, {"DATA\r\n", ""}, {0}},
         .taken = 1,
         .fault = FAULT_CONNECT,
         .stage = STAGE_DATA,
         .command = "DATA",
         .text = "the smtp server broke the connection at data"},
        {.name = "cut after the final dot",
         .until = SMTP_UNTIL_SENT,
         .ending = PEER_CLOSES,
         .turns = {FROM_OK, TO_OK, DATA_OK, {BODY, ""}, {0}},
         .taken = 1,
         .uncertain = true,
         .fault = FAULT_CONNECT,
         .stage = STAGE_ACCEPT,
         .command = "the message",
         .text = "the smtp server closed the connection at accept" MAYBE},
        {.name = "silent after the final dot",
         .until = SMTP_UNTIL_SENT,
         .turns = {FROM_OK, TO_OK, DATA_OK, {BODY, ""}, {0}},
         .taken = 1,
         .uncertain = true,
         .fault = FAULT_TIMEOUT,
         .stage = STAGE_ACCEPT,
         .command = "the message",
         .text = "the smtp server was silent at accept until the time was up" MAYBE},
        {.name = "nonsense after the final dot",
         .until = SMTP_UNTIL_SENT,
         .turns = {FROM_OK, TO_OK, DATA_OK, {BODY, "HTTP/1.0 200 OK\r\n"}, {0}},
         .taken = 1,
         .uncertain = true,
         .fault = FAULT_PROTOCOL,
         .stage = STAGE_ACCEPT,
         .command = "the message",
         .text = "the answer to the message is no SMTP reply: \"HTTP/1.0 200 OK\"" MAYBE},
        {.name = "goodbye before MAIL",
         .until = SMTP_UNTIL_SENT,
         .ending = PEER_CLOSES,
         .turns = {{"", "421 4.3.2 going down\r\n"}, {0}},
         .fault = FAULT_SERVER_UNAVAILABLE,
         .stage = STAGE_MAIL,
         .code = 421,
         .command = "MAIL FROM:(a@x.example)",
         .text = "MAIL FROM:(a@x.example) refused: 421 4.3.2 going down"},
        {.name = "an answer before it was asked for",
         .until = SMTP_UNTIL_SENT,
         .turns = {{"", "250 ok\r\n"}, {0}},
         .fault = FAULT_PROTOCOL,
         .stage = STAGE_MAIL,
         .code = 250,
         .command = "MAIL FROM:(a@x.example)",
         .text = "before MAIL FROM:(a@x.example) the server spoke out of turn: 250 ok"},
        {.name = "two answers to one command",
         .until = SMTP_UNTIL_SENT,
         .turns = {{"MAIL FROM:<a@x.example>\r\n", "250 ok\r\n250 ok\r\n"}, {0}},
         .fault = FAULT_PROTOCOL,
         .stage = STAGE_RCPT,
         .code = 250,
         .command = "RCPT TO:(b@y.example)"},
        {.name = "codes that change within an answer",
         .until = SMTP_UNTIL_SENT,
         .turns = {{"MAIL FROM:<a@x.example>\r\n", "250-a\r\n550 b\r\n"}, {0}},
         .fault = FAULT_PROTOCOL,
         .stage = STAGE_MAIL,
         .command = "MAIL FROM:(a@x.example)"},
        {.name = "cut in the middle of the message",
         .until = SMTP_UNTIL_SENT,
         .ending = PEER_RESETS,
         .room = sizeof FLIGHT + 4,
         .turns = {FROM_OK, TO_OK, DATA_OK, {0}},
         .taken = 1,
         .uncertain = true, /* the last block went out in part */
         .fault = FAULT_CONNECT,
         .stage = STAGE_DATA,
         .command = "the message"},
        {.name = "stops reading in the middle of the message",
         .until = SMTP_UNTIL_SENT,
         .room = sizeof FLIGHT + 4,
         .turns = {FROM_OK, TO_OK, DATA_OK, {0}},
         .taken = 1,
         .uncertain = true,
         .fault = FAULT_TIMEOUT,
         .stage = STAGE_DATA,
         .command = "the message"},
        {.name = "says why it stops reading",
         .until = SMTP_UNTIL_SENT,
         .ending = PEER_RESETS,
         .room = sizeof FLIGHT + 4,
         .turns = {FROM_OK, TO_OK, DATA_OK, {"Su", "552 5.3.4 message too big\r\n"}, {0}},
         .taken = 1,
         .fault = FAULT_MESSAGE_TOO_BIG,
         .stage = STAGE_DATA,
         .code = 552,
         .command = "the message",
         .text = "the message refused: 552 5.3.4 message too big"},
    };
    (void)state;

    play_all(rows, COUNT_OF(rows));
}

/* What goes over the wire between DATA's answer and the verdict. */
static void test_dot_stuffing(void **state)
{
    static const struct {
        const char *name;
        struct slice message;
        const char *wire;
    } rows[] = {
        {"plain", SLICE("a\r\nb\r\n"), "a\r\nb\r\n.\r\n"},
        {"empty", SLICE(""), ".\r\n"},
        {"no line end", SLICE("a"), "a\r\n.\r\n"},
        {"dot first", SLICE(".a\r\n"), "..a\r\n.\r\n"},
        {"a dot alone", SLICE("a\r\n.\r\nMAIL FROM:<>\r\n"), "a\r\n..\r\nMAIL FROM:<>\r\n.\r\n"},
        {"dots within", SLICE("a.b.\r\n...\r\n"), "a.b.\r\n....\r\n.\r\n"},
        {"bare LF", SLICE("a\n.\nb\n"), "a\r\n..\r\nb\r\n.\r\n"},
        {"bare CR", SLICE("a\r.\rb"), "a\r\n..\r\nb\r\n.\r\n"},
        {"CR CRLF", SLICE("a\r\r\nb"), "a\r\n\r\nb\r\n.\r\n"},
        {"LF CR", SLICE("a\n\rb"), "a\r\n\r\nb\r\n.\r\n"},
        {"empty lines", SLICE("\r\n\r\n"), "\r\n\r\n.\r\n"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct turn turns[] = {FROM_OK, TO_OK, DATA_OK, {rows[i].wire, "250 ok\r\n"}, {0}};
        struct peer peer = PEER_INIT(turns);
        struct timeline timeline = {0};
        struct stream stream;
        struct smtp smtp;
        struct err refused[1], err = ERR_NONE;
        struct smtp_mail mail = {.from = "a@x.example",
                                 .to = recipients,
                                 .to_count = 1,
                                 .message = rows[i].message,
                                 .until = SMTP_UNTIL_SENT,
                                 .refused = refused};
        stream_init(&stream, &peer_ops, &peer, "smtp", NULL, deadline_in(60));
        smtp_init(&smtp, &stream, &timeline, SLICE_EMPTY);
        CHECK_ROW(rows[i].name, smtp_send(&smtp, &mail, &err));
        CHECK_ROW(rows[i].name, peer_satisfied(&peer));
        CHECK_ROW(rows[i].name, peer.sends == 4);
        stream_clear(&stream);
        peer_clear(&peer);
    }
}

/* Many blocks: nothing is lost, doubled or stuffed at their borders. */
static void test_long_messages(void **state)
{
    static const size_t widths[] = {1, 72, 997, 998, 16383, 16384, 16385, 40000};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(widths); i++) {
        struct buffer text = BUFFER_INIT(1 << 20), wire = BUFFER_INIT(1 << 20);
        while (text.len < 200000) {
            for (size_t n = 0; n < widths[i]; n++)
                buffer_append_char(&text, '.');
            buffer_append_text(&text, "\n");
        }
        for (size_t n = 0; n < text.len; n++) {
            if (n == 0 || text.data[n - 1] == '\n')
                buffer_append_char(&wire, '.');
            if (text.data[n] == '\n')
                buffer_append_char(&wire, '\r');
            buffer_append_char(&wire, text.data[n]);
        }
        buffer_append_text(&wire, ".\r\n");
        struct turn turns[] = {FROM_OK, TO_OK, DATA_OK, {buffer_text(&wire), "250 ok\r\n"}, {0}};
        struct peer peer = PEER_INIT(turns);
        struct timeline timeline = {0};
        struct stream stream;
        struct smtp smtp;
        struct err refused[1], err = ERR_NONE;
        struct smtp_mail mail = {.from = "a@x.example",
                                 .to = recipients,
                                 .to_count = 1,
                                 .message = buffer_slice(&text),
                                 .until = SMTP_UNTIL_SENT,
                                 .refused = refused};
        stream_init(&stream, &peer_ops, &peer, "smtp", NULL, deadline_in(20));
        smtp_init(&smtp, &stream, &timeline, SLICE_EMPTY);
        assert_true(smtp_send(&smtp, &mail, &err));
        assert_true(peer_satisfied(&peer));
        stream_clear(&stream);
        peer_clear(&peer);
        buffer_clear(&text);
        buffer_clear(&wire);
    }
}

/* Found out before MAIL, or said in it. */
static void test_parameters(void **state)
{
    static const struct {
        const char *name;
        const char *capabilities;
        const char *from, *to;
        struct slice message;
        const char *mail, *rcpt; /* NULL: not even said */
        enum fault fault;
        const char *text;
    } rows[] = {
        {"null sender", "", "", "b@y", SLICE("x"), "MAIL FROM:<>\r\n", "RCPT TO:<b@y>\r\n", FAULT_NONE, NULL},
        {"eight bits, offered", "250-x\n250 8BITMIME\n", "a@x", "b@y", SLICE("\xc3\xa4"),
         "MAIL FROM:<a@x> BODY=8BITMIME\r\n", "RCPT TO:<b@y>\r\n", FAULT_NONE, NULL},
        {"eight bits, not offered", "250-x\n250 SIZE\n", "a@x", "b@y", SLICE("\xc3\xa4"),
         "MAIL FROM:<a@x> SIZE=4\r\n", "RCPT TO:<b@y>\r\n", FAULT_NONE, NULL},
        {"all of it", "250-x\n250-SMTPUTF8\n250-SIZE 0\n250 8BITMIME\n", "\xc3\xa4@x", "b@y",
         SLICE("\xc3\xa4\r\n"), "MAIL FROM:<\xc3\xa4@x> SIZE=4 BODY=8BITMIME SMTPUTF8\r\n",
         "RCPT TO:<b@y>\r\n", FAULT_NONE, NULL},
        {"domain beyond ASCII", "",
         "a@b\xc3\xbc"
         "cher.example",
         "b@y", SLICE("x"), "MAIL FROM:<a@xn--bcher-kva.example>\r\n", "RCPT TO:<b@y>\r\n", FAULT_NONE, NULL},
        {"quoted local part", "", "a@x", "\"b c>\"@y", SLICE("x"), "MAIL FROM:<a@x>\r\n",
         "RCPT TO:<\"b c>\"@y>\r\n", FAULT_NONE, NULL},
        {"as big as may be", "250-x\n250 SIZE 4\n", "a@x", "b@y", SLICE("12\n"), "MAIL FROM:<a@x> SIZE=4\r\n",
         "RCPT TO:<b@y>\r\n", FAULT_NONE, NULL},
        {"too big", "250-x\n250 SIZE 4\n", "a@x", "b@y", SLICE("123\n"), NULL, NULL, FAULT_MESSAGE_TOO_BIG,
         "the message has 5 bytes, the server takes 4 (SIZE)"},
        {"sender needs SMTPUTF8", "", "\xc3\xa4@x", "b@y", SLICE("x"), NULL, NULL, FAULT_SENDER_REJECTED,
         "the server does not offer SMTPUTF8, which the sender \xc3\xa4@x needs"},
        {"recipient needs SMTPUTF8", "", "a@x", "\xc3\xa4@x", SLICE("x"), NULL, NULL, FAULT_RECIPIENT_UNKNOWN,
         "the server does not offer SMTPUTF8, which the recipient \xc3\xa4@x needs"},
        {"smuggling in the sender", "", "a@x>\r\nRCPT TO:<z@z", "b@y", SLICE("x"), NULL, NULL, FAULT_USAGE,
         NULL},
        {"smuggling in the recipient", "", "a@x", "b@y\nDATA", SLICE("x"), NULL, NULL, FAULT_USAGE, NULL},
        {"parameter in the recipient", "", "a@x", "b@y> NOTIFY=NEVER", SLICE("x"), NULL, NULL, FAULT_USAGE,
         NULL},
        {"empty recipient", "", "a@x", "", SLICE("x"), NULL, NULL, FAULT_USAGE, NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct turn said[] = {
            {rows[i].mail, "250 ok\r\n"}, {rows[i].rcpt, "250 ok\r\n"}, {"DATA\r\n", "452 later\r\n"}, {0}};
        struct peer peer = PEER_INIT(said);
        struct timeline timeline = {0};
        struct stream stream;
        struct smtp smtp;
        struct err refused[1], err = ERR_NONE;
        struct smtp_mail mail = {.from = rows[i].from,
                                 .to = &rows[i].to,
                                 .to_count = 1,
                                 .message = rows[i].message,
                                 .until = SMTP_UNTIL_SENT,
                                 .refused = refused};
        stream_init(&stream, &peer_ops, &peer, "smtp", NULL, deadline_in(60));
        smtp_init(&smtp, &stream, &timeline, slice_from(rows[i].capabilities));
        CHECK_ROW(rows[i].name, !smtp_send(&smtp, &mail, &err));
        CHECK_ROW(rows[i].name, rows[i].mail != NULL ? err.code == 452 : err.kind == rows[i].fault);
        if (rows[i].text != NULL)
            CHECK_ROW_TEXT(rows[i].name, err.text, rows[i].text);
        CHECK_ROW(rows[i].name, peer_satisfied(&peer));
        stream_clear(&stream);
        peer_clear(&peer);
    }
}

static void test_extensions(void **state)
{
    static const struct {
        const char *name;
        const char *in;
        struct smtp_extensions wanted;
    } rows[] = {
        {"none", "", {.size = false}},
        {"greeting line is no keyword", "250 PIPELINING\n", {.size = false}},
        {"all",
         "250-mx at your service\n250-SIZE 35882577\n250-8BITMIME\n250-AUTH LOGIN PLAIN\n250-PIPELINING\n250 "
         "SMTPUTF8\n",
         {.auth = "LOGIN PLAIN",
          .size = true,
          .size_max = 35882577,
          .eight_bit = true,
          .pipelining = true,
          .utf8 = true}},
        {"CRLF and lower case",
         "250-x\r\n250-size 1\r\n250-auth plain\r\n250 pipelining\r\n",
         {.auth = "plain", .size = true, .size_max = 1, .pipelining = true}},
        {"AUTH twice, once in the old form",
         "250-x\n250-AUTH=LOGIN PLAIN\n250 AUTH PLAIN LOGIN XOAUTH2\n",
         {.auth = "LOGIN PLAIN XOAUTH2"}},
        {"SIZE without a limit", "250-x\n250-SIZE\n250 SIZE 0\n", {.size = true}},
        {"SIZE beyond everything", "250-x\n250 SIZE 99999999999999999999999\n", {.size = true}},
        {"alike but other", "250-x\n250-AUTHX PLAIN\n250-SIZES 1\n250 XPIPELINING\n", {.size = false}},
        {"other codes", "250-x\n550 PIPELINING\n", {.size = false}},
        {"cut", "250-x\n250-AUTH\n250-", {.size = false}},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct smtp_extensions e;
        smtp_extensions_read(&e, slice_from(rows[i].in));
        CHECK_ROW_TEXT(rows[i].name, e.auth, rows[i].wanted.auth);
        CHECK_ROW(rows[i].name, e.size == rows[i].wanted.size && e.size_max == rows[i].wanted.size_max);
        CHECK_ROW(rows[i].name, e.pipelining == rows[i].wanted.pipelining &&
                                    e.eight_bit == rows[i].wanted.eight_bit && e.utf8 == rows[i].wanted.utf8);
    }
    struct buffer many = BUFFER_INIT(100000);
    struct smtp_extensions e;
    buffer_append_text(&many, "250-x\n250-AUTH");
    for (int i = 0; i < 5000; i++)
        buffer_printf(&many, " MECHANISM-%d", i);
    smtp_extensions_read(&e, buffer_slice(&many));
    assert_true(strlen(e.auth) < sizeof e.auth && strlen(e.auth) > sizeof e.auth - 20);
    buffer_clear(&many);
}

static void test_no_recipient(void **state)
{
    static const struct turn turns[] = {{0}};
    struct peer peer = PEER_INIT(turns);
    struct timeline timeline = {0};
    struct stream stream;
    struct smtp smtp;
    struct err err = ERR_NONE;
    struct smtp_mail mail = {.from = "a@x.example", .message = message, .until = SMTP_UNTIL_SENT};
    (void)state;

    stream_init(&stream, &peer_ops, &peer, "smtp", NULL, deadline_in(60));
    smtp_init(&smtp, &stream, &timeline, SLICE_EMPTY);
    assert_false(smtp_send(&smtp, &mail, &err));
    assert_int_equal(err.kind, FAULT_USAGE);
    assert_true(peer_satisfied(&peer));
    stream_clear(&stream);
    peer_clear(&peer);
}

/* A server that is slow to say goodbye costs a second at most, and half of what is left. */
static void test_quit_does_not_wait_long(void **state)
{
    static const struct turn turns[] = {{"QUIT\r\n", ""}, {0}};
    struct peer peer = PEER_INIT(turns);
    struct timeline timeline = {0};
    struct stream stream;
    struct smtp smtp;
    struct timespec began = clock_now();
    (void)state;

    stream_init(&stream, &peer_ops, &peer, "smtp", NULL, deadline_in(0.2));
    smtp_init(&smtp, &stream, &timeline, SLICE_EMPTY);
    smtp_quit(&smtp);
    assert_true(clock_since(began) < 0.18);
    assert_true(peer_satisfied(&peer));
    smtp_quit(&smtp);
    assert_true(peer_satisfied(&peer));
    stream_clear(&stream);
    peer_clear(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_step_by_step),
        cmocka_unit_test(test_pipelined),
        cmocka_unit_test(test_cuts_and_lies),
        cmocka_unit_test(test_dot_stuffing),
        cmocka_unit_test(test_long_messages),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_extensions),
        cmocka_unit_test(test_no_recipient),
        cmocka_unit_test(test_quit_does_not_wait_long),
    };
    return cmocka_run_group_tests_name("smtp", tests, NULL, NULL);
}
