/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config_file.h - a file of options, one a line.
 *
 *   # a comment
 *   hostname = "mail.example.com"
 *   subject = "a \"quoted\" word, a backslash \\ and a # that is no comment"
 *   port = 587            # without quotes a value ends at the line's end or before " #"
 *   insecure              # a flag; "insecure = yes" and "insecure = no" are the same said longer
 *
 * No includes, no continued lines. config_next knows lines only; what the names mean is the caller's
 * (arguments.h). */
#ifndef MAILPROOF_CLI_CONFIG_FILE_H
#define MAILPROOF_CLI_CONFIG_FILE_H

#include "common/base/buffer.h"
#include "common/base/err.h"

enum { CONFIG_LINE_MAX = 64 * 1024, CONFIG_FILE_MAX = 1024 * 1024, CONFIG_PATIENCE_S = 5 };

struct config_reader {
    const char *path; /* for error texts */
    struct slice rest;
    unsigned line;
    struct buffer value; /* owned: config_end */
};

struct config_entry {
    struct slice name; /* a-z, 0-9 and '-' */
    bool has_value;
    struct slice value; /* valid until the next call */
    unsigned line;
};

/* The whole file into content. A pipe is fine where its data come in time. FAULT_CONFIG where it cannot be
 * opened or read, is a directory, holds a NUL or is longer than CONFIG_FILE_MAX. */
bool config_load(struct buffer *content, const char *path, struct err *err);

void config_begin(struct config_reader *r, const char *path, struct slice content);
/* 1: an entry; 0: the end; -1: FAULT_CONFIG, naming file and line. */
int config_next(struct config_reader *r, struct config_entry *entry, struct err *err);
void config_end(struct config_reader *r);

#endif
