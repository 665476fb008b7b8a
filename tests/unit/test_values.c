/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <math.h>

#include "common/cli/common_options.h"
#include "common/cli/values.h"

static void test_not_given(void **state)
{
    double seconds = 7;
    enum state outcome = STATE_WARNING;
    struct range range = {.set = true, .end = 3};
    int index = 5;
    struct err err;
    (void)state;

    assert_true(value_duration("x", NULL, &seconds, &err) && seconds == 7.0);
    assert_true(value_duration_state("x", NULL, &seconds, &outcome, &err) && seconds == 7.0 &&
                outcome == STATE_WARNING);
    assert_true(value_state("x", NULL, &outcome, &err) && outcome == STATE_WARNING);
    assert_true(value_range("x", NULL, &range, &err) && range.set && range.end == 3.0);
    assert_true(value_word("x", NULL, (const char *const[]){"a", NULL}, &index, &err) && index == 5);
}

static void test_timeouts(void **state)
{
    static const struct {
        const char *text;
        double seconds; /* < 0: refused */
        enum state outcome;
    } rows[] = {
        {"30", 30, STATE_CRITICAL},
        {"2m", 120, STATE_CRITICAL},
        {"0.5", 0.5, STATE_CRITICAL},
        {"30s:warning", 30, STATE_WARNING},
        {"1h:OK", 3600, STATE_OK},
        {"5:unknown", 5, STATE_UNKNOWN},
        {"5:critical", 5, STATE_CRITICAL},
        {"5:1", 5, STATE_WARNING},
        {"", -1, 0},
        {"0", -1, 0},
        {"0:warning", -1, 0},
        {"5:", -1, 0},
        {":warning", -1, 0},
        {"5:warn", -1, 0},
        {"5:warning:ok", -1, 0},
        {"-5", -1, 0},
        {"5 ", -1, 0},
        {"5s s", -1, 0},
        {"1000000000000000000000000000000000000000000", -1, 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        double seconds = -1;
        enum state outcome = STATE_CRITICAL;
        struct err err = ERR_NONE;
        bool ok = value_duration_state("timeout", rows[i].text, &seconds, &outcome, &err);
        CHECK_ROW(rows[i].text, ok == (rows[i].seconds >= 0));
        CHECK_ROW(rows[i].text,
                  !ok || (fabs(seconds - rows[i].seconds) < 1e-9 && outcome == rows[i].outcome));
        CHECK_ROW(rows[i].text,
                  ok || (err.kind == FAULT_USAGE && strstr(err.text, "--timeout takes") == err.text));
    }
}

static void test_refusals_name_option_and_choice(void **state)
{
    static const char *const words[] = {"connect", "tls", "auth", NULL};
    double seconds;
    enum state outcome;
    struct range range;
    int index;
    struct err err;
    (void)state;

    assert_false(value_duration("wait", "5 minutes", &seconds, &err));
    assert_string_equal(err.text,
                        "--wait takes a duration such as 90, 1.5s, 5m, 2h or 1d, not \"5 minutes\"");
    assert_false(value_state("spam-state", "bad", &outcome, &err));
    assert_string_equal(err.text, "--spam-state takes ok, warning, critical or unknown, not \"bad\"");
    assert_false(value_range("expect", "5:1", &range, &err));
    assert_string_equal(err.text,
                        "--expect takes a range such as 10, 10:, ~:10, 10:20 or @10:20, not \"5:1\"");
    assert_false(value_word("stop-after", "con", words, &index, &err));
    assert_string_equal(err.text, "--stop-after takes connect, tls or auth, not \"con\"");
    assert_true(value_word("stop-after", "tls", words, &index, &err) && index == 1);
}

static void test_folders(void **state)
{
    static const struct {
        const char *text, *name; /* name NULL: refused */
        enum state outcome;
    } rows[] = {
        {"INBOX", "INBOX", STATE_OK},
        {"Junk=warning", "Junk", STATE_WARNING},
        {"a b=CRITICAL", "a b", STATE_CRITICAL},
        {"a=b=ok", "a=b", STATE_OK},
        {"a==unknown", "a=", STATE_UNKNOWN},
        {"\"x\"/\xc3\xbc", "\"x\"/\xc3\xbc", STATE_OK},
        {"a=b", NULL, 0},
        {"a=", NULL, 0},
        {"=ok", NULL, 0},
        {"=", NULL, 0},
        {"a= ok", NULL, 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[64];
        enum state outcome = STATE_OK;
        struct err err = ERR_NONE;
        strcpy(text, rows[i].text);
        bool ok = value_folder("folder", text, &outcome, &err);
        CHECK_ROW(rows[i].text, ok == (rows[i].name != NULL));
        if (ok)
            CHECK_ROW_TEXT(rows[i].text, text, rows[i].name);
        CHECK_ROW(rows[i].text, !ok || outcome == rows[i].outcome);
        CHECK_ROW(rows[i].text, ok || strstr(err.text, "--folder takes NAME[=STATE]") == err.text);
    }
}

static void test_headers(void **state)
{
    static const struct {
        const char *text, *name, *value; /* name NULL: refused */
    } rows[] = {
        {"List-Id:news", "List-Id", "news"},
        {"List-Id: news", "List-Id", "news"},
        {"X : a: b, c", "X", "a: b, c"},
        {"X:", NULL, NULL},
        {"X: ", NULL, NULL},
        {":x", NULL, NULL},
        {" X:a", NULL, NULL},
        {"X Y:a", NULL, NULL},
        {"X", NULL, NULL},
        {"X ", NULL, NULL},
        {"", NULL, NULL},
        {"\xc3\xbc:a", NULL, NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[64];
        const char *name, *value;
        struct err err = ERR_NONE;
        strcpy(text, rows[i].text);
        bool ok = value_header("match-header", text, &name, &value, &err);
        CHECK_ROW(rows[i].text, ok == (rows[i].name != NULL));
        if (!ok)
            continue;
        CHECK_ROW_TEXT(rows[i].text, name, rows[i].name);
        CHECK_ROW_TEXT(rows[i].text, value, rows[i].value);
    }
}

/* ---- the common options ---- */

static const char *const metrics[] = {"total", "auth", "connect", NULL};

static void test_common_options(void **state)
{
    char file_auth[] = "auth=1", main_metric[] = "5", line_auth[] = "auth=2";
    char *warning[] = {file_auth, main_metric}, *critical[] = {line_auth};
    const struct common_args args = {.warning = warning,
                                     .warning_count = 2,
                                     .critical = critical,
                                     .critical_count = 1,
                                     .timeout = "20:warning",
                                     .resolver = "[::1]:5353",
                                     .output = "json",
                                     .service = "relay",
                                     .verbose = 7};
    struct common_options options = COMMON_OPTIONS_INIT("total");
    struct err err;
    (void)state;

    assert_true(common_options_read(&options, &args, metrics, &err));
    assert_int_equal(options.output, OUTPUT_JSON);
    assert_int_equal(options.verbosity, 3);
    assert_string_equal(options.resolver, "[::1]:5353");
    assert_string_equal(options.service, "relay");
    assert_true(options.timeout_given && options.timeout_s == 20.0 && options.timeout_state == STATE_WARNING);
    const struct threshold *auth = threshold_find(&options.thresholds, "auth");
    assert_true(auth != NULL && auth->warning.end == 1.0 && auth->critical.end == 2.0);
    const struct threshold *total = threshold_find(&options.thresholds, "total");
    assert_true(total != NULL && total->warning.end == 5.0 && !total->critical.set);
}

static void test_common_options_by_default(void **state)
{
    const struct common_args args = {0};
    struct common_options options = COMMON_OPTIONS_INIT("age");
    struct err err;
    (void)state;

    assert_true(common_options_read(&options, &args, metrics, &err));
    assert_true(options.output == OUTPUT_NAGIOS && options.verbosity == 0);
    assert_true(options.resolver == NULL && options.service == NULL);
    assert_true(!options.timeout_given && options.timeout_s == 10.0 &&
                options.timeout_state == STATE_CRITICAL);
}

static void test_common_options_refused(void **state)
{
    char unknown[] = "speed=1", range[] = "auth=x", empty[] = "auth=";
    char *with_unknown[] = {unknown}, *with_range[] = {range}, *with_empty[] = {empty};
    const struct {
        const char *name;
        struct common_args args;
        const char *text; /* how it begins */
    } rows[] = {
        {"output", {.output = "xml"}, "--output takes nagios, json or openmetrics, not \"xml\""},
        {"output prefix", {.output = "js"}, "--output takes"},
        {"timeout", {.timeout = "soon"}, "--timeout takes"},
        {"resolver by name", {.resolver = "dns.example"}, "--resolver takes ADDRESS[:PORT]"},
        {"resolver port", {.resolver = "192.0.2.1:0"}, "--resolver takes"},
        {"warning metric", {.warning = with_unknown, .warning_count = 1}, "--warning"},
        {"warning range", {.warning = with_range, .warning_count = 1}, "--warning"},
        {"critical metric", {.critical = with_unknown, .critical_count = 1}, "--critical"},
        {"critical range", {.critical = with_empty, .critical_count = 1}, "--critical"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct common_options options = COMMON_OPTIONS_INIT("total");
        struct err err = ERR_NONE;
        CHECK_ROW(rows[i].name, !common_options_read(&options, &rows[i].args, metrics, &err));
        if (strstr(err.text, rows[i].text) == NULL)
            CHECK_ROW_TEXT(rows[i].name, err.text, rows[i].text);
        CHECK_ROW(rows[i].name, err.kind == FAULT_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_not_given),
        cmocka_unit_test(test_timeouts),
        cmocka_unit_test(test_refusals_name_option_and_choice),
        cmocka_unit_test(test_folders),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_common_options),
        cmocka_unit_test(test_common_options_by_default),
        cmocka_unit_test(test_common_options_refused),
    };

    return cmocka_run_group_tests_name("option values", tests, NULL, NULL);
}
