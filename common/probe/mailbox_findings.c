/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "common/probe/mailbox_internal.h"

struct finding *mailbox_find(const struct mailbox *m, size_t folder, uint32_t uid, const char *uidl)
{
    for (size_t i = 0; i < m->finding_count; i++) {
        struct finding *f = m->finding[i];
        bool same = *uidl != '\0' ? strcmp(f->uidl, uidl) == 0 : f->uid == uid;
        if (!mailbox_is_pop3(m) && f->uidvalidity != m->folder[folder].uidvalidity)
            continue; /* that UID meant another message */
        if (f->folder == folder && same)
            return f;
    }
    return NULL;
}

static bool is_newer(const struct finding *a, const struct finding *b)
{
    if (a->internal_date != b->internal_date)
        return a->internal_date > b->internal_date;
    return a->folder == b->folder && a->uid > b->uid;
}

static void drop(struct mailbox *m, struct finding *f)
{
    m->header_bytes -= f->headers.len;
    buffer_clear(&f->headers);
    free(f);
}

static void insert(struct mailbox *m, struct finding *f)
{
    size_t at = 0;

    while (at < m->finding_count && !is_newer(f, m->finding[at]))
        at++;
    if (m->finding_count == mailbox_keeps(m)) {
        m->place[m->finding[m->finding_count - 1]->folder].partial = true;
        drop(m, m->finding[--m->finding_count]);
    }
    memmove(&m->finding[at + 1], &m->finding[at], (m->finding_count - at) * sizeof m->finding[0]);
    m->finding[at] = f;
    m->finding_count++;
}

/* The list is full of newer ones. */
static bool too_old(const struct mailbox *m, const struct finding *f)
{
    return m->finding_count == mailbox_keeps(m) && !is_newer(f, m->finding[m->finding_count - 1]);
}

bool mailbox_add(struct mailbox *m, const struct finding *like, struct slice headers,
                 const struct matched *matched)
{
    if (mailbox_find(m, like->folder, like->uid, like->uidl) != NULL)
        return false;
    m->matches++;
    struct finding *f = too_old(m, like) ? NULL : malloc(sizeof *f);
    if (f == NULL) {
        m->place[like->folder].partial = true;
        return false;
    }
    *f = *like;
    f->kind = matched->kind;
    f->marker = matched->marker;
    f->dsn = matched->dsn;
    f->headers = BUFFER_INIT(HEADERS_MAX);
    size_t room = ALL_HEADERS_MAX - m->header_bytes;
    buffer_append(&f->headers, slice_head(headers, room < HEADERS_MAX ? room : HEADERS_MAX));
    m->header_bytes += f->headers.len;
    insert(m, f);
    return true;
}

void mailbox_findings_clear(struct mailbox *m)
{
    while (m->finding_count > 0)
        drop(m, m->finding[--m->finding_count]);
}

size_t mailbox_finding_count(const struct mailbox *m)
{
    return m->finding_count;
}

size_t mailbox_match_count(const struct mailbox *m)
{
    return m->matches;
}

const struct finding *mailbox_finding(const struct mailbox *m, size_t n)
{
    return m->finding[n];
}
