/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/auth/dmarc_record.h"
#include "common/base/buffer.h"

/* "p=reject sp=none(p) np=... adkim=s aspf=r psd=u t obsolete rua", policies that were not there in brackets
 */
static void write_record(struct buffer *out, const struct dmarc_record *r)
{
    static const char *const psd[] = {"u", "y", "n"};

    buffer_printf(out, "p=%s%s", dmarc_policy_name(r->p), r->has_p ? "" : "?");
    buffer_printf(out, " sp=%s%s", dmarc_policy_name(r->sp), r->has_sp ? "" : "?");
    buffer_printf(out, " np=%s%s", dmarc_policy_name(r->np), r->has_np ? "" : "?");
    buffer_printf(out, " %c%c psd=%s", r->adkim == ALIGNMENT_STRICT ? 's' : 'r',
                  r->aspf == ALIGNMENT_STRICT ? 's' : 'r', psd[r->psd]);
    if (r->testing)
        buffer_append_text(out, " test");
    if (r->has_rua)
        buffer_append_text(out, " rua");
    if (r->obsolete)
        buffer_append_text(out, " obsolete");
}

static void test_valid(void **state)
{
    static const struct {
        const char *name;
        struct slice text;
        const char *record, *warning;
    } rows[] = {
        {"least", SLICE("v=DMARC1; p=none"), "p=none sp=none? np=none? rr psd=u", ""},
        {"all",
         SLICE("v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; aspf=s; psd=n; t=y; fo=1; "
               "rua=mailto:d@example.com"),
         "p=reject sp=quarantine np=none ss psd=n test rua", ""},
        {"sp falls back to p", SLICE("v=DMARC1; p=reject"), "p=reject sp=reject? np=reject? rr psd=u", ""},
        {"np falls back to sp", SLICE("v=DMARC1; p=none; sp=quarantine"),
         "p=none sp=quarantine np=quarantine? rr psd=u", ""},
        {"blanks and no blanks", SLICE("v = DMARC1 ;p=reject;\tadkim = s;"),
         "p=reject sp=reject? np=reject? sr psd=u", ""},
        {"values in any case", SLICE("v=DMARC1; p=REJECT; aspf=S"), "p=reject sp=reject? np=reject? rs psd=u",
         ""},
        {"capital v", SLICE("V=DMARC1; p=reject"), "p=reject sp=reject? np=reject? rr psd=u", ""},
        {"p last", SLICE("v=DMARC1; rua=mailto:a@b.example; p=quarantine"),
         "p=quarantine sp=quarantine? np=quarantine? rr psd=u rua", ""},
        {"unknown tags", SLICE("v=DMARC1; p=reject; x=1; =; ;; junk"),
         "p=reject sp=reject? np=reject? rr psd=u", ""},
        {"obsolete", SLICE("v=DMARC1; p=reject; pct=50; rf=afrf; ri=3600"),
         "p=reject sp=reject? np=reject? rr psd=u obsolete",
         "pct is obsolete and ignored; rf is obsolete and ignored; ri is obsolete and ignored"},
        {"broken modes", SLICE("v=DMARC1; p=reject; adkim=x; aspf=; psd=q; t=1"),
         "p=reject sp=reject? np=reject? rr psd=u",
         "adkim has an unusable value; aspf has an unusable value; psd has an unusable value; t has an "
         "unusable value"},
        {"a tag twice: the first", SLICE("v=DMARC1; p=none; p=reject"), "p=none sp=none? np=none? rr psd=u",
         "p stands twice"},
        {"old size limit", SLICE("v=DMARC1; p=none; rua=mailto:a@b.example!10m"),
         "p=none sp=none? np=none? rr psd=u rua", ""},
        {"two addresses, one broken", SLICE("v=DMARC1; p=none; rua=nobody, https://b.example/x"),
         "p=none sp=none? np=none? rr psd=u rua", "rua has an unusable value"},
        /* section 4.10.1: p=none for the reports' sake */
        {"no p, but rua", SLICE("v=DMARC1; rua=mailto:a@b.example"), "p=none? sp=none? np=none? rr psd=u rua",
         "p is missing"},
        {"broken p, but rua", SLICE("v=DMARC1; p=rejct; rua=mailto:a@b.example"),
         "p=none? sp=none? np=none? rr psd=u rua", "p has an unusable value"},
        {"broken sp, but rua", SLICE("v=DMARC1; p=reject; sp=; rua=mailto:a@b.example"),
         "p=none? sp=none? np=none? rr psd=u rua", "sp has an unusable value"},
        {"broken np, but rua", SLICE("v=DMARC1; p=reject; np=all; rua=mailto:a@b.example"),
         "p=none? sp=none? np=none? rr psd=u rua", "np has an unusable value"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer text = BUFFER_INIT(200);
        struct dmarc_record record;
        CHECK_ROW(rows[i].name, dmarc_record_parse(&record, rows[i].text));
        CHECK_ROW(rows[i].name, record.valid);
        write_record(&text, &record);
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&text), rows[i].record);
        CHECK_ROW_TEXT(rows[i].name, record.warning, rows[i].warning);
        buffer_clear(&text);
    }
}

/* DMARC records, but no DMARC applies. */
static void test_unusable(void **state)
{
    static const struct {
        const char *name;
        struct slice text;
        enum dmarc_psd psd;
    } rows[] = {
        {"version only", SLICE("v=DMARC1"), PSD_UNKNOWN},
        {"version only, semicolon", SLICE("v=DMARC1;"), PSD_UNKNOWN},
        {"psd counts in the walk nevertheless", SLICE("v=DMARC1; psd=y"), PSD_YES},
        {"broken p", SLICE("v=DMARC1; p=rejected"), PSD_UNKNOWN},
        {"empty p", SLICE("v=DMARC1; p="), PSD_UNKNOWN},
        {"p in capitals is another tag", SLICE("v=DMARC1; P=reject"), PSD_UNKNOWN},
        {"broken sp", SLICE("v=DMARC1; p=reject; sp=no"), PSD_UNKNOWN},
        {"broken p, rua without address", SLICE("v=DMARC1; p=x; rua=mailto:"), PSD_UNKNOWN},
        {"broken p, rua no URI", SLICE("v=DMARC1; p=x; rua=a@b.example"), PSD_UNKNOWN},
        {"broken p, rua empty", SLICE("v=DMARC1; p=x; rua=,"), PSD_UNKNOWN},
        {"broken p, rua with a blank", SLICE("v=DMARC1; p=x; rua=mailto:a @b.example"), PSD_UNKNOWN},
        {"broken p, no local part", SLICE("v=DMARC1; p=x; rua=mailto:@b.example"), PSD_UNKNOWN},
        {"broken p, scheme begins with a digit", SLICE("v=DMARC1; p=x; rua=1x:y"), PSD_UNKNOWN},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct dmarc_record record;
        CHECK_ROW(rows[i].name, dmarc_record_parse(&record, rows[i].text));
        CHECK_ROW(rows[i].name, !record.valid);
        CHECK_ROW(rows[i].name, record.psd == rows[i].psd);
        CHECK_ROW(rows[i].name, record.warning[0] != '\0');
    }
}

static void test_no_record(void **state)
{
    static const struct {
        const char *name;
        struct slice text;
    } rows[] = {
        {"empty", SLICE("")},
        {"other record", SLICE("v=spf1 -all")},
        {"other version", SLICE("v=DMARC2; p=none")},
        {"longer version", SLICE("v=DMARC10; p=none")},
        {"version in small letters", SLICE("v=dmarc1; p=none")},
        {"no semicolon", SLICE("v=DMARC1 p=none")},
        {"version not first", SLICE("p=none; v=DMARC1")},
        {"blank before", SLICE(" v=DMARC1; p=none")},
        {"semicolon before", SLICE("; v=DMARC1; p=none")},
        {"no equals", SLICE("vDMARC1; p=none")},
        {"quotes", SLICE("\"v=DMARC1; p=none\"")},
        {"NUL in the version", SLICE("v=DMARC1\0; p=none")},
        {"NUL in the name", SLICE("v\0=DMARC1; p=none")},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct dmarc_record record;
        CHECK_ROW(rows[i].name, !dmarc_record_parse(&record, rows[i].text));
        CHECK_ROW(rows[i].name, !record.valid);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_valid), cmocka_unit_test(test_unusable),
                                       cmocka_unit_test(test_no_record)};
    return cmocka_run_group_tests_name("dmarc_record", tests, NULL, NULL);
}
