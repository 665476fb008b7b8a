/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_mail_roundtrip/check.h"

#include "common/cli/service.h"
#include "common/cli/values.h"

static const char *const metrics[] = {
    "total",         "delivery",    "submit",        "retrieve",      "cert_days",
    "smtp_connect",  "smtp_dns",    "smtp_tcp",      "smtp_greeting", "smtp_ehlo",
    "smtp_starttls", "smtp_tls",    "smtp_auth",     "smtp_mail",     "smtp_rcpt",
    "smtp_data",     "smtp_accept", "imap_connect",  "imap_dns",      "imap_tcp",
    "imap_greeting", "imap_ehlo",   "imap_starttls", "imap_tls",      "imap_login",
    "imap_select",   "imap_search", "imap_fetch",    "spf_lookups",   "spf_void",
    "dkim_bits",     "spf_pass",    "dkim_pass",     "dmarc_pass",    NULL};

enum { WAIT_DEFAULT_S = 300, AFTER_WAITING_S = 15 };

static void set_defaults(struct thresholds *t)
{
    threshold_default(t, "total", "60", "300");
    threshold_default(t, "smtp_connect", "2", NULL);
    threshold_default(t, "imap_connect", "2", NULL);
    threshold_default(t, "smtp_auth", "1", NULL);
    threshold_default(t, "imap_login", "1", NULL);
    threshold_default(t, "submit", "3", NULL);
    threshold_default(t, "retrieve", "3", NULL);
    threshold_default(t, "cert_days", "14:", "7:");
}

static bool read_smtp(struct options *o, const struct connection_args *shared, struct err *err)
{
    const struct connection_args own = CONNECTION_ARGS(&o->args, smtp_, "smtp-");

    if (o->submission.sendmail != NULL) {
        const char *given = connection_given(&own);
        return given == NULL ||
               err_set(err, FAULT_USAGE, STAGE_NONE, "--smtp-%s and --sendmail exclude each other", given);
    }
    if (!connection_read(&o->smtp, &o->store, &own, shared, PROTOCOL_SMTP,
                         o->submission.mx_domain != NULL ? CONNECTION_TO_MX : CONNECTION_TO_HOST, err))
        return false;
    o->smtp.helo = *o->message.helo != '\0' ? o->message.helo : NULL;
    o->submission.endpoint = &o->smtp;
    return true;
}

static bool read_imap(struct options *o, const struct connection_args *shared, enum protocol protocol,
                      struct err *err)
{
    const struct connection_args own = CONNECTION_ARGS(&o->args, imap_, "imap-");

    if (!connection_read(&o->imap, &o->store, &own, shared, protocol, CONNECTION_TO_HOST, err))
        return false;
    o->mailbox.endpoint = &o->imap;
    o->mailbox.only_new = true;
    return true;
}

/* One port for two protocols is a slip: "--port=993" would also be where mail is handed in. */
static bool check_ports(const struct options *o, struct err *err)
{
    return o->args.port_arg == NULL || o->args.smtp_port_arg != NULL || o->args.imap_port_arg != NULL ||
           o->submission.sendmail != NULL ||
           err_set(err, FAULT_USAGE, STAGE_NONE,
                   "--port=%.20s would be the port of both servers: give --smtp-port and --imap-port",
                   o->args.port_arg);
}

static bool read_rest(struct options *o, struct err *err)
{
    const struct connection_args shared = CONNECTION_ARGS(&o->args, , "");
    const struct common_args common = COMMON_ARGS(&o->args);
    const struct message_args message = MESSAGE_ARGS(&o->args);
    const struct authentication_args authentication = AUTHENTICATION_ARGS(&o->args);
    const struct retrieval_args retrieval = RETRIEVAL_ARGS(&o->args);
    enum protocol protocol;

    if (!common_options_read(&o->common, &common, metrics, err) ||
        !retrieval_protocol(o->args.imap_protocol_arg != NULL ? o->args.imap_protocol_arg
                                                              : o->args.protocol_arg,
                            &protocol, err) ||
        !value_state("greylist", o->args.greylist_arg, &o->policy.greylist, err) ||
        !authentication_options_read(&o->authentication, &authentication, err) ||
        !message_options_read(&o->message, &o->submission, &message, STOP_NEVER, err) ||
        !check_ports(o, err) ||
        !retrieval_options_read(&o->retrieval, &o->mailbox, &retrieval, protocol, err) ||
        !read_smtp(o, &shared, err) || !read_imap(o, &shared, protocol, err))
        return false;
    o->policy.timeout = o->common.timeout_state;
    if (!o->common.timeout_given)
        o->common.timeout_s = o->retrieval.wait_s + AFTER_WAITING_S;
    o->key = service_key(o->common.service, args_table.check, &o->submission, &o->mailbox);
    o->retrieval.tidy.key = o->key;
    return true;
}

bool options_read(struct options *o, int argc, char **argv, struct err *err)
{
    o->common = COMMON_OPTIONS_INIT("total");
    o->policy = POLICY_DEFAULT;
    o->smtp = o->imap = ENDPOINT_INIT;
    o->retrieval.wait_s = WAIT_DEFAULT_S;
    o->authentication.policy = AUTHENTICATION_POLICY_DEFAULT;
    set_defaults(&o->common.thresholds);
    bool ok = arguments_read(&args_table, &o->args, &o->call, argc, argv, err);
    o->common.output = o->call.output;
    return ok && (o->call.wanted != WANTED_RUN || read_rest(o, err));
}

void options_clear(struct options *o)
{
    message_options_clear(&o->message);
    endpoint_clear(&o->smtp);
    endpoint_clear(&o->imap);
    connection_store_clear(&o->store);
    arguments_clear(&args_table, &o->args);
}
