/* SPDX-License-Identifier: GPL-3.0-or-later */
/* metric.h - one vocabulary for perfdata, thresholds, JSON and OpenMetrics. */
#ifndef MAILPROOF_MONITOR_METRIC_H
#define MAILPROOF_MONITOR_METRIC_H

#include <stddef.h>

struct metric {
    const char *name; /* "connect" */
    const char *uom;  /* "s", "%", "" */
    const char *help; /* one sentence, for OpenMetrics' HELP and the man pages */
};

/* By name; a side's prefix ("smtp_", "imap_") is looked through. NULL where there is none. */
const struct metric *metric_find(const char *name);

#endif
