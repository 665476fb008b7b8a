/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/oauth2_endpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/net/connection.h"
#include "common/net/oauth2_url.h"
#include "common/net/truststore.h"

static const char side_name[] = "token"; /* in the transcript */

/* One list of options: the first that libcurl refuses stops it. */
#define SET(option, value) (curl_easy_setopt(c->easy, option, value) == CURLE_OK)

struct request {
    struct connection *connection;
    struct endpoint endpoint; /* of the token endpoint; borrows from the mail side */
    struct oauth2_url url;
    struct curl_slist *headers;
    struct oauth2_answer *answer;
    bool too_big;
    struct timeline timeline; /* nobody asks for it */
};

/* The token endpoint as a server to connect to: the mail side's proxy and CAs, and nothing else of it. */
static struct endpoint describe(const struct oauth2_url *url, const struct endpoint *side)
{
    struct endpoint e = ENDPOINT_INIT;

    e.host = url->host;
    e.port = url->port;
    e.tls = TLS_IMPLICIT;
    e.ca_file = side->ca_file;
    e.ca_path = side->ca_path;
    e.proxy = side->proxy;
    e.proxy_username = side->proxy_username;
    e.proxy_password = side->proxy_password;
    return e;
}

static size_t keep(char *data, size_t size, size_t count, void *context)
{
    struct request *r = context;

    r->too_big = !buffer_append(&r->answer->body, slice_of(data, size * count));
    return r->too_big ? 0 : size * count;
}

static bool set_url(struct request *r)
{
    struct connection *c = r->connection;
    const char *host = c->target.verify;
    char url[OAUTH2_URL_MAX + DOMAIN_MAX + 32];

    snprintf(url, sizeof url, strchr(host, ':') != NULL ? "https://[%s]:%u%s" : "https://%s:%u%s", host,
             r->url.port, r->url.path);
    return SET(CURLOPT_URL, url) && SET(CURLOPT_PROTOCOLS_STR, "https") && SET(CURLOPT_FOLLOWLOCATION, 0L) &&
           SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
}

/* The user's CAs are for the mail server first; the endpoint may be anybody's, so the system's count too.
 * (Where
 * --ca-path takes the place of the system's directory, libcurl's default file stands beside it.) */
static bool set_trust(struct request *r)
{
    struct connection *c = r->connection;
    const char *file = r->endpoint.ca_file, *path = r->endpoint.ca_path, *system = truststore_system();

    if (!SET(CURLOPT_SSL_VERIFYPEER, 1L) || !SET(CURLOPT_SSL_VERIFYHOST, 2L))
        return false;
    if (file != NULL && !SET(CURLOPT_CAINFO, file))
        return false;
    if (path != NULL)
        return SET(CURLOPT_CAPATH, path);
    if (system == NULL)
        return true;
    return SET(CURLOPT_CAPATH, system) && (file != NULL || SET(CURLOPT_CAINFO, NULL));
}

static bool set_body(struct request *r, struct slice form)
{
    static const char *const lines[] = {"Accept: application/json",
                                        "Expect:" /* libcurl would wait for a server's leave */};
    struct connection *c = r->connection;

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct curl_slist *longer = curl_slist_append(r->headers, lines[i]);
        if (longer == NULL)
            return false;
        r->headers = longer;
    }
    return SET(CURLOPT_HTTPHEADER, r->headers) && SET(CURLOPT_USERAGENT, "mailproof") &&
           SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)form.len) && SET(CURLOPT_POSTFIELDS, form.data) &&
           SET(CURLOPT_WRITEFUNCTION, keep) && SET(CURLOPT_WRITEDATA, r);
}

/* The name in a certificate is compared after the handshake. */
static bool is_about_tls(CURLcode code)
{
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_ISSUER_ERROR ||
           code == CURLE_SSL_INVALIDCERTSTATUS;
}

/* Until TLS stands it is a connection like any other; what goes wrong later is HTTP's. */
static bool no_answer(const struct request *r, CURLcode code, struct err *err)
{
    const struct connection *c = r->connection;
    char text[CURL_ERROR_SIZE];

    if (!c->handshake.done || is_about_tls(code) || code == CURLE_ABORTED_BY_CALLBACK)
        return connection_fault(c, &r->endpoint, code, err);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return err_set(err, FAULT_TIMEOUT, STAGE_NONE, "%s did not answer the request within %.1f s",
                       c->target.verify, c->patience);
    if (r->too_big)
        return err_set(err, FAULT_PROTOCOL, STAGE_NONE, "%s answered with more than %d bytes",
                       c->target.verify, OAUTH2_BODY_MAX);
    text_clean(text, sizeof text, slice_from(c->error[0] != '\0' ? c->error : curl_easy_strerror(code)));
    return err_set(err, FAULT_PROTOCOL, STAGE_NONE, "%s gave no HTTP answer that can be read: %s",
                   c->target.verify, text);
}

static bool perform(struct request *r, struct slice form, struct transcript *transcript,
                    struct deadline deadline, struct err *err)
{
    struct connection *c = r->connection;

    c->http = true;
    c->patience = deadline_left(deadline);
    c->handshake = HANDSHAKE_INIT;
    dialogue_init(&c->dialogue, r->endpoint.protocol, &r->timeline, transcript);
    c->dialogue.side = side_name;
    c->easy = curl_easy_init();
    if (c->easy == NULL || !connection_watch(c))
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "libcurl cannot start");
    if (!connection_limit(c, err) || !connection_route(c, &r->endpoint, err))
        return false;
    if (!set_url(r) || !set_trust(r) || !set_body(r, form))
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "libcurl refuses the options of an HTTPS request");
    c->busy = true;
    CURLcode code = curl_easy_perform(c->easy);
    c->busy = false;
    connection_settle(c, &r->endpoint);
    if (code != CURLE_OK)
        return no_answer(r, code, err);
    curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &r->answer->status);
    return true;
}

bool oauth2_post(struct oauth2_answer *answer, const char *url, struct slice form,
                 const struct endpoint *side, struct resolver *resolver, struct transcript *transcript,
                 struct deadline deadline, struct err *err)
{
    struct request r = {.answer = answer, .connection = calloc(1, sizeof *r.connection)};
    const char *wrong;

    answer->status = 0;
    buffer_reset(&answer->body);
    if (r.connection == NULL)
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
    bool ok = oauth2_url_parse(&r.url, url, &wrong) ||
              err_set(err, FAULT_CONFIG, STAGE_NONE, "the URL of the token endpoint %s", wrong);
    r.endpoint = describe(&r.url, side);
    ok = ok && target_find(&r.connection->target, &r.endpoint, resolver, deadline, err) &&
         perform(&r, form, transcript, deadline, err);
    connection_free(&r.connection);
    curl_slist_free_all(r.headers);
    return ok;
}
