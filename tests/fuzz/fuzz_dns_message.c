/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever a DNS message says: names are as lookup.h promises, texts stay within the message. First byte: the
 * type. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/dns/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_name(const char *name)
{
    size_t length = strlen(name);

    check(length < DOMAIN_MAX);
    check(length == 0 || name[length - 1] != '.');
    for (size_t i = 0; i < length; i++)
        check(name[i] == ascii_lower(name[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum record_type types[] = {RECORD_A, RECORD_PTR, RECORD_MX, RECORD_TXT, RECORD_AAAA};
    struct message_records m;

    if (size == 0)
        return 0;
    enum record_type type = types[data[0] % 5];
    unsigned char *message = malloc(size);
    check(message != NULL);
    memcpy(message, data + 1, size - 1);
    if (message_read(&m, message, size - 1, type)) {
        check(m.count <= size / 11);
        check_name(m.alias);
        check(m.count == 0 || (m.alias[0] == '\0' && !m.loops));
        for (size_t i = 0; i < m.count; i++) {
            const struct record *r = &m.records[i];
            check((r->name != NULL) == (type == RECORD_MX || type == RECORD_PTR));
            if (r->name != NULL)
                check_name(r->name);
            if (r->text.len > 0)
                check(type == RECORD_TXT && (const unsigned char *)r->text.data >= message &&
                      (const unsigned char *)r->text.data + r->text.len <= message + size);
        }
        message_clear(&m);
    } else {
        check(m.records == NULL && m.count == 0);
    }
    free(message);
    return 0;
}
