/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/dns/mx.h"

#include <string.h>
#include <sys/random.h>

#include "common/dns/name.h"
#include "common/dns/query.h"

/* Keeps the best MX_MAX in order; equal preferences stand in the order of their random keys. */
static void insert_mx(struct mx_list *list, uint32_t keys[MX_MAX], const struct mx *mx, uint32_t key)
{
    size_t at = list->count;

    while (at > 0 && (mx->preference < list->mx[at - 1].preference ||
                      (mx->preference == list->mx[at - 1].preference && key < keys[at - 1])))
        at--;
    if (at == MX_MAX)
        return;
    if (list->count < MX_MAX)
        list->count++;
    for (size_t i = list->count - 1; i > at; i--) {
        list->mx[i] = list->mx[i - 1];
        keys[i] = keys[i - 1];
    }
    list->mx[at] = *mx;
    keys[at] = key;
}

bool mx_parse(const unsigned char *message, int length, struct mx_list *out)
{
    struct ares_mx_reply *list = NULL;
    uint32_t keys[MX_MAX];
    bool is_null = false, has_hosts = false;

    *out = (struct mx_list){.count = 0};
    int status = ares_parse_mx_reply(message, length, &list);

    if (status == ARES_ENODATA)
        return true;
    if (status != ARES_SUCCESS)
        return false;
    for (struct ares_mx_reply *reply = list; reply != NULL; reply = reply->next) {
        struct mx mx = {.preference = reply->priority};
        uint32_t key;
        if (getrandom(&key, sizeof key, 0) != (ssize_t)sizeof key)
            key = 0;
        if (reply->host[0] == '\0' || strcmp(reply->host, ".") == 0) {
            is_null = true;
            continue;
        }
        has_hosts = true;
        if (name_copy_lower(mx.host, slice_from(reply->host)))
            insert_mx(out, keys, &mx, key);
    }
    ares_free_data(list);
    if (is_null && !has_hosts) /* beside others it means nothing, RFC 7505 section 3 */
        out->mx[out->count++] = (struct mx){.preference = 0};
    return out->count > 0 || !has_hosts;
}
