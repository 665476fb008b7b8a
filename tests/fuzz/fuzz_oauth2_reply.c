/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever a token endpoint answers, a token that is taken fits into a protocol line, lives for a time that
 * can be added to a clock, and a refusal is an error of its class with one clean sentence. The first byte
 * chooses grant and status. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/net/oauth2_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_secret(const struct secret *s)
{
    struct slice bytes = secret_slice(s);

    for (size_t i = 0; i < bytes.len; i++)
        if (bytes.data[i] <= ' ' || bytes.data[i] > '~')
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long statuses[] = {200, 200, 400, 401, 302, 429, 503, 0};
    struct oauth2_reply r = OAUTH2_REPLY_INIT;
    struct err err = ERR_NONE;
    char clean[ERR_TEXT_MAX];

    if (size < 1)
        return 0;
    struct slice body = slice_of(data + 1, size - 1);
    bool ok = oauth2_reply_parse(&r, (enum oauth2_grant)(data[0] / 8 % 3), statuses[data[0] % 8], body,
                                 STAGE_AUTH, &err);
    check_secret(&r.token);
    check_secret(&r.renewed);
    if (ok && (!r.token.set || r.token.bytes.len == 0 || !(r.lifetime_s >= 0 && r.lifetime_s < 1e9)))
        abort();
    if (ok && oauth2_reply_is_invalid_grant(body) && r.token.bytes.len == 0)
        abort();
    text_clean(clean, sizeof clean, slice_from(err.text));
    if (!ok && ((err.kind != FAULT_AUTH_TOKEN && err.kind != FAULT_INTERNAL) || err.text[0] == '\0' ||
                strcmp(clean, err.text) != 0))
        abort();
    oauth2_reply_clear(&r);
    return 0;
}
