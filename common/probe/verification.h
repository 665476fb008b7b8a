/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verification.h - our own verification of a message: SPF, DKIM, ARC and DMARC by the DNS of today. Has no
 * opinion: what it found is in the struct. */
#ifndef MAILPROOF_PROBE_VERIFICATION_H
#define MAILPROOF_PROBE_VERIFICATION_H

#include "common/auth/arc.h"
#include "common/auth/dmarc.h"
#include "common/dns/resolver.h"
#include "common/probe/message_source.h"

/* What to verify. DMARC rests on SPF and DKIM, and needs both. */
struct verify {
    bool spf, dkim, arc, dmarc;
};

struct verification_request {
    struct verify verify;
    /* SPF's identities; NULL: as the message tells them, by its border's Received line and Return-Path. */
    const char *client_ip, *mail_from, *helo;
    const char *border; /* --border; may be NULL */
    time_t now;
};

struct verification {
    struct verify done;
    char from_domain[256];    /* of From:; "" none */
    char author_problem[256]; /* why there is none */

    char client_ip[46], mail_from[512], helo[256]; /* that SPF was asked about */
    char spf_missing[160]; /* why SPF could not be verified, though it was asked for; "" */
    struct spf_result spf;

    size_t dkim_count; /* of signatures that were judged ... */
    size_t dkim_found; /* ... of so many that there are */
    struct dkim_result dkim[DKIM_SIGNATURES_MAX];
    struct arc_result arc;
    struct dmarc_result dmarc;
};

/* message: NULL: only SPF, of the request's identities. False where the message cannot be read to its end
 * (message_source.h's faults), or memory is out; what DNS could not answer is a temperror of its method. */
bool verification_run(struct verification *v, const struct verification_request *request,
                      struct message_source *message, struct resolver *resolver, struct deadline deadline,
                      struct err *err);

#endif
