/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Monitoring Plugins Development Guidelines, "Plugin Output for Nagios": text, '|', perfdata; then long
 * output. All perfdata is on line 1, because Icinga loses what comes later, and NRPE's old packets cut at
 * 1,024 bytes. */
#include <stdio.h>
#include <string.h>

#include "common/monitor/decimal.h"
#include "common/monitor/render.h"

enum {
    TEXT_ROOM = 160,
    PERFDATA_MAX = FIRST_LINE_MAX - TEXT_ROOM
}; /* at least so much for title, state and text */

/* label=value[uom][;warn[;crit]] */
static void write_perfdata(char *out, size_t size, const struct reported_metric *m)
{
    const char *uom = m->kind == NULL ? "" : m->kind->uom;
    char value[DECIMAL_SIZE];

    decimal_text(value, m->value, DECIMAL_PLACES, *uom != 's');
    snprintf(out, size, "%s=%s%s%s%s%s%s", m->name, value, uom,
             *m->warning != '\0' || *m->critical != '\0' ? ";" : "", m->warning,
             *m->critical != '\0' ? ";" : "", m->critical);
}

/* " | a=1 b=2"; what does not fit is left out from there on. */
static void write_all_perfdata(char *out, size_t size, const struct report *r)
{
    char one[METRIC_NAME_MAX + DECIMAL_SIZE + 2 * RANGE_TEXT_SIZE + 8];
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < r->metric_count; i++) {
        if (!r->metric[i].show)
            continue;
        write_perfdata(one, sizeof one, &r->metric[i]);
        const char *separator = used == 0 ? " | " : " ";
        if (used + strlen(separator) + strlen(one) >= size)
            return;
        used += (size_t)snprintf(out + used, size - used, "%s%s", separator, one);
    }
}

/* Returns whether the worst fault was told in full. out: FIRST_LINE_MAX + 2 bytes. */
static bool write_first_line(const struct report *r, char *out)
{
    char perfdata[PERFDATA_MAX];

    write_all_perfdata(perfdata, sizeof perfdata, r);
    size_t room = FIRST_LINE_MAX + 1 - strlen(perfdata);
    size_t used = (size_t)snprintf(out, room, "%s %s - ", r->title, state_name(r->state));
    bool whole = words_headline(r, out + used, room - used);
    used = strlen(out);
    snprintf(out + used, FIRST_LINE_MAX + 2 - used, "%s\n", perfdata);
    return whole;
}

void render_nagios_spare(const struct report *r, char *out)
{
    write_first_line(r, out);
}

static bool take_line(void *context, const char *line)
{
    return buffer_append_text(context, line) && buffer_append_char(context, '\n');
}

/* A blank line goes before it. */
static bool write_chart(const struct report *r, struct buffer *out)
{
    struct chart_bar bars[BARS_MAX];

    if (r->chart_width == 0 || r->verbosity == 0 || r->bar_count == 0)
        return true;
    memcpy(bars, r->bar, r->bar_count * sizeof *bars);
    return buffer_append_char(out, '\n') &&
           chart_draw(bars, r->bar_count, r->chart_width, r->chart_utf8, take_line, out);
}

bool render_nagios(const struct report *r, struct buffer *out)
{
    char first[FIRST_LINE_MAX + 2];
    bool whole = write_first_line(r, first);

    return buffer_append_text(out, first) && words_details(r, !whole || r->verbosity > 0, take_line, out) &&
           write_chart(r, out) && words_transcript(r, take_line, out);
}
