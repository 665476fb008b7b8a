/* SPDX-License-Identifier: GPL-3.0-or-later */
/* interrupt.h - a host that has had enough sends SIGTERM: the run then ends early, and still prints what it
 * knows. */
#ifndef MAILPROOF_BASE_INTERRUPT_H
#define MAILPROOF_BASE_INTERRUPT_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

/* SIGTERM, SIGINT and SIGHUP are noted (system calls return EINTR); SIGPIPE is ignored. */
void interrupt_install(void);
bool interrupt_seen(void);

/* The signals above stay with the calling thread: those that it makes from now on, until the mask is put back
 * (pthread_sigmask), do not get them. */
void interrupt_keep(sigset_t *before);
/* What that other thread waits in returns EINTR; whether it then ends is interrupt_seen's to say. It may miss
 * it (between asking and waiting): to be repeated. */
void interrupt_wake(pthread_t thread);

#endif
