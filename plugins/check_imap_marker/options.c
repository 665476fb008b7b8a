/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_imap_marker/check.h"

#include "common/cli/matcher_options.h"
#include "common/cli/service.h"
#include "common/cli/values.h"

static const char *const metrics[] = {"age",      "found", "total",    "connect",   "dns",        "tcp",
                                      "greeting", "ehlo",  "starttls", "tls",       "login",      "select",
                                      "search",   "fetch", "retrieve", "cert_days", "quota_used", NULL};

enum { AFTER_WAITING_S = 15 };

static void set_defaults(struct thresholds *t)
{
    threshold_default(t, "connect", "2", NULL);
    threshold_default(t, "login", "1", NULL);
    threshold_default(t, "retrieve", "3", NULL);
    threshold_default(t, "cert_days", "14:", "7:");
    threshold_default(t, "quota_used", "80", "95");
}

static bool read_max_age(struct options *o, struct err *err)
{
    char limit[64];
    double seconds;

    if (o->args.max_age_arg == NULL)
        return true;
    if (!value_duration("max-age", o->args.max_age_arg, &seconds, err))
        return false;
    o->max_age_s = seconds;
    snprintf(limit, sizeof limit, "%.6f", seconds);
    threshold_default(&o->common.thresholds, "age", NULL, limit);
    return true;
}

static bool read_rest(struct options *o, struct err *err)
{
    const struct connection_args connection = CONNECTION_ARGS(&o->args, , "");
    const struct common_args common = COMMON_ARGS(&o->args);
    const struct matcher_args matcher = MATCHER_ARGS(&o->args);
    const struct retrieval_args retrieval = RETRIEVAL_ARGS(&o->args);
    enum protocol protocol;

    if (!read_max_age(o, err) || !common_options_read(&o->common, &common, metrics, err) ||
        !retrieval_protocol(o->args.protocol_arg, &protocol, err) ||
        !matcher_options_read(&o->request.matcher, &o->marker, &matcher, err) ||
        !value_range("expect", o->args.expect_arg, &o->expect, err) ||
        !retrieval_options_read(&o->retrieval, &o->request, &retrieval, protocol, err) ||
        !connection_read(&o->endpoint, &o->store, &connection, NULL, protocol, CONNECTION_TO_HOST, err))
        return false;
    connection_store_forget(&o->store);
    o->policy.timeout = o->common.timeout_state;
    if (!o->common.timeout_given && o->retrieval.wait_s > 0)
        o->common.timeout_s = o->retrieval.wait_s + AFTER_WAITING_S;
    o->request.endpoint = &o->endpoint;
    const struct threshold *found = threshold_find(&o->common.thresholds, "found");
    o->request.count_all = o->expect.set || (found != NULL && (found->warning.set || found->critical.set));
    /* whoever names a marker names the service that it is of */
    o->retrieval.tidy.key = o->common.service == NULL && o->marker.key != 0
                                ? o->marker.key
                                : service_mailbox_key(o->common.service, args_table.check, &o->request);
    return true;
}

bool options_read(struct options *o, int argc, char **argv, struct err *err)
{
    o->common = COMMON_OPTIONS_INIT("age");
    o->policy = POLICY_DEFAULT;
    o->endpoint = ENDPOINT_INIT;
    set_defaults(&o->common.thresholds);
    bool ok = arguments_read(&args_table, &o->args, &o->call, argc, argv, err);
    o->common.output = o->call.output;
    o->store.state_dir = o->args.state_dir_arg;
    return ok && (o->call.wanted != WANTED_RUN || read_rest(o, err));
}

bool options_match(const struct options *o, const struct finding *finding)
{
    if (o->request.matcher.marker != NULL)
        return finding->kind == MESSAGE_PROBE;
    return finding->kind != MESSAGE_BOUNCE && finding->kind != MESSAGE_DELAYED;
}

void options_clear(struct options *o)
{
    endpoint_clear(&o->endpoint);
    connection_store_clear(&o->store);
    arguments_clear(&args_table, &o->args);
}
