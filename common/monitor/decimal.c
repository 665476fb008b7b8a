/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/monitor/decimal.h"

#include <math.h>
#include <stdio.h>

#define LIMIT      1e15
#define FINE_LIMIT 1e9 /* below it a double holds six decimals */

bool decimal_fits(double value)
{
    return isfinite(value) && fabs(value) < LIMIT;
}

double decimal_round(double value)
{
    return fabs(value) < FINE_LIMIT ? round(value * 1e6) / 1e6 : round(value);
}

void decimal_text(char out[DECIMAL_SIZE], double value, int places, bool trim)
{
    static const double powers[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};
    double size = fabs(value);
    long long whole = (long long)floor(size);
    long long part = llround((size - floor(size)) * powers[places]);

    if (part >= (long long)powers[places]) {
        part = 0;
        whole++;
    }
    const char *sign = value < 0 && (whole > 0 || part > 0) ? "-" : "";
    for (; trim && places > 0 && part % 10 == 0; places--)
        part /= 10;
    if (places == 0)
        snprintf(out, DECIMAL_SIZE, "%s%lld", sign, whole);
    else
        snprintf(out, DECIMAL_SIZE, "%s%lld.%0*lld", sign, whole, places, part);
}

/* Digits with at most one point among them, and one digit at least. */
static bool parse_plain(struct slice s, double *value)
{
    double sum = 0, scale = 1;
    bool digits = false, fraction = false;

    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '.' && !fraction) {
            fraction = true;
        } else if (ascii_is_digit(s.data[i])) {
            digits = true;
            if (scale >= 1e9) /* beyond what counts */
                continue;
            sum = sum * 10 + (s.data[i] - '0');
            if (fraction)
                scale *= 10;
        } else {
            return false;
        }
    }
    *value = sum / scale;
    return digits;
}

static double take_sign(struct slice *s)
{
    if (s->len == 0 || (s->data[0] != '-' && s->data[0] != '+'))
        return 1;
    double sign = s->data[0] == '-' ? -1 : 1;
    *s = slice_skip(*s, 1);
    return sign;
}

bool decimal_parse(struct slice s, double *value)
{
    double sign = take_sign(&s), plain, exponent_sign = 1;
    size_t e = slice_find_char(s, 'e');
    struct slice power = slice_skip(s, e + 1);
    unsigned long long exponent = 0;

    if (!parse_plain(slice_head(s, e), &plain))
        return false;
    if (e < s.len) {
        exponent_sign = take_sign(&power);
        if (!slice_number(power, 99, &exponent))
            return false;
    }
    double scaled = sign * plain * pow(10, exponent_sign * (double)exponent);
    if (!decimal_fits(scaled) || !decimal_fits(decimal_round(scaled)))
        return false;
    *value = decimal_round(scaled);
    return true;
}
