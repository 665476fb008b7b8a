/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_smtp_submit/check.h"

#include <string.h>

static void judge_refused(struct report *report, const struct submission *s)
{
    for (size_t i = 0; i < s->refused_count; i++)
        report_line(report, 0, "recipient %s was refused: %s", s->refused[i].address, s->refused[i].err.text);
    if (s->refused_count > 0 && s->accepted)
        report_line(report, 0, "the message was sent to the other recipients");
}

static void summarise(struct report *report, const struct result *result, const struct options *options)
{
    const struct submission *s = &result->submission;
    char reply[200];

    reply_format(&s->final_reply, reply, sizeof reply);
    if (s->stopped)
        report_summary(report, "%s is fine up to the step asked for, nothing was sent", s->host);
    else if (options->request.sendmail != NULL)
        report_summary(report, "handed over to %s in %.3f s", options->request.sendmail, result->total_s);
    else if (s->tries > 1)
        report_summary(report, "accepted by %s at try %zu after %.1f s: %s", s->host, s->tries,
                       result->total_s, reply);
    else
        report_summary(report, "accepted by %s in %.3f s: %s", s->host, result->total_s, reply);
}

void judge(struct report *report, const struct result *result, const struct options *options)
{
    const struct submission *s = &result->submission;
    const bool local = options->request.sendmail != NULL;
    const struct connection_facts facts = judge_submission_facts(s, local ? NULL : &options->endpoint);
    const struct connection_facts *const sides[] = {&facts};
    double submit;

    report_metric(report, "total", result->total_s, true);
    judge_steps(report, &options->policy, &facts, "", &result->failure);
    if (submission_submit_seconds(s, &submit))
        report_metric(report, "submit", submit, true);
    judge_certificates(report, sides, 1);
    judge_flags(report, &facts);

    if (result->failure.kind != FAULT_NONE)
        judge_fault(report, &options->policy, local ? "" : "smtp", &result->failure);
    judge_mx(report, &options->policy, s);
    if (s->accepted || s->stopped)
        summarise(report, result, options);

    judge_timeline_lines(report, &facts);
    judge_refused(report, s);
    if (s->mx_missing)
        report_line(report, 0, "the domain has no MX: its own address was used");
    if (s->tries > 1)
        report_line(report, 0, "%zu tries; before the last one: %s", s->tries, s->retried.text);
    if (s->accepted || s->uncertain) {
        json_t *message = json_object();
        json_object_set_new(message, "marker", json_string(result->marker.text));
        json_object_set_new(message, "message_id", json_string(result->message_id));
        report_json(report, "message", message);
        report_line(report, 0, "marker %s, Message-ID %s", result->marker.text, result->message_id);
    }
}
