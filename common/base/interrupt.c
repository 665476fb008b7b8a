/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/base/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t seen;

static void note(int signal_number)
{
    (void)signal_number;
    seen = 1;
}

void interrupt_install(void)
{
    struct sigaction action = {.sa_handler = note}; /* without SA_RESTART: poll(2) shall return */

    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

bool interrupt_seen(void)
{
    return seen != 0;
}
