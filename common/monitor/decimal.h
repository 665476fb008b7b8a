/* SPDX-License-Identifier: GPL-3.0-or-later */
/* decimal.h - numbers as plain decimals with at most six decimals: never an exponent, and a point whatever
 * the locale. */
#ifndef MAILPROOF_MONITOR_DECIMAL_H
#define MAILPROOF_MONITOR_DECIMAL_H

#include <stdbool.h>

#include "common/base/slice.h"

enum { DECIMAL_SIZE = 32, DECIMAL_PLACES = 6 };

/* What may be written: finite, and smaller than 10^15, so that it is exact enough and its text short. */
bool decimal_fits(double value);
/* To the nearest that decimal_text writes exactly. */
double decimal_round(double value);
/* places: 0 to 6. trim: without zeros at the end. value must fit. */
void decimal_text(char out[DECIMAL_SIZE], double value, int places, bool trim);
/* "10", "-1.5", ".5", "1e3"; nothing before or after, no hexadecimal, infinity or NaN. The value is rounded
 * and fits. */
bool decimal_parse(struct slice s, double *value);

#endif
