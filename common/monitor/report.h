/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report.h - what a run has to say, collected in any order, printed once: one line with state and perfdata,
 * long output, or JSON, or OpenMetrics. Knows states, ranges and metrics; knows no protocol.
 *
 * Everything that is added is copied and cleaned (text.h). Nothing here fails: what does not fit is
 * shortened. */
#ifndef MAILPROOF_MONITOR_REPORT_H
#define MAILPROOF_MONITOR_REPORT_H

#include <jansson.h>

#include "common/base/buffer.h"
#include "common/monitor/threshold.h"
#include "common/monitor/trace.h"

enum output { OUTPUT_NAGIOS, OUTPUT_JSON, OUTPUT_OPENMETRICS };

struct report;

/* check: "check_smtp_submit"; title: "SMTP SUBMIT". Never NULL (out of memory: static storage). */
struct report *report_new(const char *check, const char *title);
/* thresholds is not copied: it must live until the last report_metric. NULL: none. */
void report_options(struct report *r, enum output output, int verbosity, const struct thresholds *thresholds);
/* A person looks at a terminal with so many columns: from verbosity 1 on the long output ends in a chart of
 * the bars (chart.h), if the output is the usual one. */
void report_terminal(struct report *r, size_t columns, bool utf8);
/* Whoever was told a secret may quote it, in whatever it says later: takes it (redact_secret) out of all
 * texts that are added from now on, to the trace, too. Not copied: it must live until the last of them. */
void report_secret(struct report *r, struct slice secret);
/* OpenMetrics' label "service". Two instances on one host need different ones: same series twice are an error
 * there. */
void report_service(struct report *r, const char *service);

/* Judges value by the thresholds (own, else the defaults that the plugin gave) and adds perfdata. The worst
 * state counts; a passed threshold is a fault of class "threshold": "auth took 1.310 s (warning above 1)".
 * name: metric.h's vocabulary, for stages of a side "smtp_auth"; each once, a second is ignored. show:
 * whether perfdata prints it where it has no threshold. JSON and OpenMetrics have all. A value that is not
 * finite is left out. */
void report_metric(struct report *r, const char *name, double value, bool show);
/* The same without judging it: another verdict stands for it. */
void report_value(struct report *r, const char *name, double value, bool show);
/* One of several of a kind, as of a seed list's mailboxes. name: in perfdata and JSON ("total_gmail"); kind:
 * of metric.h's vocabulary ("mailbox_total"); label: OpenMetrics' label "mailbox". Not judged. */
void report_labelled(struct report *r, const char *name, const char *kind, const char *label, double value,
                     bool show);
/* A step of the JSON's stages and of OpenMetrics. side "smtp", "imap", "pop3"; "" for none. Added again, the
 * last counts. Its state is no verdict (add a fault for that); a threshold that its metric passed makes it
 * worse. */
void report_stage(struct report *r, const char *side, const char *name, double seconds, enum state state);
/* A bar of the chart: begin_s on a clock that all bars share; whole: measured in whole seconds. */
void report_bar(struct report *r, const char *name, double begin_s, double seconds, bool whole);
/* A failure with its state; the worst, and of equals the first, makes line 1 (a passed threshold after
 * other failures). side may be "". STATE_OK: told, but no failure (--greylist=ok). */
void report_fault(struct report *r, const char *side, enum state state, const struct err *err);
/* Line 1's text when nothing went wrong. With faults it is appended to them where it fits and also is true.
 */
void report_summary(struct report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A note for line 1 whatever the state, in brackets at its end: "(insecure)", "(opportunistic TLS: not
 * encrypted)". */
void report_flag(struct report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Long output, one line a call, shown from that verbosity on (0: always). */
void report_line(struct report *r, int verbosity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The transcript's lines, shown at verbosity 3: 64 KiB at most, of more the beginning and the end. */
void report_transcript(struct report *r, struct slice lines);
/* A member of the JSON object ("message", "authentication", "mailboxes"). Steals value; NULL is ignored.
 * Nulls inside are taken out, numbers rounded to six decimals. */
void report_json(struct report *r, const char *key, json_t *value);

/* What follows is about one of several mailboxes, until the next call (NULL: about all): its label stands
 * before the texts of faults and lines, what report_json gets goes into that member of the array "mailboxes",
 * report_metric and report_summary are ignored. */
void report_part(struct report *r, const char *label);

/* From now on there is a trace to add spans to (trace.h); before, or without memory, report_trace is NULL,
 * which is fine with trace.h. */
void report_trace_begin(struct report *r, struct timespec began);
struct trace *report_trace(const struct report *r);
/* Ends the root span by the verdict, and writes it all as OTLP's JSON. */
bool report_trace_end(struct report *r, struct buffer *out);

enum state report_state(const struct report *r);
/* The faults so far, gravest first. */
size_t report_fault_count(const struct report *r);
enum fault report_fault_kind(const struct report *r, size_t i);
enum state report_fault_state(const struct report *r, size_t i);
const char *report_fault_side(const struct report *r, size_t i);
/* What report_finish prints. False where out is too small or memory is out. */
bool report_render(const struct report *r, struct buffer *out);
void report_free(struct report **r);
/* Prints, frees, clears the pointer and returns the exit code. Whatever happens, stdout gets a first line;
 * where it cannot be written the code is 3. Ignores SIGPIPE from then on. */
int report_finish(struct report **r);

#endif
