/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ARC validation suite (corpora/arc): message, keys, expected state of the chain. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "common/auth/arc.h"
#include "common/mail/header.h"
#include "tests/unit/txt_table.h"
#include "tests/unit/yaml_suite.h"

enum { PIECE = 7 };

static struct yaml_suite *suite;

/* "None", "Pass", "Fail"; empty where the last hop said itself that the chain had failed. */
static enum verdict wanted(struct slice cv)
{
    cv = slice_trim(cv);
    if (slice_eq_nocase(cv, SLICE("none")))
        return VERDICT_NONE;
    return slice_eq_nocase(cv, SLICE("pass")) ? VERDICT_PASS : VERDICT_FAIL;
}

static void verify(struct slice message, size_t piece, const struct lookup *lookup, struct arc_result *result)
{
    struct slice body = header_body(message);
    struct arc *arc = arc_new(message);

    assert_non_null(arc);
    for (; body.len > 0; body = slice_skip(body, piece))
        arc_body(arc, slice_head(body, piece));
    arc_finish(arc, lookup, 1500000000, result);
    arc_free(&arc);
    assert_null(arc);
}

static void check_case(struct slice name, struct yaml_value spec, const struct lookup *lookup)
{
    static const size_t pieces[] = {1, PIECE, (size_t)-1};
    enum verdict right = wanted(yaml_get_text(spec, "cv"));

    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        struct arc_result result;
        verify(yaml_get_text(spec, "message"), pieces[i], lookup, &result);
        if (result.verdict != right)
            fail_msg("%.*s: %s (%s), wanted %s", SLICE_ARG(name), verdict_name(result.verdict), result.reason,
                     verdict_name(right));
        if ((result.reason[0] == '\0') != (right != VERDICT_FAIL))
            fail_msg("%.*s: reason \"%s\"", SLICE_ARG(name), result.reason);
        if (getenv("SHOW") != NULL && i == 0)
            printf("%.*s: %s %u %s\n", SLICE_ARG(name), verdict_name(result.verdict), result.oldest_pass,
                   result.reason);
    }
}

static void test_suite(void **state)
{
    size_t cases = 0;
    (void)state;

    for (size_t d = 0; d < suite->count; d++) {
        struct yaml_value root = yaml_suite_root(suite, d), tests = yaml_get(root, "tests");
        struct yaml_value records = yaml_get(root, "txt-records");
        struct txt_table table = {0};
        for (size_t i = 0; i < yaml_count(records); i++)
            txt_table_add(&table, yaml_key_at(records, i).data, yaml_text(yaml_at(records, i)));
        for (size_t i = 0; i < yaml_count(tests); i++, cases++)
            check_case(yaml_key_at(tests, i), yaml_at(tests, i), txt_table_lookup(&table));
    }
    assert_true(cases >= 171);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_suite)};

    suite = yaml_suite_load("arc/arc-draft-validation-tests.yml");
    int failed = cmocka_run_group_tests_name("arc suite", tests, NULL, NULL);
    yaml_suite_free(&suite);
    return failed;
}
