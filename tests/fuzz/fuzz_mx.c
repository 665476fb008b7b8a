/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever a DNS server says, what is taken from it are at most MX_MAX host names in the order of preference,
 * or one empty name, the null MX. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/dns/mx.h"
#include "common/dns/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mx_list list;

    if (size > UINT16_MAX)
        return 0;
    if (!mx_parse(data, (int)size, &list)) {
        if (list.count != 0)
            abort();
        return 0;
    }
    if (list.count > MX_MAX || list.nxdomain)
        abort();
    for (size_t i = 0; i < list.count; i++) {
        bool is_null = list.mx[i].host[0] == '\0';
        if (is_null ? list.count != 1 : !name_is_host(slice_from(list.mx[i].host)))
            abort();
        if (i > 0 && list.mx[i].preference < list.mx[i - 1].preference)
            abort();
    }
    return 0;
}
