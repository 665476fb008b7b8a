/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/oauth2_reply.h"

#include "common/base/text.h"
#include "common/net/oauth2_json.h"

enum {
    CODE_MAX = 64,
    DESCRIPTION_MAX = 240,
    HTTP_OK = 200,
    HTTP_BAD_REQUEST = 400,
    HTTP_UNAUTHORIZED = 401,
    HTTP_TOO_MANY = 429,
    HTTP_SERVER_ERROR = 500
};
/* ten years: what is longer is a mistake or an attack on arithmetic */
static const double LIFETIME_MAX_S = 3650 * 86400.0;

/* grant: -1 for all. The first row that fits. hint: has to stand in the description; NULL: need not. */
static const struct {
    const char *code;
    int grant;
    const char *hint, *advice;
} advices[] = {
    {"invalid_grant", OAUTH2_REFRESH_TOKEN, NULL,
     "the refresh token was revoked, has expired or is another client's: sign in again and store the new "
     "one"},
    {"invalid_grant", OAUTH2_SERVICE_ACCOUNT, "signature",
     "the key was deleted or is another account's: make a new key of the service account"},
    {"invalid_grant", OAUTH2_SERVICE_ACCOUNT, NULL,
     "check that --username is a user of the domain, that the service account exists, and this machine's "
     "clock"},
    {"invalid_client", -1, NULL,
     "check the client id; its secret is wrong or has expired: make a new one at the provider"},
    {"unauthorized_client", OAUTH2_SERVICE_ACCOUNT, NULL,
     "let the service account's client id act for users (domain-wide delegation), for exactly this scope"},
    {"unauthorized_client", -1, NULL,
     "let this client use this grant at the provider, and check the client id and the tenant in the URL"},
    {"invalid_scope", -1, NULL, "check --oauth2-scope against the provider's documentation"},
    {"access_denied", -1, NULL, "let an administrator of the domain grant this client that scope"},
    {"interaction_required", -1, NULL,
     "the provider wants a person (consent, second factor): sign in again, or exempt this account by policy"},
    {"consent_required", -1, NULL, "let an administrator consent to the application's permissions"},
    {"unsupported_grant_type", -1, NULL,
     "this URL does not serve that grant: check the token endpoint's URL"},
    {"invalid_request", -1, NULL, "check the token endpoint's URL, the client id and the scope"},
    {"temporarily_unavailable", -1, NULL,
     "the token endpoint is out of order: look at the provider's status"},
    {"server_error", -1, NULL, "the token endpoint is out of order: look at the provider's status"},
};

static const char *advice_for(struct slice code, enum oauth2_grant grant, struct slice description)
{
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
        if (slice_eq(code, slice_from(advices[i].code)) &&
            (advices[i].grant < 0 || advices[i].grant == (int)grant) &&
            (advices[i].hint == NULL || slice_contains_nocase(description, slice_from(advices[i].hint))))
            return advices[i].advice;
    return "check the options --oauth2-*, and the client at the provider";
}

static const char *advice_for_status(long status)
{
    if (status == HTTP_TOO_MANY)
        return "too many requests for tokens: make the state directory usable, so that tokens are kept, or "
               "check less often";
    if (status >= HTTP_SERVER_ERROR)
        return "the token endpoint is out of order: look at the provider's status";
    if (status / 100 == 3)
        return "redirects are not followed, because secrets are sent: name the right URL with "
               "--oauth2-token-url";
    return "check the token endpoint's URL: this is none's answer";
}

static bool no_answer(long status, const char *what, enum stage stage, struct err *err)
{
    err_set(err, FAULT_AUTH_TOKEN, stage, "HTTP %ld %s", status, what);
    err->advice = advice_for_status(status);
    return false;
}

/* {"error": "invalid_grant", "error_description": "..."} */
static bool refused(const json_t *object, enum oauth2_grant grant, long status, enum stage stage,
                    struct err *err)
{
    struct slice code = oauth2_json_text(object, "error"),
                 description = oauth2_json_text(object, "error_description");
    char word[CODE_MAX], text[DESCRIPTION_MAX];

    text_clean(word, sizeof word, code);
    text_clean(text, sizeof text, description);
    if (word[0] == '\0')
        return no_answer(status, "without an OAuth2 error", stage, err);
    err_set(err, FAULT_AUTH_TOKEN, stage, "%s%s%s", word, text[0] != '\0' ? ": " : "", text);
    err->advice = status == HTTP_TOO_MANY || status >= HTTP_SERVER_ERROR
                      ? advice_for_status(status)
                      : advice_for(code, grant, description);
    return false;
}

/* RFC 6750 section 2.1, and what SASL can carry: visible ASCII. */
static bool is_token(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] <= ' ' || s.data[i] > '~')
            return false;
    return s.len > 0 && s.len <= SECRET_MAX;
}

static bool take_token(struct oauth2_reply *r, const json_t *object, enum stage stage, struct err *err)
{
    struct slice token = oauth2_json_text(object, "access_token"),
                 type = oauth2_json_text(object, "token_type"),
                 renewed = oauth2_json_text(object, "refresh_token");

    if (token.len == 0)
        return no_answer(HTTP_OK, "without an access_token", stage, err);
    if (!is_token(token) || (renewed.len > 0 && !is_token(renewed)))
        return no_answer(HTTP_OK, "with a token of characters that no token may have", stage, err);
    if (type.len > 0 && !slice_eq_nocase(type, SLICE("Bearer"))) {
        err_set(err, FAULT_AUTH_TOKEN, stage, "a token of type \"%.*s\" was issued, mail wants Bearer",
                SLICE_ARG(slice_head(type, 40)));
        err->advice = "let the provider issue bearer tokens to this client";
        return false;
    }
    if (!oauth2_json_number(object, "expires_in", &r->lifetime_s) || r->lifetime_s < 0)
        r->lifetime_s = 0;
    if (r->lifetime_s > LIFETIME_MAX_S)
        r->lifetime_s = LIFETIME_MAX_S;
    return (secret_set(&r->token, token) && (renewed.len == 0 || secret_set(&r->renewed, renewed))) ||
           err_set(err, FAULT_INTERNAL, stage, "out of memory");
}

bool oauth2_reply_parse(struct oauth2_reply *r, enum oauth2_grant grant, long status, struct slice body,
                        enum stage stage, struct err *err)
{
    json_t *object = oauth2_json_read(body);
    bool ok;

    if (object == NULL)
        return no_answer(status, "without JSON", stage, err);
    if (status / 100 == 3)
        ok = no_answer(status, "is a redirect", stage, err);
    else if (status != HTTP_OK)
        ok = refused(object, grant, status, stage, err);
    else if (oauth2_json_text(object, "error").len > 0 && oauth2_json_text(object, "access_token").len == 0)
        ok = refused(object, grant, HTTP_BAD_REQUEST, stage, err);
    else
        ok = take_token(r, object, stage, err);
    oauth2_json_free(&object);
    return ok;
}

bool oauth2_reply_is_invalid_grant(struct slice body)
{
    json_t *object = oauth2_json_read(body);
    bool is = object != NULL && slice_eq(oauth2_json_text(object, "error"), SLICE("invalid_grant"));

    oauth2_json_free(&object);
    return is;
}

void oauth2_reply_clear(struct oauth2_reply *r)
{
    secret_clear(&r->token);
    secret_clear(&r->renewed);
    r->lifetime_s = 0;
}
