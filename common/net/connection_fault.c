/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/mail/refusal.h"
#include "common/net/connection.h"
#include "common/net/sasl.h"

enum { PEER_MAX = 320, SHOWN_ADDRESSES = 3, SAID_MAX = 300, SERVICE_NOT_AVAILABLE = 421 };
/* RFC 8446 section 6.2; OpenSSL 3.0 has no word for it */
enum { CERTIFICATE_REQUIRED = 116 };
/* CURLE_TOO_LARGE, which headers before 8.6 do not have */
enum { CODE_TOO_LARGE = 100 };

/* Everything that the sentences are made of. */
struct scene {
    const struct connection *c;
    const struct endpoint *endpoint;
    enum stage stage;
    char peer[PEER_MAX]; /* "127.0.0.1 port 587 (mail.example.org)" */
};

static bool has_proxy(const struct scene *s)
{
    return s->endpoint->proxy != NULL;
}

static enum stage stage_of(const struct connection *c, const struct endpoint *endpoint)
{
    const struct dialogue *d = &c->dialogue;
    const struct handshake *h = &c->handshake;

    if (!d->connected.known && !h->attached && !d->greeted.known)
        return STAGE_TCP;
    if (endpoint->proxy != NULL && !d->tunnelled.known && !h->attached && !d->greeted.known)
        return STAGE_TCP;
    if (endpoint->tls == TLS_IMPLICIT && !h->done)
        return STAGE_TLS;
    switch (d->part) {
    case PART_PROXY:
        return STAGE_TCP;
    case PART_GREETING:
        return STAGE_GREETING;
    case PART_STARTTLS:
        if (!h->attached)
            return STAGE_STARTTLS;
        return h->done ? STAGE_EHLO : STAGE_TLS;
    case PART_EHLO:
        break;
    }
    return STAGE_EHLO;
}

/* Addresses that were tried, each once, then port and name. */
static void name_peer(struct scene *s)
{
    const struct connection *c = s->c;
    const struct target *t = &c->target;
    const char *name = has_proxy(s) ? t->proxy_host : t->host;
    unsigned port = has_proxy(s) ? t->proxy_port : t->port;
    size_t first = c->dialogue.connected.known && c->attempt_count > 0 ? c->attempt_count - 1 : 0, used = 0;

    if (has_proxy(s))
        used = (size_t)snprintf(s->peer, sizeof s->peer, "the proxy ");
    for (size_t i = first; i < c->attempt_count && i < first + SHOWN_ADDRESSES; i++)
        used += (size_t)snprintf(s->peer + used, sizeof s->peer - used, "%s%s", i > first ? " and " : "",
                                 c->attempts[i].address);
    if (c->attempt_count == 0)
        used += (size_t)snprintf(s->peer + used, sizeof s->peer - used, "%.200s", name);
    used += (size_t)snprintf(s->peer + used, sizeof s->peer - used, " port %u", port);
    if (c->attempt_count > 0 && !resolver_is_literal(name, NULL))
        snprintf(s->peer + used, sizeof s->peer - used, " (%.128s)", name);
}

/* What we said last, in the words of the protocol. */
static const char *command_name(const struct scene *s)
{
    if (s->stage == STAGE_STARTTLS)
        return s->endpoint->protocol == PROTOCOL_POP3 ? "STLS" : "STARTTLS";
    switch (s->endpoint->protocol) {
    case PROTOCOL_SMTP:
        return s->c->dialogue.helo ? "HELO" : "EHLO";
    case PROTOCOL_IMAP:
        return "CAPABILITY";
    case PROTOCOL_POP3:
        return "CAPA";
    }
    return "";
}

static struct slice said(const struct scene *s)
{
    const struct dialogue *d = &s->c->dialogue;

    return buffer_slice(d->part == PART_GREETING ? &d->greeting : &d->answer);
}

static struct slice last_line(struct slice text)
{
    struct slice line = SLICE_EMPTY, last = SLICE_EMPTY;

    while (slice_next_line(&text, &line))
        if (line.len > 0)
            last = line;
    return last;
}

/* --- refusals: the server answered, and said no --- */

static bool refused_smtp(const struct scene *s, const char *what, struct err *err)
{
    char text[SAID_MAX];
    struct reply reply;
    const char *advice = NULL;

    if (!reply_parse(&reply, said(s)) || reply.code < 400) {
        text_clean(text, sizeof text, said(s));
        return err_set(err, FAULT_PROTOCOL, s->stage, "%s is no SMTP reply that fits here: \"%s\"", what,
                       text);
    }
    reply_format(&reply, text, sizeof text);
    enum fault kind = refusal_classify(&reply, s->stage, &advice);
    if (reply.code == SERVICE_NOT_AVAILABLE && kind == FAULT_POLICY_REJECTED)
        kind = FAULT_SERVER_UNAVAILABLE; /* the code means just that, whichever rule made the server say it */
    err_set(err, kind, s->stage, "%s was %s", what, text);
    err->code = reply.code;
    slice_copy(err->enhanced, sizeof err->enhanced, slice_from(reply.enhanced));
    err->advice = advice;
    return false;
}

/* "* BYE text", "a1 NO text", "-ERR text": what stands behind it. */
static bool find_refusal(const struct scene *s, struct slice line, struct slice *rest)
{
    struct slice word;

    *rest = line;
    slice_next_word(rest, &word);
    if (s->endpoint->protocol == PROTOCOL_IMAP)
        slice_next_word(rest, &word);
    return slice_eq_nocase(word, SLICE("-ERR")) || slice_eq_nocase(word, SLICE("BYE")) ||
           slice_eq_nocase(word, SLICE("NO"));
}

static bool is_mailbox_refusal(const struct scene *s)
{
    struct slice rest;

    return s->endpoint->protocol != PROTOCOL_SMTP && find_refusal(s, last_line(said(s)), &rest);
}

static bool refused_mailbox(const struct scene *s, const char *what, struct err *err)
{
    struct slice line = last_line(said(s)), rest;
    char text[SAID_MAX];
    const char *advice = NULL;
    enum fault kind = FAULT_PROTOCOL;

    if (find_refusal(s, line, &rest))
        kind = refusal_classify_mailbox(slice_trim(rest), s->stage, &advice);
    text_clean(text, sizeof text, line);
    err_set(err, kind, s->stage, "%s was \"%s\"", what, text);
    err->advice = advice;
    return false;
}

static bool refused(const struct scene *s, const char *what, struct err *err)
{
    return s->endpoint->protocol == PROTOCOL_SMTP ? refused_smtp(s, what, err)
                                                  : refused_mailbox(s, what, err);
}

static bool refused_here(const struct scene *s, struct err *err)
{
    char what[64];

    if (s->stage == STAGE_GREETING)
        return refused(s, "the server's greeting", err);
    snprintf(what, sizeof what, "the server's answer to %s", command_name(s));
    return refused(s, what, err);
}

static bool no_starttls(const struct scene *s, struct err *err)
{
    const struct dialogue *d = &s->c->dialogue;
    const char *name = s->endpoint->protocol == PROTOCOL_POP3 ? "STLS" : "STARTTLS";

    if (slice_starts_nocase(buffer_slice(&d->greeting), SLICE("* PREAUTH")))
        return err_set(err, FAULT_TLS_REFUSED, STAGE_EHLO,
                       "the server signs us in before TLS (PREAUTH): STARTTLS is not possible then");
    if (s->endpoint->protocol == PROTOCOL_IMAP && d->part == PART_EHLO && d->capabilities.len == 0)
        return refused_here(s, err);
    if (d->part != PART_STARTTLS)
        return err_set(err, FAULT_TLS_REFUSED, STAGE_EHLO, "%s does not offer %s, and TLS is required",
                       s->peer, name);
    refused_here(s, err);
    if (err->kind == FAULT_PROTOCOL && !is_mailbox_refusal(s))
        return false;
    err->kind = FAULT_TLS_REFUSED;
    err->advice =
        "the server offers STARTTLS but cannot do it: look at its certificate and key files, and its logs";
    return false;
}

/* --- no answer in time, or no connection any more --- */

static bool timed_out(const struct scene *s, struct err *err)
{
    const struct connection *c = s->c;
    double after = c->patience;

    if (s->stage == STAGE_TCP && c->dialogue.connected.known)
        return err_set(err, FAULT_TIMEOUT, STAGE_TCP, "%s did not connect us to %s port %u within %.1f s",
                       s->peer, c->target.host, c->target.port, after);
    if (s->stage == STAGE_TCP) {
        err_set(err, FAULT_TIMEOUT, STAGE_TCP, "no connection to %s within %.1f s", s->peer, after);
        err->advice = fault_advice(FAULT_CONNECT);
        return false;
    }
    if (s->stage == STAGE_GREETING) {
        err_set(err, FAULT_TIMEOUT, STAGE_GREETING,
                "%s accepted the connection but sent no %sgreeting within %.1f s", s->peer,
                c->dialogue.greeted.known ? "complete " : "", after);
        if (s->endpoint->tls != TLS_IMPLICIT && !c->dialogue.greeted.known)
            err->advice =
                "a port that wants TLS at once is silent like this (--tls=implicit); else look at the "
                "server's load and logs";
        return false;
    }
    if (s->stage == STAGE_TLS)
        return err_set(err, FAULT_TIMEOUT, STAGE_TLS, "%s did not finish the TLS handshake within %.1f s",
                       s->peer, after);
    return err_set(err, FAULT_TIMEOUT, s->stage, "%s did not answer %s within %.1f s", s->peer,
                   command_name(s), after);
}

static bool cut_off(const struct scene *s, struct err *err)
{
    char text[SAID_MAX];
    struct reply reply;
    long number = 0;

    if (s->c->dialogue.helo && reply_parse(&reply, said(s)) && reply.code >= 400)
        return refused(s, "the server's answer to EHLO", err);

    curl_easy_getinfo(s->c->easy, CURLINFO_OS_ERRNO, &number);
    const char *did = number == ECONNRESET || number == EPIPE ? "broke" : "closed";
    text_clean(text, sizeof text, last_line(said(s)));
    if (s->stage == STAGE_TCP)
        return err_set(err, FAULT_CONNECT, STAGE_TCP,
                       "%s %s the connection before it connected us to %s port %u", s->peer, did,
                       s->c->target.host, s->c->target.port);
    if (s->stage == STAGE_GREETING)
        return err_set(err, FAULT_CONNECT, STAGE_GREETING, "%s %s the connection before its greeting%s%s",
                       s->peer, did, text[0] != '\0' ? " was complete: " : "", text);
    return err_set(err, FAULT_CONNECT, s->stage, "%s %s the connection in place of an answer to %s%s%s",
                   s->peer, did, command_name(s), text[0] != '\0' ? ": " : "", text);
}

static bool not_connected(const struct scene *s, struct err *err)
{
    long number = 0;

    curl_easy_getinfo(s->c->easy, CURLINFO_OS_ERRNO, &number);
    switch (number) {
    case ECONNREFUSED:
        return err_set(err, FAULT_CONNECT, STAGE_TCP, "connection refused by %s", s->peer);
    case ENETUNREACH:
    case EHOSTUNREACH:
        return err_set(err, FAULT_CONNECT, STAGE_TCP, "no route to %s", s->peer);
    case ETIMEDOUT:
        return err_set(err, FAULT_CONNECT, STAGE_TCP, "%s does not answer attempts to connect", s->peer);
    case 0:
        return err_set(err, FAULT_CONNECT, STAGE_TCP, "cannot connect to %s", s->peer);
    default:
        return err_set(err, FAULT_CONNECT, STAGE_TCP, "cannot connect to %s: %s", s->peer,
                       strerror((int)number));
    }
}

/* --- proxies --- */

static const char *socks_reason(long code)
{
    switch (code) {
    case CURLPX_REPLY_CONNECTION_REFUSED:
        return "connection refused";
    case CURLPX_REPLY_HOST_UNREACHABLE:
        return "host unreachable, or its name unknown";
    case CURLPX_REPLY_NETWORK_UNREACHABLE:
        return "network unreachable";
    case CURLPX_REPLY_TTL_EXPIRED:
        return "TTL expired";
    case CURLPX_REPLY_NOT_ALLOWED:
        return "its rules do not allow it";
    case CURLPX_REPLY_GENERAL_SERVER_FAILURE:
        return "general failure";
    case CURLPX_REPLY_COMMAND_NOT_SUPPORTED:
    case CURLPX_REPLY_ADDRESS_TYPE_NOT_SUPPORTED:
        return "it does not support this";
    case CURLPX_USER_REJECTED:
    case CURLPX_NO_AUTH:
        return "it wants another user name or password";
    case CURLPX_BAD_VERSION:
    case CURLPX_UNKNOWN_MODE:
        return "it does not speak SOCKS5";
    default:
        return NULL;
    }
}

static bool proxy_failed(const struct scene *s, struct err *err)
{
    const struct target *t = &s->c->target;
    char text[SAID_MAX];
    long code = 0;
    struct slice answer = buffer_slice(&s->c->dialogue.answer), status = SLICE_EMPTY;

    curl_easy_getinfo(s->c->easy, CURLINFO_PROXY_ERROR, &code);
    const char *reason = socks_reason(code);
    slice_next_line(&answer, &status);
    text_clean(text, sizeof text,
               reason != NULL   ? slice_from(reason)
               : status.len > 0 ? status
                                : slice_from(s->c->error));
    err_set(err, FAULT_CONNECT, STAGE_TCP, "%s did not connect us to %s port %u: %s", s->peer, t->host,
            t->port, text);
    err->advice = "check the proxy, its rules, and --proxy-username";
    return false;
}

/* --- TLS --- */

/* "error:0A000102:SSL routines::unsupported protocol" */
static struct slice openssl_reason(const char *text)
{
    const char *colon = strrchr(text, ':');

    return slice_trim(slice_from(colon != NULL && colon[1] != '\0' ? colon + 1 : text));
}

/* As text where it is some, else in hexadecimal. */
static void show_bytes(char *out, size_t size, struct slice bytes)
{
    char hex[2 * TLS_HEADER_SIZE + 1];
    bool printable = true;

    for (size_t i = 0; i < bytes.len; i++)
        printable = printable && bytes.data[i] >= ' ' && bytes.data[i] <= '~';
    text_hex(hex, (const unsigned char *)bytes.data, bytes.len);
    snprintf(out, size, printable ? "\"%.*s\"" : "0x%.*s", (int)(printable ? bytes.len : sizeof hex - 1),
             printable ? bytes.data : hex);
}

static bool handshake_failed(const struct scene *s, struct err *err)
{
    const struct handshake *h = &s->c->handshake;
    char text[SAID_MAX];

    if (h->alert_received != ALERT_NONE) {
        bool wants_ours = h->alert_received == CERTIFICATE_REQUIRED;
        err_set(err, FAULT_TLS_HANDSHAKE, STAGE_TLS, "%s refused TLS by the alert \"%s\" (%d)", s->peer,
                wants_ours ? "certificate required" : SSL_alert_desc_string_long(h->alert_received),
                h->alert_received);
        if (wants_ours)
            err->advice = "this server wants a certificate of ours: name it with --client-cert";
        return false;
    }
    if (h->not_tls) {
        show_bytes(text, sizeof text, slice_of(h->first_bytes, sizeof h->first_bytes));
        err_set(err, FAULT_TLS_HANDSHAKE, STAGE_TLS, "%s does not speak TLS here: its first bytes are %s",
                s->peer, text);
        if (s->endpoint->tls == TLS_IMPLICIT)
            err->advice =
                "this port speaks plain text first: choose --tls=starttls, or the port for implicit TLS";
        return false;
    }
    struct slice whole = slice_from(s->c->error), reason = openssl_reason(s->c->error);
    if (slice_contains_nocase(whole, SLICE("SSL_connect:")) ||
        slice_contains_nocase(whole, SLICE("unexpected eof")) ||
        slice_contains_nocase(whole, SLICE("reset by peer")) ||
        slice_contains_nocase(whole, SLICE("broken pipe")))
        return err_set(err, FAULT_TLS_HANDSHAKE, STAGE_TLS, "%s ended the connection in the TLS handshake",
                       s->peer);
    text_clean(text, sizeof text, reason);
    return err_set(err, FAULT_TLS_HANDSHAKE, STAGE_TLS, "the TLS handshake with %s failed: %s", s->peer,
                   text);
}

static bool not_verified(const struct scene *s, struct err *err)
{
    const struct handshake *h = &s->c->handshake;

    if (h->alert_received != ALERT_NONE) /* it is about ours */
        return handshake_failed(s, err);
    return certificate_err(err, &h->certificate, &h->problem, s->c->target.verify, (time_t)clock_wall());
}

static bool own_files(const struct scene *s, struct err *err)
{
    const struct endpoint *e = s->endpoint;
    char text[SAID_MAX];

    text_clean(text, sizeof text, slice_from(s->c->error));
    return err_set(err, FAULT_CONFIG, STAGE_NONE,
                   "the client certificate \"%s\" with key \"%s\" cannot be used: %s",
                   e->client_cert != NULL ? e->client_cert : "",
                   e->client_key != NULL ? e->client_key : e->client_cert, text);
}

static bool flooded(const struct scene *s, struct err *err)
{
    return err_set(err, FAULT_PROTOCOL, s->stage,
                   "%s sends longer lines or answers at %s than any mail server", s->peer,
                   stage_name(s->stage));
}

static bool stopped_by_us(const struct scene *s, struct err *err)
{
    const struct dialogue *d = &s->c->dialogue;
    char text[SAID_MAX];

    if (d->flood)
        return flooded(s, err);
    if (d->bye)
        return refused_here(s, err);
    if (d->babble) {
        bool greeting = s->stage == STAGE_GREETING;
        text_clean(text, sizeof text, said(s).len > 1 ? said(s) : SLICE("(an empty line)"));
        return err_set(err, FAULT_PROTOCOL, s->stage, "%s does not speak %s: its %s%s is \"%s\"", s->peer,
                       d->side, greeting ? "greeting" : "answer to ", greeting ? "" : command_name(s), text);
    }
    return err_set(err, FAULT_INTERRUPTED, s->stage, "stopped by a signal at %s", stage_name(s->stage));
}

static bool odd_reply(const struct scene *s, struct err *err)
{
    if (s->stage == STAGE_STARTTLS) /* libcurl has found bytes behind the answer */
        return err_set(
            err, FAULT_PROTOCOL, STAGE_STARTTLS,
            "%s sent more than its answer to %s before TLS: somebody may be tampering with the connection",
            s->peer, command_name(s));
    return refused_here(s, err);
}

bool connection_usable(const struct connection *c, const struct endpoint *endpoint, struct err *err)
{
    const struct scene scene = {.c = c, .endpoint = endpoint, .stage = STAGE_EHLO};
    struct reply reply;

    if (!c->dialogue.helo || !reply_parse(&reply, said(&scene)) || reply.code < 400)
        return true;
    if (reply.code >= 500 && !sasl_wanted(&endpoint->login))
        return true;
    refused(&scene, "the server's answer to EHLO", err);
    if (err->kind == FAULT_PROTOCOL)
        err->kind = FAULT_AUTH_UNAVAILABLE;
    return false;
}

bool connection_fault(const struct connection *c, const struct endpoint *endpoint, CURLcode code,
                      struct err *err)
{
    struct scene scene = {.c = c, .endpoint = endpoint, .stage = stage_of(c, endpoint)};
    const struct scene *s = &scene;

    name_peer(&scene);
    switch ((int)code) {
    case CURLE_ABORTED_BY_CALLBACK:
        return stopped_by_us(s, err);
    case CURLE_OPERATION_TIMEDOUT:
        return timed_out(s, err);
    case CURLE_COULDNT_CONNECT:
        if (s->stage != STAGE_TCP) /* libcurl 8 says so of a reset in an implicit TLS handshake */
            return handshake_failed(s, err);
        return c->dialogue.connected.known ? proxy_failed(s, err) : not_connected(s, err);
    case CURLE_PROXY:
        return proxy_failed(s, err);
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_REMOTE_ACCESS_DENIED:
        return odd_reply(s, err);
    case CODE_TOO_LARGE:
        return flooded(s, err);
    case CURLE_USE_SSL_FAILED:
        return no_starttls(s, err);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CLIENTCERT:
    case CURLE_SSL_CIPHER:
        return handshake_failed(s, err);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return not_verified(s, err);
    case CURLE_SSL_CERTPROBLEM:
        return own_files(s, err);
    case CURLE_SSL_CACERT_BADFILE:
        return err_set(err, FAULT_CONFIG, STAGE_NONE,
                       "the CA file \"%s\" holds no certificate that can be read",
                       endpoint->ca_file != NULL ? endpoint->ca_file : "of the system");
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
        if (slice_contains_nocase(slice_from(c->error), SLICE("too large"))) /* libcurl had enough of it */
            return flooded(s, err);
        if (s->stage == STAGE_TCP)
            return proxy_failed(s, err);
        if (c->handshake.alert_received != ALERT_NONE || s->stage == STAGE_TLS)
            return handshake_failed(s, err);
        return cut_off(s, err);
    default:
        return err_set(err, FAULT_INTERNAL, s->stage, "libcurl failed at %s of %s: %s (%d)",
                       stage_name(s->stage), s->peer,
                       c->error[0] != '\0' ? c->error : curl_easy_strerror(code), (int)code);
    }
}
