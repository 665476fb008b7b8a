/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spf_ip.h - the client's address as SPF (RFC 7208) reads it. Internal to spf. Pure. */
#ifndef MAILPROOF_AUTH_SPF_IP_H
#define MAILPROOF_AUTH_SPF_IP_H

#include <stdbool.h>

enum {
    SPF_IPV4_BITS = 32,
    SPF_IPV6_BITS = 128,
    SPF_IP_TEXT_MAX = 46,
    SPF_IP_DOTTED_MAX = 64,
    SPF_IP_ARPA_MAX = 80
};

struct spf_ip {
    bool is_ipv6;            /* an IPv4-mapped address is IPv4, section 5 */
    unsigned char bytes[16]; /* IPv4: the first 4 */
};

bool spf_ip_parse(struct spf_ip *out, const char *text);
/* Whether the first bits of both are the same. network: as many bytes as ip has. */
bool spf_ip_matches(const struct spf_ip *ip, const unsigned char *network, unsigned bits);
/* "192.0.2.1", "2001:db8::1": the macro "c" */
void spf_ip_text(const struct spf_ip *ip, char out[SPF_IP_TEXT_MAX]);
/* "192.0.2.1", "2.0.0.1.0.D.B.8. ...": the macro "i" */
void spf_ip_dotted(const struct spf_ip *ip, char out[SPF_IP_DOTTED_MAX]);
/* "1.2.0.192.in-addr.arpa" */
void spf_ip_arpa(const struct spf_ip *ip, char out[SPF_IP_ARPA_MAX]);

#endif
