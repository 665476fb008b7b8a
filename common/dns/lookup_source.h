/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lookup_source.h - the resolver as a source of answers for lookup.h.
 *
 * Each question is put once a run; those put ahead run side by side, and one that is waited for lets the
 * others go on. */
#ifndef MAILPROOF_DNS_LOOKUP_SOURCE_H
#define MAILPROOF_DNS_LOOKUP_SOURCE_H

#include "common/dns/lookup.h"
#include "common/dns/resolver.h"

/* Answers belong to the resolver. Beyond the deadline what has no answer yet is LOOKUP_TEMPERROR; a later
 * call sets another deadline for the questions to come. */
void resolver_lookup(struct resolver *r, struct deadline deadline, struct lookup *out);

#endif
