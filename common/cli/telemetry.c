/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/cli/telemetry.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/net/http.h"
#include "common/net/http_url.h"
#include "common/net/session.h"

static const double SENDING_LEAST_S = 0.5, SENDING_MOST_S = 2;
static const char traces_path[] = "/v1/traces"; /* OTLP 1.x, "OTLP/HTTP request" */

enum { RENDERED_MAX = 4 * 1024 * 1024, URL_SIZE = HTTP_URL_MAX + sizeof traces_path, NOTE_MAX = 300 };

/* Copies: the options are gone by then. */
struct telemetry {
    char url[URL_SIZE];
    char *ca_file, *resolver; /* owned; NULL: none */
    double timeout_s;
    struct timespec began;
};

/* What is given is a base, as OTEL_EXPORTER_OTLP_ENDPOINT is; one that names the path already is taken as it
 * is. A query, which would end up in between, stays behind the path. */
static void make_url(char out[URL_SIZE], const char *endpoint)
{
    struct slice base = slice_head(slice_from(endpoint), strcspn(endpoint, "?"));
    const char *query = endpoint + base.len;

    while (base.len > 0 && base.data[base.len - 1] == '/')
        base.len--;
    bool whole = base.len >= strlen(traces_path) &&
                 memcmp(base.data + base.len - strlen(traces_path), traces_path, strlen(traces_path)) == 0;
    snprintf(out, URL_SIZE, "%.*s%s%s", SLICE_ARG(base), whole ? "" : traces_path, query);
}

static char *copy(const char *text)
{
    return text != NULL ? strdup(text) : NULL;
}

struct telemetry *telemetry_new(struct report *report, const struct common_options *options,
                                struct timespec began)
{
    struct telemetry *t = calloc(1, sizeof *t);

    if (t == NULL)
        return NULL;
    make_url(t->url, options->otlp_endpoint);
    t->ca_file = copy(options->otlp_ca_file);
    t->resolver = copy(options->resolver);
    t->timeout_s = options->timeout_s;
    t->began = began;
    report_trace_begin(report, began);
    return t;
}

static struct deadline limit(const struct telemetry *t)
{
    double left = t->timeout_s - clock_since(t->began);

    return deadline_in(left < SENDING_LEAST_S  ? SENDING_LEAST_S
                       : left > SENDING_MOST_S ? SENDING_MOST_S
                                               : left);
}

/* {"partialSuccess":{"rejectedSpans":"3","errorMessage":"..."}}: taken, but not all of it. */
static bool all_taken(const struct http_answer *answer, struct err *err)
{
    struct slice body = buffer_slice(&answer->body);
    json_t *reply = json_loadb(body.data != NULL ? body.data : "", body.len, 0, NULL);
    json_t *part = json_object_get(reply, "partialSuccess");
    const char *message = json_string_value(json_object_get(part, "errorMessage"));
    json_t *count = json_object_get(part, "rejectedSpans");
    bool rejected = json_integer_value(count) > 0 ||
                    (json_is_string(count) && strcmp(json_string_value(count), "0") != 0);

    if (rejected)
        err_set(err, FAULT_PROTOCOL, STAGE_NONE, "the collector rejected spans: %.200s",
                message != NULL ? message : "it does not say why");
    json_decref(reply);
    return !rejected;
}

static bool post(const struct telemetry *t, struct slice body, struct transcript *transcript, struct err *err)
{
    struct http_answer answer = {.body = BUFFER_SECRET(HTTP_BODY_MAX)};
    struct endpoint like = ENDPOINT_INIT;
    const struct http_request request = {.url = t->url,
                                         .plain = true,
                                         .side = "otlp",
                                         .content_type = "application/json",
                                         .body = body,
                                         .like = &like};
    struct resolver *resolver = NULL;

    like.ca_file = t->ca_file;
    bool ok = session_global_init(err) && (resolver = resolver_new(t->resolver, transcript, err)) != NULL &&
              http_post(&answer, &request, resolver, transcript, limit(t), err);
    if (ok && (answer.status < 200 || answer.status > 299))
        ok = err_set(err, FAULT_PROTOCOL, STAGE_NONE, "the collector answered with HTTP status %ld",
                     answer.status);
    ok = ok && all_taken(&answer, err);
    resolver_free(&resolver);
    buffer_clear(&answer.body);
    return ok;
}

/* For people a line where it failed; for machines the id, under which the collector has it. */
static void tell(struct report *report, bool sent, const struct err *err)
{
    const char *id = trace_id(report_trace(report));
    json_t *json = json_pack("{s:s, s:b}", "trace_id", id, "sent", (int)sent);

    if (sent) {
        report_line(report, 1, "trace %s was sent", id);
    } else {
        report_line(report, 0, "the trace was not sent: %.*s", NOTE_MAX, err->text);
        json_object_set_new(json, "error", json_string(err->text));
    }
    report_json(report, "trace", json);
}

void telemetry_send(struct telemetry **telemetry, struct report *report, struct transcript *transcript)
{
    struct telemetry *t = *telemetry;
    struct buffer body = BUFFER_INIT(RENDERED_MAX);
    struct err err;

    bool ok = report_trace_end(report, &body) ||
              err_set(&err, FAULT_INTERNAL, STAGE_NONE, "there is no memory for it");
    ok = ok && post(t, buffer_slice(&body), transcript, &err);
    tell(report, ok, &err);
    buffer_clear(&body);
    free(t->ca_file);
    free(t->resolver);
    free(t);
    *telemetry = NULL;
}
