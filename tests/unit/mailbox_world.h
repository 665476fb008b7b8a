/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailbox_world.h - a mailbox whose servers are arrays of turns, one a connection. */
#ifndef MAILPROOF_TESTS_MAILBOX_WORLD_H
#define MAILPROOF_TESTS_MAILBOX_WORLD_H

#include "common/probe/mailbox_internal.h"
#include "tests/unit/peer.h"

enum { WORLD_TURNS_MAX = 20, WORLD_CONNECTIONS_MAX = 4 };

/* In what client and server say:
 *   $ our marker    % another one with our key    ~ one with another key
 *   @ now, as IMAP writes it    ^ now, as mail does    # the day before yesterday, as SEARCH does
 *   [[text]] the text as a literal */
struct world {
    struct endpoint endpoint;
    struct mailbox_request request;
    const char *greeting, *capabilities; /* of each connection */
    double timeout_s;
    bool dripping;
    enum peer_ending ending;

    struct marker ours, other, foreign;
    struct mailbox *mailbox;
    struct transcript transcript;
    size_t connected; /* how often */
    double paused_s;
    size_t script_count;
    struct script {
        struct peer peer;
        struct turn turns[WORLD_TURNS_MAX + 1];
        struct buffer text[2 * WORLD_TURNS_MAX];
    } script[WORLD_CONNECTIONS_MAX];
};

void world_init(struct world *w, enum protocol protocol);
/* What the next connection is like. turns end with hears NULL. */
void world_add(struct world *w, const struct turn *turns);
bool world_open(struct world *w, struct err *err);
/* All connections were made and all was said that was to be said, nothing more. */
bool world_satisfied(const struct world *w);
/* Whether anything that was said on any connection contains that. */
bool world_heard(const struct world *w, const char *text);
/* "folder/uid/kind ..." of the findings, newest first. */
void world_findings(const struct world *w, struct buffer *out);
/* "name(role) " of the folders, "!" before one that cannot be selected. */
void world_folders(const struct world *w, struct buffer *out);
void world_clear(struct world *w);

#endif
