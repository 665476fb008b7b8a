/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/net/connection.h"
#include "common/net/truststore.h"

enum { HELO_MAX = 256, URL_MAX = 2048, PATIENCE_MAX = 1000000 /* seconds; libcurl counts in 32 bits */ };

/* One list of options: the first that libcurl refuses stops it. */
#define SET(option, value) (curl_easy_setopt(c->easy, option, value) == CURLE_OK)

static bool is_ipv6(const char *host)
{
    return strchr(host, ':') != NULL;
}

static bool out_of_memory(struct err *err)
{
    return err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
}

/* The local end as the route to that address has it, "[192.0.2.7]" (RFC 5321 section 4.1.3). Nothing is sent.
 */
static bool own_address(char out[HELO_MAX], const char *peer)
{
    struct sockaddr_storage storage = {.ss_family = is_ipv6(peer) ? AF_INET6 : AF_INET};
    struct sockaddr *address = (struct sockaddr *)(void *)&storage;
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)&storage;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)&storage;
    void *bytes = is_ipv6(peer) ? (void *)&v6->sin6_addr : (void *)&v4->sin_addr;
    socklen_t length = is_ipv6(peer) ? sizeof *v6 : sizeof *v4;
    char text[ADDRESS_TEXT_MAX];

    inet_pton(storage.ss_family, peer, bytes);
    v4->sin_port = htons(25); /* where IPv6 has it, too */
    int fd = socket(storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool known = fd >= 0 && connect(fd, address, length) == 0 && getsockname(fd, address, &length) == 0 &&
                 inet_ntop(storage.ss_family, bytes, text, sizeof text) != NULL;
    if (fd >= 0)
        close(fd);
    if (known)
        snprintf(out, HELO_MAX, is_ipv6(peer) ? "[IPv6:%s]" : "[%s]", text);
    return known;
}

/* What is a host name, or an address in brackets; other bytes could end the command. */
static bool read_helo(char out[HELO_MAX], const char *text, struct err *err)
{
    static const char ipv6[] = "[IPv6:";
    char bare[ADDRESS_TEXT_MAX], bracketed[HELO_MAX];
    struct err ignored;

    if (resolver_to_ascii(text, out, &ignored))
        return true;
    slice_copy(bracketed, sizeof bracketed, slice_from(text));
    if (strncmp(text, ipv6, sizeof ipv6 - 1) == 0)
        snprintf(bracketed, sizeof bracketed, "[%s", text + sizeof ipv6 - 1);
    if (bracketed[0] == '[' && resolver_is_literal(bracketed, bare))
        return slice_copy(out, HELO_MAX, slice_from(text));
    return err_set(err, FAULT_USAGE, STAGE_NONE,
                   "\"%s\" is no name for EHLO: a host name, or an address in brackets", text);
}

static bool choose_helo(char out[HELO_MAX], const struct connection *c, const struct endpoint *endpoint,
                        struct err *err)
{
    const struct target *t = &c->target;
    const struct addresses *peer = endpoint->proxy != NULL ? &t->proxy_addresses : &t->addresses;

    if (endpoint->helo != NULL)
        return read_helo(out, endpoint->helo, err);
    if (!endpoint_own_name(out) && (peer->count == 0 || !own_address(out, peer->text[0])))
        slice_copy(out, HELO_MAX, SLICE("[127.0.0.1]"));
    return true;
}

/* libcurl takes the name for EHLO from the path. */
static bool set_url(struct connection *c, const struct endpoint *endpoint, struct err *err)
{
    const struct target *t = &c->target;
    char url[URL_MAX], helo[HELO_MAX] = "";
    bool smtp = endpoint->protocol == PROTOCOL_SMTP;

    if (smtp && !choose_helo(helo, c, endpoint, err))
        return false;
    char *path = curl_easy_escape(c->easy, helo, 0);
    if (path == NULL)
        return out_of_memory(err);
    snprintf(url, sizeof url, is_ipv6(t->verify) ? "%s%s://[%s]:%u/%s" : "%s%s://%s:%u/%s",
             protocol_name(endpoint->protocol), endpoint->tls == TLS_IMPLICIT ? "s" : "", t->verify, t->port,
             path);
    curl_free(path);
    return SET(CURLOPT_URL, url) || out_of_memory(err);
}

static bool add(struct curl_slist **list, const char *text)
{
    struct curl_slist *longer = curl_slist_append(*list, text);

    if (longer == NULL)
        return false;
    *list = longer;
    return true;
}

static bool add_addresses(struct connection *c, const char *host, unsigned port,
                          const struct addresses *addresses)
{
    char entry[DOMAIN_MAX + ADDRESSES_MAX * (ADDRESS_TEXT_MAX + 3) + 16];
    int used = snprintf(entry, sizeof entry, "%s:%u:", host, port);

    if (addresses->count == 0 || resolver_is_literal(host, NULL))
        return true;
    for (size_t i = 0; i < addresses->count; i++)
        used +=
            snprintf(entry + used, sizeof entry - (size_t)used,
                     is_ipv6(addresses->text[i]) ? "%s[%s]" : "%s%s", i > 0 ? "," : "", addresses->text[i]);
    return add(&c->resolve, entry);
}

bool connection_route(struct connection *c, const struct endpoint *endpoint, struct err *err)
{
    const struct target *t = &c->target;
    char proxy[DOMAIN_MAX + 64] = "", to[DOMAIN_MAX + 32];

    if (!add_addresses(c, t->host, t->port, &t->addresses) ||
        !add_addresses(c, t->proxy_host, t->proxy_port, &t->proxy_addresses))
        return out_of_memory(err);
    if (strcmp(t->host, t->verify) != 0) {
        snprintf(to, sizeof to, is_ipv6(t->host) ? "::[%s]:%u" : "::%s:%u", t->host, t->port);
        if (!add(&c->connect_to, to))
            return out_of_memory(err);
    }
    if (endpoint->proxy != NULL)
        snprintf(proxy, sizeof proxy, is_ipv6(t->proxy_host) ? "%s://[%s]:%u" : "%s://%s:%u", t->proxy_scheme,
                 t->proxy_host, t->proxy_port);
    /* empty ones keep the environment's out */
    bool ok = SET(CURLOPT_PROXY, proxy) && SET(CURLOPT_NOPROXY, "") && SET(CURLOPT_RESOLVE, c->resolve) &&
              SET(CURLOPT_CONNECT_TO, c->connect_to) && SET(CURLOPT_HTTPPROXYTUNNEL, 1L) &&
              (endpoint->proxy_username == NULL || SET(CURLOPT_PROXYUSERNAME, endpoint->proxy_username)) &&
              (!endpoint->proxy_password.set ||
               SET(CURLOPT_PROXYPASSWORD, buffer_text(&endpoint->proxy_password.bytes)));
    return ok || out_of_memory(err);
}

static bool check_file(const char *path, const char *what, struct err *err)
{
    return path == NULL || access(path, R_OK) == 0 ||
           err_set(err, FAULT_CONFIG, STAGE_NONE, "%s \"%s\" cannot be read: %m", what, path);
}

static bool check_directory(const char *path, struct err *err)
{
    struct stat info;

    if (path == NULL || (stat(path, &info) == 0 && S_ISDIR(info.st_mode) && access(path, R_OK | X_OK) == 0))
        return true;
    return err_set(err, FAULT_CONFIG, STAGE_NONE, "the CA directory \"%s\" cannot be read", path);
}

static long tls_version(const struct endpoint *endpoint)
{
    switch (endpoint->tls_min) {
    case TLS_VERSION_DEFAULT:
        break;
    case TLS_VERSION_1_0:
        return CURL_SSLVERSION_TLSv1_0;
    case TLS_VERSION_1_1:
        return CURL_SSLVERSION_TLSv1_1;
    case TLS_VERSION_1_2:
        return CURL_SSLVERSION_TLSv1_2;
    case TLS_VERSION_1_3:
        return CURL_SSLVERSION_TLSv1_3;
    }
    return CURL_SSLVERSION_DEFAULT;
}

static long use_ssl(const struct endpoint *endpoint)
{
    switch (endpoint->tls) {
    case TLS_NONE:
        return CURLUSESSL_NONE;
    case TLS_OPPORTUNISTIC:
        return CURLUSESSL_TRY;
    case TLS_DEFAULT:
    case TLS_STARTTLS:
    case TLS_IMPLICIT:
        break;
    }
    return CURLUSESSL_ALL;
}

/* What the user names takes the place of the system's CAs. */
static bool set_trust(struct connection *c, const struct endpoint *endpoint)
{
    if (endpoint->ca_file != NULL || endpoint->ca_path != NULL)
        return SET(CURLOPT_CAINFO, endpoint->ca_file) && SET(CURLOPT_CAPATH, endpoint->ca_path);
    const char *system = truststore_system();
    return system == NULL || (SET(CURLOPT_CAINFO, NULL) && SET(CURLOPT_CAPATH, system));
}

static bool set_tls(struct connection *c, const struct endpoint *endpoint, struct err *err)
{
    bool old = endpoint->tls_min == TLS_VERSION_1_0 || endpoint->tls_min == TLS_VERSION_1_1;

    if (endpoint->tls == TLS_NONE)
        return SET(CURLOPT_USE_SSL, (long)CURLUSESSL_NONE) || out_of_memory(err);
    if (!check_file(endpoint->ca_file, "the CA file", err) || !check_directory(endpoint->ca_path, err) ||
        !check_file(endpoint->client_cert, "the client certificate", err) ||
        !check_file(endpoint->client_key, "the client key", err))
        return false;
    bool ok = SET(CURLOPT_USE_SSL, use_ssl(endpoint)) && SET(CURLOPT_SSLVERSION, tls_version(endpoint)) &&
              SET(CURLOPT_SSL_VERIFYPEER, endpoint->insecure ? 0L : 1L) &&
              SET(CURLOPT_SSL_VERIFYHOST, endpoint->insecure ? 0L : 2L) && set_trust(c, endpoint) &&
              SET(CURLOPT_SSL_ENABLE_ALPN, 0L) && /* it would ask a mail server for HTTP */
              SET(CURLOPT_SSLCERT, endpoint->client_cert) && SET(CURLOPT_SSLKEY, endpoint->client_key) &&
              SET(CURLOPT_KEYPASSWD, "") && /* or OpenSSL asks at the terminal */
              (!old || SET(CURLOPT_SSL_CIPHER_LIST, "DEFAULT@SECLEVEL=0"));
    return ok || err_set(err, FAULT_INTERNAL, STAGE_NONE, "libcurl refuses the TLS options");
}

static double patience(const struct connection *c)
{
    return c->patience < PATIENCE_MAX ? c->patience : PATIENCE_MAX;
}

bool connection_limit(struct connection *c, struct err *err)
{
    long ms = (long)ceil(patience(c) * 1000) + 1; /* 0 would mean no limit at all */

    return (SET(CURLOPT_NOSIGNAL, 1L) && SET(CURLOPT_TIMEOUT_MS, ms) && SET(CURLOPT_CONNECTTIMEOUT_MS, ms) &&
            SET(CURLOPT_ERRORBUFFER, c->error)) ||
           out_of_memory(err);
}

bool connection_configure(struct connection *c, const struct endpoint *endpoint, struct err *err)
{
    long seconds = (long)ceil(patience(c)) + 1;

    if (!connection_limit(c, err))
        return false;
    if (!SET(CURLOPT_CONNECT_ONLY, 1L) || !SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, seconds))
        return out_of_memory(err);
    return set_url(c, endpoint, err) && connection_route(c, endpoint, err) && set_tls(c, endpoint, err);
}
