/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dkim.h - DomainKeys Identified Mail (RFC 6376, 8301, 8463, 8616): do the signatures of a message hold?
 *
 * The message comes as a stream: the header section whole, the body in pieces, so that a 100 MB message costs no more memory
 * than a small one. Pure: DNS comes through lookup.h. */
#ifndef MAILPROOF_AUTH_DKIM_H
#define MAILPROOF_AUTH_DKIM_H

#include <time.h>

#include "common/auth/verdict.h"
#include "common/base/slice.h"
#include "common/dns/lookup.h"

enum { DKIM_SIGNATURES_MAX = 20 };

struct dkim_result {
    /* fail: a bad signature or body, or expired; policy: rsa-sha1 or a key under 1024 bits; permerror: a key that is
     * missing or cannot be used, a broken tag list; temperror: the key could not be looked up, and all else is right */
    enum verdict verdict;
    char domain[256];   /* d=, A-labels, lower case */
    char selector[128]; /* s= */
    char identity[256]; /* i=, or "@" and d= */
    char algorithm[24]; /* "rsa-sha256" */
    char canonicalization[20]; /* "relaxed/simple" */
    unsigned bits;      /* of the key; 0 unknown */
    bool testing;       /* key's t=y */
    bool body_partial;  /* l= leaves some of the body unsigned */
    unsigned long long unsigned_bytes;
    bool body_failed;   /* the body's hash differs: bytes changed on the way, or a footer was added */
    bool key_revoked;   /* its p= is empty */
    bool key_missing;   /* no name, no text record there, or no key among them */
    bool expired;       /* x= has passed */
    bool authenticated; /* the key's answer was DNSSEC-validated */
    char reason[256];   /* one sentence, cleaned; "" for a plain pass; a pass may have one too: signed in the future */
};

struct dkim;

/* header: the header section, valid until dkim_free; what follows its empty line is not looked at. Never NULL but out of
 * memory. */
struct dkim *dkim_new(struct slice header);
void dkim_free(struct dkim **d);
/* Asks for the keys of all signatures ahead. */
void dkim_prefetch(const struct dkim *d, const struct lookup *lookup);
/* The body, in pieces of any size, CRLF or LF lines. */
void dkim_body(struct dkim *d, struct slice piece);
/* After the body's end, once. now: for x= and t=. Returns how many signatures there are (at most DKIM_SIGNATURES_MAX are
 * judged), results in the order of the message, top first. */
size_t dkim_finish(struct dkim *d, const struct lookup *lookup, time_t now,
                   struct dkim_result results[DKIM_SIGNATURES_MAX]);

#endif
