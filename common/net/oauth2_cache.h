/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oauth2_cache.h - a token that outlives a run: one file of the state directory for each client, user and
 * scope, 0600, written by rename, so that a reader sees an old or a new one, never a part.
 *
 * Who fetches a token holds a lock meanwhile (it dies with the process), so that of many runs at once one
 * asks the endpoint and the others find its answer. */
#ifndef MAILPROOF_NET_OAUTH2_CACHE_H
#define MAILPROOF_NET_OAUTH2_CACHE_H

#include "common/base/clock.h"
#include "common/base/secret.h"

enum { OAUTH2_HASH_MAX = 65 };

struct oauth2_cache {
    int directory; /* -1: cannot be used */
    int lock;      /* -1: not held */
    char name[48];
    char secrets[OAUTH2_HASH_MAX]; /* hash of what the user's files hold: other secrets, another token */
};

/* What is kept. expires: wall clock; 0 where there is no token. */
struct oauth2_entry {
    struct secret token;
    double fetched, expires;
    struct secret
        renewed; /* a refresh token that the endpoint gave in place of the user's; .set false: none */
};

#define OAUTH2_ENTRY_NONE ((struct oauth2_entry){.token = SECRET_NONE, .renewed = SECRET_NONE})

/* identity: whose token it is, without secrets; it makes the file's name. secrets: what proves it. False with
 * FAULT_STATE where the directory cannot be used; then the other functions do nothing. Always
 * oauth2_cache_close it. */
bool oauth2_cache_open(struct oauth2_cache *cache, const char *state_dir, struct slice identity,
                       struct slice secrets, struct err *err);
/* Waits until this run has the lock. False with FAULT_STATE where the deadline passes before, or a signal
 * comes. */
bool oauth2_cache_lock(struct oauth2_cache *cache, struct deadline deadline, struct err *err);
/* *entry, which starts as OAUTH2_ENTRY_NONE, gets what is there: nothing where the file is missing, broken,
 * not ours alone or made with other secrets. */
void oauth2_cache_load(const struct oauth2_cache *cache, struct oauth2_entry *entry);
/* Only with the lock. FAULT_STATE. */
bool oauth2_cache_store(const struct oauth2_cache *cache, const struct oauth2_entry *entry, struct err *err);
void oauth2_cache_close(struct oauth2_cache *cache);
void oauth2_entry_clear(struct oauth2_entry *entry);

#endif
