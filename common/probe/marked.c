/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/probe/marked.h"

#include <time.h>

bool marked_compose_again(struct composed *out, const struct marker *marker,
                          const struct compose_request *request, struct err *err)
{
    struct compose_request complete = *request;

    *out = (struct composed){0};
    complete.marker = marker;
    complete.now = time(NULL);
    return compose(out, &complete, err);
}

bool marked_compose(struct composed *out, struct marker *marker, const struct compose_request *request,
                    uint64_t key, struct err *err)
{
    *out = (struct composed){0};
    return marker_new(marker, key, time(NULL), err) && marked_compose_again(out, marker, request, err);
}
