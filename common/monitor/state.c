/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/monitor/state.h"

static const char *const names[] = {[STATE_OK] = "OK",
                                    [STATE_WARNING] = "WARNING",
                                    [STATE_CRITICAL] = "CRITICAL",
                                    [STATE_UNKNOWN] = "UNKNOWN"};

const char *state_name(enum state state)
{
    return names[state];
}

static int severity(enum state state)
{
    switch (state) {
    case STATE_OK:
        return 0;
    case STATE_WARNING:
        return 1;
    case STATE_UNKNOWN:
        return 2;
    case STATE_CRITICAL:
        break;
    }
    return 3;
}

enum state state_worst(enum state a, enum state b)
{
    return severity(b) > severity(a) ? b : a;
}

bool state_parse(const char *text, enum state *state)
{
    struct slice s = slice_from(text);

    for (int i = STATE_OK; i <= STATE_UNKNOWN; i++) {
        char digit = (char)('0' + i);
        if (slice_eq_nocase(s, slice_from(names[i])) || slice_eq(s, slice_of(&digit, 1))) {
            *state = (enum state)i;
            return true;
        }
    }
    return false;
}

enum state state_of_fault(enum fault kind)
{
    switch (kind) {
    case FAULT_NONE:
        return STATE_OK;
    case FAULT_USAGE:
    case FAULT_CONFIG:
    case FAULT_INTERNAL:
    case FAULT_INTERRUPTED:
    case FAULT_LOOKUP:
    case FAULT_STATE:
        return STATE_UNKNOWN;
    case FAULT_GREYLISTED:
    case FAULT_RATE_LIMITED:
    case FAULT_AUTH_THROTTLED:
    case FAULT_LATE:
    case FAULT_DUPLICATE:
    case FAULT_CLEANUP:
    case FAULT_DISAGREEMENT:
    case FAULT_MX_FALLBACK:
        return STATE_WARNING;
    case FAULT_THRESHOLD: /* the range that was passed says which; without one, the graver */
    case FAULT_DNS:
    case FAULT_CONNECT:
    case FAULT_TLS_HANDSHAKE:
    case FAULT_TLS_CERTIFICATE:
    case FAULT_TLS_REFUSED:
    case FAULT_PROTOCOL:
    case FAULT_TIMEOUT:
    case FAULT_AUTH_CREDENTIALS:
    case FAULT_AUTH_DISABLED:
    case FAULT_AUTH_TOKEN:
    case FAULT_AUTH_UNAVAILABLE:
    case FAULT_AUTH_REQUIRED:
    case FAULT_QUOTA_EXCEEDED:
    case FAULT_SENDER_REJECTED:
    case FAULT_RECIPIENT_UNKNOWN:
    case FAULT_RELAY_DENIED:
    case FAULT_POLICY_REJECTED:
    case FAULT_DMARC_REJECTED:
    case FAULT_SPF_REJECTED:
    case FAULT_DKIM_REJECTED:
    case FAULT_REPUTATION:
    case FAULT_PTR_MISSING:
    case FAULT_CONTENT_REJECTED:
    case FAULT_MESSAGE_TOO_BIG:
    case FAULT_MAILBOX_FULL:
    case FAULT_SERVER_UNAVAILABLE:
    case FAULT_SERVER_STORAGE:
    case FAULT_NOT_DELIVERED:
    case FAULT_BOUNCED:
    case FAULT_SPAM_PLACED:
    case FAULT_ALTERED:
    case FAULT_SPF:
    case FAULT_DKIM:
    case FAULT_DMARC:
    case FAULT_ARC:
    case FAULT_ALIGNMENT:
        break;
    }
    return STATE_CRITICAL;
}
