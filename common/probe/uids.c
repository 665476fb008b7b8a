/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdlib.h>

#include "common/probe/mailbox_internal.h"

void uids_add(struct uids *u, uint32_t uid)
{
    if (u->count == u->capacity) {
        size_t capacity = u->capacity == 0 ? 64 : 2 * u->capacity;
        uint32_t *more = u->count < UIDS_MAX ? realloc(u->uid, capacity * sizeof *more) : NULL;
        if (more == NULL) {
            u->cut = true;
            return;
        }
        u->uid = more;
        u->capacity = capacity;
    }
    u->uid[u->count++] = uid;
}

static int descending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x < y) - (x > y);
}

void uids_sort(struct uids *u)
{
    size_t kept = 0;

    if (u->count == 0)
        return;
    qsort(u->uid, u->count, sizeof *u->uid, descending);
    for (size_t i = 1; i < u->count; i++)
        if (u->uid[i] != u->uid[kept])
            u->uid[++kept] = u->uid[i];
    u->count = kept + 1;
}

bool uids_contain(const struct uids *u, uint32_t uid)
{
    return u->count > 0 && bsearch(&uid, u->uid, u->count, sizeof *u->uid, descending) != NULL;
}

void uids_print(const struct uids *u, size_t from, size_t count, struct buffer *out)
{
    for (size_t i = from; i < from + count && i < u->count; i++)
        buffer_printf(out, "%s%" PRIu32, i > from ? "," : "", u->uid[i]);
}

void uids_clear(struct uids *u)
{
    free(u->uid);
    *u = (struct uids){.count = 0};
}
