/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is found in a netrc file is found again when it is written with quotes and escapes, and holds nothing
 * that could break a protocol line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/cli/netrc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_word(struct buffer *out, const char *keyword, struct slice word)
{
    buffer_printf(out, " %s \"", keyword);
    for (size_t i = 0; i < word.len; i++) {
        if (word.data[i] == '"' || word.data[i] == '\\')
            buffer_append_char(out, '\\');
        buffer_append_char(out, word.data[i]);
    }
    buffer_append_char(out, '"');
}

static void look_up(struct slice content, const char *host, const char *login)
{
    struct buffer text = BUFFER_INIT(4 * SECRET_MAX);
    struct netrc_entry entry, again;
    struct err err = ERR_NONE;

    if (!netrc_find(&entry, content, "fuzz", host, login, &err)) {
        if (err.kind != FAULT_CONFIG || entry.password.set)
            abort();
        return;
    }
    if (!entry.password.set || text_has_line_break(secret_slice(&entry.password)) ||
        text_has_line_break(slice_from(entry.login)))
        abort();
    buffer_append_text(&text, "machine a");
    write_word(&text, "login", slice_from(entry.login));
    write_word(&text, "password", secret_slice(&entry.password));
    if (!netrc_find(&again, buffer_slice(&text), "again", "a", NULL, &err) ||
        strcmp(again.login, entry.login) != 0 ||
        !slice_eq(secret_slice(&again.password), secret_slice(&entry.password)))
        abort();
    secret_clear(&entry.password);
    secret_clear(&again.password);
    buffer_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > SECRET_MAX)
        return 0;
    look_up(slice_of(data, size), "a", NULL);
    look_up(slice_of(data, size), "b", "x");
    return 0;
}
