/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_mail_roundtrip/check.h"

#include <stdio.h>
#include <string.h>

static void judge_waited(struct report *report, const struct result *result, const struct options *options,
                         const char *side)
{
    const struct threshold *total = threshold_find(&options->common.thresholds, "total");
    bool lost = total != NULL && range_alerts(&total->critical, result->total_s);
    char reply[160];
    struct err err;

    reply_format(&result->submission.final_reply, reply, sizeof reply);
    err_set(&err, lost ? FAULT_NOT_DELIVERED : FAULT_LATE, STAGE_NONE,
            "%s after %.1f s: accepted by %s with %s", lost ? "not delivered" : "not yet delivered",
            result->total_s, result->submission.host, reply);
    judge_fault(report, &options->policy, side, &err);
}

static void judge_content(struct report *report, const struct result *result, const char *side)
{
    struct err err;

    if (result->copies > 1) {
        err_set(&err, FAULT_DUPLICATE, STAGE_NONE, "the message arrived %zu times", result->copies);
        report_fault(report, side, STATE_WARNING, &err);
    }
    if (result->body_read && result->intact == 0) {
        err_set(&err, FAULT_ALTERED, STAGE_NONE, "the message was altered on its way: %s",
                result->altered_how);
        report_fault(report, side, STATE_CRITICAL, &err);
    }
    if (result->marker_stripped)
        report_flag(report, "the X-Mailproof-Marker header was removed on the way");
}

static void judge_landed(struct report *report, const struct result *result, const struct options *options,
                         const char *side)
{
    const struct folder *folder = mailbox_folder(result->mailbox, result->landed->folder);
    struct slice header = buffer_slice(&result->landed->headers);
    struct authentication authentication;
    struct hops hops;
    char verdicts[600];

    received_hops(&hops, header);
    authentication_collect(&authentication, &options->authentication, header,
                           result->verified ? &result->verification : NULL);
    judge_placement(report, &options->retrieval.placement, side, result->mailbox, result->landed);
    judge_content(report, result, side);
    judge_auth_summary(&authentication, verdicts, sizeof verdicts);
    report_summary(report, "landed in %s in %.3f s%s%s", folder->name, result->total_s,
                   *verdicts != '\0' ? "; " : "", verdicts);

    judge_hops_lines(report, &hops);
    judge_authentication(report, side, &authentication, &options->authentication.policy, false);
    report_json(report, "message", judge_message_json(result->mailbox, result->landed, &hops));
}

static void judge_metrics(struct report *report, const struct result *result)
{
    double seconds;

    if (result->outcome == OUTCOME_LANDED) {
        report_metric(report, "total", result->total_s, true);
        report_metric(report, "delivery", result->delivery_s > 0 ? result->delivery_s : 0, true);
    }
    if (submission_submit_seconds(&result->submission, &seconds))
        report_metric(report, "submit", seconds, true);
    if (result->mailbox != NULL && mailbox_retrieve_seconds(result->mailbox, &seconds))
        report_metric(report, "retrieve", seconds, true);
}

static void judge_connections(struct report *report, const struct result *result,
                              const struct options *options)
{
    struct connection_facts smtp, imap;
    const struct connection_facts *sides[2];
    size_t count = 0;

    if (result->submission.tries > 0) {
        smtp = judge_submission_facts(&result->submission, options->submission.endpoint);
        sides[count++] = &smtp;
        judge_steps(report, &options->policy, &smtp, "smtp_", &result->smtp_failure);
    }
    if (result->mailbox != NULL) {
        imap = judge_mailbox_facts(result->mailbox, &options->imap);
        sides[count++] = &imap;
        judge_steps(report, &options->policy, &imap, "imap_", &result->imap_failure);
    }
    judge_certificates(report, sides, count);
    for (size_t i = 0; i < count; i++) {
        judge_flags(report, sides[i]);
        judge_timeline_lines(report, sides[i]);
    }
}

void judge(struct report *report, const struct result *result, const struct options *options)
{
    const char *side = protocol_name(options->imap.protocol);

    judge_metrics(report, result);
    judge_connections(report, result, options);
    if (result->smtp_failure.kind != FAULT_NONE)
        judge_fault(report, &options->policy, "smtp", &result->smtp_failure);
    judge_mx(report, &options->policy, &result->submission);
    if (result->imap_failure.kind != FAULT_NONE)
        judge_fault(report, &options->policy, side, &result->imap_failure);

    switch (result->outcome) {
    case OUTCOME_NOT_SENT:
        report_line(report, 0, "nothing was sent");
        break;
    case OUTCOME_UNCERTAIN:
        report_line(report, 0, "the message may arrive nevertheless");
        break;
    case OUTCOME_WAITED:
        if (result->imap_failure.kind == FAULT_NONE)
            judge_waited(report, result, options, side);
        break;
    case OUTCOME_BOUNCED:
        judge_bounce(report, side, result->bounce);
        break;
    case OUTCOME_LANDED:
        judge_landed(report, result, options, side);
        break;
    }
    if (result->outcome != OUTCOME_NOT_SENT)
        report_line(report, 0, "marker %s, Message-ID %s", result->marker.text, result->composed.message_id);
    if (result->cleaning.kind != FAULT_NONE)
        judge_fault(report, &options->policy, side, &result->cleaning);
    if (result->cleaned.removed > 0)
        report_line(report, 0, "messages of ours removed: %zu", result->cleaned.removed);
}
