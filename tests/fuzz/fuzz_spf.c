/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A domain and a whole DNS of strangers: whatever they say, the check ends within RFC 7208's limits, and what
 * it says is fit for a status line. Input: client, sender and HELO in a line each, then a line for each
 * answer to come (one for many questions, again from the first when all are used): "T" text, "A" bytes of an
 * address, "M" names of an MX, "P" names of a PTR, "N" no data, "X" no name, "E" an error. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/auth/spf.h"
#include "common/auth/verdict.h"
#include "common/base/text.h"

enum {
    ANSWERS_MAX = 64,
    RECORDS_MAX = 16,
    NAME_SIZE = 301, /* more than any may have */
    /* a record has ten terms that ask; of them each mx asks for ten hosts; the client's names; the
       explanation */
    QUERIES_MAX = SPF_LOOKUPS_MAX * (1 + SPF_MX_MAX) + 2 * (1 + SPF_PTR_MAX) + 4
};

struct given {
    struct lookup_answer answer;
    struct record record[RECORDS_MAX];
    char name[RECORDS_MAX][NAME_SIZE];
};

struct source {
    struct slice answer[ANSWERS_MAX];
    size_t count;
    unsigned queries, prefetches;
    struct given *given[QUERIES_MAX];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* Lower case, without NUL, as lookup.h promises. */
static void keep_name(char out[NAME_SIZE], struct slice name)
{
    slice_copy(out, NAME_SIZE, name);
    for (; *out != '\0'; out++)
        *out = ascii_lower(*out);
}

static void read_record(struct given *g, struct slice text)
{
    struct record *r = &g->record[g->answer.count];
    char *name = g->name[g->answer.count++];

    *r = (struct record){
        .text = text, .preference = text.len > 0 ? (unsigned char)text.data[0] : 0, .name = name};
    memcpy(r->bytes, text.data, text.len < sizeof r->bytes ? text.len : sizeof r->bytes);
    keep_name(name, text);
}

/* Records are divided by "|". */
static void read_answer(struct given *g, struct slice line)
{
    char kind = line.len > 0 ? line.data[0] : 'N';
    struct slice rest = slice_skip(line, 1);

    g->answer = (struct lookup_answer){.status = LOOKUP_FOUND, .records = g->record, .problem = ""};
    if (kind == 'N' || kind == 'X') {
        g->answer.status = kind == 'N' ? LOOKUP_NODATA : LOOKUP_NXDOMAIN;
    } else if (kind == 'E') {
        g->answer.status = LOOKUP_TEMPERROR;
        g->answer.problem = "SERVFAIL";
    } else {
        do {
            struct slice text = slice_head(rest, slice_find_char(rest, '|'));
            read_record(g, text);
            rest = slice_skip(rest, text.len + 1);
        } while (rest.len > 0 && g->answer.count < RECORDS_MAX);
    }
}

static const struct lookup_answer *query(void *context, const char *name, enum record_type type)
{
    struct source *s = context;
    unsigned n = s->queries++;

    (void)type;
    check(n < QUERIES_MAX);
    check(*name != '\0' && strlen(name) <= 253 && text_is_ascii(slice_from(name)));
    s->given[n] = malloc(sizeof *s->given[n]);
    check(s->given[n] != NULL);
    read_answer(s->given[n], s->count > 0 ? s->answer[n % s->count] : SLICE_EMPTY);
    return &s->given[n]->answer;
}

static void prefetch(void *context, const char *name, enum record_type type)
{
    (void)type;
    check(*name != '\0');
    ((struct source *)context)->prefetches++;
}

static void check_text(const char *text)
{
    char again[512];

    text_clean(again, sizeof again, slice_from(text));
    check(strcmp(text, again) == 0);
}

static void check_result(const struct spf_result *r)
{
    check(r->lookups <= SPF_LOOKUPS_MAX + 1);
    check(r->lookups <= SPF_LOOKUPS_MAX || r->verdict == VERDICT_PERMERROR);
    check(r->void_lookups <= SPF_VOID_MAX + 1);
    check(r->verdict != VERDICT_POLICY && *verdict_name(r->verdict) != '\0');
    check(r->explanation[0] == '\0' || r->verdict == VERDICT_FAIL);
    check(r->mechanism[0] == '\0' || r->verdict == VERDICT_PASS || r->verdict == VERDICT_FAIL ||
          r->verdict == VERDICT_SOFTFAIL || r->verdict == VERDICT_NEUTRAL);
    check(r->reason[0] != '\0');
    check_text(r->reason);
    check_text(r->mechanism);
    check_text(r->domain);
    check(slice_find_char(slice_from(r->explanation), '|') == strlen(r->explanation));
    check(text_is_ascii(slice_from(r->explanation)) || text_is_utf8(slice_from(r->explanation)));
}

static char *take_text(struct slice *rest)
{
    struct slice line = SLICE_EMPTY;

    slice_next_line(rest, &line);
    return strndup(line.data, line.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = slice_of(data, size);
    char *ip = take_text(&rest), *from = take_text(&rest), *helo = take_text(&rest);
    struct source s = {.count = 0};
    const struct lookup lookup = {&s, query, prefetch};
    const struct spf_request request = {
        .client_ip = ip, .mail_from = from, .helo = helo, .now = 1, .deadline = deadline_in(60)};
    struct spf_result result;

    while (s.count < ANSWERS_MAX && slice_next_line(&rest, &s.answer[s.count]))
        s.count++;
    spf_check(&result, &request, &lookup);
    check_result(&result);
    check(s.prefetches <= SPF_LOOKUPS_MAX * (1 + SPF_MX_MAX) + SPF_PTR_MAX);
    for (unsigned i = 0; i < s.queries; i++)
        free(s.given[i]);
    free(ip);
    free(from);
    free(helo);
    return 0;
}
