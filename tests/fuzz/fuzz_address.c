/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An address that is read and written reads the same again; what an envelope may have, a header may have
 * too. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/mail/field.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_same(const struct address *address, struct slice written)
{
    struct address again;
    size_t broken = 0;

    check(address_next(&written, &again, &broken) && broken == 0);
    check(strcmp(again.local, address->local) == 0);
    if (text_is_ascii(slice_from(address->domain)) || !text_is_ascii(slice_from(address->local)))
        check(strcmp(again.domain, address->domain) == 0);
    check(!address_next(&written, &again, &broken) && broken == 0);
}

static void check_address(const struct address *address, struct slice text)
{
    struct buffer written = BUFFER_INIT(16 * text.len + 1024);

    check(address->local[0] != '\0' && address->domain[0] != '\0');
    check(address->display.len == 0 ||
          (address->display.data >= text.data &&
           address->display.data + address->display.len <= text.data + text.len));
    if (address_format(address, &written))
        check_same(address, buffer_slice(&written));
    buffer_reset(&written);
    if (text_is_utf8(address->display) && field_encode_mailbox(&written, address))
        check_same(address, buffer_slice(&written));
    buffer_clear(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_of(data, size), rest = text;
    struct address address;
    size_t broken = 0;

    while (address_next(&rest, &address, &broken))
        check_address(&address, text);
    check(rest.len == 0 && broken <= size);
    if (address_is_addr_spec(text)) {
        rest = text;
        check(address_next(&rest, &address, &broken) && rest.len == 0 && broken == 0);
        check(slice_eq_nocase(address_domain(text), slice_from(address.domain)));
    }
    return 0;
}
