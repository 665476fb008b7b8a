/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/txt_table.h"

#include <stdlib.h>
#include <strings.h>

static struct txt_name *find(struct txt_table *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcasecmp(t->at[i].name, name) == 0)
            return &t->at[i];
    return NULL;
}

static struct txt_name *find_or_add(struct txt_table *t, const char *name)
{
    struct txt_name *n = find(t, name);

    if (n != NULL)
        return n;
    if (t->count == TXT_TABLE_MAX)
        abort();
    n = &t->at[t->count++];
    n->name = name;
    n->answer = (struct lookup_answer){.status = LOOKUP_NODATA, .records = n->record, .problem = ""};
    return n;
}

static const struct lookup_answer *query(void *context, const char *name, enum record_type type)
{
    static const struct lookup_answer nothing = {.status = LOOKUP_NXDOMAIN, .problem = ""};
    struct txt_table *t = context;
    struct txt_name *n = find(t, name);

    t->queries++;
    return n != NULL && type == RECORD_TXT ? &n->answer : &nothing;
}

static void prefetch(void *context, const char *name, enum record_type type)
{
    struct txt_table *t = context;

    if (find(t, name) != NULL && type == RECORD_TXT)
        t->prefetches++;
}

const struct lookup *txt_table_lookup(struct txt_table *t)
{
    t->lookup = (struct lookup){t, query, prefetch};
    return &t->lookup;
}

void txt_table_add(struct txt_table *t, const char *name, struct slice text)
{
    struct txt_name *n = find_or_add(t, name);

    if (n->answer.count == TXT_RECORDS_MAX)
        abort();
    n->record[n->answer.count++].text = text;
    n->answer.status = LOOKUP_FOUND;
}

void txt_table_answer(struct txt_table *t, const char *name, enum lookup_status status)
{
    struct txt_name *n = find_or_add(t, name);

    n->answer.status = status;
    n->answer.problem = status == LOOKUP_TEMPERROR ? "SERVFAIL" : "";
}
