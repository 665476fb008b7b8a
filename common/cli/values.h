/* SPDX-License-Identifier: GPL-3.0-or-later */
/* values.h - option values that are more than text. Each names the option and what it takes where it refuses
 * one (FAULT_USAGE). option: without dashes. A text that is NULL was not given: true, and the result stays
 * what it was. */
#ifndef MAILPROOF_CLI_VALUES_H
#define MAILPROOF_CLI_VALUES_H

#include "common/monitor/threshold.h"

bool value_duration(const char *option, const char *text, double *seconds, struct err *err);
/* "DURATION[:STATE]"; the duration must be above 0. */
bool value_duration_state(const char *option, const char *text, double *seconds, enum state *state,
                          struct err *err);
bool value_state(const char *option, const char *text, enum state *state, struct err *err);
bool value_range(const char *option, const char *text, struct range *range, struct err *err);
/* One of words, which end in NULL; *index: which. */
bool value_word(const char *option, const char *text, const char *const *words, int *index, struct err *err);

/* These cut text where it divides, and point into it. */
/* --folder's "NAME[=STATE]": text becomes the name; the last '=' divides. */
bool value_folder(const char *option, char *text, enum state *state, struct err *err);
/* "NAME:TEXT", neither empty, NAME a header field's name (RFC 5322 section 3.6.8); blanks around ':' are
 * dropped. */
bool value_header(const char *option, char *text, const char **name, const char **value, struct err *err);

#endif
