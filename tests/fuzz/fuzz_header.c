/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fields of a header, joined, are the header without the lines that are no fields; a body stays what
 * it is. */
#include <stdint.h>
#include <stdlib.h>

#include "common/mail/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_field(const struct header_field *field)
{
    const char *raw_end = field->raw.data + field->raw.len;
    struct buffer unfolded = BUFFER_INIT(field->value.len);

    check(field->name.len > 0 && field->name.data == field->raw.data);
    check(field->value.data > field->name.data && field->value.data + field->value.len <= raw_end);
    check(header_unfold(field->value, &unfolded));
    check(slice_find_char(buffer_slice(&unfolded), '\n') == unfolded.len);
    buffer_clear(&unfolded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice message = slice_of(data, size), rest = message, again;
    struct buffer joined = BUFFER_INIT(size);
    struct header_field field, same;
    size_t count = 0;

    for (; header_next(&rest, &field); count++) {
        check(field.raw.data + field.raw.len == rest.data);
        check_field(&field);
        check(buffer_append(&joined, field.raw));
    }
    check(slice_eq(rest, header_body(message)) && (size == 0 || rest.data + rest.len == message.data + size));

    struct slice original = message;
    for (again = buffer_slice(&joined); header_next(&again, &same); count--)
        check(header_next(&original, &field) && slice_eq(field.raw, same.raw) &&
              slice_eq(field.value, same.value));
    check(count == 0 && again.len == 0);
    buffer_clear(&joined);
    return 0;
}
