/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/http_url.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

enum { PORT_MAX = 65535 };

static bool is_visible(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text == '\x7f')
            return false;
    return true;
}

/* The part, or NULL. curl_free it. */
static char *part(CURLU *parsed, CURLUPart which)
{
    char *text = NULL;

    return curl_url_get(parsed, which, &text, which == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0) == CURLUE_OK
               ? text
               : NULL;
}

static bool take_host(struct http_url *out, const char *host, const char *port)
{
    unsigned long long number = 0;
    char bare[ADDRESS_TEXT_MAX];

    if (host == NULL || port == NULL || !slice_number(slice_from(port), PORT_MAX, &number) || number == 0)
        return false;
    out->port = (unsigned)number;
    return slice_copy(out->host, sizeof out->host, slice_from(resolver_is_literal(host, bare) ? bare : host));
}

static const char *take_parts(struct http_url *out, CURLU *parsed)
{
    char *user = part(parsed, CURLUPART_USER), *password = part(parsed, CURLUPART_PASSWORD),
         *fragment = part(parsed, CURLUPART_FRAGMENT), *host = part(parsed, CURLUPART_HOST),
         *port = part(parsed, CURLUPART_PORT), *path = part(parsed, CURLUPART_PATH),
         *query = part(parsed, CURLUPART_QUERY);
    const char *wrong = NULL;

    if (user != NULL || password != NULL)
        wrong = "may not hold a user name or password";
    else if (fragment != NULL)
        wrong = "may not have a fragment (#)";
    else if (!take_host(out, host, port))
        wrong = "names no host and port";
    else if (snprintf(out->path, sizeof out->path, "%s%s%s", path != NULL ? path : "/",
                      query != NULL ? "?" : "", query != NULL ? query : "") >= (int)sizeof out->path)
        wrong = "is too long";
    curl_free(user);
    curl_free(password);
    curl_free(fragment);
    curl_free(host);
    curl_free(port);
    curl_free(path);
    curl_free(query);
    return wrong;
}

bool http_url_parse(struct http_url *out, const char *url, bool plain, const char **wrong)
{
    struct slice text = slice_from(url);

    *out = (struct http_url){.tls = slice_starts_nocase(text, SLICE("https://"))};
    *wrong = plain ? "has to begin with http:// or https://"
                   : "has to begin with https://: secrets are sent there";
    if (!out->tls && !(plain && slice_starts_nocase(text, SLICE("http://"))))
        return false;
    *wrong = "has characters that no URL has";
    if (!is_visible(url))
        return false;
    CURLU *parsed = curl_url();
    *wrong = "is no URL";
    if (parsed != NULL && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK)
        *wrong = take_parts(out, parsed);
    curl_url_cleanup(parsed);
    return *wrong == NULL;
}

bool http_url_check(const char *url, bool plain, const char **wrong)
{
    struct http_url parsed;

    return http_url_parse(&parsed, url, plain, wrong);
}
