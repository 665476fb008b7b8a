/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pure parts below mailbox.h: the schedule of waiting, the choice of folders, the comparison of messages.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "common/probe/folders.h"
#include "common/probe/mailbox_internal.h"
#include "common/probe/match.h"
#include "common/probe/wait_plan.h"

/* --- waiting --- */

struct simulation {
    double error;      /* from arrival to notice */
    unsigned commands; /* until the notice */
};

/* How IDLE announces: so late; a negative number is never. */
static struct simulation simulate(double arrival, bool can_idle, double idle_late, bool junk)
{
    struct simulation s = {.commands = 0};
    double now = 0, others_at = 0;

    while (now < 3600) {
        struct wait_step step = wait_plan(now, can_idle);
        double announced = arrival + idle_late;
        s.commands += step.idle ? 1 : 0; /* DONE is none of its own */
        if (step.idle && !junk && idle_late >= 0 && announced > now && announced < now + step.delay) {
            s.error = announced - arrival;
            return s;
        }
        now += step.delay;
        bool others = now - others_at >= wait_plan_others(now);
        if (others)
            others_at = now;
        s.commands += others ? 2 : 1;
        if (now >= arrival && (!junk || others)) {
            s.error = now - arrival;
            return s;
        }
    }
    return s;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_error(double from, double to, bool can_idle, double idle_late, bool junk)
{
    enum { ARRIVALS = 999 };
    static double errors[ARRIVALS];

    for (int i = 0; i < ARRIVALS; i++)
        errors[i] = simulate(from + (to - from) * i / ARRIVALS, can_idle, idle_late, junk).error;
    qsort(errors, ARRIVALS, sizeof *errors, compare_doubles);
    return errors[ARRIVALS / 2];
}

static void test_wait_plan_errors(void **state)
{
    (void)state;

    /* half of what arrives within two seconds is seen within 50 ms, at every part of them */
    assert_true(median_error(0, 2, true, 0.5, false) < 0.045);
    assert_true(median_error(0, 0.4, true, 0.5, false) < 0.030);
    assert_true(median_error(1.5, 2, true, 0.5, false) < 0.045);
    /* all of what arrives later within a tenth of the time waited (IDLE half a second late, as Dovecot's) */
    for (double t = 2; t < 1000; t *= 1.01) {
        assert_true(simulate(t, true, 0.5, false).error <= t / 10 + 0.001);
        assert_true(simulate(t, true, 0.001, false).error <= t / 10);
        assert_true(simulate(t, false, 0, false).error <= (t < 600 ? t / 10 : 60));
    }
    /* IDLE that announces a minute late or never: the safety poll sees it */
    for (double t = 5; t < 1000; t *= 1.01) {
        assert_true(simulate(t, true, -1, false).error <= (t < 100 ? 10.01 : t / 9));
        assert_true(simulate(t, true, 60, false).error <= (t < 100 ? 10.01 : 60.01));
    }
    /* the junk folder: what is asked for more rarely */
    assert_true(median_error(0, 2, true, 0.5, true) < 0.4);
    for (double t = 5; t < 1000; t *= 1.01)
        assert_true(simulate(t, true, 0.5, true).error <= (t < 100 ? 20.01 : t / 4));
}

static void test_wait_plan_burden(void **state)
{
    (void)state;

    /* NOOPs and STATUS of the first five seconds, by when nothing has come */
    assert_in_range(simulate(5, true, 0.5, true).commands, 20, 50);
    /* with IDLE: no more than 15 a minute from the first minute on */
    for (double t = 60; t < 1800; t += 60) {
        unsigned before = simulate(t, true, -1, true).commands,
                 after = simulate(t + 60, true, -1, true).commands;
        assert_true(after - before <= 18); /* 15, and what the junk folder's next turn adds at the edge */
    }
    unsigned first = simulate(60, true, -1, true).commands, last = simulate(1860, true, -1, true).commands;
    assert_true((last - first) / 30.0 <= 15);
    first = simulate(60, false, -1, true).commands;
    last = simulate(1860, false, -1, true).commands;
    assert_true((last - first) / 30.0 <= 15);
    /* sessions cost more than commands */
    for (double t = 0; t < 3600; t += 10) {
        assert_true(wait_plan_session(t) >= (t < 2 ? 0.5 : 1));
        assert_true(wait_plan_session(t) <= 60);
        assert_true(wait_plan(t, true).delay < 28 * 60); /* RFC 2177: IDLE anew before 29 minutes */
    }
}

/* --- folders --- */

static void test_special_folders(void **state)
{
    static const struct {
        const char *name;
        const char *list[6];
        const char *junk, *trash;
    } rows[] = {
        {"flag before name", {"* LIST () \"/\" Junk", "* LIST (\\Junk) \"/\" Bin"}, "Bin", ""},
        {"flag before name, other order", {"* LIST (\\jUNK) \"/\" Bin", "* LIST () \"/\" Junk"}, "Bin", ""},
        {"the first flag", {"* LIST (\\Junk) \"/\" A", "* LIST (\\Junk) \"/\" B"}, "A", ""},
        {"the better name",
         {"* LIST () \"/\" Spam", "* LIST () \"/\" junk", "* LIST () \"/\" Bulk"},
         "junk",
         ""},
        {"exchange",
         {"* LIST () \"/\" \"Junk Email\"", "* LIST () \"/\" \"Deleted Items\""},
         "Junk Email",
         ""},
        {"courier", {"* LIST () \".\" INBOX", "* LIST () \".\" INBOX.Spam"}, "INBOX.Spam", ""},
        {"courier, slash is no delimiter", {"* LIST () \".\" INBOX/Spam"}, "", ""},
        {"gmail",
         {"* LIST (\\HasNoChildren) \"/\" INBOX", "* LIST (\\Noselect) \"/\" \"[Gmail]\"",
          "* LIST (\\Junk \\HasNoChildren) \"/\" \"[Gmail]/Spam\"",
          "* LIST (\\HasNoChildren \\Trash) \"/\" \"[Gmail]/Papierkorb\""},
         "[Gmail]/Spam",
         "[Gmail]/Papierkorb"},
        {"gmail without flags", {"* LIST () \"/\" \"[Google Mail]/Spam\""}, "[Google Mail]/Spam", ""},
        {"not selectable", {"* LIST (\\Junk \\Noselect) \"/\" Junk"}, "", ""},
        {"deeper ones are others'",
         {"* LIST () \"/\" \"Archive/Junk\"", "* LIST () \"/\" \"INBOX/x/Junk\""},
         "",
         ""},
        {"part of a name", {"* LIST () \"/\" Junkyard", "* LIST () \"/\" \"Not Spam\""}, "", ""},
        {"flat", {"* LIST () NIL Spam"}, "Spam", ""},
        {"literal", {"* LIST (\\Junk) \"/\" {5}\r\na\"b\\c"}, "a\"b\\c", ""},
        {"empty name", {"* LIST (\\Junk) \"/\" \"\""}, "", ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct special_folders s = SPECIAL_FOLDERS_INIT;
        for (size_t n = 0; rows[i].list[n] != NULL; n++) {
            struct imap_response r;
            struct imap_list entry;
            CHECK_ROW(rows[i].name,
                      imap_response_parse(slice_from(rows[i].list[n]), &r) && imap_list_parse(&r, &entry));
            special_folders_consider(&s, &entry);
        }
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&s.junk), rows[i].junk);
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&s.trash), rows[i].trash);
        special_folders_clear(&s);
    }
}

/* A name of 10 kB is nobody's junk folder. */
static void test_huge_folder(void **state)
{
    struct special_folders s = SPECIAL_FOLDERS_INIT;
    char name[10001];
    struct imap_list entry = {
        .selectable = true, .junk = true, .name = {IMAP_LITERAL, {name, sizeof name - 1}}};
    (void)state;

    memset(name, 'x', sizeof name);
    special_folders_consider(&s, &entry);
    assert_int_equal(s.junk.len, 0);
    assert_false(s.junk_flagged);
    special_folders_clear(&s);
}

/* --- messages --- */

#define OURS "mproof"
static struct marker ours, other;

static int make_markers(void **state)
{
    struct err err;
    (void)state;

    assert_true(marker_new(&ours, 7, 1790000000, &err));
    assert_true(marker_new(&other, 7, 1790000000, &err));
    return 0;
}

/* $ is our marker, % another one. */
static struct slice fill_in(struct buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '$')
            buffer_append_text(out, ours.text);
        else if (*text == '%')
            buffer_append_text(out, other.text);
        else
            buffer_append_char(out, *text);
    }
    return buffer_slice(out);
}

static void test_match_marker(void **state)
{
    static const struct {
        const char *name, *headers;
        enum match match;
        enum message_kind kind; /* of MATCH_YES */
    } rows[] = {
        {"probe", "Subject: x\r\nX-Mailproof-Marker: $\r\nAuto-Submitted: auto-generated\r\n\r\n", MATCH_YES,
         MESSAGE_PROBE},
        {"header stripped", "Subject: mailproof $\r\n\r\n", MATCH_YES, MESSAGE_PROBE},
        {"another probe", "Subject: %\r\nX-Mailproof-Marker: %\r\nAuto-Submitted: auto-generated\r\n\r\n",
         MATCH_NO, 0},
        {"another one's bounce", "Subject: Undelivered %\r\nContent-Type: multipart/report\r\n\r\n",
         MATCH_BODY, 0},
        {"bounce",
         "Subject: Undelivered Mail Returned to Sender\r\nContent-Type: multipart/report;\r\n "
         "boundary=x\r\n\r\n",
         MATCH_BODY, 0},
        {"null path", "Return-Path: <>\r\nSubject: x\r\n\r\n", MATCH_BODY, 0},
        {"daemon", "From: MAILER-DAEMON@x\r\nSubject: x\r\n\r\n", MATCH_BODY, 0},
        {"exim", "X-Failed-Recipients: a@b\r\nSubject: x\r\n\r\n", MATCH_BODY, 0},
        {"vacation", "Auto-Submitted: auto-replied (vacation)\r\nSubject: x\r\n\r\n", MATCH_BODY, 0},
        {"answer", "Subject: Re: $\r\nIn-Reply-To: <a@b>\r\n\r\n", MATCH_BODY, 0},
        {"ordinary", "From: a@b\r\nSubject: x\r\nAuto-Submitted: no\r\n\r\n", MATCH_NO, 0},
        {"empty", "", MATCH_NO, 0},
    };
    struct matcher matcher = {.marker = &ours};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer headers = BUFFER_INIT(10000);
        struct matched matched;
        enum match match = match_headers(&matcher, fill_in(&headers, rows[i].headers), &matched);
        CHECK_ROW(rows[i].name, match == rows[i].match);
        CHECK_ROW(rows[i].name, match != MATCH_YES || matched.kind == rows[i].kind);
        CHECK_ROW(rows[i].name, match != MATCH_YES || strcmp(matched.marker.text, ours.text) == 0);
        buffer_clear(&headers);
    }
}

#define REPORT                                                                                               \
    "From: MAILER-DAEMON@x\r\nContent-Type: multipart/report; boundary=b\r\nSubject: Undelivered\r\n\r\n"    \
    "--b\r\n\r\nsorry\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"  \
    "Final-Recipient: rfc822; a@b\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: "           \
    "message/rfc822\r\n\r\n"

static void test_match_message(void **state)
{
    static const struct {
        const char *name, *message;
        bool match;
        enum message_kind kind;
    } rows[] = {
        {"bounce", REPORT "Subject: $\r\nX-Mailproof-Marker: $\r\n\r\nx\r\n--b--\r\n", true, MESSAGE_BOUNCE},
        {"of another", REPORT "Subject: %\r\nX-Mailproof-Marker: %\r\n\r\nx\r\n--b--\r\n", false, 0},
        {"cut", REPORT "Subject: $\r\n", true, MESSAGE_BOUNCE},
        {"nothing of ours", "From: MAILER-DAEMON@x\r\n\r\nhello\r\n", false, 0},
    };
    struct matcher matcher = {.marker = &ours};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer message = BUFFER_INIT(10000);
        struct matched matched;
        CHECK_ROW(rows[i].name,
                  match_message(&matcher, fill_in(&message, rows[i].message), &matched) == rows[i].match);
        CHECK_ROW(rows[i].name, !rows[i].match || matched.kind == rows[i].kind);
        buffer_clear(&message);
    }
}

static void test_match_fields(void **state)
{
    static const char headers[] = "From: \"Bob, the X\" <Alice@Example.org>, c@d\r\n"
                                  "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= of the\r\n day\r\n"
                                  "X-List: one\r\nX-List: Two three\r\n\r\n";
    static const struct {
        const char *name;
        struct matcher matcher;
        bool match;
    } rows[] = {
        {"nothing asked", {.subject = NULL}, true},
        {"subject", {.subject = "OF THE DAY"}, true},
        {"subject, decoded",
         {.subject = "Gr\xc3\xbc\xc3\x9f"
                     "e of"},
         true},
        {"subject, not", {.subject = "night"}, false},
        {"subject, coded form", {.subject = "=?utf-8"}, false},
        {"from", {.from = "alice@example.org"}, true},
        {"from, part", {.from = "@example"}, true},
        {"from, the second", {.from = "c@d"}, true},
        {"from, not the display name", {.from = "Bob"}, false},
        {"header", {.header_name = "x-list", .header_text = "ONE"}, true},
        {"header, the second of its name", {.header_name = "X-List", .header_text = "two"}, true},
        {"header, any", {.header_name = "X-List"}, true},
        {"header, not", {.header_name = "X-List", .header_text = "four"}, false},
        {"header, absent", {.header_name = "X-None", .header_text = ""}, false},
        {"all", {.subject = "day", .from = "alice", .header_name = "X-List", .header_text = "one"}, true},
        {"all but one",
         {.subject = "day", .from = "bob", .header_name = "X-List", .header_text = "one"},
         false},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct matched matched;
        enum match match = match_headers(&rows[i].matcher, slice_from(headers), &matched);
        CHECK_ROW(rows[i].name, match == (rows[i].match ? MATCH_YES : MATCH_NO));
        CHECK_ROW(rows[i].name, matched.kind == MESSAGE_OTHER && matched.marker.text[0] == '\0');
    }
}

/* All that is given must hold, of the probe too. */
static void test_match_marker_and_fields(void **state)
{
    struct matcher matcher = {.marker = &ours, .subject = "nightly"};
    struct buffer headers = BUFFER_INIT(1000);
    struct matched matched;
    (void)state;

    fill_in(&headers, "Subject: hourly $\r\nX-Mailproof-Marker: $\r\n\r\n");
    assert_int_equal(match_headers(&matcher, buffer_slice(&headers), &matched), MATCH_NO);
    matcher.subject = "hourly";
    assert_int_equal(match_headers(&matcher, buffer_slice(&headers), &matched), MATCH_YES);
    buffer_clear(&headers);
}

/* --- UIDs --- */

static void test_uids(void **state)
{
    struct uids u = {.count = 0};
    struct buffer text = BUFFER_INIT(100);
    (void)state;

    uids_sort(&u);
    assert_false(uids_contain(&u, 1));
    static const uint32_t in[] = {5, 4294967295U, 7, 5, 1, 7};
    for (size_t i = 0; i < COUNT_OF(in); i++)
        uids_add(&u, in[i]);
    uids_sort(&u);
    uids_print(&u, 0, 10, &text);
    assert_string_equal(buffer_text(&text), "4294967295,7,5,1");
    assert_true(uids_contain(&u, 4294967295U) && uids_contain(&u, 1) && !uids_contain(&u, 6));
    buffer_reset(&text);
    uids_print(&u, 1, 2, &text);
    assert_string_equal(buffer_text(&text), "7,5");
    uids_clear(&u);
    for (uint32_t i = 0; i < UIDS_MAX * 2; i++)
        uids_add(&u, i);
    assert_true(u.cut && u.count >= UIDS_MAX && u.capacity <= 2 * UIDS_MAX);
    uids_clear(&u);
    buffer_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait_plan_errors),
        cmocka_unit_test(test_wait_plan_burden),
        cmocka_unit_test(test_special_folders),
        cmocka_unit_test(test_huge_folder),
        cmocka_unit_test(test_match_marker),
        cmocka_unit_test(test_match_message),
        cmocka_unit_test(test_match_fields),
        cmocka_unit_test(test_match_marker_and_fields),
        cmocka_unit_test(test_uids),
    };
    return cmocka_run_group_tests(tests, make_markers, NULL);
}
