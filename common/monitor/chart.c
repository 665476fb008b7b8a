/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/monitor/chart.h"

#include <stdio.h>
#include <string.h>

enum { NUMBER_WIDTH = 12 };                 /* " 86400.000 s" */
static const double NUMBER_MAX = 999999999; /* a forged date makes any delay */
static const double DECIMALS_MAX_S = 99999;

struct frame {
    double from, to; /* the scale, on the bars' clock */
    size_t name_width, bar_width;
    const char *mark;
};

/* Insertion: few bars, mostly sorted, and equal ones stay in the order in which they came. */
static void sort(struct chart_bar *bars, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct chart_bar bar = bars[i];
        size_t at = i;
        for (; at > 0 && bars[at - 1].begin_s > bar.begin_s; at--)
            bars[at] = bars[at - 1];
        bars[at] = bar;
    }
}

static struct frame find_frame(const struct chart_bar *bars, size_t count, size_t width, bool utf8)
{
    struct frame f = {.from = bars[0].begin_s, .to = bars[0].begin_s, .mark = utf8 ? "\u2588" : "#"};

    for (size_t i = 0; i < count; i++) {
        double end = bars[i].begin_s + bars[i].seconds;
        size_t length = strlen(bars[i].name);
        if (end > f.to)
            f.to = end;
        if (length > f.name_width)
            f.name_width = length;
    }
    /* the last column stays free: a full line would make some terminals add an empty one */
    f.bar_width = width - 1 - NUMBER_WIDTH - f.name_width - 1;
    return f;
}

static size_t column(const struct frame *f, double at)
{
    double share = f->to > f->from ? (at - f->from) / (f->to - f->from) : 0;

    return (size_t)(share * (double)f->bar_width + 0.5);
}

/* However short, a step is seen. */
static void place(const struct frame *f, const struct chart_bar *bar, size_t *begin, size_t *end)
{
    *begin = column(f, bar->begin_s);
    *end = column(f, bar->begin_s + bar->seconds);
    if (*begin >= f->bar_width)
        *begin = f->bar_width - 1;
    if (*end <= *begin)
        *end = *begin + 1;
}

static void write_name(char *out, size_t width, const char *name)
{
    size_t n = 0;

    for (; name[n] != '\0'; n++)
        out[n] = name[n] >= ' ' && name[n] <= '~' ? name[n] : '?';
    memset(out + n, ' ', width - n);
    out[width] = '\0';
}

static void write_line(char *out, const struct frame *f, const struct chart_bar *bar)
{
    char name[CHART_NAME_SIZE], bars[CHART_WIDTH_MAX * sizeof "\u2588"] = "";
    double seconds = bar->seconds < NUMBER_MAX ? bar->seconds : NUMBER_MAX;
    int places = bar->whole || seconds > DECIMALS_MAX_S ? 0 : 3;
    size_t begin, end;
    char *at = bars;

    write_name(name, f->name_width, bar->name);
    place(f, bar, &begin, &end);
    for (size_t i = 0; i < f->bar_width; i++)
        at = stpcpy(at, i >= begin && i < end ? f->mark : " ");
    snprintf(out, CHART_LINE_SIZE, "%s %s%*.*f s", name, bars, NUMBER_WIDTH - 2, places, seconds);
}

bool chart_draw(struct chart_bar *bars, size_t count, size_t width, bool utf8, chart_take *take,
                void *context)
{
    char line[CHART_LINE_SIZE];

    if (count == 0)
        return true;
    width = width < CHART_WIDTH_MIN ? CHART_WIDTH_MIN : width > CHART_WIDTH_MAX ? CHART_WIDTH_MAX : width;
    sort(bars, count);
    struct frame frame = find_frame(bars, count, width, utf8);
    for (size_t i = 0; i < count; i++) {
        write_line(line, &frame, &bars[i]);
        if (!take(context, line))
            return false;
    }
    return true;
}
