/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/cli/common_options.h"

#include "common/cli/hostname.h"
#include "common/cli/values.h"
#include "common/net/http_url.h"

static bool read_thresholds(struct thresholds *thresholds, bool critical, char **texts, unsigned count,
                            const char *const *metrics, struct err *err)
{
    for (unsigned i = 0; i < count; i++)
        if (!threshold_option(thresholds, critical, texts[i], metrics, err))
            return false;
    return true;
}

static bool read_resolver(struct common_options *options, const char *text, struct err *err)
{
    char address[DOMAIN_MAX];
    unsigned port;

    if (text != NULL && !address_port_parse(slice_from(text), address, &port))
        return err_set(
            err, FAULT_USAGE, STAGE_NONE,
            "--resolver takes ADDRESS[:PORT], an IPv6 address with a port in brackets, not \"%.60s\"", text);
    options->resolver = text;
    return true;
}

/* The URL is not quoted: it may hold a password. */
static bool read_otlp(struct common_options *options, const struct common_args *args, struct err *err)
{
    const char *wrong;

    if (args->otlp_endpoint == NULL)
        return args->otlp_ca_file == NULL ||
               err_set(err, FAULT_USAGE, STAGE_NONE, "--otlp-ca-file is of no use without --otlp-endpoint");
    if (!http_url_check(args->otlp_endpoint, true, &wrong))
        return err_set(err, FAULT_USAGE, STAGE_NONE,
                       "--otlp-endpoint takes a URL such as http://localhost:4318; this one %s", wrong);
    options->otlp_endpoint = args->otlp_endpoint;
    options->otlp_ca_file = args->otlp_ca_file;
    return true;
}

bool common_options_read(struct common_options *options, const struct common_args *args,
                         const char *const *metrics, struct err *err)
{
    options->verbosity = args->verbose > VERBOSITY_MAX ? VERBOSITY_MAX : (int)args->verbose;
    options->service = args->service;
    options->state_dir = args->state_dir;
    options->timeout_given = args->timeout != NULL;
    if (args->output != NULL && !output_parse(slice_from(args->output), &options->output))
        return err_set(err, FAULT_USAGE, STAGE_NONE,
                       "--output takes nagios, json or openmetrics, not \"%.60s\"", args->output);
    return value_duration_state("timeout", args->timeout, &options->timeout_s, &options->timeout_state,
                                err) &&
           read_resolver(options, args->resolver, err) && read_otlp(options, args, err) &&
           read_thresholds(&options->thresholds, false, args->warning, args->warning_count, metrics, err) &&
           read_thresholds(&options->thresholds, true, args->critical, args->critical_count, metrics, err);
}
