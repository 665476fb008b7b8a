/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state.h - the four states of the Monitoring Plugins guidelines. */
#ifndef MAILPROOF_MONITOR_STATE_H
#define MAILPROOF_MONITOR_STATE_H

#include <stdbool.h>

#include "common/base/err.h"

enum state { STATE_OK = 0, STATE_WARNING = 1, STATE_CRITICAL = 2, STATE_UNKNOWN = 3 };

const char *state_name(enum state state); /* "CRITICAL" */
/* Worst first: CRITICAL, UNKNOWN, WARNING, OK. */
enum state state_worst(enum state a, enum state b);
/* "ok", "warning", "critical", "unknown" in any case, or 0 to 3. */
bool state_parse(const char *text, enum state *state);
/* What a fault means where no option says otherwise. A switch without default: a new kind fails the build
 * until judged. */
enum state state_of_fault(enum fault kind);

#endif
