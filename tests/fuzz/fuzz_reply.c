/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A reply that is accepted is within its limits, cleaned, and the same when what it formats to is read again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/mail/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char formatted[2 * REPLY_TEXT_MAX], clean[REPLY_TEXT_MAX];
    struct reply r, again;

    if (!reply_parse(&r, slice_of(data, size)))
        return 0;
    if (r.code < 200 || r.code > 559 || r.lines < 1 || r.lines > REPLY_LINES_MAX)
        abort();
    text_clean(clean, sizeof clean, slice_from(r.text));
    if (strcmp(clean, r.text) != 0)
        abort();
    reply_format(&r, formatted, sizeof formatted);
    if (!reply_parse(&again, slice_from(formatted)) || again.code != r.code || again.lines != 1)
        abort();
    if (r.enhanced[0] != '\0' && (strcmp(again.enhanced, r.enhanced) != 0 || strcmp(again.text, r.text) != 0))
        abort();
    return 0;
}
