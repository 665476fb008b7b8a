/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history_internal.h - what the parts of history.h share among themselves. */
#ifndef MAILPROOF_HISTORY_HISTORY_INTERNAL_H
#define MAILPROOF_HISTORY_HISTORY_INTERNAL_H

#include "common/history/database.h"
#include "common/history/history.h"

const struct database *history_database(const struct history *h);
sqlite3_int64 history_service(const struct history *h); /* the row of the service */

#endif
