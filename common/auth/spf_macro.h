/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spf_macro.h - macro strings of SPF (RFC 7208 section 7): their grammar, and what they expand to. Internal
 * to spf. Pure. */
#ifndef MAILPROOF_AUTH_SPF_MACRO_H
#define MAILPROOF_AUTH_SPF_MACRO_H

#include <time.h>

#include "common/auth/spf_ip.h"
#include "common/base/slice.h"

enum { SPF_NAME_MAX = 254 }; /* with its NUL */

/* Section 7.2. Any bytes. */
struct spf_values {
    struct slice sender;        /* s */
    struct slice local;         /* l */
    struct slice sender_domain; /* o */
    struct slice domain;        /* d: of the record at hand */
    struct slice validated;     /* p: see spf_macro_uses */
    struct slice helo;          /* h */
    struct slice receiver;      /* r */
    struct spf_ip ip;           /* c, i, v */
    time_t now;                 /* t */
};

enum spf_macro_text {
    SPF_MACRO_STRING, /* of an unknown modifier */
    SPF_DOMAIN_SPEC,  /* ends in a macro, or in a top label below another */
    SPF_EXPLANATION   /* spaces, and the letters c, r and t */
};

/* Whether the grammar allows it. */
bool spf_macro_valid(struct slice text, enum spf_macro_text kind);
/* letter: lower case. text must be valid. */
bool spf_macro_uses(struct slice text, char letter);
/* A valid domain-spec as the name to ask for: without a trailing dot, cut from the left to 253 (section 7.3).
 * False where that is no name: empty or overlong labels, bytes beyond ASCII (RFC 8616 section 4). */
bool spf_macro_name(struct slice spec, const struct spf_values *values, char out[SPF_NAME_MAX]);
/* A valid explanation; cut where it does not fit. Returns the length. */
size_t spf_macro_explain(struct slice text, const struct spf_values *values, char *out, size_t size);
/* Labels of 1 to 63, 253 in all, visible ASCII and spaces. */
bool spf_name_is_usable(struct slice name);

#endif
