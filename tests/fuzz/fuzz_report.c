/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever texts and numbers are put into a report, line 1 keeps its promises and the JSON is JSON.
 * Input: an operation's letter, then its text up to the next NUL. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/monitor/report.h"
#include "tests/unit/first_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_fault(struct report *r, const char *text)
{
    struct err err = {.kind = FAULT_PROTOCOL, .stage = STAGE_AUTH, .code = *text, .advice = text};

    snprintf(err.text, sizeof err.text, "%s", text);
    snprintf(err.enhanced, sizeof err.enhanced, "%s", text);
    report_fault(r, text, (enum state)((unsigned char)*text % 4), &err);
}

static void add(struct report *r, char operation, const char *text)
{
    switch (operation) {
    case 'f':
        add_fault(r, text);
        break;
    case 's':
        report_summary(r, "%s", text);
        break;
    case 'g':
        report_flag(r, "%s", text);
        break;
    case 'l':
        report_line(r, *text % 5, "%s", text);
        break;
    case 't':
        report_transcript(r, slice_from(text));
        break;
    case 'm':
        report_metric(r, text, strtod(text + strcspn(text, "="), NULL), strlen(text) % 2 == 0);
        break;
    case 'n':
        report_metric(r, "auth", strtod(text, NULL), false);
        break;
    case 'p':
        report_stage(r, text, text, strtod(text, NULL), STATE_OK);
        break;
    default:
        report_service(r, text);
        break;
    }
}

static void check_render(struct report *r, enum output output, int verbosity)
{
    struct buffer out = BUFFER_INIT(4 * 1024 * 1024);
    json_error_t error;

    report_options(r, output, verbosity, NULL);
    if (!report_render(r, &out))
        abort();
    if (output == OUTPUT_NAGIOS && first_line_broken(buffer_slice(&out)) != NULL)
        abort();
    if (output == OUTPUT_NAGIOS && verbosity == 0 && out.len > 16 * 1024)
        abort();
    if (output == OUTPUT_JSON) {
        json_t *root = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, &error);
        if (root == NULL)
            abort();
        json_decref(root);
    }
    if (output == OUTPUT_OPENMETRICS && !text_is_utf8(buffer_slice(&out)))
        abort();
    buffer_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thresholds t = {.main_metric = "auth"};
    struct report *r = report_new("check_x", "X");
    char *text = malloc(size + 1);

    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    threshold_default(&t, "auth", "1", "@5:10");
    report_options(r, OUTPUT_NAGIOS, 3, &t);
    for (size_t at = 0; at < size; at += strlen(text + at) + 1)
        add(r, text[at], text[at] == '\0' ? "" : text + at + 1);
    for (int verbosity = 0; verbosity <= 3; verbosity += 3) {
        check_render(r, OUTPUT_NAGIOS, verbosity);
        check_render(r, OUTPUT_JSON, verbosity);
        check_render(r, OUTPUT_OPENMETRICS, verbosity);
    }
    report_free(&r);
    free(text);
    return 0;
}
