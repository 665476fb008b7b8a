/* SPDX-License-Identifier: GPL-3.0-or-later */
/* connection.h - the options of common/cli/connection.ggo, checked and made an endpoint.
 *
 * gengetopt's structs differ from plugin to plugin, and from prefix to prefix; CONNECTION_ARGS makes plain
 * strings of them, so that one function serves all. What a side lacks it takes from the unprefixed options.
 */
#ifndef MAILPROOF_CLI_CONNECTION_H
#define MAILPROOF_CLI_CONNECTION_H

#include "common/net/endpoint.h"
#include "common/net/oauth2.h"

/* in the order of the help text */
#define CONNECTION_VALUES(X)                                                                                 \
    X(HOSTNAME, "hostname")                                                                                  \
    X(PORT, "port")                                                                                          \
    X(CONNECT_TO, "connect-to")                                                                              \
    X(TLS, "tls")                                                                                            \
    X(CA_FILE, "ca-file")                                                                                    \
    X(CA_PATH, "ca-path")                                                                                    \
    X(CLIENT_CERT, "client-cert")                                                                            \
    X(CLIENT_KEY, "client-key")                                                                              \
    X(TLS_MIN, "tls-min")                                                                                    \
    X(TLS_NAME, "tls-name")                                                                                  \
    X(PROXY, "proxy")                                                                                        \
    X(PROXY_USERNAME, "proxy-username")                                                                      \
    X(PROXY_PASSWORD_FILE, "proxy-password-file")                                                            \
    X(USERNAME, "username")                                                                                  \
    X(PASSWORD_FILE, "password-file")                                                                        \
    X(PASSWORD_ENV, "password-env")                                                                          \
    X(NETRC_FILE, "netrc-file")                                                                              \
    X(OAUTH2_TOKEN_FILE, "oauth2-token-file")                                                                \
    X(OAUTH2_TOKEN_URL, "oauth2-token-url")                                                                  \
    X(OAUTH2_CLIENT_ID, "oauth2-client-id")                                                                  \
    X(OAUTH2_CLIENT_SECRET_FILE, "oauth2-client-secret-file")                                                \
    X(OAUTH2_REFRESH_TOKEN_FILE, "oauth2-refresh-token-file")                                                \
    X(OAUTH2_SCOPE, "oauth2-scope")                                                                          \
    X(OAUTH2_SERVICE_ACCOUNT, "oauth2-service-account")                                                      \
    X(AUTH, "auth")

enum connection_value {
#define X(name, option) CONNECTION_##name,
    CONNECTION_VALUES(X)
#undef X
        CONNECTION_VALUE_COUNT
};

struct connection_args {
    const char *prefix;                        /* "", "smtp-", "imap-": for error texts */
    const char *value[CONNECTION_VALUE_COUNT]; /* NULL: not given */
    bool use_ipv4, use_ipv6, insecure, allow_plaintext_auth;
};

/* field: what the prefix is in the names of gengetopt's struct: CONNECTION_ARGS(&args, smtp_, "smtp-"), or
 * CONNECTION_ARGS(&args, , "") for the unprefixed ones. The strings stay the struct's. */
#define CONNECTION_ARGS(args, field, text)                                                                   \
    ((struct connection_args){                                                                               \
        .prefix = (text),                                                                                    \
        .value =                                                                                             \
            {                                                                                                \
                [CONNECTION_HOSTNAME] = (args)->field##hostname_arg,                                         \
                [CONNECTION_PORT] = (args)->field##port_arg,                                                 \
                [CONNECTION_CONNECT_TO] = (args)->field##connect_to_arg,                                     \
                [CONNECTION_TLS] = (args)->field##tls_arg,                                                   \
                [CONNECTION_CA_FILE] = (args)->field##ca_file_arg,                                           \
                [CONNECTION_CA_PATH] = (args)->field##ca_path_arg,                                           \
                [CONNECTION_CLIENT_CERT] = (args)->field##client_cert_arg,                                   \
                [CONNECTION_CLIENT_KEY] = (args)->field##client_key_arg,                                     \
                [CONNECTION_TLS_MIN] = (args)->field##tls_min_arg,                                           \
                [CONNECTION_TLS_NAME] = (args)->field##tls_name_arg,                                         \
                [CONNECTION_PROXY] = (args)->field##proxy_arg,                                               \
                [CONNECTION_PROXY_USERNAME] = (args)->field##proxy_username_arg,                             \
                [CONNECTION_PROXY_PASSWORD_FILE] = (args)->field##proxy_password_file_arg,                   \
                [CONNECTION_USERNAME] = (args)->field##username_arg,                                         \
                [CONNECTION_PASSWORD_FILE] = (args)->field##password_file_arg,                               \
                [CONNECTION_PASSWORD_ENV] = (args)->field##password_env_arg,                                 \
                [CONNECTION_NETRC_FILE] = (args)->field##netrc_file_arg,                                     \
                [CONNECTION_OAUTH2_TOKEN_FILE] = (args)->field##oauth2_token_file_arg,                       \
                [CONNECTION_OAUTH2_TOKEN_URL] = (args)->field##oauth2_token_url_arg,                         \
                [CONNECTION_OAUTH2_CLIENT_ID] = (args)->field##oauth2_client_id_arg,                         \
                [CONNECTION_OAUTH2_CLIENT_SECRET_FILE] = (args)->field##oauth2_client_secret_file_arg,       \
                [CONNECTION_OAUTH2_REFRESH_TOKEN_FILE] = (args)->field##oauth2_refresh_token_file_arg,       \
                [CONNECTION_OAUTH2_SCOPE] = (args)->field##oauth2_scope_arg,                                 \
                [CONNECTION_OAUTH2_SERVICE_ACCOUNT] = (args)->field##oauth2_service_account_arg,             \
                [CONNECTION_AUTH] = (args)->field##auth_arg,                                                 \
            },                                                                                               \
        .use_ipv4 = (args)->field##use_ipv4_given > 0,                                                       \
        .use_ipv6 = (args)->field##use_ipv6_given > 0,                                                       \
        .insecure = (args)->field##insecure_given > 0,                                                       \
        .allow_plaintext_auth = (args)->field##allow_plaintext_auth_given > 0,                               \
    })

/* What the endpoints of a run need beside the options' own strings. One for all sides, because what two of
 * them share can often be read but once: an environment variable is wiped after that, a <(pipe) is empty. */
struct connection_store {
    const char *state_dir; /* --state-dir, for tokens that are kept; to be set before. NULL: the default */
    struct {
        int how;
        const char *source; /* the option's string */
        struct secret secret;
    } secret[8];
    size_t secret_count;
    struct oauth2 *oauth2[8];
    size_t oauth2_count;
    char *text[8];
    size_t text_count;
};

enum connection_use {
    CONNECTION_TO_HOST, /* --hostname says where */
    CONNECTION_TO_MX    /* --mx does: port 25; --hostname is refused */
};

/* own: the options with this side's prefix. fallback: the unprefixed ones where there are both, else NULL.
 * Related options fall back together: a side with a password of its own does not look at the other's token.
 * FAULT_USAGE names the option, FAULT_CONFIG a secret that cannot be read. *e must start as ENDPOINT_INIT; it
 * points into the options and the store. Called for one side after the other; .helo is not filled. */
bool connection_read(struct endpoint *e, struct connection_store *store, const struct connection_args *own,
                     const struct connection_args *fallback, enum protocol protocol, enum connection_use use,
                     struct err *err);
/* No more sides are to be read: what was read for them is wiped, and each endpoint's own copy is the only
 * one. */
void connection_store_forget(struct connection_store *store);
void connection_store_clear(struct connection_store *store);
/* The first of these options that is given, without dashes or prefix: for modes that have no connection.
 * NULL: none. */
const char *connection_given(const struct connection_args *args);

#endif
