/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/endpoint.h"

#include <string.h>
#include <unistd.h>

void endpoint_clear(struct endpoint *e)
{
    secret_clear(&e->login.password);
    secret_clear(&e->login.token);
    secret_clear(&e->proxy_password);
}

const char *protocol_name(enum protocol protocol)
{
    switch (protocol) {
    case PROTOCOL_SMTP:
        return "smtp";
    case PROTOCOL_IMAP:
        return "imap";
    case PROTOCOL_POP3:
        return "pop3";
    }
    return "";
}

bool endpoint_own_name(char out[DOMAIN_MAX])
{
    char name[DOMAIN_MAX];
    struct err ignored;

    if (gethostname(name, sizeof name) != 0)
        return false;
    name[sizeof name - 1] = '\0';
    return strchr(name, '.') != NULL && resolver_to_ascii(name, out, &ignored);
}
