/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mx.h - the MX records of an answer, hostile ones included. Internal to this room. */
#ifndef MAILPROOF_DNS_MX_H
#define MAILPROOF_DNS_MX_H

#include "common/dns/resolver.h"

/* A whole DNS message. Names that are no host names are dropped; of more than MX_MAX the best stay. False
 * where the message cannot be parsed, or nothing usable is in it though MX records are. */
bool mx_parse(const unsigned char *message, int length, struct mx_list *out);

#endif
