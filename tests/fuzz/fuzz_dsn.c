/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever a message holds: its kind fits what was found, and what a bounce says is clean. With the marker
 * that was found in mind, it is found again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/mail/dsn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_clean(const char *text)
{
    char clean[512];

    text_clean(clean, sizeof clean, slice_from(text));
    if (strcmp(clean, text) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct marker found, again;
    struct dsn dsn;
    enum message_kind kind = message_classify(slice_of(data, size), NULL, &found, &dsn);

    check_clean(dsn.status);
    check_clean(dsn.action);
    check_clean(dsn.recipient);
    check_clean(dsn.diagnostic);
    if (dsn.code != 0 && (dsn.code < 400 || dsn.code > 559))
        abort();
    if ((kind == MESSAGE_OTHER) != (found.text[0] == '\0'))
        abort();
    if (kind != MESSAGE_BOUNCE && kind != MESSAGE_DELAYED && (dsn.code != 0 || dsn.recipient[0] != '\0'))
        abort();
    if (kind != MESSAGE_OTHER &&
        (message_classify(slice_of(data, size), &found, &again, &dsn) == MESSAGE_OTHER ||
         strcmp(found.text, again.text) != 0))
        abort();
    return 0;
}
