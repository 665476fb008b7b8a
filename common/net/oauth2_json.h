/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oauth2_json.h - JSON that holds secrets: replies of a token endpoint, service accounts, cached tokens.
 * While jansson works on it, whatever it frees is wiped first. */
#ifndef MAILPROOF_NET_OAUTH2_JSON_H
#define MAILPROOF_NET_OAUTH2_JSON_H

#include <jansson.h>

#include "common/base/buffer.h"

/* An object, or NULL. The caller's, until oauth2_json_free, which wipes and clears the pointer. */
json_t *oauth2_json_read(struct slice text);
/* Appends one line; out should be a BUFFER_SECRET. */
bool oauth2_json_write(struct buffer *out, const json_t *object);
void oauth2_json_free(json_t **object);
/* A member that is a string; empty where it is missing or is none. Points into the object. */
struct slice oauth2_json_text(const json_t *object, const char *key);
/* A member that is a number, or a string that holds one (some servers write "3600"). */
bool oauth2_json_number(const json_t *object, const char *key, double *number);

#endif
