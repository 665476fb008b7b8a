/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sasl.h - proving to a server who we are (RFC 4422): which mechanisms to try, and what each of them says.
 *
 * SMTP, IMAP and POP3 bring their own commands around it; the dialogue is the same for all:
 *
 * - sasl_wanted: is there a login at all;
 * - sasl_allowed: before anything that carries a credential, the LOGIN, USER and PASS commands included;
 * - sasl_order: then, for each mechanism, until one is accepted or refused for its credentials:
 * - sasl_new, and where the client speaks first (sasl_client_first) sasl_step without a challenge makes the
 *   initial response;
 * - for each continuation sasl_step; its response, also an empty one, goes out by stream_send_secret, and
 * replies are read by stream_line_secret. Where it fails say "*" (RFC 4422 section 3.5) and read the final
 * reply;
 * - accepted: sasl_verify;
 * - refused: sasl_redact the reply's text before it goes anywhere, sasl_refused, and sasl_next tells whether
 * the next mechanism may do.
 *
 * The mechanisms are libgsasl's; XOAUTH2 and OAUTHBEARER (RFC 7628) are ours. Passwords and tokens are wiped
 * on sasl_free. */
#ifndef MAILPROOF_NET_SASL_H
#define MAILPROOF_NET_SASL_H

#include "common/net/endpoint.h"

/* in the default order of trying; the last two only when named by --auth */
#define SASL_MECHANISMS(X)                                                                                   \
    X(OAUTHBEARER, "OAUTHBEARER")                                                                            \
    X(XOAUTH2, "XOAUTH2")                                                                                    \
    X(SCRAM_SHA_256, "SCRAM-SHA-256")                                                                        \
    X(SCRAM_SHA_1, "SCRAM-SHA-1")                                                                            \
    X(PLAIN, "PLAIN")                                                                                        \
    X(LOGIN, "LOGIN")                                                                                        \
    X(CRAM_MD5, "CRAM-MD5")                                                                                  \
    X(EXTERNAL, "EXTERNAL")                                                                                  \
    X(GSSAPI, "GSSAPI")

enum sasl_mechanism {
#define X(id, name) SASL_##id,
    SASL_MECHANISMS(X)
#undef X
        SASL_COUNT
};

enum {
    SASL_NAME_MAX = 24,
    SASL_RESPONSE_MAX = 128 * 1024 /* base64 of the longest secret and what goes with it */
};

const char *sasl_name(enum sasl_mechanism mechanism); /* "SCRAM-SHA-256" */

/* The token to show, given or fetched; .set false: there is none. */
const struct secret *login_token(const struct login *login);

/* Whether a login was asked for: a user name, a token, or a mechanism by name. */
bool sasl_wanted(const struct login *login);

/* No credential crosses an unencrypted connection unless the user allows it, loopback included.
 * FAULT_AUTH_UNAVAILABLE. */
bool sasl_allowed(const struct login *login, enum protocol protocol, bool encrypted, struct err *err);

/* The mechanisms worth trying, in order, out of those offered (words separated by white space, in any case).
 */
size_t sasl_order(const struct login *login, struct slice offered, enum sasl_mechanism order[SASL_COUNT]);

/* Where sasl_order found none: says what was wanted and what is offered. Always false,
 * FAULT_AUTH_UNAVAILABLE. */
bool sasl_unavailable(const struct login *login, enum protocol protocol, struct slice offered,
                      struct err *err);

struct sasl;

/* host and port: as the user named the server (Kerberos' principal, OAUTHBEARER's key/value pairs). login
 * must outlive it. NULL with FAULT_AUTH_UNAVAILABLE where the mechanism is not built in or a credential for
 * it is missing. Owned by the caller until sasl_free, which wipes, and clears the pointer. */
struct sasl *sasl_new(enum sasl_mechanism mechanism, const struct login *login, enum protocol protocol,
                      const char *host, unsigned port, struct err *err);
void sasl_free(struct sasl **s);

/* Whether the client speaks first, so that an initial response is possible. LOGIN and CRAM-MD5 wait for a
 * challenge. */
bool sasl_client_first(const struct sasl *s);

/* One step. challenge: base64 as the server sent it, without "334 " or "+ "; empty for none. response (make
 * it with BUFFER_SECRET(SASL_RESPONSE_MAX)) is emptied, and gets base64; it stays empty where the response is
 * empty (an empty *initial* response is written "="). False: cancel. FAULT_PROTOCOL for broken base64, a
 * server that goes on asking or that fails to prove itself; FAULT_AUTH_CREDENTIALS where SCRAM's own error
 * says so; FAULT_AUTH_UNAVAILABLE where the mechanism cannot be used here (try the next one). */
bool sasl_step(struct sasl *s, struct slice challenge, struct buffer *response, struct err *err);

/* After the server said yes: whether the mechanism is complete (SCRAM: the server's signature was seen and is
 * right). FAULT_PROTOCOL where it is not. */
bool sasl_verify(const struct sasl *s, struct err *err);

/* After the server said no and err was filled from it: adds what the dialogue told beside it (the status and
 * scope of an OAuth2 refusal), and makes FAULT_AUTH_TOKEN of FAULT_AUTH_CREDENTIALS where a token was shown.
 */
void sasl_refused(const struct sasl *s, struct err *err);

/* Servers quote the line that they did not like: takes our responses, the password and the token out of what
 * they said. s may be NULL (LOGIN, USER and PASS commands). In place: text never grows. */
void sasl_redact(const struct sasl *s, const struct login *login, char *text);

/* Whether that refusal is about the mechanism, so that the next one may do. What is about credentials, the
 * account or the server ends it: the same wrong password five times over locks accounts. */
bool sasl_next(const struct err *err);

#endif
