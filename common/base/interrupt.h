/* SPDX-License-Identifier: GPL-3.0-or-later */
/* interrupt.h - a host that has had enough sends SIGTERM: the run then ends early, and still prints what it
 * knows. */
#ifndef MAILPROOF_BASE_INTERRUPT_H
#define MAILPROOF_BASE_INTERRUPT_H

#include <stdbool.h>

/* SIGTERM, SIGINT and SIGHUP are noted (system calls return EINTR); SIGPIPE is ignored. */
void interrupt_install(void);
bool interrupt_seen(void);

#endif
