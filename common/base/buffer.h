/* SPDX-License-Identifier: GPL-3.0-or-later */
/* buffer.h - growing bytes with a maximum from birth.
 * The content is always followed by a NUL that does not count. A secret's buffer is wiped when it moves or
 * ends. */
#ifndef MAILPROOF_BASE_BUFFER_H
#define MAILPROOF_BASE_BUFFER_H

#include "common/base/slice.h"

struct buffer {
    char *data;
    size_t len;
    size_t capacity;
    size_t max;
    bool secret;
};

#define BUFFER_INIT(maximum)   ((struct buffer){.max = (maximum)})
#define BUFFER_SECRET(maximum) ((struct buffer){.max = (maximum), .secret = true})

void buffer_clear(struct buffer *b); /* frees; usable again */
void buffer_reset(struct buffer *b); /* empties, keeps the memory */
/* False, and nothing appended, where the maximum would be passed or memory is out. */
bool buffer_append(struct buffer *b, struct slice s);
bool buffer_append_char(struct buffer *b, char c);
bool buffer_append_text(struct buffer *b, const char *text);
bool buffer_printf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Drops n bytes off the front. */
void buffer_consume(struct buffer *b, size_t n);
struct slice buffer_slice(const struct buffer *b);
const char *buffer_text(const struct buffer *b); /* never NULL */

#endif
