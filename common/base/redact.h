/* SPDX-License-Identifier: GPL-3.0-or-later */
/* redact.h - a server that was told a secret may quote it: takes it out of what the server said. */
#ifndef MAILPROOF_BASE_REDACT_H
#define MAILPROOF_BASE_REDACT_H

#include "common/base/slice.h"

enum { REDACT_SHARED = 12 };

/* Puts "***" in the place of each word of text (lines cleaned by text_clean) that shares REDACT_SHARED
 * characters in a row with what is not to be shown, or holds all of a shorter one. In place: the text does
 * not grow. */
void redact(char *text, struct slice hidden);

/* The same for a password or token and for its base64, alone or within that of a longer text (RFC 4648
 * section 4). A short word of letters stays, but for its base64: it cannot be told from the server's own
 * words, and a hole in their place would betray it. */
void redact_secret(char *text, struct slice secret);

enum { SECRETS_MAX = 256 }; /* a seed list has two for each mailbox */

/* Not copied: each must live as long as the list is used. */
struct secrets {
    size_t count;
    struct slice secret[SECRETS_MAX];
};

/* An empty one is none. */
void secrets_add(struct secrets *secrets, struct slice secret);
void secrets_redact(const struct secrets *secrets, char *text);
/* text_clean (text.h) of text, and nothing of a secret in it. */
void secrets_clean(const struct secrets *secrets, char *out, size_t size, const char *text);

#endif
