/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/judge/cleaning.h"

void judge_quota(struct report *report, const struct quota *quota)
{
    if (quota->known)
        report_metric(report, "quota_used", quota->used_percent, true);
}

void judge_cleaning_fault(struct report *report, const struct policy *policy, const char *side,
                          const struct cleaned *cleaned, const struct err *failure)
{
    struct err err = *failure;

    if (failure->kind == FAULT_NONE)
        return;
    if (cleaned->quota.known)
        err_add(&err, "; %.0f %% of the quota is used", cleaned->quota.used_percent);
    judge_fault(report, policy, side, &err);
}

void judge_cleaning(struct report *report, const struct policy *policy, const char *side,
                    const struct cleaned *cleaned, const struct err *failure)
{
    judge_cleaning_fault(report, policy, side, cleaned, failure);
    if (cleaned->removed > 0)
        report_line(report, 0, "messages of ours removed: %zu", cleaned->removed);
}
