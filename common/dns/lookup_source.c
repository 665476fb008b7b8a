/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/dns/lookup_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/dns/message.h"
#include "common/dns/query.h"

/* ENTRIES_MAX: far more than SPF, DKIM, ARC and DMARC of one message may ask for */
enum { ALIASES_MAX = 8, ENTRIES_MAX = 1000, SENDS_MAX = 3, NOTE_MAX = 512, HEADER_RA = 0x80 };

struct lookup_entry {
    char name[DOMAIN_MAX]; /* lower case */
    enum record_type type;
    struct query query;
    unsigned sent; /* times */
    size_t open;   /* of the query: 1 until its answer is there */
    bool settled;
    struct message_records records;
    struct lookup_answer answer;
    struct lookup_entry *next;
};

static void note(struct resolver *r, const struct lookup_entry *e)
{
    static const char *const words[] = {
        [LOOKUP_FOUND] = "found", [LOOKUP_NODATA] = "no such record", [LOOKUP_NXDOMAIN] = "NXDOMAIN"};
    const struct lookup_answer *a = &e->answer;
    char text[NOTE_MAX];

    if (r->transcript == NULL || !r->transcript->on)
        return;
    size_t used = (size_t)snprintf(text, sizeof text, "%s %s: %s%s", e->name, record_type_name(e->type),
                                   a->status == LOOKUP_TEMPERROR ? a->problem : words[a->status],
                                   a->authenticated ? " (AD)" : "");
    for (size_t i = 0; e->type == RECORD_TXT && i < a->count && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, " \"%.*s\"", SLICE_ARG(a->records[i].text));
    transcript_line(r->transcript, "dns", SPEAKER_NOTE, slice_from(text));
}

/* As c-ares reads names: there "\\" escapes. */
static void start(struct resolver *r, struct lookup_entry *e)
{
    char escaped[2 * DOMAIN_MAX];
    size_t used = 0;

    for (const char *c = e->name; *c != '\0'; c++) {
        if (*c == '\\')
            escaped[used++] = '\\';
        escaped[used++] = *c;
    }
    escaped[used] = '\0';
    e->sent++;
    e->query = (struct query){.name = escaped, .type = (int)e->type};
    query_start(r, &e->query, &e->open);
    e->query.name = e->name;
}

/* NULL where that is no name, or there are too many. */
static struct lookup_entry *find_or_start(struct resolver *r, const char *name, enum record_type type)
{
    char lower[DOMAIN_MAX];

    if (*name == '\0' || !slice_copy(lower, sizeof lower, slice_from(name)))
        return NULL;
    for (char *c = lower; *c != '\0'; c++)
        *c = ascii_lower(*c);
    for (struct lookup_entry *e = r->entries; e != NULL; e = e->next)
        if (e->type == type && strcmp(e->name, lower) == 0)
            return e;
    struct lookup_entry *e = r->entry_count < ENTRIES_MAX ? calloc(1, sizeof *e) : NULL;
    if (e == NULL)
        return NULL;
    slice_copy(e->name, sizeof e->name, slice_from(lower));
    e->type = type;
    e->next = r->entries;
    r->entries = e;
    r->entry_count++;
    start(r, e);
    return e;
}

/* One that breaks the connection takes all others under way with it, and a cancelled lookup does, too: what
 * ends without an answer is sent again. */
static enum answer_status wait_for(struct resolver *r, struct lookup_entry *e)
{
    for (;;) {
        enum answer_status ended = query_drive(r, r->lookup_deadline, &e->open);
        enum answer_status status = e->query.answer.status;
        if (ended != ANSWER_NONE)
            return ended;
        if ((status != ANSWER_SILENCE && status != ANSWER_UNREACHABLE) || e->sent == SENDS_MAX)
            return status;
        start(r, e);
    }
}

static const char *problem_of(enum answer_status status)
{
    switch (status) {
    case ANSWER_NONE:
    case ANSWER_SILENCE:
        return "no answer";
    case ANSWER_SERVFAIL:
        return "SERVFAIL";
    case ANSWER_REFUSED:
        return "REFUSED";
    case ANSWER_BROKEN:
        return "a broken answer";
    case ANSWER_UNREACHABLE:
        return "the server failed, or cannot be reached";
    case ANSWER_INTERRUPTED:
        return "stopped by a signal";
    case ANSWER_INTERNAL:
        return "the lookup could not be started";
    case ANSWER_RECORDS:
    case ANSWER_NODATA:
    case ANSWER_NXDOMAIN:
        break;
    }
    return "";
}

static struct lookup_answer failure(const char *problem)
{
    return (struct lookup_answer){.status = LOOKUP_TEMPERROR, .problem = problem};
}

static const struct lookup_answer *settle(struct resolver *r, struct lookup_entry *e, unsigned aliases);

/* A resolver has followed all aliases (RFC 1034 section 4.3.2); another server gives those that it has. */
static struct lookup_answer without_records(struct resolver *r, const struct lookup_entry *e,
                                            unsigned aliases)
{
    const struct answer *raw = &e->query.answer;
    struct lookup_answer answer = {
        .status = LOOKUP_NODATA, .problem = "", .authenticated = raw->authenticated};

    if (e->records.loops || aliases == ALIASES_MAX)
        return failure("its CNAMEs have no end");
    if (e->records.alias[0] == '\0' || (raw->message[3] & HEADER_RA) != 0)
        return answer;
    struct lookup_entry *target = find_or_start(r, e->records.alias, e->type);
    if (target == NULL)
        return answer;
    answer = *settle(r, target, aliases + 1);
    answer.authenticated = answer.authenticated && raw->authenticated;
    return answer;
}

static struct lookup_answer read_answer(struct resolver *r, struct lookup_entry *e, enum answer_status status,
                                        unsigned aliases)
{
    const struct answer *raw = &e->query.answer;

    switch (status) {
    case ANSWER_NODATA:
    case ANSWER_NXDOMAIN:
        return (struct lookup_answer){.status = status == ANSWER_NODATA ? LOOKUP_NODATA : LOOKUP_NXDOMAIN,
                                      .authenticated = raw->authenticated,
                                      .problem = ""};
    case ANSWER_RECORDS:
        break;
    case ANSWER_NONE:
    case ANSWER_SERVFAIL:
    case ANSWER_REFUSED:
    case ANSWER_BROKEN:
    case ANSWER_SILENCE:
    case ANSWER_UNREACHABLE:
    case ANSWER_INTERRUPTED:
    case ANSWER_INTERNAL:
        return failure(problem_of(status));
    }
    if (e->records.records == NULL && !message_read(&e->records, raw->message, (size_t)raw->length, e->type))
        return failure(problem_of(ANSWER_BROKEN));
    if (e->records.count == 0)
        return without_records(r, e, aliases);
    return (struct lookup_answer){.status = LOOKUP_FOUND,
                                  .authenticated = raw->authenticated,
                                  .count = e->records.count,
                                  .records = e->records.records,
                                  .problem = ""};
}

static const struct lookup_answer *settle(struct resolver *r, struct lookup_entry *e, unsigned aliases)
{
    if (!e->settled) {
        e->answer = read_answer(r, e, wait_for(r, e), aliases);
        e->settled = true;
        note(r, e);
    }
    return &e->answer;
}

static const struct lookup_answer *query(void *context, const char *name, enum record_type type)
{
    static const struct lookup_answer unknown = {.status = LOOKUP_TEMPERROR,
                                                 .problem = "it cannot be asked for"};
    struct lookup_entry *e = find_or_start(context, name, type);

    return e == NULL ? &unknown : settle(context, e, 0);
}

static void prefetch(void *context, const char *name, enum record_type type)
{
    find_or_start(context, name, type);
}

void resolver_lookup(struct resolver *r, struct deadline deadline, struct lookup *out)
{
    r->lookup_deadline = deadline;
    *out = (struct lookup){r, query, prefetch};
}

void lookup_entries_free(struct resolver *r)
{
    for (struct lookup_entry *e = r->entries, *next; e != NULL; e = next) {
        next = e->next;
        query_clear(&e->query);
        message_clear(&e->records);
        free(e);
    }
    r->entries = NULL;
}
