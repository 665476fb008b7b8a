/* SPDX-License-Identifier: GPL-3.0-or-later */
/* err.h - the one channel by which a failure travels: what kind, at which step, what the server said, one
 * sentence.
 *
 * Functions that can fail take a struct err * last and return false after filling it. Nobody below the
 * plugins turns a fault into a monitoring state, and nobody below main exits. */
#ifndef MAILPROOF_BASE_ERR_H
#define MAILPROOF_BASE_ERR_H

#include "common/base/slice.h"
#include "common/base/timeline.h"

/* kind, class word (faults[].class of the JSON), advice: one sentence, lower case, without a full stop */
#define FAULTS(X)                                                                                            \
    /* ours */                                                                                               \
    X(USAGE, "usage", "see --help")                                                                          \
    X(CONFIG, "config", "correct the file or the option that is named")                                      \
    X(INTERNAL, "internal", "report it with the output of -vvv")                                             \
    X(INTERRUPTED, "interrupted", "the run was stopped from outside before it ended")                        \
    X(LOOKUP, "lookup", "check the resolver: without its answer there is no verdict")                        \
    X(STATE, "state", "make the state directory writable for this user, and for nobody else")                \
    /* the connection */                                                                                     \
    X(DNS, "dns", "check the name and the resolver")                                                         \
    X(CONNECT, "connect", "check that the service runs and that no firewall stands between")                 \
    X(TLS_HANDSHAKE, "tls_handshake",                                                                        \
      "check the protocol versions and that this port speaks TLS in this way")                               \
    X(TLS_CERTIFICATE, "tls_certificate", "renew or correct the certificate, or name its CA with --ca-file") \
    X(TLS_REFUSED, "tls_refused",                                                                            \
      "enable STARTTLS on the server, or choose the port and --tls that it offers")                          \
    X(PROTOCOL, "protocol", "check that this port speaks the expected protocol")                             \
    X(TIMEOUT, "timeout", "look at the server's load and logs, or give it more time with --timeout")         \
    /* who we are */                                                                                         \
    X(AUTH_CREDENTIALS, "auth_credentials", "check the user name and the password or app password")          \
    X(AUTH_DISABLED, "auth_disabled",                                                                        \
      "enable this way to sign in for the account, or choose another with --auth")                           \
    X(AUTH_TOKEN, "auth_token", "renew the OAuth2 token and check its scope and user")                       \
    X(AUTH_UNAVAILABLE, "auth_unavailable",                                                                  \
      "choose a port, --tls or --auth where the server offers a usable mechanism")                           \
    X(AUTH_REQUIRED, "auth_required", "give credentials: this server wants a login first")                   \
    /* what was refused */                                                                                   \
    X(QUOTA_EXCEEDED, "quota_exceeded",                                                                      \
      "the account's sending limit is used up: wait, send less or raise it")                                 \
    X(SENDER_REJECTED, "sender_rejected", "check that this account may send as the sender's address")        \
    X(RECIPIENT_UNKNOWN, "recipient_unknown", "check the recipient's address")                               \
    X(RELAY_DENIED, "relay_denied", "sign in, or let the relay accept this client and recipient domain")     \
    X(POLICY_REJECTED, "policy_rejected",                                                                    \
      "read the server's text: a local policy stands against this message")                                  \
    X(DMARC_REJECTED, "dmarc_rejected", "make SPF or DKIM pass and align with the From: domain")             \
    X(SPF_REJECTED, "spf_rejected", "add the sending address to the sender domain's SPF record")             \
    X(DKIM_REJECTED, "dkim_rejected", "check the DKIM signature and the published key")                      \
    X(REPUTATION, "reputation",                                                                              \
      "look the sending address up in the block list that is named, and ask for removal")                    \
    X(PTR_MISSING, "ptr_missing", "give the sending address a PTR record that resolves back to it")          \
    X(CONTENT_REJECTED, "content_rejected",                                                                  \
      "the content filter took the probe for spam or found it malformed")                                    \
    X(MESSAGE_TOO_BIG, "message_too_big", "send a smaller message or raise the server's limit")              \
    X(MAILBOX_FULL, "mailbox_full", "free space in the mailbox or raise its quota")                          \
    X(SERVER_UNAVAILABLE, "server_unavailable",                                                              \
      "the server says that it cannot serve now: look at its load and logs")                                 \
    X(SERVER_STORAGE, "server_storage", "the server is out of disk space or other resources")                \
    /* what became of the message */                                                                         \
    X(NOT_DELIVERED, "not_delivered", "follow the message in the relay's queue and logs by its Message-ID")  \
    X(BOUNCED, "bounced", "read the diagnostic code: the relay accepted the message and gave it back")       \
    X(SPAM_PLACED, "spam_placed", "look at the verdicts in the header: authentication, reputation, content") \
    X(ALTERED, "altered", "find the hop that changes messages: signatures break there")                      \
    X(SPF, "spf", "check the sender domain's SPF record")                                                    \
    X(DKIM, "dkim", "check the signature, its selector and the published key")                               \
    X(DMARC, "dmarc", "make SPF or DKIM pass and align with the From: domain")                               \
    X(ARC, "arc", "find the forwarder whose ARC seal does not hold")                                         \
    X(ALIGNMENT, "alignment", "sign with, and bounce to, the From: domain itself")                           \
    /* not broken, but not right */                                                                          \
    X(GREYLISTED, "greylisted", "wait for the next try, or let the receiver whitelist the sender")           \
    X(RATE_LIMITED, "rate_limited", "send less often, or ask for a higher limit")                            \
    X(AUTH_THROTTLED, "auth_throttled",                                                                      \
      "too many logins: check less often, and look for clients with old passwords")                          \
    X(LATE, "late", "look where the message waits: the hops tell")                                           \
    X(DUPLICATE, "duplicate",                                                                                \
      "look for a retry after a lost reply, or for two delivery rules that both keep a copy")                \
    X(CLEANUP, "cleanup", "clean the mailbox by other means before its quota fails the test")                \
    X(DISAGREEMENT, "disagreement",                                                                          \
      "compare the receiver's verdict with the message and the published records")                           \
    X(MX_FALLBACK, "mx_fallback", "look at the preferred MX: it did not take the message")                   \
    /* not a failure by itself: a threshold was passed */                                                    \
    X(THRESHOLD, "threshold", "")

enum fault {
    FAULT_NONE,
#define X(kind, word, advice) FAULT_##kind,
    FAULTS(X)
#undef X
};

const char *fault_class(enum fault kind);  /* "auth_credentials"; FAULT_NONE: "" */
const char *fault_advice(enum fault kind); /* never NULL */
enum fault fault_of_class(struct slice word); /* FAULT_NONE where there is none */

enum { ERR_TEXT_MAX = 512 };

struct err {
    enum fault kind;
    enum stage stage;        /* STAGE_NONE where it belongs to no step */
    int code;                /* SMTP reply code, 0 where there is none */
    char enhanced[12];       /* "5.7.8", RFC 3463; "" where there is none */
    const char *advice;      /* better than the kind's own, static; NULL: the kind's */
    char text[ERR_TEXT_MAX]; /* one sentence, already cleaned of what a server may smuggle in (text.h) */
};

#define ERR_NONE ((struct err){.kind = FAULT_NONE})

/* Fill *e and return false, so that a failing function can end in "return err_set(...)". err_set cleans the
 * result. */
bool err_set(struct err *e, enum fault kind, enum stage stage, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Adds to the sentence, cleaned likewise; everything else stays. */
void err_add(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *err_advice(const struct err *e); /* e->advice, or its kind's */

#endif
