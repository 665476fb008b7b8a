/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/peer.h"

#include <poll.h>
#include <string.h>

static void take_turns(struct peer *p)
{
    for (; p->turns->hears != NULL; p->turns++) {
        struct slice left = slice_skip(buffer_slice(&p->heard), p->matched);
        struct slice wanted = slice_from(p->turns->hears);
        if (!slice_starts(left, wanted))
            return;
        p->matched += wanted.len;
        buffer_append_text(&p->pending, p->turns->says);
    }
}

static ssize_t peer_receive(void *context, void *data, size_t size)
{
    struct peer *p = context;

    take_turns(p);
    if (p->pending.len > 0) {
        size_t n = p->dripping ? 1 : p->pending.len;
        n = n < size ? n : size;
        memcpy(data, p->pending.data, n);
        buffer_consume(&p->pending, n);
        return (ssize_t)n;
    }
    if (p->turns->hears != NULL || p->ending == PEER_SILENT)
        return STREAM_AGAIN;
    return p->ending == PEER_CLOSES ? 0 : STREAM_BROKEN;
}

static ssize_t peer_send(void *context, const void *data, size_t size)
{
    struct peer *p = context;

    if (p->room > 0 && p->heard.len + size > p->room) {
        size = p->room - p->heard.len;
        if (size == 0)
            return p->ending == PEER_SILENT ? STREAM_AGAIN : STREAM_BROKEN;
    }
    p->sends++;
    buffer_append(&p->heard, slice_of(data, size));
    return (ssize_t)size;
}

static int peer_wait(void *context, bool for_output, int timeout_ms)
{
    struct peer *p = context;

    take_turns(p);
    if (!for_output && (p->pending.len > 0 || (p->turns->hears == NULL && p->ending != PEER_SILENT)))
        return 1;
    poll(NULL, 0, timeout_ms);
    return 0;
}

const struct stream_ops peer_ops = {peer_receive, peer_send, peer_wait};

void peer_clear(struct peer *p)
{
    buffer_clear(&p->heard);
    buffer_clear(&p->pending);
}

bool peer_satisfied(const struct peer *p)
{
    return p->turns->hears == NULL && p->matched == p->heard.len;
}
