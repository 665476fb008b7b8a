/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zone.h - a small DNS for unit tests: a source of answers for lookup.h with every record type that it knows.
 */
#ifndef MAILPROOF_TESTS_ZONE_H
#define MAILPROOF_TESTS_ZONE_H

#include "common/dns/lookup.h"

struct zone; /* all copies are its own */

struct zone *zone_new(void);
void zone_free(struct zone **zone);
/* type: "A", "AAAA", "PTR", "TXT", "CNAME" with the value as text, "MX" with "10 mx.example.com". What has no
 * records does not exist. */
void zone_add(struct zone *zone, struct slice name, const char *type, struct slice value);
/* A line each: "example.com TXT v=spf1 -all". */
void zone_load(struct zone *zone, const char *lines);
/* The server is silent about all types of the name that have no record. */
void zone_timeout(struct zone *zone, struct slice name);
const struct lookup *zone_lookup(struct zone *zone);
/* Questions since then, each counted as often as it was put, and those put ahead. */
unsigned zone_queries(const struct zone *zone);
unsigned zone_prefetches(const struct zone *zone);

#endif
