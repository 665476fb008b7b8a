/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/cli/connection.h"

#include <stdlib.h>
#include <string.h>

#include "common/cli/connection_side.h"
#include "common/cli/hostname.h"
#include "common/cli/netrc.h"

const char *const connection_names[CONNECTION_VALUE_COUNT] = {
#define X(name, option) [CONNECTION_##name] = option,
    CONNECTION_VALUES(X)
#undef X
};

/* ---- own and unprefixed options ---- */

/* Those that fall back together: if a side has one of them, the unprefixed ones of the group are not for it.
 */
static int group_of(enum connection_value v)
{
    switch (v) {
    case CONNECTION_CA_FILE:
    case CONNECTION_CA_PATH:
        return CONNECTION_CA_FILE;
    case CONNECTION_CLIENT_CERT:
    case CONNECTION_CLIENT_KEY:
        return CONNECTION_CLIENT_CERT;
    case CONNECTION_PROXY:
    case CONNECTION_PROXY_USERNAME:
    case CONNECTION_PROXY_PASSWORD_FILE:
        return CONNECTION_PROXY;
    case CONNECTION_PASSWORD_FILE:
    case CONNECTION_PASSWORD_ENV:
    case CONNECTION_NETRC_FILE:
    case CONNECTION_OAUTH2_TOKEN_FILE:
    case CONNECTION_OAUTH2_TOKEN_URL:
    case CONNECTION_OAUTH2_CLIENT_ID:
    case CONNECTION_OAUTH2_CLIENT_SECRET_FILE:
    case CONNECTION_OAUTH2_REFRESH_TOKEN_FILE:
    case CONNECTION_OAUTH2_SCOPE:
    case CONNECTION_OAUTH2_SERVICE_ACCOUNT:
        return CONNECTION_PASSWORD_FILE;
    case CONNECTION_HOSTNAME:
    case CONNECTION_PORT:
    case CONNECTION_CONNECT_TO:
    case CONNECTION_TLS:
    case CONNECTION_TLS_MIN:
    case CONNECTION_TLS_NAME:
    case CONNECTION_USERNAME:
    case CONNECTION_AUTH:
    case CONNECTION_VALUE_COUNT:
        break;
    }
    return (int)v;
}

static void merge(struct side *s, const struct connection_args *own, const struct connection_args *fallback)
{
    bool group_given[CONNECTION_VALUE_COUNT] = {false};

    s->args = *own;
    for (int v = 0; v < CONNECTION_VALUE_COUNT; v++) {
        s->prefix[v] = own->prefix;
        if (own->value[v] != NULL)
            group_given[group_of((enum connection_value)v)] = true;
    }
    if (fallback == NULL)
        return;
    for (int v = 0; v < CONNECTION_VALUE_COUNT; v++)
        if (fallback->value[v] != NULL && !group_given[group_of((enum connection_value)v)]) {
            s->args.value[v] = fallback->value[v];
            s->prefix[v] = fallback->prefix;
        }
    if (!own->use_ipv4 && !own->use_ipv6) {
        s->args.use_ipv4 = fallback->use_ipv4;
        s->args.use_ipv6 = fallback->use_ipv6;
    }
    s->args.insecure = own->insecure || fallback->insecure;
    s->args.allow_plaintext_auth = own->allow_plaintext_auth || fallback->allow_plaintext_auth;
}

const char *connection_given(const struct connection_args *args)
{
    for (int v = 0; v < CONNECTION_VALUE_COUNT; v++)
        if (args->value[v] != NULL)
            return connection_names[v];
    return args->use_ipv4               ? "use-ipv4"
           : args->use_ipv6             ? "use-ipv6"
           : args->insecure             ? "insecure"
           : args->allow_plaintext_auth ? "allow-plaintext-auth"
                                        : NULL;
}

/* ---- what is kept beside the options ---- */

/* NULL: out of memory or room. */
static const char *keep_text(struct side *s, const char *text)
{
    struct connection_store *store = s->store;

    if (store->text_count == sizeof store->text / sizeof *store->text) {
        err_set(s->err, FAULT_INTERNAL, STAGE_NONE, "too many servers for one run");
        return NULL;
    }
    char *copy = strdup(text);
    if (copy == NULL)
        err_set(s->err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
    else
        store->text[store->text_count++] = copy;
    return copy;
}

static bool read_secret(struct secret *secret, int how, const char *source, struct err *err)
{
    if (how == READ_ENV)
        return secret_read_env(secret, source, err);
    return how == READ_FILE ? secret_read_file(secret, source, err)
                            : secret_read_whole_file(secret, source, err);
}

bool side_secret(struct side *s, struct secret *secret, int how, const char *source)
{
    struct connection_store *store = s->store;
    size_t i = 0;

    while (i < store->secret_count &&
           (store->secret[i].how != how || strcmp(store->secret[i].source, source) != 0))
        i++;
    if (i == sizeof store->secret / sizeof *store->secret)
        return err_set(s->err, FAULT_INTERNAL, STAGE_NONE, "too many secrets for one run");
    if (i == store->secret_count) {
        store->secret[i].secret = SECRET_NONE;
        if (!read_secret(&store->secret[i].secret, how, source, s->err))
            return false;
        store->secret[i].how = how;
        store->secret[i].source = source;
        store->secret_count++;
    }
    return secret_set(secret, secret_slice(&store->secret[i].secret)) ||
           err_set(s->err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
}

void connection_store_forget(struct connection_store *store)
{
    for (size_t i = 0; i < store->secret_count; i++)
        secret_clear(&store->secret[i].secret);
    store->secret_count = 0;
}

void connection_store_clear(struct connection_store *store)
{
    connection_store_forget(store);
    for (size_t i = 0; i < store->text_count; i++)
        free(store->text[i]);
    for (size_t i = 0; i < store->oauth2_count; i++) {
        oauth2_clear(store->oauth2[i]);
        free(store->oauth2[i]);
    }
    *store = (struct connection_store){0};
}

/* ---- where and how ---- */

struct word {
    const char *text;
    int value;
};

static bool find_word(const struct word *words, const char *text, int *value)
{
    for (; words->text != NULL; words++)
        if (strcmp(words->text, text) == 0) {
            *value = words->value;
            return true;
        }
    return false;
}

static bool read_tls(struct side *s)
{
    static const struct word modes[] = {{"starttls", TLS_STARTTLS},
                                        {"implicit", TLS_IMPLICIT},
                                        {"opportunistic", TLS_OPPORTUNISTIC},
                                        {"none", TLS_NONE},
                                        {NULL, 0}};
    static const struct word versions[] = {{"1.0", TLS_VERSION_1_0},
                                           {"1.1", TLS_VERSION_1_1},
                                           {"1.2", TLS_VERSION_1_2},
                                           {"1.3", TLS_VERSION_1_3},
                                           {NULL, 0}};
    struct endpoint *e = s->endpoint;
    int mode = TLS_DEFAULT, version = TLS_VERSION_DEFAULT;

    if (VALUE(s, TLS) != NULL && !find_word(modes, VALUE(s, TLS), &mode))
        return USAGE(s, "--%s%s takes starttls, implicit, opportunistic or none, not \"%.60s\"",
                     OPTION(s, TLS), VALUE(s, TLS));
    if (VALUE(s, TLS_MIN) != NULL && !find_word(versions, VALUE(s, TLS_MIN), &version))
        return USAGE(s, "--%s%s takes 1.0, 1.1, 1.2 or 1.3, not \"%.60s\"", OPTION(s, TLS_MIN),
                     VALUE(s, TLS_MIN));
    if (VALUE(s, CLIENT_KEY) != NULL && VALUE(s, CLIENT_CERT) == NULL)
        return USAGE(s, "--%s%s is of no use without --%s%s", OPTION(s, CLIENT_KEY), OPTION(s, CLIENT_CERT));
    if (VALUE(s, TLS_NAME) != NULL) {
        char name[DOMAIN_MAX];
        if (!host_parse(slice_from(VALUE(s, TLS_NAME)), name))
            return USAGE(s, "--%s%s takes the name in a certificate, not \"%.60s\"", OPTION(s, TLS_NAME),
                         VALUE(s, TLS_NAME));
        e->tls_name = keep_text(s, name);
        if (e->tls_name == NULL)
            return false;
    }
    e->tls = (enum tls_mode)mode;
    e->tls_min = (enum tls_version)version;
    e->ca_file = VALUE(s, CA_FILE);
    e->ca_path = VALUE(s, CA_PATH);
    e->client_cert = VALUE(s, CLIENT_CERT);
    e->client_key = VALUE(s, CLIENT_KEY);
    e->insecure = s->args.insecure;
    return true;
}

static unsigned default_port(enum protocol protocol, bool implicit)
{
    switch (protocol) {
    case PROTOCOL_SMTP:
        return implicit ? 465 : 587;
    case PROTOCOL_IMAP:
        return implicit ? 993 : 143;
    case PROTOCOL_POP3:
        return implicit ? 995 : 110;
    }
    return 0;
}

static bool read_port(struct side *s, enum connection_use use)
{
    struct endpoint *e = s->endpoint;

    if (VALUE(s, PORT) != NULL && !port_parse(slice_from(VALUE(s, PORT)), &e->port))
        return USAGE(s, "--%s%s takes a number from 1 to 65535, not \"%.60s\"", OPTION(s, PORT),
                     VALUE(s, PORT));
    if (VALUE(s, PORT) == NULL)
        e->port = use == CONNECTION_TO_MX ? 25 : default_port(e->protocol, e->tls == TLS_IMPLICIT);
    if (e->tls == TLS_DEFAULT)
        e->tls = e->port == 465 || e->port == 993 || e->port == 995 ? TLS_IMPLICIT : TLS_STARTTLS;
    return true;
}

static bool read_host(struct side *s, enum connection_use use)
{
    struct endpoint *e = s->endpoint;
    char host[DOMAIN_MAX];

    if (use == CONNECTION_TO_MX && VALUE(s, HOSTNAME) != NULL)
        return USAGE(s, "--%s%s and --mx exclude each other: either names where to connect",
                     OPTION(s, HOSTNAME));
    if (use == CONNECTION_TO_HOST) {
        if (VALUE(s, HOSTNAME) == NULL)
            return USAGE(s, "--%s%s is needed: the server's name or address", OPTION(s, HOSTNAME));
        if (!host_parse(slice_from(VALUE(s, HOSTNAME)), host))
            return USAGE(s,
                         "--%s%s takes a host name or an address and nothing else (a port goes into --%s%s), "
                         "not \"%.100s\"",
                         OPTION(s, HOSTNAME), OPTION(s, PORT), VALUE(s, HOSTNAME));
        e->host = keep_text(s, host);
    }
    if (VALUE(s, CONNECT_TO) != NULL) {
        if (!host_port_parse(slice_from(VALUE(s, CONNECT_TO)), host, &e->connect_port))
            return USAGE(s, "--%s%s takes HOST[:PORT], an IPv6 address in brackets, not \"%.100s\"",
                         OPTION(s, CONNECT_TO), VALUE(s, CONNECT_TO));
        e->connect_host = keep_text(s, host);
    }
    if (s->args.use_ipv4 && s->args.use_ipv6)
        return USAGE(s, "--%suse-ipv4 and --%suse-ipv6 exclude each other", s->args.prefix, s->args.prefix);
    e->family = s->args.use_ipv4 ? FAMILY_IPV4 : s->args.use_ipv6 ? FAMILY_IPV6 : FAMILY_ANY;
    return (e->host != NULL || use == CONNECTION_TO_MX) &&
           (e->connect_host != NULL || VALUE(s, CONNECT_TO) == NULL);
}

/* ---- the proxy ---- */

static bool is_proxy_url(const char *url)
{
    static const struct slice schemes[] = {SLICE("socks5://"), SLICE("socks5h://"), SLICE("http://")};
    struct slice rest = SLICE_EMPTY;
    char host[DOMAIN_MAX];
    unsigned port;

    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (slice_starts(slice_from(url), schemes[i]))
            rest = slice_skip(slice_from(url), schemes[i].len);
    if (rest.len > 0 && rest.data[rest.len - 1] == '/')
        rest.len--;
    return host_port_parse(rest, host, &port) && port != 0;
}

static bool read_proxy(struct side *s)
{
    struct endpoint *e = s->endpoint;
    const char *url = VALUE(s, PROXY);

    if (url == NULL && VALUE(s, PROXY_USERNAME) != NULL)
        return USAGE(s, "--%s%s is of no use without --%s%s", OPTION(s, PROXY_USERNAME), OPTION(s, PROXY));
    if (VALUE(s, PROXY_USERNAME) == NULL && VALUE(s, PROXY_PASSWORD_FILE) != NULL)
        return USAGE(s, "--%s%s is of no use without --%s%s", OPTION(s, PROXY_PASSWORD_FILE),
                     OPTION(s, PROXY_USERNAME));
    if (url == NULL)
        return true;
    if (strchr(url, '@') != NULL) /* not quoted: it may hold a password */
        return USAGE(s, "--%s%s takes no user name or password in the URL: use --%s%s and --%s%s",
                     OPTION(s, PROXY), OPTION(s, PROXY_USERNAME), OPTION(s, PROXY_PASSWORD_FILE));
    if (!is_proxy_url(url))
        return USAGE(
            s, "--%s%s takes socks5://HOST:PORT, socks5h://HOST:PORT or http://HOST:PORT, not \"%.100s\"",
            OPTION(s, PROXY), url);
    e->proxy = url;
    e->proxy_username = VALUE(s, PROXY_USERNAME);
    return VALUE(s, PROXY_PASSWORD_FILE) == NULL ||
           side_secret(s, &e->proxy_password, READ_FILE, VALUE(s, PROXY_PASSWORD_FILE));
}

/* ---- who ---- */

enum credential { WITH_PASSWORD, WITH_TOKEN, WITH_NEITHER };

static const struct word mechanisms[] = {{"SCRAM-SHA-256", WITH_PASSWORD}, {"SCRAM-SHA-1", WITH_PASSWORD},
                                         {"PLAIN", WITH_PASSWORD},         {"LOGIN", WITH_PASSWORD},
                                         {"CRAM-MD5", WITH_PASSWORD},      {"OAUTHBEARER", WITH_TOKEN},
                                         {"XOAUTH2", WITH_TOKEN},          {"EXTERNAL", WITH_NEITHER},
                                         {"GSSAPI", WITH_NEITHER},         {NULL, 0}};

/* In any case; *mechanism: in upper case, static. */
static bool read_mechanism(struct side *s, const struct word **mechanism)
{
    *mechanism = NULL;
    if (VALUE(s, AUTH) == NULL)
        return true;
    for (const struct word *m = mechanisms; m->text != NULL; m++)
        if (slice_eq_nocase(slice_from(m->text), slice_from(VALUE(s, AUTH))))
            *mechanism = m;
    if (*mechanism == NULL)
        return USAGE(s,
                     "--%s%s takes SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, LOGIN, CRAM-MD5, OAUTHBEARER, XOAUTH2, "
                     "EXTERNAL or "
                     "GSSAPI, not \"%.60s\"",
                     OPTION(s, AUTH), VALUE(s, AUTH));
    s->endpoint->login.mechanism = (*mechanism)->text;
    return true;
}

static bool read_netrc(struct side *s)
{
    struct login *login = &s->endpoint->login;
    struct secret content = SECRET_NONE;
    struct netrc_entry entry = {.password = SECRET_NONE};

    if (s->endpoint->host == NULL)
        return USAGE(s, "--%s%s goes by --%s%s, which --mx stands in for: use --%s%s", OPTION(s, NETRC_FILE),
                     OPTION(s, HOSTNAME), OPTION(s, PASSWORD_FILE));
    bool ok = side_secret(s, &content, READ_WHOLE_FILE, VALUE(s, NETRC_FILE)) &&
              netrc_find(&entry, secret_slice(&content), VALUE(s, NETRC_FILE), s->endpoint->host,
                         VALUE(s, USERNAME), s->err);
    if (ok && login->username == NULL) {
        login->username = keep_text(s, entry.login);
        ok = login->username != NULL;
    }
    ok = ok && (secret_set(&login->password, secret_slice(&entry.password)) ||
                err_set(s->err, FAULT_INTERNAL, STAGE_NONE, "out of memory"));
    secret_clear(&entry.password);
    secret_clear(&content);
    return ok;
}

/* The one source of a secret that is given; CONNECTION_VALUE_COUNT: none. */
static bool find_source(struct side *s, enum connection_value *source)
{
    static const enum connection_value sources[] = {
        CONNECTION_PASSWORD_FILE,     CONNECTION_PASSWORD_ENV,     CONNECTION_NETRC_FILE,
        CONNECTION_OAUTH2_TOKEN_FILE, CONNECTION_OAUTH2_TOKEN_URL, CONNECTION_OAUTH2_SERVICE_ACCOUNT};

    *source = CONNECTION_VALUE_COUNT;
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (s->args.value[sources[i]] == NULL)
            continue;
        if (*source != CONNECTION_VALUE_COUNT)
            return USAGE(s, "--%s%s and --%s%s exclude each other", s->prefix[*source],
                         connection_names[*source], s->prefix[sources[i]], connection_names[sources[i]]);
        *source = sources[i];
    }
    return true;
}

static bool is_token(enum connection_value source)
{
    return source == CONNECTION_OAUTH2_TOKEN_FILE || source == CONNECTION_OAUTH2_TOKEN_URL ||
           source == CONNECTION_OAUTH2_SERVICE_ACCOUNT;
}

static bool check_login(struct side *s, enum connection_value source, const struct word *mechanism)
{
    bool user = VALUE(s, USERNAME) != NULL, secret = source != CONNECTION_VALUE_COUNT;
    bool token = is_token(source);

    if (mechanism != NULL && mechanism->value == WITH_NEITHER && secret)
        return USAGE(s, "--%s%s=%s takes no password or token, but --%s%s is given", OPTION(s, AUTH),
                     mechanism->text, s->prefix[source], connection_names[source]);
    if (mechanism != NULL && strcmp(mechanism->text, "EXTERNAL") == 0 && VALUE(s, CLIENT_CERT) == NULL)
        return USAGE(s, "--%s%s=EXTERNAL signs in by certificate: --%s%s is needed", OPTION(s, AUTH),
                     OPTION(s, CLIENT_CERT));
    if (mechanism != NULL && mechanism->value == WITH_NEITHER)
        return true;
    if (mechanism != NULL && mechanism->value == WITH_TOKEN && !token)
        return USAGE(s, "--%s%s=%s needs a token: --%s%s, --%s%s or --%s%s", OPTION(s, AUTH), mechanism->text,
                     OPTION(s, OAUTH2_TOKEN_FILE), OPTION(s, OAUTH2_TOKEN_URL),
                     OPTION(s, OAUTH2_SERVICE_ACCOUNT));
    if (mechanism != NULL && mechanism->value == WITH_PASSWORD && (token || !secret))
        return USAGE(s, "--%s%s=%s needs a password: --%s%s, --%s%s or --%s%s", OPTION(s, AUTH),
                     mechanism->text, OPTION(s, PASSWORD_FILE), OPTION(s, PASSWORD_ENV),
                     OPTION(s, NETRC_FILE));
    if (user && !secret)
        return USAGE(s, "--%s%s needs a password or token: --%s%s, --%s%s, --%s%s, --%s%s, --%s%s or --%s%s",
                     OPTION(s, USERNAME), OPTION(s, PASSWORD_FILE), OPTION(s, PASSWORD_ENV),
                     OPTION(s, NETRC_FILE), OPTION(s, OAUTH2_TOKEN_FILE), OPTION(s, OAUTH2_TOKEN_URL),
                     OPTION(s, OAUTH2_SERVICE_ACCOUNT));
    if (secret && !user && source != CONNECTION_NETRC_FILE)
        return USAGE(s, "--%s%s needs --%s%s: whose is it?", s->prefix[source], connection_names[source],
                     OPTION(s, USERNAME));
    return true;
}

static bool read_login(struct side *s)
{
    struct login *login = &s->endpoint->login;
    const struct word *mechanism;
    enum connection_value source;

    if (!read_mechanism(s, &mechanism) || !find_source(s, &source) || !side_check_oauth2(s, source) ||
        !check_login(s, source, mechanism))
        return false;
    login->allow_plaintext = s->args.allow_plaintext_auth;
    login->username = VALUE(s, USERNAME);
    if (login->username == NULL && mechanism != NULL && mechanism->value == WITH_NEITHER)
        login->username = ""; /* the certificate or the ticket says who */
    bool signs_in = login->username != NULL || source != CONNECTION_VALUE_COUNT;
    if (signs_in && s->endpoint->tls == TLS_NONE && !login->allow_plaintext)
        return USAGE(s,
                     "with --%s%s=none the login would cross the network unencrypted: add "
                     "--%sallow-plaintext-auth if that is meant",
                     OPTION(s, TLS), s->args.prefix);
    if (source == CONNECTION_PASSWORD_FILE)
        return side_secret(s, &login->password, READ_FILE, VALUE(s, PASSWORD_FILE));
    if (source == CONNECTION_PASSWORD_ENV)
        return side_secret(s, &login->password, READ_ENV, VALUE(s, PASSWORD_ENV));
    if (source == CONNECTION_OAUTH2_TOKEN_FILE)
        return side_secret(s, &login->token, READ_FILE, VALUE(s, OAUTH2_TOKEN_FILE));
    if (source == CONNECTION_OAUTH2_TOKEN_URL || source == CONNECTION_OAUTH2_SERVICE_ACCOUNT)
        return side_read_oauth2(s, source);
    return source != CONNECTION_NETRC_FILE || read_netrc(s);
}

bool connection_read(struct endpoint *e, struct connection_store *store, const struct connection_args *own,
                     const struct connection_args *fallback, enum protocol protocol, enum connection_use use,
                     struct err *err)
{
    struct side side = {.store = store, .endpoint = e, .err = err};

    merge(&side, own, fallback);
    e->protocol = protocol;
    return read_tls(&side) && read_port(&side, use) && read_host(&side, use) && read_proxy(&side) &&
           read_login(&side);
}
