/* SPDX-License-Identifier: GPL-3.0-or-later */
/* first_line.h - what every run's text output promises, whatever went into it. */
#ifndef MAILPROOF_TESTS_FIRST_LINE_H
#define MAILPROOF_TESTS_FIRST_LINE_H

#include <string.h>

#include "common/base/text.h"

/* [a-z][a-z0-9_]{0,18}=NUMBER[UOM][;WARN[;CRIT]] */
static inline const char *perfdata_broken(struct slice one)
{
    size_t equals = slice_find_char(one, '='), number = 0;

    if (equals < 1 || equals > 19 || equals == one.len)
        return "label's length";
    for (size_t i = 0; i < equals; i++)
        if (!(one.data[i] >= 'a' && one.data[i] <= 'z') &&
            (i == 0 || (!ascii_is_digit(one.data[i]) && one.data[i] != '_')))
            return "label's characters";
    one = slice_skip(one, equals + 1);
    if (one.len > 0 && one.data[0] == '-')
        one = slice_skip(one, 1);
    while (number < one.len && (ascii_is_digit(one.data[number]) || (number > 0 && one.data[number] == '.')))
        number++;
    if (number == 0)
        return "value is no plain decimal";
    for (size_t i = number; i < one.len; i++)
        if (!(i == number && strchr("s%;", one.data[i]) != NULL) &&
            !(i > number && (ascii_is_digit(one.data[i]) || strchr(";@~:.-", one.data[i]) != NULL)))
            return "unit or thresholds";
    return one.data[one.len - 1] == ';' ? "an empty threshold at the end" : NULL;
}

/* NULL where all is well, else what is broken. */
static inline const char *first_line_broken(struct slice text)
{
    struct slice line = slice_head(text, slice_find_char(text, '\n')), rest, one;
    size_t bar = slice_find_char(line, '|');
    const char *broken = NULL;

    if (line.len == 0 || line.len == text.len)
        return "no first line";
    if (line.len + 1 >= 1000)
        return "too long";
    if (!text_is_utf8(text))
        return "not UTF-8";
    for (size_t i = 0; i < text.len; i++) {
        if (((unsigned char)text.data[i] < 0x20 && text.data[i] != '\n') || text.data[i] == 0x7f)
            return "control character";
        if (text.data[i] == '|' && i != bar)
            return "a bar too many";
    }
    rest = slice_skip(line, bar + 1);
    while (broken == NULL && slice_next_word(&rest, &one))
        broken = perfdata_broken(one);
    return broken;
}

#endif
