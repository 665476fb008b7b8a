/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unit.h - cmocka with the headers that it wants, and what tables of cases need. */
#ifndef MAILPROOF_TESTS_UNIT_H
#define MAILPROOF_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* In a loop over a table: tells which row failed. */
#define CHECK_ROW(name, condition)                                                                           \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            fail_msg("row \"%s\": %s", (name), #condition);                                                  \
    } while (0)
#define CHECK_ROW_TEXT(name, got, wanted)                                                                    \
    do {                                                                                                     \
        if (strcmp((got), (wanted)) != 0)                                                                    \
            fail_msg("row \"%s\": got \"%s\", wanted \"%s\"", (name), (got), (wanted));                      \
    } while (0)

#endif
