/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/dns/lookup.h"

const struct lookup_answer *lookup_query(const struct lookup *lookup, const char *name, enum record_type type)
{
    return lookup->query(lookup->context, name, type);
}

void lookup_prefetch(const struct lookup *lookup, const char *name, enum record_type type)
{
    if (lookup->prefetch != NULL)
        lookup->prefetch(lookup->context, name, type);
}
