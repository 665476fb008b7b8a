/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_mail_roundtrip/check.h"

#include <stdlib.h>

#include "common/cli/service.h"
#include "common/cli/values.h"
#include "plugins/check_mail_roundtrip/targets.h"

static const char *const metrics[] = {
    "total",         "delivery",    "submit",        "retrieve",      "cert_days",
    "smtp_connect",  "smtp_dns",    "smtp_tcp",      "smtp_greeting", "smtp_ehlo",
    "smtp_starttls", "smtp_tls",    "smtp_auth",     "smtp_mail",     "smtp_rcpt",
    "smtp_data",     "smtp_accept", "imap_connect",  "imap_dns",      "imap_tcp",
    "imap_greeting", "imap_ehlo",   "imap_starttls", "imap_tls",      "imap_login",
    "imap_select",   "imap_search", "imap_fetch",    "quota_used",    "placed",
    "found",         "in_flight",   "in_flight_age", "loss",          "p50",
    "p95",           "p99",         "baseline",      "spf_lookups",   "spf_void",
    "dkim_bits",     "spf_pass",    "dkim_pass",     "dmarc_pass",    NULL};

/* What only earlier runs can tell. */
static const char *const past_metrics[] = {"loss", "p50", "p95", "p99", "baseline"};

enum { WAIT_DEFAULT_S = 300, AFTER_WAITING_S = 15, DEFERRED_TIMEOUT_S = 9 };

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
    threshold_default(t, "quota_used", "80", "95");
    threshold_default(t, "placed", "95:", "90:");
}

static bool read_smtp(struct options *o, struct err *err)
{
    const struct connection_args own = CONNECTION_ARGS(&o->args, smtp_, "smtp-");
    const struct connection_args shared = CONNECTION_ARGS(&o->args, , "");

    if (o->submission.sendmail != NULL) {
        const char *given = connection_given(&own);
        return given == NULL ||
               err_set(err, FAULT_USAGE, STAGE_NONE, "--smtp-%s and --sendmail exclude each other", given);
    }
    if (!connection_read(&o->smtp, &o->store, &own, &shared, PROTOCOL_SMTP,
                         o->submission.mx_domain != NULL ? CONNECTION_TO_MX : CONNECTION_TO_HOST, err))
        return false;
    o->smtp.helo = *o->message.helo != '\0' ? o->message.helo : NULL;
    o->submission.endpoint = &o->smtp;
    return true;
}

/* One port for two protocols is a slip: "--port=993" would also be where mail is handed in. */
static bool check_ports(const struct options *o, struct err *err)
{
    return o->args.port_arg == NULL || o->args.smtp_port_arg != NULL || o->args.imap_port_arg != NULL ||
           o->submission.sendmail != NULL || o->seed_list ||
           err_set(err, FAULT_USAGE, STAGE_NONE,
                   "--port=%.20s would be the port of both servers: give --smtp-port and --imap-port",
                   o->args.port_arg);
}

static bool read_message(struct options *o, struct err *err)
{
    struct message_args message = MESSAGE_ARGS(&o->args);

    if (o->seed_list) {
        message.to = o->recipient;
        message.to_count = (unsigned)o->target_count;
    }
    bool ok = message_options_read(&o->message, &o->submission, &message, STOP_NEVER, err);
    /* else each recipient takes the time to the server and back */
    o->submission.pipelining = o->target_count > 1;
    return ok;
}

/* ---- probes in flight, history ---- */

static bool needs_deferred(const struct options *o, const char *option, const char *value, struct err *err)
{
    return value == NULL || o->deferred ||
           err_set(err, FAULT_USAGE, STAGE_NONE, "--%s is of no use without --deferred", option);
}

static bool read_flight(struct options *o, struct err *err)
{
    const struct args *a = &o->args;

    o->deferred = a->deferred_given > 0;
    o->history = a->history_given > 0;
    o->flight = (struct flight_policy){.submit_every_s = 240, .lost_s = 1800};
    o->greylist_grace_s = 900;
    o->window_s = 86400;
    if (o->deferred && a->wait_arg != NULL)
        return err_set(err, FAULT_USAGE, STAGE_NONE,
                       "--wait and --deferred exclude each other: a deferred run never waits");
    return needs_deferred(o, "submit-every", a->submit_every_arg, err) &&
           needs_deferred(o, "greylist-grace", a->greylist_grace_arg, err) &&
           value_duration("submit-every", a->submit_every_arg, &o->flight.submit_every_s, err) &&
           value_duration("lost", a->lost_arg, &o->flight.lost_s, err) &&
           value_duration("greylist-grace", a->greylist_grace_arg, &o->greylist_grace_s, err) &&
           value_duration("window", a->window_arg, &o->window_s, err) &&
           (o->flight.lost_s > 0 ||
            err_set(err, FAULT_USAGE, STAGE_NONE, "--lost takes a time above 0, such as 30m")) &&
           (o->window_s > 0 ||
            err_set(err, FAULT_USAGE, STAGE_NONE, "--window takes a time above 0, such as 24h"));
}

static void set_timeout(struct options *o)
{
    if (!o->common.timeout_given)
        o->common.timeout_s = o->deferred ? DEFERRED_TIMEOUT_S : o->wait_s + AFTER_WAITING_S;
}

static void find_history_thresholds(struct options *o)
{
    for (size_t i = 0; i < sizeof past_metrics / sizeof *past_metrics; i++) {
        const struct threshold *t = threshold_find(&o->common.thresholds, past_metrics[i]);
        if (t != NULL && (!range_off(&t->warning) || !range_off(&t->critical)))
            o->history_needed = true;
    }
}

/* ---- who this is ---- */

static void set_keys(struct options *o)
{
    const struct mailbox_request *mailboxes[TARGETS_MAX];
    struct service_route route = {.check = args_table.check,
                                  .submission = &o->submission,
                                  .mailboxes = mailboxes,
                                  .mailbox_count = o->target_count,
                                  .body = o->message.compose.body};

    for (size_t i = 0; i < o->target_count; i++)
        mailboxes[i] = &o->target[i].request;
    o->route = service_route_key(&route);
    o->key = service_key(o->common.service, &route);
    for (size_t i = 0; i < o->target_count; i++)
        o->target[i].retrieval.tidy.key = o->key;
}

static bool read_rest(struct options *o, struct err *err)
{
    const struct common_args common = COMMON_ARGS(&o->args);
    const struct authentication_args authentication = AUTHENTICATION_ARGS(&o->args);

    if (!common_options_read(&o->common, &common, metrics, err) || !read_flight(o, err) ||
        !value_state("greylist", o->args.greylist_arg, &o->policy.greylist, err) ||
        !authentication_options_read(&o->authentication, &authentication, err) || !targets_read(o, err) ||
        !read_message(o, err) || !check_ports(o, err) || !read_smtp(o, err))
        return false;
    connection_store_forget(&o->store);
    o->policy.timeout = o->common.timeout_state;
    set_timeout(o);
    find_history_thresholds(o);
    set_keys(o);
    return true;
}

bool options_read(struct options *o, int argc, char **argv, struct err *err)
{
    o->common = COMMON_OPTIONS_INIT("total");
    o->policy = POLICY_DEFAULT;
    o->smtp = ENDPOINT_INIT;
    o->wait_s = WAIT_DEFAULT_S;
    o->authentication.policy = AUTHENTICATION_POLICY_DEFAULT;
    set_defaults(&o->common.thresholds);
    bool ok = arguments_read(&args_table, &o->args, &o->call, argc, argv, err);
    o->common.output = o->call.output;
    o->store.state_dir = o->args.state_dir_arg;
    return ok && (o->call.wanted != WANTED_RUN || read_rest(o, err));
}

void options_clear(struct options *o)
{
    message_options_clear(&o->message);
    targets_clear(o);
    endpoint_clear(&o->smtp);
    connection_store_clear(&o->store);
    arguments_clear(&args_table, &o->args);
}
