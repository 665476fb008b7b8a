/* SPDX-License-Identifier: GPL-3.0-or-later */
/* field_index.h - the fields of a header section by name, from the bottom up, as h= takes them (RFC 6376
 * section 5.4.2). Made once for all signatures of a message; each question costs a search among the different
 * names. */
#ifndef MAILPROOF_AUTH_FIELD_INDEX_H
#define MAILPROOF_AUTH_FIELD_INDEX_H

#include "common/mail/header.h"

struct field_index;

/* header must stay as long as the index. NULL: out of memory. */
struct field_index *field_index_new(struct slice header);
void field_index_free(struct field_index **index);
/* From now on all fields can be taken again, but the one at that position (0: the topmost), which is the
 * signature that is being verified. */
void field_index_restart(struct field_index *index, size_t except);
/* Takes the lowest field of that name that was not taken yet. False: there is none. */
bool field_index_take(struct field_index *index, struct slice name, struct header_field *field);

#endif
