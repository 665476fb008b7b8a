/* SPDX-License-Identifier: GPL-3.0-or-later */
/* parallel.h - several things at once that mostly wait, one a thread.
 *
 * What they share must be thread-safe or not be touched. Each stack has 256 KiB. A signal reaches the caller,
 * and ends what the others wait for too (interrupt.h). */
#ifndef MAILPROOF_BASE_PARALLEL_H
#define MAILPROOF_BASE_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>

typedef void parallel_fn(void *context, size_t i);

/* run(context, 0) to run(context, count - 1), side by side; returns when all are done. A single one runs in
 * the caller. False where there were no threads for all (all the same, each has run: the rest in the caller,
 * one after the other). */
bool parallel_run(size_t count, parallel_fn *run, void *context);

#endif
