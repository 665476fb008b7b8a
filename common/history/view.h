/* SPDX-License-Identifier: GPL-3.0-or-later */
/* view.h - what is stored of a service, for a person at a terminal: 80 columns of text. Pure. */
#ifndef MAILPROOF_HISTORY_VIEW_H
#define MAILPROOF_HISTORY_VIEW_H

#include "common/base/buffer.h"
#include "common/history/history.h"

/* Figures, the last day as a sparkline of the slowest total in each half hour ('!' where a probe was lost),
 * and the newest probes as a table. Times are local. Lines end in LF; what does not fit into out is left
 * away. */
void history_table(struct buffer *out, const struct past_list *list, const struct history_figures *figures,
                   double now, double window_s);

#endif
