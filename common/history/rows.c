/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/history/history_internal.h"

enum {
    PROBES_MAX = 20000,   /* kept of a service ... */
    AGE_MAX_DAYS = 35,    /* ... for so long */
    SILENT_MAX_DAYS = 90, /* a service that has not run for so long is forgotten */
    PLACES_MAX = 2000,    /* kept of a service; above that, those of other routes go */
    PURGE_ROWS = 200      /* at a time: a run stays short */
};

#define DAY_S 86400.0

#define COLUMNS                                                                                              \
    "marker, label, route, fate, first_try, began, accepted, landed, decided, delivery, total, tries, "      \
    "copies, junk, "                                                                                         \
    "size, verdict"

enum column {
    COLUMN_MARKER,
    COLUMN_LABEL,
    COLUMN_ROUTE,
    COLUMN_FATE,
    COLUMN_FIRST_TRY,
    COLUMN_BEGAN,
    COLUMN_ACCEPTED,
    COLUMN_LANDED,
    COLUMN_DECIDED,
    COLUMN_DELIVERY,
    COLUMN_TOTAL,
    COLUMN_TRIES,
    COLUMN_COPIES,
    COLUMN_JUNK,
    COLUMN_SIZE,
    COLUMN_VERDICT,
    COLUMN_SERVICE,            /* the last parameter */
    COLUMN_ID = COLUMN_SERVICE /* the last result */
};

static struct slice column_text(sqlite3_stmt *row, int column)
{
    const void *text = sqlite3_column_text(row, column);
    int length = sqlite3_column_bytes(row, column);

    return text == NULL ? SLICE_EMPTY : slice_of(text, (size_t)length);
}

/* The file is believed no more than anything else from outside: what no run can have written is no time.
 * SQLite would make 0 of a text, and sorts it after all numbers. */
static bool column_seconds(sqlite3_stmt *row, int column, double *seconds)
{
    if (sqlite3_column_type(row, column) != SQLITE_FLOAT)
        return false;
    *seconds = sqlite3_column_double(row, column);
    return isfinite(*seconds) && *seconds >= -1 && *seconds < 1e12;
}

static unsigned column_count(sqlite3_stmt *row, int column)
{
    sqlite3_int64 n = sqlite3_column_int64(row, column);

    return n < 0 ? 0 : n > 1000000 ? 1000000 : (unsigned)n;
}

static bool is_printable(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < ' ' || text.data[i] > '~')
            return false;
    return true;
}

static bool read_probe(sqlite3_stmt *row, struct past_probe *p)
{
    struct slice label = column_text(row, COLUMN_LABEL), verdict = column_text(row, COLUMN_VERDICT);
    sqlite3_int64 fate = sqlite3_column_int64(row, COLUMN_FATE),
                  size = sqlite3_column_int64(row, COLUMN_SIZE);

    *p = (struct past_probe){
        .serial = sqlite3_column_int64(row, COLUMN_ID),
        .route = (uint64_t)sqlite3_column_int64(row, COLUMN_ROUTE),
        .tries = column_count(row, COLUMN_TRIES),
        .copies = column_count(row, COLUMN_COPIES),
        .junk = sqlite3_column_int(row, COLUMN_JUNK) != 0,
        .size = size < 0 ? 0 : (unsigned long long)size,
    };
    if (fate < 0 || fate >= FATE_COUNT || label.len > LABEL_MAX || !is_printable(label) ||
        !is_printable(verdict))
        return false;
    p->fate = (enum fate)fate;
    slice_copy(p->label, sizeof p->label, label);
    slice_copy(p->verdict, sizeof p->verdict, verdict);
    return marker_parse(&p->marker, column_text(row, COLUMN_MARKER)) &&
           column_seconds(row, COLUMN_FIRST_TRY, &p->first_try) &&
           column_seconds(row, COLUMN_BEGAN, &p->began) &&
           column_seconds(row, COLUMN_ACCEPTED, &p->accepted) &&
           column_seconds(row, COLUMN_LANDED, &p->landed) &&
           column_seconds(row, COLUMN_DECIDED, &p->decided) &&
           column_seconds(row, COLUMN_DELIVERY, &p->delivery_s) &&
           column_seconds(row, COLUMN_TOTAL, &p->total_s);
}

static void bind_text(sqlite3_stmt *statement, int column, const char *text)
{
    sqlite3_bind_text(statement, column + 1, text, -1, SQLITE_STATIC);
}

static void bind_probe(sqlite3_stmt *s, const struct history *h, const struct past_probe *p)
{
    bind_text(s, COLUMN_MARKER, p->marker.text);
    bind_text(s, COLUMN_LABEL, p->label);
    sqlite3_bind_int64(s, COLUMN_ROUTE + 1, (sqlite3_int64)p->route);
    sqlite3_bind_int(s, COLUMN_FATE + 1, (int)p->fate);
    sqlite3_bind_double(s, COLUMN_FIRST_TRY + 1, p->first_try);
    sqlite3_bind_double(s, COLUMN_BEGAN + 1, p->began);
    sqlite3_bind_double(s, COLUMN_ACCEPTED + 1, p->accepted);
    sqlite3_bind_double(s, COLUMN_LANDED + 1, p->landed);
    sqlite3_bind_double(s, COLUMN_DECIDED + 1, p->decided);
    sqlite3_bind_double(s, COLUMN_DELIVERY + 1, p->delivery_s);
    sqlite3_bind_double(s, COLUMN_TOTAL + 1, p->total_s);
    sqlite3_bind_int(s, COLUMN_TRIES + 1, (int)p->tries);
    sqlite3_bind_int(s, COLUMN_COPIES + 1, (int)p->copies);
    sqlite3_bind_int(s, COLUMN_JUNK + 1, p->junk);
    sqlite3_bind_int64(s, COLUMN_SIZE + 1, (sqlite3_int64)p->size);
    bind_text(s, COLUMN_VERDICT, p->verdict);
    sqlite3_bind_int64(s, COLUMN_SERVICE + 1, h->service);
}

/* ---- loading ---- */

void past_list_clear(struct past_list *list)
{
    free(list->probe);
    *list = (struct past_list){NULL, 0};
}

static int compare_serials(const void *a, const void *b)
{
    const struct past_probe *x = a, *y = b;

    return (x->serial < y->serial) - (x->serial > y->serial);
}

/* Changes with what other connections store, not with what this one does. */
static const char data_version[] = "PRAGMA data_version";

/* Adds to the list, which has room for max, what was not first tried before `since`. */
static bool load_rows(struct history *h, const char *sql, double since, size_t max, struct past_list *out,
                      struct err *err)
{
    int result;
    sqlite3_stmt *rows = database_prepare(&h->db, sql, err);

    if (rows == NULL)
        return false;
    sqlite3_bind_int64(rows, 1, h->service);
    sqlite3_bind_int64(rows, 2, (sqlite3_int64)max);
    while ((result = sqlite3_step(rows)) == SQLITE_ROW)
        if (sqlite3_column_double(rows, COLUMN_FIRST_TRY) >= since && out->count < max)
            out->count += read_probe(rows, &out->probe[out->count]);
    sqlite3_finalize(rows);
    return result == SQLITE_DONE || database_failed(&h->db, result, err);
}

/* Where there are too many, what is undecided goes first. */
bool history_load(struct history *h, double since, size_t max, struct past_list *out, struct err *err)
{
    static const char undecided[] =
        "SELECT " COLUMNS ", id FROM probe WHERE service = ?1 AND fate <= 2 LIMIT ?2";
    /* Backwards, and no further than the limit: an index by time would have all rows of the window sorted,
     * and that condition before the limit all rows of the service read. */
    static const char decided[] =
        "SELECT " COLUMNS ", id FROM probe INDEXED BY probe_decided WHERE service = ?1 AND fate > 2"
        " ORDER BY id DESC LIMIT ?2";

    *out = (struct past_list){NULL, 0};
    /* before the rows: what changes in between is loaded once more than needed */
    if (!database_number(&h->db, data_version, &h->loaded, err) || !database_run(&h->db, "BEGIN", err))
        return false;
    /* all that may be needed: what is not used is never touched, and growing would copy */
    out->probe = malloc(max * sizeof *out->probe);
    /* of one moment: what another run decides in between would be there twice */
    bool ok = (out->probe != NULL || err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory")) &&
              load_rows(h, undecided, -INFINITY, max, out, err) &&
              load_rows(h, decided, since, max, out, err);
    ok = database_end(&h->db, ok, err);
    if (!ok)
        past_list_clear(out);
    if (out->count > 0)
        qsort(out->probe, out->count, sizeof *out->probe, compare_serials);
    return ok;
}

bool history_is_current(struct history *h)
{
    struct err ignored;
    int version;

    return h->loaded != 0 && database_number(&h->db, data_version, &version, &ignored) &&
           version == h->loaded;
}

bool history_places(struct history *h, uint64_t route, struct past_place *out, size_t max, size_t *count,
                    struct err *err)
{
    int result = SQLITE_ROW;

    *count = 0;
    sqlite3_stmt *rows = database_prepare(
        &h->db, "SELECT label, folder, uidvalidity, uidnext, uidl FROM place WHERE service = ? AND route = ?",
        err);
    if (rows == NULL)
        return false;
    sqlite3_bind_int64(rows, 1, h->service);
    sqlite3_bind_int64(rows, 2, (sqlite3_int64)route);
    while (*count < max && (result = sqlite3_step(rows)) == SQLITE_ROW) {
        struct past_place *p = &out[*count];
        sqlite3_int64 validity = sqlite3_column_int64(rows, 2), next = sqlite3_column_int64(rows, 3);
        *p = (struct past_place){.route = route,
                                 .folder = (uint64_t)sqlite3_column_int64(rows, 1),
                                 .uidvalidity = (uint32_t)validity,
                                 .uidnext = (uint32_t)next};
        *count += validity >= 0 && validity <= UINT32_MAX && next >= 0 && next <= UINT32_MAX &&
                  slice_copy(p->label, sizeof p->label, column_text(rows, 0)) &&
                  slice_copy(p->uidl, sizeof p->uidl, column_text(rows, 4));
    }
    sqlite3_finalize(rows);
    return result == SQLITE_ROW || result == SQLITE_DONE || database_failed(&h->db, result, err);
}

/* ---- storing ---- */

/* A run beside the one that submits may see the message land before it knows of the relay's reply: what is
 * known of that is kept. */
#define UNAWARE "(?4 = 3 AND ?7 = 0 AND accepted > 0)"

/* Of the columns, by their number. */
#define ASSIGNMENTS                                                                                          \
    "route = ?3, fate = ?4, first_try = ?5, began = iif(" UNAWARE ", began, ?6), "                           \
    "accepted = max(accepted, ?7), landed = ?8, decided = ?9, "                                              \
    "delivery = iif(" UNAWARE ", max(0, min(?8 - accepted, ?11)), ?10), "                                    \
    "total = iif(" UNAWARE ", max(?11, accepted - began), ?11), "                                            \
    "tries = ?12, copies = max(copies, ?13), junk = ?14, size = ?15, verdict = ?16"

static bool put_all(struct history *h, const char *sql, const struct past_probe *probes, size_t count,
                    struct err *err)
{
    sqlite3_stmt *put = database_prepare(&h->db, sql, err);
    bool ok = put != NULL;

    for (size_t i = 0; ok && i < count; i++) {
        bind_probe(put, h, &probes[i]);
        ok = database_step(&h->db, put, err);
    }
    sqlite3_finalize(put);
    return ok;
}

/* A little at a time, with each new probe. */
static bool forget_old(struct history *h, double now, uint64_t route, struct err *err)
{
    static const char *const sql[] = {
        "DELETE FROM probe WHERE id IN (SELECT id FROM probe WHERE service = ?1 AND first_try < ?2 LIMIT ?3)",
        "DELETE FROM probe WHERE id IN (SELECT id FROM probe WHERE service = ?1"
        " ORDER BY first_try DESC LIMIT ?3 OFFSET ?4)",
        "DELETE FROM probe WHERE id IN (SELECT probe.id FROM service JOIN probe ON probe.service = service.id"
        " WHERE last_run < ?5 AND service.id <> ?1 LIMIT ?3)",
        "DELETE FROM place WHERE service IN (SELECT id FROM service WHERE last_run < ?5 AND id <> ?1)",
        "DELETE FROM place WHERE service = ?1 AND route <> ?6"
        " AND (SELECT count(*) FROM place WHERE service = ?1) > ?7",
        "DELETE FROM service WHERE last_run < ?5 AND id <> ?1"
        " AND NOT EXISTS (SELECT 1 FROM probe WHERE probe.service = service.id)",
    };
    bool ok = true;

    for (size_t i = 0; ok && i < sizeof sql / sizeof *sql; i++) {
        sqlite3_stmt *forget = database_prepare(&h->db, sql[i], err);
        if (forget == NULL)
            return false;
        int parameters =
            sqlite3_bind_parameter_count(forget); /* those with a higher number are refused, which is fine */
        sqlite3_bind_int64(forget, 1, h->service);
        if (parameters >= 2)
            sqlite3_bind_double(forget, 2, now - AGE_MAX_DAYS * DAY_S);
        if (parameters >= 3)
            sqlite3_bind_int(forget, 3, PURGE_ROWS);
        if (parameters >= 4)
            sqlite3_bind_int(forget, 4, PROBES_MAX);
        if (parameters >= 5)
            sqlite3_bind_double(forget, 5, now - SILENT_MAX_DAYS * DAY_S);
        if (parameters >= 6)
            sqlite3_bind_int64(forget, 6, (sqlite3_int64)route);
        if (parameters >= 7)
            sqlite3_bind_int(forget, 7, PLACES_MAX);
        ok = database_step(&h->db, forget, err);
        sqlite3_finalize(forget);
    }
    return ok;
}

bool history_record(struct history *h, const struct past_probe *probes, size_t count, struct err *err)
{
    if (count == 0)
        return true;
    if (!database_begin(&h->db, err))
        return false;
    bool ok = put_all(h,
                      "INSERT INTO probe (" COLUMNS
                      ", service) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                      " ON CONFLICT (service, marker, label) DO UPDATE SET " ASSIGNMENTS,
                      probes, count, err) &&
              forget_old(h, probes[0].first_try, probes[0].route, err);
    return database_end(&h->db, ok, err);
}

static bool put_places(struct history *h, const struct past_place *places, size_t count, struct err *err)
{
    sqlite3_stmt *put =
        database_prepare(&h->db,
                         "INSERT OR REPLACE INTO place (service, label, folder, route, uidvalidity,"
                         " uidnext, uidl) VALUES (?, ?, ?, ?, ?, ?, ?)",
                         err);
    bool ok = put != NULL;

    for (size_t i = 0; ok && i < count; i++) {
        const struct past_place *p = &places[i];
        sqlite3_bind_int64(put, 1, h->service);
        sqlite3_bind_text(put, 2, p->label, -1, SQLITE_STATIC);
        sqlite3_bind_int64(put, 3, (sqlite3_int64)p->folder);
        sqlite3_bind_int64(put, 4, (sqlite3_int64)p->route);
        sqlite3_bind_int64(put, 5, p->uidvalidity);
        sqlite3_bind_int64(put, 6, p->uidnext);
        sqlite3_bind_text(put, 7, p->uidl, -1, SQLITE_STATIC);
        ok = database_step(&h->db, put, err);
    }
    sqlite3_finalize(put);
    return ok;
}

/* ?4 is the new fate, fate the stored one: header. */
#define MAY_FOLLOW                                                                                           \
    "(fate = ?4 OR (?4 IN (3, 6) AND fate NOT IN (3, 6, 7)) OR (?4 IN (4, 5, 7) AND fate <= 2)"              \
    " OR (?4 IN (1, 2) AND fate IN (0, 1)))"

/* And the other way round: it has noted the landing already. */
#define NOTE_ACCEPTANCE                                                                                      \
    "UPDATE probe SET began = ?6, accepted = ?7, delivery = max(0, min(landed - ?7, total)),"                \
    " total = max(total, ?7 - ?6)"                                                                           \
    " WHERE service = ?17 AND marker = ?1 AND label = ?2 AND fate = 3 AND accepted = 0 AND ?4 = 2"

bool history_settle(struct history *h, const struct past_probe *probes, size_t count,
                    const struct past_place *places, size_t place_count, struct err *err)
{
    if (count + place_count == 0)
        return true;
    if (!database_begin(&h->db, err))
        return false;
    bool ok = put_all(h,
                      "UPDATE probe SET " ASSIGNMENTS
                      " WHERE service = ?17 AND marker = ?1 AND label = ?2 AND " MAY_FOLLOW,
                      probes, count, err) &&
              put_all(h, NOTE_ACCEPTANCE, probes, count, err) && put_places(h, places, place_count, err);
    return database_end(&h->db, ok, err);
}
