/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/net/connection.h"
#include "common/net/http_url.h"
#include "common/net/truststore.h"

/* One list of options: the first that libcurl refuses stops it. */
#define SET(option, value) (curl_easy_setopt(c->easy, option, value) == CURLE_OK)

struct post {
    const struct http_request *request;
    struct connection *connection;
    struct endpoint endpoint; /* of the server; borrows from request->like */
    struct http_url url;
    struct curl_slist *headers;
    struct http_answer *answer;
    bool too_big;
    struct timeline timeline; /* nobody asks for it */
};

/* A server to connect to, with the other side's proxy and CAs. */
static struct endpoint describe(const struct http_url *url, const struct endpoint *like)
{
    struct endpoint e = ENDPOINT_INIT;

    e.host = url->host;
    e.port = url->port;
    e.tls = url->tls ? TLS_IMPLICIT : TLS_NONE;
    e.ca_file = like->ca_file;
    e.ca_path = like->ca_path;
    e.proxy = like->proxy;
    e.proxy_username = like->proxy_username;
    e.proxy_password = like->proxy_password;
    return e;
}

static size_t keep(char *data, size_t size, size_t count, void *context)
{
    struct post *r = context;

    r->too_big = !buffer_append(&r->answer->body, slice_of(data, size * count));
    return r->too_big ? 0 : size * count;
}

static bool set_url(struct post *r)
{
    struct connection *c = r->connection;
    const char *host = c->target.verify;
    const char *scheme = r->url.tls ? "https" : "http";
    char url[HTTP_URL_MAX + DOMAIN_MAX + 32];

    snprintf(url, sizeof url, strchr(host, ':') != NULL ? "%s://[%s]:%u%s" : "%s://%s:%u%s", scheme, host,
             r->url.port, r->url.path);
    return SET(CURLOPT_URL, url) && SET(CURLOPT_PROTOCOLS_STR, scheme) && SET(CURLOPT_FOLLOWLOCATION, 0L) &&
           SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
}

/* The user's CAs are for the mail server first; this one may be anybody's, so the system's count too. (Where
 * --ca-path takes the place of the system's directory, libcurl's default file stands beside it.) */
static bool set_trust(struct post *r)
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

static bool add_header(struct post *r, const char *line)
{
    struct curl_slist *longer = curl_slist_append(r->headers, line);

    if (longer != NULL)
        r->headers = longer;
    return longer != NULL;
}

static bool set_body(struct post *r)
{
    struct connection *c = r->connection;
    struct slice body = r->request->body;
    char type[128];

    snprintf(type, sizeof type, "Content-Type: %s",
             r->request->content_type != NULL ? r->request->content_type
                                              : "application/x-www-form-urlencoded");
    return add_header(r, type) && add_header(r, "Accept: application/json") &&
           add_header(r, "Expect:") && /* libcurl would wait for a server's leave */
           SET(CURLOPT_HTTPHEADER, r->headers) && SET(CURLOPT_USERAGENT, "mailproof") &&
           SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len) && SET(CURLOPT_POSTFIELDS, body.data) &&
           SET(CURLOPT_WRITEFUNCTION, keep) && SET(CURLOPT_WRITEDATA, r);
}

/* The name in a certificate is compared after the handshake. */
static bool is_about_tls(CURLcode code)
{
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_ISSUER_ERROR ||
           code == CURLE_SSL_INVALIDCERTSTATUS;
}

static bool is_connected(const struct post *r)
{
    return r->url.tls ? r->connection->handshake.done : r->connection->dialogue.connected.known;
}

/* Until TLS stands it is a connection like any other; what goes wrong later is HTTP's. */
static bool no_answer(const struct post *r, CURLcode code, struct err *err)
{
    const struct connection *c = r->connection;
    char text[CURL_ERROR_SIZE];

    if (!is_connected(r) || is_about_tls(code) || code == CURLE_ABORTED_BY_CALLBACK)
        return connection_fault(c, &r->endpoint, code, err);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return err_set(err, FAULT_TIMEOUT, STAGE_NONE, "%s did not answer the request within %.1f s",
                       c->target.verify, c->patience);
    if (r->too_big)
        return err_set(err, FAULT_PROTOCOL, STAGE_NONE, "%s answered with more than %d bytes",
                       c->target.verify, HTTP_BODY_MAX);
    text_clean(text, sizeof text, slice_from(c->error[0] != '\0' ? c->error : curl_easy_strerror(code)));
    return err_set(err, FAULT_PROTOCOL, STAGE_NONE, "%s gave no HTTP answer that can be read: %s",
                   c->target.verify, text);
}

static bool perform(struct post *r, struct transcript *transcript, struct deadline deadline, struct err *err)
{
    struct connection *c = r->connection;

    c->http = true;
    c->plain = !r->url.tls;
    c->patience = deadline_left(deadline);
    c->handshake = HANDSHAKE_INIT;
    dialogue_init(&c->dialogue, r->endpoint.protocol, &r->timeline, transcript);
    c->dialogue.side = r->request->side;
    c->easy = curl_easy_init();
    if (c->easy == NULL || !connection_watch(c))
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "libcurl cannot start");
    if (!connection_limit(c, err) || !connection_route(c, &r->endpoint, err))
        return false;
    if (!set_url(r) || !set_trust(r) || !set_body(r))
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "libcurl refuses the options of an HTTP request");
    c->busy = true;
    CURLcode code = curl_easy_perform(c->easy);
    c->busy = false;
    connection_settle(c, &r->endpoint);
    if (code != CURLE_OK)
        return no_answer(r, code, err);
    curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &r->answer->status);
    return true;
}

bool http_post(struct http_answer *answer, const struct http_request *request, struct resolver *resolver,
               struct transcript *transcript, struct deadline deadline, struct err *err)
{
    struct post r = {.request = request, .answer = answer, .connection = calloc(1, sizeof *r.connection)};
    const char *wrong;

    answer->status = 0;
    buffer_reset(&answer->body);
    if (r.connection == NULL)
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
    bool ok = http_url_parse(&r.url, request->url, request->plain, &wrong) ||
              err_set(err, FAULT_CONFIG, STAGE_NONE, "the URL %s", wrong);
    r.endpoint = describe(&r.url, request->like);
    ok = ok && target_find(&r.connection->target, &r.endpoint, resolver, deadline, err) &&
         perform(&r, transcript, deadline, err);
    connection_free(&r.connection);
    curl_slist_free_all(r.headers);
    return ok;
}
