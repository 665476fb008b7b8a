/* SPDX-License-Identifier: GPL-3.0-or-later */
/* name.h - names as they may stand in answers of strangers and be sent to servers. Internal to this room. */
#ifndef MAILPROOF_DNS_NAME_H
#define MAILPROOF_DNS_NAME_H

#include "common/base/slice.h"
#include "common/dns/resolver.h"

/* Letters, digits, hyphens inside, underscores; labels of 1 to 63, 253 in all; no trailing dot (RFC 1123
 * section 2.1). */
bool name_is_host(struct slice name);
/* The same with one trailing dot allowed and removed, in lower case. */
bool name_copy_lower(char out[DOMAIN_MAX], struct slice name);

#endif
