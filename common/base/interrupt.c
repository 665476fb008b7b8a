/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/base/interrupt.h"

#include <stdatomic.h>
#include <stddef.h>

_Static_assert(ATOMIC_BOOL_LOCK_FREE == 2, "a signal handler may touch it");

static atomic_bool seen;

static const int noted[] = {SIGTERM, SIGINT, SIGHUP};

static void note(int signal_number)
{
    (void)signal_number;
    seen = true;
}

static void do_nothing(int signal_number)
{
    (void)signal_number;
}

void interrupt_install(void)
{
    struct sigaction action = {.sa_handler = note}; /* without SA_RESTART: poll(2) shall return */

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof noted / sizeof *noted; i++)
        sigaction(noted[i], &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    action.sa_handler = do_nothing;
    sigaction(SIGUSR1, &action, NULL);
}

bool interrupt_seen(void)
{
    return seen;
}

void interrupt_keep(sigset_t *before)
{
    sigset_t kept;

    sigemptyset(&kept);
    for (size_t i = 0; i < sizeof noted / sizeof *noted; i++)
        sigaddset(&kept, noted[i]);
    pthread_sigmask(SIG_BLOCK, &kept, before);
}

void interrupt_wake(pthread_t thread)
{
    pthread_kill(thread, SIGUSR1);
}
