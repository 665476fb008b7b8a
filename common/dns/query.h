/* SPDX-License-Identifier: GPL-3.0-or-later */
/* query.h - the engine below resolver.h: one c-ares channel, one loop under a deadline, raw answers. Internal
 * to this room.
 *
 * Any number of lookups may be under way in one drive. */
#ifndef MAILPROOF_DNS_QUERY_H
#define MAILPROOF_DNS_QUERY_H

/* version 1.18 has only the calls that later ones frown upon */
#define CARES_NO_DEPRECATED
#include <ares.h>

#include "common/dns/resolver.h"

enum { SERVERS_TEXT_MAX = 160, CACHE_MAX = 16, UDP_SIZE = 1232 /* fits every path unfragmented */ };

struct cached_addresses {
    char name[DOMAIN_MAX];
    enum family family;
    struct addresses addresses;
};

struct resolver {
    ares_channel channel;
    bool named; /* by the user: neither /etc/hosts nor search domains */
    size_t server_count;
    char servers[SERVERS_TEXT_MAX]; /* "the DNS server 192.0.2.1" */
    struct transcript *transcript;
    struct lookup_entry *entries; /* of lookup_source.c */
    size_t entry_count;
    struct deadline lookup_deadline;
    size_t cached; /* ever; the oldest is overwritten */
    struct cached_addresses cache[CACHE_MAX];
};

enum answer_status {
    ANSWER_NONE, /* not yet */
    ANSWER_RECORDS,
    ANSWER_NODATA,   /* the name exists, but nothing of this type */
    ANSWER_NXDOMAIN, /* RFC 2308 section 2.1 */
    ANSWER_SERVFAIL,
    ANSWER_REFUSED, /* REFUSED, NOTIMP, FORMERR */
    ANSWER_BROKEN,  /* cannot be parsed */
    ANSWER_SILENCE,
    ANSWER_UNREACHABLE, /* no server takes our packets */
    ANSWER_INTERRUPTED,
    ANSWER_INTERNAL
};

struct answer {
    enum answer_status status;
    bool authenticated;     /* AD, RFC 6840 section 5.7: as good as the path to the resolver */
    unsigned char *message; /* NULL without one */
    int length;
};

struct query {
    const char *name;
    int type; /* of RFC 1035 section 3.2.2 */
    struct answer answer;
    size_t *open; /* set by query_start */
};

/* Sends it: *open is one more until its answer is there, which query_drive brings. q stays where it is until
 * then, or until the channel ends; its name may go. */
void query_start(struct resolver *r, struct query *q, size_t *open);
/* Sends all and waits until each has its answer, or the deadline or a signal ends it. Owned by the caller:
 * query_clear. */
void query_run(struct resolver *r, struct query *queries, size_t count, struct deadline deadline);
void query_clear(struct query *q);

/* What a c-ares status means. */
enum answer_status answer_from_ares(int status);
/* FAULT_DNS with a sentence of its own for each status, FAULT_INTERRUPTED, FAULT_INTERNAL. what: "address",
 * "MX record". waited: seconds. Always false. */
bool answer_err(const struct resolver *r, enum answer_status status, const char *name, const char *what,
                double waited, struct err *err);

/* When the channel has ended. */
void lookup_entries_free(struct resolver *r);

/* Runs the channel while *open > 0: ANSWER_NONE when it came to 0, ANSWER_SILENCE at the time,
 * ANSWER_INTERRUPTED. What is under way then goes on: ares_cancel ends it. */
enum answer_status query_drive(struct resolver *r, struct deadline until, const size_t *open);

#endif
