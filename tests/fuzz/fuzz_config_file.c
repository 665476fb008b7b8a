/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is read of a configuration file reads the same again when it is written with quotes and escapes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli/config_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_entry(struct buffer *out, const struct config_entry *entry)
{
    buffer_append(out, entry->name);
    if (entry->has_value) {
        buffer_append_text(out, " = \"");
        for (size_t i = 0; i < entry->value.len; i++) {
            if (strchr("\"\\", entry->value.data[i]) != NULL)
                buffer_append_char(out, '\\');
            buffer_append_char(out, entry->value.data[i]);
        }
        buffer_append_char(out, '"');
    }
    buffer_append_char(out, '\n');
}

static void check_again(const struct config_entry *entry)
{
    struct buffer text = BUFFER_INIT(4 * CONFIG_LINE_MAX);
    struct config_reader r;
    struct config_entry again;
    struct err err;

    write_entry(&text, entry);
    if (text.len <= CONFIG_LINE_MAX) {
        config_begin(&r, "again", buffer_slice(&text));
        if (config_next(&r, &again, &err) != 1 || again.has_value != entry->has_value ||
            !slice_eq(again.name, entry->name) || !slice_eq(again.value, entry->value) ||
            config_next(&r, &again, &err) != 0)
            abort();
        config_end(&r);
    }
    buffer_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config_reader r;
    struct config_entry entry;
    struct err err = ERR_NONE;
    int status;

    if (memchr(data, '\0', size) != NULL)
        return 0; /* config_load refuses it */
    config_begin(&r, "fuzz", slice_of(data, size));
    while ((status = config_next(&r, &entry, &err)) == 1) {
        if (entry.name.len == 0 || entry.name.data[0] == '-' ||
            slice_find_char(entry.value, '\n') < entry.value.len)
            abort();
        check_again(&entry);
    }
    if (status != 0 && (err.kind != FAULT_CONFIG || strstr(err.text, "fuzz line ") != err.text))
        abort();
    config_end(&r);
    return 0;
}
