/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/text.h"
#include "common/mail/refusal.h"

static struct reply reply_from(const char *text)
{
    struct reply r;

    if (!reply_parse(&r, slice_from(text)))
        fail_msg("no reply: \"%s\"", text);
    return r;
}

static enum stage stage_from(struct slice name)
{
    for (enum stage stage = STAGE_NONE; stage < STAGE_COUNT; stage++)
        if (slice_eq(name, slice_from(stage_name(stage))))
            return stage;
    if (!slice_eq(name, SLICE("none")))
        fail_msg("no stage: \"%.*s\"", SLICE_ARG(name));
    return STAGE_NONE;
}

/* What a monitoring host is told about must be what a mail system did: the plugin's own kinds never come of a
 * reply, and what is a WARNING by default must allow another try. */
static bool is_fit(enum fault fault, int code)
{
    if (fault < FAULT_DNS || fault >= FAULT_THRESHOLD)
        return false;
    return code < 500 ||
           (fault != FAULT_GREYLISTED && fault != FAULT_RATE_LIMITED && fault != FAULT_AUTH_THROTTLED);
}

/* "class stage text", one case a line */
static void check_line(struct slice line)
{
    struct slice class, stage_word;
    struct reply r;

    slice_next_word(&line, &class);
    slice_next_word(&line, &stage_word);
    line = slice_trim(line);
    enum stage stage = stage_from(stage_word);
    bool smtp = reply_parse(&r, line);
    enum fault fault = smtp ? refusal_classify(&r, stage, NULL) : refusal_classify_mailbox(line, stage, NULL);
    if (!slice_eq(class, slice_from(fault_class(fault))))
        fail_msg("\"%.*s\" at %.*s: got %s, wanted %.*s", SLICE_ARG(line), SLICE_ARG(stage_word),
                 fault_class(fault), SLICE_ARG(class));
    assert_true(is_fit(fault, smtp ? r.code : 0));
}

static void test_refusals_of_many_makes(void **state)
{
    FILE *f = fopen(TEST_DATA "/refusals.txt", "r");
    char *line = NULL;
    size_t size = 0, cases = 0;
    ssize_t n;
    (void)state;

    assert_non_null(f);
    while ((n = getline(&line, &size, f)) > 0) {
        struct slice s = slice_trim(slice_of(line, (size_t)n));
        if (s.len == 0 || s.data[0] == '#')
            continue;
        check_line(s);
        cases++;
    }
    free(line);
    fclose(f);
    assert_true(cases >= 450);
}

static void test_every_code_has_a_class(void **state)
{
    static const char *const statuses[] = {"",     "1.1 ", "2.0 ", "3.0 ",   "4.4 ", "5.0 ",
                                           "6.0 ", "7.0 ", "7.1 ", "7.999 ", "9.9 "};
    (void)state;

    for (int code = 400; code < 560; code++) {
        for (enum stage stage = STAGE_NONE; stage < STAGE_COUNT; stage++) {
            for (size_t i = 0; i < COUNT_OF(statuses); i++) {
                char text[64];
                struct reply r;
                snprintf(text, sizeof text, "%d %s%s%s", code,
                         i == 0       ? ""
                         : code < 500 ? "4."
                                      : "5.",
                         statuses[i], "x");
                if (!reply_parse(&r, slice_from(text)))
                    continue;
                CHECK_ROW(text, is_fit(refusal_classify(&r, stage, NULL), code));
            }
        }
    }
}

/* A bounce may give no more than an enhanced code, or nothing at all. */
static void test_without_a_code(void **state)
{
    struct reply r = REPLY_INIT;
    (void)state;

    assert_int_equal(refusal_classify(&r, STAGE_NONE, NULL), FAULT_POLICY_REJECTED);
    memcpy(r.enhanced, "5.1.1", sizeof "5.1.1");
    assert_int_equal(refusal_classify(&r, STAGE_NONE, NULL), FAULT_RECIPIENT_UNKNOWN);
    memcpy(r.enhanced, "4.7.28", sizeof "4.7.28");
    assert_int_equal(refusal_classify(&r, STAGE_NONE, NULL), FAULT_RATE_LIMITED);
    memcpy(r.enhanced, "5.7.28", sizeof "5.7.28");
    assert_int_equal(refusal_classify(&r, STAGE_NONE, NULL), FAULT_QUOTA_EXCEEDED);
}

static void test_text_forms(void **state)
{
    static const struct {
        const char *name, *reply;
        enum fault fault;
    } rows[] = {
        {"upper case", "550 USER UNKNOWN", FAULT_RECIPIENT_UNKNOWN},
        {"typographic apostrophe", "550 user doesn\xe2\x80\x99t exist", FAULT_RECIPIENT_UNKNOWN},
        {"over several lines", "550-The mail box of x\n550 is full", FAULT_POLICY_REJECTED},
        {"over several lines in one word", "550-The mailbox of x\n550 is full", FAULT_MAILBOX_FULL},
        {"block list in three spellings", "554 on our block-list", FAULT_REPUTATION},
        {"in one word", "554 on our blocklist", FAULT_REPUTATION},
        {"in two", "554 on our block list", FAULT_REPUTATION},
        {"status in the text", "550 no (#5.2.2)", FAULT_MAILBOX_FULL},
        {"no status in the text", "550 no (#15.2.2)", FAULT_RECIPIENT_UNKNOWN},
        {"code word within a word", "550 5.1.1 xtss04y", FAULT_RECIPIENT_UNKNOWN},
        {"markup was cleaned", "550 <b>mailbox full</b>", FAULT_MAILBOX_FULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct reply r = reply_from(rows[i].reply);
        enum stage stage = i == 2 ? STAGE_ACCEPT : STAGE_RCPT;
        CHECK_ROW_TEXT(rows[i].name, fault_class(refusal_classify(&r, stage, NULL)),
                       fault_class(rows[i].fault));
    }
}

static void test_advice(void **state)
{
    static const struct {
        const char *reply;
        enum stage stage;
        const char *part; /* of the advice; NULL: the class's own is as good */
    } rows[] = {
        {"535 5.7.8 Username and Password not accepted. https://support.google.com/mail/?p=BadCredentials",
         STAGE_AUTH, "create a new app password"},
        {"534 5.7.9 Application-specific password required", STAGE_AUTH, "create an app password"},
        {"534 5.7.14 Please log in via your web browser", STAGE_AUTH, "web browser"},
        {"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.",
         STAGE_AUTH, "Set-CASMailbox"},
        {"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
         STAGE_AUTH, "Set-TransportConfig"},
        {"535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", STAGE_AUTH, "OAuth2"},
        {"535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.", STAGE_AUTH, NULL},
        {"535 5.7.8 Error: authentication failed", STAGE_AUTH, NULL},
        {"550 5.1.1 User unknown", STAGE_RCPT, NULL},
        {"550 5.7.1 mail from your network (S3150)", STAGE_MAIL, "olcsupport"},
        {"530 5.7.0 Must issue a STARTTLS command first", STAGE_MAIL, "--tls"},
        {"504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname", STAGE_EHLO, "--helo"},
        {"550 greylisted for good", STAGE_RCPT, "postmaster"},
        {"535 too many failed logins", STAGE_AUTH, "old password"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct reply r = reply_from(rows[i].reply);
        const char *advice = "untouched";
        refusal_classify(&r, rows[i].stage, &advice);
        if (rows[i].part == NULL)
            CHECK_ROW(rows[i].reply, advice == NULL);
        else
            CHECK_ROW(rows[i].reply, advice != NULL && strstr(advice, rows[i].part) != NULL);
    }
}

static void test_refusal_err(void **state)
{
    struct reply r = reply_from("550-5.1.1 No such user |\r\n550 5.1.1 here");
    struct err err;
    (void)state;

    assert_false(refusal_err(&err, &r, STAGE_RCPT, "RCPT TO:(x@example.com)"));
    assert_int_equal(err.kind, FAULT_RECIPIENT_UNKNOWN);
    assert_int_equal(err.stage, STAGE_RCPT);
    assert_int_equal(err.code, 550);
    assert_string_equal(err.enhanced, "5.1.1");
    assert_string_equal(err.text, "RCPT TO:(x@example.com) refused: 550 5.1.1 No such user / here");
    assert_string_equal(err_advice(&err), fault_advice(FAULT_RECIPIENT_UNKNOWN));
}

static void test_refusal_err_cuts(void **state)
{
    char text[2 * REPLY_TEXT_MAX] = "550 ";
    struct err err;
    struct reply r;
    (void)state;

    memset(text + 4, 'x', sizeof text - 5);
    text[sizeof text - 1] = '\0';
    r = reply_from(text);
    refusal_err(&err, &r, STAGE_MAIL, "MAIL FROM");
    assert_true(strlen(err.text) < sizeof err.text);
    assert_true(slice_ends_nocase(slice_from(err.text), SLICE("...")));
}

static void test_retry_after(void **state)
{
    static const struct {
        const char *reply;
        double seconds;
    } rows[] = {
        {"450 4.2.0 Greylisted, please try again in 300 seconds", 300},
        {"451 4.7.1 Greylisting in action, please come back in 00:05:00", 300},
        {"451 4.7.1 Greylisting in action, please come back in 01:00:10", 3610},
        {"450 Greylisted for 5 minutes", 300},
        {"451 try again in 4 mins", 240},
        {"451 please retry after 90s", 90},
        {"421 deferred, wait 1 hour", 3600},
        {"450 Please wait at least 60 sec before retrying", 60},
        {"450 too fast, retry in 2h.", 7200},
        {"450 greylisted, retry in 1 minute, not in 2 hours", 60},
        {"450 try again later", 0},
        {"450 limit of 100 messages for 1 hour", 0},
        {"450 sent 300 seconds ago, try again", 0},
        {"450 try again in 5", 0},
        {"450 try again in 5 steps", 0},
        {"450 try again in 0 seconds", 0},
        {"450 try again in 99999999999999999999 seconds", 0},
        {"450 try again in 3 days", 0},
        {"450 try again in 100 hours", 0},
        {"450 try again in 00:99:00", 0},
        {"450 try again in 5:", 0},
        {"450", 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct reply r = reply_from(rows[i].reply);
        CHECK_ROW(rows[i].reply, fabs(refusal_retry_after(&r) - rows[i].seconds) < 0.001);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals_of_many_makes),
        cmocka_unit_test(test_every_code_has_a_class),
        cmocka_unit_test(test_without_a_code),
        cmocka_unit_test(test_text_forms),
        cmocka_unit_test(test_advice),
        cmocka_unit_test(test_refusal_err),
        cmocka_unit_test(test_refusal_err_cuts),
        cmocka_unit_test(test_retry_after),
    };
    return cmocka_run_group_tests_name("refusal", tests, NULL, NULL);
}
