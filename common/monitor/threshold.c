/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/monitor/threshold.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/buffer.h"
#include "common/monitor/decimal.h"
#include "common/monitor/metric.h"

/* A number, with a unit of time behind it where that is allowed. */
static bool parse_bound(struct slice s, bool seconds, double *value)
{
    static const struct {
        char letter;
        double seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    double factor = 1;

    for (size_t i = 0; i < sizeof units / sizeof *units && seconds && s.len > 0; i++) {
        if (s.data[s.len - 1] == units[i].letter) {
            factor = units[i].seconds;
            s.len--;
            break;
        }
    }
    if (!decimal_parse(s, value))
        return false;
    *value = decimal_round(*value * factor);
    return decimal_fits(*value);
}

static void write_text(struct range *r)
{
    char start[DECIMAL_SIZE + 1] = "", end[DECIMAL_SIZE] = "";

    if (isfinite(r->end))
        decimal_text(end, r->end, DECIMAL_PLACES, true);
    if (!isfinite(r->start))
        strcpy(start, "~:");
    else if (r->start != 0 || *end == '\0') {
        decimal_text(start, r->start, DECIMAL_PLACES, true);
        strcat(start, ":");
    }
    snprintf(r->text, sizeof r->text, "%s%s%s", r->inside ? "@" : "", start, end);
}

/* Monitoring Plugins Development Guidelines, "Threshold and Ranges": [@][start:][end] */
bool range_parse(struct range *range, const char *text, bool seconds)
{
    struct range r = {.set = true, .start = 0, .end = INFINITY};
    struct slice s = slice_from(text);

    r.inside = slice_starts(s, SLICE("@"));
    s = slice_skip(s, r.inside);
    size_t colon = slice_find_char(s, ':');
    bool two = colon < s.len;
    struct slice start = two ? slice_head(s, colon) : SLICE_EMPTY;
    struct slice end = two ? slice_skip(s, colon + 1) : s;

    if (slice_eq(start, SLICE("~")))
        r.start = -INFINITY;
    else if (start.len > 0 && !parse_bound(start, seconds, &r.start))
        return false;
    if (end.len == 0 ? start.len == 0 : !parse_bound(end, seconds, &r.end))
        return false;
    if (r.start > r.end)
        return false;
    write_text(&r);
    *range = r;
    return true;
}

bool range_alerts(const struct range *range, double value)
{
    if (!range->set)
        return false;
    bool within = value >= range->start && value <= range->end;
    return within == range->inside;
}

bool range_off(const struct range *range)
{
    return !range->set || (!range->inside && isinf(range->start) && isinf(range->end));
}

/* t->count where there is none */
static size_t index_of(const struct thresholds *t, struct slice metric)
{
    size_t i = 0;

    while (i < t->count && !slice_eq(slice_from(t->threshold[i].metric), metric))
        i++;
    return i;
}

static struct threshold *find_or_add(struct thresholds *t, struct slice metric)
{
    size_t i = index_of(t, metric);

    if (i < t->count)
        return &t->threshold[i];
    if (i == THRESHOLDS_MAX || metric.len >= METRIC_NAME_MAX)
        return NULL;
    t->threshold[i] = (struct threshold){.given_warning = false};
    slice_copy(t->threshold[i].metric, METRIC_NAME_MAX, metric);
    t->count++;
    return &t->threshold[i];
}

static bool is_seconds(const char *metric)
{
    const struct metric *m = metric_find(metric);
    return m != NULL && strcmp(m->uom, "s") == 0;
}

void threshold_default(struct thresholds *t, const char *metric, const char *warning, const char *critical)
{
    struct threshold *entry = find_or_add(t, slice_from(metric));

    if (entry == NULL)
        return;
    if (warning != NULL && !entry->given_warning)
        range_parse(&entry->warning, warning, is_seconds(metric));
    if (critical != NULL && !entry->given_critical)
        range_parse(&entry->critical, critical, is_seconds(metric));
}

static bool is_known(struct slice metric, const char *const *known)
{
    for (; *known != NULL; known++)
        if (slice_eq(slice_from(*known), metric))
            return true;
    return false;
}

static bool unknown_metric(struct err *err, const char *option, const char *text, const char *const *known)
{
    struct buffer list = BUFFER_INIT(ERR_TEXT_MAX);

    for (; *known != NULL; known++)
        buffer_printf(&list, " %s", *known);
    err_set(err, FAULT_USAGE, STAGE_NONE, "%s takes [METRIC=]RANGE, not \"%.80s\"; the metrics are:%s",
            option, text, buffer_text(&list));
    buffer_clear(&list);
    return false;
}

bool threshold_option(struct thresholds *t, bool critical, const char *text, const char *const *known,
                      struct err *err)
{
    const char *option = critical ? "--critical" : "--warning";
    struct slice whole = slice_from(text), metric = slice_from(t->main_metric);
    const char *range_text = text;
    size_t equals = slice_find_char(whole, '=');

    if (equals < whole.len) {
        metric = slice_head(whole, equals);
        range_text = text + equals + 1;
    }
    if (!is_known(metric, known))
        return unknown_metric(err, option, text, known);
    struct threshold *entry = find_or_add(t, metric);
    if (entry == NULL)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "%s: more than %d metrics", option, THRESHOLDS_MAX);
    bool seconds = is_seconds(entry->metric);
    if (!range_parse(critical ? &entry->critical : &entry->warning, range_text, seconds))
        return err_set(err, FAULT_USAGE, STAGE_NONE,
                       "%s=%.80s: a RANGE is 10, 10:, ~:10, 10:20 or @10:20 (inside), ~: for never%s", option,
                       text, seconds ? "; seconds, or with s, m, h or d" : "");
    *(critical ? &entry->given_critical : &entry->given_warning) = true;
    return true;
}

const struct threshold *threshold_find(const struct thresholds *t, const char *metric)
{
    size_t i = index_of(t, slice_from(metric));
    return i < t->count ? &t->threshold[i] : NULL;
}
