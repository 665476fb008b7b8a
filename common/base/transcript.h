/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transcript.h - who said what, for -vvv. Secrets never get in: what carries one is recorded as a
 * placeholder. */
#ifndef MAILPROOF_BASE_TRANSCRIPT_H
#define MAILPROOF_BASE_TRANSCRIPT_H

#include <time.h>

#include "common/base/buffer.h"

/* Owner: the plugin. A transcript that is off, or NULL, records nothing and costs nothing. When full, later
 * lines are counted, not kept. */
struct transcript {
    bool on;
    struct timespec start; /* of the run: lines carry the seconds since */
    struct buffer lines;   /* "0.012 smtp C: EHLO x\n", cleaned */
    size_t dropped;
};

enum speaker { SPEAKER_CLIENT, SPEAKER_SERVER, SPEAKER_NOTE };

void transcript_init(struct transcript *t, bool on);
void transcript_clear(struct transcript *t);
/* side: "smtp", "imap", "pop3", "dns" */
void transcript_line(struct transcript *t, const char *side, enum speaker speaker, struct slice line);

#endif
