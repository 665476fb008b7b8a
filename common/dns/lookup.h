/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lookup.h - DNS as the authentication methods see it: a question, an answer, no sockets.
 *
 * The resolver is one source of answers (resolver_lookup); a table in a test is another. Answers belong to
 * the source and stay valid as long as it. Names are A-labels without a trailing dot, compared without regard
 * to case. */
#ifndef MAILPROOF_DNS_LOOKUP_H
#define MAILPROOF_DNS_LOOKUP_H

#include "common/base/slice.h"

enum record_type { RECORD_A = 1, RECORD_PTR = 12, RECORD_MX = 15, RECORD_TXT = 16, RECORD_AAAA = 28 };

const char *record_type_name(enum record_type type); /* "AAAA" */

enum lookup_status {
    LOOKUP_FOUND,    /* at least one record of the type, behind CNAMEs where there were some */
    LOOKUP_NODATA,   /* the name exists, the type does not */
    LOOKUP_NXDOMAIN, /* the name does not exist */
    LOOKUP_TEMPERROR /* time-out, SERVFAIL, REFUSED, a broken answer: nothing is known */
};

struct record {
    struct slice text;       /* TXT: all strings of the record joined (RFC 7208 section 3.3); any bytes */
    unsigned char bytes[16]; /* A: the first 4; AAAA */
    unsigned preference;     /* MX */
    const char *name;        /* MX, PTR: lower case, no trailing dot; "" for the root */
};

struct lookup_answer {
    enum lookup_status status;
    bool authenticated; /* the resolver set AD (RFC 4035): DNSSEC-validated */
    size_t count;
    const struct record *records; /* in the order of the answer */
    const char *problem;          /* LOOKUP_TEMPERROR: "no answer", "SERVFAIL" ...; else "" */
};

struct lookup {
    void *context;
    /* Never NULL; asks once, then from memory. */
    const struct lookup_answer *(*query)(void *context, const char *name, enum record_type type);
    /* The question will probably be asked: a source that can asks it now, side by side with others. May be
     * NULL. */
    void (*prefetch)(void *context, const char *name, enum record_type type);
};

const struct lookup_answer *lookup_query(const struct lookup *lookup, const char *name,
                                         enum record_type type);
void lookup_prefetch(const struct lookup *lookup, const char *name, enum record_type type);

#endif
