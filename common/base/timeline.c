/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/base/timeline.h"

#include "common/base/clock.h"

const char *stage_name(enum stage stage)
{
    switch (stage) {
    case STAGE_TOKEN:
        return "token";
    case STAGE_DNS:
        return "dns";
    case STAGE_TCP:
        return "tcp";
    case STAGE_GREETING:
        return "greeting";
    case STAGE_EHLO:
        return "ehlo";
    case STAGE_STARTTLS:
        return "starttls";
    case STAGE_TLS:
        return "tls";
    case STAGE_AUTH:
        return "auth";
    case STAGE_LOGIN:
        return "login";
    case STAGE_MAIL:
        return "mail";
    case STAGE_RCPT:
        return "rcpt";
    case STAGE_DATA:
        return "data";
    case STAGE_ACCEPT:
        return "accept";
    case STAGE_SELECT:
        return "select";
    case STAGE_SEARCH:
        return "search";
    case STAGE_FETCH:
        return "fetch";
    case STAGE_CLEANUP:
        return "cleanup";
    case STAGE_QUIT:
        return "quit";
    case STAGE_NONE:
    case STAGE_COUNT:
        break;
    }
    return "";
}

void timeline_set(struct timeline *t, enum stage stage, struct timespec began, double seconds)
{
    t->stage[stage] = (struct span){true, began, seconds};
}

void timeline_mark(struct timeline *t, enum stage stage, struct timespec began)
{
    timeline_set(t, stage, began, clock_since(began));
}

void timeline_add(struct timeline *t, enum stage stage, struct timespec began)
{
    struct span *span = &t->stage[stage];

    if (!span->known)
        timeline_mark(t, stage, began);
    else
        span->seconds += clock_since(began);
}

bool timeline_connect(const struct timeline *t, double *seconds)
{
    static const enum stage parts[] = {STAGE_DNS, STAGE_TCP, STAGE_STARTTLS, STAGE_TLS};
    bool known = false;

    *seconds = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (t->stage[parts[i]].known) {
            *seconds += t->stage[parts[i]].seconds;
            known = true;
        }
    }
    return known;
}
