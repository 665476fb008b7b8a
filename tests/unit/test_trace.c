/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <jansson.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/monitor/report.h"

static const struct secrets none;

static struct timespec at(double seconds)
{
    return (struct timespec){.tv_sec = 1000 + (time_t)seconds,
                             .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};
}

/* The spans of what trace_render writes; borrowed from *whole, which is the caller's. */
static json_t *spans_of(const struct trace *t, json_t **whole)
{
    struct buffer out = BUFFER_INIT(4 * 1024 * 1024);

    assert_true(trace_render(t, &out));
    *whole = json_loads(buffer_text(&out), 0, NULL);
    assert_non_null(*whole);
    buffer_clear(&out);
    json_t *group = json_array_get(json_object_get(*whole, "resourceSpans"), 0);
    json_t *scope = json_array_get(json_object_get(group, "scopeSpans"), 0);
    assert_string_equal(json_string_value(json_object_get(json_object_get(scope, "scope"), "name")),
                        "mailproof");
    return json_object_get(scope, "spans");
}

static const char *text_of(json_t *spans, size_t i, const char *key)
{
    const char *text = json_string_value(json_object_get(json_array_get(spans, i), key));
    return text != NULL ? text : "";
}

static long long time_of(json_t *spans, size_t i, const char *key)
{
    return atoll(text_of(spans, i, key));
}

/* The attribute's value as JSON; "" where there is none. */
static const char *attribute(json_t *spans, size_t i, const char *key)
{
    static char text[256];
    json_t *attributes = json_object_get(json_array_get(spans, i), "attributes"), *one;
    size_t k;

    *text = '\0';
    json_array_foreach(attributes, k, one)
    {
        if (strcmp(json_string_value(json_object_get(one, "key")), key) != 0)
            continue;
        char *dump = json_dumps(json_object_get(one, "value"), JSON_COMPACT);
        snprintf(text, sizeof text, "%s", dump);
        free(dump);
    }
    return text;
}

static void test_tree(void **state)
{
    struct trace *t = trace_new("check_x", at(0), &none), *other = trace_new("check_x", at(0), &none);
    int side = trace_add(t, SPAN_ROOT, "smtp", SPAN_CLIENT, at(0.5), at(2));
    int step = trace_add(t, side, "smtp auth", SPAN_CLIENT, at(1), at(1.25));
    json_t *whole, *spans;
    (void)state;

    trace_end(t, at(3));
    spans = spans_of(t, &whole);
    assert_int_equal(json_array_size(spans), 3);
    assert_int_equal(strlen(trace_id(t)), 32);
    assert_string_not_equal(trace_id(t), trace_id(other));
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(text_of(spans, i, "traceId"), trace_id(t));
        assert_int_equal(strlen(text_of(spans, i, "spanId")), 16);
    }
    assert_null(json_object_get(json_array_get(spans, 0), "parentSpanId"));
    assert_string_equal(text_of(spans, (size_t)side, "parentSpanId"), text_of(spans, 0, "spanId"));
    assert_string_equal(text_of(spans, (size_t)step, "parentSpanId"), text_of(spans, (size_t)side, "spanId"));
    assert_int_equal(json_integer_value(json_object_get(json_array_get(spans, 0), "kind")), 1);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(spans, 1), "kind")), 3);
    assert_int_equal(time_of(spans, 2, "endTimeUnixNano") - time_of(spans, 2, "startTimeUnixNano"),
                     250000000);
    assert_int_equal(time_of(spans, 2, "startTimeUnixNano") - time_of(spans, 0, "startTimeUnixNano"),
                     1000000000);
    json_decref(whole);
    trace_free(&t);
    trace_free(&other);
    assert_null(t);
}

static void test_wall_clock(void **state)
{
    struct trace *t = trace_new("check_x", clock_now(), &none);
    json_t *whole, *spans;
    (void)state;

    trace_end(t, clock_now());
    spans = spans_of(t, &whole);
    assert_true(llabs(time_of(spans, 0, "startTimeUnixNano") / 1000000000 - (long long)clock_wall()) < 5);
    json_decref(whole);
    trace_free(&t);
}

/* Clocks of other hosts say what they like. */
static void test_children_lie_within(void **state)
{
    static const struct {
        const char *name;
        double began, ended, want_began, want_ended; /* within 1 to 2 */
    } rows[] = {
        {"inside", 1.25, 1.75, 1.25, 1.75},
        {"too early", 0, 1.5, 1, 1.5},
        {"too late", 1.5, 9, 1.5, 2},
        {"around", 0, 9, 1, 2},
        {"before", 0, 0.5, 1, 1},
        {"after", 5, 6, 2, 2},
        {"backwards", 1.75, 1.25, 1.75, 1.75},
    };
    struct trace *t = trace_new("check_x", at(0), &none);
    int way = trace_add(t, SPAN_ROOT, "queue", SPAN_INTERNAL, at(1), at(2));
    json_t *whole, *spans;
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        trace_add(t, way, rows[i].name, SPAN_INTERNAL, at(rows[i].began), at(rows[i].ended));
    trace_end(t, at(10));
    spans = spans_of(t, &whole);
    long long zero = time_of(spans, 0, "startTimeUnixNano");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        long long began = time_of(spans, i + 2, "startTimeUnixNano") - zero,
                  ended = time_of(spans, i + 2, "endTimeUnixNano") - zero;
        CHECK_ROW(rows[i].name, began == (long long)(rows[i].want_began * 1e9));
        CHECK_ROW(rows[i].name, ended == (long long)(rows[i].want_ended * 1e9));
    }
    json_decref(whole);
    trace_free(&t);
}

static void test_attributes(void **state)
{
    struct trace *t = trace_new("check_x", at(0), &none);
    json_t *whole, *spans;
    (void)state;

    trace_text(t, SPAN_ROOT, "a", "x\r\n\xff|y");
    trace_text(t, SPAN_ROOT, "empty", "");
    trace_text(t, SPAN_ROOT, "null", NULL);
    trace_integer(t, SPAN_ROOT, "b", 9007199254740993LL);
    trace_number(t, SPAN_ROOT, "c", 0.25);
    trace_failed(t, SPAN_ROOT, "auth_credentials", "535 no");
    trace_text(t, SPAN_NONE, "d", "nowhere");
    trace_text(t, 7, "d", "nowhere");
    spans = spans_of(t, &whole);
    assert_null(strpbrk(attribute(spans, 0, "a"), "\r\n|\xff"));
    assert_string_equal(attribute(spans, 0, "empty"), "");
    assert_string_equal(attribute(spans, 0, "null"), "");
    assert_string_equal(attribute(spans, 0, "b"), "{\"intValue\":\"9007199254740993\"}");
    assert_string_equal(attribute(spans, 0, "c"), "{\"doubleValue\":0.25}");
    assert_string_equal(attribute(spans, 0, "error.type"), "{\"stringValue\":\"auth_credentials\"}");
    json_t *status = json_object_get(json_array_get(spans, 0), "status");
    assert_int_equal(json_integer_value(json_object_get(status, "code")), 2);
    assert_string_equal(json_string_value(json_object_get(status, "message")), "535 no");
    json_decref(whole);
    trace_free(&t);
}

/* A server may call itself by the password. */
static void test_secrets(void **state)
{
    struct secrets secrets = {0};
    struct trace *t = trace_new("check_x", at(0), &secrets);
    json_t *whole, *spans;
    (void)state;

    secrets_add(&secrets, SLICE("s3cret-w0rd"));
    trace_text(t, SPAN_ROOT, "a", "by s3cret-w0rd.example");
    trace_failed(t, SPAN_ROOT, "auth_credentials", "535 s3cret-w0rd?");
    spans = spans_of(t, &whole);
    assert_string_equal(attribute(spans, 0, "a"), "{\"stringValue\":\"by ***\"}");
    json_t *status = json_object_get(json_array_get(spans, 0), "status");
    assert_string_equal(json_string_value(json_object_get(status, "message")), "535 ***");
    json_decref(whole);
    trace_free(&t);
}

static void test_bounds(void **state)
{
    struct trace *t = trace_new("check_x", at(0), &none);
    struct buffer small = BUFFER_INIT(100);
    json_t *whole, *spans;
    (void)state;

    for (int i = 1; i < SPANS_MAX; i++)
        assert_int_equal(trace_add(t, SPAN_ROOT, "step", SPAN_CLIENT, at(0), at(1)), i);
    assert_int_equal(trace_add(t, SPAN_ROOT, "one more", SPAN_CLIENT, at(0), at(1)), SPAN_NONE);
    assert_int_equal(trace_add(t, SPAN_NONE, "of nobody", SPAN_CLIENT, at(0), at(1)), SPAN_NONE);
    trace_end(t, at(1));
    spans = spans_of(t, &whole);
    assert_int_equal(json_array_size(spans), SPANS_MAX);
    assert_string_equal(attribute(spans, 0, "mailproof.spans_left_out"), "{\"intValue\":\"1\"}");
    assert_false(trace_render(t, &small));
    buffer_clear(&small);
    json_decref(whole);
    trace_free(&t);
}

static void test_nobody_wants_one(void **state)
{
    struct trace *t = NULL;
    struct buffer out = BUFFER_INIT(100);
    (void)state;

    assert_int_equal(trace_add(t, SPAN_ROOT, "step", SPAN_CLIENT, at(0), at(1)), SPAN_NONE);
    trace_text(t, SPAN_ROOT, "a", "b");
    trace_failed(t, SPAN_ROOT, "a", "b");
    trace_end(t, at(0));
    assert_string_equal(trace_id(t), "");
    assert_false(trace_render(t, &out));
    trace_free(&t);
}

static void test_root_says_the_verdict(void **state)
{
    static const struct {
        const char *name;
        enum state state;
        const char *shown, *type;
        int code;
    } rows[] = {
        {"fine", STATE_OK, "{\"stringValue\":\"OK\"}", "", 0},
        {"warning", STATE_WARNING, "{\"stringValue\":\"WARNING\"}", "", 0},
        {"critical", STATE_CRITICAL, "{\"stringValue\":\"CRITICAL\"}", "{\"stringValue\":\"timeout\"}", 2},
        {"unknown", STATE_UNKNOWN, "{\"stringValue\":\"UNKNOWN\"}", "{\"stringValue\":\"timeout\"}", 2},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct report *r = report_new("check_x", "X");
        struct buffer out = BUFFER_INIT(64 * 1024);
        struct err err;
        json_t *whole, *spans;
        assert_null(report_trace(r));
        report_trace_begin(r, clock_now());
        report_service(r, "relay");
        err_set(&err, FAULT_TIMEOUT, STAGE_AUTH, "no answer");
        if (rows[i].state != STATE_OK)
            report_fault(r, "smtp", rows[i].state, &err);
        CHECK_ROW(rows[i].name, report_trace_end(r, &out));
        spans = spans_of(report_trace(r), &whole);
        CHECK_ROW_TEXT(rows[i].name, text_of(spans, 0, "name"), "check_x");
        CHECK_ROW_TEXT(rows[i].name, attribute(spans, 0, "mailproof.state"), rows[i].shown);
        CHECK_ROW_TEXT(rows[i].name, attribute(spans, 0, "error.type"), rows[i].type);
        CHECK_ROW_TEXT(rows[i].name, attribute(spans, 0, "mailproof.service"), "{\"stringValue\":\"relay\"}");
        json_t *status = json_object_get(json_array_get(spans, 0), "status");
        CHECK_ROW(rows[i].name, json_integer_value(json_object_get(status, "code")) == rows[i].code);
        json_decref(whole);
        buffer_clear(&out);
        report_free(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_wall_clock),
        cmocka_unit_test(test_children_lie_within),
        cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_nobody_wants_one),
        cmocka_unit_test(test_root_says_the_verdict),
    };
    return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
