/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/domain.h"

#include <string.h>

#include "common/dns/resolver.h"

_Static_assert((int)DOMAIN_TEXT_MAX >= (int)DOMAIN_MAX, "resolver_to_ascii writes DOMAIN_MAX bytes");

bool domain_to_ascii(char out[DOMAIN_TEXT_MAX], struct slice name)
{
    char text[4 * DOMAIN_TEXT_MAX]; /* of UTF-8 */
    struct err ignored = ERR_NONE;

    return slice_find_char(name, '\0') == name.len && slice_copy(text, sizeof text, name) &&
           resolver_to_ascii(text, out, &ignored);
}

bool domain_is_below(const char *name, const char *domain)
{
    size_t n = strlen(name), d = strlen(domain);

    return n >= d && strcmp(name + n - d, domain) == 0 && (n == d || name[n - d - 1] == '.');
}
