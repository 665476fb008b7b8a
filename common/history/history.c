/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/history/history.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/history/history_internal.h"

#define LOCK_NAME "lock"

static const char *const fates[FATE_COUNT] = {
    [FATE_SENDING] = "sending", [FATE_DEFERRED] = "deferred", [FATE_IN_FLIGHT] = "in_flight",
    [FATE_LANDED] = "landed",   [FATE_LOST] = "lost",         [FATE_UNKNOWN] = "unknown",
    [FATE_BOUNCED] = "bounced", [FATE_FAILED] = "failed",
};

const char *fate_name(enum fate fate)
{
    return fates[fate];
}

/* ---- opening ---- */

/* A service that never ran has no row. */
static bool find_service(struct history *h, struct err *err)
{
    sqlite3_stmt *find = database_prepare(&h->db, "SELECT id FROM service WHERE key = ?", err);

    if (find == NULL)
        return false;
    sqlite3_bind_int64(find, 1, (sqlite3_int64)h->key);
    int result = sqlite3_step(find);
    if (result == SQLITE_ROW)
        h->service = sqlite3_column_int64(find, 0);
    sqlite3_finalize(find);
    return result == SQLITE_ROW || result == SQLITE_DONE || database_failed(&h->db, result, err);
}

bool history_open(struct history **out, const char *dir, uint64_t key, struct err *err)
{
    return history_open_within(out, dir, key, INFINITY, err);
}

bool history_open_within(struct history **out, const char *dir, uint64_t key, double patience_s,
                         struct err *err)
{
    struct history *h = calloc(1, sizeof *h);

    *out = h;
    if (h == NULL)
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
    h->lock = -1;
    h->key = key;
    if (database_open(&h->db, dir, patience_s, err) && find_service(h, err))
        return true;
    history_close(out);
    return false;
}

void history_close(struct history **out)
{
    if (*out == NULL)
        return;
    history_release(*out);
    database_close(&(*out)->db);
    free(*out);
    *out = NULL;
}

static bool read_last_run(struct history *h, double *previous, struct err *err)
{
    sqlite3_stmt *find = database_prepare(&h->db, "SELECT last_run FROM service WHERE key = ?", err);

    if (find == NULL)
        return false;
    sqlite3_bind_int64(find, 1, (sqlite3_int64)h->key);
    int result = sqlite3_step(find);
    *previous = result == SQLITE_ROW ? sqlite3_column_double(find, 0) : 0;
    sqlite3_finalize(find);
    return result == SQLITE_ROW || result == SQLITE_DONE || database_failed(&h->db, result, err);
}

static bool note_run(struct history *h, double now, const char *name, struct err *err)
{
    sqlite3_stmt *note = database_prepare(&h->db,
                                          "INSERT INTO service (key, name, last_run) VALUES (?, ?, ?)"
                                          " ON CONFLICT (key) DO UPDATE SET last_run = excluded.last_run",
                                          err);

    if (note == NULL)
        return false;
    sqlite3_bind_int64(note, 1, (sqlite3_int64)h->key);
    sqlite3_bind_text(note, 2, name, -1, SQLITE_STATIC);
    sqlite3_bind_double(note, 3, now);
    bool ok = database_step(&h->db, note, err);
    sqlite3_finalize(note);
    return ok;
}

bool history_begin_run(struct history *h, double now, const char *name, double *previous, struct err *err)
{
    return database_begin(&h->db, err) &&
           database_end(
               &h->db, read_last_run(h, previous, err) && note_run(h, now, name, err) && find_service(h, err),
               err);
}

/* ---- the claim ---- */

/* One byte of a file for each service. Open file description locks are not lost when some other descriptor of
 * the file is closed, and end with the process. */
bool history_claim(struct history *h, bool *mine, struct err *err)
{
    struct flock claim = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)h->key, .l_len = 1};

    *mine = false;
    history_release(h);
    h->lock = openat(h->db.dirfd, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
    if (h->lock < 0)
        return err_set(err, FAULT_STATE, STAGE_NONE,
                       "the file " LOCK_NAME " beside %.300s cannot be opened: %s", h->db.path,
                       strerror(errno));
    if (fcntl(h->lock, F_OFD_SETLK, &claim) == 0) {
        *mine = true;
        return true;
    }
    int failure = errno;
    history_release(h);
    return failure == EAGAIN || failure == EACCES ||
           err_set(err, FAULT_STATE, STAGE_NONE, "the file " LOCK_NAME " beside %.300s cannot be locked: %s",
                   h->db.path, strerror(failure));
}

void history_release(struct history *h)
{
    if (h->lock >= 0)
        close(h->lock);
    h->lock = -1;
}
