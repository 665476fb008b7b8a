/* SPDX-License-Identifier: GPL-3.0-or-later */
/* database.h - inside the room: the SQLite file, its schema, and what its errors mean. */
#ifndef MAILPROOF_HISTORY_DATABASE_H
#define MAILPROOF_HISTORY_DATABASE_H

#include <sqlite3.h>

#include "common/base/err.h"

enum { DATABASE_PATH_MAX = 4096 };

struct database {
    sqlite3 *handle;
    int dirfd;
    double patience_given_s, patience_s; /* that there was, and is left, for waiting for other runs */
    char path[DATABASE_PATH_MAX];
};

/* Opens the file in the state directory, made where it is missing, and brings an older schema up to date.
 * patience_s: to wait for other runs, in all; never more than 5. */
bool database_open(struct database *db, const char *dir, double patience_s, struct err *err);
void database_close(struct database *db);

/* Says what SQLite's result means for this file. Always false. */
bool database_failed(const struct database *db, int result, struct err *err);
/* One statement without result rows. */
bool database_run(const struct database *db, const char *sql, struct err *err);
/* NULL where it fails. */
sqlite3_stmt *database_prepare(const struct database *db, const char *sql, struct err *err);
/* The first column of the first row. */
bool database_number(const struct database *db, const char *sql, int *value, struct err *err);
/* Steps a statement that returns no rows and makes it ready for the next values. */
bool database_step(const struct database *db, sqlite3_stmt *statement, struct err *err);

/* A change, all of it or nothing: begins at once as a writer, so that two runs never wait for each other. */
bool database_begin(const struct database *db, struct err *err);
bool database_end(const struct database *db, bool ok, struct err *err);

#endif
