/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oauth2_endpoint.h - one POST to a token endpoint, over HTTPS by libcurl. */
#ifndef MAILPROOF_NET_OAUTH2_ENDPOINT_H
#define MAILPROOF_NET_OAUTH2_ENDPOINT_H

#include "common/net/endpoint.h"

enum { OAUTH2_BODY_MAX = 2 * SECRET_MAX };

struct oauth2_answer {
    long status;
    struct buffer body; /* BUFFER_SECRET(OAUTH2_BODY_MAX): the caller's */
};

/* form: application/x-www-form-urlencoded, sent as it is. Proxy, --ca-file and --ca-path are the mail side's,
 * beside the system's CAs; the certificate is verified whatever --insecure says, for a secret goes there.
 * Names go by the resolver; redirects are answers, the environment is not heard. A status of any kind is
 * true. False: no answer; kind and stage say why, as of session.h, the text names the server, and the step is
 * TCP where it connects, TLS, or NONE for what is HTTP's.
 */
bool oauth2_post(struct oauth2_answer *answer, const char *url, struct slice form,
                 const struct endpoint *side, struct resolver *resolver, struct transcript *transcript,
                 struct deadline deadline, struct err *err);

#endif
