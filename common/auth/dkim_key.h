/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dkim_key.h - a public key as the DNS has it (RFC 6376 section 3.6.1, RFC 8463 section 4). */
#ifndef MAILPROOF_AUTH_DKIM_KEY_H
#define MAILPROOF_AUTH_DKIM_KEY_H

#include <openssl/types.h>

#include "common/base/slice.h"

enum { RSA_BITS_MIN = 1024, RSA_BITS_MAX = 8192 }; /* RFC 8301 section 3.2; longer ones cost too much time */

enum dkim_key_type { KEY_RSA, KEY_ED25519 };

enum dkim_key_state {
    KEY_FOREIGN, /* some other text record: no DKIM key at all */
    KEY_BROKEN,  /* cannot be read, or is not for this use: problem says why */
    KEY_REVOKED, /* an empty p= */
    KEY_USABLE
};

struct dkim_key {
    enum dkim_key_state state;
    EVP_PKEY *key;       /* KEY_USABLE */
    unsigned bits;       /* KEY_USABLE */
    bool testing;        /* t=y */
    bool strict;         /* t=s: i= may not be a subdomain */
    const char *problem; /* static */
};

/* A record's text; wanted: what the signature was made with, by SHA-256, in a mail message. */
void dkim_key_read(struct dkim_key *out, struct slice record, enum dkim_key_type wanted);
void dkim_key_clear(struct dkim_key *k);
/* Whether signature is the key's over that SHA-256 digest. */
bool dkim_key_verifies(const struct dkim_key *k, struct slice signature, const unsigned char digest[32]);

#endif
