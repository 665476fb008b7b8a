/* SPDX-License-Identifier: GPL-3.0-or-later */
/* txt_table.h - text records for unit tests in place of the DNS: a source of answers for lookup.h. */
#ifndef MAILPROOF_TESTS_TXT_TABLE_H
#define MAILPROOF_TESTS_TXT_TABLE_H

#include "common/dns/lookup.h"

enum { TXT_TABLE_MAX = 64, TXT_RECORDS_MAX = 20 };

struct txt_name {
    const char *name;
    struct lookup_answer answer;
    struct record record[TXT_RECORDS_MAX];
};

/* Starts as {0}. What is not in it does not exist. */
struct txt_table {
    size_t count;
    struct txt_name at[TXT_TABLE_MAX];
    unsigned queries, prefetches;
    struct lookup lookup;
};

const struct lookup *txt_table_lookup(struct txt_table *t);
/* One more record at that name. name and text must stay. */
void txt_table_add(struct txt_table *t, const char *name, struct slice text);
/* All questions for that name end so. */
void txt_table_answer(struct txt_table *t, const char *name, enum lookup_status status);

#endif
