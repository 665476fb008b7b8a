/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/dns/name.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <string.h>

#include "common/base/text.h"
#include "common/dns/resolver.h"

enum { LABEL_MAX = 63, NAME_LEN_MAX = 253 };

bool name_is_host(struct slice name)
{
    size_t label = 0;

    if (name.len == 0 || name.len > NAME_LEN_MAX)
        return false;
    for (size_t i = 0; i <= name.len; i++) {
        if (i == name.len || name.data[i] == '.') {
            if (label == 0 || label > LABEL_MAX || name.data[i - 1] == '-' || name.data[i - label] == '-')
                return false;
            label = 0;
        } else if (ascii_is_alnum(name.data[i]) || name.data[i] == '-' || name.data[i] == '_') {
            label++;
        } else {
            return false;
        }
    }
    return true;
}

bool name_copy_lower(char out[DOMAIN_MAX], struct slice name)
{
    if (name.len > 0 && name.data[name.len - 1] == '.')
        name.len--;
    if (!name_is_host(name))
        return false;
    for (size_t i = 0; i < name.len; i++)
        out[i] = ascii_lower(name.data[i]);
    out[name.len] = '\0';
    return true;
}

static bool idn_to_ascii(const char *name, char out[DOMAIN_MAX])
{
    /* without IDN2_USE_STD3_ASCII_RULES: libidn2 would drop what offends them, and another name would come
     * out */
    const int flags = IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT;
    char *ascii = NULL;

    /* no domain is longer, and the tables of IDNA are not for whole books */
    if (strlen(name) > 4 * DOMAIN_MAX || idn2_to_ascii_8z(name, &ascii, flags) != IDN2_OK)
        return false;
    bool ok = name_copy_lower(out, slice_from(ascii));
    idn2_free(ascii);
    return ok;
}

bool resolver_to_ascii(const char *name, char out[DOMAIN_MAX], struct err *err)
{
    struct slice s = slice_from(name);
    /* plain ASCII is not IDNA's business: underscores stay */
    bool ok = text_is_ascii(s) ? name_copy_lower(out, s) : idn_to_ascii(name, out);

    return ok || err_set(err, FAULT_USAGE, STAGE_NONE, "\"%s\" is no domain name", name == NULL ? "" : name);
}

bool resolver_is_literal(const char *text, char bare[ADDRESS_TEXT_MAX])
{
    struct slice s = slice_from(text);
    unsigned char address[sizeof(struct in6_addr)];
    char copy[ADDRESS_TEXT_MAX];

    if (s.len >= 2 && s.data[0] == '[' && s.data[s.len - 1] == ']')
        s = slice_of(s.data + 1, s.len - 2);
    if (!slice_copy(copy, sizeof copy, s))
        return false;
    if (inet_pton(AF_INET, copy, address) != 1 && inet_pton(AF_INET6, copy, address) != 1)
        return false;
    if (bare != NULL)
        slice_copy(bare, ADDRESS_TEXT_MAX, s);
    return true;
}
