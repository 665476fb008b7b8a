/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugins/check_dmarc_align/check.h"

#include <string.h>

#include "common/cli/matcher_options.h"
#include "common/cli/service.h"
#include "common/cli/values.h"
#include "common/mail/address.h"

static const char *const metrics[] = {
    "total",    "spf_lookups", "spf_void", "dkim_bits", "spf_pass",  "dkim_pass", "dmarc_pass", "age",
    "connect",  "dns",         "tcp",      "greeting",  "ehlo",      "starttls",  "tls",        "login",
    "retrieve", "select",      "search",   "fetch",     "cert_days", NULL};

enum { AFTER_WAITING_S = 15 };

static void set_defaults(struct thresholds *t)
{
    threshold_default(t, "spf_lookups", "8", "10");
    threshold_default(t, "connect", "2", NULL);
    threshold_default(t, "login", "1", NULL);
    threshold_default(t, "retrieve", "3", NULL);
    threshold_default(t, "cert_days", "14:", "7:");
}

static bool find_input(struct options *o, struct err *err)
{
    const struct connection_args connection = CONNECTION_ARGS(&o->args, , "");
    const char *of_server = connection_given(&connection);

    if (o->args.message_arg != NULL && of_server != NULL)
        return err_set(err, FAULT_USAGE, STAGE_NONE,
                       "--message and --%s: the message comes from a file or from a mailbox", of_server);
    if (o->args.message_arg != NULL)
        o->input = INPUT_FILE;
    else if (of_server != NULL)
        o->input = INPUT_MAILBOX;
    else if (o->args.client_ip_arg != NULL)
        o->input = INPUT_IDENTITIES;
    else
        return err_set(
            err, FAULT_USAGE, STAGE_NONE,
            "nothing to look at: give --message=FILE, or -H HOST for a mailbox, or --client-ip with "
            "--mail-from for SPF alone");
    return true;
}

static bool read_identities(struct options *o, struct err *err)
{
    struct verification_request *request = &o->authentication.verification;
    const char *ip = o->args.client_ip_arg, *from = o->args.mail_from_arg;

    if (ip != NULL && !resolver_is_literal(ip, NULL))
        return err_set(err, FAULT_USAGE, STAGE_NONE, "--client-ip=%.100s: takes an IPv4 or IPv6 address", ip);
    if (from != NULL && *from != '\0' && strcmp(from, "<>") != 0 && !address_is_addr_spec(slice_from(from)))
        return err_set(err, FAULT_USAGE, STAGE_NONE,
                       "--mail-from=%.100s: takes an address, or nothing for the null sender", from);
    request->client_ip = ip;
    request->mail_from = from != NULL && strcmp(from, "<>") == 0 ? "" : from;
    request->helo = o->args.helo_arg;
    return true;
}

/* Without a message there is but SPF. */
static bool check_identities(struct options *o, struct err *err)
{
    struct verification_request *request = &o->authentication.verification;
    const struct requirement *require = &o->authentication.policy.require;

    if (o->input != INPUT_IDENTITIES)
        return true;
    if (request->mail_from == NULL && request->helo == NULL)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "--client-ip alone: give --mail-from or --helo as well");
    if (request->mail_from == NULL)
        request->mail_from = "";
    if (*request->mail_from == '\0' && request->helo == NULL)
        return err_set(err, FAULT_USAGE, STAGE_NONE,
                       "--mail-from is empty: give --helo, whose name SPF then asks");
    if (require->dkim || require->dmarc || require->arc || require->spf_aligned || require->dkim_aligned)
        return err_set(err, FAULT_USAGE, STAGE_NONE,
                       "--require=%.100s: without a message only spf can be required", o->args.require_arg);
    if (!request->verify.spf)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "--verify: without a message spf is all that there is");
    request->verify = (struct verify){.spf = true};
    return true;
}

static bool read_authentication(struct options *o, struct err *err)
{
    const struct authentication_args args = AUTHENTICATION_ARGS(&o->args);
    struct authentication_options *a = &o->authentication;

    a->policy = AUTHENTICATION_POLICY_DEFAULT;
    a->policy.require.dmarc = o->input != INPUT_IDENTITIES;
    a->policy.require.spf = o->input == INPUT_IDENTITIES;
    a->verification.verify = (struct verify){true, true, true, true};
    return authentication_options_read(a, &args, err) && read_identities(o, err) && check_identities(o, err);
}

static bool read_mailbox(struct options *o, struct err *err)
{
    const struct connection_args connection = CONNECTION_ARGS(&o->args, , "");
    const struct matcher_args matcher = MATCHER_ARGS(&o->args);
    const struct retrieval_args retrieval = RETRIEVAL_ARGS(&o->args);
    enum protocol protocol;

    if (o->input != INPUT_MAILBOX)
        return true;
    if (!retrieval_protocol(o->args.protocol_arg, &protocol, err) ||
        !matcher_options_read(&o->request.matcher, &o->marker, &matcher, err) ||
        !value_duration("max-age", o->args.max_age_arg, &o->max_age_s, err) ||
        !retrieval_options_read(&o->retrieval, &o->request, &retrieval, protocol, err) ||
        !connection_read(&o->endpoint, &o->store, &connection, NULL, protocol, CONNECTION_TO_HOST, err))
        return false;
    connection_store_forget(&o->store);
    if (!o->common.timeout_given && o->retrieval.wait_s > 0)
        o->common.timeout_s = o->retrieval.wait_s + AFTER_WAITING_S;
    o->request.endpoint = &o->endpoint;
    o->retrieval.tidy.key = o->common.service == NULL && o->marker.key != 0
                                ? o->marker.key
                                : service_mailbox_key(o->common.service, args_table.check, &o->request);
    return true;
}

static bool read_rest(struct options *o, struct err *err)
{
    const struct common_args common = COMMON_ARGS(&o->args);

    if (!common_options_read(&o->common, &common, metrics, err) || !find_input(o, err) ||
        !read_authentication(o, err) || !read_mailbox(o, err))
        return false;
    o->policy.timeout = o->common.timeout_state;
    return true;
}

bool options_read(struct options *o, int argc, char **argv, struct err *err)
{
    o->common = COMMON_OPTIONS_INIT("total");
    o->policy = POLICY_DEFAULT;
    o->endpoint = ENDPOINT_INIT;
    set_defaults(&o->common.thresholds);
    bool ok = arguments_read(&args_table, &o->args, &o->call, argc, argv, err);
    o->common.output = o->call.output;
    o->store.state_dir = o->args.state_dir_arg;
    return ok && (o->call.wanted != WANTED_RUN || read_rest(o, err));
}

void options_clear(struct options *o)
{
    endpoint_clear(&o->endpoint);
    connection_store_clear(&o->store);
    arguments_clear(&args_table, &o->args);
}
