/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/cli/service.h"

enum { IDENTITY_MAX = 64 * 1024 };

static void add_endpoint(struct buffer *identity, const struct endpoint *e)
{
    if (e != NULL)
        buffer_printf(identity, "%s\n%s\n%u\n%s\n", protocol_name(e->protocol),
                      e->host != NULL ? e->host : "", e->port,
                      e->login.username != NULL ? e->login.username : "");
}

uint64_t service_key(const char *name, const char *check, const struct submission_request *submission,
                     const struct mailbox_request *mailbox)
{
    struct buffer identity = BUFFER_INIT(IDENTITY_MAX);

    if (name != NULL)
        return marker_key(slice_from(name));
    buffer_printf(&identity, "%s\n", check);
    if (submission != NULL) {
        add_endpoint(&identity, submission->endpoint);
        buffer_printf(&identity, "mx %s\nfrom %s\n",
                      submission->mx_domain != NULL ? submission->mx_domain : "",
                      submission->mail_from != NULL ? submission->mail_from : "");
        for (size_t i = 0; i < submission->recipient_count; i++)
            buffer_printf(&identity, "to %s\n", submission->recipients[i]);
    }
    if (mailbox != NULL) {
        add_endpoint(&identity, mailbox->endpoint);
        for (size_t i = 0; i < mailbox->folder_count; i++)
            buffer_printf(&identity, "folder %s\n", mailbox->folders[i]);
    }
    uint64_t key = marker_key(buffer_slice(&identity));
    buffer_clear(&identity);
    return key;
}
