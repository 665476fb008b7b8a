/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "common/base/clock.h"
#include "common/history/view.h"
#include "plugins/check_mail_roundtrip/check.h"

enum { SHOWN_MAX = 5000, TABLE_MAX = 256 * 1024 };

bool print_history(const struct options *options, struct err *err)
{
    struct buffer table = BUFFER_INIT(TABLE_MAX);
    struct history *history = NULL;
    struct history_figures figures;
    struct past_list list = {NULL, 0};
    double now = clock_wall();

    bool ok = history_open(&history, options->common.state_dir, options->key, err) &&
              history_load(history, now - options->window_s, SHOWN_MAX, &list, err) &&
              history_figures(history, now, options->window_s, &figures, err);
    if (ok) {
        history_table(&table, &list, &figures, now, options->window_s);
        fputs(buffer_text(&table), stdout);
    }
    if (history != NULL)
        history_close(&history);
    past_list_clear(&list);
    buffer_clear(&table);
    return ok;
}
