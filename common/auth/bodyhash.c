/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/bodyhash.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* One running hash serves all limits: at each of them a copy of it is finished. */
struct limit {
    unsigned long long at;
    bool reached, ok;
    unsigned char hash[SHA256_SIZE];
};

struct form {
    struct canon_body canon;
    EVP_MD_CTX *running;
    unsigned long long length; /* of what was canonical and hashed, staged bytes not included */
    bool ok;
    size_t limit_count;
    struct limit limit[BODYHASH_LIMITS_MAX];
    size_t staged; /* lines are short, and OpenSSL likes long runs */
    char stage[16 * 1024];
};

struct bodyhash {
    struct form *form[2]; /* by enum canon; NULL: not wanted */
};

static void reach(struct form *f, struct limit *limit)
{
    EVP_MD_CTX *copy = EVP_MD_CTX_new();

    limit->reached = true;
    limit->ok = f->ok && copy != NULL && EVP_MD_CTX_copy_ex(copy, f->running) == 1 &&
                EVP_DigestFinal_ex(copy, limit->hash, NULL) == 1;
    EVP_MD_CTX_free(copy);
}

/* Finishes the hash of each limit that is at the present length. Returns the next one. */
static unsigned long long next_limit(struct form *f)
{
    unsigned long long next = BODYHASH_WHOLE;

    for (size_t i = 0; i < f->limit_count; i++) {
        struct limit *limit = &f->limit[i];
        if (!limit->reached && limit->at == f->length)
            reach(f, limit);
        if (!limit->reached && limit->at < next)
            next = limit->at;
    }
    return next;
}

static void hash(struct form *f, struct slice bytes)
{
    while (bytes.len > 0) {
        unsigned long long left = next_limit(f) - f->length;
        struct slice part = left < bytes.len ? slice_head(bytes, (size_t)left) : bytes;
        f->ok = f->ok && EVP_DigestUpdate(f->running, part.data, part.len) == 1;
        f->length += part.len;
        bytes = slice_skip(bytes, part.len);
    }
}

static void flush(struct form *f)
{
    hash(f, slice_of(f->stage, f->staged));
    f->staged = 0;
}

static void take(void *context, struct slice bytes)
{
    struct form *f = context;

    if (bytes.len > sizeof f->stage - f->staged)
        flush(f);
    if (bytes.len >= sizeof f->stage) {
        hash(f, bytes);
        return;
    }
    memcpy(f->stage + f->staged, bytes.data, bytes.len);
    f->staged += bytes.len;
}

static struct form *form_new(enum canon canon)
{
    struct form *f = calloc(1, sizeof *f);

    if (f == NULL)
        return NULL;
    canon_body_init(&f->canon, canon, (struct canon_sink){take, f});
    f->running = EVP_MD_CTX_new();
    f->ok = f->running != NULL && EVP_DigestInit_ex(f->running, EVP_sha256(), NULL) == 1;
    return f;
}

static bool want_limit(struct form *f, unsigned long long at)
{
    for (size_t i = 0; i < f->limit_count; i++)
        if (f->limit[i].at == at)
            return true;
    if (f->limit_count == BODYHASH_LIMITS_MAX)
        return false;
    f->limit[f->limit_count++].at = at;
    return true;
}

bool bodyhash_want(struct bodyhash **set, enum canon canon, unsigned long long limit)
{
    if (*set == NULL)
        *set = calloc(1, sizeof **set);
    if (*set != NULL && (*set)->form[canon] == NULL)
        (*set)->form[canon] = form_new(canon);
    return *set != NULL && (*set)->form[canon] != NULL && want_limit((*set)->form[canon], limit);
}

void bodyhash_free(struct bodyhash **set)
{
    for (size_t i = 0; *set != NULL && i < 2; i++) {
        if ((*set)->form[i] != NULL)
            EVP_MD_CTX_free((*set)->form[i]->running);
        free((*set)->form[i]);
    }
    free(*set);
    *set = NULL;
}

void bodyhash_feed(struct bodyhash *set, struct slice piece)
{
    for (size_t i = 0; set != NULL && i < 2; i++)
        if (set->form[i] != NULL)
            canon_body_feed(&set->form[i]->canon, piece);
}

static void end(struct form *f)
{
    canon_body_end(&f->canon);
    flush(f);
    for (size_t i = 0; i < f->limit_count; i++)
        if (!f->limit[i].reached)
            reach(f, &f->limit[i]);
}

void bodyhash_end(struct bodyhash *set)
{
    for (size_t i = 0; set != NULL && i < 2; i++)
        if (set->form[i] != NULL)
            end(set->form[i]);
}

const unsigned char *bodyhash_get(const struct bodyhash *set, enum canon canon, unsigned long long limit,
                                  unsigned long long *length)
{
    const struct form *f = set == NULL ? NULL : set->form[canon];

    for (size_t i = 0; f != NULL && i < f->limit_count; i++) {
        if (f->limit[i].at == limit) {
            *length = f->length;
            return f->limit[i].ok ? f->limit[i].hash : NULL;
        }
    }
    return NULL;
}
