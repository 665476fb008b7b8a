/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/sasl.h"

#include <gsasl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/redact.h"
#include "common/base/text.h"
#include "common/net/oauth2.h"

enum {
    CHALLENGE_MAX = 48 * 1024, /* what a line of STREAM_LINE_MAX can carry */
    DETAIL_MAX = 200,
    /* a SCRAM server asks for 4,096 to some 100,000; a hostile one for hours of work */
    ITERATIONS_MAX = 1000000,
};

struct sasl {
    enum sasl_mechanism mechanism;
    enum stage stage;
    const struct login *login;
    const char *host;
    unsigned port;
    Gsasl *library;         /* NULL: ours */
    Gsasl_session *session; /* likewise */
    size_t steps;
    bool complete;
    struct buffer sent; /* every response in base64, each ending in LF: for sasl_redact */
    char detail[DETAIL_MAX];
};

static const char *const names[SASL_COUNT] = {
#define X(id, name) [SASL_##id] = name,
    SASL_MECHANISMS(X)
#undef X
};

const char *sasl_name(enum sasl_mechanism mechanism)
{
    return names[mechanism];
}

static enum stage auth_stage(enum protocol protocol)
{
    return protocol == PROTOCOL_SMTP ? STAGE_AUTH : STAGE_LOGIN;
}

const struct secret *login_token(const struct login *login)
{
    return login->oauth2 != NULL ? &login->oauth2->token : &login->token;
}

bool sasl_wanted(const struct login *login)
{
    return login->username != NULL || login_token(login)->set || login->mechanism != NULL;
}

bool sasl_allowed(const struct login *login, enum protocol protocol, bool encrypted, struct err *err)
{
    if (encrypted || login->allow_plaintext)
        return true;
    err_set(err, FAULT_AUTH_UNAVAILABLE, auth_stage(protocol),
            "the connection is not encrypted, so the credentials were not sent");
    err->advice = "use TLS; --allow-plaintext-auth sends them in the clear all the same";
    return false;
}

static bool wants_token(enum sasl_mechanism mechanism)
{
    return mechanism == SASL_OAUTHBEARER || mechanism == SASL_XOAUTH2;
}

static bool wants_nothing(enum sasl_mechanism mechanism)
{
    return mechanism == SASL_EXTERNAL || mechanism == SASL_GSSAPI;
}

/* What a mechanism lacks, in words; NULL where it has all that it needs. */
static const char *lacking(enum sasl_mechanism mechanism, const struct login *login)
{
    if (wants_nothing(mechanism))
        return NULL;
    if (wants_token(mechanism) && !login_token(login)->set)
        return "an OAuth2 token";
    if (!wants_token(mechanism) && !login->password.set)
        return "a password";
    if (login->username == NULL && mechanism != SASL_OAUTHBEARER)
        return "a user name";
    return NULL;
}

static bool is_offered(struct slice offered, enum sasl_mechanism mechanism)
{
    struct slice word;

    while (slice_next_word(&offered, &word))
        if (slice_eq_nocase(word, slice_from(names[mechanism])))
            return true;
    return false;
}

/* A token is there to be used: with one, no password mechanism is tried by default. */
static bool is_wanted(enum sasl_mechanism mechanism, const struct login *login)
{
    if (login->mechanism != NULL)
        return strcmp(login->mechanism, names[mechanism]) == 0;
    return !wants_nothing(mechanism) && wants_token(mechanism) == login_token(login)->set;
}

size_t sasl_order(const struct login *login, struct slice offered, enum sasl_mechanism order[SASL_COUNT])
{
    size_t count = 0;

    for (enum sasl_mechanism m = 0; m < SASL_COUNT; m++)
        if (is_wanted(m, login) && lacking(m, login) == NULL && is_offered(offered, m))
            order[count++] = m;
    return count;
}

bool sasl_unavailable(const struct login *login, enum protocol protocol, struct slice offered,
                      struct err *err)
{
    enum stage stage = auth_stage(protocol);
    enum sasl_mechanism named = 0;
    const char *missing;

    offered = slice_trim(offered);
    if (login->mechanism != NULL) {
        while (named < SASL_COUNT && strcmp(login->mechanism, names[named]) != 0)
            named++;
        if (named == SASL_COUNT)
            return err_set(err, FAULT_AUTH_UNAVAILABLE, stage, "--auth=%s is no mechanism that is known here",
                           login->mechanism);
        if ((missing = lacking(named, login)) != NULL)
            return err_set(err, FAULT_AUTH_UNAVAILABLE, stage, "%s needs %s, and none was given",
                           names[named], missing);
    } else if (!login_token(login)->set && !login->password.set) {
        return err_set(err, FAULT_AUTH_UNAVAILABLE, stage,
                       "a user name was given, but neither a password nor a token");
    }
    if (offered.len == 0)
        return err_set(err, FAULT_AUTH_UNAVAILABLE, stage,
                       "credentials were given, but the server offers no authentication");
    return err_set(err, FAULT_AUTH_UNAVAILABLE, stage, "the server does not offer %s: it offers %.*s",
                   login->mechanism != NULL  ? login->mechanism
                   : login_token(login)->set ? "OAUTHBEARER or XOAUTH2, which a token needs"
                                             : "a mechanism for a user name and password",
                   SLICE_ARG(offered));
}

static bool is_scram(enum sasl_mechanism mechanism)
{
    return mechanism == SASL_SCRAM_SHA_1 || mechanism == SASL_SCRAM_SHA_256;
}

/* RFC 4013, which SCRAM wants. Asked first: libgsasl 2.2 leaks where it finds out in the middle of the
 * dialogue. */
static bool is_preparable(const char *text)
{
    char *prepared = NULL;
    bool ok = gsasl_saslprep(text, GSASL_ALLOW_UNASSIGNED, &prepared, NULL) == GSASL_OK;

    if (prepared != NULL)
        explicit_bzero(prepared, strlen(prepared));
    gsasl_free(prepared);
    return ok;
}

static bool start_library(struct sasl *s, enum protocol protocol, struct err *err)
{
    static const char *const services[] = {
        [PROTOCOL_SMTP] = "smtp", [PROTOCOL_IMAP] = "imap", [PROTOCOL_POP3] = "pop"};
    const struct login *login = s->login;
    int rc;

    if (is_scram(s->mechanism) &&
        !(is_preparable(login->username) && is_preparable(buffer_text(&login->password.bytes))))
        return err_set(err, FAULT_AUTH_UNAVAILABLE, s->stage,
                       "%s cannot carry this user name or password: they are not what RFC 4013 takes",
                       names[s->mechanism]);
    rc = gsasl_init(&s->library);
    if (rc == GSASL_OK)
        rc = gsasl_client_start(s->library, names[s->mechanism], &s->session);
    if (rc == GSASL_OK && login->username != NULL)
        rc = gsasl_property_set(s->session, wants_nothing(s->mechanism) ? GSASL_AUTHZID : GSASL_AUTHID,
                                login->username);
    if (rc == GSASL_OK && login->password.set)
        rc = gsasl_property_set(s->session, GSASL_PASSWORD, buffer_text(&login->password.bytes));
    if (rc == GSASL_OK)
        rc = gsasl_property_set(s->session, GSASL_SERVICE, services[protocol]);
    if (rc == GSASL_OK)
        rc = gsasl_property_set(s->session, GSASL_HOSTNAME, s->host);
    return rc == GSASL_OK || err_set(err, FAULT_AUTH_UNAVAILABLE, s->stage, "%s cannot be used here: %s",
                                     names[s->mechanism], gsasl_strerror(rc));
}

struct sasl *sasl_new(enum sasl_mechanism mechanism, const struct login *login, enum protocol protocol,
                      const char *host, unsigned port, struct err *err)
{
    enum stage stage = auth_stage(protocol);
    const char *missing = lacking(mechanism, login);
    struct sasl *s;

    if (missing != NULL) {
        err_set(err, FAULT_AUTH_UNAVAILABLE, stage, "%s needs %s, and none was given", names[mechanism],
                missing);
        return NULL;
    }
    if ((s = calloc(1, sizeof *s)) == NULL) {
        err_set(err, FAULT_INTERNAL, stage, "out of memory");
        return NULL;
    }
    *s = (struct sasl){
        .mechanism = mechanism,
        .stage = stage,
        .login = login,
        .host = host,
        .port = port,
        .sent = BUFFER_SECRET(2 * SASL_RESPONSE_MAX),
    };
    if (!wants_token(mechanism) && !start_library(s, protocol, err))
        sasl_free(&s);
    return s;
}

/* libgsasl frees its copies as they are. */
static void wipe_property(Gsasl_session *session, Gsasl_property property)
{
    char *copy = (char *)gsasl_property_fast(session, property);

    if (copy != NULL)
        explicit_bzero(copy, strlen(copy));
}

void sasl_free(struct sasl **s)
{
    if (*s == NULL)
        return;
    if ((*s)->session != NULL) {
        wipe_property((*s)->session, GSASL_PASSWORD);
        wipe_property((*s)->session, GSASL_SCRAM_SALTED_PASSWORD);
        gsasl_finish((*s)->session);
    }
    if ((*s)->library != NULL)
        gsasl_done((*s)->library);
    buffer_clear(&(*s)->sent);
    free(*s);
    *s = NULL;
}

bool sasl_client_first(const struct sasl *s)
{
    return s->mechanism != SASL_LOGIN && s->mechanism != SASL_CRAM_MD5;
}

/* saslname of RFC 5801 section 4, for the GS2 header */
static bool append_saslname(struct buffer *out, const char *name)
{
    bool ok = true;

    for (; *name != '\0' && ok; name++)
        ok = *name == ','   ? buffer_append_text(out, "=2C")
             : *name == '=' ? buffer_append_text(out, "=3D")
                            : buffer_append_char(out, *name);
    return ok;
}

/* RFC 7628 section 3.1; XOAUTH2 is Google's forerunner of it:
 *   "n,a=" user "," ^A "host=" host ^A "port=" port ^A "auth=Bearer " token ^A ^A
 *   "user=" user ^A "auth=Bearer " token ^A ^A */
static bool append_token(const struct sasl *s, struct buffer *out)
{
    const char *user = s->login->username;
    bool ok;

    if (s->mechanism == SASL_XOAUTH2)
        ok = buffer_printf(out, "user=%s\1", user);
    else if (user == NULL)
        ok = buffer_printf(out, "n,,\1host=%s\1port=%u\1", s->host, s->port);
    else
        ok = buffer_append_text(out, "n,a=") && append_saslname(out, user) &&
             buffer_printf(out, ",\1host=%s\1port=%u\1", s->host, s->port);
    return ok && buffer_append_text(out, "auth=Bearer ") &&
           buffer_append(out, secret_slice(login_token(s->login))) && buffer_append_text(out, "\1\1");
}

/* {"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}: RFC 7628 section 3.2.2 */
static void note_detail(struct sasl *s, struct slice challenge)
{
    json_t *object = json_loadb(challenge.data, challenge.len, 0, NULL);
    const char *status = json_string_value(json_object_get(object, "status"));
    const char *scope = json_string_value(json_object_get(object, "scope"));
    struct buffer text = BUFFER_INIT(CHALLENGE_MAX + 64);

    if (status != NULL)
        buffer_printf(&text, "status %s", status);
    if (scope != NULL)
        buffer_printf(&text, "%sscope %s", text.len > 0 ? ", " : "", scope);
    text_clean(s->detail, sizeof s->detail, buffer_slice(&text));
    buffer_clear(&text);
    json_decref(object);
}

/* The client shows the token; whatever the server asks then is a refusal, which it ends after an answer that
 * says nothing: a lone ^A by RFC 7628 section 3.2.3, an empty line for XOAUTH2. */
static bool step_token(struct sasl *s, struct slice challenge, struct buffer *out, struct err *err)
{
    bool ok = true;

    switch (s->steps) {
    case 0:
        s->complete = true;
        ok = append_token(s, out);
        break;
    case 1:
        s->complete = false;
        note_detail(s, challenge);
        sasl_redact(s, s->login, s->detail);
        if (s->mechanism == SASL_OAUTHBEARER)
            ok = buffer_append_char(out, '\1');
        break;
    default:
        return err_set(err, FAULT_PROTOCOL, s->stage, "the server goes on asking after it refused the token");
    }
    return ok || err_set(err, FAULT_INTERNAL, s->stage, "out of memory");
}

/* The value of an attribute of a SCRAM message, RFC 5802 section 5; empty where it has none. */
static struct slice scram_attribute(struct slice message, char name)
{
    while (message.len > 0) {
        size_t end = slice_find_char(message, ',');
        struct slice part = slice_head(message, end);
        if (part.len >= 2 && part.data[0] == name && part.data[1] == '=')
            return slice_skip(part, 2);
        message = slice_skip(message, end + 1);
    }
    return SLICE_EMPTY;
}

/* What libgsasl does not look at: the server's own error, RFC 5802 section 7, and the work that it asks for.
 */
static bool check_scram(const struct sasl *s, struct slice challenge, struct err *err)
{
    struct slice error = scram_attribute(challenge, 'e');
    struct slice iterations = scram_attribute(challenge, 'i');
    unsigned long long n;

    if (error.len > 0) {
        bool credentials = slice_eq(error, SLICE("invalid-proof")) ||
                           slice_eq(error, SLICE("unknown-user")) ||
                           slice_eq(error, SLICE("invalid-username-encoding"));
        return err_set(err, credentials ? FAULT_AUTH_CREDENTIALS : FAULT_AUTH_UNAVAILABLE, s->stage,
                       "AUTH %s refused: %.*s", names[s->mechanism], SLICE_ARG(error));
    }
    if (iterations.len > 0 && !slice_number(iterations, ITERATIONS_MAX, &n))
        return err_set(err, FAULT_PROTOCOL, s->stage, "%s: the server asks for %.*s iterations, over %d",
                       names[s->mechanism], SLICE_ARG(iterations), ITERATIONS_MAX);
    return true;
}

static bool library_error(const struct sasl *s, int rc, struct err *err)
{
    const char *name = names[s->mechanism];

    switch (rc) {
    case GSASL_AUTHENTICATION_ERROR:
        return err_set(err, FAULT_PROTOCOL, s->stage,
                       "%s: the server could not prove that it knows the password itself", name);
    case GSASL_MECHANISM_PARSE_ERROR:
    case GSASL_MECHANISM_CALLED_TOO_MANY_TIMES:
        return err_set(err, FAULT_PROTOCOL, s->stage, "%s: the server's challenge cannot be read (%s)", name,
                       gsasl_strerror(rc));
    default:
        return err_set(err, FAULT_AUTH_UNAVAILABLE, s->stage, "%s cannot be used here: %s", name,
                       gsasl_strerror(rc));
    }
}

static bool step_library(struct sasl *s, struct slice challenge, struct buffer *out, struct err *err)
{
    char *bytes = NULL;
    size_t len = 0;

    if (s->complete)
        return err_set(err, FAULT_PROTOCOL, s->stage, "the server goes on asking after the end of %s",
                       names[s->mechanism]);
    if (is_scram(s->mechanism) && !check_scram(s, challenge, err))
        return false;
    int rc = gsasl_step(s->session, challenge.data, challenge.len, &bytes, &len);
    if (rc != GSASL_OK && rc != GSASL_NEEDS_MORE)
        return library_error(s, rc, err);
    s->complete = rc == GSASL_OK;
    bool fits = buffer_append(out, slice_of(bytes, len));
    if (bytes != NULL)
        explicit_bzero(bytes, len);
    gsasl_free(bytes);
    return fits || err_set(err, FAULT_INTERNAL, s->stage, "out of memory");
}

/* What comes before a client that speaks first, and what LOGIN asks, has no meaning, and some servers do not
 * even encode it. */
static bool is_prompt(const struct sasl *s)
{
    return s->mechanism == SASL_LOGIN || (s->steps == 0 && sasl_client_first(s));
}

bool sasl_step(struct sasl *s, struct slice challenge, struct buffer *response, struct err *err)
{
    struct buffer asked = BUFFER_SECRET(CHALLENGE_MAX), answer = BUFFER_SECRET(SASL_RESPONSE_MAX);
    bool ok = true;

    buffer_reset(response);
    challenge = slice_trim(challenge);
    if (!is_prompt(s) && !text_base64_decode(&asked, challenge))
        ok = err_set(err, FAULT_PROTOCOL, s->stage, "%s: the server's challenge is not base64",
                     names[s->mechanism]);
    else if (s->library == NULL)
        ok = step_token(s, buffer_slice(&asked), &answer, err);
    else
        ok = step_library(s, buffer_slice(&asked), &answer, err);
    s->steps++;
    if (ok && !(text_base64_encode(response, buffer_slice(&answer)) &&
                buffer_append(&s->sent, buffer_slice(response)) && buffer_append_char(&s->sent, '\n')))
        ok = err_set(err, FAULT_INTERNAL, s->stage, "the credentials are too long to be sent");
    buffer_clear(&asked);
    buffer_clear(&answer);
    return ok;
}

bool sasl_verify(const struct sasl *s, struct err *err)
{
    return s->complete ||
           err_set(err, FAULT_PROTOCOL, s->stage, "the server said yes in the middle of %s%s",
                   names[s->mechanism],
                   is_scram(s->mechanism) ? ", without a proof that it knows the password itself" : "");
}

void sasl_refused(const struct sasl *s, struct err *err)
{
    /* whatever the final reply says: it was the token that the dialogue was about */
    if (wants_token(s->mechanism) && (err->kind == FAULT_AUTH_CREDENTIALS || s->detail[0] != '\0')) {
        err->kind = FAULT_AUTH_TOKEN;
        err->advice = NULL;
    }
    /* the classes by code know nothing of mechanisms */
    if (err->kind == FAULT_PROTOCOL && sasl_next(err)) {
        err->kind = FAULT_AUTH_UNAVAILABLE;
        err->advice = NULL;
    }
    if (s->detail[0] != '\0')
        err_add(err, " (%s)", s->detail);
}

bool sasl_next(const struct err *err)
{
    static const struct slice about_mechanism[] = {SLICE("mechanism"), SLICE("not supported"),
                                                   SLICE("unsupported"), SLICE("no secret in database")};

    if (err->kind == FAULT_AUTH_UNAVAILABLE)
        return true;
    if (err->kind == FAULT_AUTH_DISABLED || err->kind == FAULT_AUTH_TOKEN)
        return false;
    /* RFC 4954 section 6: 504 unknown mechanism, 538 wants encryption, 432 wants PLAIN first; 500 and 501
     * where an initial response is not understood */
    if (err->code == 500 || err->code == 501 || err->code == 504 || err->code == 538 || err->code == 432)
        return true;
    for (size_t i = 0; i < sizeof about_mechanism / sizeof *about_mechanism; i++)
        if (slice_contains_nocase(slice_from(err->text), about_mechanism[i]))
            return true;
    return false;
}

void sasl_redact(const struct sasl *s, const struct login *login, char *text)
{
    struct slice line, sent = s != NULL ? buffer_slice(&s->sent) : SLICE_EMPTY;

    while (slice_next_line(&sent, &line))
        redact(text, line);
    if (login->password.set)
        redact_secret(text, secret_slice(&login->password));
    if (login_token(login)->set)
        redact_secret(text, secret_slice(login_token(login)));
}
