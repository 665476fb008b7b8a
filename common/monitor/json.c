/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One compact object on one line. Never a null, never an empty text but "summary": what has no value has no
 * key. */
#include <stdio.h>

#include "config.h"

#include "common/base/clock.h"
#include "common/monitor/decimal.h"
#include "common/monitor/render.h"

static bool set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

static bool set_text(json_t *object, const char *key, const char *text)
{
    return *text == '\0' || set(object, key, json_string(text));
}

static json_t *number(double value)
{
    double rounded = decimal_round(value);
    long long whole = (long long)rounded;
    return (double)whole == rounded ? json_integer(whole) : json_real(rounded);
}

static bool add_metrics(const struct report *r, json_t *root)
{
    json_t *all = json_object();
    bool ok = true;

    for (size_t i = 0; i < r->metric_count && ok; i++) {
        const struct reported_metric *m = &r->metric[i];
        json_t *one = json_object();
        ok = set(one, "value", number(m->value)) &&
             set_text(one, "uom", m->kind == NULL ? "" : m->kind->uom) && set_text(one, "warn", m->warning) &&
             set_text(one, "crit", m->critical);
        ok = set(all, m->name, one) && ok;
    }
    return set(root, "metrics", all) && ok;
}

/* The state that was told, or a worse one by a threshold of "auth" or "smtp_auth". */
static enum state stage_state(const struct report *r, const struct reported_stage *s)
{
    enum state state = s->state;

    for (size_t i = 0; i < r->metric_count; i++) {
        const struct reported_metric *m = &r->metric[i];
        struct slice side = metric_side(m->name);
        if (slice_eq(slice_from(metric_base(m->name)), slice_from(s->name)) &&
            (side.len == 0 || slice_eq(side, slice_from(s->side))))
            state = state_worst(state, m->state);
    }
    return state;
}

static bool add_stages(const struct report *r, json_t *root)
{
    json_t *all = json_array();
    bool ok = true;

    for (size_t i = 0; i < r->stage_count && ok; i++) {
        const struct reported_stage *s = &r->stage[i];
        json_t *one = json_object();
        ok = set_text(one, "side", s->side) && set_text(one, "name", s->name) &&
             set(one, "seconds", number(s->seconds)) && set(one, "state", json_integer(stage_state(r, s)));
        ok = json_array_append_new(all, one) == 0 && ok;
    }
    return set(root, "stages", all) && ok;
}

static bool add_faults(const struct report *r, json_t *root)
{
    json_t *all = json_array();
    bool ok = true;

    for (size_t i = 0; i < r->fault_count && ok; i++) {
        const struct reported_fault *f = &r->fault[i];
        json_t *one = json_object();
        ok = set(one, "state", json_integer(f->state)) && set_text(one, "side", f->side) &&
             set_text(one, "stage", f->stage) && set_text(one, "class", fault_class(f->err.kind)) &&
             (f->err.code == 0 || set(one, "code", json_integer(f->err.code))) &&
             set_text(one, "enhanced", f->err.enhanced) && set_text(one, "text", f->err.text) &&
             set_text(one, "advice", f->advice);
        ok = json_array_append_new(all, one) == 0 && ok;
    }
    return set(root, "faults", all) && ok;
}

static bool take_line(void *context, const char *line)
{
    return json_array_append_new(context, json_string(line)) == 0;
}

static bool add_details(const struct report *r, json_t *root)
{
    json_t *all = json_array();
    bool ok = words_details(r, true, take_line, all);

    return set(root, "details", all) && ok;
}

static bool add_transcript(const struct report *r, json_t *root)
{
    json_t *all = json_array();
    bool ok = words_transcript(r, take_line, all);

    return set(root, "transcript", all) && ok;
}

static bool fill(const struct report *r, json_t *root)
{
    char headline[HEADLINE_SIZE];

    words_headline(r, headline, sizeof headline);
    return set(root, "schema", json_integer(1)) && set(root, "check", json_string(r->check)) &&
           set(root, "version", json_string(PACKAGE_VERSION)) && set(root, "state", json_integer(r->state)) &&
           set(root, "state_text", json_string(state_name(r->state))) &&
           set(root, "summary", json_string(headline)) &&
           set(root, "timestamp", json_integer((long long)clock_wall())) && add_metrics(r, root) &&
           (r->stage_count == 0 || add_stages(r, root)) && (r->fault_count == 0 || add_faults(r, root)) &&
           (r->extra == NULL || json_object_update_missing(root, r->extra) == 0) &&
           (r->verbosity < 1 || add_details(r, root)) && (r->verbosity < 3 || add_transcript(r, root));
}

/* jansson does not look at every result of its callback, so that a failure is remembered here. */
struct dumped {
    struct buffer *out;
    bool failed;
};

static int dump(const char *data, size_t len, void *context)
{
    struct dumped *to = context;

    to->failed = to->failed || !buffer_append(to->out, slice_of(data, len));
    return to->failed ? -1 : 0;
}

bool render_json(const struct report *r, struct buffer *out)
{
    struct dumped to = {.out = out};
    json_t *root = json_object();
    /* 15 digits are what a double keeps of a decimal: 0.213 stays 0.213 */
    bool ok = fill(r, root) &&
              json_dump_callback(root, dump, &to, JSON_COMPACT | JSON_REAL_PRECISION(15)) == 0 &&
              !to.failed && buffer_append_char(out, '\n');

    json_decref(root);
    return ok;
}

void render_json_spare(const struct report *r, char *out)
{
    snprintf(out, FIRST_LINE_MAX + 2,
             "{\"schema\":1,\"check\":\"%s\",\"version\":\"%s\",\"state\":3,\"state_text\":\"UNKNOWN\","
             "\"summary\":\"out of memory\",\"timestamp\":%lld,\"metrics\":{}}\n",
             r->check, PACKAGE_VERSION, (long long)clock_wall());
}
