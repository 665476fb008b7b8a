/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/dns/message.h"

#include <arpa/nameser.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* RR_LEAST: a root name, type, class, TTL, length. LABELS_MAX: of a name, and of the pointers in it. */
enum { LINKS_MAX = 8, RR_LEAST = 11, MESSAGE_MAX = 65535, IPV4_BYTES = 4, IPV6_BYTES = 16, LABELS_MAX = 128 };

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

/* A name as RFC 1035 section 3.1 writes it, uncompressed, in lower case. */
struct wire_name {
    size_t length;
    unsigned char data[NS_MAXCDNAME];
};

/* False where it is broken. Pointers lead back only, so that they end. */
static bool unpack(const struct message *m, size_t at, struct wire_name *out)
{
    size_t start = at;

    out->length = 0;
    for (unsigned steps = 0; steps < 2 * LABELS_MAX && at < m->length; steps++) {
        size_t label = m->data[at];
        if (label >= NS_CMPRSFLGS) {
            if (m->length - at < 2 || (get16(m, at) & 0x3fff) >= start)
                return false;
            at = start = get16(m, at) & 0x3fff;
            continue;
        }
        if (label > NS_MAXLABEL || label >= m->length - at || label >= NS_MAXCDNAME - out->length)
            return false;
        for (size_t i = 0; i <= label; i++) /* no length is a letter */
            out->data[out->length++] = (unsigned char)ascii_lower((char)m->data[at + i]);
        if (label == 0)
            return true;
        at += label + 1;
    }
    return false;
}

/* As lookup.h wants names; "" where a byte of a label cannot be said so. */
static void plain_name(char out[DOMAIN_MAX], const struct wire_name *name)
{
    size_t length = 0;

    for (size_t at = 0; name->data[at] != 0; at += name->data[at] + 1U) {
        for (size_t i = 1; i <= name->data[at]; i++) {
            unsigned char c = name->data[at + i];
            if (c < ' ' || c > '~' || c == '.') {
                out[0] = '\0';
                return;
            }
            out[length++] = (char)c;
        }
        out[length++] = '.';
    }
    out[length > 0 ? length - 1 : 0] = '\0';
}

/* Past the name at *at. */
static bool skip_name(const struct message *m, size_t *at)
{
    while (*at < m->length) {
        size_t label = m->data[*at];
        *at += label >= NS_CMPRSFLGS ? 2 : label + 1;
        if (label == 0 || label >= NS_CMPRSFLGS)
            return *at <= m->length;
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

static bool read_name(const struct message *m, const struct rr *rr, size_t offset, struct record *record)
{
    struct wire_name name;
    char plain[DOMAIN_MAX];

    if (offset >= rr->length || !unpack(m, rr->data + offset, &name))
        return false;
    plain_name(plain, &name);
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

static bool is_same(const struct wire_name *a, const struct wire_name *b)
{
    return a->length == b->length && memcmp(a->data, b->data, a->length) == 0;
}

/* The records of that name. *aliased: a CNAME says that alias is the name to look at. */
static bool read_name_records(struct message *m, const struct wire_name *name, enum record_type type,
                              struct message_records *out, struct wire_name *alias, bool *aliased)
{
    size_t at = m->answers;
    struct wire_name owner;
    struct rr rr;

    *aliased = false;
    for (unsigned i = 0; i < m->count; i++) {
        if (!next_rr(m, &at, &rr))
            return false;
        if (rr.class != ns_c_in || (rr.type != (unsigned)type && rr.type != ns_t_cname))
            continue;
        if (!unpack(m, rr.at, &owner)) /* nobody knows whose it is: not to be taken for none */
            return false;
        if (!is_same(&owner, name))
            continue;
        if (rr.type == ns_t_cname) {
            *aliased = true;
            if (!unpack(m, rr.data, alias))
                return false;
            continue;
        }
        if (!read_rr(m, &rr, type, &out->records[out->count]))
            return false;
        out->count++;
    }
    return true;
}

/* From alias to alias. */
static bool follow(struct message *m, struct wire_name *name, enum record_type type,
                   struct message_records *out)
{
    struct wire_name alias;
    bool aliased = true;

    for (unsigned links = 0; links <= LINKS_MAX; links++) {
        if (!read_name_records(m, name, type, out, &alias, &aliased))
            return false;
        if (out->count > 0)
            return true;
        if (!aliased) {
            if (links > 0)
                plain_name(out->alias, name);
            return true;
        }
        *name = alias;
    }
    out->loops = true;
    return true;
}

bool message_read(struct message_records *out, unsigned char *message, size_t length, enum record_type type)
{
    struct message m = {.data = message, .length = length, .answers = NS_HFIXEDSZ};
    struct wire_name name;

    *out = (struct message_records){.count = 0};
    if (length < NS_HFIXEDSZ || length > MESSAGE_MAX || get16(&m, 4) != 1)
        return false;
    m.count = get16(&m, 6);
    if (m.count > length / RR_LEAST)
        return false;
    if (!unpack(&m, NS_HFIXEDSZ, &name) || !skip_name(&m, &m.answers) || m.length - m.answers < NS_QFIXEDSZ)
        return false;
    m.answers += NS_QFIXEDSZ;
    out->records = calloc(m.count + 1U, sizeof *out->records);
    if (out->records != NULL && follow(&m, &name, type, out))
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
