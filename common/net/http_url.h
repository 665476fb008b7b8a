/* SPDX-License-Identifier: GPL-3.0-or-later */
/* http_url.h - the URL of a POST: a host, perhaps a port, a path and a query; nothing else. */
#ifndef MAILPROOF_NET_HTTP_URL_H
#define MAILPROOF_NET_HTTP_URL_H

#include "common/dns/resolver.h"

enum { HTTP_URL_MAX = 2048 };

struct http_url {
    bool tls;
    char host[DOMAIN_MAX]; /* name (perhaps not ASCII) or address without brackets */
    unsigned port;
    char path[HTTP_URL_MAX]; /* from the slash on, the query included */
};

/* plain: http:// will do as well as https://. wrong: static, "has to begin with https://"; it does not quote
 * the URL, which may hold a password. */
bool http_url_parse(struct http_url *out, const char *url, bool plain, const char **wrong);
bool http_url_check(const char *url, bool plain, const char **wrong);

#endif
