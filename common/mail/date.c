/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/date.h"

#include <stdio.h>

#include "common/mail/token.h"

enum { YEAR_FIRST = 1900 };

/* of the years 1900 to 9999 */
static const time_t epoch_first = -2208988800, epoch_last = 253402300799;

static const struct slice month_names[] = {
    SLICE("Jan"), SLICE("Feb"), SLICE("Mar"), SLICE("Apr"), SLICE("May"), SLICE("Jun"),
    SLICE("Jul"), SLICE("Aug"), SLICE("Sep"), SLICE("Oct"), SLICE("Nov"), SLICE("Dec"),
};
static const struct slice day_names[] = {
    SLICE("Sun"), SLICE("Mon"), SLICE("Tue"), SLICE("Wed"), SLICE("Thu"), SLICE("Fri"), SLICE("Sat"),
};
/* RFC 5322 section 4.3; military letters and all other names count as UTC */
static const struct {
    struct slice name;
    int hours;
} zones[] = {
    {SLICE("EST"), -5}, {SLICE("EDT"), -4}, {SLICE("CST"), -6}, {SLICE("CDT"), -5},
    {SLICE("MST"), -7}, {SLICE("MDT"), -6}, {SLICE("PST"), -8}, {SLICE("PDT"), -7},
};

static bool take_char(struct slice *rest, char c)
{
    if (rest->len == 0 || rest->data[0] != c)
        return false;
    *rest = slice_skip(*rest, 1);
    return true;
}

/* Decimal digits, min to max of them. Returns how many there were, 0 where there were too few or too many. */
static size_t take_digits(struct slice *rest, size_t min, size_t max, int *value)
{
    size_t n = 0;

    *value = 0;
    for (; n < rest->len && ascii_is_digit(rest->data[n]); n++) {
        if (n == max)
            return 0;
        *value = *value * 10 + (rest->data[n] - '0');
    }
    if (n < min)
        return 0;
    *rest = slice_skip(*rest, n);
    return n;
}

static struct slice take_letters(struct slice *rest)
{
    size_t n = 0;

    while (n < rest->len && ascii_is_alnum(rest->data[n]) && !ascii_is_digit(rest->data[n]))
        n++;
    struct slice letters = slice_head(*rest, n);
    *rest = slice_skip(*rest, n);
    return letters;
}

static bool take_month(struct slice *rest, int *month)
{
    struct slice name = take_letters(rest);

    for (int i = 0; i < 12; i++)
        if (slice_eq_nocase(name, month_names[i])) {
            *month = i;
            return true;
        }
    return false;
}

/* RFC 5322 section 4.3: two and three digits */
static bool take_year(struct slice *rest, int *year)
{
    size_t digits = take_digits(rest, 2, 4, year);

    if (digits == 2)
        *year += *year < 50 ? 2000 : 1900;
    else if (digits == 3)
        *year += 1900;
    return digits > 0 && *year >= YEAR_FIRST;
}

/* hh:mm[:ss[.fraction]], blanks around the colons allowed */
static bool take_time(struct slice *rest, struct tm *tm)
{
    if (!take_digits(rest, 1, 2, &tm->tm_hour))
        return false;
    token_skip_blanks(rest);
    if (!take_char(rest, ':'))
        return false;
    token_skip_blanks(rest);
    if (!take_digits(rest, 2, 2, &tm->tm_min))
        return false;
    token_skip_blanks(rest);
    tm->tm_sec = 0;
    if (take_char(rest, ':')) {
        token_skip_blanks(rest);
        if (!take_digits(rest, 2, 2, &tm->tm_sec))
            return false;
        int fraction;
        if (take_char(rest, '.') && !take_digits(rest, 1, 9, &fraction))
            return false;
    }
    return tm->tm_hour <= 23 && tm->tm_min <= 59 && tm->tm_sec <= 60;
}

/* "+hhmm" */
static bool take_offset(struct slice *rest, int *offset_s)
{
    int sign = take_char(rest, '-') ? -1 : 1, number;

    if (sign > 0 && !take_char(rest, '+'))
        return false;
    if (!take_digits(rest, 4, 4, &number) || number % 100 > 59)
        return false;
    *offset_s = sign * (number / 100 * 3600 + number % 100 * 60);
    return true;
}

static bool take_zone(struct slice *rest, int *offset_s)
{
    *offset_s = 0;
    if (rest->len > 0 && (rest->data[0] == '+' || rest->data[0] == '-'))
        return take_offset(rest, offset_s);
    struct slice name = take_letters(rest);
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (slice_eq_nocase(name, zones[i].name))
            *offset_s = zones[i].hours * 3600;
    return true;
}

static bool to_epoch(struct tm *tm, int year, int offset_s, time_t *at)
{
    tm->tm_year = year - 1900;
    struct tm day = {.tm_year = tm->tm_year, .tm_mon = tm->tm_mon, .tm_mday = tm->tm_mday, .tm_hour = 12};
    timegm(&day);
    if (day.tm_mday != tm->tm_mday || day.tm_mon != tm->tm_mon)
        return false; /* 30 February */
    time_t utc = timegm(tm) - offset_s;
    if (utc < epoch_first || utc > epoch_last)
        return false; /* over the edge by its zone */
    *at = utc;
    return true;
}

bool date_parse(struct slice text, time_t *at)
{
    struct tm tm = {.tm_sec = 0};
    int year, offset_s;

    token_skip_blanks(&text);
    if (take_letters(&text).len > 0) {
        token_skip_blanks(&text);
        take_char(&text, ',');
        token_skip_blanks(&text);
    }
    if (!take_digits(&text, 1, 2, &tm.tm_mday))
        return false;
    token_skip_blanks(&text);
    if (!take_month(&text, &tm.tm_mon))
        return false;
    token_skip_blanks(&text);
    if (!take_year(&text, &year))
        return false;
    token_skip_blanks(&text);
    if (!take_time(&text, &tm))
        return false;
    token_skip_blanks(&text);
    if (!take_zone(&text, &offset_s))
        return false;
    token_skip_blanks(&text);
    take_letters(&text); /* "+0200 CEST", without the brackets that it should have */
    token_skip_blanks(&text);
    return text.len == 0 && to_epoch(&tm, year, offset_s, at);
}

bool date_parse_imap(struct slice text, time_t *at)
{
    struct tm tm = {.tm_sec = 0};
    int year, offset_s;
    bool padded = take_char(&text, ' ');

    return take_digits(&text, 1, padded ? 1 : 2, &tm.tm_mday) && take_char(&text, '-') &&
           take_month(&text, &tm.tm_mon) && take_char(&text, '-') && take_digits(&text, 4, 4, &year) &&
           year >= YEAR_FIRST && take_char(&text, ' ') && take_time(&text, &tm) && take_char(&text, ' ') &&
           take_offset(&text, &offset_s) && text.len == 0 && to_epoch(&tm, year, offset_s, at);
}

void date_format(char *out, size_t size, time_t at)
{
    struct tm tm;

    if (at < epoch_first || at > epoch_last)
        at = epoch_first;
    gmtime_r(&at, &tm);
    snprintf(out, size, "%s, %02d %s %04d %02d:%02d:%02d +0000", day_names[tm.tm_wday].data, tm.tm_mday,
             month_names[tm.tm_mon].data, tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}
