/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/oauth2_json.h"

#include <malloc.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void wipe_and_free(void *memory)
{
    if (memory != NULL)
        explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

/* From then on for all JSON of the process: what a report frees is little, and another thread may be writing
 * one. */
static void wipe_what_is_freed(void)
{
    json_malloc_t get;
    json_free_t put;

    json_get_alloc_funcs(&get, &put);
    json_set_alloc_funcs(get, wipe_and_free);
}

static void start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, wipe_what_is_freed);
}

json_t *oauth2_json_read(struct slice text)
{
    start();
    json_t *object = json_loadb(text.data, text.len, 0, NULL);

    if (object != NULL && !json_is_object(object)) {
        json_decref(object);
        object = NULL;
    }
    return object;
}

bool oauth2_json_write(struct buffer *out, const json_t *object)
{
    start();
    char *text = json_dumps(object, JSON_COMPACT);
    bool ok = text != NULL && buffer_append_text(out, text) && buffer_append_char(out, '\n');

    wipe_and_free(text);
    return ok;
}

void oauth2_json_free(json_t **object)
{
    json_decref(*object);
    *object = NULL;
}

struct slice oauth2_json_text(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_is_string(value) ? slice_of(json_string_value(value), json_string_length(value))
                                 : SLICE_EMPTY;
}

bool oauth2_json_number(const json_t *object, const char *key, double *number)
{
    const json_t *value = json_object_get(object, key);
    unsigned long long whole;

    if (json_is_number(value))
        *number = json_number_value(value);
    else if (slice_number(oauth2_json_text(object, key), UINT32_MAX, &whole))
        *number = (double)whole;
    else
        return false;
    return isfinite(*number);
}
