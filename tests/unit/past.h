/* SPDX-License-Identifier: GPL-3.0-or-later */
/* past.h - probes of the past, and a scratch folder for their database. */
#ifndef MAILPROOF_TESTS_PAST_H
#define MAILPROOF_TESTS_PAST_H

#include "common/history/history.h"

#define PAST_KEY    UINT64_C(0x1234567890)
#define PAST_ROUTE  UINT64_C(77)
#define PAST_NOW    1790000000.0
#define PAST_OPENED (PAST_NOW - 1000) /* when past_open has a service run */

/* The same marker for the same number, sent then. */
struct marker past_marker(unsigned number, double sent);
/* Of PAST_ROUTE, tried and, where it came so far, accepted then. */
struct past_probe past_probe(unsigned number, enum fate fate, double sent);

/* A new folder with mode 0700 below the working directory; past_dir_remove removes it and what is in it. */
const char *past_dir(void);
void past_dir_remove(void);

/* history_open with history_begin_run, and history_load: the test fails where they do. */
struct history *past_open(uint64_t key, const char *dir);
struct past_list past_load(struct history *h, double since, size_t max);
/* history_close with past_dir_remove. */
void past_done(struct history *h);

#endif
