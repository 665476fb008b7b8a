/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message.h - the records of one DNS message (RFC 1035 section 4), hostile ones included. Internal to this
 * room. */
#ifndef MAILPROOF_DNS_MESSAGE_H
#define MAILPROOF_DNS_MESSAGE_H

#include "common/dns/lookup.h"
#include "common/dns/resolver.h"

/* Owned by the caller: message_clear. */
struct message_records {
    size_t count;
    struct record *records; /* texts point into the message */
    char
        alias[DOMAIN_MAX]; /* where the CNAMEs lead, when no record of the type is there; "" without CNAMEs */
    bool loops;            /* the CNAMEs have no end: RFC 1034 section 3.6.2 */
};

/* The records of the type, for the name that the message asks for or that it is an alias of. The strings of a
 * text record are joined in place. False where the message is broken. */
bool message_read(struct message_records *out, unsigned char *message, size_t length, enum record_type type);
void message_clear(struct message_records *m);

#endif
