/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/cli/matcher_options.h"

#include "common/cli/values.h"

enum { WORD_MIN = 6 };

/* One of ours, or a word that somebody else's test puts in the same place: that one is found, but never
 * cleaned. */
static bool read_marker(struct marker *marker, struct slice text)
{
    if (marker_parse(marker, text))
        return true;
    *marker = (struct marker){.key = 0};
    if (text.len < WORD_MIN || text.len > MARKER_LENGTH)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!ascii_is_alnum(text.data[i]))
            return false;
        marker->text[i] = ascii_lower(text.data[i]);
    }
    return true;
}

bool matcher_options_read(struct matcher *matcher, struct marker *marker, const struct matcher_args *args,
                          struct err *err)
{
    if (args->marker != NULL) {
        if (!read_marker(marker, slice_from(args->marker)))
            return err_set(
                err, FAULT_USAGE, STAGE_NONE,
                "--marker=%.100s: takes a marker as another plugin printed it, or another word of %d to %d "
                "letters and digits",
                args->marker, WORD_MIN, MARKER_LENGTH);
        matcher->marker = marker;
    }
    matcher->subject = args->subject;
    matcher->from = args->match_from;
    return args->match_header == NULL || value_header("match-header", args->match_header,
                                                      &matcher->header_name, &matcher->header_text, err);
}
