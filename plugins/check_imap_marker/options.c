/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_imap_marker/check.h"

#include "common/cli/service.h"
#include "common/cli/values.h"

static const char *const metrics[] = {"age",      "found", "total",    "connect",   "dns",        "tcp",
                                      "greeting", "ehlo",  "starttls", "tls",       "login",      "select",
                                      "search",   "fetch", "retrieve", "cert_days", "quota_used", NULL};

enum { AFTER_WAITING_S = 15, WORD_MIN = 6 };

static void set_defaults(struct thresholds *t)
{
    threshold_default(t, "connect", "2", NULL);
    threshold_default(t, "login", "1", NULL);
    threshold_default(t, "retrieve", "3", NULL);
    threshold_default(t, "cert_days", "14:", "7:");
    threshold_default(t, "quota_used", "80", "95");
}

/* One of ours, or a word that somebody else's test puts in the same place: that one is found, but never cleaned. */
static bool read_marker(struct marker *marker, struct slice text)
{
    if (marker_parse(marker, text))
        return true;
    *marker = (struct marker){.key = 0};
    if (text.len < WORD_MIN || text.len > MARKER_LENGTH)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!ascii_is_alnum(text.data[i]))
            return false;
        marker->text[i] = ascii_lower(text.data[i]);
    }
    return true;
}

static bool read_matcher(struct options *o, struct err *err)
{
    struct matcher *matcher = &o->request.matcher;

    if (o->args.marker_arg != NULL) {
        if (!read_marker(&o->marker, slice_from(o->args.marker_arg)))
            return err_set(err, FAULT_USAGE, STAGE_NONE,
                           "--marker=%.100s: takes a marker as another plugin printed it, or another word of %d to %d "
                           "letters and digits",
                           o->args.marker_arg, WORD_MIN, MARKER_LENGTH);
        matcher->marker = &o->marker;
    }
    matcher->subject = o->args.subject_arg;
    matcher->from = o->args.match_from_arg;
    return o->args.match_header_arg == NULL ||
           value_header("match-header", o->args.match_header_arg, &matcher->header_name,
                        &matcher->header_text, err);
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
    const struct retrieval_args retrieval = RETRIEVAL_ARGS(&o->args);
    enum protocol protocol;

    if (!read_max_age(o, err) || !common_options_read(&o->common, &common, metrics, err) ||
        !retrieval_protocol(o->args.protocol_arg, &protocol, err) || !read_matcher(o, err) ||
        !value_range("expect", o->args.expect_arg, &o->expect, err) ||
        !retrieval_options_read(&o->retrieval, &o->request, &retrieval, protocol, err) ||
        !connection_read(&o->endpoint, &o->store, &connection, NULL, protocol, CONNECTION_TO_HOST, err))
        return false;
    o->policy.timeout = o->common.timeout_state;
    if (!o->common.timeout_given && o->retrieval.wait_s > 0)
        o->common.timeout_s = o->retrieval.wait_s + AFTER_WAITING_S;
    o->request.endpoint = &o->endpoint;
    const struct threshold *found = threshold_find(&o->common.thresholds, "found");
    o->request.count_all = o->expect.set || (found != NULL && (found->warning.set || found->critical.set));
    /* whoever names a marker names the service that it is of */
    o->retrieval.tidy.key = o->common.service == NULL && o->marker.key != 0
                                ? o->marker.key
                                : service_key(o->common.service, args_table.check, NULL, &o->request);
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
