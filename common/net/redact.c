/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/redact.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

enum { SHORTEST = 4 }; /* what is shorter stands in any text by chance */

void redact(char *text, struct slice secret)
{
    char *clean = malloc(secret.len + 1); /* the secret as it looks in a cleaned text */
    char *at = text;

    if (clean == NULL) {
        text[0] = '\0';
        return;
    }
    text_clean(clean, secret.len + 1, secret);
    size_t len = strlen(clean), width = len < REDACT_SHARED ? len : REDACT_SHARED;
    while (len >= SHORTEST && strlen(at) >= width) {
        const char *found = memmem(clean, len, at, width);
        if (found == NULL) {
            at++;
            continue;
        }
        size_t n = width;
        while (at[n] != '\0' && at[n] == found[n])
            n++;
        char *end = at + n + strcspn(at + n, " ");
        while (at > text && at[-1] != ' ')
            at--;
        memcpy(at, "***", 3);
        memmove(at + 3, end, strlen(end) + 1);
        at += 3;
    }
    explicit_bzero(clean, secret.len + 1);
    free(clean);
}
