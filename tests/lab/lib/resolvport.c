// SPDX-License-Identifier: GPL-3.0-or-later
/* resolvport.c - points the C library's resolver at $RESOLVADDR:$RESOLVPORT (LD_PRELOAD, lab only)
 * resolv.conf has no word for a port, and the lab's DNS server cannot have port 53 on a machine that is not its own.
 * Covered: res_ninit (OpenDMARC), res_search, getaddrinfo and getnameinfo on the main thread (Postfix).
 * Not covered: getaddrinfo on other threads. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <resolv.h>
#include <stdlib.h>

static void redirect(res_state state)
{
    const char *port = getenv("RESOLVPORT");
    const char *address = getenv("RESOLVADDR");

    if (!port)
        return;
    state->nscount = 1;
    state->nsaddr_list[0].sin_family = AF_INET;
    state->nsaddr_list[0].sin_port = htons((unsigned short)atoi(port));
    inet_pton(AF_INET, address ? address : "127.0.0.1", &state->nsaddr_list[0].sin_addr);
}

int __res_ninit(res_state state)
{
    static int (*real)(res_state);
    int result;

    if (!real)
        real = (int (*)(res_state))dlsym(RTLD_NEXT, "__res_ninit");
    result = real(state);
    redirect(state);
    return result;
}

int __res_init(void)
{
    static int (*real)(void);
    int result;

    if (!real)
        real = (int (*)(void))dlsym(RTLD_NEXT, "__res_init");
    result = real();
    redirect(&_res);
    return result;
}

__attribute__((constructor)) static void start(void)
{
    if (getenv("RESOLVPORT"))
        __res_init();
}
