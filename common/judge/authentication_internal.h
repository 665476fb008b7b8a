/* SPDX-License-Identifier: GPL-3.0-or-later */
/* authentication_internal.h - what the parts of authentication.h share among themselves.
 *
 * authentication.c           what is required and expected
 * authentication_facts.c     what both sides say of one method
 * authentication_compare.c   where they differ
 * authentication_text.c      long output and JSON */
#ifndef MAILPROOF_JUDGE_AUTHENTICATION_INTERNAL_H
#define MAILPROOF_JUDGE_AUTHENTICATION_INTERNAL_H

#include "common/judge/authentication.h"

/* Those before METHOD_OTHER are judged, and told in that order. */
const char *method_name(enum auth_method method); /* "spf" */
bool method_verified(const struct authentication *a, enum auth_method method);
enum verdict method_verdict(const struct authentication *a, enum auth_method method); /* where verified */
const char *method_reason(const struct authentication *a, enum auth_method method);   /* likewise; "" */
/* The signature that counts: an aligned pass, a pass, one that could not be looked up, the first; NULL: none.
 */
const struct dkim_result *best_signature(const struct authentication *a);
/* How the receiver's header must be trusted to be told at all: as the best there is. */
enum trust best_trust(const struct authentication *a);
const struct auth_result *method_reported(const struct authentication *a, enum auth_method method,
                                          enum trust at_least);

/* What counts: the trusted report, or where there is none our own verification. */
struct outcome {
    const struct auth_result *reported; /* NULL: our own, or none */
    bool known, pass, unanswered;
    const char *domain; /* "" unknown */
};
struct outcome method_outcome(const struct authentication *a, enum auth_method method);
/* How the domain that SPF or DKIM passed for stands to From:. */
enum alignment domain_alignment(const struct authentication *a, enum auth_method method, const char *domain);
/* Of a pass; NONE where it did not pass. */
enum alignment outcome_alignment(const struct authentication *a, enum auth_method method);
/* Whether that is enough for DMARC, by the record's adkim or aspf where it is known. */
bool outcome_aligned(const struct authentication *a, enum auth_method method);

enum { DIFFERENCES_MAX = 8 };
struct difference {
    bool is_fault; /* else it has a harmless explanation, or no trusted report */
    char text[ERR_TEXT_MAX];
};
struct differences {
    size_t count;
    struct difference at[DIFFERENCES_MAX];
};
void compare_authentication(const struct authentication *a, struct differences *out);

void authentication_lines(struct report *report, const struct authentication *a,
                          const struct differences *differences);
json_t *authentication_json(const struct authentication *a, const struct differences *differences);

#endif
