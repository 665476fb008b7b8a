/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_imap_marker/check.h"

#include "common/base/clock.h"
#include "common/cli/look.h"

/* A find ends the waiting, and so does a bounce: nothing better will come. */
static bool enough(const struct mailbox *mailbox, void *context)
{
    const struct options *options = context;
    size_t found = mailbox_match_count(mailbox) - mailbox_finding_count(mailbox);

    for (size_t i = 0; i < mailbox_finding_count(mailbox); i++) {
        const struct finding *finding = mailbox_finding(mailbox, i);
        if (options->request.matcher.marker != NULL && finding->kind == MESSAGE_BOUNCE)
            return true;
        found += options_match(options, finding);
    }
    return options->expect.set ? !range_alerts(&options->expect, (double)found) : found > 0;
}

bool probe(struct result *result, const struct options *options, struct transcript *transcript,
           struct err *err)
{
    struct deadline deadline = deadline_in(options->common.timeout_s);
    struct timespec began = clock_now();

    *result = (struct result){.failure = ERR_NONE, .cleaning = ERR_NONE};
    if (!session_global_init(err))
        return false;
    struct resolver *resolver = resolver_new(options->common.resolver, transcript, err);
    if (resolver == NULL)
        return false;
    if (mailbox_open(&result->mailbox, &options->request, resolver, transcript, deadline, &result->failure) &&
        look(result->mailbox, options->retrieval.wait_s, deadline, enough, (void *)options,
             &result->failure)) {
        result->failure = ERR_NONE;
        result->quota = mailbox_quota(result->mailbox);
        if (tidy_run(&options->retrieval.tidy, result->mailbox, &result->cleaned, &result->cleaning))
            result->cleaning = ERR_NONE;
    }
    result->total_s = clock_since(began);
    result->now = clock_wall();
    resolver_free(&resolver);
    return true;
}

void result_clear(struct result *result)
{
    if (result->mailbox != NULL)
        mailbox_close(&result->mailbox);
}
