/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/history/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/slice.h"
#include "common/base/state_dir.h"

#define FILE_NAME "history.db"

enum {
    APPLICATION = 0x6d70726f, /* "mpro", in the file's header: another program's database is not touched */
    PAGES_MAX = 16 * 1024,    /* of 4 KiB */
    PAGE_SIZE = 4096
};

/* In all, at most, for what other runs change at the same time: each change takes some milliseconds. */
static const double PATIENCE_S = 5;

static const char MOVE_AWAY[] =
    "move the file away: the next run begins a new one, and knows nothing of earlier probes";

/* ---- the schema ---- */

/* What brings the schema from version i to i + 1. Never change one that was released: add to them. */
static const char *const steps[] = {
    "CREATE TABLE service (id INTEGER PRIMARY KEY, key INTEGER NOT NULL UNIQUE, name TEXT, last_run REAL NOT "
    "NULL);"
    "CREATE TABLE probe (id INTEGER PRIMARY KEY, service INTEGER NOT NULL, marker TEXT NOT NULL, label TEXT "
    "NOT NULL,"
    " route INTEGER NOT NULL, fate INTEGER NOT NULL, first_try REAL NOT NULL, began REAL NOT NULL,"
    " accepted REAL NOT NULL, landed REAL NOT NULL, decided REAL NOT NULL, delivery REAL NOT NULL, total "
    "REAL NOT NULL,"
    " tries INTEGER NOT NULL, copies INTEGER NOT NULL, junk INTEGER NOT NULL, size INTEGER NOT NULL,"
    " verdict TEXT NOT NULL, UNIQUE (service, marker, label));"
    /* holds all that the figures need */
    "CREATE INDEX probe_by_time ON probe (service, first_try, fate, total);"
    "CREATE INDEX probe_undecided ON probe (service) WHERE fate <= 2;"
    "CREATE TABLE place (service INTEGER NOT NULL, label TEXT NOT NULL, folder INTEGER NOT NULL,"
    " route INTEGER NOT NULL, uidvalidity INTEGER NOT NULL, uidnext INTEGER NOT NULL, uidl TEXT NOT NULL,"
    " PRIMARY KEY (service, route, label, folder)) WITHOUT ROWID;",
    /* a service's newest, however many rows others have stored since */
    "CREATE INDEX probe_decided ON probe (service) WHERE fate > 2;",
};

enum { SCHEMA_VERSION = sizeof steps / sizeof *steps };

static bool not_usable(struct err *err, const char *path, const char *why)
{
    err_set(err, FAULT_STATE, STAGE_NONE, "%.300s %s", path, why);
    err->advice = MOVE_AWAY;
    return false;
}

static bool is_ours(const struct database *db, int *version, struct err *err)
{
    int application, tables;

    if (!database_number(db, "PRAGMA user_version", version, err) ||
        !database_number(db, "PRAGMA application_id", &application, err) ||
        !database_number(db, "SELECT count(*) FROM sqlite_schema", &tables, err))
        return false;
    if (application != APPLICATION && (application != 0 || tables > 0 || *version != 0))
        return not_usable(err, db->path, "is another program's database");
    if (*version > SCHEMA_VERSION || *version < 0) {
        err_set(err, FAULT_STATE, STAGE_NONE,
                "%.300s was written by a newer version (schema %d, known is %d)", db->path, *version,
                SCHEMA_VERSION);
        err->advice = "use that version for all runs, or give this one a state directory of its own";
        return false;
    }
    return true;
}

/* Another run may be at it: what is asked before the change is asked of one moment, and again inside it. */
static bool migrate(const struct database *db, struct err *err)
{
    char sql[96];
    int version;

    if (!database_run(db, "BEGIN", err) || !database_end(db, is_ours(db, &version, err), err))
        return false;
    if (version == SCHEMA_VERSION)
        return true;
    if (!database_begin(db, err))
        return false;
    bool ok = is_ours(db, &version, err);
    for (; ok && version < SCHEMA_VERSION; version++)
        ok = database_run(db, steps[version], err);
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION,
             SCHEMA_VERSION);
    return database_end(db, ok && database_run(db, sql, err), err);
}

/* ---- the file ---- */

/* Made before SQLite would, which knows nothing of modes; its journal gets the same one. */
static bool check_file(const struct database *db, struct err *err)
{
    struct stat st;
    int fd =
        openat(db->dirfd, FILE_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);

    if (fd < 0 && errno == ELOOP)
        return not_usable(err, db->path, "cannot be opened: it is a symbolic link");
    if (fd < 0 && (errno == EISDIR || errno == ENXIO))
        return not_usable(err, db->path, "is no regular file");
    if (fd < 0)
        return err_set(err, FAULT_STATE, STAGE_NONE, "%.300s cannot be opened: %s", db->path,
                       strerror(errno));
    int failed = fstat(fd, &st);
    close(fd); /* before SQLite locks it: closing any descriptor ends POSIX locks */
    if (failed != 0 || !S_ISREG(st.st_mode))
        return not_usable(err, db->path, "is no regular file");
    if (st.st_uid != geteuid())
        return err_set(err, FAULT_STATE, STAGE_NONE, "%.300s belongs to another user (%u)", db->path,
                       (unsigned)st.st_uid);
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return err_set(err, FAULT_STATE, STAGE_NONE, "%.300s has mode %03o: it must be 600", db->path,
                       (unsigned)(st.st_mode & 0777));
    return true;
}

/* SQLite's own handler waits ever longer, up to a tenth of a second, and so lets others pass again and again;
 * and its limit is for one statement, where this one is for the run. */
static int wait_a_little(void *context, int count)
{
    struct database *db = context;
    struct timespec began = clock_now();
    /* 1 to 11 ms, another time for each process */
    struct timespec pause = {0, 1000000 + (began.tv_nsec / 1000 + getpid()) % 10000 * 1000};

    (void)count;
    if (db->patience_s <= 0)
        return 0;
    nanosleep(&pause, NULL);
    db->patience_s -= clock_since(began);
    return 1;
}

/* A write-ahead log, synced when it is folded back. Three changes by each of fifty processes at once, on two
 * busy cores: the slowest took 0.7 to 1.5 s, with a rollback journal 4.6 to 5.5 s, with a log that is synced
 * at every change 2.7 to 4.2 s (tests/bench/history.c). When the power fails the last changes may be gone,
 * never more; a killed process loses none. */
static bool set_up(struct database *db, struct err *err)
{
    char sql[200];

    sqlite3_busy_handler(db->handle, wait_a_little, db);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    /* a small cache: what is read is read once, and touching new memory costs more than reading */
    snprintf(
        sql, sizeof sql,
        "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA cache_size = -128; PRAGMA page_size = %d;"
        " PRAGMA max_page_count = %d",
        PAGE_SIZE, PAGES_MAX);
    if (!database_run(db, sql, err) || !migrate(db, err))
        return false;
    /* fails where another run is using the file at this moment: then a later one does it */
    sqlite3_exec(db->handle, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    return database_run(db, "PRAGMA synchronous = NORMAL", err);
}

bool database_open(struct database *db, const char *dir, double patience_s, struct err *err)
{
    char folder[DATABASE_PATH_MAX - sizeof FILE_NAME - 1];

    *db = (struct database){.dirfd = -1, .patience_s = patience_s < PATIENCE_S ? patience_s : PATIENCE_S};
    db->patience_given_s = db->patience_s;
    if (!state_dir_open(&db->dirfd, dir, folder, sizeof folder, err))
        return false;
    snprintf(db->path, sizeof db->path, "%s/%s", folder, FILE_NAME);
    if (!check_file(db, err))
        return false;
    int result = sqlite3_open_v2(
        db->path, &db->handle,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE, NULL);
    return result == SQLITE_OK ? set_up(db, err) : database_failed(db, result, err);
}

void database_close(struct database *db)
{
    sqlite3_close(db->handle);
    if (db->dirfd >= 0)
        close(db->dirfd);
    *db = (struct database){.dirfd = -1};
}

/* ---- statements ---- */

static bool is_damaged(int result)
{
    return result == SQLITE_CORRUPT || result == SQLITE_NOTADB || result == SQLITE_MISMATCH ||
           result == SQLITE_ERROR; /* a table or column that is not there */
}

bool database_failed(const struct database *db, int result, struct err *err)
{
    int primary = result & 0xff;
    const char *detail = db->handle != NULL ? sqlite3_errmsg(db->handle) : sqlite3_errstr(result);

    if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED)
        err_set(err, FAULT_STATE, STAGE_NONE, "%.300s was in use for more than %.3g s", db->path,
                db->patience_given_s);
    else if (primary == SQLITE_FULL)
        err_set(err, FAULT_STATE, STAGE_NONE, "no room is left for %.300s", db->path);
    else if (primary == SQLITE_READONLY || primary == SQLITE_PERM || primary == SQLITE_CANTOPEN)
        err_set(err, FAULT_STATE, STAGE_NONE, "%.300s cannot be written: %s", db->path, detail);
    else if (is_damaged(primary))
        err_set(err, FAULT_STATE, STAGE_NONE, "%.300s is damaged: %s", db->path, detail);
    else if (primary == SQLITE_NOMEM) /* said of a record that claims to be 4 GB long, too */
        err_set(err, FAULT_STATE, STAGE_NONE, "%.300s is damaged, or memory is short", db->path);
    else
        err_set(err, FAULT_STATE, STAGE_NONE, "%.300s: %s", db->path, detail);
    if (is_damaged(primary))
        err->advice = MOVE_AWAY;
    else if (primary == SQLITE_NOMEM)
        err->advice = "where there is memory, move the file away: the next run begins a new one";
    else if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED)
        err->advice = "look for the process that holds it (fuser, lslocks)";
    else if (primary == SQLITE_FULL || result == SQLITE_IOERR_WRITE || result == SQLITE_IOERR_FSYNC)
        err->advice = "make room in the file system of the state directory";
    return false;
}

bool database_run(const struct database *db, const char *sql, struct err *err)
{
    int result = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

    return result == SQLITE_OK || database_failed(db, result, err);
}

sqlite3_stmt *database_prepare(const struct database *db, const char *sql, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL);

    if (result != SQLITE_OK)
        database_failed(db, result, err);
    return statement;
}

bool database_number(const struct database *db, const char *sql, int *value, struct err *err)
{
    sqlite3_stmt *statement = database_prepare(db, sql, err);

    if (statement == NULL)
        return false;
    int result = sqlite3_step(statement);
    *value = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return result == SQLITE_ROW || database_failed(db, result, err);
}

bool database_step(const struct database *db, sqlite3_stmt *statement, struct err *err)
{
    int result = sqlite3_step(statement);

    if (result != SQLITE_DONE)
        database_failed(db, result, err);
    sqlite3_reset(statement);
    return result == SQLITE_DONE;
}

bool database_begin(const struct database *db, struct err *err)
{
    return database_run(db, "BEGIN IMMEDIATE", err);
}

bool database_end(const struct database *db, bool ok, struct err *err)
{
    if (ok && database_run(db, "COMMIT", err))
        return true;
    sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
    return false;
}
