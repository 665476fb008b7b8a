/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The root span says what line 1 says. */
#include "common/base/clock.h"
#include "common/monitor/render.h"

void report_trace_begin(struct report *r, struct timespec began)
{
    trace_free(&r->trace);
    r->trace = trace_new(r->check, began, &r->secrets);
}

struct trace *report_trace(const struct report *r)
{
    return r->trace;
}

/* Warnings are no errors: the mail came through. */
bool report_trace_end(struct report *r, struct buffer *out)
{
    char headline[HEADLINE_SIZE];
    struct trace *t = r->trace;

    words_headline(r, headline, sizeof headline);
    trace_text(t, SPAN_ROOT, "mailproof.service", r->service);
    trace_text(t, SPAN_ROOT, "mailproof.state", state_name(r->state));
    if (r->state >= STATE_CRITICAL)
        trace_failed(t, SPAN_ROOT, r->fault_count > 0 ? fault_class(r->fault[0].err.kind) : "", headline);
    else
        trace_text(t, SPAN_ROOT, "mailproof.summary", headline);
    trace_end(t, clock_now());
    return trace_render(t, out);
}
