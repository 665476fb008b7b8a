/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/alignment.h"

#include <libpsl.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>

#include "common/base/slice.h"

static psl_ctx_t *list;

static void read_list(void)
{
    list = psl_latest(NULL);
}

/* The newer of the system's list and libpsl's own, read once; nothing ever changes it. */
static const psl_ctx_t *public_suffixes(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, read_list);
    return list;
}

enum { NAME_MAX_LENGTH = 255 };

const char *alignment_org_domain(const char *domain)
{
    char lower[NAME_MAX_LENGTH + 1];
    size_t length = strlen(domain);

    if (*domain == '\0' || *domain == '.' || length > NAME_MAX_LENGTH)
        return NULL;
    for (size_t i = 0; i <= length; i++)
        lower[i] = ascii_lower(domain[i]);
    const char *org = psl_registrable_domain(public_suffixes(), lower);
    return org == NULL ? NULL : domain + (org - lower);
}

enum alignment alignment_of(const char *identifier, const char *from_domain)
{
    if (*identifier == '\0' || *from_domain == '\0')
        return ALIGNMENT_NONE;
    if (strcasecmp(identifier, from_domain) == 0)
        return ALIGNMENT_STRICT;
    const char *a = alignment_org_domain(identifier);
    const char *b = alignment_org_domain(from_domain);
    return a != NULL && b != NULL && strcasecmp(a, b) == 0 ? ALIGNMENT_RELAXED : ALIGNMENT_NONE;
}
