/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/auth/dmarc.h"
#include "common/auth/dmarc_walk.h"
#include "tests/unit/txt_table.h"

struct zone {
    const char *name, *text; /* text NULL: no answer; "" the name exists */
};

enum { ZONE_MAX = 6 };

static const struct lookup *publish(struct txt_table *table, const struct zone zone[ZONE_MAX])
{
    *table = (struct txt_table){.count = 0};
    for (size_t i = 0; i < ZONE_MAX && zone[i].name != NULL; i++) {
        if (zone[i].text == NULL)
            txt_table_answer(table, zone[i].name, LOOKUP_TEMPERROR);
        else if (*zone[i].text == '\0')
            txt_table_answer(table, zone[i].name, LOOKUP_NODATA);
        else
            txt_table_add(table, zone[i].name, slice_from(zone[i].text));
    }
    return txt_table_lookup(table);
}

static void test_names(void **state)
{
    static const struct {
        const char *domain, *names;
    } rows[] = {
        {"com", "com"},
        {"mail.example.com", "mail.example.com example.com com"},
        {"a.b.c.d.e.f.com", "a.b.c.d.e.f.com b.c.d.e.f.com c.d.e.f.com d.e.f.com e.f.com f.com com"},
        {"1.a.b.c.d.e.f.com",
         "1.a.b.c.d.e.f.com a.b.c.d.e.f.com b.c.d.e.f.com c.d.e.f.com d.e.f.com e.f.com f.com com"},
        /* the example of section 4.10 */
        {"a.b.c.d.e.f.g.h.i.j.mail.example.com",
         "a.b.c.d.e.f.g.h.i.j.mail.example.com g.h.i.j.mail.example.com h.i.j.mail.example.com "
         "i.j.mail.example.com j.mail.example.com mail.example.com example.com com"},
        /* the example of section 5.1.8 */
        {"mail.a.b.c.d.e.f.g.example.com",
         "mail.a.b.c.d.e.f.g.example.com c.d.e.f.g.example.com d.e.f.g.example.com e.f.g.example.com "
         "f.g.example.com g.example.com example.com com"},
        {"", ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *names[WALK_MAX];
        char text[600] = "";
        size_t count = dmarc_walk_names(rows[i].domain, names), length = 0;
        for (size_t n = 0; n < count; n++)
            length +=
                (size_t)snprintf(text + length, sizeof text - length, "%s%s", n > 0 ? " " : "", names[n]);
        CHECK_ROW_TEXT(rows[i].domain, text, rows[i].names);
    }
}

static void test_org_domain(void **state)
{
    static const struct {
        const char *name, *domain;
        struct zone zone[ZONE_MAX];
        const char *org; /* NULL: open */
        size_t queries;
    } rows[] = {
        /* the examples of section 4.10.2 */
        {"fewest labels",
         "a.mail.example.com",
         {{"_dmarc.mail.example.com", "v=DMARC1; p=none"}, {"_dmarc.example.com", "v=DMARC1; p=none"}},
         "example.com",
         4},
        {"psd=n",
         "a.mail.example.com",
         {{"_dmarc.mail.example.com", "v=DMARC1; p=none; psd=n"}},
         "mail.example.com",
         2},
        {"psd=y", "a.mail.example.com", {{"_dmarc.com", "v=DMARC1; p=none; psd=y"}}, "example.com", 4},
        {"psd=y one below",
         "mail.example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=none; psd=y"}, {"_dmarc.com", "v=DMARC1; p=none"}},
         "mail.example.com",
         2},
        {"psd=y at the start",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=none; psd=y"}},
         "example.com",
         1},
        {"psd=n at the start",
         "a.example.com",
         {{"_dmarc.a.example.com", "v=DMARC1; p=none; psd=n"}, {"_dmarc.example.com", "v=DMARC1; p=none"}},
         "a.example.com",
         1},
        {"nothing", "a.mail.example.com", {{NULL, NULL}}, "a.mail.example.com", 4},
        {"only the start", "example.com", {{"_dmarc.example.com", "v=DMARC1; p=none"}}, "example.com", 2},
        {"several records do not count",
         "a.example.com",
         {{"_dmarc.a.example.com", "v=DMARC1; p=none"},
          {"_dmarc.example.com", "v=DMARC1; p=none"},
          {"_dmarc.example.com", "v=DMARC1; p=none; psd=n"}},
         "a.example.com",
         3},
        {"other text records do not disturb",
         "a.example.com",
         {{"_dmarc.example.com", "v=spf1 -all"},
          {"_dmarc.example.com", "v=DMARC1; p=none"},
          {"_dmarc.example.com", "v=DMARC2"}},
         "example.com",
         3},
        {"the shortcut leaves a name out",
         "mail.a.b.c.d.e.f.g.example.com",
         {{"_dmarc.b.c.d.e.f.g.example.com", "v=DMARC1; p=none; psd=n"},
          {"_dmarc.example.com", "v=DMARC1; p=none"}},
         "example.com",
         8},
        {"one below, where the shortcut left it out",
         "1.2.3.4.5.6.7.example.com",
         {{"_dmarc.3.4.5.6.7.example.com", "v=DMARC1; p=none; psd=y"}},
         "2.3.4.5.6.7.example.com",
         2},
        {"no answer in the middle",
         "a.example.com",
         {{"_dmarc.a.example.com", "v=DMARC1; p=none"}, {"_dmarc.example.com", NULL}},
         NULL,
         3},
        {"no answer at the top, a record below",
         "a.example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=none"}, {"_dmarc.com", NULL}},
         "example.com",
         3},
        {"no answer at the top, no record below",
         "a.example.com",
         {{"_dmarc.a.example.com", "v=DMARC1; p=none"}, {"_dmarc.com", NULL}},
         NULL,
         3},
        {"no answer above psd=n",
         "a.example.com",
         {{"_dmarc.a.example.com", "v=DMARC1; p=none; psd=n"}, {"_dmarc.com", NULL}},
         "a.example.com",
         1},
        {"no answer below psd=n",
         "a.example.com",
         {{"_dmarc.a.example.com", NULL}, {"_dmarc.example.com", "v=DMARC1; p=none; psd=n"}},
         NULL,
         2},
        {"a top-level domain by itself", "com", {{"_dmarc.com", NULL}}, NULL, 1},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct txt_table table;
        struct dmarc_walk walk;
        dmarc_walk_run(&walk, rows[i].domain, publish(&table, rows[i].zone));
        const struct walk_step *open = NULL;
        const char *org = dmarc_walk_org(&walk, &open);
        CHECK_ROW_TEXT(rows[i].name, org != NULL ? org : "(open)",
                       rows[i].org != NULL ? rows[i].org : "(open)");
        CHECK_ROW(rows[i].name, (open != NULL) == (org == NULL));
        CHECK_ROW(rows[i].name, walk.count == rows[i].queries && table.queries == rows[i].queries);
    }
}

static void test_alignment_by_list(void **state)
{
    static const struct {
        const char *identifier, *from;
        enum alignment alignment;
    } rows[] = {
        {"example.com", "example.com", ALIGNMENT_STRICT},
        {"EXAMPLE.com", "example.COM", ALIGNMENT_STRICT},
        {"mail.example.com", "example.com", ALIGNMENT_RELAXED},
        {"example.com", "mail.example.com", ALIGNMENT_RELAXED},
        {"a.example.com", "b.EXAMPLE.com", ALIGNMENT_RELAXED},
        {"a.co.uk", "b.co.uk", ALIGNMENT_NONE},
        {"x.a.co.uk", "a.co.uk", ALIGNMENT_RELAXED},
        {"com", "example.com", ALIGNMENT_NONE},
        {"co.uk", "co.uk", ALIGNMENT_STRICT},
        {"notexample.com", "example.com", ALIGNMENT_NONE},
        {"example.com", "example.com.evil.net", ALIGNMENT_NONE},
        {"", "example.com", ALIGNMENT_NONE},
        {"example.com", "", ALIGNMENT_NONE},
        {"", "", ALIGNMENT_NONE},
        {".", "..", ALIGNMENT_NONE},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK_ROW(rows[i].identifier, alignment_of(rows[i].identifier, rows[i].from) == rows[i].alignment);
}

struct identity {
    const char *domain;
    enum verdict verdict;
};

static void check(struct dmarc_result *result, const struct lookup *lookup, const char *from,
                  const struct identity *spf, const struct identity *dkim, size_t dkim_count)
{
    struct spf_result spf_result = {.verdict = spf->verdict};
    struct dkim_result dkim_results[DKIM_SIGNATURES_MAX] = {{.verdict = VERDICT_NONE}};

    if (spf->domain != NULL)
        snprintf(spf_result.domain, sizeof spf_result.domain, "%s", spf->domain);
    for (size_t i = 0; i < dkim_count; i++) {
        dkim_results[i].verdict = dkim[i].verdict;
        snprintf(dkim_results[i].domain, sizeof dkim_results[i].domain, "%s", dkim[i].domain);
    }
    const struct dmarc_request request = {.from_domain = from,
                                          .spf = spf->domain != NULL ? &spf_result : NULL,
                                          .dkim = dkim_count > 0 ? dkim_results : NULL,
                                          .dkim_count = dkim_count};
    dmarc_check(result, &request, lookup);
}

/* "pass reject/none example.com": verdict, policy, disposition, where the record stands; "-" for nowhere */
static void write_view(char *out, size_t size, const struct dmarc_view *view)
{
    if (view->record_domain[0] == '\0')
        snprintf(out, size, "%s -", verdict_name(view->verdict));
    else
        snprintf(out, size, "%s %s/%s %s", verdict_name(view->verdict), dmarc_policy_name(view->policy),
                 dmarc_policy_name(view->disposition), view->record_domain);
}

#define PASS_BY(name)                                                                                        \
    {                                                                                                        \
        name, VERDICT_PASS                                                                                   \
    }
#define FAIL_BY(name)                                                                                        \
    {                                                                                                        \
        name, VERDICT_FAIL                                                                                   \
    }
#define ERROR_BY(name)                                                                                       \
    {                                                                                                        \
        name, VERDICT_TEMPERROR                                                                              \
    }
#define NOBODY                                                                                               \
    {                                                                                                        \
        NULL, VERDICT_NONE                                                                                   \
    }

static void test_check(void **state)
{
    static const struct {
        const char *name, *from;
        struct zone zone[ZONE_MAX];
        struct identity spf, dkim;
        const char *walk, *list;
        bool differ;
    } rows[] = {
        /* the same for both */
        {"SPF of the same name",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=reject"}},
         PASS_BY("example.com"),
         NOBODY,
         "pass reject/none example.com",
         "pass reject/none example.com",
         false},
        {"DKIM of the same name",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=reject"}},
         FAIL_BY("example.com"),
         PASS_BY("example.com"),
         "pass reject/none example.com",
         "pass reject/none example.com",
         false},
        {"a parent's signature",
         "news.example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=reject"}},
         NOBODY,
         PASS_BY("example.com"),
         "pass reject/none example.com",
         "pass reject/none example.com",
         false},
        {"a sibling's signature",
         "news.example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=reject"}},
         NOBODY,
         PASS_BY("mail.example.com"),
         "pass reject/none example.com",
         "pass reject/none example.com",
         false},
        {"strict: parent",
         "news.example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=quarantine; adkim=s; aspf=s"}},
         PASS_BY("example.com"),
         PASS_BY("example.com"),
         "fail quarantine/quarantine example.com",
         "fail quarantine/quarantine example.com",
         false},
        {"strict: the same",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=reject; adkim=s"}},
         NOBODY,
         PASS_BY("example.com"),
         "pass reject/none example.com",
         "pass reject/none example.com",
         false},
        {"strict for SPF only",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=reject; aspf=s"}},
         PASS_BY("bounce.example.com"),
         PASS_BY("mail.example.com"),
         "pass reject/none example.com",
         "pass reject/none example.com",
         false},
        {"of somebody else",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=reject"}},
         PASS_BY("example.net"),
         PASS_BY("esp.example"),
         "fail reject/reject example.com",
         "fail reject/reject example.com",
         false},
        {"its name at the end",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=reject"}},
         PASS_BY("notexample.com"),
         PASS_BY("example.com.evil.net"),
         "fail reject/reject example.com",
         "fail reject/reject example.com",
         false},
        {"nothing passed",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=none"}},
         FAIL_BY("example.com"),
         FAIL_BY("example.com"),
         "fail none/none example.com",
         "fail none/none example.com",
         false},
        {"nothing checked",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=reject"}},
         NOBODY,
         NOBODY,
         "fail reject/reject example.com",
         "fail reject/reject example.com",
         false},
        {"no record",
         "example.com",
         {{NULL, NULL}},
         PASS_BY("example.com"),
         PASS_BY("example.com"),
         "none -",
         "none -",
         false},
        {"sp",
         "news.example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=reject; sp=none"}},
         NOBODY,
         NOBODY,
         "fail none/none example.com",
         "fail none/none example.com",
         false},
        {"its own record goes first",
         "news.example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=reject; sp=none"},
          {"_dmarc.news.example.com", "v=DMARC1; p=quarantine; sp=reject"}},
         NOBODY,
         NOBODY,
         "fail quarantine/quarantine news.example.com",
         "fail quarantine/quarantine news.example.com",
         false},
        {"no usable policy",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=all"}},
         NOBODY,
         NOBODY,
         "none none/none example.com",
         "none none/none example.com",
         false},
        {"rua makes it p=none",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; rua=mailto:a@b.example"}},
         NOBODY,
         NOBODY,
         "fail none/none example.com",
         "fail none/none example.com",
         false},
        /* new in RFC 9989 */
        {"t=y, reject",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=reject; t=y"}},
         NOBODY,
         NOBODY,
         "fail reject/quarantine example.com",
         "fail reject/reject example.com",
         false},
        {"t=y, quarantine",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=quarantine; t=y"}},
         NOBODY,
         NOBODY,
         "fail quarantine/none example.com",
         "fail quarantine/quarantine example.com",
         false},
        {"np: no such name",
         "nn.example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=none; sp=none; np=reject"}},
         NOBODY,
         NOBODY,
         "fail reject/reject example.com",
         "fail none/none example.com",
         true},
        {"np: the name exists without text",
         "yes.example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=none; sp=none; np=reject"}, {"yes.example.com", ""}},
         NOBODY,
         NOBODY,
         "fail none/none example.com",
         "fail none/none example.com",
         false},
        {"np is not for the domain itself",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=none; np=reject"}},
         NOBODY,
         NOBODY,
         "fail none/none example.com",
         "fail none/none example.com",
         false},
        {"np: existence not answered",
         "nn.example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=none; np=reject"}, {"nn.example.com", NULL}},
         NOBODY,
         NOBODY,
         "temperror none/none example.com",
         "fail none/none example.com",
         true},
        {"np: existence not answered, but passed",
         "nn.example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=none; np=reject"}, {"nn.example.com", NULL}},
         NOBODY,
         PASS_BY("example.com"),
         "pass none/none example.com",
         "pass none/none example.com",
         false},
        {"a record between does not count",
         "a.b.example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=none"}, {"_dmarc.b.example.com", "v=DMARC1; p=reject"}},
         NOBODY,
         NOBODY,
         "fail none/none example.com",
         "fail none/none example.com",
         false},
        {"psd=n parts siblings",
         "a.dept.example.com",
         {{"_dmarc.dept.example.com", "v=DMARC1; p=reject; psd=n"},
          {"_dmarc.example.com", "v=DMARC1; p=none"}},
         NOBODY,
         PASS_BY("other.example.com"),
         "fail reject/reject dept.example.com",
         "pass none/none example.com",
         true},
        {"psd=n parts the parent",
         "dept.example.com",
         {{"_dmarc.dept.example.com", "v=DMARC1; p=reject; psd=n"},
          {"_dmarc.example.com", "v=DMARC1; p=none"}},
         PASS_BY("example.com"),
         NOBODY,
         "fail reject/reject dept.example.com",
         "pass reject/none dept.example.com",
         true},
        {"psd=n below the identifier",
         "x.example.com",
         {{"_dmarc.mail.example.com", "v=DMARC1; p=reject; psd=n"},
          {"_dmarc.example.com", "v=DMARC1; p=none"}},
         NOBODY,
         PASS_BY("a.mail.example.com"),
         "fail none/none example.com",
         "pass none/none example.com",
         true},
        {"a public suffix' policy",
         "shop.bank",
         {{"_dmarc.bank", "v=DMARC1; p=none; sp=reject; psd=y"}},
         NOBODY,
         NOBODY,
         "fail reject/reject bank",
         "none -",
         true},
        {"psd=y keeps registrants apart",
         "a.bank",
         {{"_dmarc.bank", "v=DMARC1; p=none; psd=y"}, {"_dmarc.a.bank", "v=DMARC1; p=reject"}},
         NOBODY,
         PASS_BY("b.bank"),
         "fail reject/reject a.bank",
         "fail reject/reject a.bank",
         false},
        {"a suffix that the list knows and nobody publishes",
         "a.co.uk",
         {{"_dmarc.a.co.uk", "v=DMARC1; p=reject"}},
         NOBODY,
         PASS_BY("m.a.co.uk"),
         "pass reject/none a.co.uk",
         "pass reject/none a.co.uk",
         false},
        {"several records here, one above",
         "a.example.com",
         {{"_dmarc.a.example.com", "v=DMARC1; p=none"},
          {"_dmarc.a.example.com", "v=DMARC1; p=reject"},
          {"_dmarc.example.com", "v=DMARC1; p=quarantine"}},
         NOBODY,
         NOBODY,
         "fail quarantine/quarantine example.com",
         "none -",
         true},
        {"several records",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=none"}, {"_dmarc.example.com", "v=DMARC1; p=reject"}},
         NOBODY,
         NOBODY,
         "none -",
         "none -",
         false},
        /* errors are neither pass nor fail */
        {"no answer for the record",
         "example.com",
         {{"_dmarc.example.com", NULL}},
         PASS_BY("example.com"),
         PASS_BY("example.com"),
         "temperror -",
         "temperror -",
         false},
        {"no answer above",
         "a.example.com",
         {{"_dmarc.example.com", NULL}},
         PASS_BY("a.example.com"),
         NOBODY,
         "temperror -",
         "temperror -",
         false},
        {"own record, no answer above, the same name passed",
         "a.example.com",
         {{"_dmarc.a.example.com", "v=DMARC1; p=reject"}, {"_dmarc.example.com", NULL}},
         PASS_BY("a.example.com"),
         NOBODY,
         "pass reject/none a.example.com",
         "pass reject/none a.example.com",
         false},
        {"own record, no answer above, a parent passed",
         "a.example.com",
         {{"_dmarc.a.example.com", "v=DMARC1; p=reject"}, {"_dmarc.example.com", NULL}},
         PASS_BY("example.com"),
         NOBODY,
         "temperror reject/none a.example.com",
         "pass reject/none a.example.com",
         true},
        {"own record, no answer above, strict",
         "a.example.com",
         {{"_dmarc.a.example.com", "v=DMARC1; p=reject; aspf=s"}, {"_dmarc.example.com", NULL}},
         PASS_BY("example.com"),
         NOBODY,
         "fail reject/reject a.example.com",
         "fail reject/reject a.example.com",
         false},
        {"no answer for the identifier's walk",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=reject"}, {"_dmarc.m.example.com", NULL}},
         PASS_BY("m.example.com"),
         NOBODY,
         "temperror reject/none example.com",
         "pass reject/none example.com",
         true},
        {"SPF without answer, aligned",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=reject"}},
         ERROR_BY("example.com"),
         FAIL_BY("example.com"),
         "temperror reject/none example.com",
         "temperror reject/none example.com",
         false},
        {"SPF without answer, but of somebody else",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=reject"}},
         ERROR_BY("example.net"),
         FAIL_BY("example.com"),
         "fail reject/reject example.com",
         "fail reject/reject example.com",
         false},
        {"SPF without answer, DKIM passed",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=reject"}},
         ERROR_BY("example.com"),
         PASS_BY("example.com"),
         "pass reject/none example.com",
         "pass reject/none example.com",
         false},
        {"DKIM without answer",
         "example.com",
         {{"_dmarc.example.com", "v=DMARC1; p=reject"}},
         FAIL_BY("example.com"),
         ERROR_BY("example.com"),
         "temperror reject/none example.com",
         "temperror reject/none example.com",
         false},
        {"no author domain",
         "",
         {{NULL, NULL}},
         PASS_BY("example.com"),
         NOBODY,
         "permerror -",
         "permerror -",
         false},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct txt_table table;
        struct dmarc_result result;
        char text[400];
        check(&result, publish(&table, rows[i].zone), rows[i].from, &rows[i].spf, &rows[i].dkim,
              rows[i].dkim.domain != NULL);
        write_view(text, sizeof text, &result.walk);
        CHECK_ROW_TEXT(rows[i].name, text, rows[i].walk);
        write_view(text, sizeof text, &result.list);
        CHECK_ROW_TEXT(rows[i].name, text, rows[i].list);
        CHECK_ROW(rows[i].name, result.views_differ == rows[i].differ);
        CHECK_ROW(rows[i].name, (result.difference[0] != '\0') == rows[i].differ);
        CHECK_ROW(rows[i].name, result.walk.reason[0] != '\0' && result.list.reason[0] != '\0');
    }
}

static void test_reasons(void **state)
{
    static const struct zone zone[ZONE_MAX] = {{"_dmarc.example.com", "v=DMARC1; p=reject; adkim=s"}};
    static const struct {
        const char *name;
        struct identity spf, dkim;
        const char *reason;
    } rows[] = {
        {"both", PASS_BY("b.example.com"), PASS_BY("example.com"),
         "SPF for b.example.com and DKIM for example.com align"},
        {"SPF", PASS_BY("b.example.com"), NOBODY, "SPF for b.example.com aligns"},
        {"DKIM", FAIL_BY("b.example.com"), PASS_BY("example.com"), "DKIM for example.com aligns"},
        {"strict", FAIL_BY("b.example.com"), PASS_BY("m.example.com"),
         "SPF did not pass; DKIM passed for m.example.com, which does not align with example.com (adkim=s "
         "wants the same name)"},
        {"others", PASS_BY("esp.net"), FAIL_BY("example.com"),
         "SPF passed for esp.net, which does not align with example.com; no DKIM signature holds"},
        {"nothing", NOBODY, NOBODY, "SPF was not checked; there is no DKIM signature"},
        {"undecided", ERROR_BY("b.example.com"), NOBODY,
         "SPF for b.example.com could decide it, and a DNS answer is missing"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct txt_table table;
        struct dmarc_result result;
        check(&result, publish(&table, zone), "example.com", &rows[i].spf, &rows[i].dkim,
              rows[i].dkim.domain != NULL);
        CHECK_ROW_TEXT(rows[i].name, result.walk.reason, rows[i].reason);
    }
}

/* Many signatures: each has its alignment, and those of strangers cost no question. */
static void test_signatures(void **state)
{
    static const struct zone zone[ZONE_MAX] = {{"_dmarc.example.com", "v=DMARC1; p=reject"}};
    static const struct identity spf = NOBODY;
    struct identity dkim[DKIM_SIGNATURES_MAX];
    struct txt_table table;
    struct dmarc_result result;
    (void)state;

    for (size_t i = 0; i < COUNT_OF(dkim); i++)
        dkim[i] = (struct identity){"a.b.c.d.e.f.g.h.stranger.net", VERDICT_PASS};
    dkim[3] = (struct identity){"example.com", VERDICT_FAIL};
    dkim[7] = (struct identity){"m.example.com", VERDICT_PASS};
    dkim[8] = (struct identity){"", VERDICT_PERMERROR};
    check(&result, publish(&table, zone), "example.com", &spf, dkim, COUNT_OF(dkim));
    assert_int_equal(result.walk.verdict, VERDICT_PASS);
    for (size_t i = 0; i < COUNT_OF(dkim); i++)
        assert_int_equal(result.dkim_alignment[i], i == 3   ? ALIGNMENT_STRICT
                                                   : i == 7 ? ALIGNMENT_RELAXED
                                                            : ALIGNMENT_NONE);
    /* two for the walk, three for m.example.com's, one of the other view */
    assert_int_equal(table.queries, 6);
    assert_int_equal(result.queries, 2);
}

static void test_prefetch(void **state)
{
    static const struct zone zone[ZONE_MAX] = {{"_dmarc.a.example.com", ""}, {"_dmarc.com", ""}};
    struct txt_table table;
    (void)state;

    dmarc_prefetch("a.example.com", publish(&table, zone));
    assert_int_equal(table.prefetches, 2);
    dmarc_prefetch("", &table.lookup);
    assert_int_equal(table.prefetches, 2);
    assert_int_equal(table.queries, 0);
}

static void test_author(void **state)
{
    static const struct {
        const char *name;
        struct slice header;
        const char *domain;
    } rows[] = {
        {"bare", SLICE("From: a@example.com\r\n\r\n"), "example.com"},
        {"angle brackets", SLICE("Subject: x\nFrom: A <a@Example.COM>\n"), "example.com"},
        {"several of one domain", SLICE("From: a@example.com, \"b, c\" <b@EXAMPLE.com>\r\n"), "example.com"},
        {"group", SLICE("From: us: a@example.com, b@example.com;\r\n"), "example.com"},
        {"comments", SLICE("From: (x@evil.net) a(b)@(c)example.com(d)\r\n"), "example.com"},
        {"quoted string", SLICE("From: \"x@evil.net\" <\"a@b\"@example.com>\r\n"), "example.com"},
        {"folded", SLICE("From: A B\r\n <a@example.com>\r\n"), "example.com"},
        {"U-label",
         SLICE("From: a@b\xc3\xbc"
               "cher.example\r\n"),
         "xn--bcher-kva.example"},
        {"U-label and A-label",
         SLICE("From: a@b\xc3\xbc"
               "cher.example, b@XN--BCHER-KVA.example\r\n"),
         "xn--bcher-kva.example"},
        {"name in capitals", SLICE("FROM: a@example.com\r\n"), "example.com"},
        {"a word that is no address", SLICE("From: Doe, Jane <a@example.com>\r\n"), "example.com"},
    };
    static const struct {
        const char *name;
        struct slice header;
        const char *why;
    } refused[] = {
        {"empty", SLICE(""), "there is no From: field"},
        {"none", SLICE("To: a@example.com\r\n\r\nFrom: a@example.com\r\n"), "there is no From: field"},
        {"two fields", SLICE("From: a@example.com\r\nFROM: a@example.com\r\n"),
         "there are several From: fields"},
        {"two domains", SLICE("From: a@example.com, b@example.net\r\n"),
         "From: names several domains: example.com and example.net"},
        {"sub-domain", SLICE("From: a@example.com, b@m.example.com\r\n"),
         "From: names several domains: example.com and m.example.com"},
        {"no address", SLICE("From: me\r\n"), "From: holds no address"},
        {"empty group", SLICE("From: undisclosed:;\r\n"), "From: holds no address"},
        {"null address", SLICE("From: <>\r\n"), "From: holds no address"},
        {"literal", SLICE("From: a@[192.0.2.1]\r\n"),
         "From: has an address whose domain is no name: [192.0.2.1]"},
        {"dots", SLICE("From: a@example..com\r\n"), "From: holds no address"},
    };
    char domain[256], why[256];
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK_ROW(rows[i].name, dmarc_author(rows[i].header, domain, why, sizeof why));
        CHECK_ROW_TEXT(rows[i].name, domain, rows[i].domain);
        CHECK_ROW_TEXT(rows[i].name, why, "");
    }
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        CHECK_ROW(refused[i].name, !dmarc_author(refused[i].header, domain, why, sizeof why));
        CHECK_ROW_TEXT(refused[i].name, domain, "");
        CHECK_ROW_TEXT(refused[i].name, why, refused[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),    cmocka_unit_test(test_org_domain),
        cmocka_unit_test(test_check),    cmocka_unit_test(test_alignment_by_list),
        cmocka_unit_test(test_reasons),  cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_prefetch), cmocka_unit_test(test_author),
    };
    return cmocka_run_group_tests_name("dmarc", tests, NULL, NULL);
}
