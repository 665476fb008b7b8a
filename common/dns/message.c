/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/dns/message.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* RR_LEAST: a root name, type, class, TTL, length */
enum { LINKS_MAX = 8, RR_LEAST = 11, MESSAGE_MAX = 65535, IPV4_BYTES = 4, IPV6_BYTES = 16 };

struct message {
    unsigned char *data;
    size_t length;
    size_t answers; /* where they begin */
    unsigned count;
};

struct rr {
    size_t at; /* of the owner's name */
    unsigned type, class;
    size_t data, length;
};

static unsigned get16(const struct message *m, size_t at)
{
    return (unsigned)m->data[at] << 8 | m->data[at + 1];
}

/* The name there as text, by c-ares, which escapes what is special; NULL where it is broken. *used: its bytes
 * there. */
static char *name_at(const struct message *m, size_t at, size_t *used)
{
    char *name;
    long length;

    if (at >= m->length ||
        ares_expand_name(m->data + at, m->data, (int)m->length, &name, &length) != ARES_SUCCESS)
        return NULL;
    *used = (size_t)length;
    return name;
}

/* Past the name at *at, which is not looked at: long chains of pointers cost time. */
static bool skip_name(const struct message *m, size_t *at)
{
    while (*at < m->length) {
        unsigned label = m->data[*at];
        *at += 1;
        if (label >= NS_CMPRSFLGS) {
            *at += 1;
            return *at <= m->length;
        }
        if (label == 0)
            return true;
        *at += label;
    }
    return false;
}

/* Takes the record at *at. */
static bool next_rr(const struct message *m, size_t *at, struct rr *out)
{
    out->at = *at;
    if (!skip_name(m, at) || m->length - *at < NS_RRFIXEDSZ)
        return false;
    out->type = get16(m, *at);
    out->class = get16(m, *at + 2);
    out->length = get16(m, *at + 8);
    out->data = *at + NS_RRFIXEDSZ;
    *at = out->data + out->length;
    return *at <= m->length;
}

/* As lookup.h wants names: without escapes. What cannot be said so becomes "". */
static void plain_name(char out[DOMAIN_MAX], const char *name)
{
    size_t length = 0;

    for (; *name != '\0' && length < DOMAIN_MAX - 1; name++) {
        if (*name == '\\' && (name[1] == '.' || name[1] == '\0' || ascii_is_digit(name[1]))) {
            out[0] = '\0';
            return;
        }
        if (*name == '\\')
            name++;
        out[length++] = ascii_lower(*name);
    }
    out[*name == '\0' ? length : 0] = '\0';
}

static bool read_name(const struct message *m, const struct rr *rr, size_t offset, struct record *record)
{
    char plain[DOMAIN_MAX];
    size_t used;

    if (offset >= rr->length)
        return false;
    char *name = name_at(m, rr->data + offset, &used);
    if (name == NULL)
        return false;
    plain_name(plain, name);
    ares_free_string(name);
    record->name = strdup(plain);
    return record->name != NULL;
}

/* RFC 7208 section 3.3: without anything between the strings. */
static bool read_text(struct message *m, const struct rr *rr, struct record *record)
{
    unsigned char *data = m->data + rr->data;
    size_t from = 0, to = 0;

    while (from < rr->length) {
        size_t string = data[from++];
        if (string > rr->length - from)
            return false;
        memmove(data + to, data + from, string);
        from += string;
        to += string;
    }
    record->text = slice_of(data, to);
    return true;
}

static bool read_address(const struct message *m, const struct rr *rr, size_t bytes, struct record *record)
{
    if (rr->length != bytes)
        return false;
    memcpy(record->bytes, m->data + rr->data, bytes);
    return true;
}

static bool read_rr(struct message *m, const struct rr *rr, enum record_type type, struct record *record)
{
    *record = (struct record){.text = SLICE_EMPTY};
    switch (type) {
    case RECORD_A:
        return read_address(m, rr, IPV4_BYTES, record);
    case RECORD_AAAA:
        return read_address(m, rr, IPV6_BYTES, record);
    case RECORD_TXT:
        return read_text(m, rr, record);
    case RECORD_PTR:
        return read_name(m, rr, 0, record);
    case RECORD_MX:
        if (rr->length < 2)
            return false;
        record->preference = get16(m, rr->data);
        return read_name(m, rr, 2, record);
    }
    return false;
}

static bool owner_is(const struct message *m, const struct rr *rr, const char *name)
{
    size_t used;
    char *owner = name_at(m, rr->at, &used);
    bool same = owner != NULL && slice_eq_nocase(slice_from(owner), slice_from(name));

    ares_free_string(owner);
    return same;
}

/* The records of that name; where there are none, *alias is what its CNAME says (else NULL). */
static bool read_name_records(struct message *m, const char *name, enum record_type type,
                              struct message_records *out, char **alias)
{
    size_t at = m->answers, used;
    struct rr rr;

    *alias = NULL;
    for (unsigned i = 0; i < m->count; i++) {
        if (!next_rr(m, &at, &rr))
            return false;
        if (rr.class != ns_c_in || (rr.type != (unsigned)type && rr.type != ns_t_cname) ||
            !owner_is(m, &rr, name))
            continue;
        if (rr.type == ns_t_cname && *alias == NULL) {
            *alias = name_at(m, rr.data, &used);
            if (*alias == NULL)
                return false;
        }
        if (rr.type == (unsigned)type) {
            if (!read_rr(m, &rr, type, &out->records[out->count]))
                return false;
            out->count++;
        }
    }
    return true;
}

/* From alias to alias. name is freed. */
static bool follow(struct message *m, char *name, enum record_type type, struct message_records *out)
{
    for (unsigned links = 0; name != NULL; links++) {
        char *alias = NULL;
        bool whole = read_name_records(m, name, type, out, &alias);
        bool ends = !whole || out->count > 0 || alias == NULL;
        if (whole && out->count == 0 && alias == NULL && links > 0)
            plain_name(out->alias, name);
        ares_free_string(name);
        out->loops = !ends && links == LINKS_MAX;
        if (ends || out->loops) {
            ares_free_string(alias);
            return whole;
        }
        name = alias;
    }
    return false;
}

bool message_read(struct message_records *out, unsigned char *message, size_t length, enum record_type type)
{
    struct message m = {.data = message, .length = length, .answers = NS_HFIXEDSZ};
    size_t used;

    *out = (struct message_records){.count = 0};
    if (length < NS_HFIXEDSZ || length > MESSAGE_MAX || get16(&m, 4) != 1)
        return false;
    m.count = get16(&m, 6);
    if (m.count > length / RR_LEAST)
        return false;
    if (!skip_name(&m, &m.answers) || m.length - m.answers < NS_QFIXEDSZ)
        return false;
    m.answers += NS_QFIXEDSZ;
    out->records = calloc(m.count + 1U, sizeof *out->records);
    if (out->records != NULL && follow(&m, name_at(&m, NS_HFIXEDSZ, &used), type, out))
        return true;
    message_clear(out);
    return false;
}

void message_clear(struct message_records *m)
{
    for (size_t i = 0; m->records != NULL && i < m->count; i++)
        free((void *)(uintptr_t)m->records[i].name);
    free(m->records);
    *m = (struct message_records){.count = 0};
}
