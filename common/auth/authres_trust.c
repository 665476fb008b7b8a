/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "common/auth/alignment.h"
#include "common/auth/authres.h"
#include "common/mail/header.h"
#include "common/mail/received.h"

/* Where the receiver's own lines end. */
struct border {
    bool known;
    size_t at; /* index of the border host's own line */
    size_t
        end; /* position of the first Received line below the border host's; SIZE_MAX where there is none */
    const char *why; /* not known */
};

static bool matches(const char *pattern, const char *text)
{
    return fnmatch(pattern, text, FNM_CASEFOLD) == 0;
}

/* The first label: "mx1" and "mx1.example.net" are one host here. */
static bool same_host(const char *a, const char *b)
{
    struct slice x = slice_from(a), y = slice_from(b);

    x = slice_head(x, slice_find_char(x, '.'));
    y = slice_head(y, slice_find_char(y, '.'));
    return x.len > 0 && slice_eq_nocase(x, y);
}

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

/* RFC 1918, 4193, 4291, 6598; and the networks that Exchange Online uses between its own hosts
 * (2603:10a6::/32 and its likes of the other regions). */
static bool is_inside_address(const char *text)
{
    static const unsigned char microsoft[] = {0xa6, 0xb6, 0xc6, 0xd6};
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, text, &v4) == 1) {
        uint32_t a = ntohl(v4.s_addr);
        return a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8 || a >> 16 == 0xa9fe ||
               a >> 22 == 0x191;
    }
    if (inet_pton(AF_INET6, text, &v6) != 1)
        return false;
    if ((v6.s6_addr[0] & 0xfe) == 0xfc || IN6_IS_ADDR_LINKLOCAL(&v6))
        return true;
    return v6.s6_addr[0] == 0x26 && v6.s6_addr[1] == 0x03 && v6.s6_addr[2] == 0x10 &&
           memchr(microsoft, v6.s6_addr[3], sizeof microsoft) != NULL;
}

/* Written by the delivery into the mailbox, not by a host that took the message from outside: Gmail has no
 * client there, Dovecot and Cyrus say LMTP, Exchange and Yahoo HTTPS. */
static bool is_delivery(const struct hop *hop)
{
    struct slice with = slice_from(hop->with);

    return hop->from[0] == '\0' || slice_contains_nocase(with, SLICE("LMTP")) ||
           slice_starts_nocase(with, SLICE("HTTP")) || slice_eq_nocase(with, SLICE("local"));
}

/* Without a domain: it means something inside only. */
static bool is_short_name(const char *host)
{
    return strchr(host, '.') == NULL;
}

/* Whether the client was a host of the receiver's own, which took the message itself as the next line says.
 * The client's address is the receiver's observation; its name is the client's word, and must fit as well.
 * Over loopback a host hands on to none but itself (a content filter). Gateways that observe nothing
 * (iCloud's) have short names. */
static bool is_relayed(const struct hop *hop, const struct hop *next)
{
    if (is_loopback(hop->address))
        return same_host(hop->by, next->by) || same_host(next->by, "localhost") ||
               same_host(hop->by, "localhost");
    if (hop->address[0] == '\0')
        return is_short_name(hop->from) && is_short_name(hop->by) && same_host(hop->from, next->by);
    return is_inside_address(hop->address) && (is_short_name(hop->from) || same_host(hop->from, next->by));
}

enum { LINES_MAX = HOPS_MAX };

/* The Received lines from the top down. */
struct lines {
    size_t count;
    size_t position[LINES_MAX];
    struct hop hop[LINES_MAX];
};

static void read_lines(struct lines *lines, struct slice message)
{
    struct header_field field;

    lines->count = 0;
    for (size_t position = 0; lines->count < LINES_MAX && header_next(&message, &field); position++) {
        if (!slice_eq_nocase(field.name, SLICE("Received")))
            continue;
        received_parse(&lines->hop[lines->count], field.value);
        lines->position[lines->count++] = position;
    }
}

static struct border find_border(const struct lines *lines, const char *pattern)
{
    size_t at = 0;

    if (lines->count == 0)
        return (struct border){.why = "no Received line shows where the receiver's border is"};
    if (pattern != NULL)
        while (at < lines->count && !matches(pattern, lines->hop[at].by))
            at++;
    if (at == lines->count)
        return (struct border){.why = "no Received line is by the host that --border names"};
    for (; at + 1 < lines->count; at++) {
        const struct hop *hop = &lines->hop[at], *next = hop + 1;
        bool inside = pattern == NULL ? is_delivery(hop) || is_relayed(hop, next)
                                      : is_loopback(hop->address) && is_relayed(hop, next);
        if (!inside)
            break;
    }
    return (struct border){
        .known = true, .at = at, .end = at + 1 < lines->count ? lines->position[at + 1] : SIZE_MAX};
}

static void judge_trust(struct authres *header, const struct border *border, const char *const *patterns,
                        size_t pattern_count)
{
    bool named = pattern_count == 0;

    for (size_t i = 0; i < pattern_count; i++)
        named = named || matches(patterns[i], header->authserv_id);
    header->trust = TRUST_UNTRUSTED;
    if (header->arc)
        header->why = "an ARC header is a forwarder's word, and counts only in its sealed chain";
    else if (!border->known)
        header->why = border->why;
    else if (header->position > border->end)
        header->why = "it stands below the receiver's border, where the sender may have written it";
    else if (!named)
        header->why = "its id is none that --authserv-id names";
    else if (pattern_count == 0) {
        header->trust = TRUST_ASSUMED;
        header->why = "it stands where the receiver writes; name its id with --authserv-id to rely on it";
    } else {
        header->trust = TRUST_TRUSTED;
        header->why = "its id is named by --authserv-id, and it stands where only the receiver writes";
    }
}

/* A receiver writes above its own Received line or below it, never both: where it wrote above, what stands
 * below came with the message. line: that Received line's position. */
static void demote(struct authres_set *set, size_t line)
{
    bool above = false;

    for (size_t i = 0; i < set->count; i++) {
        struct authres *header = &set->header[i];
        if (header->trust == TRUST_UNTRUSTED)
            continue;
        above = above || header->position < line;
        if (above && header->position > line) {
            header->trust = TRUST_UNTRUSTED;
            header->why = "it stands below the receiver's Received line, and the receiver writes above it";
        }
    }
}

void authres_collect(struct authres_set *out, struct slice message, const char *const *patterns,
                     size_t pattern_count, const char *border)
{
    struct header_field field;
    struct lines lines;

    out->count = 0;
    read_lines(&lines, message);
    struct border end = find_border(&lines, border);
    for (size_t position = 0; out->count < AUTHRES_HEADERS_MAX && header_next(&message, &field); position++) {
        struct authres *header = &out->header[out->count];
        bool arc = slice_eq_nocase(field.name, SLICE("ARC-Authentication-Results"));
        if (!arc && !slice_eq_nocase(field.name, SLICE("Authentication-Results")))
            continue;
        if (!authres_parse(header, field.value))
            continue;
        header->arc = arc;
        header->position = position;
        judge_trust(header, &end, patterns, pattern_count);
        out->count++;
    }
    if (end.known)
        demote(out, lines.position[end.at]);
}

bool authres_border(struct hop *hop, struct slice message, const char *border)
{
    struct lines lines;

    read_lines(&lines, message);
    struct border found = find_border(&lines, border);
    if (found.known)
        *hop = lines.hop[found.at];
    return found.known;
}

/* A pass before others; of these what speaks for the author's domain. */
static int weight(const struct auth_result *result, const char *from_domain)
{
    int aligned = from_domain == NULL ? 0 : (int)alignment_of(result->domain, from_domain);

    return strcmp(result->result, "pass") == 0 ? 10 + aligned : aligned;
}

static const struct auth_result *best_of(const struct authres *header, enum auth_method method,
                                         const char *from_domain)
{
    const struct auth_result *best = NULL;

    for (size_t i = 0; i < header->count; i++) {
        const struct auth_result *result = &header->result[i];
        if (result->method == method &&
            (best == NULL || weight(result, from_domain) > weight(best, from_domain)))
            best = result;
    }
    return best;
}

const struct auth_result *authres_believed(const struct authres_set *set, enum auth_method method,
                                           enum trust at_least, const char *from_domain,
                                           const struct auth_result **contradicted)
{
    const struct auth_result *believed = NULL, *other = NULL;
    enum trust trust = at_least;

    for (size_t i = 0; i < set->count; i++) {
        const struct authres *header = &set->header[i];
        const struct auth_result *result = header->arc ? NULL : best_of(header, method, from_domain);
        if (result == NULL || header->trust < trust)
            continue;
        if (believed == NULL || header->trust > trust) {
            believed = result;
            trust = header->trust;
            other = NULL;
        } else if (other == NULL && strcmp(result->result, believed->result) != 0) {
            other = result;
        }
    }
    if (contradicted != NULL)
        *contradicted = other;
    return believed;
}

const char *trust_name(enum trust trust)
{
    switch (trust) {
    case TRUST_UNTRUSTED:
        break;
    case TRUST_ASSUMED:
        return "assumed";
    case TRUST_TRUSTED:
        return "trusted";
    }
    return "untrusted";
}
