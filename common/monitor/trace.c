/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/monitor/trace.h"

#include <jansson.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config.h"

#include "common/base/text.h"

enum { TRACE_ID_BYTES = 16, SPAN_ID_BYTES = 8, TEXT_MAX = 1000, SPAN_NAME_MAX = 80, STATUS_ERROR = 2 };

struct trace_span {
    char id[2 * SPAN_ID_BYTES + 1];
    char name[SPAN_NAME_MAX];
    int parent;
    enum span_kind kind;
    long long began, ended; /* nanoseconds, CLOCK_MONOTONIC */
    json_t *attributes;     /* owned */
    bool failed;
    char message[TEXT_MAX];
};

struct trace {
    char id[2 * TRACE_ID_BYTES + 1];
    long long to_wall; /* nanoseconds to add */
    const struct secrets *secrets;
    int count, lost;
    struct trace_span *span[SPANS_MAX]; /* owned */
};

static long long nanoseconds(struct timespec t)
{
    return (long long)t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long read_clock(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return nanoseconds(t);
}

/* An id of zeros only would be invalid; 64 random bits are not. */
static bool random_id(char *out, size_t bytes)
{
    unsigned char id[TRACE_ID_BYTES];

    if (RAND_bytes(id, (int)bytes) != 1)
        return false;
    text_hex(out, id, bytes);
    return true;
}

static struct trace_span *find(struct trace *t, int span)
{
    return t != NULL && span >= 0 && span < t->count ? t->span[span] : NULL;
}

static long long within(long long value, long long low, long long high)
{
    return value < low ? low : value > high ? high : value;
}

int trace_add(struct trace *t, int parent, const char *name, enum span_kind kind, struct timespec began,
              struct timespec ended)
{
    if (t == NULL || parent == SPAN_NONE)
        return SPAN_NONE;
    struct trace_span *span = t->count < SPANS_MAX ? calloc(1, sizeof *span) : NULL;
    json_t *attributes = json_array();

    if (span == NULL || attributes == NULL || !random_id(span->id, SPAN_ID_BYTES)) {
        free(span);
        json_decref(attributes);
        t->lost++;
        return SPAN_NONE;
    }
    text_clean(span->name, sizeof span->name, slice_from(name));
    span->parent = parent;
    span->kind = kind;
    span->began = nanoseconds(began);
    span->ended = nanoseconds(ended);
    span->attributes = attributes;
    t->span[t->count] = span;
    return t->count++;
}

struct trace *trace_new(const char *name, struct timespec began, const struct secrets *secrets)
{
    struct trace *t = calloc(1, sizeof *t);

    if (t == NULL)
        return NULL;
    t->secrets = secrets;
    t->to_wall = read_clock(CLOCK_REALTIME) - read_clock(CLOCK_MONOTONIC);
    if (!random_id(t->id, TRACE_ID_BYTES) ||
        trace_add(t, SPAN_ROOT, name, SPAN_INTERNAL, began, began) == SPAN_NONE)
        trace_free(&t);
    return t;
}

void trace_free(struct trace **t)
{
    if (*t == NULL)
        return;
    for (int i = 0; i < (*t)->count; i++) {
        json_decref((*t)->span[i]->attributes);
        free((*t)->span[i]);
    }
    free(*t);
    *t = NULL;
}

const char *trace_id(const struct trace *t)
{
    return t != NULL ? t->id : "";
}

/* --- attributes: {"key":"server.port","value":{"intValue":"587"}} --- */

static void add_attribute(json_t *attributes, const char *key, const char *type, json_t *value)
{
    json_array_append_new(attributes, json_pack("{s:s, s:{s:o}}", "key", key, "value", type, value));
}

static void add_text(const struct trace *t, json_t *attributes, const char *key, const char *value)
{
    char clean[TEXT_MAX];

    secrets_clean(t->secrets, clean, sizeof clean, value);
    if (*clean != '\0')
        add_attribute(attributes, key, "stringValue", json_string(clean));
}

/* JSON's numbers hold 53 bits only: those of 64 are texts. */
static json_t *as_text(long long value)
{
    char text[24];

    snprintf(text, sizeof text, "%lld", value);
    return json_string(text);
}

void trace_text(struct trace *t, int span, const char *key, const char *value)
{
    struct trace_span *s = find(t, span);

    if (s != NULL && value != NULL)
        add_text(t, s->attributes, key, value);
}

void trace_integer(struct trace *t, int span, const char *key, long long value)
{
    struct trace_span *s = find(t, span);

    if (s != NULL)
        add_attribute(s->attributes, key, "intValue", as_text(value));
}

void trace_number(struct trace *t, int span, const char *key, double value)
{
    struct trace_span *s = find(t, span);

    if (s != NULL)
        add_attribute(s->attributes, key, "doubleValue", json_real(value));
}

void trace_failed(struct trace *t, int span, const char *type, const char *message)
{
    struct trace_span *s = find(t, span);

    if (s == NULL)
        return;
    s->failed = true;
    secrets_clean(t->secrets, s->message, sizeof s->message, message);
    add_text(t, s->attributes, "error.type", type);
}

void trace_end(struct trace *t, struct timespec ended)
{
    if (t == NULL)
        return;
    t->span[SPAN_ROOT]->ended = nanoseconds(ended);
    if (t->lost > 0)
        trace_integer(t, SPAN_ROOT, "mailproof.spans_left_out", t->lost);
}

/* --- as JSON --- */

/* Everything lies within its parent: clocks of other hosts, and whole seconds, may say otherwise. */
static void fit(const struct trace *t)
{
    for (int i = 1; i < t->count; i++) {
        struct trace_span *s = t->span[i];
        const struct trace_span *parent = t->span[s->parent];
        s->began = within(s->began, parent->began, parent->ended);
        s->ended = within(s->ended, s->began, parent->ended);
    }
}

static json_t *span_json(const struct trace *t, const struct trace_span *s, bool root)
{
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:i, s:o, s:o, s:O, s:{}}", "traceId", t->id, "spanId", s->id, "name",
                  s->name, "kind", (int)s->kind, "startTimeUnixNano", as_text(s->began + t->to_wall),
                  "endTimeUnixNano", as_text(s->ended + t->to_wall), "attributes", s->attributes, "status");

    if (!root)
        json_object_set_new(json, "parentSpanId", json_string(t->span[s->parent]->id));
    if (s->failed)
        json_object_set_new(json, "status",
                            json_pack("{s:i, s:s}", "code", STATUS_ERROR, "message", s->message));
    return json;
}

static json_t *resource(const struct trace *t)
{
    json_t *attributes = json_array();
    char host[256] = "";

    add_text(t, attributes, "service.name", "mailproof");
    add_text(t, attributes, "service.version", PACKAGE_VERSION);
    if (gethostname(host, sizeof host - 1) == 0)
        add_text(t, attributes, "host.name", host);
    return json_pack("{s:o}", "attributes", attributes);
}

bool trace_render(const struct trace *t, struct buffer *out)
{
    if (t == NULL)
        return false;
    json_t *spans = json_array();
    fit(t);
    for (int i = 0; i < t->count; i++)
        json_array_append_new(spans, span_json(t, t->span[i], i == SPAN_ROOT));
    json_t *request =
        json_pack("{s:[{s:o, s:[{s:{s:s, s:s}, s:o}]}]}", "resourceSpans", "resource", resource(t),
                  "scopeSpans", "scope", "name", "mailproof", "version", PACKAGE_VERSION, "spans", spans);
    char *text = request != NULL ? json_dumps(request, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    bool ok = text != NULL && buffer_append_text(out, text);
    free(text);
    json_decref(request);
    return ok;
}
