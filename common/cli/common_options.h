/* SPDX-License-Identifier: GPL-3.0-or-later */
/* common_options.h - the options of common/cli/verdict.ggo: limits, time, and how the result is written. */
#ifndef MAILPROOF_CLI_COMMON_OPTIONS_H
#define MAILPROOF_CLI_COMMON_OPTIONS_H

#include "common/cli/arguments.h"

struct common_args {
    char **warning, **critical;
    unsigned warning_count, critical_count;
    const char *timeout, *resolver, *output, *service, *state_dir, *otlp_endpoint, *otlp_ca_file;
    unsigned verbose;
};

#define COMMON_ARGS(args)                                                                                    \
    ((struct common_args){                                                                                   \
        .warning = (args)->warning_arg,                                                                      \
        .critical = (args)->critical_arg,                                                                    \
        .warning_count = (args)->warning_given,                                                              \
        .critical_count = (args)->critical_given,                                                            \
        .timeout = (args)->timeout_arg,                                                                      \
        .resolver = (args)->resolver_arg,                                                                    \
        .output = (args)->output_arg,                                                                        \
        .service = (args)->service_arg,                                                                      \
        .state_dir = (args)->state_dir_arg,                                                                  \
        .otlp_endpoint = (args)->otlp_endpoint_arg,                                                          \
        .otlp_ca_file = (args)->otlp_ca_file_arg,                                                            \
        .verbose = (args)->verbose_given,                                                                    \
    })

enum { VERBOSITY_MAX = 3 };

/* The strings stay the arguments'. */
struct common_options {
    enum output output;
    int verbosity;             /* 0 to 3 */
    const char *resolver;      /* "192.0.2.1:53"; NULL: the system's */
    const char *service;       /* NULL: not named */
    const char *state_dir;     /* NULL: the default of state_dir.h */
    const char *otlp_endpoint; /* a URL that http_url.h takes; NULL: no trace */
    const char *otlp_ca_file;  /* NULL: the system's CAs only */
    double timeout_s;
    bool timeout_given;
    enum state timeout_state;
    struct thresholds thresholds; /* the plugin's defaults stand in it before */
};

#define COMMON_OPTIONS_INIT(metric)                                                                          \
    ((struct common_options){                                                                                \
        .timeout_s = 10, .timeout_state = STATE_CRITICAL, .thresholds = {.main_metric = (metric)}})

/* metrics: NULL-terminated, those that -w and -c may name. FAULT_USAGE names the option and what it takes;
 * output and verbosity are right even then, so that the error is written in the form that was asked for. */
bool common_options_read(struct common_options *options, const struct common_args *args,
                         const char *const *metrics, struct err *err);

#endif
