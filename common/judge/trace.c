/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/judge/trace.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"

static struct timespec plus(struct timespec t, double seconds)
{
    double whole = floor(seconds);

    t.tv_sec += (time_t)whole;
    t.tv_nsec += (long)((seconds - whole) * 1e9);
    if (t.tv_nsec >= 1000000000L) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000L;
    }
    return t;
}

static bool failed_at(const struct err *failure, enum stage stage)
{
    return failure != NULL && failure->kind != FAULT_NONE && failure->stage == stage;
}

/* From the first step's beginning to the last one's end. False: there was none. */
static bool extent(const struct timeline *timeline, struct timespec *began, struct timespec *ended)
{
    bool known = false;

    for (enum stage stage = STAGE_NONE + 1; stage < STAGE_COUNT; stage++) {
        const struct span *span = &timeline->stage[stage];
        struct timespec end = plus(span->at, span->seconds);
        if (!span->known)
            continue;
        if (!known || clock_between(*began, span->at) < 0)
            *began = span->at;
        if (!known || clock_between(*ended, end) > 0)
            *ended = end;
        known = true;
    }
    return known;
}

static void mark_failure(struct trace *t, int span, const struct err *failure)
{
    trace_failed(t, span, fault_class(failure->kind), failure->text);
    if (failure->code != 0)
        trace_integer(t, span, "mailproof.reply.code", failure->code);
    trace_text(t, span, "mailproof.reply.enhanced_code", failure->enhanced);
}

static void describe(struct trace *t, int span, const struct connection_facts *facts)
{
    const struct endpoint *e = facts->endpoint;

    trace_text(t, span, "network.protocol.name", facts->side);
    if (e == NULL)
        return;
    trace_text(t, span, "server.address", facts->host);
    trace_integer(t, span, "server.port", e->connect_port != 0 ? e->connect_port : e->port);
    trace_text(t, span, "network.transport", "tcp");
    trace_text(t, span, "network.peer.address", facts->address);
    if (facts->encrypted) {
        trace_text(t, span, "tls.protocol.name", "tls");
        trace_text(t, span, "tls.protocol.version",
                   facts->tls_version + strcspn(facts->tls_version, "0123456789"));
    }
    trace_text(t, span, "mailproof.auth.mechanism", facts->mechanism);
}

/* A step that failed has no end of its own: it took from the last one that is known until now. */
static void add_steps(struct trace *t, int side, const struct connection_facts *facts,
                      const struct err *failure, struct timespec last, struct timespec now)
{
    char name[40];

    for (enum stage stage = STAGE_NONE + 1; stage < STAGE_COUNT; stage++) {
        const struct span *span = &facts->timeline->stage[stage];
        bool failed = failed_at(failure, stage);
        if (!span->known && !failed)
            continue;
        snprintf(name, sizeof name, "%s %s", facts->side, stage_name(stage));
        int step = trace_add(t, side, name, SPAN_CLIENT, span->known ? span->at : last,
                             span->known ? plus(span->at, span->seconds) : now);
        if (failed)
            mark_failure(t, step, failure);
    }
}

void judge_trace_connection(struct report *report, const struct connection_facts *facts,
                            const struct err *failure, const char *mailbox)
{
    struct trace *t = report_trace(report);
    struct timespec began = {0}, last = {0}, now = clock_now(); /* zero: cut to the root's beginning */
    bool failed = failure != NULL && failure->kind != FAULT_NONE;

    if (t == NULL || (!extent(facts->timeline, &began, &last) && !failed))
        return;
    int side = trace_add(t, SPAN_ROOT, facts->side, SPAN_CLIENT, began, failed ? now : last);
    describe(t, side, facts);
    trace_text(t, side, "mailproof.mailbox", mailbox);
    if (failed)
        mark_failure(t, side, failure);
    add_steps(t, side, facts, failure, last, now);
}

/* Received fields have whole seconds, by clocks of other hosts: what they say stands in the attributes; the
 * span is cut to the way as we measured it. */
static void add_hop(struct trace *t, int way, const struct hop *hop, size_t index, struct timespec began,
                    struct timespec ended)
{
    int span = trace_add(t, way, "hop", SPAN_INTERNAL, began, ended);

    trace_integer(t, span, "mailproof.hop.index", (long long)index);
    trace_text(t, span, "mailproof.hop.from", hop->from);
    trace_text(t, span, "mailproof.hop.by", hop->by);
    trace_text(t, span, "mailproof.hop.with", hop->with);
    trace_text(t, span, "client.address", hop->address);
    if (hop->dated)
        trace_integer(t, span, "mailproof.hop.received_at", (long long)hop->at);
    if (hop->delayed)
        trace_number(t, span, "mailproof.hop.delay_s", hop->delay_s);
}

void judge_trace_delivery(struct report *report, struct timespec sent, struct timespec noticed,
                          const struct hops *hops, const char *mailbox)
{
    struct trace *t = report_trace(report);
    struct timespec now = clock_now(), before = sent;
    double wall = clock_wall();

    if (t == NULL)
        return;
    int way = trace_add(t, SPAN_ROOT, "queue", SPAN_INTERNAL, sent, noticed);
    trace_text(t, way, "mailproof.mailbox", mailbox);
    for (size_t i = 0; i < hops->count; i++) {
        const struct hop *hop = &hops->hop[i];
        struct timespec at = hop->dated ? plus(now, (double)hop->at - wall) : before;
        add_hop(t, way, hop, i, before, at);
        before = at;
    }
}
