/* SPDX-License-Identifier: GPL-3.0-or-later */
/* http.h - one POST, over HTTPS (or HTTP where the caller allows it) by libcurl. */
#ifndef MAILPROOF_NET_HTTP_H
#define MAILPROOF_NET_HTTP_H

#include "common/net/endpoint.h"

enum { HTTP_BODY_MAX = 2 * SECRET_MAX };

/* Strings are the caller's. */
struct http_request {
    const char *url;             /* http_url.h */
    bool plain;                  /* http:// will do, too */
    const char *side;            /* "token": who speaks, in the transcript */
    const char *content_type;    /* NULL: application/x-www-form-urlencoded */
    struct slice body;           /* sent as it is */
    const struct endpoint *like; /* whose proxy, --ca-file and --ca-path are used, and nothing else of it */
};

struct http_answer {
    long status;
    struct buffer body; /* BUFFER_SECRET(HTTP_BODY_MAX): the caller's */
};

/* The CAs of request->like count beside the system's; the certificate is verified whatever --insecure says.
 * Names go by the resolver; redirects are answers, the environment is not heard. A status of any kind is
 * true. False: no answer; kind and stage say why, as of session.h, the text names the server, and the step is
 * TCP where it connects, TLS, or NONE for what is HTTP's. */
bool http_post(struct http_answer *answer, const struct http_request *request, struct resolver *resolver,
               struct transcript *transcript, struct deadline deadline, struct err *err);

#endif
