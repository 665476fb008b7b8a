/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_imap_marker/check.h"

#include <stdio.h>
#include <string.h>

enum { CLOCK_SLACK_S = 120 }; /* between the server's clock and ours, which is not worth a word */

/* The findings by what they are. */
struct tally {
    size_t matches;
    const struct finding *newest; /* of the matches */
    const struct finding *bounce;
};

static struct tally tally_up(const struct result *result, const struct options *options)
{
    struct tally tally = {0};

    for (size_t i = 0; i < mailbox_finding_count(result->mailbox); i++) {
        const struct finding *finding = mailbox_finding(result->mailbox, i);
        if (options_match(options, finding)) {
            tally.matches++;
            if (tally.newest == NULL)
                tally.newest = finding;
        } else if (finding->kind == MESSAGE_BOUNCE && tally.bounce == NULL) {
            tally.bounce = finding;
        }
    }
    tally.matches += mailbox_match_count(result->mailbox) - mailbox_finding_count(result->mailbox);
    return tally;
}

/* "INBOX and Junk" */
static void folder_names(const struct mailbox *mailbox, char *out, size_t size)
{
    struct buffer text = BUFFER_INIT(size - 1);
    size_t last = mailbox_folder_count(mailbox);

    for (size_t i = 0; i < last; i++)
        buffer_printf(&text, "%s%s",
                      i == 0          ? ""
                      : i + 1 == last ? " and "
                                      : ", ",
                      mailbox_folder(mailbox, i)->name);
    slice_copy(out, size, buffer_slice(&text));
    buffer_clear(&text);
}

static void judge_missing_folders(struct report *report, const struct result *result,
                                  const struct options *options, const char *side)
{
    for (size_t i = 0; i < mailbox_folder_count(result->mailbox); i++) {
        const struct folder *folder = mailbox_folder(result->mailbox, i);
        if (!folder->selectable)
            judge_fault(report, &options->policy, side, &folder->failure);
    }
}

static void judge_age(struct report *report, const struct options *options, const char *folder, double age,
                      const char *side)
{
    struct err err;

    report_metric(report, "age", age > 0 ? age : 0, true);
    if (age < -CLOCK_SLACK_S)
        report_summary(report, "found in %s, dated %.0f s ahead of our clock", folder, -age);
    else
        report_summary(report, "found in %s, %.0f s old", folder, age > 0 ? age : 0);
    if (options->max_age_s <= 0 || age <= options->max_age_s)
        return;
    err_set(&err, FAULT_NOT_DELIVERED, STAGE_NONE,
            "nothing that matches is newer than %.0f s: the newest is %.0f s old", options->max_age_s, age);
    report_fault(report, side, STATE_CRITICAL, &err);
}

static void judge_matches(struct report *report, const struct result *result, const struct options *options,
                          const struct tally *tally, const char *side)
{
    const struct range *expect = &options->expect;
    const double count = (double)tally->matches;
    char folders[400];
    struct err err;

    folder_names(result->mailbox, folders, sizeof folders);
    if (expect->set ? range_alerts(expect, count) : tally->matches == 0) {
        if (tally->matches == 0) {
            err_set(&err, FAULT_NOT_DELIVERED, STAGE_NONE, "nothing in %s matches%s", folders,
                    options->retrieval.wait_s > 0 ? ", and nothing came while waiting" : "");
        } else {
            err_set(&err, FAULT_NOT_DELIVERED, STAGE_NONE, "matches in %s: %zu, expected: %s", folders,
                    tally->matches, expect->text);
            err.advice = "look for what sends too much or too little";
        }
        report_fault(report, side, STATE_CRITICAL, &err);
    }
    report_metric(report, "found", count, true);
    if (tally->newest == NULL) {
        if (expect->set && !range_alerts(expect, 0))
            report_summary(report, "nothing in %s matches, as expected", folders);
        return;
    }
    const char *folder = mailbox_folder(result->mailbox, tally->newest->folder)->name;
    const double age = result->now - (double)tally->newest->internal_date;
    if (tally->newest->date_known)
        judge_age(report, options, folder, age, side);
    else
        report_summary(report, "found in %s", folder);
    judge_placement(report, &options->retrieval.placement, side, result->mailbox, tally->newest);
    if (!mailbox_count_complete(result->mailbox))
        report_line(report, 0, "matches among the newest messages: %zu; --expect counts all", tally->matches);
}

static void describe(struct report *report, const struct result *result, const struct tally *tally)
{
    struct hops hops;

    if (tally->newest == NULL)
        return;
    received_hops(&hops, buffer_slice(&tally->newest->headers));
    judge_hops_lines(report, &hops);
    report_json(report, "message", judge_message_json(result->mailbox, tally->newest, &hops));
}

void judge(struct report *report, const struct result *result, const struct options *options)
{
    const char *side = protocol_name(options->endpoint.protocol);
    struct mailbox *mailbox = result->mailbox;
    double retrieve;

    report_metric(report, "total", result->total_s, true);
    if (result->failure.kind != FAULT_NONE)
        judge_fault(report, &options->policy, side, &result->failure);
    if (mailbox == NULL)
        return;

    const struct connection_facts facts = judge_mailbox_facts(mailbox, &options->endpoint);
    const struct connection_facts *const sides[] = {&facts};

    judge_steps(report, &options->policy, &facts, "", &result->failure);
    if (mailbox_retrieve_seconds(mailbox, &retrieve))
        report_metric(report, "retrieve", retrieve, true);
    judge_certificates(report, sides, 1);
    judge_flags(report, &facts);
    judge_quota(report, &result->quota);

    if (result->failure.kind == FAULT_NONE) {
        struct tally tally = tally_up(result, options);
        judge_missing_folders(report, result, options, side);
        if (tally.bounce != NULL && tally.matches == 0)
            judge_bounce(report, side, tally.bounce);
        else
            judge_matches(report, result, options, &tally, side);
        judge_timeline_lines(report, &facts);
        describe(report, result, &tally);
    } else {
        judge_timeline_lines(report, &facts);
    }
    judge_cleaning(report, &options->policy, side, &result->cleaned, &result->cleaning);
}
