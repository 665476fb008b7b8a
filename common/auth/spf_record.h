/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spf_record.h - the grammar of SPF records (RFC 7208 sections 4.5, 4.6, 5, 6 and 12). Internal to spf. Pure:
 * slices point into the record. */
#ifndef MAILPROOF_AUTH_SPF_RECORD_H
#define MAILPROOF_AUTH_SPF_RECORD_H

#include "common/auth/verdict.h"
#include "common/base/slice.h"

enum spf_kind {
    SPF_ALL,
    SPF_INCLUDE,
    SPF_A,
    SPF_MX,
    SPF_PTR,
    SPF_IP4,
    SPF_IP6,
    SPF_EXISTS,
    SPF_REDIRECT,
    SPF_EXP,
    SPF_UNKNOWN /* a modifier that nobody knows: ignored */
};

struct spf_term {
    enum spf_kind kind;
    struct slice text;      /* as written */
    enum verdict qualifier; /* of a mechanism: what a match means */
    struct slice domain;    /* domain-spec; empty: none was given */
    unsigned char network[16];
    unsigned bits4, bits6; /* of the network, or of the addresses that a and mx find */
    const char *problem;   /* NULL, or what is wrong: "the address is no IPv4 address" */
};

struct spf_record {
    struct slice terms;    /* behind the version */
    struct slice redirect; /* domain-specs; empty: none */
    struct slice exp;
    struct spf_term broken; /* where spf_record_parse fails */
};

/* Whether a TXT record is an SPF record: the version is a word by itself. */
bool spf_record_is(struct slice text);
/* Checks all of an SPF record, section 4.6. False: broken says what and why. */
bool spf_record_parse(struct spf_record *out, struct slice text);
/* Takes the next term off the front of *rest. False at the end. */
bool spf_term_next(struct slice *rest, struct spf_term *out);
/* Terms that count for the limit of section 4.6.4. */
bool spf_kind_asks_dns(enum spf_kind kind);
bool spf_kind_is_modifier(enum spf_kind kind);

#endif
