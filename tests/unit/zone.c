/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/zone.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { CNAME = 5, CHAIN_MAX = 8, TYPES = 6 };

struct answers {
    int type;
    struct lookup_answer answer;
    struct record *records;
};

struct node {
    char *name;
    bool silent;
    struct answers of[TYPES];
    struct node *next;
};

struct zone {
    struct node *first;
    unsigned queries, prefetches;
    struct lookup lookup;
};

static const struct {
    const char *name;
    int type;
} types[TYPES] = {{"A", RECORD_A},     {"AAAA", RECORD_AAAA}, {"MX", RECORD_MX},
                  {"PTR", RECORD_PTR}, {"TXT", RECORD_TXT},   {"CNAME", CNAME}};

static void *must(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

static char *lower_name(struct slice name)
{
    if (name.len > 0 && name.data[name.len - 1] == '.')
        name.len--;
    char *copy = must(strndup(name.data, name.len));
    for (char *c = copy; *c != '\0'; c++)
        *c = ascii_lower(*c);
    return copy;
}

static struct node *find(const struct zone *zone, struct slice name)
{
    if (name.len > 0 && name.data[name.len - 1] == '.')
        name.len--;
    for (struct node *n = zone->first; n != NULL; n = n->next)
        if (slice_eq_nocase(slice_from(n->name), name))
            return n;
    return NULL;
}

static struct node *find_or_add(struct zone *zone, struct slice name)
{
    struct node *n = find(zone, name);

    if (n != NULL)
        return n;
    n = must(calloc(1, sizeof *n));
    n->name = lower_name(name);
    for (size_t i = 0; i < TYPES; i++)
        n->of[i].type = types[i].type;
    n->next = zone->first;
    zone->first = n;
    return n;
}

static struct answers *answers_of(struct node *n, int type)
{
    for (size_t i = 0; i < TYPES; i++)
        if (n->of[i].type == type)
            return &n->of[i];
    abort();
}

static const struct lookup_answer *query(void *context, const char *name, enum record_type type)
{
    static const struct lookup_answer nxdomain = {.status = LOOKUP_NXDOMAIN, .problem = ""};
    static const struct lookup_answer nodata = {.status = LOOKUP_NODATA, .problem = ""};
    static const struct lookup_answer silence = {.status = LOOKUP_TEMPERROR, .problem = "no answer"};
    static const struct lookup_answer loop = {.status = LOOKUP_TEMPERROR, .problem = "a loop of CNAMEs"};
    struct zone *zone = context;
    struct slice at = slice_from(name);

    zone->queries++;
    for (int i = 0; i < CHAIN_MAX; i++) {
        struct node *n = find(zone, at);
        if (n == NULL)
            return &nxdomain;
        if (answers_of(n, (int)type)->answer.count > 0)
            return &answers_of(n, (int)type)->answer;
        if (answers_of(n, CNAME)->answer.count == 0)
            return n->silent ? &silence : &nodata;
        at = slice_from(answers_of(n, CNAME)->records[0].name);
    }
    return &loop;
}

static void prefetch(void *context, const char *name, enum record_type type)
{
    (void)name;
    (void)type;
    ((struct zone *)context)->prefetches++;
}

struct zone *zone_new(void)
{
    struct zone *zone = must(calloc(1, sizeof *zone));

    zone->lookup = (struct lookup){zone, query, prefetch};
    return zone;
}

static void free_record(const struct record *r)
{
    free((void *)(uintptr_t)r->name);
}

void zone_free(struct zone **zone)
{
    for (struct node *n = (*zone)->first, *next; n != NULL; n = next) {
        next = n->next;
        for (size_t i = 0; i < TYPES; i++) {
            for (size_t k = 0; k < n->of[i].answer.count; k++)
                free_record(&n->of[i].records[k]);
            free(n->of[i].records);
        }
        free(n->name);
        free(n);
    }
    free(*zone);
    *zone = NULL;
}

static struct record record_of(int type, struct slice value)
{
    struct record r = {.text = SLICE_EMPTY};
    char text[64];

    if (type == RECORD_TXT) {
        char *copy = must(malloc(value.len + 1));
        memcpy(copy, value.data, value.len);
        r.text = slice_of(copy, value.len);
        r.name = copy; /* to be freed */
    } else if (type == RECORD_A || type == RECORD_AAAA) {
        if (!slice_copy(text, sizeof text, value) ||
            inet_pton(type == RECORD_A ? AF_INET : AF_INET6, text, r.bytes) != 1)
            abort();
    } else {
        struct slice word = value;
        unsigned long long preference = 0;
        if (type == RECORD_MX &&
            !slice_number(slice_head(value, slice_find_char(value, ' ')), 65535, &preference))
            abort();
        if (type == RECORD_MX)
            word = slice_skip(value, slice_find_char(value, ' ') + 1);
        r.preference = (unsigned)preference;
        r.name = lower_name(word);
    }
    return r;
}

void zone_add(struct zone *zone, struct slice name, const char *type, struct slice value)
{
    for (size_t i = 0; i < TYPES; i++) {
        if (strcmp(types[i].name, type) != 0)
            continue;
        struct answers *a = answers_of(find_or_add(zone, name), types[i].type);
        a->records = must(reallocarray(a->records, a->answer.count + 1, sizeof *a->records));
        a->records[a->answer.count++] = record_of(types[i].type, value);
        a->answer.records = a->records;
        a->answer.problem = "";
        return;
    }
    abort();
}

void zone_load(struct zone *zone, const char *lines)
{
    struct slice rest = slice_from(lines), line, name, type;

    while (slice_next_line(&rest, &line)) {
        char text[8];
        if (!slice_next_word(&line, &name) || !slice_next_word(&line, &type) ||
            !slice_copy(text, sizeof text, type))
            abort();
        zone_add(zone, name, text, slice_trim(line));
    }
}

void zone_timeout(struct zone *zone, struct slice name)
{
    find_or_add(zone, name)->silent = true;
}

const struct lookup *zone_lookup(struct zone *zone)
{
    zone->queries = zone->prefetches = 0;
    return &zone->lookup;
}

unsigned zone_queries(const struct zone *zone)
{
    return zone->queries;
}

unsigned zone_prefetches(const struct zone *zone)
{
    return zone->prefetches;
}
