/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hostname.h - host names, literal addresses and ports as people write them. */
#ifndef MAILPROOF_CLI_HOSTNAME_H
#define MAILPROOF_CLI_HOSTNAME_H

#include "common/dns/resolver.h"

/* A name (letters of any script in UTF-8) or a literal address, IPv6 with or without brackets; nothing that
 * could mean something else in a URL or a protocol line. host gets it without brackets. */
bool host_parse(struct slice text, char host[DOMAIN_MAX]);
/* "host", "host:port", "[2001:db8::1]:port", "2001:db8::1". *port is 0 where none is given. */
bool host_port_parse(struct slice text, char host[DOMAIN_MAX], unsigned *port);
/* The same, but a literal address only. */
bool address_port_parse(struct slice text, char address[DOMAIN_MAX], unsigned *port);
bool port_parse(struct slice text, unsigned *port); /* 1 to 65535 */

#endif
