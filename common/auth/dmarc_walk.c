/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/dmarc_walk.h"

#include <stdio.h>
#include <string.h>

enum { SHORTCUT_LABELS = 7, NAME_SIZE = 256 };

static const char *parent(const char *name)
{
    const char *dot = strchr(name, '.');
    return dot == NULL ? "" : dot + 1;
}

static size_t count_labels(const char *name)
{
    size_t n = 0;

    for (; *name != '\0'; name = parent(name))
        n++;
    return n;
}

size_t dmarc_walk_names(const char *domain, const char *names[WALK_MAX])
{
    size_t count = 0, labels = count_labels(domain);

    while (*domain != '\0' && count < WALK_MAX) {
        names[count++] = domain;
        do
            domain = parent(domain);
        while (--labels > SHORTCUT_LABELS);
    }
    return count;
}

void dmarc_walk_look(struct walk_step *step, const char *name, const struct lookup *lookup)
{
    char query[sizeof "_dmarc." + NAME_SIZE];
    struct dmarc_record record;

    *step = (struct walk_step){.name = name, .status = STEP_EMPTY, .problem = ""};
    if (snprintf(query, sizeof query, "_dmarc.%s", name) >= NAME_SIZE)
        return; /* no such name can be */
    const struct lookup_answer *answer = lookup_query(lookup, query, RECORD_TXT);
    if (answer->status == LOOKUP_TEMPERROR) {
        step->status = STEP_ERROR;
        step->problem = answer->problem;
    }
    for (size_t i = 0; i < answer->count && step->status != STEP_SEVERAL; i++) {
        if (!dmarc_record_parse(&record, answer->records[i].text))
            continue;
        step->status = step->status == STEP_RECORD ? STEP_SEVERAL : STEP_RECORD;
        step->record = record;
    }
}

static bool ends_walk(const struct walk_step *step)
{
    return step->status == STEP_RECORD && step->record.psd != PSD_UNKNOWN;
}

void dmarc_walk_run(struct dmarc_walk *walk, const char *domain, const struct lookup *lookup)
{
    const char *names[WALK_MAX];
    size_t count = dmarc_walk_names(domain, names);

    walk->domain = domain;
    walk->count = 0;
    while (walk->count < count) {
        struct walk_step *step = &walk->step[walk->count];
        dmarc_walk_look(step, names[walk->count++], lookup);
        if (ends_walk(step))
            break;
    }
}

/* The name with one label more. */
static const char *one_below(const struct dmarc_walk *walk, const char *name)
{
    const char *at = name - 1; /* the dot */

    while (at > walk->domain && at[-1] != '.')
        at--;
    return at;
}

/* Whatever stands at a top-level domain, it is a public suffix' record with psd=y (section 5.2), and then
 * the name below is the organizational domain: as it is without an answer, if it has a record. */
static bool is_harmless(const struct dmarc_walk *walk, size_t i)
{
    return i > 0 && strchr(walk->step[i].name, '.') == NULL && walk->step[i - 1].status == STEP_RECORD &&
           walk->step[i - 1].name == one_below(walk, walk->step[i].name);
}

const char *dmarc_walk_org(const struct dmarc_walk *walk, const struct walk_step **open)
{
    const char *org = walk->domain;

    for (size_t i = 0; i < walk->count; i++) {
        const struct walk_step *step = &walk->step[i];
        if (step->status == STEP_ERROR && !is_harmless(walk, i)) {
            if (open != NULL)
                *open = step;
            return NULL;
        }
        if (step->status != STEP_RECORD)
            continue;
        if (step->record.psd == PSD_NO)
            return step->name;
        if (step->record.psd == PSD_YES && i > 0)
            return one_below(walk, step->name);
        org = step->name;
    }
    return org;
}

const struct walk_step *dmarc_walk_at(const struct dmarc_walk *walk, const char *name)
{
    for (size_t i = 0; i < walk->count; i++)
        if (strcmp(walk->step[i].name, name) == 0)
            return &walk->step[i];
    return NULL;
}
