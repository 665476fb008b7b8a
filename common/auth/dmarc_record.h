/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dmarc_record.h - a DMARC policy record as published (RFC 9989 sections 4.7 and 4.8). Pure. */
#ifndef MAILPROOF_AUTH_DMARC_RECORD_H
#define MAILPROOF_AUTH_DMARC_RECORD_H

#include "common/auth/alignment.h"
#include "common/base/slice.h"

enum dmarc_policy { POLICY_NONE, POLICY_QUARANTINE, POLICY_REJECT };
enum dmarc_psd { PSD_UNKNOWN, PSD_YES, PSD_NO };

struct dmarc_record {
    bool valid; /* there is a usable policy, or a rua that makes it p=none; else no DMARC applies */
    enum dmarc_policy p, sp, np; /* sp without has_sp is p; np without has_np is sp */
    bool has_p, has_sp, has_np;
    enum alignment adkim, aspf; /* RELAXED or STRICT */
    enum dmarc_psd psd;
    bool testing;      /* t=y */
    bool has_rua;      /* at least one address that can be used */
    bool obsolete;     /* pct, rf or ri: ignored since RFC 9989, and worth a warning */
    char warning[128]; /* cleaned; "" */
};

/* False where the text is no DMARC record: v=DMARC1 is not its first tag. What cannot be read of the rest is
 * as if it were not there, but for p, sp and np (section 4.10.1). */
bool dmarc_record_parse(struct dmarc_record *out, struct slice text);
const char *dmarc_policy_name(enum dmarc_policy policy); /* "quarantine" */

#endif
