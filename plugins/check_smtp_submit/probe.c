/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_smtp_submit/check.h"

#include <string.h>

#include "common/base/clock.h"

static bool write_message(struct composed *composed, struct result *result, const struct options *options,
                          struct err *err)
{
    if (!marked_compose(composed, &result->marker, &options->message.compose, options->key, err))
        return false;
    memcpy(result->message_id, composed->message_id, sizeof result->message_id);
    return true;
}

bool probe(struct result *result, const struct options *options, struct transcript *transcript,
           struct err *err)
{
    struct submission_request request = options->request;
    struct deadline deadline = deadline_in(options->common.timeout_s);
    struct timespec began = clock_now();
    struct composed composed = {0};
    struct resolver *resolver = NULL;

    bool ok = session_global_init(err) &&
              (resolver = resolver_new(options->common.resolver, transcript, err)) != NULL &&
              (request.stop_after != STOP_NEVER || write_message(&composed, result, options, err));
    if (ok) {
        request.message = buffer_slice(&composed.message);
        if (submission_run(&result->submission, &request, resolver, transcript, deadline, &result->failure))
            result->failure = ERR_NONE; /* what went wrong before a retry is in the submission */
        result->total_s = clock_since(began);
    }
    resolver_free(&resolver);
    composed_clear(&composed);
    return ok;
}
