/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oauth2_assertion.h - a service account's signed word that it may act for a user: a JWT (RFC 7519), signed
 * by RS256 (RFC 7515, 7518 section 3.3), as an authorization grant (RFC 7523). */
#ifndef MAILPROOF_NET_OAUTH2_ASSERTION_H
#define MAILPROOF_NET_OAUTH2_ASSERTION_H

#include <time.h>

#include "common/base/secret.h"

enum { ASSERTION_LIFETIME_S = 600, ASSERTION_MAX = 16 * 1024 };

/* Out of the JSON file that Google gives: "client_email", "private_key", "private_key_id", "token_uri". Owned
 * by whoever has it. */
struct service_account {
    char *issuer, *key_id, *token_url; /* key_id may be NULL */
    struct secret key;                 /* PEM */
};

#define SERVICE_ACCOUNT_NONE ((struct service_account){.key = SECRET_NONE})

/* path: for error texts. FAULT_CONFIG where it is no such file, or its key cannot be used. */
bool service_account_read(struct service_account *account, struct slice json, const char *path,
                          struct err *err);
void service_account_clear(struct service_account *account);

/* Appends the JWT: issued by the account at now for subject and scope (either may be NULL), to be shown to
 * audience. FAULT_CONFIG where the key does not sign, FAULT_INTERNAL. */
bool assertion_sign(struct buffer *out, const struct service_account *account, const char *subject,
                    const char *scope, const char *audience, time_t now, struct err *err);

#endif
