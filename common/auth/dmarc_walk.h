/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dmarc_walk.h - the DNS tree walk (RFC 9989 section 4.10) and the organizational domain that it finds
 * (section 4.10.2). */
#ifndef MAILPROOF_AUTH_DMARC_WALK_H
#define MAILPROOF_AUTH_DMARC_WALK_H

#include "common/auth/dmarc_record.h"
#include "common/dns/lookup.h"

enum { WALK_MAX = 8 };

enum step_status {
    STEP_EMPTY,
    STEP_RECORD,
    STEP_SEVERAL, /* more than one record: as if there were none */
    STEP_ERROR    /* no answer: nothing is known */
};

struct walk_step {
    const char *name; /* the end of the domain where the walk began; without "_dmarc." */
    enum step_status status;
    const char *problem; /* STEP_ERROR; the source's */
    struct dmarc_record record;
};

struct dmarc_walk {
    const char *domain; /* the caller's; must stay */
    size_t count;       /* of names asked, the domain itself first */
    struct walk_step step[WALK_MAX];
};

/* The names that a walk may ask, the domain first. Returns how many. */
size_t dmarc_walk_names(const char *domain, const char *names[WALK_MAX]);
/* What stands at one name. */
void dmarc_walk_look(struct walk_step *step, const char *name, const struct lookup *lookup);
void dmarc_walk_run(struct dmarc_walk *walk, const char *domain, const struct lookup *lookup);
/* The end of the walk's domain. NULL where a missing answer leaves it open: *open (may be NULL) is that step.
 */
const char *dmarc_walk_org(const struct dmarc_walk *walk, const struct walk_step **open);
/* The step at that name, NULL where it was not asked. */
const struct walk_step *dmarc_walk_at(const struct dmarc_walk *walk, const char *name);

#endif
