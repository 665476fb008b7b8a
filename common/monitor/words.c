/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/monitor/decimal.h"
#include "common/monitor/render.h"

enum { DETAILS_SHOWN = 30, DETAILS_SHOWN_VERBOSE = 200 };

/* "1.310 s", "93784 s, 26.1 h", "91.25 %", "5" */
static void write_value(char *out, size_t size, const struct reported_metric *m)
{
    char number[DECIMAL_SIZE], large[DECIMAL_SIZE];
    double value = fabs(m->value);

    if (m->kind == NULL || strcmp(m->kind->uom, "s") != 0) {
        decimal_text(number, m->value, 3, true);
        snprintf(out, size, "%s%s", number, m->kind != NULL && *m->kind->uom == '%' ? " %" : "");
    } else if (value < 600) {
        decimal_text(number, m->value, value < 0.001 ? 6 : 3, false);
        snprintf(out, size, "%s s", number);
    } else {
        double unit = value < 2 * 3600 ? 60 : value < 2 * 86400 ? 3600 : 86400;
        const char *name = value < 2 * 3600 ? "min" : value < 2 * 86400 ? "h" : "d";
        decimal_text(number, m->value, 0, true);
        decimal_text(large, m->value / unit, 1, true);
        snprintf(out, size, "%s s, %s %s", number, large, name);
    }
}

/* "above 1", "below 7", "from 10 to 20" */
static void write_reason(char *out, size_t size, double value, const struct range *range)
{
    char start[DECIMAL_SIZE], end[DECIMAL_SIZE];
    bool from = isfinite(range->start), to = isfinite(range->end);

    if (from)
        decimal_text(start, range->start, DECIMAL_PLACES, true);
    if (to)
        decimal_text(end, range->end, DECIMAL_PLACES, true);
    if (!range->inside && from && value < range->start)
        snprintf(out, size, "below %s", start);
    else if (!range->inside && to)
        snprintf(out, size, "above %s", end);
    else if (from && to)
        snprintf(out, size, "from %s to %s", start, end);
    else if (from)
        snprintf(out, size, "from %s", start);
    else if (to)
        snprintf(out, size, "up to %s", end);
    else
        snprintf(out, size, "always");
}

void words_threshold(char *out, size_t size, const struct reported_metric *m, const struct range *range)
{
    char value[80], reason[80];

    write_value(value, sizeof value, m);
    write_reason(reason, sizeof reason, m->value, range);
    snprintf(out, size, "%s %s %s (%s %s)", m->name, m->kind == NULL ? "is" : m->kind->verb, value,
             m->state == STATE_CRITICAL ? "critical" : "warning", reason);
}

/* Appends three texts as one where they fit, and leaves so many bytes free. */
static bool append(char *out, size_t size, size_t spare, const char *a, const char *b, const char *c)
{
    size_t used = strlen(out);

    if (used + strlen(a) + strlen(b) + strlen(c) + spare >= size)
        return false;
    snprintf(out + used, size - used, "%s%s%s", a, b, c);
    return true;
}

enum { COUNT_ROOM = 32, TEXT_LEAST = 40 }; /* for "; and 12 more"; for a text before it */

/* The other faults and the summary, each as a whole where it fits. */
static void append_others(const struct report *r, bool failed, char *out, size_t size)
{
    size_t more = r->faults_lost;
    char count[COUNT_ROOM];

    for (size_t i = failed ? 1 : 0; i < r->fault_count; i++)
        if (!append(out, size, COUNT_ROOM, *out == '\0' ? "" : "; ", r->fault[i].err.text, ""))
            more++;
    snprintf(count, sizeof count, "%zu", more);
    if (more > 0)
        append(out, size, 0, "; and ", count, " more");
    else if (failed && *r->summary != '\0')
        append(out, size, 0, "; ", r->summary, "");
}

bool words_headline(const struct report *r, char *out, size_t size)
{
    bool failed = r->fault_count > 0 && r->fault[0].state != STATE_OK;
    const char *text = failed ? r->fault[0].err.text : r->summary;
    const char *advice = failed ? r->fault[0].advice : "";
    size_t for_flags = strlen(r->flags), for_count = r->fault_count > 1 ? COUNT_ROOM : 0;

    if (for_flags + for_count + TEXT_LEAST > size)
        for_flags = 0;
    size -= for_flags;
    size_t for_advice = *advice == '\0' ? 0 : strlen(advice) + strlen(" ()");
    if (for_advice + for_count + TEXT_LEAST > size)
        for_advice = 0;
    text_clean(out, size - for_advice - for_count, slice_from(text));
    bool whole = strcmp(out, text) == 0;
    if (for_advice > 0)
        append(out, size, 0, " (", advice, ")");
    append_others(r, failed, out, size);
    if (*out == '\0')
        append(out, size, 0, "no details", "", "");
    if (for_flags > 0)
        append(out, size + for_flags, 0, r->flags, "", "");
    return whole;
}

void words_fault(char *out, size_t size, const struct reported_fault *f)
{
    char where[SIDE_SIZE + METRIC_NAME_MAX + 8] = "";
    char tail[ADVICE_SIZE + 4] = "", head[128];

    if (*f->side != '\0' || *f->stage != '\0')
        snprintf(where, sizeof where, " at %s%s%s", f->side, *f->side != '\0' && *f->stage != '\0' ? " " : "",
                 f->stage);
    snprintf(head, sizeof head, "%s %s%s: ", state_name(f->state), fault_class(f->err.kind), where);
    if (*f->advice != '\0')
        snprintf(tail, sizeof tail, " (%s)", f->advice);
    size_t room = size - strlen(head) - strlen(tail);
    char text[ERR_TEXT_MAX];
    text_clean(text, room < sizeof text ? room : sizeof text, slice_from(f->err.text));
    snprintf(out, size, "%s%s%s", head, text, tail);
}

/* Counts the lines of the long output, and passes on as many as are wanted. */
struct details {
    size_t wanted, seen;
    words_take *take; /* NULL: only count */
    void *context;
};

static bool offer(struct details *d, const char *line)
{
    bool wanted = d->seen++ < d->wanted;
    return !wanted || d->take == NULL || d->take(d->context, line);
}

static bool walk(const struct report *r, struct details *d, bool first_fault)
{
    struct slice rest = buffer_slice(&r->details), line;
    char text[DETAIL_SIZE];

    for (size_t i = first_fault ? 0 : 1; i < r->fault_count; i++) {
        words_fault(text, sizeof text, &r->fault[i]);
        if (!offer(d, text))
            return false;
    }
    while (slice_next_line(&rest, &line)) {
        if (line.data[0] - '0' > r->verbosity)
            continue;
        slice_copy(text, sizeof text, slice_skip(line, 1));
        if (!offer(d, text))
            return false;
    }
    d->seen += r->faults_lost + r->details_lost;
    return true;
}

bool words_details(const struct report *r, bool first_fault, words_take *take, void *context)
{
    size_t limit = r->verbosity == 0 ? DETAILS_SHOWN : DETAILS_SHOWN_VERBOSE;
    char more[64];
    struct details all = {.wanted = 0};

    walk(r, &all, first_fault);
    struct details shown = {.wanted = all.seen > limit ? limit - 1 : limit, .take = take, .context = context};
    if (!walk(r, &shown, first_fault))
        return false;
    if (all.seen <= limit)
        return true;
    snprintf(more, sizeof more, "... %zu more lines%s", all.seen - shown.wanted,
             r->verbosity == 0 ? " (-v shows more)" : "");
    return take(context, more);
}

bool words_transcript(const struct report *r, words_take *take, void *context)
{
    struct slice rest = buffer_slice(&r->transcript), line;
    char text[DETAIL_SIZE];

    while (r->verbosity >= 3 && slice_next_line(&rest, &line)) {
        text_clean(text, sizeof text, line);
        if (!take(context, text))
            return false;
    }
    return true;
}
