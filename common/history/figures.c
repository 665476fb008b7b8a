/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "common/history/history_internal.h"

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Nearest rank: the smallest sample that at least so many per cent are not above. */
static double percentile(const double *sorted, size_t count, unsigned percent)
{
    size_t rank = (count * percent + 99) / 100;

    return count == 0 ? 0 : sorted[rank > 0 ? rank - 1 : 0];
}

struct samples {
    double *total;
    size_t count, room;
};

static bool add(struct samples *s, double total)
{
    if (s->count == s->room) {
        size_t room = s->room == 0 ? 1024 : 2 * s->room;
        double *grown = realloc(s->total, room * sizeof *grown);
        if (grown == NULL)
            return false;
        s->total = grown;
        s->room = room;
    }
    s->total[s->count++] = total;
    return true;
}

static bool read_samples(struct history *h, double now, double window_s, struct samples *s,
                         struct history_figures *out, struct err *err)
{
    int result;
    sqlite3_stmt *rows = database_prepare(&h->db,
                                          "SELECT fate, total FROM probe WHERE service = ? AND first_try > ? "
                                          "AND first_try <= ? AND fate IN (3, 4)",
                                          err);

    if (rows == NULL)
        return false;
    sqlite3_bind_int64(rows, 1, h->service);
    sqlite3_bind_double(rows, 2, now - window_s);
    sqlite3_bind_double(rows, 3, now);
    bool ok = true;
    while (ok && (result = sqlite3_step(rows)) == SQLITE_ROW) {
        bool is_number = sqlite3_column_type(rows, 1) == SQLITE_FLOAT;
        double total = sqlite3_column_double(rows, 1);
        if (sqlite3_column_int(rows, 0) == FATE_LOST)
            out->lost++;
        else if (is_number && isfinite(total) && total >= 0)
            ok = add(s, total) || err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
    }
    if (ok && result != SQLITE_DONE)
        ok = database_failed(&h->db, result, err);
    sqlite3_finalize(rows);
    return ok;
}

bool history_figures(struct history *h, double now, double window_s, struct history_figures *out,
                     struct err *err)
{
    struct samples s = {NULL, 0, 0};

    *out = (struct history_figures){.decided = 0};
    bool ok = read_samples(h, now, window_s, &s, out, err);
    if (ok && s.count > 0)
        qsort(s.total, s.count, sizeof *s.total, compare);
    out->landed = s.count;
    out->decided = s.count + out->lost;
    if (out->decided > 0)
        out->loss_percent = 100.0 * (double)out->lost / (double)out->decided;
    out->p50 = percentile(s.total, s.count, 50);
    out->p95 = percentile(s.total, s.count, 95);
    out->p99 = percentile(s.total, s.count, 99);
    free(s.total);
    return ok;
}
