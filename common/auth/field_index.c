/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/field_index.h"

#include <stdlib.h>
#include <string.h>

/* A header may be a megabyte of tiny fields: what can be read again from the raw field is not kept. */
struct entry {
    struct slice raw;
    size_t name_len;
    size_t position;
};

/* The fields of one name: entries first to end - 1. */
struct run {
    size_t first, end;
    size_t left; /* fields not taken in this round are first to first + left - 1 */
    unsigned round;
};

struct field_index {
    size_t count, capacity;
    struct entry *entry; /* by name, then position */
    size_t run_count;
    struct run *run;
    unsigned round;
    size_t except;
};

static struct slice name_of(const struct entry *e)
{
    return slice_head(e->raw, e->name_len);
}

/* An order of names in which the case of letters does not count; the length comes first, it is cheap. */
static int compare_names(struct slice a, struct slice b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    for (size_t i = 0; i < a.len; i++) {
        int difference = ascii_lower(a.data[i]) - ascii_lower(b.data[i]);
        if (difference != 0)
            return difference;
    }
    return 0;
}

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int by_name = compare_names(name_of(a), name_of(b));

    if (by_name != 0)
        return by_name;
    return a->position < b->position ? -1 : a->position > b->position;
}

static bool add(struct field_index *index, const struct header_field *field)
{
    if (index->count == index->capacity) {
        size_t capacity = index->capacity == 0 ? 64 : 2 * index->capacity;
        struct entry *more = realloc(index->entry, capacity * sizeof *more);
        if (more == NULL)
            return false;
        index->entry = more;
        index->capacity = capacity;
    }
    index->entry[index->count] = (struct entry){field->raw, field->name.len, index->count};
    index->count++;
    return true;
}

static bool starts_run(const struct field_index *index, size_t i)
{
    return i == 0 || compare_names(name_of(&index->entry[i - 1]), name_of(&index->entry[i])) != 0;
}

static bool find_runs(struct field_index *index)
{
    for (size_t i = 0; i < index->count; i++)
        index->run_count += starts_run(index, i);
    index->run = calloc(index->run_count + 1, sizeof *index->run);
    if (index->run == NULL)
        return false;
    struct run *run = index->run - 1;
    for (size_t i = 0; i < index->count; i++) {
        if (starts_run(index, i))
            (++run)->first = i;
        run->end = i + 1;
    }
    return true;
}

struct field_index *field_index_new(struct slice header)
{
    struct field_index *index = calloc(1, sizeof *index);
    struct header_field field;
    bool ok = index != NULL;

    while (ok && header_next(&header, &field))
        ok = add(index, &field);
    if (ok && index->count > 0)
        qsort(index->entry, index->count, sizeof *index->entry, compare_entries);
    if (!ok || !find_runs(index))
        field_index_free(&index);
    return index;
}

void field_index_free(struct field_index **index)
{
    if (*index == NULL)
        return;
    free((*index)->entry);
    free((*index)->run);
    free(*index);
    *index = NULL;
}

void field_index_restart(struct field_index *index, size_t except)
{
    index->round++;
    index->except = except;
}

static struct run *find_run(const struct field_index *index, struct slice name)
{
    size_t low = 0, high = index->run_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct run *run = &index->run[middle];
        int order = compare_names(name, name_of(&index->entry[run->first]));
        if (order == 0)
            return run;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

bool field_index_take(struct field_index *index, struct slice name, struct header_field *field)
{
    struct run *run = find_run(index, name);

    if (run == NULL)
        return false;
    if (run->round != index->round) {
        run->round = index->round;
        run->left = run->end - run->first;
    }
    while (run->left > 0) {
        const struct entry *entry = &index->entry[run->first + --run->left];
        struct slice raw = entry->raw;
        if (entry->position != index->except)
            return header_next(&raw, field);
    }
    return false;
}
