/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/probe/folders.h"

enum { NO_RANK = ~0U };

/* What stands before a junk folder's name: nothing, the inbox, Gmail's own root. */
static struct slice strip_root(struct slice name, char delimiter)
{
    static const struct slice roots[] = {{"INBOX", 5}, {"[Gmail]", 7}, {"[Google Mail]", 13}};

    for (size_t i = 0; delimiter != '\0' && i < sizeof roots / sizeof *roots; i++) {
        size_t len = roots[i].len;
        if (slice_starts_nocase(name, roots[i]) && name.len > len && name.data[len] == delimiter)
            return slice_skip(name, len + 1);
    }
    return name;
}

static unsigned rank_by_name(struct slice name, char delimiter)
{
    static const struct slice known[] = {{"Junk", 4},        {"Junk Email", 10}, {"Junk E-mail", 11},
                                         {"Junk-Email", 10}, {"Spam", 4},        {"Bulk Mail", 9},
                                         {"Bulk", 4}};

    name = strip_root(name, delimiter);
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
        if (slice_eq_nocase(name, known[i]))
            return i;
    return NO_RANK;
}

static bool take(struct buffer *out, struct slice name)
{
    buffer_reset(out);
    return buffer_append(out, name);
}

static void consider_junk(struct special_folders *s, const struct imap_list *entry, struct slice name)
{
    if (s->junk_flagged)
        return;
    if (entry->junk) {
        s->junk_flagged = take(&s->junk, name);
        return;
    }
    unsigned rank = rank_by_name(name, entry->delimiter);
    if (rank != NO_RANK && (s->junk.len == 0 || rank < s->junk_rank) && take(&s->junk, name))
        s->junk_rank = rank;
}

void special_folders_consider(struct special_folders *s, const struct imap_list *entry)
{
    struct buffer name = BUFFER_INIT(FOLDER_WIRE_MAX);

    if (entry->selectable && imap_token_text(&entry->name, &name) && name.len > 0) {
        consider_junk(s, entry, buffer_slice(&name));
        if (entry->trash && s->trash.len == 0)
            take(&s->trash, buffer_slice(&name));
    }
    buffer_clear(&name);
}

void special_folders_clear(struct special_folders *s)
{
    buffer_clear(&s->junk);
    buffer_clear(&s->trash);
}
