/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oauth2_reply.h - what a token endpoint answered (RFC 6749 sections 5.1 and 5.2). Pure. */
#ifndef MAILPROOF_NET_OAUTH2_REPLY_H
#define MAILPROOF_NET_OAUTH2_REPLY_H

#include "common/base/secret.h"

struct oauth2_reply {
    struct secret token;
    double lifetime_s;     /* of the token; 0: not told */
    struct secret renewed; /* the refresh token that replaces ours; .set false: ours stays good */
};

#define OAUTH2_REPLY_INIT ((struct oauth2_reply){.token = SECRET_NONE, .renewed = SECRET_NONE})

enum oauth2_grant {
    OAUTH2_REFRESH_TOKEN,      /* RFC 6749 section 6 */
    OAUTH2_CLIENT_CREDENTIALS, /* section 4.4 */
    OAUTH2_SERVICE_ACCOUNT     /* RFC 7523 section 2.1, as Google has it */
};

/* *r starts as OAUTH2_REPLY_INIT, and is the caller's to oauth2_reply_clear in any case. status: of HTTP. All
 * that is no usable token is FAULT_AUTH_TOKEN at that stage, with advice by the error code and the grant. The
 * description in err is the server's: cleaned, but the caller takes its secrets out of it (redact.h). */
bool oauth2_reply_parse(struct oauth2_reply *r, enum oauth2_grant grant, long status, struct slice body,
                        enum stage stage, struct err *err);
void oauth2_reply_clear(struct oauth2_reply *r);
/* Whether that error says that the refresh token itself is not good any more. Valid after oauth2_reply_parse
 * failed. */
bool oauth2_reply_is_invalid_grant(struct slice body);

#endif
