/* SPDX-License-Identifier: GPL-3.0-or-later */
/* received.h - the way of a message by its Received fields (RFC 5321 section 4.4), as real servers write
 * them. */
#ifndef MAILPROOF_MAIL_RECEIVED_H
#define MAILPROOF_MAIL_RECEIVED_H

#include "common/mail/date.h"

enum { HOPS_MAX = 32 };

/* All text is cleaned (text.h). */
struct hop {
    char from[128];   /* what the client said or was called; "" unknown */
    char address[46]; /* of the client where the field has it; "" unknown */
    char by[128];
    char with[32]; /* "ESMTPSA" */
    bool dated;
    time_t at;
    bool delayed;   /* delay_s is known: this and the hop before are dated */
    double delay_s; /* since the hop before in time; negative where clocks differ */
};

struct hops {
    size_t count; /* at most HOPS_MAX; in the order of travel: the sender's first */
    size_t total; /* of Received fields seen */
    bool skewed;  /* some delay is negative by more than a second */
    struct hop hop[HOPS_MAX];
};

bool received_parse(struct hop *hop, struct slice value);
void received_hops(struct hops *hops, struct slice message);
/* The hop that took longest, NULL where none is known. */
const struct hop *received_slowest(const struct hops *hops);

#endif
