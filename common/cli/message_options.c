/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/cli/message_options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cli/hostname.h"
#include "common/cli/values.h"
#include "common/mail/address.h"

enum { BODY_MAX = 32 * 1024 * 1024 };
#define DEFAULT_SENDMAIL "/usr/sbin/sendmail"

static bool usage(struct err *err, const char *text, const char *option, const char *value)
{
    return err_set(err, FAULT_USAGE, STAGE_NONE, "--%s=%.100s: %s", option, value, text);
}

/* The one address in the text of a header, as an envelope has it: the domain as A-labels, so that a server
 * needs no SMTPUTF8 for it (RFC 6531 wants that for the local part alone). */
static char *envelope_address(const char *option, const char *text, struct err *err)
{
    struct slice rest = slice_from(text);
    struct address address, second;
    char domain[DOMAIN_MAX];
    char *out;
    size_t broken = 0;

    if (!address_next(&rest, &address, &broken) || address_next(&rest, &second, &broken) || broken > 0) {
        usage(err, "takes one address, local@domain", option, text);
        return NULL;
    }
    if (*address.domain == '[')
        memcpy(domain, address.domain, sizeof domain);
    else if (!resolver_to_ascii(address.domain, domain, err)) {
        usage(err, "the part behind the @ is no domain", option, text);
        return NULL;
    }
    if (asprintf(&out, "%s@%s", address.local, domain) < 0) {
        err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
        return NULL;
    }
    if (address_is_addr_spec(slice_from(out)))
        return out;
    free(out);
    usage(err, "takes an address that can stand in an envelope, local@domain", option, text);
    return NULL;
}

static bool read_sender(struct message_options *m, const struct message_args *args, bool needed,
                        struct err *err)
{
    if (args->mail_from != NULL && *args->mail_from == '\0')
        m->envelope[0] = strdup("");
    else if (args->mail_from != NULL)
        m->envelope[0] = envelope_address("mail-from", args->mail_from, err);
    else if (args->from != NULL)
        m->envelope[0] = envelope_address("from", args->from, err);
    else if (needed)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "--from=ADDRESS is needed: the sender of the message");
    else
        return true;
    return m->envelope[0] != NULL;
}

static bool read_recipients(struct message_options *m, const struct message_args *args, bool needed,
                            struct err *err)
{
    if (args->to_count == 0 && needed)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "--to=ADDRESS is needed: the recipient of the message");
    if (args->to_count > RECIPIENTS_MAX)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "--to is given %u times: at most %d recipients",
                       args->to_count, RECIPIENTS_MAX);
    for (; m->recipient_count < args->to_count; m->recipient_count++) {
        char *address = envelope_address("to", args->to[m->recipient_count], err);
        if (address == NULL)
            return false;
        m->envelope[1 + m->recipient_count] = address;
    }
    return true;
}

static bool read_body(struct message_options *m, const char *path, struct err *err)
{
    char block[16 * 1024];
    ssize_t n = 0;
    bool fits = true;

    if (path == NULL)
        return true;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "--body-file=%.200s: %s", path, strerror(errno));
    while (fits && (n = read(fd, block, sizeof block)) > 0)
        fits = buffer_append(&m->body, slice_of(block, (size_t)n));
    int failure = errno;
    close(fd);
    if (!fits)
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "--body-file=%.200s: longer than %d bytes", path,
                       BODY_MAX);
    if (n < 0)
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "--body-file=%.200s: %s", path, strerror(failure));
    m->compose.body = buffer_slice(&m->body);
    return true;
}

/* The name for EHLO: what was given, this host's full name, else the sender's domain. */
static bool read_helo(struct message_options *m, const char *helo, struct err *err)
{
    char host[DOMAIN_MAX] = "";
    struct slice domain = m->envelope[0] == NULL ? SLICE_EMPTY : address_domain(slice_from(m->envelope[0]));

    if (helo != NULL) {
        if (*helo == '[' ? !resolver_is_literal(helo, NULL) : !host_parse(slice_from(helo), host))
            return usage(err, "takes a host name, or an address in brackets", "helo", helo);
        slice_copy(m->helo, sizeof m->helo, slice_from(helo));
        return true;
    }
    gethostname(host, sizeof host - 1);
    if (strchr(host, '.') != NULL || domain.len == 0 || *domain.data == '[')
        *m->helo = '\0'; /* the session's own default: the host's name, or an address literal */
    else
        slice_copy(m->helo, sizeof m->helo, domain);
    return true;
}

static bool read_way(struct message_options *m, struct submission_request *request,
                     const struct message_args *args, struct err *err)
{
    if (args->mx != NULL && args->sendmail_given)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "--mx and --sendmail exclude each other");
    if (args->mx != NULL) {
        if (!resolver_to_ascii(args->mx, m->mx, err))
            return usage(err, "takes a domain", "mx", args->mx);
        request->mx_domain = m->mx;
    }
    if (args->sendmail_given)
        request->sendmail = args->sendmail != NULL ? args->sendmail : DEFAULT_SENDMAIL;
    request->pipelining = args->pipelining;
    return value_duration("retry", args->retry, &request->retry_s, err);
}

bool message_options_read(struct message_options *m, struct submission_request *request,
                          const struct message_args *args, enum stop_after stop_after, struct err *err)
{
    bool sends = stop_after == STOP_NEVER;

    *m = (struct message_options){.body = BUFFER_INIT(BODY_MAX)};
    *request = (struct submission_request){.stop_after = stop_after};
    if (!read_sender(m, args, sends || stop_after >= STOP_MAIL, err) ||
        !read_recipients(m, args, sends || stop_after >= STOP_RCPT, err) ||
        !read_body(m, args->body_file, err) || !read_helo(m, args->helo, err) ||
        !read_way(m, request, args, err))
        return false;
    if (sends && args->from == NULL)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "--from=ADDRESS is needed: the sender of the message");
    if (request->sendmail != NULL && !sends)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "--stop-after and --sendmail exclude each other");

    struct slice domain = args->from == NULL ? SLICE_EMPTY : address_domain(slice_from(m->envelope[0]));
    m->compose.from = args->from;
    m->compose.to = (const char *const *)args->to;
    m->compose.to_count = args->to_count;
    m->compose.subject = args->subject;
    m->compose.headers = (const char *const *)args->header;
    m->compose.header_count = args->header_count;
    m->compose.message_id_domain =
        domain.len > 0 && *domain.data != '[' ? domain.data : "localhost.localdomain";
    request->mail_from = m->envelope[0];
    request->recipients = (const char *const *)m->envelope + 1;
    request->recipient_count = m->recipient_count;
    return true;
}

void message_options_clear(struct message_options *m)
{
    for (size_t i = 0; i < sizeof m->envelope / sizeof *m->envelope; i++)
        free(m->envelope[i]);
    buffer_clear(&m->body);
}
