/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slice.h - pointer and length into somebody else's bytes.
 * Never owns, never ends in NUL, may hold any byte. Valid as long as what it points into. */
#ifndef MAILPROOF_BASE_SLICE_H
#define MAILPROOF_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>

struct slice {
    const char *data;
    size_t len;
};

#define SLICE_EMPTY ((struct slice){"", 0})
/* of a string literal; for printf: "%.*s", SLICE_ARG(s) */
#define SLICE(literal) ((struct slice){"" literal, sizeof(literal) - 1})
#define SLICE_ARG(s)   (int)((s).len > 0x7fffffff ? 0x7fffffff : (s).len), (s).data

struct slice slice_from(const char *text); /* NULL gives an empty slice */
struct slice slice_of(const void *data, size_t len);
/* From offset to the end; an offset beyond the end gives an empty slice. */
struct slice slice_skip(struct slice s, size_t offset);
struct slice slice_head(struct slice s, size_t len);
/* Space, tab, CR and LF off both ends. */
struct slice slice_trim(struct slice s);

bool slice_eq(struct slice a, struct slice b);
bool slice_eq_nocase(struct slice a, struct slice b); /* ASCII letters only, whatever the locale */
bool slice_starts(struct slice s, struct slice prefix);
bool slice_starts_nocase(struct slice s, struct slice prefix);
bool slice_ends_nocase(struct slice s, struct slice suffix);

/* Index of the first match, or s.len where there is none. */
size_t slice_find_char(struct slice s, char c);
size_t slice_find(struct slice s, struct slice needle);
size_t slice_find_nocase(struct slice s, struct slice needle);
bool slice_contains_nocase(struct slice s, struct slice needle);

/* Takes the next word (up to white space) off the front of *rest. False when none is left. */
bool slice_next_word(struct slice *rest, struct slice *word);
/* Takes the next line, its LF or CRLF removed, off the front of *rest. False at the end. */
bool slice_next_line(struct slice *rest, struct slice *line);

/* Copies as a string, cut to size-1 bytes at a UTF-8 boundary; NULs end it early. Returns whether all of it
 * fitted. */
bool slice_copy(char *out, size_t size, struct slice s);
/* A decimal number without sign or blanks; false if empty, not digits, or above max. */
bool slice_number(struct slice s, unsigned long long max, unsigned long long *value);

/* ASCII only, whatever the locale. */
char ascii_lower(char c);
bool ascii_is_alnum(char c);
bool ascii_is_digit(char c);
bool ascii_is_space(char c); /* space, tab, CR, LF */

#endif
