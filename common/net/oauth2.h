/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oauth2.h - access tokens that are fetched: from this run's memory, else from the cache, else from the token
 * endpoint.
 *
 * A probe asks for it before it connects, so that neither the server waits meanwhile nor the time counts as
 * the server's. Where the server then refuses a token that an earlier run had fetched, the probe lets it be
 * renewed and connects anew, once. */
#ifndef MAILPROOF_NET_OAUTH2_H
#define MAILPROOF_NET_OAUTH2_H

#include "common/base/timeline.h"
#include "common/net/endpoint.h"
#include "common/net/oauth2_assertion.h"
#include "common/net/oauth2_reply.h"

struct oauth2 {
    /* what to ask for; the strings are the caller's */
    enum oauth2_grant grant;
    const char *token_url; /* checked by oauth2_url.h; a service account's own else */
    const char *client_id; /* NULL: a service account */
    const char *scope;     /* NULL: whatever the client has */
    const char *username;
    const char *state_dir; /* NULL: the default of state_dir.h */
    struct secret client_secret, refresh_token;
    struct service_account account;

    /* what there is; filled by oauth2_ready */
    struct secret token;
    double fetched, expires; /* wall clock; expires 0: not told */
    bool cached;             /* by an earlier run */
    double request_s;        /* what asking the endpoint took; 0: nobody asked it */
    bool renewed;            /* the server had refused what was cached */
    char note[ERR_TEXT_MAX]; /* why nothing is kept; "": all is well */
};

#define OAUTH2_INIT                                                                                          \
    ((struct oauth2){.client_secret = SECRET_NONE,                                                           \
                     .refresh_token = SECRET_NONE,                                                           \
                     .account = SERVICE_ACCOUNT_NONE,                                                        \
                     .token = SECRET_NONE})

void oauth2_clear(struct oauth2 *o); /* wipes the secrets */

/* Sees to it that side->login.oauth2 holds a token that is still good for a while; true at once where it does
 * or where there is none to fetch. timeline gets the step "token" where it took one. The stage in err is that
 * of the login. Faults: AUTH_TOKEN for all that the endpoint did or did not do, the text says which step;
 * CONFIG INTERRUPTED INTERNAL. */
bool oauth2_ready(const struct endpoint *side, struct resolver *resolver, struct timeline *timeline,
                  struct transcript *transcript, struct deadline deadline, struct err *err);
/* Whether that refusal of a login may be about a token that was cached and is worth another one. */
bool oauth2_is_stale(const struct endpoint *side, const struct err *refusal);
/* Another token in place of the one that was refused: what another run has fetched meanwhile, or a new one.
 */
bool oauth2_renew(const struct endpoint *side, struct resolver *resolver, struct timeline *timeline,
                  struct transcript *transcript, struct deadline deadline, struct err *err);

#endif
