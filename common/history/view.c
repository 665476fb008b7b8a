/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/history/view.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#include "common/base/clock.h"

enum { BUCKETS = 48, BUCKET_S = 1800, ROWS = 30 };

static const char *write_time(char out[24], double when)
{
    time_t seconds = (time_t)when;
    struct tm tm;

    if (localtime_r(&seconds, &tm) == NULL || strftime(out, 24, "%Y-%m-%d %H:%M:%S", &tm) == 0)
        snprintf(out, 24, "?");
    return out;
}

/* "14:30" */
static const char *write_clock(char out[8], double when)
{
    char whole[24];

    slice_copy(out, 6, slice_skip(slice_from(write_time(whole, when)), 11));
    return out;
}

/* ---- the last day ---- */

struct day {
    double slowest[BUCKETS]; /* < 0: nothing landed */
    bool lost[BUCKETS];
    double most;
    bool any;
};

static void sum_up(struct day *day, const struct past_list *list, double now)
{
    for (size_t i = 0; i < BUCKETS; i++)
        day->slowest[i] = -1;
    for (size_t i = 0; i < list->count; i++) {
        const struct past_probe *p = &list->probe[i];
        double ago = now - p->first_try;
        if (ago < 0 || ago >= BUCKETS * BUCKET_S)
            continue;
        size_t bucket = BUCKETS - 1 - (size_t)(ago / BUCKET_S);
        day->lost[bucket] = day->lost[bucket] || p->fate == FATE_LOST;
        day->any = day->any || p->fate == FATE_LOST || p->fate == FATE_LANDED;
        if (p->fate != FATE_LANDED)
            continue;
        day->slowest[bucket] = fmax(day->slowest[bucket], p->total_s);
        day->most = fmax(day->most, p->total_s);
    }
}

static void draw_day(struct buffer *out, const struct past_list *list, double now)
{
    static const char *const block[] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                        "\u2585", "\u2586", "\u2587", "\u2588"};
    enum { HEIGHTS = sizeof block / sizeof *block };
    struct day day = {.most = 0};
    char most[16], from[8], to[8];

    sum_up(&day, list, now);
    if (!day.any)
        return;
    buffer_append_text(out, "last day, slowest total in each half hour (! lost):\n  ");
    for (size_t i = 0; i < BUCKETS; i++) {
        double part = day.most > 0 && day.slowest[i] > 0 ? day.slowest[i] / day.most : 0;
        size_t height = (size_t)(part * (HEIGHTS - 1) + 0.5);
        buffer_append_text(out, day.lost[i] ? "!" : day.slowest[i] < 0 ? " " : block[height]);
    }
    buffer_printf(out, "\n  %-*s%5s   full height: %s\n\n", BUCKETS - 5,
                  write_clock(from, now - BUCKETS * BUCKET_S), write_clock(to, now),
                  duration_text(most, day.most));
}

/* ---- the newest probes ---- */

static void add_row(struct buffer *out, const struct past_probe *p)
{
    const char *where = p->fate != FATE_LANDED ? "" : p->junk ? "junk" : "inbox";
    char sent[24], took[16] = "", copies[32] = "", tries[32] = "", row[200];

    write_time(sent, p->first_try);
    if (p->fate == FATE_LANDED && p->total_s >= 0)
        duration_text(took, p->total_s);
    if (p->copies > 1)
        snprintf(copies, sizeof copies, " %u copies", p->copies);
    if (p->tries > 1)
        snprintf(tries, sizeof tries, " %u tries", p->tries);
    snprintf(row, sizeof row, "%-19s %9s  %-9s %-5s %-8s%s%s %.24s", sent, took, fate_name(p->fate), where,
             p->label, copies, tries, p->verdict);
    buffer_append(out, slice_trim(slice_from(row)));
    buffer_append_char(out, '\n');
}

static void add_figures(struct buffer *out, const struct history_figures *f, double window_s)
{
    char window[16], p50[16], p95[16], p99[16];

    buffer_printf(out, "last %s: %zu decided, %zu lost (%.1f %%)", duration_text(window, window_s),
                  f->decided, f->lost, f->loss_percent);
    if (f->landed > 0)
        buffer_printf(out, "; p50 %s, p95 %s, p99 %s", duration_text(p50, f->p50), duration_text(p95, f->p95),
                      duration_text(p99, f->p99));
    buffer_append_text(out, "\n\n");
}

void history_table(struct buffer *out, const struct past_list *list, const struct history_figures *figures,
                   double now, double window_s)
{
    add_figures(out, figures, window_s);
    draw_day(out, list, now);
    if (list->count == 0) {
        buffer_append_text(out, "no probe is stored\n");
        return;
    }
    buffer_append_text(out, "sent                     total  state     where mailbox  remarks\n");
    for (size_t i = 0; i < list->count && i < ROWS; i++)
        add_row(out, &list->probe[i]);
    if (list->count > ROWS)
        buffer_printf(out, "... and %zu older ones\n", list->count - ROWS);
}
