/* SPDX-License-Identifier: GPL-3.0-or-later */
/* terminal.h - a person who looks at a terminal, and a line for them while nothing else is to be seen.
 *
 * No colours and no escape sequences: NO_COLOR asks for nothing that is not so anyway. Where stdout is no
 * terminal nothing of this happens, and not a byte is written. One terminal a process: the state is the
 * module's. */
#ifndef MAILPROOF_CLI_TERMINAL_H
#define MAILPROOF_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Whether stdout is one; how many columns it has (80 where it does not say), and whether the locale's
 * characters are UTF-8. */
bool terminal_find(size_t *columns, bool *utf8);

/* From now on waiting may be told of: rewritten in place, which TERM=dumb (or none) cannot. */
void terminal_allow_progress(size_t columns);
/* "waiting for the message: 12 s of at most 45 s", every second from the first on, until terminal_wait_ends.
 * what is copied and cleaned. Without permission nothing happens. */
void terminal_wait_begins(const char *what, double at_most_s);
/* Erases the line; does nothing where none waits. */
void terminal_wait_ends(void);

#endif
