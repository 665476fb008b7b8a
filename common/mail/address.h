/* SPDX-License-Identifier: GPL-3.0-or-later */
/* address.h - mailboxes and groups in a header (RFC 5322 section 3.4), with comments, quoted strings and
 * obsolete forms. */
#ifndef MAILPROOF_MAIL_ADDRESS_H
#define MAILPROOF_MAIL_ADDRESS_H

#include "common/base/buffer.h"

struct address {
    struct slice display; /* as written, may be quoted; empty if none */
    char local[256];      /* unquoted */
    char domain[256];     /* as written, comments removed, lower case ASCII; U-labels kept (UTF-8) */
};

/* Takes the next mailbox off the front of a (folded) header value; looks into groups. False at the end. A
 * part that is no address is skipped and counted in *broken (may be NULL). */
bool address_next(struct slice *rest, struct address *out, size_t *broken);
/* A bare addr-spec "local@domain" as envelopes have it, nothing around it; "" is no address. Refuses CR,
 * LF, NUL, blanks outside quotes, '<' and '>'. */
bool address_is_addr_spec(struct slice text);
/* The domain of an addr-spec: behind its last '@'; empty where there is none. */
struct slice address_domain(struct slice addr_spec);
/* Appends it as an addr-spec, its local part quoted where it must be. With a local part in ASCII the
 * domain's U-labels become A-labels (libidn2), so that no SMTPUTF8 is needed; else all of it stays UTF-8
 * (RFC 6532). False where the domain is no name. */
bool address_format(const struct address *address, struct buffer *out);

#endif
