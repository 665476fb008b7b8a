/* SPDX-License-Identifier: GPL-3.0-or-later */
/* authentication.h - what a message's authentication means: the receiver's report and our own verification
 * side by side, against what is required and expected. Opinions, no network. */
#ifndef MAILPROOF_JUDGE_AUTHENTICATION_H
#define MAILPROOF_JUDGE_AUTHENTICATION_H

#include "common/auth/authres.h"
#include "common/monitor/report.h"
#include "common/probe/verification.h"

/* --require: which of them must pass. */
struct requirement {
    bool spf, dkim, dmarc, arc;
    bool spf_aligned, dkim_aligned;
};

struct authentication_policy {
    struct requirement require;
    enum alignment alignment; /* --alignment; NONE: not given */
    bool policy_given;
    enum dmarc_policy policy; /* --expect-policy */
    const char *selector;     /* --expect-selector; NULL: not given */
    enum state disagreement;  /* --disagreement */
};

#define AUTHENTICATION_POLICY_DEFAULT ((struct authentication_policy){.disagreement = STATE_WARNING})

/* What is known of one message, from both sides. */
struct authentication {
    struct authres_set reported;         /* empty where there was no message */
    const struct verification *verified; /* NULL: not done */
    char from_domain[256];               /* "" unknown */
};

/* "spf=pass dkim=pass dmarc=pass by mx.example.net (trusted) and verified", and what is lost where only one
 * leg carries DMARC; "" where nothing is known. */
void judge_auth_summary(const struct authentication *a, char *out, size_t size);
/* Faults, by what is required and expected and where the two sides differ; metrics (show: in perfdata); long
 * output; the JSON's "authentication". side: as in report_fault. */
void judge_authentication(struct report *report, const char *side, const struct authentication *a,
                          const struct authentication_policy *policy, bool show);

#endif
