/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sample.h - test data in one file: "=== title" begins a sample, "= key value" lines follow, then its text.
 */
#ifndef MAILPROOF_TESTS_SAMPLE_H
#define MAILPROOF_TESTS_SAMPLE_H

#include "common/base/buffer.h"

struct sample {
    struct slice title;
    struct slice options; /* the "= key value" lines */
    struct slice text;
};

/* The whole file. False where it cannot be read. */
bool sample_load(struct buffer *file, const char *path);
bool sample_next(struct slice *rest, struct sample *sample);
/* Takes the next option off the front. */
bool sample_option(struct slice *options, struct slice *key, struct slice *value);

#endif
