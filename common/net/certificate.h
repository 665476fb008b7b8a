/* SPDX-License-Identifier: GPL-3.0-or-later */
/* certificate.h - what a server's certificate says of itself, and why it was not believed. */
#ifndef MAILPROOF_NET_CERTIFICATE_H
#define MAILPROOF_NET_CERTIFICATE_H

#include <openssl/x509.h>
#include <time.h>

#include "common/base/err.h"

/* The server's certificate, also of a handshake that failed for it. All text is cleaned. */
struct certificate {
    bool known;
    time_t not_before, not_after;
    char subject[128]; /* common name, else the first name */
    char names[256];   /* DNS and IP names, separated by blanks, cut with "..." */
    char issuer[128];  /* its common name, else organization */
};

/* Why it was refused. error: OpenSSL's X509_V_ERR_..., X509_V_OK where the chain holds. depth 0 is the
 * server's own, higher ones are CAs; ca names the one at that depth. */
struct certificate_problem {
    int error;
    int depth;
    char ca[128];
};

void certificate_read(struct certificate *out, const X509 *x509);
/* Common name, else organization; "" where it has neither. */
void certificate_name(char *out, size_t size, const X509_NAME *name);
/* FAULT_TLS_CERTIFICATE with names, issuer and expiry date. name: what the certificate should be for. now:
 * wall clock. Always false. */
bool certificate_err(struct err *err, const struct certificate *c, const struct certificate_problem *problem,
                     const char *name, time_t now);

#endif
