/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gauges that both the Prometheus text format and OpenMetrics 1.0 read. The node exporter's textfile
 * collector drops a whole file for a time stamp, and clashing HELP, TYPE or series with only a log line: so
 * families and their HELP come from one table for all plugins, the time of the run is a value, and each
 * series appears once. */
#include <stdio.h>
#include <string.h>

#include "config.h"

#include "common/base/clock.h"
#include "common/monitor/decimal.h"
#include "common/monitor/render.h"

#define STATE_HELP "State of the last run: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN."

struct label {
    const char *name, *value;
};

static bool family(struct buffer *out, const char *name, const char *help)
{
    return buffer_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static bool append_escaped(struct buffer *out, const char *value)
{
    bool ok = true;

    for (; *value != '\0' && ok; value++) {
        if (*value == '\\' || *value == '"')
            ok = buffer_append_char(out, '\\');
        ok = ok && buffer_append_char(out, *value);
    }
    return ok;
}

/* name{check="...",service="...",...} value; empty labels are left out, which Prometheus takes for the same.
 */
static bool sample(struct buffer *out, const struct report *r, const char *name, const struct label *more,
                   size_t count, double value)
{
    const struct label common[] = {{"check", r->check}, {"service", r->service}};
    size_t total = sizeof common / sizeof *common + count;
    char number[DECIMAL_SIZE];
    const char *separator = "{";
    if (!decimal_fits(value)) /* in our unit it did; no real certificate is that long-lived */
        return true;
    bool ok = buffer_append_text(out, name);

    for (size_t i = 0; i < total && ok; i++) {
        const struct label *l = i < total - count ? &common[i] : &more[i - (total - count)];
        if (i > 0 && *l->value == '\0')
            continue;
        ok = buffer_printf(out, "%s%s=\"", separator, l->name) && append_escaped(out, l->value) &&
             buffer_append_char(out, '"');
        separator = ",";
    }
    decimal_text(number, value, DECIMAL_PLACES, true);
    return ok && buffer_printf(out, "} %s\n", number);
}

static bool add_run(const struct report *r, struct buffer *out)
{
    const struct label version = {"version", PACKAGE_VERSION};

    return family(out, "mailproof_build_info", "The version of the check, as a label; always 1.") &&
           sample(out, r, "mailproof_build_info", &version, 1, 1) &&
           family(out, "mailproof_state", STATE_HELP) &&
           sample(out, r, "mailproof_state", NULL, 0, (double)r->state) &&
           family(out, "mailproof_last_run_timestamp_seconds",
                  "When the last run ended, in seconds since the epoch.") &&
           sample(out, r, "mailproof_last_run_timestamp_seconds", NULL, 0, clock_wall());
}

static bool add_fault(const struct report *r, struct buffer *out, size_t i)
{
    const struct reported_fault *f = &r->fault[i];
    const struct label labels[] = {
        {"class", fault_class(f->err.kind)}, {"side", f->side}, {"stage", f->stage}};

    /* of the same series twice the first is the worst */
    for (size_t k = 0; k < i; k++)
        if (r->fault[k].err.kind == f->err.kind && strcmp(r->fault[k].side, f->side) == 0 &&
            strcmp(r->fault[k].stage, f->stage) == 0)
            return true;
    return sample(out, r, "mailproof_fault_state", labels, 3, (double)f->state);
}

static bool add_faults(const struct report *r, struct buffer *out)
{
    bool ok = r->fault_count == 0 || family(out, "mailproof_fault_state",
                                            "State of each fault of the last run, by class, side and stage.");

    for (size_t i = 0; i < r->fault_count && ok; i++)
        ok = add_fault(r, out, i);
    return ok;
}

static bool add_stage(const struct report *r, struct buffer *out, const char *side, const char *stage,
                      double seconds)
{
    const struct label labels[] = {{"side", side}, {"stage", stage}};
    return sample(out, r, "mailproof_stage_seconds", labels, 2, seconds);
}

static bool is_step(const struct reported_metric *m)
{
    return m->kind != NULL && m->kind->step;
}

/* From the stages; of a plugin that tells none, from the metrics that are steps. */
static bool add_stages(const struct report *r, struct buffer *out)
{
    size_t steps = 0;

    for (size_t i = 0; i < r->metric_count; i++)
        steps += is_step(&r->metric[i]);
    if (r->stage_count + steps == 0)
        return true;
    bool ok = family(out, "mailproof_stage_seconds", "Time that a step of the conversation took.");
    for (size_t i = 0; i < r->stage_count && ok; i++)
        ok = add_stage(r, out, r->stage[i].side, r->stage[i].name, r->stage[i].seconds);
    for (size_t i = 0; i < r->metric_count && r->stage_count == 0 && ok; i++) {
        const struct reported_metric *m = &r->metric[i];
        char side[SIDE_SIZE];
        slice_copy(side, sizeof side, metric_side(m->name));
        if (is_step(m))
            ok = add_stage(r, out, side, metric_base(m->name), m->value);
    }
    return ok;
}

/* All metrics of the same kind as the i-th, where that is the first of its kind: a family stands together. */
static bool add_kind(const struct report *r, struct buffer *out, size_t first)
{
    const struct metric *kind = r->metric[first].kind;
    bool ok = true;

    if (kind == NULL || kind->step)
        return true;
    for (size_t i = 0; i < first; i++)
        if (r->metric[i].kind == kind)
            return true;
    ok = family(out, kind->series, kind->help);
    for (size_t i = first; i < r->metric_count && ok; i++) {
        char side[SIDE_SIZE];
        slice_copy(side, sizeof side, metric_side(r->metric[i].name));
        const struct label labels[] = {{"side", side}, {"mailbox", r->metric[i].label}};
        if (r->metric[i].kind == kind)
            ok = sample(out, r, kind->series, labels, 2, r->metric[i].value * kind->factor);
    }
    return ok;
}

bool render_openmetrics(const struct report *r, struct buffer *out)
{
    bool ok = add_run(r, out) && add_faults(r, out) && add_stages(r, out);

    for (size_t i = 0; i < r->metric_count && ok; i++)
        ok = add_kind(r, out, i);
    return ok && buffer_append_text(out, "# EOF\n");
}

void render_openmetrics_spare(const struct report *r, char *out)
{
    snprintf(out, FIRST_LINE_MAX + 2,
             "# HELP mailproof_state " STATE_HELP "\n"
             "# TYPE mailproof_state gauge\nmailproof_state{check=\"%s\"} 3\n# EOF\n",
             r->check);
}
