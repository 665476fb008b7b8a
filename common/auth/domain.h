/* SPDX-License-Identifier: GPL-3.0-or-later */
/* domain.h - names as tags and records give them. */
#ifndef MAILPROOF_AUTH_DOMAIN_H
#define MAILPROOF_AUTH_DOMAIN_H

#include "common/base/slice.h"

enum { DOMAIN_TEXT_MAX = 256 };

/* U-labels to A-labels (RFC 8616), lower case, without a trailing dot; underscores are fine. False where it
 * is no name. */
bool domain_to_ascii(char out[DOMAIN_TEXT_MAX], struct slice name);
/* Whether name is domain or stands below it. Both as domain_to_ascii gives them. */
bool domain_is_below(const char *name, const char *domain);

#endif
