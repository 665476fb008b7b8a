/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A record that is read and written reads the same again; an author domain is a name in its final form; only
 * what passed and aligns makes a pass. The input is a header section, and each of its lines a text record. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/auth/dmarc.h"
#include "common/auth/domain.h"
#include "common/base/buffer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_record(struct slice text)
{
    static const char psd[] = {'u', 'y', 'n'};
    struct dmarc_record one, two;
    struct buffer written = BUFFER_INIT(300);

    if (!dmarc_record_parse(&one, text))
        return;
    check(one.valid == (one.has_p || one.has_rua));
    buffer_printf(&written, "v=DMARC1; adkim=%c; aspf=%c; psd=%c; t=%c",
                  one.adkim == ALIGNMENT_STRICT ? 's' : 'r', one.aspf == ALIGNMENT_STRICT ? 's' : 'r',
                  psd[one.psd], one.testing ? 'y' : 'n');
    if (one.has_p)
        buffer_printf(&written, "; p=%s", dmarc_policy_name(one.p));
    if (one.has_sp)
        buffer_printf(&written, "; sp=%s", dmarc_policy_name(one.sp));
    if (one.has_np)
        buffer_printf(&written, "; np=%s", dmarc_policy_name(one.np));
    if (one.has_rua)
        buffer_append_text(&written, "; rua=mailto:a@b.example");
    if (one.obsolete)
        buffer_append_text(&written, "; pct=1");
    check(dmarc_record_parse(&two, buffer_slice(&written)));
    memcpy(two.warning, one.warning, sizeof two.warning);
    check(one.valid == two.valid && one.p == two.p && one.sp == two.sp && one.np == two.np &&
          one.has_p == two.has_p && one.has_sp == two.has_sp && one.has_np == two.has_np &&
          one.adkim == two.adkim && one.aspf == two.aspf && one.psd == two.psd &&
          one.testing == two.testing && one.has_rua == two.has_rua && one.obsolete == two.obsolete);
    buffer_clear(&written);
}

/* Each name has one of the lines. */
struct source {
    size_t count;
    struct record line[16];
    struct lookup_answer answer;
};

static const struct lookup_answer *query(void *context, const char *name, enum record_type type)
{
    struct source *s = context;

    (void)type;
    check(strlen(name) < 256);
    s->answer = (struct lookup_answer){.status = LOOKUP_NXDOMAIN, .problem = ""};
    if (s->count > 0 && strchr(name, '.') != NULL) {
        s->answer.status = LOOKUP_FOUND;
        s->answer.count = 1;
        s->answer.records = &s->line[strlen(name) % s->count];
    }
    return &s->answer;
}

static void check_result(const char *from, struct source *source)
{
    const struct lookup lookup = {source, query, NULL};
    struct spf_result spf = {.verdict = VERDICT_PASS, .domain = "m.example.com"};
    struct dkim_result dkim[] = {{.verdict = VERDICT_FAIL},
                                 {.verdict = VERDICT_PASS, .domain = "example.net"}};
    struct dmarc_result result;
    const struct dmarc_request request = {from, &spf, dkim, 2};

    slice_copy(dkim[0].domain, sizeof dkim[0].domain, slice_from(from));
    dmarc_check(&result, &request, &lookup);
    check(result.queries <= 8 && result.spf_alignment <= ALIGNMENT_STRICT);
    check((result.views_differ) == (*result.difference != '\0'));
    if (result.walk.verdict == VERDICT_PASS)
        check(
            (result.spf_alignment >= result.record.aspf || result.dkim_alignment[1] >= result.record.adkim) &&
            result.walk.disposition == POLICY_NONE);
    if (result.spf_alignment == ALIGNMENT_STRICT)
        check(strcmp(spf.domain, from) == 0);
    check(*result.walk.reason != '\0' && *result.list.reason != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = slice_of(data, size), rest = input, line;
    struct source source = {.count = 0};
    char domain[DOMAIN_TEXT_MAX], again[DOMAIN_TEXT_MAX], why[256];

    check_record(input);
    while (source.count < 16 && slice_next_line(&rest, &line)) {
        check_record(line);
        source.line[source.count++].text = line;
    }
    bool found = dmarc_author(input, domain, why, sizeof why);
    check(found == (*domain != '\0') && found == (*why == '\0'));
    if (found)
        check(domain_to_ascii(again, slice_from(domain)) && strcmp(domain, again) == 0);
    check_result(found ? domain : "a.m.example.com", &source);
    return 0;
}
