/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "common/cli/connection_side.h"
#include "common/net/http_url.h"

/* What Google wants for IMAP, POP3 and SMTP. */
static const char mail_scope[] = "https://mail.google.com/";

/* RFC 6749 section 3.3: visible ASCII but for quotes and backslashes, separated by blanks. */
static bool is_scope(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~' || *text == '"' || *text == '\\')
            return false;
    return true;
}

static bool check_client(struct side *s)
{
    const char *wrong;

    if (!http_url_check(VALUE(s, OAUTH2_TOKEN_URL), false, &wrong)) /* not quoted: it may hold a password */
        return USAGE(s, "the URL of --%s%s %s", OPTION(s, OAUTH2_TOKEN_URL), wrong);
    if (VALUE(s, OAUTH2_CLIENT_ID) == NULL)
        return USAGE(s, "--%s%s needs --%s%s: which client asks?", OPTION(s, OAUTH2_TOKEN_URL),
                     OPTION(s, OAUTH2_CLIENT_ID));
    if (VALUE(s, OAUTH2_CLIENT_SECRET_FILE) == NULL && VALUE(s, OAUTH2_REFRESH_TOKEN_FILE) == NULL)
        return USAGE(s, "--%s%s needs --%s%s, --%s%s or both", OPTION(s, OAUTH2_TOKEN_URL),
                     OPTION(s, OAUTH2_REFRESH_TOKEN_FILE), OPTION(s, OAUTH2_CLIENT_SECRET_FILE));
    return true;
}

bool side_check_oauth2(struct side *s, enum connection_value source)
{
    static const enum connection_value clients[] = {CONNECTION_OAUTH2_CLIENT_ID,
                                                    CONNECTION_OAUTH2_CLIENT_SECRET_FILE,
                                                    CONNECTION_OAUTH2_REFRESH_TOKEN_FILE};

    for (size_t i = 0; i < sizeof clients / sizeof *clients && source != CONNECTION_OAUTH2_TOKEN_URL; i++)
        if (s->args.value[clients[i]] != NULL && source == CONNECTION_OAUTH2_SERVICE_ACCOUNT)
            return USAGE(s, "--%s%s and --%s%s exclude each other", s->prefix[clients[i]],
                         connection_names[clients[i]], OPTION(s, OAUTH2_SERVICE_ACCOUNT));
        else if (s->args.value[clients[i]] != NULL)
            return USAGE(s, "--%s%s is of no use without --%s%s", s->prefix[clients[i]],
                         connection_names[clients[i]], OPTION(s, OAUTH2_TOKEN_URL));
    if (VALUE(s, OAUTH2_SCOPE) != NULL && source != CONNECTION_OAUTH2_TOKEN_URL &&
        source != CONNECTION_OAUTH2_SERVICE_ACCOUNT)
        return USAGE(s, "--%s%s is of no use without --%s%s or --%s%s", OPTION(s, OAUTH2_SCOPE),
                     OPTION(s, OAUTH2_TOKEN_URL), OPTION(s, OAUTH2_SERVICE_ACCOUNT));
    if (VALUE(s, OAUTH2_SCOPE) != NULL && !is_scope(VALUE(s, OAUTH2_SCOPE)))
        return USAGE(s, "--%s%s takes words of visible ASCII, not \"%.60s\"", OPTION(s, OAUTH2_SCOPE),
                     VALUE(s, OAUTH2_SCOPE));
    return source != CONNECTION_OAUTH2_TOKEN_URL || check_client(s);
}

static struct oauth2 *new_oauth2(struct side *s)
{
    struct connection_store *store = s->store;
    struct oauth2 *o = NULL;

    if (store->oauth2_count < sizeof store->oauth2 / sizeof *store->oauth2)
        o = malloc(sizeof *o);
    if (o == NULL) {
        err_set(s->err, FAULT_INTERNAL, STAGE_NONE, "out of memory, or too many servers for one run");
        return NULL;
    }
    *o = OAUTH2_INIT;
    store->oauth2[store->oauth2_count++] = o;
    return o;
}

static bool read_account(struct side *s, struct oauth2 *o)
{
    struct secret json = SECRET_NONE;
    const char *path = VALUE(s, OAUTH2_SERVICE_ACCOUNT);

    o->grant = OAUTH2_SERVICE_ACCOUNT;
    if (o->scope == NULL)
        o->scope = mail_scope;
    bool ok = side_secret(s, &json, READ_WHOLE_FILE, path) &&
              service_account_read(&o->account, secret_slice(&json), path, s->err);
    secret_clear(&json);
    return ok;
}

static bool read_client(struct side *s, struct oauth2 *o)
{
    const char *secret = VALUE(s, OAUTH2_CLIENT_SECRET_FILE), *refresh = VALUE(s, OAUTH2_REFRESH_TOKEN_FILE);

    o->grant = refresh != NULL ? OAUTH2_REFRESH_TOKEN : OAUTH2_CLIENT_CREDENTIALS;
    o->token_url = VALUE(s, OAUTH2_TOKEN_URL);
    o->client_id = VALUE(s, OAUTH2_CLIENT_ID);
    return (secret == NULL || side_secret(s, &o->client_secret, READ_FILE, secret)) &&
           (refresh == NULL || side_secret(s, &o->refresh_token, READ_FILE, refresh));
}

bool side_read_oauth2(struct side *s, enum connection_value source)
{
    struct oauth2 *o = new_oauth2(s);

    if (o == NULL)
        return false;
    s->endpoint->login.oauth2 = o;
    o->username = VALUE(s, USERNAME);
    o->scope = VALUE(s, OAUTH2_SCOPE);
    o->state_dir = s->store->state_dir;
    return source == CONNECTION_OAUTH2_SERVICE_ACCOUNT ? read_account(s, o) : read_client(s, o);
}
