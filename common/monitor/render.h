/* SPDX-License-Identifier: GPL-3.0-or-later */
/* render.h - inside the room: what a report has collected, and the ways to write it down.
 * All texts in here are clean (text.h): valid UTF-8 in one line, without '|'. */
#ifndef MAILPROOF_MONITOR_RENDER_H
#define MAILPROOF_MONITOR_RENDER_H

#include "common/monitor/chart.h"
#include "common/monitor/metric.h"
#include "common/monitor/report.h"

enum {
    METRICS_MAX = 320, /* a seed list has some for each mailbox */
    LABEL_SIZE = 12,
    STAGES_MAX = 64,
    FAULTS_MAX = 32,
    BARS_MAX = 80,
    FIRST_LINE_MAX = 998, /* bytes, LF not counted: the contract is under 1,000 */
    HEADLINE_SIZE = 1000, /* a buffer for what stands between state and perfdata */
    DETAIL_SIZE = 500,    /* a line of the long output: 30 of them and line 1 stay below Nagios' 16 KiB */
    DETAILS_BYTES = 64 * 1024, /* of all of them */
    TRANSCRIPT_BYTES = 64 * 1024,
    SIDE_SIZE = 8,
    ADVICE_SIZE = 200,
    RANGE_TEXT_SIZE = 64
};

struct reported_metric {
    char name[METRIC_NAME_MAX];
    const struct metric *kind; /* NULL: none of the vocabulary's */
    char label[LABEL_SIZE];    /* of one of several of a kind; "" */
    double value;
    char warning[RANGE_TEXT_SIZE], critical[RANGE_TEXT_SIZE]; /* "" for none */
    enum state state;
    bool show;
};

struct reported_stage {
    char side[SIDE_SIZE];
    char name[METRIC_NAME_MAX];
    double seconds;
    enum state state;
};

struct reported_fault {
    enum state state;
    char side[SIDE_SIZE];
    char stage[METRIC_NAME_MAX];
    char advice[ADVICE_SIZE];
    struct err err;
};

struct report {
    char check[64], title[64], service[128];
    bool in_static_storage;
    enum output output;
    int verbosity;
    const struct thresholds *thresholds;
    enum state state;
    size_t metric_count, stage_count, fault_count, faults_lost, details_lost;
    struct reported_metric metric[METRICS_MAX];
    struct reported_stage stage[STAGES_MAX];
    struct reported_fault fault[FAULTS_MAX]; /* gravest first */
    char summary[HEADLINE_SIZE];
    size_t chart_width; /* 0: nobody looks at a terminal */
    bool chart_utf8;
    size_t bar_count;
    struct chart_bar bar[BARS_MAX];
    struct secrets secrets;
    char flags[256];       /* " (insecure) (opportunistic TLS)" */
    struct buffer details; /* a line each, its verbosity as a digit before it */
    struct buffer transcript;
    json_t *extra;
    struct trace *trace;   /* owned; NULL: nobody wants one */
    char part[LABEL_SIZE]; /* what is told now is about this mailbox; "": about all */
    json_t *part_json;     /* its member of extra's "mailboxes"; borrowed */
};

/* words.c: what people read, in the text formats and in the JSON's summary and details. */
/* "auth took 1.310 s (warning above 1)" */
void words_threshold(char *out, size_t size, const struct reported_metric *m, const struct range *range);
/* Line 1 between state and perfdata: the worst fault, else the summary; then what else fits. Returns whether
 * the first text was told in full. */
bool words_headline(const struct report *r, char *out, size_t size);
/* "CRITICAL auth_credentials at smtp auth: 535 5.7.8 ... (check ...)" */
void words_fault(char *out, size_t size, const struct reported_fault *f);
/* The long output, each line through the callback: faults (the first where it is wanted again), then the
 * lines that were added. False as soon as the callback says false. */
typedef bool words_take(void *context, const char *line);
bool words_details(const struct report *r, bool first_fault, words_take *take, void *context);
bool words_transcript(const struct report *r, words_take *take, void *context);

bool render_nagios(const struct report *r, struct buffer *out);
bool render_json(const struct report *r, struct buffer *out);
bool render_openmetrics(const struct report *r, struct buffer *out);
/* What is said when there is no memory for the above; without the heap. out: FIRST_LINE_MAX + 2 bytes. */
void render_nagios_spare(const struct report *r, char *out);
void render_json_spare(const struct report *r, char *out);
void render_openmetrics_spare(const struct report *r, char *out);

#endif
