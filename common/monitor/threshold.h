/* SPDX-License-Identifier: GPL-3.0-or-later */
/* threshold.h - ranges of the Monitoring Plugins guidelines, and which metric has which. */
#ifndef MAILPROOF_MONITOR_THRESHOLD_H
#define MAILPROOF_MONITOR_THRESHOLD_H

#include <stddef.h>

#include "common/monitor/state.h"

/* Alerts outside start..end, or inside it. */
struct range {
    bool set;
    double start, end; /* -INFINITY, INFINITY */
    bool inside;
    char text[64]; /* for perfdata: "10", not "0:10" */
};

/* "10", "10:", ":10", "~:10", "10:20", "@10:20", "~:" (never). With units of time where seconds is set
 * ("60s", "5m"). False, and range untouched, on "", ":", "~", "20:10", "10:~" and trailing junk. Bounds are
 * rounded to six decimals. */
bool range_parse(struct range *range, const char *text, bool seconds);
bool range_alerts(const struct range *range, double value); /* false where not set */
bool range_off(const struct range *range);                  /* not set, or "~:" */

enum { METRIC_NAME_MAX = 20, THRESHOLDS_MAX = 64 };

struct threshold {
    char metric[METRIC_NAME_MAX];
    struct range warning, critical;
    bool given_warning, given_critical; /* by the user, not a default */
};

struct thresholds {
    const char *main_metric;
    size_t count;
    struct threshold threshold[THRESHOLDS_MAX];
};

/* A plugin's default; NULL for a side without one. What the user gave stays, in whatever order they come. */
void threshold_default(struct thresholds *t, const char *metric, const char *warning, const char *critical);
/* "[METRIC=]RANGE" of -w or -c. known: NULL-terminated metric names of the plugin. One side overrides only
 * itself. FAULT_USAGE names the option and what it takes. */
bool threshold_option(struct thresholds *t, bool critical, const char *text, const char *const *known,
                      struct err *err);
const struct threshold *threshold_find(const struct thresholds *t, const char *metric); /* NULL: none */

#endif
