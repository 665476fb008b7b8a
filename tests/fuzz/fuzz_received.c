/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text of a hop is fit for a status line; a date that is read and written reads the same again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/mail/received.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_text(const char *text)
{
    char again[256];

    text_clean(again, sizeof again, slice_from(text));
    check(strcmp(text, again) == 0);
}

static void check_date(time_t at)
{
    char text[32];
    time_t again;

    date_format(text, sizeof text, at);
    check(date_parse(slice_from(text), &again) && again == at);
}

static void check_hops(struct slice message)
{
    struct hops hops;

    received_hops(&hops, message);
    check(hops.count <= HOPS_MAX && hops.count <= hops.total);
    for (size_t i = 0; i < hops.count; i++) {
        const struct hop *hop = &hops.hop[i];
        check_text(hop->from);
        check_text(hop->by);
        check(!hop->delayed || (i > 0 && hop->dated && hops.hop[i - 1].dated));
    }
    check(received_slowest(&hops) == NULL || received_slowest(&hops)->delayed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_of(data, size);
    struct hop hop;
    time_t at;

    if (received_parse(&hop, text)) {
        check_text(hop.from);
        check_text(hop.address);
        check_text(hop.by);
        check_text(hop.with);
        if (hop.dated)
            check_date(hop.at);
    }
    if (date_parse(text, &at))
        check_date(at);
    if (date_parse_imap(text, &at))
        check_date(at);
    check_hops(text);
    return 0;
}
