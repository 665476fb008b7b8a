/* SPDX-License-Identifier: GPL-3.0-or-later */
/* connection_side.h - what connection.c and its helper share: the options that count for one side. Internal
 * to connection.h.
 */
#ifndef MAILPROOF_CLI_CONNECTION_SIDE_H
#define MAILPROOF_CLI_CONNECTION_SIDE_H

#include "common/cli/connection.h"

extern const char *const connection_names[CONNECTION_VALUE_COUNT]; /* "hostname" */

/* What counts for one side: every value with the prefix under which it was given. */
struct side {
    struct connection_args args;
    const char *prefix[CONNECTION_VALUE_COUNT];
    struct connection_store *store;
    struct endpoint *endpoint;
    struct err *err;
};

/* For "--%s%s" in error texts. */
#define OPTION(side, name) (side)->prefix[CONNECTION_##name], connection_names[CONNECTION_##name]
#define VALUE(side, name)  (side)->args.value[CONNECTION_##name]
#define USAGE(side, ...)   err_set((side)->err, FAULT_USAGE, STAGE_NONE, __VA_ARGS__)

enum { READ_FILE, READ_WHOLE_FILE, READ_ENV };

/* connection.c: reads, or remembers what was read there for the other side. */
bool side_secret(struct side *s, struct secret *secret, int how, const char *source);

/* connection_oauth2.c. source: the option that says where the password or token comes from. FAULT_USAGE where
 * the other OAuth2 options do not go with it, or one is missing. */
bool side_check_oauth2(struct side *s, enum connection_value source);
/* Fills login.oauth2; by --oauth2-token-url or --oauth2-service-account. FAULT_CONFIG for files. */
bool side_read_oauth2(struct side *s, enum connection_value source);

#endif
