/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/monitor/report.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/redact.h"
#include "common/base/text.h"
#include "common/monitor/decimal.h"
#include "common/monitor/render.h"

enum { RAW_SIZE = 4096, RENDERED_MAX = 4 * 1024 * 1024 };

struct report *report_new(const char *check, const char *title)
{
    static struct report last_resort; /* a report without any heap still says what went wrong */
    struct report *r = malloc(sizeof *r);

    if (r == NULL)
        r = &last_resort;
    *r = (struct report){.details = BUFFER_INIT(DETAILS_BYTES), .transcript = BUFFER_INIT(TRANSCRIPT_BYTES)};
    r->in_static_storage = r == &last_resort;
    text_clean(r->check, sizeof r->check, slice_from(check));
    text_clean(r->title, sizeof r->title, slice_from(title));
    return r;
}

void report_free(struct report **r)
{
    if (*r == NULL)
        return;
    buffer_clear(&(*r)->details);
    buffer_clear(&(*r)->transcript);
    json_decref((*r)->extra);
    trace_free(&(*r)->trace);
    if (!(*r)->in_static_storage)
        free(*r);
    *r = NULL;
}

void report_options(struct report *r, enum output output, int verbosity, const struct thresholds *thresholds)
{
    r->output = output;
    r->verbosity = verbosity < 0 ? 0 : verbosity;
    r->thresholds = thresholds;
}

void report_terminal(struct report *r, size_t columns, bool utf8)
{
    r->chart_width = columns;
    r->chart_utf8 = utf8;
}

void report_secret(struct report *r, struct slice secret)
{
    secrets_add(&r->secrets, secret);
}

void report_service(struct report *r, const char *service)
{
    text_clean(r->service, sizeof r->service, slice_from(service));
}

enum state report_state(const struct report *r)
{
    return r->state;
}

size_t report_fault_count(const struct report *r)
{
    return r->fault_count;
}

enum fault report_fault_kind(const struct report *r, size_t i)
{
    return r->fault[i].err.kind;
}

enum state report_fault_state(const struct report *r, size_t i)
{
    return r->fault[i].state;
}

const char *report_fault_side(const struct report *r, size_t i)
{
    return r->fault[i].side;
}

/* vsnprintf and secrets_clean in one */
__attribute__((format(printf, 4, 0))) static void clean_format(const struct report *r, char *out, size_t size,
                                                               const char *format, va_list args)
{
    char raw[RAW_SIZE] = "";

    vsnprintf(raw, sizeof raw, format, args);
    secrets_clean(&r->secrets, out, size, raw);
}

/* By state; of equals a threshold comes last: that AUTH was refused says more than that it took long. */
static bool is_graver(const struct reported_fault *a, const struct reported_fault *b)
{
    if (a->state != b->state)
        return state_worst(a->state, b->state) == a->state;
    return a->err.kind != FAULT_THRESHOLD && b->err.kind == FAULT_THRESHOLD;
}

/* "gmail: " before a text. */
static void put_part(const struct report *r, char *text, size_t size)
{
    char whole[RAW_SIZE];

    if (*r->part == '\0')
        return;
    snprintf(whole, sizeof whole, "%s: %s", r->part, text);
    text_clean(text, size, slice_from(whole));
}

static void insert_fault(struct report *r, const struct reported_fault *f)
{
    size_t at = r->fault_count;

    r->state = state_worst(r->state, f->state);
    while (at > 0 && is_graver(f, &r->fault[at - 1]))
        at--;
    if (r->fault_count == FAULTS_MAX)
        r->faults_lost++;
    else
        r->fault_count++;
    if (at == FAULTS_MAX)
        return;
    memmove(&r->fault[at + 1], &r->fault[at], (r->fault_count - at - 1) * sizeof *f);
    r->fault[at] = *f;
}

void report_fault(struct report *r, const char *side, enum state state, const struct err *err)
{
    struct reported_fault f = {.state = state, .err = *err};

    text_clean(f.side, sizeof f.side, slice_from(side));
    text_clean(f.advice, sizeof f.advice, slice_from(err_advice(err)));
    text_clean(f.stage, sizeof f.stage, slice_from(stage_name(err->stage)));
    secrets_clean(&r->secrets, f.err.text, sizeof f.err.text,
                  *err->text == '\0' ? fault_class(err->kind) : err->text);
    text_clean(f.err.enhanced, sizeof f.err.enhanced, slice_from(err->enhanced));
    put_part(r, f.err.text, sizeof f.err.text);
    insert_fault(r, &f);
}

/* Perfdata labels and JSON keys: [a-z][a-z0-9_]{0,18}, RRD's length and no character that a graph store
 * minds. */
static void copy_label(char out[METRIC_NAME_MAX], const char *name)
{
    size_t n = 0;

    for (; *name != '\0' && n + 1 < METRIC_NAME_MAX; name++) {
        char c = ascii_lower(*name);
        out[n++] = ascii_is_alnum(c) ? c : '_';
    }
    if (n == 0)
        out[n++] = 'x';
    else if (!ascii_is_alnum(out[0]) || ascii_is_digit(out[0]))
        out[0] = 'x';
    out[n] = '\0';
}

static void judge(struct report *r, struct reported_metric *m)
{
    const struct threshold *t = r->thresholds == NULL ? NULL : threshold_find(r->thresholds, m->name);
    const struct range *passed = NULL;

    if (t == NULL)
        return;
    if (!range_off(&t->warning))
        slice_copy(m->warning, sizeof m->warning, slice_from(t->warning.text));
    if (!range_off(&t->critical))
        slice_copy(m->critical, sizeof m->critical, slice_from(t->critical.text));
    if (range_alerts(&t->critical, m->value)) {
        passed = &t->critical;
        m->state = STATE_CRITICAL;
    } else if (range_alerts(&t->warning, m->value)) {
        passed = &t->warning;
        m->state = STATE_WARNING;
    }
    if (passed == NULL)
        return;
    struct reported_fault f = {.state = m->state, .err = {.kind = FAULT_THRESHOLD}};
    slice_copy(f.side, sizeof f.side, metric_side(m->name));
    slice_copy(f.stage, sizeof f.stage, slice_from(metric_base(m->name)));
    words_threshold(f.err.text, sizeof f.err.text, m, passed);
    insert_fault(r, &f);
}

static struct reported_metric *find_metric(struct report *r, const char *name)
{
    for (size_t i = 0; i < r->metric_count; i++)
        if (strcmp(r->metric[i].name, name) == 0)
            return &r->metric[i];
    return NULL;
}

static void add_metric(struct report *r, struct reported_metric *m, bool judged)
{
    if (!decimal_fits(m->value) || find_metric(r, m->name) != NULL)
        return;
    if (judged)
        judge(r, m);
    m->show = m->show || *m->warning != '\0' || *m->critical != '\0';
    if (r->metric_count < METRICS_MAX)
        r->metric[r->metric_count++] = *m;
}

static struct reported_metric metric_of(const char *name, double value, bool show)
{
    struct reported_metric m = {.value = value, .show = show};

    copy_label(m.name, name);
    m.kind = metric_find(m.name);
    return m;
}

void report_metric(struct report *r, const char *name, double value, bool show)
{
    struct reported_metric m = metric_of(name, value, show);

    if (*r->part == '\0')
        add_metric(r, &m, true);
}

void report_value(struct report *r, const char *name, double value, bool show)
{
    struct reported_metric m = metric_of(name, value, show);

    add_metric(r, &m, false);
}

void report_labelled(struct report *r, const char *name, const char *kind, const char *label, double value,
                     bool show)
{
    struct reported_metric m = metric_of(name, value, show);

    m.kind = metric_find(kind);
    text_clean(m.label, sizeof m.label, slice_from(label));
    add_metric(r, &m, false);
}

void report_stage(struct report *r, const char *side, const char *name, double seconds, enum state state)
{
    struct reported_stage s = {.seconds = seconds, .state = state};
    size_t i = 0;

    if (!decimal_fits(seconds))
        return;
    text_clean(s.side, sizeof s.side, slice_from(side));
    copy_label(s.name, name);
    while (i < r->stage_count &&
           (strcmp(r->stage[i].side, s.side) != 0 || strcmp(r->stage[i].name, s.name) != 0))
        i++;
    if (i == STAGES_MAX)
        return;
    r->stage[i] = s;
    r->stage_count += i == r->stage_count;
}

void report_bar(struct report *r, const char *name, double begin_s, double seconds, bool whole)
{
    if (r->bar_count == BARS_MAX || !decimal_fits(begin_s) || !decimal_fits(seconds))
        return;
    struct chart_bar *bar = &r->bar[r->bar_count++];
    *bar = (struct chart_bar){.begin_s = begin_s, .seconds = seconds > 0 ? seconds : 0, .whole = whole};
    secrets_clean(&r->secrets, bar->name, sizeof bar->name, name);
}

void report_summary(struct report *r, const char *format, ...)
{
    va_list args;

    if (*r->part != '\0')
        return;
    va_start(args, format);
    clean_format(r, r->summary, sizeof r->summary, format, args);
    va_end(args);
}

void report_flag(struct report *r, const char *format, ...)
{
    char text[80], flag[84];
    va_list args;

    va_start(args, format);
    clean_format(r, text, sizeof text, format, args);
    va_end(args);
    snprintf(flag, sizeof flag, " (%s)", text);
    size_t used = strlen(r->flags);
    if (*text != '\0' && strstr(r->flags, flag) == NULL && used + strlen(flag) < sizeof r->flags)
        strcpy(r->flags + used, flag);
}

void report_line(struct report *r, int verbosity, const char *format, ...)
{
    char text[DETAIL_SIZE];
    va_list args;

    va_start(args, format);
    clean_format(r, text, sizeof text, format, args);
    va_end(args);
    put_part(r, text, sizeof text);
    int level = verbosity < 0 ? 0 : verbosity > 9 ? 9 : verbosity;
    if (!buffer_printf(&r->details, "%d%s\n", level, text) && level <= r->verbosity)
        r->details_lost++;
}

void report_transcript(struct report *r, struct slice lines)
{
    static const char gap[] = "\n... left out here ...\n";
    size_t room = r->transcript.max - r->transcript.len;

    if (lines.len <= room) {
        buffer_append(&r->transcript, lines);
    } else if (room > 2 * sizeof gap) {
        /* a conversation is understood from its beginning, and its failure is at its end */
        size_t head = room / 4, tail = room - head - sizeof gap;
        buffer_append(&r->transcript, slice_head(lines, head));
        buffer_append_text(&r->transcript, gap);
        buffer_append(&r->transcript, slice_skip(lines, lines.len - tail));
    }
    if (r->transcript.len > 0) {
        secrets_redact(&r->secrets, r->transcript.data);
        r->transcript.len = strlen(r->transcript.data);
    }
}

static void redact_json(const struct secrets *secrets, json_t *string)
{
    char *text = strdup(json_string_value(string));

    if (text != NULL)
        secrets_redact(secrets, text);
    json_string_set(string, text != NULL ? text : "");
    free(text);
}

/* Nulls make Zabbix items unsupported; 0.21299999999999999 helps nobody. */
static void tidy_json(const struct secrets *secrets, json_t *value)
{
    const char *key;
    void *next;
    json_t *member;
    size_t i;

    if (json_is_real(value))
        json_real_set(value, decimal_round(json_real_value(value)));
    if (json_is_string(value) && secrets->count > 0)
        redact_json(secrets, value);
    json_object_foreach_safe(value, next, key, member)
    {
        if (json_is_null(member))
            json_object_del(value, key);
        else
            tidy_json(secrets, member);
    }
    for (i = json_array_size(value); i-- > 0;) {
        member = json_array_get(value, i);
        if (json_is_null(member))
            json_array_remove(value, i);
        else
            tidy_json(secrets, member);
    }
}

void report_json(struct report *r, const char *key, json_t *value)
{
    if (r->extra == NULL)
        r->extra = json_object();
    tidy_json(&r->secrets, value);
    if (json_is_null(value))
        json_decref(value);
    else /* frees value where it fails */
        json_object_set_new(r->part_json != NULL ? r->part_json : r->extra, key, value);
}

/* The member of the array that has this label, made where there is none; NULL: out of memory. */
static json_t *find_part(struct report *r)
{
    json_t *all, *one;
    size_t i;

    if (r->extra == NULL)
        r->extra = json_object();
    all = json_object_get(r->extra, "mailboxes");
    if (all == NULL && json_object_set_new(r->extra, "mailboxes", all = json_array()) != 0)
        return NULL;
    json_array_foreach(all, i, one)
    {
        const char *label = json_string_value(json_object_get(one, "label"));
        if (label != NULL && strcmp(label, r->part) == 0)
            return one;
    }
    one = json_pack("{s:s}", "label", r->part);
    return json_array_append_new(all, one) == 0 ? one : NULL;
}

void report_part(struct report *r, const char *label)
{
    text_clean(r->part, sizeof r->part, slice_from(label));
    r->part_json = *r->part == '\0' ? NULL : find_part(r);
}

bool report_render(const struct report *r, struct buffer *out)
{
    switch (r->output) {
    case OUTPUT_JSON:
        return render_json(r, out);
    case OUTPUT_OPENMETRICS:
        return render_openmetrics(r, out);
    case OUTPUT_NAGIOS:
        break;
    }
    return render_nagios(r, out);
}

static void render_spare(const struct report *r, char *out)
{
    if (r->output == OUTPUT_JSON)
        render_json_spare(r, out);
    else if (r->output == OUTPUT_OPENMETRICS)
        render_openmetrics_spare(r, out);
    else
        render_nagios_spare(r, out);
}

/* How much of it was written. */
static size_t write_all(int fd, struct slice s)
{
    size_t done = 0;
    struct deadline end = deadline_in(1);

    while (done < s.len) {
        ssize_t n = write(fd, s.data + done, s.len - done);
        if (n > 0) {
            done += (size_t)n;
        } else if (n < 0 && errno == EAGAIN && !deadline_passed(end)) {
            struct pollfd p = {.fd = fd, .events = POLLOUT};
            poll(&p, 1, deadline_poll_ms(end));
        } else if (n == 0 || errno != EINTR) {
            break;
        }
    }
    return done;
}

/* Prints and returns the exit code. */
static int print(const struct report *r)
{
    char spare[FIRST_LINE_MAX + 2];
    struct buffer out = BUFFER_INIT(RENDERED_MAX);
    struct slice text;
    int code = (int)r->state;

    if (report_render(r, &out)) {
        text = buffer_slice(&out);
    } else {
        if (r->output != OUTPUT_NAGIOS)
            code = STATE_UNKNOWN;
        render_spare(r, spare);
        text = slice_from(spare);
    }
    size_t first_line = slice_find_char(text, '\n') + 1;
    if (write_all(STDOUT_FILENO, text) < first_line)
        code = STATE_UNKNOWN;
    buffer_clear(&out);
    return code;
}

int report_finish(struct report **r)
{
    signal(SIGPIPE, SIG_IGN);
    int code = print(*r);
    report_free(r);
    return code;
}
