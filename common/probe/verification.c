/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/probe/verification.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "common/auth/authres.h"
#include "common/auth/domain.h"
#include "common/base/text.h"
#include "common/dns/lookup_source.h"
#include "common/mail/address.h"
#include "common/mail/header.h"
#include "common/mail/received.h"

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

/* Return-Path (RFC 5321 section 4.4): written at the final delivery, on top. "<>" is an address too. */
static bool take_return_path(char *out, size_t size, struct slice header)
{
    struct header_field field;
    struct address address;

    if (!header_find(header, SLICE("Return-Path"), 0, &field))
        return false;
    struct slice rest = field.value;
    if (address_next(&rest, &address, NULL))
        snprintf(out, size, "%s@%s", address.local, address.domain);
    else if (!slice_eq(slice_trim(field.value), SLICE("<>")))
        return false;
    return true;
}

static bool missing(struct verification *v, const char *why)
{
    slice_copy(v->spf_missing, sizeof v->spf_missing, slice_from(why));
    return false;
}

static bool find_identities(struct verification *v, const struct verification_request *request,
                            struct slice header)
{
    struct hop hop;
    bool known = authres_border(&hop, header, request->border);

    if (request->client_ip != NULL)
        slice_copy(v->client_ip, sizeof v->client_ip, slice_from(request->client_ip));
    else if (known)
        slice_copy(v->client_ip, sizeof v->client_ip, slice_from(hop.address));
    if (request->helo != NULL)
        slice_copy(v->helo, sizeof v->helo, slice_from(request->helo));
    else if (known)
        slice_copy(v->helo, sizeof v->helo, slice_from(hop.from));
    if (request->mail_from != NULL)
        slice_copy(v->mail_from, sizeof v->mail_from, slice_from(request->mail_from));
    else if (!take_return_path(v->mail_from, sizeof v->mail_from, header))
        return missing(v, "no Return-Path tells the envelope sender: give --mail-from");
    if (*v->client_ip == '\0')
        return missing(v, "no Received line tells the client's address: give --client-ip or --border");
    if (request->client_ip == NULL && is_loopback(v->client_ip))
        return missing(v, "it came in from the receiver's own host: give --client-ip or --border");
    return true;
}

/* Everything that the first questions will be about, side by side. */
static void ask_ahead(const struct verification *v, const struct dkim *dkim, const struct arc *arc,
                      const struct lookup *lookup)
{
    char domain[DOMAIN_TEXT_MAX];

    if (dkim != NULL)
        dkim_prefetch(dkim, lookup);
    if (arc != NULL)
        arc_prefetch(arc, lookup);
    if (v->done.dmarc && *v->from_domain != '\0')
        dmarc_prefetch(v->from_domain, lookup);
    if (v->done.spf &&
        domain_to_ascii(domain, *v->mail_from != '\0' ? address_domain(slice_from(v->mail_from))
                                                      : slice_from(v->helo)))
        lookup_prefetch(lookup, domain, RECORD_TXT);
}

static bool read_body(struct message_source *message, struct dkim *dkim, struct arc *arc, struct err *err)
{
    struct slice piece;

    if (dkim == NULL && arc == NULL)
        return true;
    for (;;) {
        if (!message_source_next(message, &piece, err))
            return false;
        if (piece.len == 0)
            return true;
        if (dkim != NULL)
            dkim_body(dkim, piece);
        if (arc != NULL)
            arc_body(arc, piece);
    }
}

static void check_spf(struct verification *v, const struct verification_request *request,
                      struct deadline deadline, const struct lookup *lookup)
{
    const struct spf_request spf = {.client_ip = v->client_ip,
                                    .mail_from = v->mail_from,
                                    .helo = v->helo,
                                    .now = request->now,
                                    .deadline = deadline};
    spf_check(&v->spf, &spf, lookup);
}

static void add_reason(struct dmarc_view *view, const char *text)
{
    size_t length = strlen(view->reason);
    snprintf(view->reason + length, sizeof view->reason - length, " (%s)", text);
}

static void check_dmarc(struct verification *v, const struct lookup *lookup)
{
    const struct dmarc_request dmarc = {.from_domain = v->from_domain,
                                        .spf = v->done.spf ? &v->spf : NULL,
                                        .dkim = v->dkim,
                                        .dkim_count = v->dkim_count};
    dmarc_check(&v->dmarc, &dmarc, lookup);
    if (*v->from_domain == '\0')
        slice_copy(v->dmarc.walk.reason, sizeof v->dmarc.walk.reason, slice_from(v->author_problem));
    else if (v->dmarc.walk.verdict == VERDICT_FAIL && *v->spf_missing != '\0')
        add_reason(&v->dmarc.walk, v->spf_missing);
}

static bool verify_message(struct verification *v, const struct verification_request *request,
                           struct message_source *message, struct dkim *dkim, struct arc *arc,
                           struct deadline deadline, const struct lookup *lookup, struct err *err)
{
    ask_ahead(v, dkim, arc, lookup);
    if (message != NULL && !read_body(message, dkim, arc, err))
        return false;
    if (v->done.spf)
        check_spf(v, request, deadline, lookup);
    if (dkim != NULL) {
        v->dkim_found = dkim_finish(dkim, lookup, request->now, v->dkim);
        v->dkim_count = v->dkim_found < DKIM_SIGNATURES_MAX ? v->dkim_found : DKIM_SIGNATURES_MAX;
    }
    if (arc != NULL)
        arc_finish(arc, lookup, request->now, &v->arc);
    if (v->done.dmarc)
        check_dmarc(v, lookup);
    return true;
}

bool verification_run(struct verification *v, const struct verification_request *request,
                      struct message_source *message, struct resolver *resolver, struct deadline deadline,
                      struct err *err)
{
    struct slice header = message != NULL ? message->header : SLICE_EMPTY;
    struct dkim *dkim = NULL;
    struct arc *arc = NULL;
    struct lookup lookup;

    *v = (struct verification){.done = request->verify};
    resolver_lookup(resolver, deadline, &lookup);
    if (message != NULL)
        dmarc_author(header, v->from_domain, v->author_problem, sizeof v->author_problem);
    v->done.spf = v->done.spf && find_identities(v, request, header);
    if (v->done.dkim)
        dkim = dkim_new(header);
    if (v->done.arc)
        arc = arc_new(header);
    bool ok = (v->done.dkim && dkim == NULL) || (v->done.arc && arc == NULL)
                  ? err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory")
                  : verify_message(v, request, message, dkim, arc, deadline, &lookup, err);
    dkim_free(&dkim);
    arc_free(&arc);
    return ok;
}
