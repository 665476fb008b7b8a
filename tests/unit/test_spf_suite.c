/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The test suite of RFC 7208 (corpora/spf): zones, clients, expected results. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "common/auth/spf.h"
#include "common/base/buffer.h"
#include "tests/unit/yaml_suite.h"
#include "tests/unit/zone.h"

enum { TEXT_MAX = 8192, PATIENCE_S = 60 };

static struct yaml_suite *suite;

static bool says(struct yaml_value v, const char *text)
{
    return yaml_is_text(v) && slice_eq(yaml_text(v), slice_from(text));
}

/* The suite's text is bytes, YAML's is UTF-8: "\x80" comes as U+0080. */
static void append_bytes(struct buffer *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c >= 0xc2 && c <= 0xc3 && i + 1 < text.len)
            c = (unsigned char)((c & 3) << 6 | (text.data[++i] & 0x3f));
        assert_true(buffer_append_char(out, (char)c));
    }
}

/* A list is the strings of one record, or preference and host of an MX. */
static void add_record(struct zone *zone, struct slice name, const char *type, struct yaml_value value)
{
    struct buffer text = BUFFER_INIT(TEXT_MAX);

    append_bytes(&text, yaml_text(value));
    for (size_t i = 0; yaml_is_list(value) && i < yaml_count(value); i++) {
        if (i > 0 && strcmp(type, "MX") == 0)
            assert_true(buffer_append_char(&text, ' '));
        append_bytes(&text, yaml_text(yaml_at(value, i)));
    }
    zone_add(zone, name, type, buffer_slice(&text));
    buffer_clear(&text);
}

/* Without a TXT record, those of type SPF stand for one. */
static void add_name(struct zone *zone, struct slice name, struct yaml_value records)
{
    bool has_txt = false;

    for (size_t i = 0; i < yaml_count(records); i++)
        has_txt = has_txt || yaml_get(yaml_at(records, i), "TXT").node != NULL;
    for (size_t i = 0; i < yaml_count(records); i++) {
        struct yaml_value record = yaml_at(records, i), value;
        char type[8];
        if (says(record, "TIMEOUT")) {
            zone_timeout(zone, name);
            continue;
        }
        value = yaml_at(record, 0);
        assert_true(slice_copy(type, sizeof type, yaml_key_at(record, 0)));
        if (says(value, "NONE"))
            continue;
        if (strcmp(type, "SPF") != 0)
            add_record(zone, name, type, value);
        else if (!has_txt)
            add_record(zone, name, "TXT", value);
    }
}

static struct zone *load_zone(struct yaml_value data)
{
    struct zone *zone = zone_new();

    for (size_t i = 0; i < yaml_count(data); i++)
        add_name(zone, yaml_key_at(data, i), yaml_at(data, i));
    return zone;
}

static bool result_is_right(struct yaml_value wanted, enum verdict got)
{
    for (size_t i = 0; yaml_is_list(wanted) && i < yaml_count(wanted); i++)
        if (says(yaml_at(wanted, i), verdict_name(got)))
            return true;
    return says(wanted, verdict_name(got));
}

static void check_case(struct slice name, struct yaml_value test, struct zone *zone)
{
    const struct spf_request request = {.client_ip = yaml_get_text(test, "host").data,
                                        .mail_from = yaml_get_text(test, "mailfrom").data,
                                        .helo = yaml_get_text(test, "helo").data,
                                        .deadline = deadline_in(PATIENCE_S)};
    struct slice explanation = yaml_get_text(test, "explanation");
    struct spf_result result;

    spf_check(&result, &request, zone_lookup(zone));
    if (!result_is_right(yaml_get(test, "result"), result.verdict))
        fail_msg("%.*s: %s (%s)", SLICE_ARG(name), verdict_name(result.verdict), result.reason);
    if (slice_eq(explanation, SLICE("DEFAULT")))
        explanation = SLICE_EMPTY;
    if (yaml_get(test, "explanation").node != NULL && !slice_eq(explanation, slice_from(result.explanation)))
        fail_msg("%.*s: \"%s\", wanted \"%.*s\"", SLICE_ARG(name), result.explanation,
                 SLICE_ARG(explanation));
    if (result.reason[0] == '\0' || result.lookups > SPF_LOOKUPS_MAX + 1)
        fail_msg("%.*s: reason \"%s\", %u lookups", SLICE_ARG(name), result.reason, result.lookups);
    if (getenv("SHOW") != NULL)
        printf("%.*s: %s %u/%u [%s] %s\n", SLICE_ARG(name), verdict_name(result.verdict), result.lookups,
               result.void_lookups, result.mechanism, result.reason);
}

static void test_suite(void **state)
{
    size_t cases = 0;
    (void)state;

    for (size_t d = 0; d < suite->count; d++) {
        struct yaml_value root = yaml_suite_root(suite, d), tests = yaml_get(root, "tests");
        struct zone *zone = load_zone(yaml_get(root, "zonedata"));
        for (size_t i = 0; i < yaml_count(tests); i++, cases++)
            check_case(yaml_key_at(tests, i), yaml_at(tests, i), zone);
        zone_free(&zone);
    }
    assert_true(cases >= 203);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_suite)};

    suite = yaml_suite_load("spf/rfc7208-tests.yml");
    int failed = cmocka_run_group_tests_name("spf suite", tests, NULL, NULL);
    yaml_suite_free(&suite);
    return failed;
}
