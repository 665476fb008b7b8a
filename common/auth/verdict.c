/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/verdict.h"

const char *verdict_name(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_NONE:
        return "none";
    case VERDICT_PASS:
        return "pass";
    case VERDICT_FAIL:
        return "fail";
    case VERDICT_SOFTFAIL:
        return "softfail";
    case VERDICT_NEUTRAL:
        return "neutral";
    case VERDICT_POLICY:
        return "policy";
    case VERDICT_TEMPERROR:
        return "temperror";
    case VERDICT_PERMERROR:
        return "permerror";
    }
    return "";
}
