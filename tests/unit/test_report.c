/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/monitor/report.h"
#include "tests/unit/first_line.h"

static const struct err refused = {
    .kind = FAULT_AUTH_CREDENTIALS,
    .stage = STAGE_AUTH,
    .code = 535,
    .enhanced = "5.7.8",
    .text = "AUTH refused: 535 5.7.8 Username and Password not accepted",
};

static struct buffer render(struct report *r)
{
    struct buffer out = BUFFER_INIT(4 * 1024 * 1024);

    assert_true(report_render(r, &out));
    return out;
}

static void check_render(struct report **r, const char *wanted)
{
    struct buffer out = render(*r);

    assert_string_equal(buffer_text(&out), wanted);
    buffer_clear(&out);
    report_free(r);
    assert_null(*r);
}

static json_t *render_object(struct report **r)
{
    json_error_t error;
    struct buffer out = render(*r);
    json_t *root = json_loads(buffer_text(&out), JSON_REJECT_DUPLICATES, &error);

    if (root == NULL)
        fail_msg("%s: %s", error.text, buffer_text(&out));
    assert_int_equal(slice_find_char(buffer_slice(&out), '\n'), out.len - 1);
    buffer_clear(&out);
    report_free(r);
    return root;
}

static void test_ok(void **state)
{
    struct report *r = report_new("check_smtp_submit", "SMTP SUBMIT");
    (void)state;

    report_metric(r, "connect", 0.012, true);
    report_metric(r, "auth", 0.2134567, false);
    report_metric(r, "cert_days", 41, true);
    report_metric(r, "quota_used", 12.5, true);
    report_summary(r, "accepted by %s as %s", "mx.example.com", "4Xyz");
    report_line(r, 0, "a line");
    report_line(r, 1, "with -v");
    check_render(&r, "SMTP SUBMIT OK - accepted by mx.example.com as 4Xyz | connect=0.012000s cert_days=41 "
                     "quota_used=12.5%\na line\n");
}

static void test_nothing_was_said(void **state)
{
    struct report *r = report_new("check_smtp_submit", "SMTP SUBMIT");
    (void)state;

    check_render(&r, "SMTP SUBMIT OK - no details\n");
}

static void test_one_fault(void **state)
{
    struct report *r = report_new("check_smtp_submit", "SMTP SUBMIT");
    struct thresholds t = {.main_metric = "total"};
    (void)state;

    threshold_default(&t, "connect", "2", NULL);
    threshold_default(&t, "auth", "1", "~:");
    report_options(r, OUTPUT_NAGIOS, 0, &t);
    report_fault(r, "smtp", STATE_CRITICAL, &refused);
    report_metric(r, "connect", 0.012, false);
    report_metric(r, "auth", 0.213, false);
    report_flag(r, "insecure");
    report_flag(r, "insecure");
    report_flag(r, "%s", "");
    assert_int_equal(report_state(r), STATE_CRITICAL);
    check_render(
        &r,
        "SMTP SUBMIT CRITICAL - AUTH refused: 535 5.7.8 Username and Password not accepted (check the user "
        "name and the password or app password) (insecure) | connect=0.012000s;2 auth=0.213000s;1\n");
}

static void test_several_faults(void **state)
{
    struct report *r = report_new("check_smtp_submit", "SMTP SUBMIT");
    struct err late = {.kind = FAULT_LATE, .advice = "look at the hops", .text = "late by 3 s"};
    (void)state;

    report_options(r, OUTPUT_NAGIOS, 0, NULL);
    report_summary(r, "sent as 4Xyz");
    report_fault(r, "", STATE_WARNING, &late);
    report_fault(r, "smtp", STATE_CRITICAL, &refused);
    report_line(r, 0, "a line");
    check_render(
        &r,
        "SMTP SUBMIT CRITICAL - AUTH refused: 535 5.7.8 Username and Password not accepted (check the user "
        "name and the password or app password); late by 3 s; sent as 4Xyz\n"
        "WARNING late: late by 3 s (look at the hops)\na line\n");
}

static void test_threshold_stands_behind_what_failed(void **state)
{
    struct report *r = report_new("check_x", "X");
    struct thresholds t = {.main_metric = "total"};
    struct err bounced = {.kind = FAULT_BOUNCED, .advice = "read it", .text = "bounced"};
    (void)state;

    threshold_default(&t, "auth", NULL, "1");
    threshold_default(&t, "total", NULL, "1");
    report_options(r, OUTPUT_NAGIOS, 0, &t);
    report_metric(r, "auth", 2, false);
    report_metric(r, "total", 3, false);
    report_fault(r, "", STATE_CRITICAL, &bounced);
    check_render(
        &r,
        "X CRITICAL - bounced (read it); auth took 2.000 s (critical above 1); total took 3.000 s (critical "
        "above 1) | auth=2.000000s;;1 total=3.000000s;;1\n"
        "CRITICAL threshold at auth: auth took 2.000 s (critical above 1)\n"
        "CRITICAL threshold at total: total took 3.000 s (critical above 1)\n");
}

static void test_fault_that_counts_as_ok(void **state)
{
    struct report *r = report_new("check_smtp_submit", "SMTP SUBMIT");
    struct err greylisted = {.kind = FAULT_GREYLISTED, .stage = STAGE_RCPT, .text = "450 greylisted"};
    (void)state;

    report_fault(r, "smtp", STATE_OK, &greylisted);
    report_summary(r, "stopped at RCPT");
    assert_int_equal(report_state(r), STATE_OK);
    check_render(&r, "SMTP SUBMIT OK - stopped at RCPT; 450 greylisted\n");
}

static void test_thresholds_in_words(void **state)
{
    static const struct {
        const char *metric;
        double value;
        const char *warning, *critical; /* NULL: none */
        enum state state;
        const char *text; /* up to the perfdata */
    } rows[] = {
        {"auth", 1.31, "1", NULL, STATE_WARNING, "auth took 1.310 s (warning above 1) | auth=1.310000s;1"},
        {"auth", 1.31, "1", "1.2", STATE_CRITICAL,
         "auth took 1.310 s (critical above 1.2) | auth=1.310000s;1;1.2"},
        {"auth", 0.5, NULL, "1m", STATE_OK, "fine | auth=0.500000s;;60"},
        {"auth", 0.000213, "0.0001", NULL, STATE_WARNING,
         "auth took 0.000213 s (warning above 0.0001) | auth=0.000213s;0.0001"},
        {"cert_days", 5, "14:", "7:", STATE_CRITICAL,
         "cert_days is 5 (critical below 7) | cert_days=5;14:;7:"},
        {"age", 93784, NULL, "3600", STATE_CRITICAL,
         "age is 93784 s, 26.1 h (critical above 3600) | age=93784.000000s;;3600"},
        {"age", 1200, NULL, "10m", STATE_CRITICAL,
         "age is 1200 s, 20 min (critical above 600) | age=1200.000000s;;600"},
        {"age", 864000, "1d", NULL, STATE_WARNING,
         "age is 864000 s, 10 d (warning above 86400) | age=864000.000000s;86400"},
        {"quota_used", 91.25, "80", "95", STATE_WARNING,
         "quota_used is 91.25 % (warning above 80) | quota_used=91.25%;80;95"},
        {"found", 0, NULL, "1:", STATE_CRITICAL, "found is 0 (critical below 1) | found=0;;1:"},
        {"found", 7, "1:5", NULL, STATE_WARNING, "found is 7 (warning above 5) | found=7;1:5"},
        {"found", 3, "@2:4", NULL, STATE_WARNING, "found is 3 (warning from 2 to 4) | found=3;@2:4"},
        {"found", 3, "@2:", NULL, STATE_WARNING, "found is 3 (warning from 2) | found=3;@2:"},
        {"found", 3, "@~:4", NULL, STATE_WARNING, "found is 3 (warning up to 4) | found=3;@~:4"},
        {"found", 3, "@~:", NULL, STATE_WARNING, "found is 3 (warning always) | found=3;@~:"},
        {"found", -3, "5", NULL, STATE_WARNING, "found is -3 (warning below 0) | found=-3;5"},
        {"auth", 99, "~:", "~:", STATE_OK, "fine | auth=99.000000s"},
        {"smtp_auth", 2, "1", NULL, STATE_WARNING,
         "smtp_auth took 2.000 s (warning above 1) | smtp_auth=2.000000s;1"},
        {"baseline", 3.14159, "3", NULL, STATE_WARNING,
         "baseline is 3.142 (warning above 3) | baseline=3.14159;3"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct report *r = report_new("check_x", "X");
        struct thresholds t = {.main_metric = "total"};
        char wanted[256];

        threshold_default(&t, rows[i].metric, rows[i].warning, rows[i].critical);
        report_options(r, OUTPUT_NAGIOS, 0, &t);
        report_metric(r, rows[i].metric, rows[i].value, true);
        if (rows[i].state == STATE_OK)
            report_summary(r, "fine");
        snprintf(wanted, sizeof wanted, "X %s - %s\n", state_name(rows[i].state), rows[i].text);
        struct buffer out = render(r);
        CHECK_ROW(rows[i].text, report_state(r) == rows[i].state);
        CHECK_ROW_TEXT(rows[i].text, buffer_text(&out), wanted);
        buffer_clear(&out);
        report_free(&r);
    }
}

static void test_what_is_no_number_is_left_out(void **state)
{
    struct report *r = report_new("check_x", "X");
    struct thresholds t = {.main_metric = "total"};
    (void)state;

    threshold_default(&t, "auth", NULL, "@~:");
    report_options(r, OUTPUT_NAGIOS, 0, &t);
    report_metric(r, "auth", (double)NAN, true);
    report_metric(r, "login", (double)INFINITY, true);
    report_metric(r, "total", 1e300, true);
    report_metric(r, "tls", 0.00000049, true);
    report_metric(r, "tls", 5, true); /* twice */
    report_metric(r, "Bad Name|=very long indeed", 1, true);
    report_metric(r, "", 2, true);
    report_metric(r, "9_a", 3, true);
    report_stage(r, "smtp", "tls", (double)NAN, STATE_OK);
    check_render(&r, "X OK - no details | tls=0.000000s bad_name__very_long=1 x=2 x_a=3\n");
}

static void check_output(const char *name, struct slice text)
{
    const char *broken = first_line_broken(text);

    if (broken != NULL)
        fail_msg("row \"%s\": %s: %.*s", name, broken, SLICE_ARG(text));
}

static char *repeat(const char *text, size_t total)
{
    size_t len = strlen(text);
    char *out = malloc(total + 1);

    assert_non_null(out);
    for (size_t i = 0; i < total; i++)
        out[i] = text[i % len];
    out[total] = '\0';
    return out;
}

static void test_hostile_texts(void **state)
{
    static const char *const texts[] = {
        "a",       "a b ",      "|",        "x | time=999s ", "\n",       "line\r\n",         "\033[31m",
        "\033]0;", "\x80",      "\xff\xfe", "\xe2\x82\xac",   "\xc3\xbc", "\xf0\x9f\x93\xa7", "\x01",
        "%s%n",    "\xe2\x82",  "<b>",      "\xe2\x80\xae",   "\"\\",     "\x7f\xc2\x80",     " ",
        "",        "a\xcc\x88",
    };
    static const size_t lengths[] = {1, 10, 200, 450, 511, 512, 700, 990, 998, 999, 1000, 1001, 10000};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        for (size_t k = 0; k < COUNT_OF(lengths); k++) {
            for (int metrics = 0; metrics < 80; metrics += 13) {
                char *text = repeat(*texts[i] == '\0' ? " " : texts[i], lengths[k]);
                struct err err = {.kind = FAULT_PROTOCOL, .stage = STAGE_GREETING};
                struct report *r = report_new("check_x", text);
                report_options(r, OUTPUT_NAGIOS, 3, NULL);
                snprintf(err.text, sizeof err.text, "%s", text);
                report_fault(r, text, STATE_WARNING, &err);
                err.advice = text;
                snprintf(err.enhanced, sizeof err.enhanced, "%s", text);
                report_fault(r, "smtp", STATE_CRITICAL, &err);
                report_summary(r, "%s", text);
                report_flag(r, "%s", text);
                report_line(r, 0, "%s", text);
                report_transcript(r, slice_from(text));
                report_stage(r, text, text, 1, STATE_OK);
                for (int m = 0; m < metrics; m++) {
                    char name[40];
                    snprintf(name, sizeof name, "a_long_metric_%d", m);
                    report_metric(r, name, m * 123456.789, true);
                }
                struct buffer out = render(r);
                check_output(texts[i], buffer_slice(&out));
                assert_int_equal(metrics > 0, slice_find_char(buffer_slice(&out), '|') < out.len);
                buffer_clear(&out);
                report_options(r, OUTPUT_JSON, 3, NULL);
                json_decref(render_object(&r));
                free(text);
            }
        }
    }
}

static void test_line_is_cut_so_that_perfdata_fits(void **state)
{
    struct report *r = report_new("check_smtp_submit", "SMTP SUBMIT");
    struct err err = refused;
    (void)state;

    for (size_t i = 0; i + 1 < sizeof err.text; i++)
        err.text[i] = "\xe2\x82\xac"[i % 3];
    report_fault(r, "smtp", STATE_CRITICAL, &err);
    report_flag(r, "insecure");
    for (int i = 0; i < 25; i++) {
        char name[20];
        snprintf(name, sizeof name, "metric_number_%02d", i);
        report_metric(r, name, 1.5, true);
    }
    err = (struct err){.kind = FAULT_LATE, .text = "late"};
    report_fault(r, "", STATE_WARNING, &err);
    for (int i = 0; i < 5; i++) {
        memset(err.text, 'x', sizeof err.text - 1);
        report_fault(r, "", STATE_WARNING, &err);
    }
    struct buffer out = render(r);
    const char *text = buffer_text(&out);
    check_output("cut", buffer_slice(&out));
    assert_non_null(strstr(text, "... (check the user name and the password or app password)"));
    assert_non_null(strstr(text, " (insecure) | metric_number_00=1.5 "));
    assert_non_null(strstr(text, " metric_number_24=1.5\nCRITICAL auth_credentials at smtp auth: "));
    assert_non_null(strstr(text, "; and 6 more (insecure)"));
    assert_non_null(strstr(text, "\nWARNING late: late (look where"));
    buffer_clear(&out);
    report_free(&r);
}

static size_t count_lines(const struct buffer *b)
{
    size_t count = 0;
    for (size_t i = 0; i < b->len; i++)
        count += b->data[i] == '\n';
    return count;
}

static void test_long_output_is_bounded(void **state)
{
    static const struct {
        int verbosity, lines;
        size_t printed;
        const char *last;
    } rows[] = {
        {0, 0, 1, NULL},
        {0, 30, 31, "\nline 29\n"},
        {0, 31, 31, "\nline 28\n... 2 more lines (-v shows more)\n"},
        {0, 1000, 31, "\n... 971 more lines (-v shows more)\n"},
        {1, 100, 101, "\nline 99\n"},
        {1, 1000, 201, "\nline 198\n... 801 more lines\n"},
        {1, 100000, 201, "\nline 198\n... 99801 more lines\n"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct report *r = report_new("check_x", "X");
        report_options(r, OUTPUT_NAGIOS, rows[i].verbosity, NULL);
        for (int k = 0; k < rows[i].lines; k++) {
            report_line(r, 0, "line %d", k);
            report_line(r, 2, "more verbose");
        }
        struct buffer out = render(r);
        assert_int_equal(count_lines(&out), rows[i].printed);
        if (rows[i].last != NULL)
            assert_string_equal(out.data + out.len - strlen(rows[i].last), rows[i].last);
        buffer_clear(&out);
        report_free(&r);
    }
}

static void test_default_output_stays_below_16_kib(void **state)
{
    struct report *r = report_new("check_x", "X");
    char *text = repeat("long ", 5000);
    struct err err = refused;
    (void)state;

    memset(err.text, 'x', sizeof err.text - 1);
    for (int i = 0; i < 100; i++) {
        report_fault(r, "smtp", STATE_CRITICAL, &err);
        report_line(r, 0, "%s", text);
    }
    struct buffer out = render(r);
    assert_true(out.len < 16 * 1024);
    assert_int_equal(count_lines(&out), 31);
    assert_non_null(strstr(buffer_text(&out), "; and 99 more"));
    assert_non_null(strstr(buffer_text(&out), "... 170 more lines"));
    buffer_clear(&out);
    report_free(&r);
    free(text);
}

static void test_worst_faults_are_kept(void **state)
{
    struct report *r = report_new("check_x", "X");
    struct err err = {.kind = FAULT_LATE};
    (void)state;

    for (int i = 0; i < 50; i++) {
        snprintf(err.text, sizeof err.text, "warning %d", i);
        report_fault(r, "", STATE_WARNING, &err);
    }
    err.kind = FAULT_BOUNCED;
    for (int i = 0; i < 2; i++) {
        snprintf(err.text, sizeof err.text, "critical %d", i);
        report_fault(r, "", STATE_CRITICAL, &err);
    }
    err.kind = FAULT_STATE;
    snprintf(err.text, sizeof err.text, "unknown");
    report_fault(r, "", STATE_UNKNOWN, &err);
    assert_int_equal(report_state(r), STATE_CRITICAL);
    report_options(r, OUTPUT_JSON, 0, NULL);
    json_t *root = render_object(&r), *faults = json_object_get(root, "faults");
    static const char *const wanted[] = {"critical 0", "critical 1", "unknown", "warning 0", "warning 1"};
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        assert_string_equal(json_string_value(json_object_get(json_array_get(faults, i), "text")), wanted[i]);
    json_decref(root);
}

static void test_transcript(void **state)
{
    struct report *r = report_new("check_x", "X");
    char *much = repeat("0.1 smtp S: 250 ok\n", 200000);
    (void)state;

    report_transcript(r, SLICE("0.012 smtp C: EHLO | x\n0.013 smtp S: 250\033[1m ok"));
    report_options(r, OUTPUT_NAGIOS, 2, NULL);
    struct buffer out = render(r);
    assert_string_equal(buffer_text(&out), "X OK - no details\n");
    buffer_clear(&out);
    report_options(r, OUTPUT_NAGIOS, 3, NULL);
    check_render(&r, "X OK - no details\n0.012 smtp C: EHLO / x\n0.013 smtp S: 250 ok\n");

    r = report_new("check_x", "X");
    report_options(r, OUTPUT_NAGIOS, 3, NULL);
    memcpy(much, "first", 5);
    memcpy(much + 200000 - 5, "last\n", 5);
    report_transcript(r, slice_from(much));
    report_transcript(r, slice_from(much));
    out = render(r);
    assert_true(out.len < 66 * 1024 && out.len > 60 * 1024);
    assert_non_null(strstr(buffer_text(&out), "\nfirst"));
    assert_non_null(strstr(buffer_text(&out), "\n... left out here ...\n"));
    assert_string_equal(out.data + out.len - 5, "last\n");
    buffer_clear(&out);
    report_free(&r);
    free(much);
}

/* A server may quote a password long after the login: in a refusal, a bounce, anywhere. */
static void test_secrets(void **state)
{
    static const struct err quoting = {.kind = FAULT_POLICY_REJECTED,
                                       .code = 550,
                                       .text = "RCPT refused: 550 (s3cret-w0rd) is no password here"};
    struct report *r = report_new("check_x", "X");
    (void)state;

    report_options(r, OUTPUT_NAGIOS, 3, NULL);
    report_secret(r, SLICE("s3cret-w0rd"));
    report_secret(r, SLICE("password")); /* a word like any other */
    report_secret(r, SLICE_EMPTY);
    report_fault(r, "smtp", STATE_CRITICAL, &quoting);
    report_line(r, 0, "banner: %s", "hello s3cret-w0rd");
    report_transcript(r,
                      SLICE("0.1 smtp S: 550 s3cret-w0rd\n0.2 smtp C: QUIT\n0.3 smtp S: 221 s3cret-w0rd\n"));
    struct buffer out = render(r);
    assert_null(strstr(buffer_text(&out), "s3cret"));
    assert_non_null(strstr(buffer_text(&out), "RCPT refused: 550 *** is no password here"));
    assert_non_null(strstr(buffer_text(&out), "\nbanner: hello ***\n"));
    assert_non_null(
        strstr(buffer_text(&out), "\n0.1 smtp S: 550 ***\n0.2 smtp C: QUIT\n0.3 smtp S: 221 ***\n"));
    buffer_clear(&out);
    report_free(&r);
}

static void test_secrets_in_json(void **state)
{
    struct report *r = report_new("check_x", "X");
    (void)state;

    report_options(r, OUTPUT_JSON, 0, NULL);
    report_secret(r, SLICE("s3cret-w0rd"));
    report_summary(r, "landed in %s", "s3cret-w0rd");
    report_json(r, "message",
                json_pack("{s:[{s:s}], s:s}", "hops", "by", "mx.s3cret-w0rd.example", "folder", "a b"));
    struct buffer out = render(r);
    assert_null(strstr(buffer_text(&out), "s3cret"));
    assert_non_null(strstr(buffer_text(&out), "landed in ***\""));
    assert_non_null(
        strstr(buffer_text(&out), "\"message\":{\"hops\":[{\"by\":\"***\"}],\"folder\":\"a b\"}"));
    buffer_clear(&out);
    report_free(&r);
}

static void test_json(void **state)
{
    struct report *r = report_new("check_mail_roundtrip", "MAIL ROUNDTRIP");
    struct thresholds t = {.main_metric = "total"};
    (void)state;

    threshold_default(&t, "total", "60", "300");
    threshold_default(&t, "smtp_auth", "0.001", NULL);
    report_options(r, OUTPUT_JSON, 0, &t);
    report_metric(r, "total", 1.2040000001, true);
    report_metric(r, "smtp_auth", 0.00425, false);
    report_metric(r, "cert_days", 41, true);
    report_metric(r, "tls", 0.21299999999999999, false);
    report_stage(r, "smtp", "auth", 9, STATE_CRITICAL);
    report_stage(r, "smtp", "auth", 0.00425, STATE_OK); /* again: the last */
    report_stage(r, "", "tls", 0.25, STATE_OK);
    report_fault(r, "smtp", STATE_CRITICAL, &refused);
    report_summary(r, "sent");
    report_json(r, "message",
                json_pack("{s:s,s:n,s:[f,n,{s:n}],s:i}", "folder", "INBOX", "none", "delays", 0.1 + 0.2, "x",
                          "uid", 7));
    report_json(r, "state", json_integer(99));
    report_json(r, "nothing", json_null());
    report_json(r, "ignored", NULL);
    struct buffer out = render(r);
    const char *after = strstr(buffer_text(&out), ",\"metrics\"");
    assert_non_null(after);
    assert_string_equal(
        after,
        ",\"metrics\":{\"total\":{\"value\":1.204,\"uom\":\"s\",\"warn\":\"60\",\"crit\":\"300\"},"
        "\"smtp_auth\":{\"value\":0.00425,\"uom\":\"s\",\"warn\":\"0.001\"},\"cert_days\":{\"value\":41},"
        "\"tls\":{\"value\":0.213,\"uom\":\"s\"}},"
        "\"stages\":[{\"side\":\"smtp\",\"name\":\"auth\",\"seconds\":0.00425,\"state\":1},"
        "{\"name\":\"tls\",\"seconds\":0.25,\"state\":0}],"
        "\"faults\":[{\"state\":2,\"side\":\"smtp\",\"stage\":\"auth\",\"class\":\"auth_credentials\","
        "\"code\":535,"
        "\"enhanced\":\"5.7.8\",\"text\":\"AUTH refused: 535 5.7.8 Username and Password not accepted\","
        "\"advice\":\"check the user name and the password or app password\"},"
        "{\"state\":1,\"side\":\"smtp\",\"stage\":\"auth\",\"class\":\"threshold\","
        "\"text\":\"smtp_auth took 0.004 s (warning above 0.001)\"}],"
        "\"message\":{\"folder\":\"INBOX\",\"delays\":[0.3,{}],\"uid\":7}}\n");
    buffer_clear(&out);
    json_t *root = render_object(&r);
    assert_int_equal(json_integer_value(json_object_get(root, "schema")), 1);
    assert_int_equal(json_integer_value(json_object_get(root, "state")), 2);
    assert_string_equal(json_string_value(json_object_get(root, "check")), "check_mail_roundtrip");
    assert_string_equal(json_string_value(json_object_get(root, "state_text")), "CRITICAL");
    assert_string_equal(
        json_string_value(json_object_get(root, "summary")),
        "AUTH refused: 535 5.7.8 Username and Password not accepted (check the user name and the password "
        "or app password); smtp_auth took 0.004 s (warning above 0.001); sent");
    assert_true(json_integer_value(json_object_get(root, "timestamp")) > 1600000000);
    assert_true(json_is_string(json_object_get(root, "version")));
    json_decref(root);
}

static void test_json_has_only_what_it_knows(void **state)
{
    struct report *r = report_new("check_x", "X");
    (void)state;

    report_options(r, OUTPUT_JSON, 0, NULL);
    report_line(r, 0, "a line");
    report_transcript(r, SLICE("a line"));
    json_t *root = render_object(&r);
    static const char *const absent[] = {"stages", "faults", "details", "transcript"};
    for (size_t i = 0; i < COUNT_OF(absent); i++)
        CHECK_ROW(absent[i], json_object_get(root, absent[i]) == NULL);
    assert_int_equal(json_object_size(json_object_get(root, "metrics")), 0);
    assert_true(json_is_object(json_object_get(root, "metrics")));
    json_decref(root);
}

static void test_json_details(void **state)
{
    struct report *r = report_new("check_x", "X");
    (void)state;

    report_options(r, OUTPUT_JSON, 3, NULL);
    report_line(r, 0, "one");
    report_line(r, 2, "two");
    report_line(r, 4, "never");
    report_transcript(r, SLICE("C: a\nS: b\n"));
    json_t *root = render_object(&r), *details = json_object_get(root, "details");
    json_t *transcript = json_object_get(root, "transcript");
    assert_int_equal(json_array_size(details), 2);
    assert_string_equal(json_string_value(json_array_get(details, 1)), "two");
    assert_int_equal(json_array_size(transcript), 2);
    assert_string_equal(json_string_value(json_array_get(transcript, 1)), "S: b");
    json_decref(root);
}

static void test_openmetrics(void **state)
{
    struct report *r = report_new("check_mail_roundtrip", "MAIL ROUNDTRIP");
    (void)state;

    report_options(r, OUTPUT_OPENMETRICS, 0, NULL);
    report_service(r, "a \"quoted\" \\ name");
    report_metric(r, "smtp_connect", 0.25, true);
    report_metric(r, "cert_days", 2, true);
    report_metric(r, "imap_connect", 0.5, true);
    report_metric(r, "smtp_auth", 0.125, false);
    report_metric(r, "loss", 2.5, true);
    report_stage(r, "smtp", "auth", 0.125, STATE_OK);
    report_fault(r, "smtp", STATE_CRITICAL, &refused);
    report_fault(r, "smtp", STATE_WARNING, &refused);
    struct buffer out = render(r);
    const char *text = buffer_text(&out);
#define LABELS "{check=\"check_mail_roundtrip\",service=\"a \\\"quoted\\\" \\\\ name\""
    static const char *const lines[] = {
        "\n# TYPE mailproof_state gauge\nmailproof_state" LABELS "} 2\n",
        "\nmailproof_fault_state" LABELS
        ",class=\"auth_credentials\",side=\"smtp\",stage=\"auth\"} 2\n# HELP",
        "\nmailproof_stage_seconds" LABELS ",side=\"smtp\",stage=\"auth\"} 0.125\n# HELP",
        "\nmailproof_connect_seconds" LABELS ",side=\"smtp\"} 0.25\nmailproof_connect_seconds" LABELS
        ",side=\"imap\"} 0.5\n# HELP",
        "\nmailproof_cert_expiry_seconds" LABELS "} 172800\n",
        "\nmailproof_loss_ratio" LABELS "} 0.025\n",
        "\nmailproof_last_run_timestamp_seconds" LABELS "} 1",
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        CHECK_ROW(lines[i], strstr(text, lines[i]) != NULL);
    assert_string_equal(out.data + out.len - 6, "# EOF\n");
    buffer_clear(&out);
    report_free(&r);
}

static void test_openmetrics_steps_without_stages(void **state)
{
    struct report *r = report_new("check_x", "X");
    (void)state;

    report_options(r, OUTPUT_OPENMETRICS, 0, NULL);
    report_metric(r, "cert_days", 9e14, true); /* too many seconds to be written */
    struct buffer out = render(r);
    assert_null(strstr(buffer_text(&out), "mailproof_stage_seconds"));
    assert_null(strstr(buffer_text(&out), "mailproof_cert_expiry_seconds{"));
    buffer_clear(&out);
    report_metric(r, "smtp_auth", 0.5, true);
    out = render(r);
    assert_non_null(
        strstr(buffer_text(&out),
               "\nmailproof_stage_seconds{check=\"check_x\",side=\"smtp\",stage=\"auth\"} 0.5\n"));
    buffer_clear(&out);
    report_free(&r);
}

static void test_render_says_when_there_is_no_room(void **state)
{
    static const enum output outputs[] = {OUTPUT_NAGIOS, OUTPUT_JSON, OUTPUT_OPENMETRICS};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(outputs); i++) {
        struct report *r = report_new("check_x", "X");
        report_options(r, outputs[i], 1, NULL);
        report_fault(r, "smtp", STATE_CRITICAL, &refused);
        report_metric(r, "connect", 0.5, true);
        report_line(r, 0, "a line");
        struct buffer whole = render(r);
        /* the time stamp of OpenMetrics has up to seven bytes less or more */
        for (size_t max = 0; max < whole.len - 7; max++) {
            struct buffer out = BUFFER_INIT(max);
            assert_false(report_render(r, &out));
            buffer_clear(&out);
        }
        buffer_clear(&whole);
        report_free(&r);
    }
}

/* What report_finish writes to that descriptor (-1: closed) and returns, in a process of its own. */
static int finish_in_child(int fd, enum state state)
{
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        struct report *r = report_new("check_x", "X");
        struct err err = {.kind = FAULT_LATE, .text = "late"};
        signal(SIGPIPE, SIG_DFL);
        if (state != STATE_OK)
            report_fault(r, "", state, &err);
        report_line(r, 0, "a line");
        if (fd < 0)
            close(STDOUT_FILENO);
        else
            dup2(fd, STDOUT_FILENO);
        int code = report_finish(&r);
        _exit(r == NULL ? code : 99);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_finish_prints(void **state)
{
    int ends[2];
    char out[200] = "";
    (void)state;

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(finish_in_child(ends[1], STATE_WARNING), STATE_WARNING);
    assert_true(read(ends[0], out, sizeof out - 1) > 0);
    assert_string_equal(out, "X WARNING - late (look where the message waits: the hops tell)\na line\n");
    assert_int_equal(finish_in_child(ends[1], STATE_OK), STATE_OK);
    close(ends[0]);
    assert_int_equal(finish_in_child(ends[1], STATE_OK), STATE_UNKNOWN); /* EPIPE */
    close(ends[1]);
}

static void test_finish_when_stdout_fails(void **state)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    (void)state;

    assert_int_equal(finish_in_child(-1, STATE_CRITICAL), STATE_UNKNOWN); /* EBADF */
    if (full >= 0)
        assert_int_equal(finish_in_child(full, STATE_OK), STATE_UNKNOWN); /* ENOSPC */
    close(full);
}

static void test_finish_waits_for_a_full_pipe_only_so_long(void **state)
{
    int ends[2];
    char block[4096];
    (void)state;

    memset(block, 'x', sizeof block);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    while (write(ends[1], block, sizeof block) > 0)
        continue;
    assert_int_equal(finish_in_child(ends[1], STATE_OK), STATE_UNKNOWN);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ok),
        cmocka_unit_test(test_nothing_was_said),
        cmocka_unit_test(test_one_fault),
        cmocka_unit_test(test_several_faults),
        cmocka_unit_test(test_threshold_stands_behind_what_failed),
        cmocka_unit_test(test_fault_that_counts_as_ok),
        cmocka_unit_test(test_thresholds_in_words),
        cmocka_unit_test(test_what_is_no_number_is_left_out),
        cmocka_unit_test(test_hostile_texts),
        cmocka_unit_test(test_line_is_cut_so_that_perfdata_fits),
        cmocka_unit_test(test_long_output_is_bounded),
        cmocka_unit_test(test_default_output_stays_below_16_kib),
        cmocka_unit_test(test_worst_faults_are_kept),
        cmocka_unit_test(test_transcript),
        cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_secrets_in_json),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_json_has_only_what_it_knows),
        cmocka_unit_test(test_json_details),
        cmocka_unit_test(test_openmetrics),
        cmocka_unit_test(test_openmetrics_steps_without_stages),
        cmocka_unit_test(test_render_says_when_there_is_no_room),
        cmocka_unit_test(test_finish_prints),
        cmocka_unit_test(test_finish_when_stdout_fails),
        cmocka_unit_test(test_finish_waits_for_a_full_pipe_only_so_long),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
