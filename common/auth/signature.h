/* SPDX-License-Identifier: GPL-3.0-or-later */
/* signature.h - what a DKIM-Signature (RFC 6376 section 3.5), an ARC-Message-Signature or an ARC-Seal (RFC
 * 8617 section 4.1) says. Slices point into the header section. */
#ifndef MAILPROOF_AUTH_SIGNATURE_H
#define MAILPROOF_AUTH_SIGNATURE_H

#include "common/auth/bodyhash.h"
#include "common/auth/domain.h"

enum { ARC_INSTANCE_MAX = 50 };

enum signature_kind { SIGNATURE_DKIM, SIGNATURE_ARC_MESSAGE, SIGNATURE_ARC_SEAL };
enum signature_algorithm {
    ALGORITHM_UNKNOWN,
    ALGORITHM_RSA_SHA1,
    ALGORITHM_RSA_SHA256,
    ALGORITHM_ED25519_SHA256
};

struct signature {
    enum signature_kind kind;
    char problem[128];              /* why it cannot be used, what there is before it is filled in; "" */
    struct slice before_b, after_b; /* the field without the value of b= */
    size_t position;                /* among the fields, 0: the topmost */
    enum signature_algorithm algorithm;
    enum canon header_canon, body_canon;
    char domain[DOMAIN_TEXT_MAX], selector[DOMAIN_TEXT_MAX]; /* A-labels */
    char identity_domain[DOMAIN_TEXT_MAX];                   /* of i= or d= */
    struct slice algorithm_text, canon_text, identity;       /* a=, c=, i= as they stand; empty if absent */
    struct slice headers;                                    /* h= */
    struct slice signature;                                  /* b=, base64 */
    unsigned char body_hash[SHA256_SIZE];
    unsigned long long body_length; /* l=, or BODYHASH_WHOLE */
    bool has_time, has_expiry;
    unsigned long long time, expiry; /* t=, x= */
    unsigned instance;               /* ARC's i= */
    struct slice chain_state;        /* ARC's cv= */
};

void signature_read(struct signature *out, enum signature_kind kind, const struct header_field *field,
                    size_t position);
/* "SELECTOR._domainkey.DOMAIN"; false where that is longer than a name can be. */
bool signature_key_name(const struct signature *s, char out[DOMAIN_TEXT_MAX]);

#endif
