/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/alignment.h"

#include <libpsl.h>
#include <stdbool.h>
#include <strings.h>

enum alignment alignment_of(const char *identifier, const char *from_domain)
{
    if (*identifier == '\0' || *from_domain == '\0')
        return ALIGNMENT_NONE;
    if (strcasecmp(identifier, from_domain) == 0)
        return ALIGNMENT_STRICT;
    psl_ctx_t *psl = psl_latest(NULL);
    const char *a = psl_registrable_domain(psl, identifier);
    const char *b = psl_registrable_domain(psl, from_domain);
    bool same = a != NULL && b != NULL && strcasecmp(a, b) == 0;
    psl_free(psl);
    return same ? ALIGNMENT_RELAXED : ALIGNMENT_NONE;
}
