/* SPDX-License-Identifier: GPL-3.0-or-later */
/* marked.h - a message with a marker of its own, ready to be sent. */
#ifndef MAILPROOF_PROBE_MARKED_H
#define MAILPROOF_PROBE_MARKED_H

#include "common/mail/compose.h"

/* request: all but marker and time. key: of the service (marker.h). *out is cleared by composed_clear even on
 * failure. */
bool marked_compose(struct composed *out, struct marker *marker, const struct compose_request *request,
                    uint64_t key, struct err *err);
/* The same message once more, for a marker that was sent before: only its Date is another. */
bool marked_compose_again(struct composed *out, const struct marker *marker,
                          const struct compose_request *request, struct err *err);

#endif
