/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "common/auth/dmarc.h"
#include "common/auth/domain.h"
#include "common/base/text.h"
#include "common/mail/address.h"
#include "common/mail/header.h"

static bool refuse(char domain[256], char *why, size_t why_size, const char *text)
{
    *domain = '\0';
    text_clean(why, why_size, slice_from(text));
    return false;
}

/* RFC 9989 section 5.3.1 */
bool dmarc_author(struct slice header, char domain[256], char *why, size_t why_size)
{
    char next[DOMAIN_TEXT_MAX], last[sizeof((struct address *)0)->domain] = "", sentence[700];
    struct header_field from, other;
    struct address address;

    *domain = '\0';
    *why = '\0';
    if (!header_find(header, SLICE("From"), 0, &from))
        return refuse(domain, why, why_size, "there is no From: field");
    if (header_find(header, SLICE("From"), 1, &other))
        return refuse(domain, why, why_size, "there are several From: fields");
    while (address_next(&from.value, &address, NULL)) {
        if (strcmp(address.domain, last) == 0)
            continue;
        strcpy(last, address.domain);
        if (!domain_to_ascii(next, slice_from(address.domain))) {
            snprintf(sentence, sizeof sentence, "From: has an address whose domain is no name: %s",
                     address.domain);
            return refuse(domain, why, why_size, sentence);
        }
        if (*domain != '\0' && strcmp(domain, next) != 0) {
            snprintf(sentence, sizeof sentence, "From: names several domains: %s and %s", domain, next);
            return refuse(domain, why, why_size, sentence);
        }
        strcpy(domain, next);
    }
    return *domain != '\0' || refuse(domain, why, why_size, "From: holds no address");
}
