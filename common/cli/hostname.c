/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/cli/hostname.h"

#include <arpa/inet.h>

#include "common/base/text.h"

enum { NAME_LONGEST = 253 }; /* RFC 1035 section 2.3.4, as text without the last dot */

static bool is_address(int family, const char *text)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return inet_pton(family, text, bytes) == 1;
}

static bool is_name(struct slice s)
{
    if (s.len > 0 && s.data[s.len - 1] == '.')
        s.len--;
    if (s.len == 0 || s.len > NAME_LONGEST || s.data[0] == '-' || !text_is_utf8(s))
        return false;
    for (size_t i = 0, label = 0; i < s.len; i++) {
        char c = s.data[i];
        if (!ascii_is_alnum(c) && c != '-' && c != '_' && c != '.' && (unsigned char)c < 0x80)
            return false;
        if (c != '.')
            label++;
        else if (label == 0)
            return false;
        else
            label = 0;
        if (i + 1 == s.len && label == 0)
            return false;
    }
    return true;
}

bool host_parse(struct slice text, char host[DOMAIN_MAX])
{
    bool brackets = text.len > 2 && text.data[0] == '[' && text.data[text.len - 1] == ']';

    if (brackets)
        text = slice_head(slice_skip(text, 1), text.len - 2);
    if (!slice_copy(host, DOMAIN_MAX, text))
        return false;
    if (brackets || slice_find_char(text, ':') < text.len)
        return is_address(AF_INET6, host);
    return is_name(text);
}

bool port_parse(struct slice text, unsigned *port)
{
    unsigned long long n;

    if (!slice_number(text, 65535, &n) || n == 0)
        return false;
    *port = (unsigned)n;
    return true;
}

bool host_port_parse(struct slice text, char host[DOMAIN_MAX], unsigned *port)
{
    size_t colon = text.len;

    *port = 0;
    if (text.len > 0 && text.data[0] == '[')
        colon = slice_find_char(text, ']') + 1;
    else if (slice_find_char(text, ':') < text.len)
        colon = slice_find_char(text, ':');
    if (colon >= text.len)
        return host_parse(text, host);
    if (text.data[colon] == ':' && port_parse(slice_skip(text, colon + 1), port))
        return host_parse(slice_head(text, colon), host);
    return host_parse(text, host); /* an IPv6 address without brackets, or nonsense */
}

bool address_port_parse(struct slice text, char address[DOMAIN_MAX], unsigned *port)
{
    return host_port_parse(text, address, port) &&
           (is_address(AF_INET, address) || is_address(AF_INET6, address));
}
