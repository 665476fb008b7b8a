/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/sample.h"

#include <stdio.h>

bool sample_load(struct buffer *file, const char *path)
{
    FILE *f = fopen(path, "r");
    char block[4096];
    size_t n;

    if (f == NULL)
        return false;
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        buffer_append(file, slice_of(block, n));
    fclose(f);
    return file->len > 0;
}

bool sample_next(struct slice *rest, struct sample *sample)
{
    struct slice line, all = *rest;

    if (!slice_next_line(rest, &line) || !slice_starts(line, SLICE("=== ")))
        return false;
    sample->title = slice_skip(line, 4);
    sample->options = *rest;
    while (slice_starts(*rest, SLICE("= ")) && slice_next_line(rest, &line))
        ;
    sample->options.len -= rest->len;
    size_t end = slice_find(slice_skip(all, 1), SLICE("\n=== ")) + 2;
    sample->text = slice_head(*rest, (end < all.len ? end : all.len) - (all.len - rest->len));
    *rest = slice_skip(*rest, sample->text.len);
    return true;
}

bool sample_option(struct slice *options, struct slice *key, struct slice *value)
{
    struct slice line;

    if (!slice_next_line(options, &line))
        return false;
    line = slice_skip(line, 2);
    slice_next_word(&line, key);
    *value = slice_trim(line);
    return true;
}
