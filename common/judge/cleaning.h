/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cleaning.h - what came of removing our own messages, and how full the mailbox is. */
#ifndef MAILPROOF_JUDGE_CLEANING_H
#define MAILPROOF_JUDGE_CLEANING_H

#include "common/judge/connection.h"
#include "common/probe/tidy.h"

/* The metric quota_used, where the server told. */
void judge_quota(struct report *report, const struct quota *quota);
/* failure: tidy_run's; FAULT_NONE where there is nothing to complain of. A mailbox that cannot be cleaned
 * fills up: the fault says how full it is. */
void judge_cleaning_fault(struct report *report, const struct policy *policy, const char *side,
                          const struct cleaned *cleaned, const struct err *failure);
/* The same, and a line of long output. */
void judge_cleaning(struct report *report, const struct policy *policy, const char *side,
                    const struct cleaned *cleaned, const struct err *failure);

#endif
