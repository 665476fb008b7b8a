/* SPDX-License-Identifier: GPL-3.0-or-later */
/* handshake.h - watches OpenSSL shake hands: when it began and ended, the server's certificate, what went
 * wrong. libcurl tells none of it for a handshake that fails. */
#ifndef MAILPROOF_NET_HANDSHAKE_H
#define MAILPROOF_NET_HANDSHAKE_H

#include <openssl/ssl.h>

#include "common/net/certificate.h"

enum { ALERT_NONE = -1, TLS_HEADER_SIZE = 5 };

struct handshake {
    bool attached; /* TLS is set up: from here on the conversation is TLS */
    bool began, finished_sent, finished_received, done;
    struct timespec began_at, done_at;
    char version[16]; /* "TLSv1.3" */
    char cipher[64];
    struct certificate certificate;
    struct certificate_problem problem;
    int alert_received; /* the fatal alert of RFC 8446 section 6 that the server sent; ALERT_NONE */
    bool not_tls;       /* the server's first bytes are no TLS record ... */
    unsigned char first_bytes[TLS_HEADER_SIZE]; /* ... but these */
};

#define HANDSHAKE_INIT ((struct handshake){.alert_received = ALERT_NONE})

/* Before the handshake; *h must outlive the SSL_CTX. */
void handshake_attach(struct handshake *h, SSL_CTX *context);

#endif
