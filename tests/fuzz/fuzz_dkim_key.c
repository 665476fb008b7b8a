/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A key record means the same with white space around it; what is usable is a key of a size that is allowed.
 */
#include <openssl/err.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/auth/dkim_key.h"
#include "common/base/buffer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORD_MAX = 65535 }; /* of the DNS */

static void check(bool condition)
{
    if (!condition)
        abort();
}

static void check_key(struct slice record, struct slice spaced, enum dkim_key_type type)
{
    static const unsigned char digest[32] = "digest";
    struct dkim_key key, again;

    dkim_key_read(&key, record, type);
    dkim_key_read(&again, spaced, type);
    check(key.state == again.state && strcmp(key.problem, again.problem) == 0);
    check(key.testing == again.testing && key.strict == again.strict && key.bits == again.bits);
    check((key.state == KEY_BROKEN) == (key.problem[0] != '\0'));
    if (key.state == KEY_USABLE) {
        check(key.key != NULL && key.bits > 0 && key.bits <= RSA_BITS_MAX);
        check(!dkim_key_verifies(&key, record, digest));
    }
    check(ERR_peek_error() == 0);
    dkim_key_clear(&key);
    dkim_key_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice record = slice_of(data, size);
    struct buffer spaced = BUFFER_INIT(RECORD_MAX + 4);

    if (size > RECORD_MAX || !buffer_append_text(&spaced, "\t ") || !buffer_append(&spaced, record) ||
        !buffer_append_text(&spaced, " "))
        return 0;
    check_key(record, buffer_slice(&spaced), KEY_RSA);
    check_key(record, buffer_slice(&spaced), KEY_ED25519);
    buffer_clear(&spaced);
    return 0;
}
