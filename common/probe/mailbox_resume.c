/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/probe/mailbox_internal.h"

uint64_t folder_hash(const char *name)
{
    struct slice whole = slice_from(name);

    return marker_key(slice_eq_nocase(whole, SLICE("INBOX")) ? SLICE("INBOX") : whole);
}

const struct resume *mailbox_resume_of(const struct mailbox *m, uint64_t folder)
{
    for (size_t i = 0; i < m->request.resume_count; i++)
        if (m->request.resume[i].folder == folder)
            return &m->request.resume[i];
    return NULL;
}

/* Below a border beyond UIDNEXT may lie what was never looked at: the folder was restored, or this is an
 * older view of it. */
static bool holds(const struct mailbox *m, size_t i, const struct resume *r)
{
    const struct place *place = &m->place[i];

    return r != NULL && r->uidnext != 0 && r->uidvalidity != 0 &&
           r->uidvalidity == m->folder[i].uidvalidity &&
           (place->uidnext == 0 || r->uidnext <= place->uidnext);
}

static void resume_place(struct mailbox *m, size_t i, uint32_t border)
{
    struct place *place = &m->place[i];
    uint32_t fresh = place->known;

    if (place->uidnext != 0 && place->uidnext - border < fresh)
        fresh = place->uidnext - border;
    place->next = place->border = border;
    place->searched = true;
    place->known -= fresh;
    if (fresh > 0)
        mailbox_mark_changed(m, i, clock_now());
}

void mailbox_resume_places(struct mailbox *m)
{
    for (size_t i = 0; i < m->folder_count; i++) {
        const struct resume *r = mailbox_resume_of(m, m->place[i].hash);
        m->place[i].border = m->place[i].next;
        if (m->folder[i].selectable && holds(m, i, r))
            resume_place(m, i, r->uidnext);
    }
}

static bool folder_is_done(const struct mailbox *m, size_t i)
{
    const struct place *place = &m->place[i];

    if (!m->folder[i].selectable)
        return place->missing;
    return place->told && !place->changed && !place->partial;
}

bool mailbox_look_complete(const struct mailbox *m)
{
    for (size_t i = 0; i < m->folder_count; i++)
        if (!folder_is_done(m, i))
            return false;
    return m->look_done && !m->list_refused;
}

bool mailbox_resume(const struct mailbox *m, size_t i, struct resume *out)
{
    const struct folder *folder = &m->folder[i];
    const struct place *place = &m->place[i];

    *out =
        (struct resume){.folder = place->hash, .uidvalidity = folder->uidvalidity, .uidnext = place->border};
    /* what has arrived since the look lies beyond */
    if (!m->look_done || !folder->selectable || !place->told || place->partial)
        return false;
    if (!mailbox_is_pop3(m))
        return out->uidvalidity != 0 && out->uidnext != 0;
    *out = (struct resume){.folder = place->hash, .uidnext = m->base == 0 ? 1 : 0};
    slice_copy(out->uidl, sizeof out->uidl, slice_from(m->base_uidl));
    return m->base_told;
}
