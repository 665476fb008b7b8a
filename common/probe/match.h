/* SPDX-License-Identifier: GPL-3.0-or-later */
/* match.h - does this message match, and what is it? Our own comparison: what a server's SEARCH says is only
 * a hint. Pure. */
#ifndef MAILPROOF_PROBE_MATCH_H
#define MAILPROOF_PROBE_MATCH_H

#include "common/probe/mailbox.h"

enum match {
    MATCH_NO,
    MATCH_YES,
    MATCH_BODY
}; /* MATCH_BODY: only the body can tell (a bounce may quote the marker there) */

struct matched {
    enum message_kind kind;
    struct marker marker;
    struct dsn dsn;
};

/* The header fields that match_headers looks at, beside the matcher's own header_name. */
#define MATCH_FIELDS                                                                                         \
    "SUBJECT FROM CONTENT-TYPE AUTO-SUBMITTED PRECEDENCE RETURN-PATH IN-REPLY-TO REFERENCES X-AUTOREPLY "    \
    "X-FAILED-RECIPIENTS X-MAILPROOF-MARKER"

/* headers: the header section, or those fields of it. */
enum match match_headers(const struct matcher *matcher, struct slice headers, struct matched *out);
/* The same for whatever has or quotes a marker of ours. */
enum match match_any_marker(struct slice headers, struct matched *out);
/* message: headers and as much of the body as was fetched. After MATCH_BODY. */
bool match_message(const struct matcher *matcher, struct slice message, struct matched *out);
/* Whether anything is asked of a message at all. */
bool match_anything(const struct matcher *matcher);

#endif
