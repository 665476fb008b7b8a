/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state database is believed no more than anything else from outside. An input that begins as an SQLite
 * file is the file; any other gives values, of whatever type, for rows of probes and places. What cannot be
 * used is FAULT_STATE; what is loaded makes sense, and is the same when it is stored and loaded again. */
#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/history/history.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KEY = 7, ROUTE = 1, LIST_MAX = 1000, PLACES_MAX = 8 };
#define NOW 1790000000.0

static char directory[64];

static void in_directory(char path[100], const char *name)
{
    snprintf(path, 100, "%s/%s", directory, name);
}

static void empty_directory(void)
{
    static const char *const names[] = {"history.db", "history.db-wal", "history.db-shm",
                                        "history.db-journal"};
    char path[100];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        in_directory(path, names[i]);
        unlink(path);
    }
}

static void remove_directory(void)
{
    empty_directory();
    rmdir(directory);
}

static void make_directory(void)
{
    if (*directory != '\0') {
        empty_directory();
        return;
    }
    strcpy(directory, "/tmp/fuzz-history-XXXXXX");
    if (mkdtemp(directory) == NULL || atexit(remove_directory) != 0)
        abort();
}

/* ---- what must hold ---- */

static void require(bool ok)
{
    if (!ok)
        abort();
}

static bool is_time(double t)
{
    return isfinite(t) && t >= -1 && t < 1e12;
}

static void require_words(const char *text, size_t size)
{
    require(memchr(text, '\0', size) != NULL);
    for (; *text != '\0'; text++)
        require(*text >= ' ' && *text <= '~');
}

static void require_sense(const struct past_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct past_probe *p = &list->probe[i];
        struct marker again;
        require(marker_parse(&again, slice_from(p->marker.text)) && (unsigned)p->fate < FATE_COUNT);
        require_words(p->label, sizeof p->label);
        require_words(p->verdict, sizeof p->verdict);
        require(is_time(p->first_try) && is_time(p->began) && is_time(p->accepted) && is_time(p->landed) &&
                is_time(p->decided) && is_time(p->delivery_s) && is_time(p->total_s));
        require(i == 0 || list->probe[i - 1].serial > p->serial);
    }
}

static void require_figures(const struct history_figures *f)
{
    require(f->decided == f->lost + f->landed && f->loss_percent >= 0 && f->loss_percent <= 100);
    require(f->p50 >= 0 && f->p50 <= f->p95 && f->p95 <= f->p99 && isfinite(f->p99));
}

static bool load(struct history *h, struct past_list *list, struct err *err)
{
    if (!history_load(h, 0, LIST_MAX, list, err))
        return false;
    require_sense(list);
    return true;
}

/* Replaces what was loaded by itself. */
static bool store_again(struct history *h, struct past_list *list, struct err *err)
{
    struct past_list again;

    if (!history_settle(h, list->probe, list->count, NULL, 0, err))
        return false;
    bool ok = load(h, &again, err);
    past_list_clear(&again);
    return ok;
}

static bool use(struct history *h, struct err *err)
{
    struct past_list list;
    struct past_place places[PLACES_MAX];
    struct history_figures figures;
    double previous;
    size_t count;

    bool ok = history_begin_run(h, NOW, NULL, &previous, err) && load(h, &list, err);
    if (!ok)
        return false;
    ok = history_figures(h, NOW, 86400, &figures, err) &&
         history_places(h, ROUTE, places, PLACES_MAX, &count, err);
    if (ok) {
        require_figures(&figures);
        require(count <= PLACES_MAX);
        ok = store_again(h, &list, err) && history_settle(h, NULL, 0, places, count, err);
    }
    past_list_clear(&list);
    return ok;
}

/* ---- a whole file ---- */

static void try_file(const uint8_t *data, size_t size)
{
    struct history *h;
    struct err err = ERR_NONE;
    char path[100];

    in_directory(path, "history.db");
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    close(fd);
    if (!history_open(&h, directory, KEY, &err) || !use(h, &err))
        require(err.kind == FAULT_STATE && err.text[0] != '\0');
    history_close(&h);
}

/* ---- rows ---- */

struct input {
    const uint8_t *data;
    size_t size;
};

static uint64_t take(struct input *in, size_t octets)
{
    uint64_t n = 0;

    for (; octets > 0 && in->size > 0; octets--, in->data++, in->size--)
        n = n << 8 | *in->data;
    return n;
}

static void bind_octets(sqlite3_stmt *row, int column, struct input *in, bool text)
{
    size_t length = (size_t)take(in, 1) * (take(in, 1) & 1 ? 64 : 1);

    length = length < in->size ? length : in->size;
    if (text)
        sqlite3_bind_text(row, column, (const char *)in->data, (int)length, SQLITE_TRANSIENT);
    else
        sqlite3_bind_blob(row, column, in->data, (int)length, SQLITE_TRANSIENT);
    in->data += length;
    in->size -= length;
}

/* Types: a marker, a small number, a number, a time, any double, a text, a blob. */
static void bind_any(sqlite3_stmt *row, int column, struct input *in)
{
    static const char marker[] = "mproof28t5cy4t01nb2ew00000000000000000ja";
    uint64_t bits;
    double real;

    switch (take(in, 1) % 7) {
    case 0:
        sqlite3_bind_text(row, column, marker, -1, SQLITE_STATIC);
        break;
    case 1:
        sqlite3_bind_int64(row, column, (sqlite3_int64)take(in, 1));
        break;
    case 2:
        sqlite3_bind_int64(row, column, (sqlite3_int64)take(in, 8));
        break;
    case 3:
        sqlite3_bind_double(row, column, NOW - (double)take(in, 3) / 16);
        break;
    case 4:
        bits = take(in, 8);
        memcpy(&real, &bits, sizeof real);
        sqlite3_bind_double(row, column, real);
        break;
    case 5:
        bind_octets(row, column, in, true);
        break;
    default:
        bind_octets(row, column, in, false);
        break;
    }
}

/* OR IGNORE: what the schema itself refuses never comes to be in the file. */
static void insert_rows(struct input *in)
{
    static const struct {
        const char *sql;
        int columns; /* which the input gives */
    } tables[] = {
        {"INSERT OR IGNORE INTO probe (service, marker, label, route, fate, first_try, began, accepted,"
         " landed, decided, delivery, total, tries, copies, junk, size, verdict)"
         " SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM service",
         16},
        {"INSERT OR IGNORE INTO place (service, route, label, folder, uidvalidity, uidnext, uidl)"
         " SELECT id, 1, ?, ?, ?, ?, ? FROM service",
         5},
    };
    sqlite3 *db;
    sqlite3_stmt *row;
    char path[100];

    in_directory(path, "history.db");
    require(sqlite3_open(path, &db) == SQLITE_OK);
    require(sqlite3_exec(db, "PRAGMA synchronous = OFF; BEGIN", NULL, NULL, NULL) == SQLITE_OK);
    while (in->size > 0) {
        size_t table = take(in, 1) % 4 == 3;
        require(sqlite3_prepare_v2(db, tables[table].sql, -1, &row, NULL) == SQLITE_OK);
        for (int i = 0; i < tables[table].columns; i++)
            bind_any(row, i + 1, in);
        sqlite3_step(row);
        sqlite3_finalize(row);
    }
    require(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(db);
}

static void try_rows(struct input in)
{
    struct history *h;
    double previous;
    struct err err;

    require(history_open(&h, directory, KEY, &err) && history_begin_run(h, NOW, NULL, &previous, &err));
    insert_rows(&in);
    require(use(h, &err));
    history_close(&h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char magic[] = "SQLite format 3";

    if (size > 1 << 18)
        return 0;
    make_directory();
    if (size >= sizeof magic && memcmp(data, magic, sizeof magic) == 0)
        try_file(data, size);
    else
        try_rows((struct input){data, size});
    return 0;
}
