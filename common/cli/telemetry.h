/* SPDX-License-Identifier: GPL-3.0-or-later */
/* telemetry.h - --otlp-endpoint: the run, once its verdict is known, as one trace to a collector. */
#ifndef MAILPROOF_CLI_TELEMETRY_H
#define MAILPROOF_CLI_TELEMETRY_H

#include "common/base/transcript.h"
#include "common/cli/common_options.h"
#include "common/monitor/report.h"

struct telemetry;

/* Lets the report collect spans, and keeps a copy of what the sending needs of the options. NULL, and no
 * trace, without memory. began: of the run. */
struct telemetry *telemetry_new(struct report *report, const struct common_options *options,
                                struct timespec began);
/* Within what is left of the time-out, two seconds at most and half a second at least: runs that time out are
 * those that one wants to see. What goes wrong is a line of the report, and nothing else. Frees, and clears
 * the pointer. */
void telemetry_send(struct telemetry **telemetry, struct report *report, struct transcript *transcript);

#endif
