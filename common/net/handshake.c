/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/handshake.h"

#include <string.h>

#include "common/base/clock.h"

enum { LEVEL_FATAL = 2, FIRST_RECORD_TYPE = 20, LAST_RECORD_TYPE = 24 };

/* In place of X509_verify_cert alone: the verdict stays OpenSSL's. */
static int verify(X509_STORE_CTX *store, void *context)
{
    struct handshake *h = context;
    const X509 *leaf = X509_STORE_CTX_get0_cert(store);

    if (leaf != NULL)
        certificate_read(&h->certificate, leaf);
    int verdict = X509_verify_cert(store);
    if (verdict > 0)
        return verdict;
    const X509 *culprit = X509_STORE_CTX_get_current_cert(store);
    h->problem.error = X509_STORE_CTX_get_error(store);
    h->problem.depth = X509_STORE_CTX_get_error_depth(store);
    if (culprit != NULL)
        certificate_name(h->problem.ca, sizeof h->problem.ca, X509_get_subject_name(culprit));
    return 0;
}

static void note_record(struct handshake *h, const unsigned char *header, size_t len)
{
    if (h->not_tls || len < TLS_HEADER_SIZE ||
        (header[0] >= FIRST_RECORD_TYPE && header[0] <= LAST_RECORD_TYPE))
        return;
    h->not_tls = true;
    memcpy(h->first_bytes, header, sizeof h->first_bytes);
}

static void note_message(struct handshake *h, bool sent, int type, const SSL *ssl)
{
    if (sent && type == SSL3_MT_CLIENT_HELLO && !h->began) {
        h->began = true;
        h->began_at = clock_now();
    }
    if (type != SSL3_MT_FINISHED || h->done)
        return;
    /* both sides finish; which of them is the last depends on the version of TLS */
    *(sent ? &h->finished_sent : &h->finished_received) = true;
    h->done = h->finished_sent && h->finished_received;
    h->done_at = clock_now();
    slice_copy(h->version, sizeof h->version, slice_from(SSL_get_version(ssl)));
    slice_copy(h->cipher, sizeof h->cipher, slice_from(SSL_get_cipher_name(ssl)));
}

static void watch(int sent, int version, int content, const void *data, size_t len, SSL *ssl, void *context)
{
    struct handshake *h = context;
    const unsigned char *bytes = data;

    (void)version;
    if (content == SSL3_RT_HEADER && !sent)
        note_record(h, bytes, len);
    else if (content == SSL3_RT_HANDSHAKE && len > 0)
        note_message(h, sent, bytes[0], ssl);
    else if (content == SSL3_RT_ALERT && !sent && len >= 2 && bytes[0] == LEVEL_FATAL)
        h->alert_received = bytes[1];
}

void handshake_attach(struct handshake *h, SSL_CTX *context)
{
    h->attached = true;
    SSL_CTX_set_cert_verify_callback(context, verify, h);
    SSL_CTX_set_msg_callback(context, watch);
    SSL_CTX_set_msg_callback_arg(context, h);
    /* after QUIT or LOGOUT a close_notify would be one more packet, to a peer that has closed */
    SSL_CTX_set_quiet_shutdown(context, 1);
}
