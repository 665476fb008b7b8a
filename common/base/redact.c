/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/base/redact.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

enum { SHORTEST = 4 }; /* what is shorter stands in any text by chance */

bool redact_is_distinctive(struct slice secret)
{
    size_t letters = 0;

    for (size_t i = 0; i < secret.len; i++)
        letters += ascii_is_alnum(secret.data[i]) && !ascii_is_digit(secret.data[i]);
    return secret.len >= REDACT_SHARED || letters < secret.len;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n';
}

void redact(char *text, struct slice secret)
{
    char *clean = malloc(secret.len + 1); /* the secret as it looks in a cleaned text */
    char *at = text, *last = text + strlen(text);

    if (clean == NULL) {
        text[0] = '\0';
        return;
    }
    text_clean(clean, secret.len + 1, secret);
    size_t len = strlen(clean), width = len < REDACT_SHARED ? len : REDACT_SHARED;
    while (len >= SHORTEST && (size_t)(last - at) >= width) {
        const char *found = memmem(clean, len, at, width);
        if (found == NULL) {
            at++;
            continue;
        }
        size_t n = width;
        while (at[n] != '\0' && at[n] == found[n])
            n++;
        char *end = at + n + strcspn(at + n, " \n");
        while (at > text && !is_blank(at[-1]))
            at--;
        memcpy(at, "***", 3);
        memmove(at + 3, end, (size_t)(last - end) + 1);
        at += 3;
        last -= end - at;
    }
    explicit_bzero(clean, secret.len + 1);
    free(clean);
}
