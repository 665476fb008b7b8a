/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A range that is accepted means the same when its canonical text is read again, and that text fits perfdata.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/monitor/threshold.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const struct range *a, const struct range *b)
{
    return a->start == b->start && a->end == b->end && a->inside == b->inside &&
           strcmp(a->text, b->text) == 0;
}

static void check_range(const char *text, bool seconds)
{
    struct range range, again;

    if (!range_parse(&range, text, seconds))
        return;
    if (strspn(range.text, "0123456789.-~:@") != strlen(range.text))
        abort();
    if (!range_parse(&again, range.text, false) || !same(&range, &again))
        abort();
    if (range_alerts(&range, range.end) != range.inside || (range_off(&range) && range_alerts(&range, 0)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const known[] = {"auth", "cert_days", NULL};
    struct thresholds t = {.main_metric = "auth"};
    struct err err = ERR_NONE;
    char *text = malloc(size + 1);

    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    check_range(text, false);
    check_range(text, true);
    bool ok = threshold_option(&t, size % 2 == 0, text, known, &err);
    if (ok ? t.count != 1 : err.kind != FAULT_USAGE)
        abort();
    free(text);
    return 0;
}
