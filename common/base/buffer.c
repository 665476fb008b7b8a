/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 256 };

void buffer_clear(struct buffer *b)
{
    if (b->secret && b->data != NULL)
        explicit_bzero(b->data, b->capacity);
    free(b->data);
    b->data = NULL;
    b->len = b->capacity = 0;
}

void buffer_reset(struct buffer *b)
{
    if (b->data == NULL)
        return;
    if (b->secret)
        explicit_bzero(b->data, b->capacity);
    b->len = 0;
    b->data[0] = '\0';
}

static bool reserve(struct buffer *b, size_t more)
{
    if (b->len > b->max || more > b->max - b->len)
        return false;
    size_t need = b->len + more + 1;
    if (need <= b->capacity)
        return true;
    size_t capacity = b->capacity == 0 ? FIRST_CAPACITY : b->capacity;
    while (capacity < need)
        capacity *= 2;
    /* not realloc: it would leave a secret's old copy behind */
    char *data = malloc(capacity);
    if (data == NULL)
        return false;
    if (b->len > 0)
        memcpy(data, b->data, b->len);
    if (b->secret && b->data != NULL)
        explicit_bzero(b->data, b->capacity);
    free(b->data);
    b->data = data;
    b->capacity = capacity;
    return true;
}

bool buffer_append(struct buffer *b, struct slice s)
{
    if (!reserve(b, s.len))
        return false;
    if (s.len > 0)
        memcpy(b->data + b->len, s.data, s.len);
    b->len += s.len;
    b->data[b->len] = '\0';
    return true;
}

bool buffer_append_char(struct buffer *b, char c)
{
    return buffer_append(b, slice_of(&c, 1));
}

bool buffer_append_text(struct buffer *b, const char *text)
{
    return buffer_append(b, slice_from(text));
}

bool buffer_printf(struct buffer *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int need = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (need < 0 || !reserve(b, (size_t)need))
        return false;
    va_start(args, format);
    vsnprintf(b->data + b->len, (size_t)need + 1, format, args);
    va_end(args);
    b->len += (size_t)need;
    return true;
}

void buffer_consume(struct buffer *b, size_t n)
{
    if (n >= b->len) {
        buffer_reset(b);
        return;
    }
    memmove(b->data, b->data + n, b->len - n);
    b->len -= n;
    if (b->secret)
        explicit_bzero(b->data + b->len, n);
    b->data[b->len] = '\0';
}

struct slice buffer_slice(const struct buffer *b)
{
    return slice_of(b->data, b->len);
}

const char *buffer_text(const struct buffer *b)
{
    return b->data == NULL ? "" : b->data;
}
