/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <locale.h>
#include <math.h>

#include "common/monitor/decimal.h"
#include "common/monitor/metric.h"
#include "common/monitor/threshold.h"

/* Which of these values alert: Perl's Monitoring::Plugin::Range 0.40 says the same of every row. */
static const double probes[] = {-100, -10.5, -10, -5, -1, 0, 0.1, 1, 9.99, 10, 10.01, 15, 20, 20.5, 1000};

static void test_range_alerts(void **state)
{
    static const struct {
        const char *text, *canonical;
        const char *alerts; /* '1' for each probe that does */
    } rows[] = {
        {"10", "10", "111110000011111"},         {"0:10", "10", "111110000011111"},
        {":10", "10", "111110000011111"},        {"10:", "10:", "111111111000000"},
        {"0:", "0:", "111110000000000"},         {"~:10", "~:10", "000000000011111"},
        {"~:", "~:", "000000000000000"},         {"~:-5", "~:-5", "000011111111111"},
        {"10:20", "10:20", "111111111000011"},   {"10:10", "10:10", "111111111011111"},
        {"-10:10", "-10:10", "110000000011111"}, {"-10:-5", "-10:-5", "110011111111111"},
        {"-5:", "-5:", "111000000000000"},       {"@10:20", "@10:20", "000000000111100"},
        {"@10", "@10", "000001111100000"},       {"@10:", "@10:", "000000000111111"},
        {"@~:10", "@~:10", "111111111100000"},   {"@~:", "@~:", "111111111111111"},
        {"@0:0", "@0", "000001000000000"},       {"0", "0", "111110111111111"},
        {"0.1", "0.1", "111110011111111"},       {".1", "0.1", "111110011111111"},
        {"10.", "10", "111110000011111"},        {"010", "10", "111110000011111"},
        {"+10", "10", "111110000011111"},        {"-0", "0", "111110111111111"},
        {"1e1", "10", "111110000011111"},        {"1e-1:2e1", "0.1:20", "111111000000011"},
        {"0.0000001", "0", "111110111111111"},   {"999999999999999", "999999999999999", "111110000000000"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct range range, again;
        CHECK_ROW(rows[i].text, range_parse(&range, rows[i].text, false));
        CHECK_ROW_TEXT(rows[i].text, range.text, rows[i].canonical);
        for (size_t k = 0; k < COUNT_OF(probes); k++)
            if (range_alerts(&range, probes[k]) != (rows[i].alerts[k] == '1'))
                fail_msg("row \"%s\": %g", rows[i].text, probes[k]);
        CHECK_ROW(rows[i].text, range_parse(&again, range.text, false));
        CHECK_ROW(rows[i].text,
                  again.start == range.start && again.end == range.end && again.inside == range.inside);
    }
}

static void test_range_refuses(void **state)
{
    static const char *const rows[] = {"",
                                       ":",
                                       "~",
                                       "@",
                                       "@:",
                                       "@~",
                                       "20:10",
                                       "@20:10",
                                       "10:~",
                                       "~:~",
                                       "~10",
                                       "-10",
                                       ":-1",
                                       "10:20:",
                                       "::",
                                       "10:20:30",
                                       "10x",
                                       "x10",
                                       "10 ",
                                       " 10",
                                       "10: 20",
                                       "1,5",
                                       "1.2.3",
                                       ".",
                                       "-",
                                       "--1",
                                       "+-1",
                                       "1e",
                                       "e1",
                                       "1e1.5",
                                       "1e999",
                                       "0x10",
                                       "inf",
                                       "-inf:",
                                       "nan",
                                       "10\n",
                                       "@@10",
                                       "10@20",
                                       "~~:10",
                                       "10;20",
                                       "10|20",
                                       "1e15",
                                       "1000000000000000",
                                       "60s",
                                       "10:60s",
                                       "5m",
                                       "1_0",
                                       "\xd9\xa1",
                                       "10%",
                                       "infinity"};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct range range = {.set = false, .end = 42};
        CHECK_ROW(rows[i], !range_parse(&range, rows[i], false));
        CHECK_ROW(rows[i], !range.set && range.end == 42);
    }
}

static void test_range_of_seconds(void **state)
{
    static const struct {
        const char *text, *canonical; /* NULL: refused */
    } rows[] = {
        {"60s", "60"},         {"5m", "300"},         {"2h", "7200"},          {"1d", "86400"},
        {"1.5m", "90"},        {"60", "60"},          {"10s:5m", "10:300"},    {"~:5m", "~:300"},
        {"@1m:2m", "@60:120"}, {"0.0005s", "0.0005"}, {"-1m:1m", "-60:60"},    {"1h:", "3600:"},
        {"5ms", NULL},         {"s", NULL},           {"1h30m", NULL},         {"5M", NULL},
        {"5 m", NULL},         {"m5", NULL},          {"10m:5m", NULL},        {"~s:5", NULL},
        {"60s:5s", NULL},      {"1w", NULL},          {"999999999999d", NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct range range;
        bool ok = range_parse(&range, rows[i].text, true);
        CHECK_ROW(rows[i].text, ok == (rows[i].canonical != NULL));
        if (ok)
            CHECK_ROW_TEXT(rows[i].text, range.text, rows[i].canonical);
    }
}

static void test_range_off(void **state)
{
    struct range range = {.set = false};
    (void)state;

    assert_true(range_off(&range));
    assert_false(range_alerts(&range, 5));
    assert_true(range_parse(&range, "~:", false) && range_off(&range));
    assert_true(range_parse(&range, "@~:", false) && !range_off(&range));
    assert_true(range_parse(&range, "10", false) && !range_off(&range));
}

static void test_decimal(void **state)
{
    static const struct {
        double value;
        int places;
        bool trim;
        const char *text;
    } rows[] = {
        {0, 6, false, "0.000000"},
        {0.213, 6, false, "0.213000"},
        {0.0000004, 6, false, "0.000000"},
        {-0.0000004, 6, false, "0.000000"},
        {0.9999999, 6, false, "1.000000"},
        {1.9996, 3, false, "2.000"},
        {-1.5, 6, true, "-1.5"},
        {100, 6, true, "100"},
        {41.25, 0, true, "41"},
        {0.1 + 0.2, 6, true, "0.3"},
        {1e-6, 6, true, "0.000001"},
        {1790000000.25, 6, true, "1790000000.25"},
        {999999999999999, 6, true, "999999999999999"},
        {-999999999999999, 6, false, "-999999999999999.000000"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[DECIMAL_SIZE];
        decimal_text(out, rows[i].value, rows[i].places, rows[i].trim);
        CHECK_ROW_TEXT(rows[i].text, out, rows[i].text);
    }
    assert_false(decimal_fits((double)NAN));
    assert_false(decimal_fits((double)INFINITY));
    assert_false(decimal_fits(-1e15));
    assert_true(decimal_fits(-9e14));
}

/* Where no locale with a comma is installed, there is nothing that could go wrong. */
static void test_locale(void **state)
{
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ps_AF.UTF-8"};
    size_t i = 0;
    (void)state;

    while (i < COUNT_OF(locales) && setlocale(LC_ALL, locales[i]) == NULL)
        i++;
    if (i == COUNT_OF(locales))
        skip();
    struct range range;
    char out[DECIMAL_SIZE];
    bool ok = range_parse(&range, "1.5:2.5", false), comma = range_parse(&range, "1,5", false);
    decimal_text(out, 0.25, 6, false);
    setlocale(LC_ALL, "C");
    assert_true(ok);
    assert_false(comma);
    assert_string_equal(range.text, "1.5:2.5");
    assert_string_equal(out, "0.250000");
}

static const char *const known[] = {"connect", "auth", "cert_days", "total", "smtp_auth", NULL};

static void test_threshold_option(void **state)
{
    static const struct {
        const char *text, *metric, *canonical; /* metric NULL: refused */
    } rows[] = {
        {"5", "total", "5"},
        {"5m", "total", "300"},
        {"@1:2", "total", "@1:2"},
        {"auth=2", "auth", "2"},
        {"auth=2s", "auth", "2"},
        {"smtp_auth=1m", "smtp_auth", "60"},
        {"cert_days=14:", "cert_days", "14:"},
        {"connect=~:", "connect", "~:"},
        {"cert_days=14d:", NULL, NULL},
        {"dns=1", NULL, NULL},
        {"AUTH=1", NULL, NULL},
        {"auth=", NULL, NULL},
        {"=1", NULL, NULL},
        {"", NULL, NULL},
        {"auth==1", NULL, NULL},
        {"auth =1", NULL, NULL},
        {"auth=1,connect=2", NULL, NULL},
        {"averyveryverylongnameofametric=1", NULL, NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (int critical = 0; critical < 2; critical++) {
            struct thresholds t = {.main_metric = "total"};
            struct err err = ERR_NONE;
            bool ok = threshold_option(&t, critical, rows[i].text, known, &err);
            CHECK_ROW(rows[i].text, ok == (rows[i].metric != NULL));
            if (!ok) {
                CHECK_ROW(rows[i].text, err.kind == FAULT_USAGE);
                CHECK_ROW(rows[i].text, strstr(err.text, critical ? "--critical" : "--warning") != NULL);
                continue;
            }
            const struct threshold *found = threshold_find(&t, rows[i].metric);
            CHECK_ROW(rows[i].text, found != NULL && t.count == 1);
            CHECK_ROW_TEXT(rows[i].text, (critical ? found->critical : found->warning).text,
                           rows[i].canonical);
            CHECK_ROW(rows[i].text, found->given_critical == critical && found->given_warning != critical);
            CHECK_ROW(rows[i].text, !(critical ? found->warning : found->critical).set);
        }
    }
}

static void test_threshold_errors_tell_what_is_taken(void **state)
{
    struct thresholds t = {.main_metric = NULL};
    struct err err;
    char huge[5000];
    (void)state;

    assert_false(threshold_option(&t, false, "foo=1", known, &err));
    assert_string_equal(err.text,
                        "--warning takes [METRIC=]RANGE, not \"foo=1\"; the metrics are: connect auth "
                        "cert_days total smtp_auth");
    assert_false(threshold_option(&t, true, "auth=20:10", known, &err));
    assert_string_equal(err.text,
                        "--critical=auth=20:10: a RANGE is 10, 10:, ~:10, 10:20 or @10:20 (inside), ~: for "
                        "never; seconds, or with s, m, h or d");
    assert_false(threshold_option(&t, true, "5", known, &err)); /* no main metric */
    memset(huge, '9', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    t.main_metric = "total";
    assert_false(threshold_option(&t, true, huge, known, &err));
    assert_non_null(strstr(err.text, "a RANGE is 10"));
}

static void test_threshold_sides_and_defaults(void **state)
{
    struct thresholds t = {.main_metric = "total"};
    struct err err;
    (void)state;

    threshold_default(&t, "cert_days", "14:", "7:");
    assert_true(threshold_option(&t, false, "cert_days=30:", known, &err));
    assert_true(threshold_option(&t, false, "auth=1", known, &err));
    assert_true(threshold_option(&t, false, "auth=3", known, &err)); /* the last counts */
    threshold_default(&t, "auth", "2", "9");                         /* too late for the warning */
    const struct threshold *cert = threshold_find(&t, "cert_days"), *auth = threshold_find(&t, "auth");
    assert_string_equal(cert->warning.text, "30:");
    assert_string_equal(cert->critical.text, "7:");
    assert_true(cert->given_warning && !cert->given_critical);
    assert_string_equal(auth->warning.text, "3");
    assert_string_equal(auth->critical.text, "9");
    assert_null(threshold_find(&t, "connect"));
    threshold_default(&t, "connect", "2m", NULL);
    assert_string_equal(threshold_find(&t, "connect")->warning.text, "120");
    assert_false(threshold_find(&t, "connect")->critical.set);
}

static void test_threshold_table_is_bounded(void **state)
{
    struct thresholds t = {.main_metric = NULL};
    struct err err;
    char name[METRIC_NAME_MAX], option[METRIC_NAME_MAX + 2];
    (void)state;

    for (int i = 0; i < THRESHOLDS_MAX; i++) {
        snprintf(name, sizeof name, "m%d", i);
        threshold_default(&t, name, "1", NULL);
    }
    assert_int_equal(t.count, THRESHOLDS_MAX);
    snprintf(option, sizeof option, "%s=5", name);
    assert_true(threshold_option(&t, true, option, (const char *const[]){name, NULL}, &err));
    assert_false(threshold_option(&t, true, "auth=5", known, &err));
    threshold_default(&t, "one_more", "1", NULL);
    assert_int_equal(t.count, THRESHOLDS_MAX);
}

static void test_state_worst(void **state)
{
    static const enum state order[] = {STATE_CRITICAL, STATE_UNKNOWN, STATE_WARNING, STATE_OK};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(order); i++)
        for (size_t k = 0; k < COUNT_OF(order); k++)
            assert_int_equal(state_worst(order[i], order[k]), order[i < k ? i : k]);
}

static void test_state_parse(void **state)
{
    static const struct {
        const char *text;
        int state; /* -1: refused */
    } rows[] = {
        {"ok", 0},   {"OK", 0},  {"Warning", 1},    {"critical", 2}, {"UNKNOWN", 3}, {"0", 0},
        {"1", 1},    {"2", 2},   {"3", 3},          {"4", -1},       {"", -1},       {"warn", -1},
        {"ok ", -1}, {"-1", -1}, {"critical2", -1}, {"00", -1},      {"none", -1},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        enum state parsed;
        bool ok = state_parse(rows[i].text, &parsed);
        CHECK_ROW(rows[i].text, ok == (rows[i].state >= 0));
        CHECK_ROW(rows[i].text, !ok || (int)parsed == rows[i].state);
    }
}

static void test_state_of_fault(void **state)
{
    static const char unknown[] = " usage config internal interrupted lookup state ";
    static const char warning[] =
        " greylisted rate_limited auth_throttled late duplicate cleanup disagreement mx_fallback ";
    static const enum fault kinds[] = {
#define X(kind, word, advice) FAULT_##kind,
        FAULTS(X)
#undef X
    };
    (void)state;

    assert_int_equal(state_of_fault(FAULT_NONE), STATE_OK);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        char word[40];
        snprintf(word, sizeof word, " %s ", fault_class(kinds[i]));
        enum state wanted = strstr(unknown, word) != NULL   ? STATE_UNKNOWN
                            : strstr(warning, word) != NULL ? STATE_WARNING
                                                            : STATE_CRITICAL;
        CHECK_ROW(word, state_of_fault(kinds[i]) == wanted);
    }
}

static void test_metric_find(void **state)
{
    static const struct {
        const char *name, *uom, *side; /* uom NULL: there is none */
    } rows[] = {
        {"auth", "s", ""},
        {"smtp_auth", "s", "smtp"},
        {"imap_login", "s", "imap"},
        {"pop3_login", "s", "pop3"},
        {"cert_days", "", ""},
        {"loss", "%", ""},
        {"placed", "%", ""},
        {"in_flight", "", ""},
        {"in_flight_age", "s", ""},
        {"smtp_", NULL, "smtp"},
        {"", NULL, ""},
        {"smtp", NULL, ""},
        {"http_auth", NULL, ""},
        {"Auth", NULL, ""},
        {"smtp_smtp_auth", NULL, "smtp"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct metric *m = metric_find(rows[i].name);
        CHECK_ROW(rows[i].name, (m != NULL) == (rows[i].uom != NULL));
        if (m != NULL)
            CHECK_ROW_TEXT(rows[i].name, m->uom, rows[i].uom);
        CHECK_ROW(rows[i].name, slice_eq(metric_side(rows[i].name), slice_from(rows[i].side)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_range_alerts),
        cmocka_unit_test(test_range_refuses),
        cmocka_unit_test(test_range_of_seconds),
        cmocka_unit_test(test_range_off),
        cmocka_unit_test(test_decimal),
        cmocka_unit_test(test_locale),
        cmocka_unit_test(test_threshold_option),
        cmocka_unit_test(test_threshold_errors_tell_what_is_taken),
        cmocka_unit_test(test_threshold_sides_and_defaults),
        cmocka_unit_test(test_threshold_table_is_bounded),
        cmocka_unit_test(test_state_worst),
        cmocka_unit_test(test_state_parse),
        cmocka_unit_test(test_state_of_fault),
        cmocka_unit_test(test_metric_find),
    };
    return cmocka_run_group_tests_name("threshold", tests, NULL, NULL);
}
