/* SPDX-License-Identifier: GPL-3.0-or-later */
/* metric.h - one vocabulary for perfdata, thresholds, JSON and OpenMetrics. */
#ifndef MAILPROOF_MONITOR_METRIC_H
#define MAILPROOF_MONITOR_METRIC_H

#include <stdbool.h>

#include "common/base/slice.h"

struct metric {
    const char *name;   /* "connect" */
    const char *uom;    /* "s", "%", "" */
    const char *verb;   /* "auth took 1.3 s", "age is 90 s" */
    bool step;          /* one step of the conversation: a stage of the JSON and of OpenMetrics */
    const char *series; /* OpenMetrics' name, in base units */
    double factor;      /* from our unit to that base unit */
    const char *help;   /* one sentence, for OpenMetrics' HELP and the man pages */
};

/* By name; a side's prefix ("smtp_", "imap_", "pop3_") is looked through. NULL where there is none. */
const struct metric *metric_find(const char *name);
/* "smtp" of "smtp_auth"; empty where the name has no such prefix. */
struct slice metric_side(const char *name);
/* "auth" of "smtp_auth" and of "auth". */
const char *metric_base(const char *name);

#endif
