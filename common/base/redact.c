/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/base/redact.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/buffer.h"
#include "common/base/text.h"

enum { SHORTEST = 4 }; /* what is shorter stands in any text by chance */

static bool is_blank(char c)
{
    return c == ' ' || c == '\n';
}

void redact(char *text, struct slice hidden)
{
    char *clean = malloc(hidden.len + 1); /* as it looks in a cleaned text */
    char *at = text, *last = text + strlen(text);

    if (clean == NULL) {
        text[0] = '\0';
        return;
    }
    text_clean(clean, hidden.len + 1, hidden);
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
    explicit_bzero(clean, hidden.len + 1);
    free(clean);
}

static bool is_distinctive(struct slice secret)
{
    size_t letters = 0;

    for (size_t i = 0; i < secret.len; i++)
        letters += ascii_is_alnum(secret.data[i]) && !ascii_is_digit(secret.data[i]);
    return secret.len >= REDACT_SHARED || letters < secret.len;
}

/* The base64 of a text in which so many octets stand before the secret: the characters that depend on the
 * secret alone. */
static void redact_base64(char *text, struct slice secret, size_t before)
{
    struct buffer octets = BUFFER_SECRET(before + secret.len), code = BUFFER_SECRET(2 * secret.len + 8);
    size_t first = (8 * before + 5) / 6, end = 8 * (before + secret.len) / 6;

    if (!buffer_append(&octets, slice_of("\0\0", before)) || !buffer_append(&octets, secret) ||
        !text_base64_encode(&code, buffer_slice(&octets)))
        text[0] = '\0';
    else if (end > first)
        redact(text, slice_of(code.data + first, end - first));
    buffer_clear(&octets);
    buffer_clear(&code);
}

void redact_secret(char *text, struct slice secret)
{
    if (is_distinctive(secret))
        redact(text, secret);
    for (size_t before = 0; before < 3; before++)
        redact_base64(text, secret, before);
}

void secrets_add(struct secrets *secrets, struct slice secret)
{
    if (secret.len > 0 && secrets->count < SECRETS_MAX)
        secrets->secret[secrets->count++] = secret;
}

void secrets_redact(const struct secrets *secrets, char *text)
{
    for (size_t i = 0; i < secrets->count; i++)
        redact_secret(text, secrets->secret[i]);
}

void secrets_clean(const struct secrets *secrets, char *out, size_t size, const char *text)
{
    text_clean(out, size, slice_from(text));
    secrets_redact(secrets, out);
}
