/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arc.h - Authenticated Received Chain (RFC 8617): does the chain of custody hold? A stream as dkim.h's. */
#ifndef MAILPROOF_AUTH_ARC_H
#define MAILPROOF_AUTH_ARC_H

#include <time.h>

#include "common/auth/verdict.h"
#include "common/base/slice.h"
#include "common/dns/lookup.h"

struct arc_result {
    enum verdict verdict; /* none, pass, fail; temperror where a key could not be looked up and all else is right so far */
    unsigned instances;   /* of ARC sets */
    unsigned oldest_pass; /* RFC 8617 section 5.2: the oldest message signature that holds; 0: all of them */
    unsigned failed_instance; /* 0: none */
    char domain[256];     /* of the newest seal */
    char reason[256];     /* cleaned; "" for pass and none */
};

struct arc;

struct arc *arc_new(struct slice header);
void arc_free(struct arc **a);
void arc_prefetch(const struct arc *a, const struct lookup *lookup);
void arc_body(struct arc *a, struct slice piece);
void arc_finish(struct arc *a, const struct lookup *lookup, time_t now, struct arc_result *result);

#endif
