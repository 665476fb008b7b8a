/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/cli/service.h"

enum { IDENTITY_MAX = 1024 * 1024 };

static void add_endpoint(struct buffer *identity, const struct endpoint *e)
{
    if (e != NULL)
        buffer_printf(identity, "%s\n%s\n%u\n%s\n", protocol_name(e->protocol),
                      e->host != NULL ? e->host : "", e->port,
                      e->login.username != NULL ? e->login.username : "");
}

static void add_submission(struct buffer *identity, const struct submission_request *submission)
{
    add_endpoint(identity, submission->endpoint);
    buffer_printf(identity, "mx %s\nfrom %s\n", submission->mx_domain != NULL ? submission->mx_domain : "",
                  submission->mail_from != NULL ? submission->mail_from : "");
    for (size_t i = 0; i < submission->recipient_count; i++)
        buffer_printf(identity, "to %s\n", submission->recipients[i]);
}

static void add_mailbox(struct buffer *identity, const struct mailbox_request *mailbox)
{
    add_endpoint(identity, mailbox->endpoint);
    for (size_t i = 0; i < mailbox->folder_count; i++)
        buffer_printf(identity, "folder %s\n", mailbox->folders[i]);
}

uint64_t service_route_key(const struct service_route *route)
{
    struct buffer identity = BUFFER_INIT(IDENTITY_MAX);

    buffer_printf(&identity, "%s\n", route->check);
    if (route->submission != NULL)
        add_submission(&identity, route->submission);
    for (size_t i = 0; i < route->mailbox_count; i++)
        add_mailbox(&identity, route->mailboxes[i]);
    if (route->body.len > 0)
        buffer_printf(&identity, "body %llx\n", (unsigned long long)marker_key(route->body));
    uint64_t key = marker_key(buffer_slice(&identity));
    buffer_clear(&identity);
    return key;
}

uint64_t service_key(const char *name, const struct service_route *route)
{
    return name != NULL ? marker_key(slice_from(name)) : service_route_key(route);
}

uint64_t service_mailbox_key(const char *name, const char *check, const struct mailbox_request *mailbox)
{
    const struct service_route route = {.check = check, .mailboxes = &mailbox, .mailbox_count = 1};

    return service_key(name, &route);
}
