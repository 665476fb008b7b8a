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

const char *record_type_name(enum record_type type)
{
    switch (type) {
    case RECORD_A:
        return "A";
    case RECORD_PTR:
        return "PTR";
    case RECORD_MX:
        return "MX";
    case RECORD_TXT:
        return "TXT";
    case RECORD_AAAA:
        return "AAAA";
    }
    return "";
}
