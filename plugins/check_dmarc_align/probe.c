/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_dmarc_align/check.h"

#include "common/base/clock.h"
#include "common/cli/look.h"

enum { MESSAGE_MAX = 64 * 1024 * 1024 }; /* of one that is fetched from a mailbox */

static bool is_match(const struct finding *finding)
{
    return finding->kind != MESSAGE_BOUNCE && finding->kind != MESSAGE_DELAYED;
}

static double now(const struct options *options)
{
    time_t given = options->authentication.verification.now;
    return given != 0 ? (double)given : clock_wall();
}

static const struct finding *find_newest(const struct mailbox *mailbox)
{
    for (size_t i = 0; i < mailbox_finding_count(mailbox); i++)
        if (is_match(mailbox_finding(mailbox, i)))
            return mailbox_finding(mailbox, i);
    return NULL;
}

static double age_of(const struct finding *finding, const struct options *options)
{
    double age;

    if (!finding->date_known)
        return -1;
    age = now(options) - (double)finding->internal_date;
    return age > 0 ? age : 0;
}

static bool is_outdated(double age_s, const struct options *options)
{
    return options->max_age_s > 0 && age_s > options->max_age_s;
}

bool result_outdated(const struct result *result, const struct options *options)
{
    return result->finding != NULL && is_outdated(result->age_s, options);
}

static bool enough(const struct mailbox *mailbox, void *context)
{
    const struct options *options = context;
    const struct finding *newest = find_newest(mailbox);

    return newest != NULL && !is_outdated(age_of(newest, options), options);
}

/* A DNS that stays silent must leave the time to say so. */
static struct deadline answers_by(struct deadline deadline)
{
    double left = deadline_left(deadline), kept = left / 10;
    return deadline_in(left - (kept < CLOSING_S ? kept : CLOSING_S));
}

static bool verify(struct result *result, const struct options *options, struct message_source *message,
                   struct resolver *resolver, struct deadline deadline, struct err *err)
{
    struct verification_request request = options->authentication.verification;

    request.now = (time_t)now(options);
    if (!authentication_verifies(&options->authentication))
        return true;
    result->verified =
        verification_run(&result->verification, &request, message, resolver, answers_by(deadline), err);
    return result->verified;
}

static bool keep_header(struct result *result, struct slice header, struct err *err)
{
    return buffer_append(&result->header, header) ||
           err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
}

static bool probe_file(struct result *result, const struct options *options, struct resolver *resolver,
                       struct deadline deadline, struct err *err)
{
    struct message_source source;

    bool ok = message_source_open(&source, options->args.message_arg, deadline, err) &&
              keep_header(result, source.header, err) &&
              verify(result, options, &source, resolver, deadline, err);
    message_source_close(&source);
    return ok;
}

/* The whole message, where its body is needed. */
static bool read_found(struct result *result, const struct options *options, struct resolver *resolver,
                       struct deadline deadline, struct err *err)
{
    const struct verify *wanted = &options->authentication.verification.verify;
    struct buffer message = BUFFER_INIT(MESSAGE_MAX);
    struct message_source source;
    bool whole = wanted->dkim || wanted->arc, ok = true;

    if (whole && result->finding->size > MESSAGE_MAX)
        return err_set(err, FAULT_MESSAGE_TOO_BIG, STAGE_FETCH,
                       "the message has %llu bytes: more than %d MiB are not fetched for verification",
                       result->finding->size, MESSAGE_MAX / (1024 * 1024));
    if (whole)
        ok = mailbox_fetch(result->mailbox, result->finding, &message, err);
    message_source_memory(&source, buffer_slice(whole ? &message : &result->finding->headers));
    ok = ok && keep_header(result, source.header, err) &&
         verify(result, options, &source, resolver, deadline, err);
    message_source_close(&source);
    buffer_clear(&message);
    return ok;
}

static void probe_mailbox(struct result *result, const struct options *options, struct resolver *resolver,
                          struct transcript *transcript, struct deadline deadline)
{
    struct err *err = &result->failure;

    if (!mailbox_open(&result->mailbox, &options->request, resolver, transcript, deadline, err) ||
        !look(result->mailbox, options->retrieval.wait_s, deadline, enough, (void *)options, err))
        return;
    result->finding = find_newest(result->mailbox);
    if (result->finding != NULL)
        result->age_s = age_of(result->finding, options);
    if (result->finding != NULL && !result_outdated(result, options) &&
        !read_found(result, options, resolver, deadline, err))
        return;
    *err = ERR_NONE;
    if (tidy_run(&options->retrieval.tidy, result->mailbox, &result->cleaned, &result->cleaning))
        result->cleaning = ERR_NONE;
}

bool probe(struct result *result, const struct options *options, struct transcript *transcript,
           struct err *err)
{
    struct deadline deadline = deadline_in(options->common.timeout_s);
    struct timespec began = clock_now();
    bool ok = true;

    *result = (struct result){
        .failure = ERR_NONE, .cleaning = ERR_NONE, .age_s = -1, .header = BUFFER_INIT(MESSAGE_MAX)};
    if (options->input == INPUT_MAILBOX && !session_global_init(err))
        return false;
    struct resolver *resolver = resolver_new(options->common.resolver, transcript, err);
    if (resolver == NULL)
        return false;
    switch (options->input) {
    case INPUT_FILE:
        ok = probe_file(result, options, resolver, deadline, err);
        break;
    case INPUT_MAILBOX:
        probe_mailbox(result, options, resolver, transcript, deadline);
        break;
    case INPUT_IDENTITIES:
        ok = verify(result, options, NULL, resolver, deadline, err);
        break;
    }
    result->total_s = clock_since(began);
    resolver_free(&resolver);
    return ok;
}

void result_clear(struct result *result)
{
    if (result->mailbox != NULL)
        mailbox_close(&result->mailbox);
    buffer_clear(&result->header);
}
