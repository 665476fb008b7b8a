/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/dns/resolver.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/dns/mx.h"
#include "common/dns/name.h"
#include "common/dns/query.h"

/* A dead first server is passed over after TRY_MS; the deadline ends it all. */
enum { TRY_MS = 1500, TRIES = 3, PORT_MAX = 65535, SERVER_CSV_MAX = ADDRESS_TEXT_MAX + 16 };
/* Some servers drop questions for AAAA. After this IPv4 is asked for alone, too. */
#define BOTH_FAMILIES_S 1.5

/* "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:53" as c-ares wants it. */
static bool server_parse(const char *server, char csv[SERVER_CSV_MAX])
{
    struct slice s = slice_from(server), port = SLICE("53");
    char host[ADDRESS_TEXT_MAX + 2], bare[ADDRESS_TEXT_MAX];
    unsigned long long number;
    size_t colon = slice_find_char(s, ':'), bracket = slice_find_char(s, ']');

    if (s.len > 0 && s.data[0] == '[')
        colon = bracket + 1;
    else if (slice_find_char(slice_skip(s, colon + 1), ':') < s.len - colon - 1)
        colon = s.len; /* IPv6 without brackets has no port */
    if (colon < s.len) {
        if (s.data[colon] != ':')
            return false;
        port = slice_skip(s, colon + 1);
    }
    if (!slice_copy(host, sizeof host, slice_head(s, colon)) || !resolver_is_literal(host, bare) ||
        !slice_number(port, PORT_MAX, &number) || number == 0)
        return false;
    snprintf(csv, SERVER_CSV_MAX, strchr(bare, ':') ? "[%s]:%llu" : "%s:%llu", bare, number);
    return true;
}

static void name_servers(struct resolver *r)
{
    struct ares_addr_port_node *list = NULL;
    char text[SERVERS_TEXT_MAX - 16] = "";
    size_t count = 0;

    if (ares_get_servers_ports(r->channel, &list) != ARES_SUCCESS)
        return;
    for (struct ares_addr_port_node *node = list; node != NULL; node = node->next, count++) {
        char address[ADDRESS_TEXT_MAX];
        size_t used = strlen(text);
        if (count >= 3)
            continue;
        inet_ntop(node->family, &node->addr, address, sizeof address);
        snprintf(text + used, sizeof text - used, "%s%s", count > 0 ? ", " : "", address);
        used = strlen(text);
        if (node->udp_port != 0 && node->udp_port != NS_DEFAULTPORT)
            snprintf(text + used, sizeof text - used, " port %d", node->udp_port);
    }
    ares_free_data(list);
    r->server_count = count;
    snprintf(r->servers, sizeof r->servers, "the DNS server%s %s", count > 1 ? "s" : "", text);
}

static bool open_channel(struct resolver *r, const char *server, int more_flags)
{
    char csv[SERVER_CSV_MAX], lookups[] = "b";
    struct ares_options options = {
        .flags = ARES_FLAG_EDNS | ARES_FLAG_NOALIASES | more_flags,
        .timeout = TRY_MS,
        .tries = TRIES,
        .ednspsz = UDP_SIZE,
        .lookups = lookups,
    };
    int which = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ;

    r->named = server != NULL;
    if (r->named) {
        options.flags |= ARES_FLAG_NOSEARCH;
        which |= ARES_OPT_LOOKUPS;
    }
    if (ares_init_options(&r->channel, &options, which) != ARES_SUCCESS)
        return false;
    if (r->named &&
        (!server_parse(server, csv) || ares_set_servers_ports_csv(r->channel, csv) != ARES_SUCCESS)) {
        ares_destroy(r->channel);
        return false;
    }
    name_servers(r);
    return true;
}

/* Where there is another server to ask, SERVFAIL and REFUSED mean "ask it"; a single one's are the answer. */
static bool open_servers(struct resolver *r, const char *server)
{
    if (!open_channel(r, server, ARES_FLAG_NOCHECKRESP))
        return false;
    if (r->server_count <= 1)
        return true;
    ares_destroy(r->channel);
    return open_channel(r, server, 0);
}

static int library_state;

static void init_library(void)
{
    library_state = ares_library_init(ARES_LIB_INIT_ALL);
}

/* Once: its counting is not thread-safe (ares_library_init(3)), and its end frees nothing on our systems. */
static bool start_library(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, init_library);
    return library_state == ARES_SUCCESS;
}

struct resolver *resolver_new(const char *server, struct transcript *transcript, struct err *err)
{
    char csv[SERVER_CSV_MAX];

    if (server != NULL && !server_parse(server, csv)) {
        err_set(err, FAULT_CONFIG, STAGE_NONE,
                "\"%s\" is no DNS server: an address, with :PORT where it is not 53", server);
        return NULL;
    }
    struct resolver *r = calloc(1, sizeof *r);
    if (r != NULL && start_library()) {
        r->transcript = transcript;
        if (open_servers(r, server))
            return r;
    }
    free(r);
    err_set(err, FAULT_INTERNAL, STAGE_NONE, "the DNS library cannot start");
    return NULL;
}

void resolver_free(struct resolver **r)
{
    if (*r == NULL)
        return;
    ares_destroy((*r)->channel);
    lookup_entries_free(*r);
    free(*r);
    *r = NULL;
}

static void note(struct resolver *r, const char *name, const char *text)
{
    char line[512];

    if (r->transcript == NULL || !r->transcript->on)
        return;
    snprintf(line, sizeof line, "%s: %s", name, text);
    transcript_line(r->transcript, "dns", SPEAKER_NOTE, slice_from(line));
}

/* One call of ares_getaddrinfo. */
struct lookup {
    size_t *open; /* lookups still worth waiting for */
    bool done;
    int status;
    struct ares_addrinfo *result; /* owned */
};

static void take_lookup(void *context, int status, int timeouts, struct ares_addrinfo *result)
{
    struct lookup *l = context;

    (void)timeouts;
    l->done = true;
    l->status = status;
    l->result = result;
    if (status == ARES_SUCCESS && result != NULL && result->nodes != NULL)
        *l->open = 0;
    else if (*l->open > 0)
        (*l->open)--;
}

static void start_lookup(struct resolver *r, struct lookup *l, const char *name, int family, size_t *open)
{
    const struct ares_addrinfo_hints hints = {.ai_family = family, .ai_socktype = SOCK_STREAM};

    *l = (struct lookup){.open = open};
    (*open)++;
    ares_getaddrinfo(r->channel, name, NULL, &hints, take_lookup, l);
}

static void collect(const struct ares_addrinfo *info, struct addresses *out)
{
    out->count = 0;
    for (struct ares_addrinfo_node *node = info->nodes; node != NULL && out->count < ADDRESSES_MAX;
         node = node->ai_next) {
        const void *address;
        if (node->ai_family == AF_INET)
            address = &((const struct sockaddr_in *)(const void *)node->ai_addr)->sin_addr;
        else if (node->ai_family == AF_INET6)
            address = &((const struct sockaddr_in6 *)(const void *)node->ai_addr)->sin6_addr;
        else
            continue;
        if (inet_ntop(node->ai_family, address, out->text[out->count], ADDRESS_TEXT_MAX) != NULL)
            out->count++;
    }
}

/* Neither addresses nor the knowledge that there are none. */
static bool is_open_question(const struct lookup *l)
{
    enum answer_status status = answer_from_ares(l->status);

    return !l->done || (status != ANSWER_RECORDS && status != ANSWER_NODATA && status != ANSWER_NXDOMAIN);
}

/* Both families by one call; where that hangs, or one answer spoils the other, IPv4 alone beside it.
 * Whichever has addresses first wins. */
static enum answer_status look_up(struct resolver *r, const char *name, enum family family,
                                  struct deadline deadline, struct addresses *out)
{
    static const int af[] = {[FAMILY_ANY] = AF_UNSPEC, [FAMILY_IPV4] = AF_INET, [FAMILY_IPV6] = AF_INET6};
    struct deadline patience = deadline_earlier(deadline, deadline_in(BOTH_FAMILIES_S));
    struct lookup lookups[2] = {0};
    size_t open = 0, started = 1;

    start_lookup(r, &lookups[0], name, af[family], &open);
    enum answer_status ended = query_drive(r, family == FAMILY_ANY ? patience : deadline, &open);
    if (family == FAMILY_ANY && ended != ANSWER_INTERRUPTED && is_open_question(&lookups[0])) {
        start_lookup(r, &lookups[started++], name, AF_INET, &open);
        ended = query_drive(r, deadline, &open);
    }
    int status = lookups[0].done ? lookups[0].status : ARES_ETIMEOUT;
    open = 0;
    ares_cancel(r->channel);
    for (size_t i = 0; i < started; i++) {
        if (lookups[i].status == ARES_SUCCESS && lookups[i].result != NULL && out->count == 0)
            collect(lookups[i].result, out);
        if (lookups[i].result != NULL)
            ares_freeaddrinfo(lookups[i].result);
    }
    if (out->count > 0)
        return ANSWER_RECORDS;
    if (ended == ANSWER_INTERRUPTED)
        return ended;
    return status == ARES_SUCCESS ? ANSWER_NODATA : answer_from_ares(status);
}

static bool from_cache(const struct resolver *r, const char *name, enum family family, struct addresses *out)
{
    size_t count = r->cached < CACHE_MAX ? r->cached : CACHE_MAX;

    for (size_t i = 0; i < count; i++) {
        if (r->cache[i].family == family && strcmp(r->cache[i].name, name) == 0) {
            *out = r->cache[i].addresses;
            return true;
        }
    }
    return false;
}

static void to_cache(struct resolver *r, const char *name, enum family family,
                     const struct addresses *addresses)
{
    struct cached_addresses *entry = &r->cache[r->cached++ % CACHE_MAX];

    slice_copy(entry->name, sizeof entry->name, slice_from(name));
    entry->family = family;
    entry->addresses = *addresses;
}

static void note_addresses(struct resolver *r, const char *name, const struct addresses *found)
{
    char text[ADDRESSES_MAX * ADDRESS_TEXT_MAX] = "";

    for (size_t i = 0; i < found->count; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%s", i > 0 ? " " : "", found->text[i]);
    }
    note(r, name, text);
}

static bool literal(const char *bare, enum family family, struct addresses *out, struct err *err)
{
    bool is_ipv6 = strchr(bare, ':') != NULL;

    if ((family == FAMILY_IPV4 && is_ipv6) || (family == FAMILY_IPV6 && !is_ipv6))
        return err_set(err, FAULT_USAGE, STAGE_NONE, "%s is no %s address", bare, is_ipv6 ? "IPv4" : "IPv6");
    slice_copy(out->text[0], ADDRESS_TEXT_MAX, slice_from(bare));
    out->count = 1;
    return true;
}

/* RFC 6761 section 6.3: never a question for a DNS server. */
static void loopback(enum family family, struct addresses *out)
{
    if (family != FAMILY_IPV4)
        slice_copy(out->text[out->count++], ADDRESS_TEXT_MAX, SLICE("::1"));
    if (family != FAMILY_IPV6)
        slice_copy(out->text[out->count++], ADDRESS_TEXT_MAX, SLICE("127.0.0.1"));
}

bool resolver_addresses(struct resolver *r, const char *name, enum family family, struct deadline deadline,
                        struct addresses *out, struct err *err)
{
    static const char *const what[] = {
        [FAMILY_ANY] = "address", [FAMILY_IPV4] = "IPv4 address", [FAMILY_IPV6] = "IPv6 address"};
    char bare[ADDRESS_TEXT_MAX], ascii[DOMAIN_MAX];
    struct timespec began = clock_now();

    out->count = 0;
    if (resolver_is_literal(name, bare))
        return literal(bare, family, out, err);
    if (!resolver_to_ascii(name, ascii, err))
        return false;
    if (r->named && strcmp(ascii, "localhost") == 0) {
        loopback(family, out);
        return true;
    }
    if (from_cache(r, ascii, family, out))
        return true;
    enum answer_status status = look_up(r, ascii, family, deadline, out);
    if (status != ANSWER_RECORDS) {
        answer_err(r, status, ascii, what[family], clock_since(began), err);
        note(r, ascii, err->text);
        return false;
    }
    note_addresses(r, ascii, out);
    to_cache(r, ascii, family, out);
    return true;
}

static void note_mx(struct resolver *r, const char *domain, const struct mx_list *found)
{
    char text[512];

    slice_copy(text, sizeof text, found->nxdomain ? SLICE("NXDOMAIN") : SLICE("no MX record"));
    for (size_t i = 0, used = 0; i < found->count && used < sizeof text; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%sMX %u %s", i > 0 ? ", " : "",
                             found->mx[i].preference, found->mx[i].host[0] != '\0' ? found->mx[i].host : ".");
    note(r, domain, text);
}

bool resolver_mx(struct resolver *r, const char *domain, struct deadline deadline, struct mx_list *out,
                 struct err *err)
{
    char ascii[DOMAIN_MAX];
    struct query query = {.name = ascii, .type = ns_t_mx};
    struct timespec began = clock_now();

    *out = (struct mx_list){.count = 0};
    if (!resolver_to_ascii(domain, ascii, err))
        return false;
    query_run(r, &query, 1, deadline);
    enum answer_status status = query.answer.status;
    if (status == ANSWER_RECORDS && !mx_parse(query.answer.message, query.answer.length, out))
        status = ANSWER_BROKEN;
    query_clear(&query);
    out->nxdomain = status == ANSWER_NXDOMAIN;
    if (status != ANSWER_RECORDS && status != ANSWER_NODATA && status != ANSWER_NXDOMAIN) {
        answer_err(r, status, ascii, "MX record", clock_since(began), err);
        note(r, ascii, err->text);
        return false;
    }
    note_mx(r, ascii, out);
    return true;
}
