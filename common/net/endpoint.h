/* SPDX-License-Identifier: GPL-3.0-or-later */
/* endpoint.h - where to connect and as whom: plain values, filled from options. Strings belong to the caller.
 */
#ifndef MAILPROOF_NET_ENDPOINT_H
#define MAILPROOF_NET_ENDPOINT_H

#include "common/base/secret.h"
#include "common/dns/resolver.h"

enum protocol { PROTOCOL_SMTP, PROTOCOL_IMAP, PROTOCOL_POP3 };
enum tls_mode { TLS_DEFAULT, TLS_STARTTLS, TLS_IMPLICIT, TLS_OPPORTUNISTIC, TLS_NONE };
enum tls_version { TLS_VERSION_DEFAULT, TLS_VERSION_1_0, TLS_VERSION_1_1, TLS_VERSION_1_2, TLS_VERSION_1_3 };

struct login {
    const char *username;   /* NULL: nobody signs in */
    struct secret password; /* .set false: none */
    struct secret token;    /* OAuth2 bearer token; .set false: none */
    struct oauth2 *oauth2;  /* fetches one in its place (oauth2.h); the caller's; NULL: nothing does */
    const char *mechanism;  /* upper case, from --auth; NULL: by the default order */
    bool allow_plaintext;   /* credentials may cross an unencrypted connection */
};

struct endpoint {
    enum protocol protocol;
    const char *host; /* name or literal address, as the user wrote it */
    unsigned port;    /* never 0 once read from options: the default is filled in by then */
    enum family family;
    enum tls_mode tls; /* never TLS_DEFAULT once read from options */
    enum tls_version tls_min;
    const char *tls_name; /* verify the certificate against this; NULL: host */
    const char *ca_file;
    const char *ca_path;
    const char *client_cert;
    const char *client_key;
    bool insecure;
    const char *connect_host; /* --connect-to; NULL: host */
    unsigned connect_port;    /* 0: port */
    const char *proxy;        /* socks5://, socks5h://, http:// without user data; NULL: none */
    const char *proxy_username;
    struct secret proxy_password;
    const char *helo; /* SMTP: what EHLO says; NULL: the host's full name */
    struct login login;
};

#define ENDPOINT_INIT                                                                                        \
    ((struct endpoint){.login = {.password = SECRET_NONE, .token = SECRET_NONE},                             \
                       .proxy_password = SECRET_NONE})

void endpoint_clear(struct endpoint *e); /* wipes the secrets */
/* This host's full name, without asking the DNS. False where it has none (no dot in it). */
bool endpoint_own_name(char out[DOMAIN_MAX]);
const char *protocol_name(enum protocol protocol); /* "smtp" */

#endif
