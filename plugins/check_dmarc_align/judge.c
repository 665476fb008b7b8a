/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_dmarc_align/check.h"

static void judge_missing(struct report *report, const struct result *result, const struct options *options,
                          const char *side)
{
    struct err err;

    if (result_outdated(result, options))
        err_set(&err, FAULT_NOT_DELIVERED, STAGE_NONE,
                "nothing that matches is newer than %.0f s: the newest is %.0f s old", options->max_age_s,
                result->age_s);
    else
        err_set(&err, FAULT_NOT_DELIVERED, STAGE_NONE, "no message in the mailbox matches%s",
                options->retrieval.wait_s > 0 ? ", and none came while waiting" : "");
    report_fault(report, side, STATE_CRITICAL, &err);
}

static void judge_message(struct report *report, const struct result *result, const struct options *options,
                          const char *side)
{
    struct authentication authentication;
    struct hops hops;
    char verdicts[600];

    authentication_collect(&authentication, &options->authentication, buffer_slice(&result->header),
                           result->verified ? &result->verification : NULL);
    judge_authentication(report, side, &authentication, &options->authentication.policy, true);
    judge_auth_summary(&authentication, verdicts, sizeof verdicts);
    if (*authentication.from_domain != '\0')
        report_summary(report, "%s: %s", authentication.from_domain,
                       *verdicts != '\0' ? verdicts : "nothing is reported or verified");
    else
        report_summary(report, "%s", *verdicts != '\0' ? verdicts : "nothing is reported or verified");
    received_hops(&hops, buffer_slice(&result->header));
    if (result->finding != NULL)
        report_json(report, "message", judge_message_json(result->mailbox, result->finding, &hops));
}

static void judge_mailbox(struct report *report, const struct result *result, const struct options *options,
                          const char *side)
{
    const struct connection_facts facts = judge_mailbox_facts(result->mailbox, &options->endpoint);
    const struct connection_facts *const sides[] = {&facts};
    double retrieve;

    judge_steps(report, &options->policy, &facts, "", &result->failure);
    if (mailbox_retrieve_seconds(result->mailbox, &retrieve))
        report_metric(report, "retrieve", retrieve, true);
    judge_certificates(report, sides, 1);
    judge_flags(report, &facts);
    judge_timeline_lines(report, &facts);
    if (result->finding == NULL)
        return;
    if (result->age_s >= 0)
        report_metric(report, "age", result->age_s, true);
    judge_placement(report, &options->retrieval.placement, side, result->mailbox, result->finding);
    report_line(report, 0, "the message lies in %s",
                mailbox_folder(result->mailbox, result->finding->folder)->name);
}

void judge(struct report *report, const struct result *result, const struct options *options)
{
    bool by_mail = options->input == INPUT_MAILBOX;
    const char *side = by_mail ? protocol_name(options->endpoint.protocol) : "";
    bool failed = result->failure.kind != FAULT_NONE;

    if (failed)
        judge_fault(report, &options->policy, side, &result->failure);
    else if (by_mail && (result->finding == NULL || result_outdated(result, options)))
        judge_missing(report, result, options, side);
    else
        judge_message(report, result, options, side);
    report_metric(report, "total", result->total_s, true);
    if (result->mailbox != NULL)
        judge_mailbox(report, result, options, side);
    judge_cleaning(report, &options->policy, side, &result->cleaned, &result->cleaning);
}
