/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oauth2_url.h - the URL of a token endpoint: https, because secrets are sent there; a host, perhaps a port,
 * a path and a query; nothing else. */
#ifndef MAILPROOF_NET_OAUTH2_URL_H
#define MAILPROOF_NET_OAUTH2_URL_H

#include "common/dns/resolver.h"

enum { OAUTH2_URL_MAX = 2048 };

struct oauth2_url {
    char host[DOMAIN_MAX]; /* name (perhaps not ASCII) or address without brackets */
    unsigned port;
    char path[OAUTH2_URL_MAX]; /* from the slash on, the query included */
};

/* wrong: static, "has to begin with https://"; it does not quote the URL, which may hold a password. */
bool oauth2_url_parse(struct oauth2_url *out, const char *url, const char **wrong);
bool oauth2_url_check(const char *url, const char **wrong);

#endif
