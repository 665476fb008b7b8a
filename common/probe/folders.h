/* SPDX-License-Identifier: GPL-3.0-or-later */
/* folders.h - which of the folders that a server lists are the junk folder and the trash: by special-use flag
 * (RFC 6154), else, for junk, by the names that are in use. Pure. */
#ifndef MAILPROOF_PROBE_FOLDERS_H
#define MAILPROOF_PROBE_FOLDERS_H

#include "common/net/imap_parse.h"

enum { FOLDER_WIRE_MAX = 1024 }; /* a longer name is nobody's junk folder */

struct special_folders {
    struct buffer junk, trash; /* names as the server writes them (modified UTF-7); empty: none */
    bool junk_flagged;         /* by its flag, not by its name */
    unsigned junk_rank;        /* of a name: lower is better */
};

#define SPECIAL_FOLDERS_INIT                                                                                 \
    ((struct special_folders){.junk = BUFFER_INIT(FOLDER_WIRE_MAX), .trash = BUFFER_INIT(FOLDER_WIRE_MAX)})

void special_folders_consider(struct special_folders *s, const struct imap_list *entry);
void special_folders_clear(struct special_folders *s);

#endif
