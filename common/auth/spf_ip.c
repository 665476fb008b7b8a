/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/spf_ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { IPV4_BYTES = 4, IPV6_BYTES = 16, BYTE_BITS = 8, MAPPED_PREFIX = 12 };

bool spf_ip_parse(struct spf_ip *out, const char *text)
{
    struct in6_addr address;

    *out = (struct spf_ip){.is_ipv6 = false};
    if (inet_pton(AF_INET, text, out->bytes) == 1)
        return true;
    if (inet_pton(AF_INET6, text, &address) != 1)
        return false;
    out->is_ipv6 = !IN6_IS_ADDR_V4MAPPED(&address);
    if (out->is_ipv6)
        memcpy(out->bytes, address.s6_addr, IPV6_BYTES);
    else
        memcpy(out->bytes, address.s6_addr + MAPPED_PREFIX, IPV4_BYTES);
    return true;
}

bool spf_ip_matches(const struct spf_ip *ip, const unsigned char *network, unsigned bits)
{
    size_t whole = bits / BYTE_BITS;
    unsigned mask = 0xff00U >> (bits % BYTE_BITS) & 0xff;

    return memcmp(ip->bytes, network, whole) == 0 &&
           (mask == 0 || ((ip->bytes[whole] ^ network[whole]) & mask) == 0);
}

void spf_ip_text(const struct spf_ip *ip, char out[SPF_IP_TEXT_MAX])
{
    inet_ntop(ip->is_ipv6 ? AF_INET6 : AF_INET, ip->bytes, out, SPF_IP_TEXT_MAX);
}

static char nibble(const struct spf_ip *ip, size_t i)
{
    unsigned byte = ip->bytes[i / 2];

    return "0123456789ABCDEF"[i % 2 == 0 ? byte >> 4 : byte & 0xf];
}

void spf_ip_dotted(const struct spf_ip *ip, char out[SPF_IP_DOTTED_MAX])
{
    if (!ip->is_ipv6) {
        spf_ip_text(ip, out);
        return;
    }
    for (size_t i = 0; i < 2 * IPV6_BYTES; i++) {
        out[2 * i] = nibble(ip, i);
        out[2 * i + 1] = '.';
    }
    out[SPF_IP_DOTTED_MAX - 1] = '\0';
}

void spf_ip_arpa(const struct spf_ip *ip, char out[SPF_IP_ARPA_MAX])
{
    const unsigned char *b = ip->bytes;

    if (!ip->is_ipv6) {
        snprintf(out, SPF_IP_ARPA_MAX, "%u.%u.%u.%u.in-addr.arpa", b[3], b[2], b[1], b[0]);
        return;
    }
    for (size_t i = 0; i < 2 * IPV6_BYTES; i++) {
        out[2 * i] = nibble(ip, 2 * IPV6_BYTES - 1 - i);
        out[2 * i + 1] = '.';
    }
    snprintf(out + 4 * IPV6_BYTES, SPF_IP_ARPA_MAX - 4 * IPV6_BYTES, "ip6.arpa");
}
