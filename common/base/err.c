/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"

static const struct {
    const char *word;
    const char *advice;
} kinds[] = {[FAULT_NONE] = {"", ""},
#define X(kind, word, advice) [FAULT_##kind] = {word, advice},
             FAULTS(X)
#undef X
};

const char *fault_class(enum fault kind)
{
    return kinds[kind].word;
}

const char *fault_advice(enum fault kind)
{
    return kinds[kind].advice;
}

enum fault fault_of_class(struct slice word)
{
    for (size_t i = FAULT_NONE + 1; i < sizeof kinds / sizeof *kinds; i++)
        if (slice_eq(word, slice_from(kinds[i].word)))
            return (enum fault)i;
    return FAULT_NONE;
}

bool err_set(struct err *e, enum fault kind, enum stage stage, const char *format, ...)
{
    char raw[2 * ERR_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    *e = (struct err){.kind = kind, .stage = stage};
    text_clean(e->text, sizeof e->text, slice_from(raw));
    return false;
}

void err_add(struct err *e, const char *format, ...)
{
    char raw[2 * ERR_TEXT_MAX];
    size_t used = strlen(e->text);
    va_list args;

    memcpy(raw, e->text, used);
    va_start(args, format);
    vsnprintf(raw + used, sizeof raw - used, format, args);
    va_end(args);
    text_clean(e->text, sizeof e->text, slice_from(raw));
}

const char *err_advice(const struct err *e)
{
    return e->advice != NULL ? e->advice : fault_advice(e->kind);
}
