/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_smtp_submit/check.h"

#include "common/cli/service.h"
#include "common/cli/values.h"

static const char *const metrics[] = {"total",    "connect", "dns",       "tcp",  "greeting", "ehlo",
                                      "starttls", "tls",     "auth",      "mail", "rcpt",     "data",
                                      "accept",   "submit",  "cert_days", NULL};

static void set_defaults(struct thresholds *t)
{
    threshold_default(t, "connect", "2", NULL);
    threshold_default(t, "auth", "1", NULL);
    threshold_default(t, "submit", "3", NULL);
    threshold_default(t, "cert_days", "14:", "7:");
}

static bool read_stop(const char *text, enum stop_after *stop, struct err *err)
{
    static const char *const words[] = {"connect", "tls", "auth", "mail", "rcpt", NULL};
    int index = -1; /* one below STOP_CONNECT */

    if (!value_word("stop-after", text, words, &index, err))
        return false;
    *stop = (enum stop_after)(index + 1);
    return true;
}

static bool read_endpoint(struct options *o, struct err *err)
{
    const struct connection_args connection = CONNECTION_ARGS(&o->args, , "");

    if (o->request.sendmail != NULL) {
        const char *given = connection_given(&connection);
        return given == NULL ||
               err_set(err, FAULT_USAGE, STAGE_NONE, "--%s and --sendmail exclude each other", given);
    }
    if (!connection_read(&o->endpoint, &o->store, &connection, NULL, PROTOCOL_SMTP,
                         o->request.mx_domain != NULL ? CONNECTION_TO_MX : CONNECTION_TO_HOST, err))
        return false;
    connection_store_forget(&o->store);
    o->endpoint.helo = *o->message.helo != '\0' ? o->message.helo : NULL;
    o->request.endpoint = &o->endpoint;
    return true;
}

bool options_read(struct options *o, int argc, char **argv, struct err *err)
{
    enum stop_after stop = STOP_NEVER;

    o->common = COMMON_OPTIONS_INIT("total");
    o->policy = POLICY_DEFAULT;
    o->endpoint = ENDPOINT_INIT;
    set_defaults(&o->common.thresholds);
    bool ok = arguments_read(&args_table, &o->args, &o->call, argc, argv, err);
    o->common.output = o->call.output;
    o->store.state_dir = o->args.state_dir_arg;
    if (!ok || o->call.wanted != WANTED_RUN)
        return ok;

    const struct common_args common = COMMON_ARGS(&o->args);
    const struct message_args message = MESSAGE_ARGS(&o->args);
    if (!common_options_read(&o->common, &common, metrics, err) ||
        !read_stop(o->args.stop_after_arg, &stop, err) ||
        !value_state("greylist", o->args.greylist_arg, &o->policy.greylist, err) ||
        !message_options_read(&o->message, &o->request, &message, stop, err) || !read_endpoint(o, err))
        return false;
    o->policy.timeout = o->common.timeout_state;
    const struct service_route route = {.check = args_table.check, .submission = &o->request};
    o->key = service_key(o->common.service, &route);
    return true;
}

void options_clear(struct options *o)
{
    message_options_clear(&o->message);
    endpoint_clear(&o->endpoint);
    connection_store_clear(&o->store);
    arguments_clear(&args_table, &o->args);
}
