/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verdict.h - the result words that SPF, DKIM, ARC and DMARC share. */
#ifndef MAILPROOF_AUTH_VERDICT_H
#define MAILPROOF_AUTH_VERDICT_H

enum verdict {
    VERDICT_NONE,
    VERDICT_PASS,
    VERDICT_FAIL,
    VERDICT_SOFTFAIL,
    VERDICT_NEUTRAL,
    VERDICT_POLICY,
    VERDICT_TEMPERROR,
    VERDICT_PERMERROR
};

const char *verdict_name(enum verdict verdict); /* "pass" */

#endif
