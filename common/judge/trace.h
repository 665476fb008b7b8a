/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace.h - the run as spans, where a trace is wanted (report_trace): a span a side, in it one a step; the
 * way between them, in it one a hop. Attributes by OpenTelemetry's semantic conventions where they have them,
 * else under "mailproof.". */
#ifndef MAILPROOF_JUDGE_TRACE_H
#define MAILPROOF_JUDGE_TRACE_H

#include "common/judge/connection.h"
#include "common/mail/received.h"

/* failure marks its step; may be NULL. mailbox: the label in a seed list, else "". */
void judge_trace_connection(struct report *report, const struct connection_facts *facts,
                            const struct err *failure, const char *mailbox);
/* From the relay's final reply to the message noticed, both CLOCK_MONOTONIC. */
void judge_trace_delivery(struct report *report, struct timespec sent, struct timespec noticed,
                          const struct hops *hops, const char *mailbox);

#endif
