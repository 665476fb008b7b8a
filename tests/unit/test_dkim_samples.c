/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages that others signed: OpenDKIM 2.11 and dkimpy 1.1 (tests/unit/data/dkim), as they came, with LF
 * line ends, and with one byte changed. */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "common/auth/arc.h"
#include "common/mail/header.h"
#include "tests/unit/dkim_tool.h"

enum { SAMPLE_MAX = 65536 };

static struct txt_table table;

static int publish(void **state)
{
    (void)state;
    txt_table_add(&table, "o._domainkey.example.org",
                  SLICE("v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDKG7Z2KJ1BPR5DHu+8jx21"
                        "Jh1wngKHreoSI3aS/jIg3OC9CzdEqeJREGY9Qlwl1lsvMiy2Gz/GZ/DH2f92oJxAUlJmAv/DYt/4MPQG"
                        "r2qgF2T0nWv1hHejLuVMzGM/Ax7GuUMzAkrau3TzabeUImXdODPjVx/VjRpDY5bVP3/rjwIDAQAB"));
    txt_table_add(&table, "oe._domainkey.example.org",
                  SLICE("v=DKIM1; k=ed25519; p=wEhTRkO/LtJET+iuwALo5M2J9yj+8+dbE+2gaodrlEA="));
    return 0;
}

static struct slice load(const char *name, char data[SAMPLE_MAX])
{
    char path[4096];

    snprintf(path, sizeof path, "%s/dkim/%s.eml", TEST_DATA, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t n = fread(data, 1, SAMPLE_MAX, file);
    fclose(file);
    assert_true(n > 0 && n < SAMPLE_MAX);
    return slice_of(data, n);
}

static struct dkim_result verify(struct slice message)
{
    struct dkim_result r[DKIM_SIGNATURES_MAX];

    assert_int_equal(tool_verify(message, 7, txt_table_lookup(&table), 1795260000, r), 1);
    return r[0];
}

static void drop_cr(struct slice in, struct buffer *out)
{
    for (size_t i = 0; i < in.len; i++)
        assert_true(in.data[i] == '\r' || buffer_append_char(out, in.data[i]));
}

static void test_signed_by_others(void **state)
{
    static const struct {
        const char *name, *algorithm, *canonicalization;
        unsigned long long unsigned_bytes;
    } rows[] = {
        {"opendkim-simple", "rsa-sha256", "simple/simple", 0},
        {"opendkim-relaxed", "rsa-sha256", "relaxed/relaxed", 0},
        {"opendkim-length", "rsa-sha256", "relaxed/simple", 70},
        {"opendkim-ed25519", "ed25519-sha256", "relaxed/relaxed", 0},
        {"dkimpy-length", "rsa-sha256", "relaxed/simple", 29},
        {"dkimpy-ed25519", "ed25519-sha256", "simple/relaxed", 0},
        {"dkimpy-arc", "rsa-sha256", "relaxed/relaxed", 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char data[SAMPLE_MAX];
        struct slice message = load(rows[i].name, data);
        struct buffer lf = BUFFER_INIT(SAMPLE_MAX);
        struct dkim_result r = verify(message);
        CHECK_ROW_TEXT(rows[i].name, r.reason, "");
        CHECK_ROW_TEXT(rows[i].name, verdict_name(r.verdict), "pass");
        CHECK_ROW_TEXT(rows[i].name, r.algorithm, rows[i].algorithm);
        CHECK_ROW_TEXT(rows[i].name, r.canonicalization, rows[i].canonicalization);
        CHECK_ROW(rows[i].name, r.unsigned_bytes == rows[i].unsigned_bytes);
        drop_cr(message, &lf);
        CHECK_ROW_TEXT(rows[i].name, verdict_name(verify(buffer_slice(&lf)).verdict), "pass");
        data[slice_find(message, SLICE("dinner"))] ^= 1;
        CHECK_ROW_TEXT(rows[i].name, verify(message).reason,
                       "the signature does not fit the header or the key");
        data[slice_find(message, SLICE("Hi Suzie"))] ^= 1;
        CHECK_ROW(rows[i].name, verify(message).body_failed);
        buffer_clear(&lf);
    }
}

static enum verdict chain(struct slice message)
{
    struct arc *arc = arc_new(message);
    struct arc_result result;

    assert_non_null(arc);
    arc_body(arc, header_body(message));
    arc_finish(arc, txt_table_lookup(&table), 1795260000, &result);
    arc_free(&arc);
    assert_int_equal(result.instances, 2);
    return result.verdict;
}

static void test_sealed_by_others(void **state)
{
    char data[SAMPLE_MAX];
    struct slice message = load("dkimpy-arc", data);
    (void)state;

    assert_int_equal(chain(message), VERDICT_PASS);
    data[slice_find(message, SLICE("arc=none"))] ^= 1;
    assert_int_equal(chain(message), VERDICT_FAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signed_by_others),
        cmocka_unit_test(test_sealed_by_others),
    };
    return cmocka_run_group_tests_name("dkim samples", tests, publish, NULL);
}
