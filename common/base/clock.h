/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clock.h - monotonic time, one deadline over everything, durations as people write them. Seconds are
 * doubles. */
#ifndef MAILPROOF_BASE_CLOCK_H
#define MAILPROOF_BASE_CLOCK_H

#include <stdbool.h>
#include <time.h>

struct timespec clock_now(void); /* CLOCK_MONOTONIC */
double clock_between(struct timespec from, struct timespec to);
double clock_seconds(struct timespec at); /* since the clock's own beginning */
double clock_since(struct timespec from);
/* Wall-clock seconds since the epoch, with fractions. */
double clock_wall(void);

struct deadline {
    struct timespec at; /* CLOCK_MONOTONIC */
};

struct deadline deadline_in(double seconds);
double deadline_left(struct deadline d); /* never negative */
bool deadline_passed(struct deadline d);
struct deadline deadline_earlier(struct deadline a, struct deadline b);
/* For poll(2): what is left in milliseconds, rounded up, at most one hour. */
int deadline_poll_ms(struct deadline d);

/* For people: "0.412 s", "95 s", "12.5 min", "3.5 h". Returns out. */
enum { DURATION_TEXT_SIZE = 16 };
const char *duration_text(char out[DURATION_TEXT_SIZE], double seconds);

/* "90", "1.5", "90s", "5m", "2h", "1d": a number and optionally s, m, h or d. False on anything else, on a
 * sign, and above 10 years. */
bool duration_parse(const char *text, double *seconds);

#endif
