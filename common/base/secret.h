/* SPDX-License-Identifier: GPL-3.0-or-later */
/* secret.h - passwords, tokens and keys: kept in one type that wipes itself and that nothing prints. */
#ifndef MAILPROOF_BASE_SECRET_H
#define MAILPROOF_BASE_SECRET_H

#include "common/base/buffer.h"
#include "common/base/err.h"

enum { SECRET_MAX = 64 * 1024 };

/* Owned by whoever has it: secret_clear wipes and frees. Any byte but NUL, CR and LF. */
struct secret {
    struct buffer bytes;
    bool set;
};

#define SECRET_NONE ((struct secret){.bytes = {.max = SECRET_MAX, .secret = true}})

void secret_clear(struct secret *s);
struct slice secret_slice(const struct secret *s);
bool secret_set(struct secret *s, struct slice bytes); /* a copy; false when out of memory or too long */

/* First line of a file, its line end removed. FAULT_CONFIG where it cannot be read, is empty, no regular file
 * (pipes such as <(...) are fine), longer than SECRET_MAX, has more than one line, is readable by others, or
 * writable by group or others. */
bool secret_read_file(struct secret *s, const char *path, struct err *err);
/* The whole file, any bytes, by the same rules (a service account's JSON). */
bool secret_read_whole_file(struct secret *s, const char *path, struct err *err);
/* From the environment; the variable is overwritten and removed, so that /proc/self/environ no longer shows
 * it. */
bool secret_read_env(struct secret *s, const char *name, struct err *err);
/* No core dumps and no tracing by others of this user, from now on. */
void secret_protect_process(void);

#endif
