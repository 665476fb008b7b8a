/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history_internal.h - what the parts of history.h share among themselves. */
#ifndef MAILPROOF_HISTORY_HISTORY_INTERNAL_H
#define MAILPROOF_HISTORY_HISTORY_INTERNAL_H

#include "common/history/database.h"
#include "common/history/history.h"

/* history.c opens it and has the claim, rows.c loads and stores, figures.c counts. */
struct history {
    struct database db;
    uint64_t key;
    sqlite3_int64 service; /* row */
    int lock;              /* descriptor; -1: not claimed */
    int loaded;            /* SQLite's data_version when rows were loaded; 0: not yet */
};

#endif
