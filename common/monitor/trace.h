/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace.h - a run as a tree of spans, and the same as OTLP's JSON (OpenTelemetry protocol 1.x,
 * ExportTraceServiceRequest). Knows no protocol of mail and sends nothing.
 *
 * Every function takes NULL, and a span that is SPAN_NONE, and does nothing then: who measures need not ask
 * whether anybody wants a trace. Texts are copied and cleaned (text.h). Times are CLOCK_MONOTONIC; they
 * become wall-clock times by the clocks' difference at the beginning, so that a clock that is set meanwhile
 * tears no span apart. */
#ifndef MAILPROOF_MONITOR_TRACE_H
#define MAILPROOF_MONITOR_TRACE_H

#include <time.h>

#include "common/base/buffer.h"
#include "common/base/redact.h"

struct trace;

enum span_kind { SPAN_INTERNAL = 1, SPAN_CLIENT = 3 }; /* OpenTelemetry's numbers */
enum { SPAN_ROOT = 0, SPAN_NONE = -1, SPANS_MAX = 1024 };

/* Begins the root span, with new random ids. NULL without memory or randomness. What stands in secrets when a
 * text is added is taken out of it; they must live as long as the trace. */
struct trace *trace_new(const char *name, struct timespec began, const struct secrets *secrets);
void trace_free(struct trace **t);
/* The span's number; SPAN_NONE when there are SPANS_MAX already. It is cut to lie within its parent, which
 * stands before it. */
int trace_add(struct trace *t, int parent, const char *name, enum span_kind kind, struct timespec began,
              struct timespec ended);
void trace_end(struct trace *t, struct timespec ended); /* of the root */
/* Attributes. An empty text is left out. */
void trace_text(struct trace *t, int span, const char *key, const char *value);
void trace_integer(struct trace *t, int span, const char *key, long long value);
void trace_number(struct trace *t, int span, const char *key, double value);
/* Status "error", and error.type. */
void trace_failed(struct trace *t, int span, const char *type, const char *message);
const char *trace_id(const struct trace *t); /* 32 hexadecimal digits; "" for NULL */
/* False where out is too small or memory is out. */
bool trace_render(const struct trace *t, struct buffer *out);

#endif
