/* SPDX-License-Identifier: GPL-3.0-or-later */
/* taglist.h - tag=value lists of DKIM signatures and keys, and of ARC (RFC 6376 section 3.2; UTF-8 by RFC
 * 8616). Slices point into the text. */
#ifndef MAILPROOF_AUTH_TAGLIST_H
#define MAILPROOF_AUTH_TAGLIST_H

#include "common/base/buffer.h"

enum { TAGS_MAX = 64 }; /* signatures have a dozen; duplicates are sought among them all */

struct tag {
    struct slice name;
    struct slice value; /* without the white space around it; folds inside stay */
    struct slice whole; /* all between '=' and ';': what is emptied before a signature is verified */
};

struct taglist {
    size_t count;
    struct tag tag[TAGS_MAX];
    const char *problem; /* static sentence, where it is broken; else "" */
};

/* False where the syntax is broken, a tag stands twice, or there are more than TAGS_MAX; what stands before
 * is kept. */
bool taglist_parse(struct taglist *out, struct slice text);
const struct tag *taglist_find(const struct taglist *tags, const char *name); /* NULL: absent */
/* Its value; of an absent tag other. */
struct slice taglist_value(const struct taglist *tags, const char *name, struct slice other);

/* Takes the next element off the front of a list such as "from : to", without the white space around it.
 * False at the end; an empty text has no element. */
bool taglist_next(struct slice *rest, char separator, struct slice *element);
/* Whether a list has that element, letters in any case. */
bool taglist_has(struct slice list, char separator, struct slice element);
/* Appends base64 with white space anywhere in it, padded or not (RFC 6376 section 2.10). False where it is
 * none, or out is full. */
bool taglist_base64(struct slice value, struct buffer *out);

#endif
