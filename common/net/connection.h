/* SPDX-License-Identifier: GPL-3.0-or-later */
/* connection.h - what session.c and its helpers share about one libcurl handle. Internal to this room. */
#ifndef MAILPROOF_NET_CONNECTION_H
#define MAILPROOF_NET_CONNECTION_H

#include <curl/curl.h>

#include "common/net/dialogue.h"
#include "common/net/endpoint.h"
#include "common/net/handshake.h"

/* A socket that was opened, in the order of trying. */
struct attempt {
    char address[ADDRESS_TEXT_MAX];
    struct timespec at;
    int fd; /* libcurl's; may be closed by now */
};

/* Where to, by name and number. Names are A-labels in lower case, addresses have no brackets. */
struct target {
    char verify[DOMAIN_MAX]; /* what the certificate has to be for */
    char host[DOMAIN_MAX];   /* what is connected to, by us or by the proxy */
    unsigned port;
    struct addresses addresses; /* of host; none where the proxy looks it up */
    bool by_proxy;
    char proxy_scheme[16];
    char proxy_host[DOMAIN_MAX];
    unsigned proxy_port;
    struct addresses proxy_addresses;
};

struct connection {
    CURL *easy;
    struct curl_slist *resolve, *connect_to; /* libcurl keeps no copy */
    char error[CURL_ERROR_SIZE];
    bool busy;  /* within curl_easy_perform: what the callbacks write to is there */
    bool http;  /* what is said within TLS is HTTP with secrets: the dialogue hears the proxy only */
    bool plain; /* http without TLS: the dialogue hears nothing */
    struct target target;
    struct handshake handshake;
    struct dialogue dialogue;
    size_t attempt_count;
    struct attempt attempts[ADDRESSES_MAX];
    double patience; /* seconds that this may take */
};

/* connection_target.c: looks up all names. FAULT_CONFIG for a proxy that is none, FAULT_DNS, FAULT_USAGE. */
bool target_find(struct target *t, const struct endpoint *endpoint, struct resolver *resolver,
                 struct deadline deadline, struct err *err);

/* session.c: the callbacks by which handshake, dialogue and attempts are filled; signals stop it. */
bool connection_watch(struct connection *c);
/* session.c: after curl_easy_perform: when it connected, where libcurl did not tell in time. */
void connection_settle(struct connection *c, const struct endpoint *endpoint);
void connection_free(struct connection **c);

/* connection_options.c: everything that libcurl is told but its callbacks. FAULT_CONFIG for files that cannot
 * be read, FAULT_INTERNAL. */
bool connection_configure(struct connection *c, const struct endpoint *endpoint, struct err *err);
/* Parts of it: how long it may take; addresses and proxy. */
bool connection_limit(struct connection *c, struct err *err);
bool connection_route(struct connection *c, const struct endpoint *endpoint, struct err *err);

/* connection_fault.c: after curl_easy_perform went well: false where HELO was taken in place of an EHLO that
 * was refused for now, or without which there is no login. */
bool connection_usable(const struct connection *c, const struct endpoint *endpoint, struct err *err);
/* Why curl_easy_perform failed. Always false. */
bool connection_fault(const struct connection *c, const struct endpoint *endpoint, CURLcode code,
                      struct err *err);

#endif
