/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Public Suffix List's own vectors: lines such as checkPublicSuffix('b.example.com', 'example.com'); */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "common/auth/alignment.h"
#include "common/auth/domain.h"

enum { SKIPPED = 77, VECTORS = 77 }; /* and one of no name at all */

/* Takes the next 'quoted' name or null off the front of the line. */
static bool take_name(struct slice *line, struct slice *name)
{
    size_t quote = slice_find_char(*line, '\''), null = slice_find(*line, SLICE("null"));

    *name = SLICE_EMPTY;
    if (null < quote) {
        *line = slice_skip(*line, null + 4);
        return true;
    }
    *line = slice_skip(*line, quote + 1);
    *name = slice_head(*line, slice_find_char(*line, '\''));
    *line = slice_skip(*line, name->len + 1);
    return name->len > 0;
}

static void check(struct slice domain, struct slice wanted)
{
    char name[DOMAIN_TEXT_MAX], org[DOMAIN_TEXT_MAX] = "", row[DOMAIN_TEXT_MAX];
    const char *found = NULL;

    slice_copy(row, sizeof row, domain);
    if (domain_to_ascii(name, domain)) /* a leading dot is refused here */
        found = alignment_org_domain(name);
    if (wanted.len > 0)
        CHECK_ROW(row, domain_to_ascii(org, wanted));
    CHECK_ROW_TEXT(row, found != NULL ? found : "", org);
}

static void test_vectors(void **state)
{
    char path[4096], text[256];
    size_t count = 0;
    (void)state;

    snprintf(path, sizeof path, "%s/psl/test_psl.txt", getenv("MAILPROOF_CORPORA"));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(text, sizeof text, file) != NULL) {
        struct slice line = slice_from(text), domain, wanted;
        if (!slice_starts(line, SLICE("checkPublicSuffix(")))
            continue;
        assert_true(take_name(&line, &domain) && take_name(&line, &wanted));
        if (domain.len == 0)
            continue;
        check(domain, wanted);
        count++;
    }
    fclose(file);
    assert_int_equal(count, VECTORS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors)};

    if (getenv("MAILPROOF_CORPORA") == NULL)
        return SKIPPED;
    return cmocka_run_group_tests_name("psl", tests, NULL, NULL);
}
