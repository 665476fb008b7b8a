/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netrc.h - user names and passwords by machine, in the format of ftp(1) and curl:
 *
 *   machine imap.example.com login probe@example.com password "with \"quotes\" or blanks"
 *   default login anonymous password none
 *
 * Words are separated by blanks and line ends. Where a keyword is due, '#' begins a comment up to the line's
 * end. What macdef defines (up to an empty line) is skipped. No library in Debian reads it for C programs but
 * libcurl, which keeps it to itself. */
#ifndef MAILPROOF_CLI_NETRC_H
#define MAILPROOF_CLI_NETRC_H

#include "common/base/secret.h"

struct netrc_entry {
    char login[256];
    struct secret password; /* owned: secret_clear */
};

/* The first entry for host (or "default") that has a password and a login, or that login where it is not NULL
 * (then an entry without any will do). FAULT_CONFIG where there is none, and, naming the line, where the file
 * is malformed up to there. path is for error texts. */
bool netrc_find(struct netrc_entry *entry, struct slice content, const char *path, const char *host,
                const char *login, struct err *err);

#endif
