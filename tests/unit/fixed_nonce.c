/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsasl.h>

#include "common/base/buffer.h"
#include "common/base/text.h"

/* In place of libgsasl's own, so that the client nonce is that of RFC 5802 section 5:
 * fyko+d2lbbFgONRv9qkxdawL */
int gsasl_nonce(char *data, size_t len)
{
    struct buffer nonce = BUFFER_INIT(64);

    text_base64_decode(&nonce, SLICE("fyko+d2lbbFgONRv9qkxdawL"));
    for (size_t i = 0; i < len; i++)
        data[i] = nonce.data[i % nonce.len];
    buffer_clear(&nonce);
    return GSASL_OK;
}
