/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/judge/connection.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/judge/trace.h"
#include "common/net/oauth2.h"

enum state judge_state(const struct policy *policy, enum fault kind)
{
    if (kind == FAULT_TIMEOUT)
        return policy->timeout;
    if (kind == FAULT_GREYLISTED)
        return policy->greylist;
    return state_of_fault(kind);
}

void judge_fault(struct report *report, const struct policy *policy, const char *side, const struct err *err)
{
    report_fault(report, side, judge_state(policy, err->kind), err);
}

struct connection_facts judge_submission_facts(const struct submission *submission,
                                               const struct endpoint *endpoint)
{
    return (struct connection_facts){
        .side = protocol_name(PROTOCOL_SMTP),
        .endpoint = endpoint,
        .host = submission->host,
        .address = submission->address,
        .tls_version = submission->tls_version,
        .mechanism = submission->mechanism,
        .encrypted = submission->encrypted,
        .certificate = &submission->certificate,
        .timeline = &submission->timeline,
    };
}

struct connection_facts judge_mailbox_facts(const struct mailbox *mailbox, const struct endpoint *endpoint)
{
    return (struct connection_facts){
        .side = protocol_name(endpoint->protocol),
        .endpoint = endpoint,
        .host = endpoint->host,
        .address = mailbox_address(mailbox),
        .tls_version = mailbox_tls_version(mailbox),
        .mechanism = mailbox_mechanism(mailbox),
        .encrypted = mailbox_encrypted(mailbox),
        .certificate = mailbox_certificate(mailbox),
        .timeline = mailbox_timeline(mailbox),
    };
}

void judge_steps(struct report *report, const struct policy *policy, const struct connection_facts *facts,
                 const char *prefix, const struct err *failure)
{
    bool two_sides = *prefix != '\0';
    double connect;
    char name[METRIC_NAME_MAX];

    judge_trace_connection(report, facts, failure, "");
    if (timeline_connect(facts->timeline, &connect)) {
        snprintf(name, sizeof name, "%sconnect", prefix);
        report_metric(report, name, connect, true);
    }
    for (enum stage stage = STAGE_NONE + 1; stage < STAGE_COUNT; stage++) {
        const struct span *span = &facts->timeline->stage[stage];
        bool failed = failure != NULL && failure->kind != FAULT_NONE && failure->stage == stage;
        if (!span->known && !failed)
            continue;
        report_stage(report, facts->side, stage_name(stage), span->known ? span->seconds : 0,
                     failed ? judge_state(policy, failure->kind) : STATE_OK);
        if (!span->known || stage == STAGE_TOKEN || stage == STAGE_QUIT || stage == STAGE_CLEANUP)
            continue;
        snprintf(name, sizeof name, "%s%s", prefix, stage_name(stage));
        report_metric(report, name, span->seconds, !two_sides);
    }
}

void judge_certificates(struct report *report, const struct connection_facts *const *sides, size_t count)
{
    const struct certificate *worst = NULL;

    for (size_t i = 0; i < count; i++) {
        const struct certificate *one = sides[i]->certificate;
        if (one != NULL && one->known && (worst == NULL || one->not_after < worst->not_after))
            worst = one;
    }
    if (worst != NULL)
        report_metric(report, "cert_days", ((double)worst->not_after - clock_wall()) / 86400, true);
}

void judge_flags(struct report *report, const struct connection_facts *facts)
{
    const struct endpoint *endpoint = facts->endpoint;

    if (endpoint == NULL)
        return;
    if (endpoint->insecure && facts->encrypted)
        report_flag(report, "%s certificate not verified: --insecure", facts->side);
    if (endpoint->tls == TLS_OPPORTUNISTIC)
        report_flag(report, "%s opportunistic TLS: %s", facts->side,
                    facts->encrypted ? "encrypted" : "NOT encrypted");
    if (endpoint->tls == TLS_NONE)
        report_flag(report, "%s not encrypted: --tls=none", facts->side);
}

void judge_mx(struct report *report, const struct policy *policy, const struct submission *submission)
{
    struct err err;

    if (!submission->mx_worse || !(submission->accepted || submission->stopped))
        return;
    err_set(&err, FAULT_MX_FALLBACK, STAGE_NONE, "only a less preferred MX could be used: %s",
            submission->mx_failure.text);
    judge_fault(report, policy, "smtp", &err);
}

static void say_where_from(struct report *report, const char *side, const struct oauth2 *o)
{
    const double left = o->expires - clock_wall();
    char fetched[64] = "kept by an earlier run";

    if (o->request_s > 0)
        snprintf(fetched, sizeof fetched, "fetched in %.3f s", o->request_s);
    if (o->token.set && o->expires > 0)
        report_line(report, 0, "  OAuth2 token of %s: %s, good for another %.0f s%s", side, fetched, left,
                    o->renewed ? "; the one kept before was refused" : "");
    else if (o->token.set)
        report_line(report, 0, "  OAuth2 token of %s: %s, for this run: how long it is good was not told",
                    side, fetched);
    if (o->note[0] != '\0')
        report_line(report, 0, "  OAuth2 token of %s is not kept: %s", side, o->note);
}

static void draw_step(struct report *report, const char *side, const char *name, const struct span *span)
{
    char text[32];

    snprintf(text, sizeof text, "%s %s", side, name);
    report_bar(report, text, clock_seconds(span->at), span->seconds, false);
}

void judge_timeline_lines(struct report *report, const struct connection_facts *facts)
{
    struct buffer line = BUFFER_INIT(512);
    char date[32] = "";

    if (facts->endpoint != NULL) {
        if (facts->certificate != NULL && facts->certificate->known) {
            struct tm tm;
            gmtime_r(&facts->certificate->not_after, &tm);
            strftime(date, sizeof date, "%Y-%m-%d", &tm);
        }
        report_line(report, 0, "%s %s%s%s%s port %u%s%s%s%s%s%s", facts->side, facts->host,
                    *facts->address != '\0' ? " [" : "", facts->address, *facts->address != '\0' ? "]" : "",
                    facts->endpoint->connect_port != 0 ? facts->endpoint->connect_port
                                                       : facts->endpoint->port,
                    *facts->tls_version != '\0' ? ", " : "", facts->tls_version,
                    *facts->mechanism != '\0' ? ", AUTH " : "", facts->mechanism,
                    *date != '\0' ? ", certificate until " : "", date);
    }
    for (enum stage stage = STAGE_NONE + 1; stage < STAGE_COUNT; stage++) {
        const struct span *span = &facts->timeline->stage[stage];
        if (!span->known)
            continue;
        buffer_printf(&line, " %s %.3f", stage_name(stage), span->seconds);
        draw_step(report, facts->side, stage_name(stage), span);
    }
    if (line.len > 0)
        report_line(report, 0, "  seconds:%s", buffer_text(&line));
    if (facts->endpoint != NULL && facts->endpoint->login.oauth2 != NULL)
        say_where_from(report, facts->side, facts->endpoint->login.oauth2);
    buffer_clear(&line);
}
