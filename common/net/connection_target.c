/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "common/net/connection.h"

enum { PORT_MAX = 65535 };

/* A name as the user wrote it, or a literal address. */
static bool read_host(char out[DOMAIN_MAX], const char *text, struct err *err)
{
    char bare[ADDRESS_TEXT_MAX];

    if (text != NULL && resolver_is_literal(text, bare))
        return slice_copy(out, DOMAIN_MAX, slice_from(bare));
    return resolver_to_ascii(text, out, err);
}

/* socks5://host:port, socks5h://, http://: nothing else, and no user data. */
static const char *parse_proxy(struct target *t, CURLU *url, const char *text, struct err *err)
{
    static const char *const schemes[] = {"socks5", "socks5h", "http"};
    char *scheme = NULL, *host = NULL, *port = NULL, *user = NULL, *path = NULL;
    unsigned long long number = 0;
    const char *wrong = "is none such as socks5://host:1080 or http://host:3128";

    if (curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        wrong = "has to begin with socks5://, socks5h:// or http://";
        for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
            if (strcmp(scheme, schemes[i]) == 0)
                wrong = NULL;
        if (wrong == NULL && curl_url_get(url, CURLUPART_PORT, &port, 0) != CURLUE_OK)
            wrong = "lacks a port";
        else if (wrong == NULL && (!slice_number(slice_from(port), PORT_MAX, &number) || number == 0))
            wrong = "has no valid port";
        else if (wrong == NULL && curl_url_get(url, CURLUPART_PATH, &path, 0) == CURLUE_OK &&
                 strcmp(path, "/") != 0)
            wrong = "has more than host and port";
    }
    /* before anything is quoted: it may hold a password */
    if (curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_OK)
        wrong = "may not hold user data: there are options for that";
    if (wrong == NULL) {
        slice_copy(t->proxy_scheme, sizeof t->proxy_scheme, slice_from(scheme));
        t->proxy_port = (unsigned)number;
        if (!read_host(t->proxy_host, host, err))
            wrong = "names no host";
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_free(user);
    curl_free(path);
    return wrong;
}

static bool read_proxy(struct target *t, const char *text, struct err *err)
{
    CURLU *url = curl_url();

    if (url == NULL)
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
    const char *wrong = parse_proxy(t, url, text, err);
    curl_url_cleanup(url);
    if (wrong != NULL)
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "the URL of the proxy %s", wrong);
    return true;
}

bool target_find(struct target *t, const struct endpoint *endpoint, struct resolver *resolver,
                 struct deadline deadline, struct err *err)
{
    const char *host = endpoint->connect_host != NULL ? endpoint->connect_host : endpoint->host;

    *t = (struct target){.port = endpoint->connect_port != 0 ? endpoint->connect_port : endpoint->port};
    if (!read_host(t->verify, endpoint->tls_name != NULL ? endpoint->tls_name : endpoint->host, err) ||
        !read_host(t->host, host, err))
        return false;
    if (endpoint->proxy != NULL && !read_proxy(t, endpoint->proxy, err))
        return false;
    if (endpoint->proxy != NULL) {
        /* socks5 wants an address from us; the others look names up at their end of the wire */
        t->by_proxy = strcmp(t->proxy_scheme, "socks5") != 0;
        if (!resolver_addresses(resolver, t->proxy_host, endpoint->family, deadline, &t->proxy_addresses,
                                err))
            return false;
    }
    return t->by_proxy ||
           resolver_addresses(resolver, t->host, endpoint->family, deadline, &t->addresses, err);
}
