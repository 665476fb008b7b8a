/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_mail_roundtrip/check.h"

#include "common/base/clock.h"
#include "common/mail/header.h"

enum {
    CLOSING_S = 1,              /* kept of the deadline for reading the message, cleaning and a polite end */
    VERIFYING_S = 10,           /* for the DNS of SPF, DKIM and DMARC: who does not answer by then will not */
    BODY_MAX = 4 * 1024 * 1024, /* of the message that is read back */
};

static bool decided(const struct mailbox *mailbox, void *context)
{
    (void)context;
    for (size_t i = 0; i < mailbox_finding_count(mailbox); i++) {
        enum message_kind kind = mailbox_finding(mailbox, i)->kind;
        if (kind == MESSAGE_PROBE || kind == MESSAGE_BOUNCE)
            return true;
    }
    return false;
}

static void note_findings(struct result *result)
{
    result->copies = 0;
    for (size_t i = 0; i < mailbox_finding_count(result->mailbox); i++) {
        const struct finding *finding = mailbox_finding(result->mailbox, i);
        if (finding->kind == MESSAGE_PROBE) {
            result->copies++;
            result->landed = finding; /* newest first: the last one seen here came first */
        } else if (finding->kind == MESSAGE_BOUNCE) {
            result->bounce = finding;
        }
    }
}

static bool verify(struct result *result, const struct options *options, struct slice message,
                   struct resolver *resolver, struct deadline deadline, struct err *err)
{
    struct verification_request request = options->authentication.verification;
    double left = deadline_left(deadline) - CLOSING_S;
    struct deadline soon = deadline_in(left < VERIFYING_S ? left : VERIFYING_S);
    struct message_source source;

    if (!authentication_verifies(&options->authentication))
        return true;
    if (request.now == 0)
        request.now = time(NULL);
    message_source_memory(&source, message);
    result->verified = verification_run(&result->verification, &request, &source, resolver, soon, err);
    message_source_close(&source);
    return result->verified;
}

/* What came back, against what was sent. */
static bool read_back(struct result *result, const struct options *options, struct resolver *resolver,
                      struct deadline deadline, struct err *err)
{
    struct buffer message = BUFFER_INIT(BODY_MAX);
    struct header_field field;

    result->marker_stripped =
        !header_find(buffer_slice(&result->landed->headers), SLICE("X-Mailproof-Marker"), 0, &field);
    bool ok = mailbox_fetch(result->mailbox, result->landed, &message, err);
    if (ok) {
        result->body_read = true;
        result->intact = compose_intact(buffer_slice(&message), &result->composed, &result->altered_how);
        ok = verify(result, options, buffer_slice(&message), resolver, deadline, err);
    }
    buffer_clear(&message);
    return ok;
}

static void await(struct result *result, const struct options *options, struct resolver *resolver,
                  struct deadline deadline)
{
    double left = deadline_left(deadline) - CLOSING_S;
    double wait = options->retrieval.wait_s < left ? options->retrieval.wait_s : left;
    struct err *err = &result->imap_failure;

    bool ok = mailbox_wait(result->mailbox, wait > 0 ? wait : 0, decided, NULL, err);
    note_findings(result);
    result->delivery_s = clock_since(result->submission.ended_at);
    result->total_s = clock_since(result->submission.began);
    if (ok)
        *err = ERR_NONE;
    if (result->landed == NULL) {
        if (result->bounce != NULL)
            result->outcome = OUTCOME_BOUNCED;
        return;
    }
    result->outcome = OUTCOME_LANDED;
    result->delivery_s = clock_between(result->submission.ended_at, result->landed->noticed);
    result->total_s = clock_between(result->submission.began, result->landed->noticed);
    /* a second copy, or one in another folder, comes close behind the first if at all */
    ok = ok && mailbox_look(result->mailbox, err);
    if (ok)
        note_findings(result);
    if (ok && read_back(result, options, resolver, deadline, err))
        *err = ERR_NONE;
}

static void round_trip(struct result *result, const struct options *options, struct resolver *resolver,
                       struct transcript *transcript)
{
    struct deadline deadline = deadline_in(options->common.timeout_s);
    struct submission_request submission = options->submission;
    struct mailbox_request mailbox = options->mailbox;

    submission.message = buffer_slice(&result->composed.message);
    mailbox.matcher.marker = &result->marker;
    /* the mailbox first: then its UIDNEXT is the border, and the waiting sees the message arrive */
    if (!mailbox_open(&result->mailbox, &mailbox, resolver, transcript, deadline, &result->imap_failure))
        return;
    result->imap_failure = ERR_NONE;
    if (submission_run(&result->submission, &submission, resolver, transcript, deadline,
                       &result->smtp_failure)) {
        result->smtp_failure = ERR_NONE; /* what went wrong before a retry is in the submission */
    } else if (!result->submission.accepted) {
        result->outcome = result->submission.uncertain ? OUTCOME_UNCERTAIN : OUTCOME_NOT_SENT;
        return;
    }
    result->outcome = OUTCOME_WAITED;
    await(result, options, resolver, deadline);
    if (result->imap_failure.kind == FAULT_NONE &&
        tidy_run(&options->retrieval.tidy, result->mailbox, &result->cleaned, &result->cleaning))
        result->cleaning = ERR_NONE;
}

bool probe(struct result *result, const struct options *options, struct transcript *transcript,
           struct err *err)
{
    if (!session_global_init(err) ||
        !marked_compose(&result->composed, &result->marker, &options->message.compose, options->key, err))
        return false;
    struct resolver *resolver = resolver_new(options->common.resolver, transcript, err);
    if (resolver == NULL)
        return false;
    round_trip(result, options, resolver, transcript);
    resolver_free(&resolver);
    return true;
}

void result_clear(struct result *result)
{
    if (result->mailbox != NULL)
        mailbox_close(&result->mailbox);
    composed_clear(&result->composed);
}
