/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chart.h - what happened when, drawn in text: a bar a step, all on one scale, in the order of their
 * beginnings. For a person at a terminal. Pure. */
#ifndef MAILPROOF_MONITOR_CHART_H
#define MAILPROOF_MONITOR_CHART_H

#include <stdbool.h>
#include <stddef.h>

enum { CHART_NAME_SIZE = 25, CHART_WIDTH_MIN = 40, CHART_WIDTH_MAX = 80, CHART_LINE_SIZE = 256 };

struct chart_bar {
    char name[CHART_NAME_SIZE];
    double begin_s; /* on any clock that all bars share */
    double seconds; /* not negative */
    bool whole;     /* measured in whole seconds: no decimals are shown */
};

/* A line without its end; false ends the drawing. */
typedef bool chart_take(void *context, const char *line);

/* Sorts the bars, and draws each in a line of fewer than width columns (CHART_WIDTH_MIN to _MAX, else the
 * nearer of them). utf8: with block characters, else with '#'. What a name has outside ASCII becomes '?': its
 * columns could not be told. False where take said false. */
bool chart_draw(struct chart_bar *bars, size_t count, size_t width, bool utf8, chart_take *take,
                void *context);

#endif
