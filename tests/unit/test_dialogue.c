/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <math.h>

#include "common/base/clock.h"
#include "common/net/dialogue.h"

/* A conversation, one line a millisecond: "C: ..." is ours, "S: ..." the server's; their line ends are added.
 */
static struct timespec play(struct dialogue *d, const char *const *lines)
{
    struct timespec at = {1000, 0};

    for (size_t i = 0; lines[i] != NULL; i++) {
        struct buffer line = BUFFER_INIT(1 << 20);
        buffer_append_text(&line, lines[i] + sizeof "C: " - 1);
        buffer_append_text(&line, "\r\n");
        at.tv_nsec += 1000000;
        if (lines[i][0] == 'C')
            dialogue_sent(d, buffer_slice(&line), at);
        else
            dialogue_received(d, buffer_slice(&line), at);
        buffer_clear(&line);
    }
    return at;
}

enum { LINES_MAX = 16 };

static void test_conversations(void **state)
{
    static const struct {
        const char *name;
        enum protocol protocol;
        const char *lines[LINES_MAX];
        enum dialogue_part part;
        bool hopeless;
        const char *greeting, *capabilities, *answer;
        double ehlo_ms, starttls_ms; /* -1: not known */
    } rows[] = {
        {"smtp",
         PROTOCOL_SMTP,
         {"S: 220 mx ESMTP", "C: EHLO me", "S: 250-mx", "S: 250 SIZE 1"},
         PART_EHLO,
         false,
         "220 mx ESMTP\n",
         "250-mx\n250 SIZE 1\n",
         "250-mx\n250 SIZE 1\n",
         2,
         -1},
        {"greeting of several lines",
         PROTOCOL_SMTP,
         {"S: 220-hello", "S: 220-", "S: 220 mx"},
         PART_GREETING,
         false,
         "220-hello\n220-\n220 mx\n",
         "",
         "",
         -1,
         -1},
        {"what was offered before TLS is forgotten",
         PROTOCOL_SMTP,
         {"S: 220 mx", "C: EHLO me", "S: 250-mx", "S: 250 STARTTLS", "C: STARTTLS", "S: 220 go", "C: EHLO me",
          "S: 250 AUTH PLAIN"},
         PART_EHLO,
         false,
         "220 mx\n",
         "250 AUTH PLAIN\n",
         "250 AUTH PLAIN\n",
         1,
         1},
        {"refused STARTTLS",
         PROTOCOL_SMTP,
         {"S: 220 mx", "C: EHLO me", "S: 250 STARTTLS", "C: STARTTLS", "S: 454 4.7.0 no"},
         PART_STARTTLS,
         false,
         "220 mx\n",
         "250 STARTTLS\n",
         "454 4.7.0 no\n",
         1,
         1},
        {"refused EHLO",
         PROTOCOL_SMTP,
         {"S: 220 mx", "C: EHLO me", "S: 502 no", "C: HELO me", "S: 250 mx"},
         PART_EHLO,
         false,
         "220 mx\n",
         "",
         "502 no\n250 mx\n",
         1,
         -1},
        {"not smtp",
         PROTOCOL_SMTP,
         {"S: * OK IMAP4rev1"},
         PART_GREETING,
         true,
         "* OK IMAP4rev1\n",
         "",
         "",
         -1,
         -1},
        {"ssh",
         PROTOCOL_SMTP,
         {"S: SSH-2.0-OpenSSH_9.2"},
         PART_GREETING,
         true,
         "SSH-2.0-OpenSSH_9.2\n",
         "",
         "",
         -1,
         -1},
        {"an empty line", PROTOCOL_SMTP, {"S: "}, PART_GREETING, true, "\n", "", "", -1, -1},
        {"a code out of range",
         PROTOCOL_SMTP,
         {"S: 120 soon"},
         PART_GREETING,
         true,
         "120 soon\n",
         "",
         "",
         -1,
         -1},
        {"garbage later",
         PROTOCOL_SMTP,
         {"S: 220 mx", "C: EHLO me", "S: what?"},
         PART_EHLO,
         true,
         "220 mx\n",
         "",
         "what?\n",
         1,
         -1},
        {"imap",
         PROTOCOL_IMAP,
         {"S: * OK hi", "C: A001 CAPABILITY", "S: * CAPABILITY IMAP4rev1", "S: A001 OK done"},
         PART_EHLO,
         false,
         "* OK hi\n",
         "* CAPABILITY IMAP4rev1\n",
         "* CAPABILITY IMAP4rev1\nA001 OK done\n",
         2,
         -1},
        {"imap, STARTTLS",
         PROTOCOL_IMAP,
         {"S: * OK hi", "C: A001 CAPABILITY", "S: * CAPABILITY STARTTLS", "S: A001 OK done",
          "C: A002 STARTTLS", "S: A002 OK go", "C: A003 CAPABILITY", "S: * CAPABILITY AUTH=PLAIN",
          "S: A003 OK done"},
         PART_EHLO,
         false,
         "* OK hi\n",
         "* CAPABILITY AUTH=PLAIN\n",
         "* CAPABILITY AUTH=PLAIN\nA003 OK done\n",
         2,
         1},
        {"imap, refused",
         PROTOCOL_IMAP,
         {"S: * OK hi", "C: A001 CAPABILITY", "S: A001 BAD what"},
         PART_EHLO,
         false,
         "* OK hi\n",
         "",
         "A001 BAD what\n",
         1,
         -1},
        {"imap, somebody else's tag",
         PROTOCOL_IMAP,
         {"S: * OK hi", "C: A001 CAPABILITY", "S: A002 OK done"},
         PART_EHLO,
         true,
         "* OK hi\n",
         "",
         "A002 OK done\n",
         1,
         -1},
        {"imap, a tag in the greeting",
         PROTOCOL_IMAP,
         {"S: A001 OK hi"},
         PART_GREETING,
         true,
         "A001 OK hi\n",
         "",
         "",
         -1,
         -1},
        {"pop3",
         PROTOCOL_POP3,
         {"S: +OK hi", "C: CAPA", "S: +OK", "S: STLS", "S: ."},
         PART_EHLO,
         false,
         "+OK hi\n",
         "+OK\nSTLS\n.\n",
         "+OK\nSTLS\n.\n",
         3,
         -1},
        {"pop3, no CAPA",
         PROTOCOL_POP3,
         {"S: +OK hi", "C: CAPA", "S: -ERR what"},
         PART_EHLO,
         false,
         "+OK hi\n",
         "",
         "-ERR what\n",
         1,
         -1},
        {"pop3, STLS",
         PROTOCOL_POP3,
         {"S: +OK hi", "C: CAPA", "S: +OK", "S: .", "C: STLS", "S: +OK go"},
         PART_STARTTLS,
         false,
         "+OK hi\n",
         "+OK\n.\n",
         "+OK go\n",
         2,
         1},
        {"pop3, not an answer",
         PROTOCOL_POP3,
         {"S: +OK hi", "C: CAPA", "S: STLS"},
         PART_EHLO,
         true,
         "+OK hi\n",
         "STLS\n",
         "STLS\n",
         1,
         -1},
        {"http proxy",
         PROTOCOL_SMTP,
         {"C: CONNECT mx:25 HTTP/1.1", "S: HTTP/1.1 200 OK", "S: Via: x", "S: ", "S: 220 mx"},
         PART_GREETING,
         false,
         "220 mx\n",
         "",
         "",
         -1,
         -1},
        {"http proxy refuses",
         PROTOCOL_SMTP,
         {"C: CONNECT mx:25 HTTP/1.1", "S: HTTP/1.1 403 no", "S: "},
         PART_PROXY,
         false,
         "",
         "",
         "HTTP/1.1 403 no\n",
         -1,
         -1},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct timeline t = {0};
        struct dialogue d;
        dialogue_init(&d, rows[i].protocol, &t, NULL);
        play(&d, rows[i].lines);
        CHECK_ROW(rows[i].name, d.part == rows[i].part);
        CHECK_ROW(rows[i].name, dialogue_hopeless(&d) == rows[i].hopeless);
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&d.greeting), rows[i].greeting);
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&d.capabilities), rows[i].capabilities);
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&d.answer), rows[i].answer);
        CHECK_ROW(rows[i].name, t.stage[STAGE_EHLO].known == (rows[i].ehlo_ms >= 0));
        CHECK_ROW(rows[i].name, t.stage[STAGE_STARTTLS].known == (rows[i].starttls_ms >= 0));
        CHECK_ROW(rows[i].name,
                  rows[i].ehlo_ms < 0 || fabs(t.stage[STAGE_EHLO].seconds * 1000 - rows[i].ehlo_ms) < 1e-6);
        CHECK_ROW(rows[i].name, rows[i].starttls_ms < 0 || fabs(t.stage[STAGE_STARTTLS].seconds * 1000 -
                                                                rows[i].starttls_ms) < 1e-6);
        dialogue_clear(&d);
    }
}

static void test_moments(void **state)
{
    static const char *const lines[] = {
        "C: CONNECT mx:25 HTTP/1.1", "S: HTTP/1.1 200 OK", "S: ", "S: 220-a", "S: 220 b", NULL};
    struct timeline t = {0};
    struct dialogue d;
    (void)state;

    dialogue_init(&d, PROTOCOL_SMTP, &t, NULL);
    play(&d, lines);
    assert_false(d.connected.known);
    assert_true(d.tunnelled.known);
    assert_int_equal(d.tunnelled.at.tv_nsec, 3000000);
    assert_true(d.greeted.known);
    assert_int_equal(d.greeted.at.tv_nsec, 5000000);
    dialogue_clear(&d);
}

static void test_a_proxy_password_stays_out_of_the_transcript(void **state)
{
    struct timeline timeline = {0};
    struct transcript t;
    struct dialogue d;
    (void)state;

    transcript_init(&t, true);
    dialogue_init(&d, PROTOCOL_SMTP, &timeline, &t);
    dialogue_sent(
        &d,
        SLICE("CONNECT mx:25 HTTP/1.1\r\nHost: mx:25\r\nProxy-Authorization: Basic am9lOnNlY3JldA==\r\n\r\n"),
        clock_now());
    assert_true(slice_contains_nocase(buffer_slice(&t.lines), SLICE("smtp C: CONNECT mx:25 HTTP/1.1\n")));
    assert_false(slice_contains_nocase(buffer_slice(&t.lines), SLICE("Basic")));
    dialogue_clear(&d);
    transcript_clear(&t);
}

/* Neither a line nor an answer may grow for ever, and what is kept is bounded. */
static void test_floods(void **state)
{
    static char line[DIALOGUE_LINE_MAX + 8];
    struct timeline t = {0};
    struct dialogue d;
    size_t rounds = 0;
    (void)state;

    memset(line, 'x', sizeof line);
    memcpy(line, "250-", 4);
    dialogue_init(&d, PROTOCOL_SMTP, &t, NULL);
    dialogue_received(&d, SLICE("220 mx\r\n"), clock_now());
    dialogue_sent(&d, SLICE("EHLO me\r\n"), clock_now());
    for (; rounds < 100000 && !dialogue_hopeless(&d); rounds++)
        dialogue_received(&d, slice_of(line, 100), clock_now());
    assert_in_range(rounds, DIALOGUE_MAX / 100, DIALOGUE_MAX / 100 + 1);
    assert_true(d.flood);
    assert_in_range(d.capabilities.len, 1, CAPABILITIES_MAX);
    dialogue_clear(&d);

    dialogue_init(&d, PROTOCOL_SMTP, &t, NULL);
    dialogue_received(&d, slice_of(line, DIALOGUE_LINE_MAX), clock_now());
    assert_false(dialogue_hopeless(&d));
    dialogue_received(&d, slice_of(line, DIALOGUE_LINE_MAX + 1), clock_now());
    assert_true(dialogue_hopeless(&d));
    dialogue_clear(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversations),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_a_proxy_password_stays_out_of_the_transcript),
        cmocka_unit_test(test_floods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
