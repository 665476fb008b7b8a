/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bodyhash.h - SHA-256 of a body as it comes by, in the canonical forms and up to the lengths that signatures
 * want. Each canonical form is made and hashed once, however many signatures ask for it, with whatever l=. */
#ifndef MAILPROOF_AUTH_BODYHASH_H
#define MAILPROOF_AUTH_BODYHASH_H

#include "common/auth/canon.h"

#define BODYHASH_WHOLE (~0ULL)
enum { BODYHASH_LIMITS_MAX = 64, SHA256_SIZE = 32 };

struct bodyhash;

/* Makes *set on the first call (it starts as NULL). Before the first piece: there will be a question for the
 * first limit bytes of this form. False: no memory, or more than BODYHASH_LIMITS_MAX different limits. */
bool bodyhash_want(struct bodyhash **set, enum canon canon, unsigned long long limit);
void bodyhash_free(struct bodyhash **set);
/* set may be NULL: nobody asks. */
void bodyhash_feed(struct bodyhash *set, struct slice piece);
void bodyhash_end(struct bodyhash *set);
/* After the end. The hash of the first limit bytes, or of all where there are fewer; NULL where it was not
 * wanted, or OpenSSL failed. *length: of the whole canonical form. */
const unsigned char *bodyhash_get(const struct bodyhash *set, enum canon canon, unsigned long long limit,
                                  unsigned long long *length);

#endif
