/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dmarc.h - DMARC (RFC 9989): policy discovery by tree walk, organizational domain, alignment, disposition;
 * beside it the view of a receiver that is still on RFC 7489 and the Public Suffix List. Pure: DNS comes
 * through lookup.h. */
#ifndef MAILPROOF_AUTH_DMARC_H
#define MAILPROOF_AUTH_DMARC_H

#include "common/auth/dkim.h"
#include "common/auth/dmarc_record.h"
#include "common/auth/spf.h"

/* What one view of the standard finds. */
struct dmarc_view {
    enum verdict verdict;          /* pass, fail, none (no record), temperror, permerror */
    enum dmarc_policy policy;      /* that applies */
    enum dmarc_policy disposition; /* asked for: none on pass; t=y lowers one level */
    char record_domain[256];       /* where the record stands; "" */
    char org_domain[256];          /* of the author domain; "" unknown */
    char reason[512];              /* one sentence, cleaned */
};

struct dmarc_request {
    const char *from_domain; /* author domain, A-labels, lower case; "": none could be found (permerror) */
    const struct spf_result *spf;   /* NULL: not checked */
    const struct dkim_result *dkim; /* NULL with count 0 */
    size_t dkim_count;              /* at most DKIM_SIGNATURES_MAX */
};

struct dmarc_result {
    struct dmarc_view walk;     /* RFC 9989 */
    struct dmarc_view list;     /* RFC 7489 */
    bool views_differ;          /* in verdict, policy or organizational domain */
    char difference[512];       /* one sentence, cleaned; "" */
    struct dmarc_record record; /* of the tree walk */
    bool subdomain_missing;     /* the author domain does not exist: np applies */
    /* By the tree walk, whether or not it passed. NONE also where a missing answer leaves it open. */
    enum alignment spf_alignment;
    enum alignment dkim_alignment[DKIM_SIGNATURES_MAX];
    unsigned queries; /* of the author domain's tree walk */
};

/* Asks for the records of the walk ahead. */
void dmarc_prefetch(const char *from_domain, const struct lookup *lookup);
void dmarc_check(struct dmarc_result *result, const struct dmarc_request *request,
                 const struct lookup *lookup);

/* The author domain of a header section: of From:, A-labels. False, with a sentence, where there is none,
 * several From: fields or several domains. */
bool dmarc_author(struct slice header, char domain[256], char *why, size_t why_size);

#endif
