/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/dkim.h"

#include <stdlib.h>

#include "common/auth/signature_check.h"

struct dkim {
    size_t found; /* in the message; those that are judged come first */
    struct signature signature[DKIM_SIGNATURES_MAX];
    struct field_index *fields; /* NULL where there is no signature */
    struct bodyhash *bodies;
};

static size_t judged(const struct dkim *d)
{
    return d->found < DKIM_SIGNATURES_MAX ? d->found : DKIM_SIGNATURES_MAX;
}

static void find_signatures(struct dkim *d, struct slice header)
{
    struct header_field field;

    for (size_t position = 0; header_next(&header, &field); position++) {
        if (!slice_eq_nocase(field.name, SLICE("DKIM-Signature")))
            continue;
        if (d->found < DKIM_SIGNATURES_MAX)
            signature_read(&d->signature[d->found], SIGNATURE_DKIM, &field, position);
        d->found++;
    }
}

static bool prepare(struct dkim *d, struct slice header)
{
    bool ok = true;

    if (d->found > 0)
        d->fields = field_index_new(header);
    for (size_t i = 0; i < judged(d); i++)
        if (d->signature[i].problem[0] == '\0')
            ok = ok && bodyhash_want(&d->bodies, d->signature[i].body_canon, d->signature[i].body_length);
    return ok && (d->found == 0 || d->fields != NULL);
}

struct dkim *dkim_new(struct slice header)
{
    struct dkim *d = calloc(1, sizeof *d);

    if (d == NULL)
        return NULL;
    find_signatures(d, header);
    if (!prepare(d, header))
        dkim_free(&d);
    return d;
}

void dkim_free(struct dkim **d)
{
    if (*d == NULL)
        return;
    field_index_free(&(*d)->fields);
    bodyhash_free(&(*d)->bodies);
    free(*d);
    *d = NULL;
}

void dkim_prefetch(const struct dkim *d, const struct lookup *lookup)
{
    for (size_t i = 0; i < judged(d); i++)
        signature_prefetch(&d->signature[i], lookup);
}

void dkim_body(struct dkim *d, struct slice piece)
{
    bodyhash_feed(d->bodies, piece);
}

size_t dkim_finish(struct dkim *d, const struct lookup *lookup, time_t now,
                   struct dkim_result results[DKIM_SIGNATURES_MAX])
{
    bodyhash_end(d->bodies);
    for (size_t i = 0; i < judged(d); i++) {
        unsigned char hash[SHA256_SIZE];
        bool ok = signature_header_hash(&d->signature[i], d->fields, hash);
        signature_check(&results[i], &d->signature[i], ok ? hash : NULL, d->bodies, lookup, now);
    }
    return d->found;
}
