/* SPDX-License-Identifier: GPL-3.0-or-later */
/* connection.h - what the steps of a connection mean: metrics, stages, certificate, faults. Opinions, no
 * network.
 *
 * Shared by the plugins: here the monitoring vocabulary meets what the probes measured. */
#ifndef MAILPROOF_JUDGE_CONNECTION_H
#define MAILPROOF_JUDGE_CONNECTION_H

#include "common/base/timeline.h"
#include "common/monitor/report.h"
#include "common/net/session.h"
#include "common/probe/mailbox.h"
#include "common/probe/submission.h"

/* What options say of the states that may be chosen. */
struct policy {
    enum state timeout;  /* --timeout=...:STATE */
    enum state greylist; /* --greylist */
};

#define POLICY_DEFAULT ((struct policy){.timeout = STATE_CRITICAL, .greylist = STATE_WARNING})

enum state judge_state(const struct policy *policy, enum fault kind);
/* Adds the fault with its state. side: "smtp", "imap", "pop3", "". */
void judge_fault(struct report *report, const struct policy *policy, const char *side, const struct err *err);

/* One side's connection as the judges see it, whichever probe made it. */
struct connection_facts {
    const char *side;                /* "smtp", "imap", "pop3" */
    const struct endpoint *endpoint; /* NULL: no network was used */
    const char *host;                /* that was connected to */
    const char *address;             /* "" where none answered */
    const char *tls_version;
    const char *mechanism;
    bool encrypted;
    const struct certificate *certificate;
    const struct timeline *timeline;
};

/* endpoint: NULL where no network was used. */
struct connection_facts judge_submission_facts(const struct submission *submission,
                                               const struct endpoint *endpoint);
struct connection_facts judge_mailbox_facts(const struct mailbox *mailbox, const struct endpoint *endpoint);

/* Metrics of every step that is known, "connect" and the JSON's stages. prefix: "" or "smtp_", "imap_" where
 * one plugin has two sides: then perfdata shows steps only where a threshold was set for them. failure: marks
 * its stage; may be NULL. */
void judge_steps(struct report *report, const struct policy *policy, const struct connection_facts *facts,
                 const char *prefix, const struct err *failure);
/* Days until the certificate expires; the worse of both where there are two. Flags of --insecure and
 * opportunistic TLS. */
void judge_certificates(struct report *report, const struct connection_facts *const *sides, size_t count);
void judge_flags(struct report *report, const struct connection_facts *facts);
/* A less preferred MX had to do: a fault of class mx_fallback. */
void judge_mx(struct report *report, const struct policy *policy, const struct submission *submission);
/* Lines of long output: where and how, every step's seconds, where a fetched token came from. */
void judge_timeline_lines(struct report *report, const struct connection_facts *facts);

#endif
