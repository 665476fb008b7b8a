/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any message may come back: the verdict has a reason, and a message that only differs in its line ends
 * gets the same one. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/mail/compose.h"
#include "common/mail/mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

struct seen {
    struct slice message;
    size_t leaves;
};

static bool count_leaf(void *context, const struct mime_type *type, struct slice entity)
{
    struct seen *seen = context;

    check(++seen->leaves <= MIME_PARTS_MAX && type->type[0] != '\0');
    check(entity.len == 0 || (entity.data >= seen->message.data &&
                              entity.data + entity.len <= seen->message.data + seen->message.len));
    return true;
}

static void check_digest(struct slice message)
{
    struct composed same = {.message = BUFFER_INIT(0)};
    const char *why = NULL;

    if (compose_digest(message, same.body_digest) && compose_intact(message, &same, &why) == 0)
        check(strcmp(why, "the body was changed") != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const to = "b@example.net";
    struct seen seen = {slice_of(data, size), 0};
    struct compose_request request = {.from = "a@example.org", .to = &to, .to_count = 1, .body = {NULL, 0}};
    struct marker marker;
    struct composed sent;
    struct err err;
    const char *why = NULL;

    check(marker_parse(&marker, SLICE("mproof28t5cy4t01nb2ew00000000000000000ja")));
    request.marker = &marker;
    check(compose(&sent, &request, &err));
    int result = compose_intact(seen.message, &sent, &why);
    check(result >= -1 && result <= 1 && why != NULL && why[0] != '\0');
    check_digest(seen.message);
    mime_walk(seen.message, count_leaf, &seen);
    composed_clear(&sent);
    return 0;
}
