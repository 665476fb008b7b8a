/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/base/clock.h"

#include <stdio.h>

#include <math.h>
#include <stddef.h>

#include "common/base/slice.h"

#define NANO 1e9

struct timespec clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now;
}

double clock_wall(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / NANO;
}

double clock_between(struct timespec from, struct timespec to)
{
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / NANO;
}

double clock_seconds(struct timespec at)
{
    return (double)at.tv_sec + (double)at.tv_nsec / NANO;
}

double clock_since(struct timespec from)
{
    return clock_between(from, clock_now());
}

struct deadline deadline_in(double seconds)
{
    struct deadline d = {clock_now()};
    double whole = floor(seconds);

    d.at.tv_sec += (time_t)whole;
    d.at.tv_nsec += (long)((seconds - whole) * NANO);
    if (d.at.tv_nsec >= 1000000000L) {
        d.at.tv_nsec -= 1000000000L;
        d.at.tv_sec++;
    }
    return d;
}

double deadline_left(struct deadline d)
{
    double left = clock_between(clock_now(), d.at);
    return left > 0 ? left : 0;
}

bool deadline_passed(struct deadline d)
{
    return deadline_left(d) <= 0;
}

struct deadline deadline_earlier(struct deadline a, struct deadline b)
{
    return clock_between(a.at, b.at) < 0 ? b : a;
}

int deadline_poll_ms(struct deadline d)
{
    double ms = ceil(deadline_left(d) * 1000);
    return ms > 3600000 ? 3600000 : (int)ms;
}

bool duration_parse(const char *text, double *seconds)
{
    struct slice s = slice_from(text);
    double unit = 1, value = 0, scale = 1;
    bool digits = false, fraction = false;

    if (s.len > 0) {
        switch (s.data[s.len - 1]) {
        case 's':
            s.len--;
            break;
        case 'm':
            unit = 60;
            s.len--;
            break;
        case 'h':
            unit = 3600;
            s.len--;
            break;
        case 'd':
            unit = 86400;
            s.len--;
            break;
        default:
            break;
        }
    }
    /* by hand: strtod knows the locale's comma, "inf", "0x1p3" and signs */
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '.' && !fraction && digits) {
            fraction = true;
        } else if (ascii_is_digit(s.data[i])) {
            digits = true;
            value = value * 10 + (s.data[i] - '0');
            if (fraction)
                scale *= 10;
        } else {
            return false;
        }
        if (value > 1e15)
            return false;
    }
    if (!digits || s.data[s.len - 1] == '.' || value / scale * unit > 10.0 * 366 * 86400)
        return false;
    *seconds = value / scale * unit;
    return true;
}

const char *duration_text(char out[DURATION_TEXT_SIZE], double seconds)
{
    if (seconds < 10)
        snprintf(out, DURATION_TEXT_SIZE, "%.3f s", seconds);
    else if (seconds < 600)
        snprintf(out, DURATION_TEXT_SIZE, "%.0f s", seconds);
    else if (seconds < 7200)
        snprintf(out, DURATION_TEXT_SIZE, "%.1f min", seconds / 60);
    else
        snprintf(out, DURATION_TEXT_SIZE, "%.1f h", seconds / 3600);
    return out;
}
