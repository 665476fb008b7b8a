/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "common/history/history_internal.h"

/* Hoare's selection: afterwards sample[rank] is what sorting would put there, with no greater one before it.
 * Three of them out of ten thousand cost a fifth of sorting all, which every run would pay. */
static double select_rank(double *sample, size_t count, size_t rank)
{
    size_t low = 0, high = count - 1;

    while (low < high) {
        double pivot = sample[low + (high - low) / 2];
        size_t i = low, k = high;
        for (;;) {
            while (sample[i] < pivot)
                i++;
            while (sample[k] > pivot)
                k--;
            if (i >= k)
                break;
            double swapped = sample[i];
            sample[i++] = sample[k];
            sample[k--] = swapped;
        }
        if (rank <= k)
            high = k;
        else
            low = k + 1;
    }
    return sample[rank];
}

/* Nearest rank: the smallest sample that at least so many per cent are not above. */
static double percentile(double *sample, size_t count, unsigned percent)
{
    size_t rank = (count * percent + 99) / 100;

    return count == 0 ? 0 : select_rank(sample, count, rank > 0 ? rank - 1 : 0);
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
                                          "AND first_try <= ?",
                                          err);

    if (rows == NULL)
        return false;
    sqlite3_bind_int64(rows, 1, h->service);
    sqlite3_bind_double(rows, 2, now - window_s);
    sqlite3_bind_double(rows, 3, now);
    bool ok = true;
    while (ok && (result = sqlite3_step(rows)) == SQLITE_ROW) {
        int fate = sqlite3_column_int(rows, 0);
        bool is_number = sqlite3_column_type(rows, 1) == SQLITE_FLOAT;
        double total = sqlite3_column_double(rows, 1);
        if (fate == FATE_LOST)
            out->lost++;
        else if (fate == FATE_LANDED && is_number && isfinite(total) && total >= 0)
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
