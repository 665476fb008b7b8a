/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session.h - a connection up to the point where the protocol clients take over.
 *
 * libcurl connects in connect-only mode and without credentials: proxy, TCP (happy eyeballs), greeting, EHLO,
 * CAPABILITY or CAPA, STARTTLS, TLS. Its debug callback gives the timeline. Then the stream is ours. Nothing
 * that was received before TLS survives it, but for the greeting, which is for people to read. Bytes behind
 * the answer to STARTTLS are a fault. What a server sends unasked in the same packet behind its last
 * capability line is lost: libcurl keeps it to itself.
 *
 * Of the environment nothing is used: no proxy variables, no netrc, no SSL_CERT_FILE. (OpenSSL itself reads
 * OPENSSL_CONF, and libcurl writes keys to SSLKEYLOGFILE.) */
#ifndef MAILPROOF_NET_SESSION_H
#define MAILPROOF_NET_SESSION_H

#include "common/base/timeline.h"
#include "common/net/certificate.h"
#include "common/net/endpoint.h"
#include "common/net/stream.h"

struct session {
    struct connection *connection; /* libcurl's side, opaque here */
    struct stream stream;
    bool encrypted;
    char tls_version[16];           /* "TLSv1.3"; "" without */
    char address[ADDRESS_TEXT_MAX]; /* that answered */
    struct certificate certificate;
    struct buffer greeting;     /* the first reply, its lines ending in LF */
    struct buffer capabilities; /* last EHLO, CAPABILITY or CAPA reply, as received, lines ending in LF; "" if
                                   refused */
};

/* Fills *s, whatever was in it, and timeline (dns, tcp, greeting, ehlo, starttls, tls) as far as it came, and
 * certificate, on failure too. Faults: DNS CONNECT TLS_REFUSED TLS_HANDSHAKE TLS_CERTIFICATE (the sentence
 * has expiry date, names and issuer) TIMEOUT PROTOCOL SERVER_UNAVAILABLE (a 4xx or 5xx greeting, "* BYE",
 * "-ERR"; SMTP: see refusal.h) CONFIG (certificate and key files, proxy) INTERRUPTED. */
bool session_open(struct session *s, const struct endpoint *endpoint, struct resolver *resolver,
                  struct timeline *timeline, struct transcript *transcript, struct deadline deadline,
                  struct err *err);
/* Closes without a word: QUIT and LOGOUT are the clients'. Safe on a session that never opened and on a
 * second call. */
void session_close(struct session *s);
/* Once a process, before the first session_open. FAULT_INTERNAL if libcurl cannot start. */
bool session_global_init(struct err *err);

#endif
