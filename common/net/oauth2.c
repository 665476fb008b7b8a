/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/oauth2.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/redact.h"
#include "common/net/http.h"
#include "common/net/oauth2_cache.h"

enum {
    FORM_MAX = 4 * SECRET_MAX,
    IDENTITY_MAX = 16 * 1024,
    CACHE_KEY_MAX = 3 * SECRET_MAX + 16,
    URL_SHOWN_MAX = 120
};
/* A token has to last until it is shown; one that lives for minutes only is used for most of them. */
static const double MARGIN_S = 60, MARGIN_PART = 0.1, CLOCK_ERROR_S = 60;

/* One way from no token to a token. */
struct errand {
    struct oauth2 *o;
    const struct endpoint *side;
    struct resolver *resolver;
    struct transcript *transcript;
    struct deadline deadline;
    enum stage stage;
    struct oauth2_cache cache;
    struct oauth2_entry entry;
    struct secret assertion;
    bool replaced; /* the endpoint gave another refresh token, and may take no other from now on */
};

void oauth2_clear(struct oauth2 *o)
{
    secret_clear(&o->client_secret);
    secret_clear(&o->refresh_token);
    secret_clear(&o->token);
    service_account_clear(&o->account);
}

static const char *token_url(const struct oauth2 *o)
{
    return o->grant == OAUTH2_SERVICE_ACCOUNT ? o->account.token_url : o->token_url;
}

/* --- how long a token is good for --- */

static bool is_good(double fetched, double expires)
{
    double now = clock_wall(), margin = fmin(MARGIN_S, (expires - fetched) * MARGIN_PART);

    return now < expires - margin && now > fetched - CLOCK_ERROR_S;
}

/* In memory; of unknown life it serves this run. */
static bool has_good_token(const struct oauth2 *o)
{
    return o->token.set && (o->expires == 0 || is_good(o->fetched, o->expires));
}

/* --- the request --- */

static bool append_escaped(struct buffer *form, struct slice value)
{
    static const char plain[] = "-._~", digits[] = "0123456789ABCDEF";
    bool ok = true;

    for (size_t i = 0; ok && i < value.len; i++) {
        unsigned char c = (unsigned char)value.data[i];
        if (ascii_is_alnum((char)c) || memchr(plain, c, sizeof plain - 1) != NULL)
            ok = buffer_append_char(form, (char)c);
        else
            ok = buffer_append_char(form, '%') && buffer_append_char(form, digits[c >> 4]) &&
                 buffer_append_char(form, digits[c & 15]);
    }
    return ok;
}

/* An empty value is left out. */
static bool add_field(struct buffer *form, const char *name, struct slice value)
{
    return value.len == 0 ||
           ((form->len == 0 || buffer_append_char(form, '&')) && buffer_append_text(form, name) &&
            buffer_append_char(form, '=') && append_escaped(form, value));
}

static struct slice grant_type(enum oauth2_grant grant)
{
    switch (grant) {
    case OAUTH2_REFRESH_TOKEN:
        return SLICE("refresh_token");
    case OAUTH2_CLIENT_CREDENTIALS:
        return SLICE("client_credentials");
    case OAUTH2_SERVICE_ACCOUNT:
        break;
    }
    return SLICE("urn:ietf:params:oauth:grant-type:jwt-bearer");
}

static bool make_assertion(struct errand *e, struct err *err)
{
    const struct oauth2 *o = e->o;
    struct buffer text = BUFFER_SECRET(ASSERTION_MAX);
    bool ok = assertion_sign(&text, &o->account, o->username, o->scope, o->account.token_url,
                             (time_t)clock_wall(), err);

    ok = ok && (secret_set(&e->assertion, buffer_slice(&text)) ||
                err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory"));
    buffer_clear(&text);
    return ok;
}

/* The secrets stand in the body (RFC 6749 section 2.3.1), which the large providers all take. */
static bool make_form(struct errand *e, struct buffer *form, const struct secret *refresh_token,
                      struct err *err)
{
    const struct oauth2 *o = e->o;

    if (o->grant == OAUTH2_SERVICE_ACCOUNT && !make_assertion(e, err))
        return false;
    bool account = o->grant == OAUTH2_SERVICE_ACCOUNT; /* its scope stands in the assertion */
    bool ok = add_field(form, "grant_type", grant_type(o->grant)) &&
              add_field(form, "client_id", slice_from(o->client_id)) &&
              add_field(form, "client_secret", secret_slice(&o->client_secret)) &&
              add_field(form, "refresh_token", secret_slice(refresh_token)) &&
              add_field(form, "assertion", secret_slice(&e->assertion)) &&
              add_field(form, "scope", account ? SLICE_EMPTY : slice_from(o->scope));
    return ok || err_set(err, FAULT_INTERNAL, STAGE_NONE, "the request for a token grows too long");
}

/* --- what became of it --- */

/* For people: what stands behind a question mark may be anything. */
static struct slice shown_url(const struct oauth2 *o)
{
    struct slice url = slice_from(token_url(o));

    return slice_head(slice_head(url, slice_find_char(url, '?')), URL_SHOWN_MAX);
}

static void note_request(const struct errand *e)
{
    char line[400];

    snprintf(line, sizeof line, "POST %.*s grant_type=%.60s (redacted)", SLICE_ARG(shown_url(e->o)),
             grant_type(e->o->grant).data);
    transcript_line(e->transcript, "token", SPEAKER_CLIENT, slice_from(line));
}

static void note_answer(const struct errand *e, long status, const char *text)
{
    char line[ERR_TEXT_MAX + 32];

    snprintf(line, sizeof line, "HTTP %ld, %s", status, text);
    transcript_line(e->transcript, "token", SPEAKER_SERVER, slice_from(line));
}

/* In place of what is good advice for a mail server. */
static const char *advice_for(const struct err *why)
{
    if (why->kind == FAULT_DNS)
        return "check the name in the token endpoint's URL, and the resolver";
    if (why->kind == FAULT_TIMEOUT)
        return "look at the provider's status, or give it more time with --timeout";
    if (why->kind == FAULT_PROTOCOL || why->kind == FAULT_TLS_HANDSHAKE)
        return "check the token endpoint's URL: it has to speak HTTPS there";
    return err_advice(why);
}

/* Whatever stood in the way, it is the token that is missing; only what is our own trouble stays that. */
static bool no_token(const struct errand *e, struct err *err)
{
    struct err why = *err;
    bool ours = why.kind == FAULT_INTERNAL || why.kind == FAULT_INTERRUPTED || why.kind == FAULT_CONFIG;
    bool wrapped = why.kind != FAULT_AUTH_TOKEN;
    const char *step = stage_name(why.stage);

    err_set(err, ours ? why.kind : FAULT_AUTH_TOKEN, e->stage, "no OAuth2 token from %.*s: %s%s%s",
            SLICE_ARG(shown_url(e->o)), wrapped ? step : "", wrapped && *step != '\0' ? ": " : "", why.text);
    err->advice = advice_for(&why);
    return false;
}

static void hide_secrets(const struct errand *e, char *text)
{
    const struct secret *const secrets[] = {&e->o->client_secret, &e->o->refresh_token, &e->entry.renewed,
                                            &e->o->token,         &e->assertion,        &e->o->account.key};

    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        if (secrets[i]->set)
            redact_secret(text, secret_slice(secrets[i]));
}

static bool keep_reply(struct errand *e, const struct oauth2_reply *reply, struct err *err)
{
    struct oauth2 *o = e->o;

    o->fetched = e->entry.fetched = clock_wall();
    o->expires = e->entry.expires = reply->lifetime_s > 0 ? o->fetched + reply->lifetime_s : 0;
    o->cached = false;
    secret_clear(&e->entry.token);
    e->replaced = o->grant == OAUTH2_REFRESH_TOKEN && reply->renewed.set &&
                  !slice_eq(secret_slice(&reply->renewed), secret_slice(&o->refresh_token));
    bool ok = secret_set(&o->token, secret_slice(&reply->token)) &&
              (o->expires == 0 || secret_set(&e->entry.token, secret_slice(&reply->token))) &&
              (!e->replaced || secret_set(&e->entry.renewed, secret_slice(&reply->renewed)));
    return ok || err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
}

static bool read_answer(struct errand *e, const struct http_answer *answer, struct err *err)
{
    struct oauth2_reply reply = OAUTH2_REPLY_INIT;
    bool ok =
        oauth2_reply_parse(&reply, e->o->grant, answer->status, buffer_slice(&answer->body), STAGE_NONE, err);

    if (!ok)
        hide_secrets(e, err->text);
    note_answer(e, answer->status, ok ? "a token (redacted)" : err->text);
    ok = ok && keep_reply(e, &reply, err);
    oauth2_reply_clear(&reply);
    return ok;
}

/* *stale: the endpoint does not take this refresh token (any more). */
static bool ask(struct errand *e, const struct secret *refresh_token, bool *stale, struct err *err)
{
    struct buffer form = BUFFER_SECRET(FORM_MAX);
    struct http_answer answer = {.body = BUFFER_SECRET(HTTP_BODY_MAX)};
    struct http_request request = {.url = token_url(e->o), .side = "token", .like = e->side};

    note_request(e);
    bool ok = make_form(e, &form, refresh_token, err);
    request.body = buffer_slice(&form);
    ok = ok && http_post(&answer, &request, e->resolver, e->transcript, e->deadline, err) &&
         read_answer(e, &answer, err);
    *stale = !ok && oauth2_reply_is_invalid_grant(buffer_slice(&answer.body));
    buffer_clear(&form);
    buffer_clear(&answer.body);
    secret_clear(&e->assertion);
    return ok;
}

static void keep(struct errand *e)
{
    struct err why;

    if (e->cache.lock >= 0 && oauth2_cache_store(&e->cache, &e->entry, &why))
        return;
    if (e->cache.lock >= 0)
        slice_copy(e->o->note, sizeof e->o->note, slice_from(why.text));
    size_t used = strlen(e->o->note);
    if (e->replaced)
        snprintf(e->o->note + used, sizeof e->o->note - used,
                 "; the refresh token that replaces the file's is lost: sign in again if the next run fails");
}

/* A refresh token that the endpoint gave itself goes before the user's, until it is no good any more. */
static bool fetch(struct errand *e, struct err *err)
{
    struct timespec began = clock_now();
    bool stale = false;
    bool ok = ask(e, e->entry.renewed.set ? &e->entry.renewed : &e->o->refresh_token, &stale, err);

    if (!ok && stale && e->entry.renewed.set) {
        secret_clear(&e->entry.renewed);
        ok = ask(e, &e->o->refresh_token, &stale, err);
    }
    e->o->request_s = clock_since(began);
    if (!ok) {
        secret_clear(&e->o->token);
        return no_token(e, err);
    }
    keep(e);
    return true;
}

/* --- the cache --- */

static void open_cache(struct errand *e)
{
    const struct oauth2 *o = e->o;
    struct buffer identity = BUFFER_INIT(IDENTITY_MAX), secrets = BUFFER_SECRET(CACHE_KEY_MAX);
    struct err why;

    bool ok = buffer_printf(&identity, "%d\n%s\n%s\n%s\n%s\n", (int)o->grant, token_url(o),
                            o->client_id != NULL ? o->client_id : o->account.issuer,
                            o->scope != NULL ? o->scope : "", o->username != NULL ? o->username : "") &&
              buffer_append(&secrets, secret_slice(&o->client_secret)) &&
              buffer_append_char(&secrets, '\n') &&
              buffer_append(&secrets, secret_slice(&o->refresh_token)) &&
              buffer_append_char(&secrets, '\n') && buffer_append(&secrets, secret_slice(&o->account.key));
    e->o->note[0] = '\0';
    if (!ok)
        slice_copy(e->o->note, sizeof e->o->note, SLICE("the token's name grows too long"));
    else if (!oauth2_cache_open(&e->cache, o->state_dir, buffer_slice(&identity), buffer_slice(&secrets),
                                &why))
        slice_copy(e->o->note, sizeof e->o->note, slice_from(why.text));
    buffer_clear(&identity);
    buffer_clear(&secrets);
}

/* refused: not that one again. */
static bool take_cached(struct errand *e, bool refused)
{
    struct oauth2 *o = e->o;

    oauth2_entry_clear(&e->entry);
    oauth2_cache_load(&e->cache, &e->entry);
    if (!e->entry.token.set || !is_good(e->entry.fetched, e->entry.expires) ||
        (refused && slice_eq(secret_slice(&e->entry.token), secret_slice(&o->token))) ||
        !secret_set(&o->token, secret_slice(&e->entry.token)))
        return false;
    o->fetched = e->entry.fetched;
    o->expires = e->entry.expires;
    o->cached = true;
    return true;
}

/* Half of the time for the others, half for ourselves: a run that was stopped in the middle must not stop
 * all. */
static void take_lock(struct errand *e)
{
    struct err why;

    if (e->cache.directory >= 0 &&
        !oauth2_cache_lock(&e->cache, deadline_in(deadline_left(e->deadline) / 2), &why))
        slice_copy(e->o->note, sizeof e->o->note, slice_from(why.text));
}

static bool obtain(struct errand *e, bool refused, struct err *err)
{
    open_cache(e);
    bool ok = take_cached(e, refused);
    if (!ok) {
        take_lock(e);
        ok = take_cached(e, refused) || fetch(e, err);
    }
    oauth2_cache_close(&e->cache);
    oauth2_entry_clear(&e->entry);
    return ok;
}

static bool run_errand(const struct endpoint *side, bool refused, struct resolver *resolver,
                       struct timeline *timeline, struct transcript *transcript, struct deadline deadline,
                       struct err *err)
{
    struct errand e = {
        .o = side->login.oauth2,
        .side = side,
        .resolver = resolver,
        .transcript = transcript,
        .deadline = deadline,
        .stage = side->protocol == PROTOCOL_SMTP ? STAGE_AUTH : STAGE_LOGIN,
        .cache = {.directory = -1, .lock = -1},
        .entry = OAUTH2_ENTRY_NONE,
        .assertion = SECRET_NONE,
    };
    struct timespec began = clock_now();

    e.o->request_s = 0;
    bool ok = obtain(&e, refused, err);
    timeline_add(timeline, STAGE_TOKEN, began);
    return ok;
}

bool oauth2_ready(const struct endpoint *side, struct resolver *resolver, struct timeline *timeline,
                  struct transcript *transcript, struct deadline deadline, struct err *err)
{
    if (side->login.oauth2 == NULL || has_good_token(side->login.oauth2))
        return true;
    return run_errand(side, false, resolver, timeline, transcript, deadline, err);
}

bool oauth2_is_stale(const struct endpoint *side, const struct err *refusal)
{
    return side->login.oauth2 != NULL && side->login.oauth2->cached && refusal->kind == FAULT_AUTH_TOKEN;
}

bool oauth2_renew(const struct endpoint *side, struct resolver *resolver, struct timeline *timeline,
                  struct transcript *transcript, struct deadline deadline, struct err *err)
{
    bool ok = run_errand(side, true, resolver, timeline, transcript, deadline, err);

    side->login.oauth2->renewed = true;
    side->login.oauth2->cached = false; /* once is enough, also for what another run had fetched */
    return ok;
}
