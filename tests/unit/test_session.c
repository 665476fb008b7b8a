/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/net/connection.h"
#include "common/net/session.h"
#include "common/net/truststore.h"

/* --- where to --- */

static void test_targets(void **state)
{
    static const struct {
        const char *name;
        struct endpoint endpoint;
        const char *verify, *host;
        unsigned port;
        const char *address; /* "": the proxy looks it up */
        const char *proxy;   /* its address */
    } rows[] = {
        {"address", {.host = "192.0.2.1", .port = 587}, "192.0.2.1", "192.0.2.1", 587, "192.0.2.1", ""},
        {"ipv6 in brackets",
         {.host = "[2001:db8::1]", .port = 25},
         "2001:db8::1",
         "2001:db8::1",
         25,
         "2001:db8::1",
         ""},
        {"name to verify",
         {.host = "192.0.2.1", .port = 25, .tls_name = "Mail.Example."},
         "mail.example",
         "192.0.2.1",
         25,
         "192.0.2.1",
         ""},
        {"connect to",
         {.host = "B\xc3\xbc"
                  "cher.example",
          .port = 25,
          .connect_host = "192.0.2.9",
          .connect_port = 2525},
         "xn--bcher-kva.example",
         "192.0.2.9",
         2525,
         "192.0.2.9",
         ""},
        {"connect to, same port",
         {.host = "mail.example", .port = 587, .connect_host = "192.0.2.9"},
         "mail.example",
         "192.0.2.9",
         587,
         "192.0.2.9",
         ""},
        {"connect to, other port",
         {.host = "192.0.2.1", .port = 587, .connect_port = 2525},
         "192.0.2.1",
         "192.0.2.1",
         2525,
         "192.0.2.1",
         ""},
        {"socks5",
         {.host = "192.0.2.1", .port = 25, .proxy = "socks5://192.0.2.7:1080"},
         "192.0.2.1",
         "192.0.2.1",
         25,
         "192.0.2.1",
         "192.0.2.7"},
        {"socks5h leaves names to the proxy",
         {.host = "mail.example", .port = 25, .proxy = "socks5h://[2001:db8::7]:1080"},
         "mail.example",
         "mail.example",
         25,
         "",
         "2001:db8::7"},
        {"so does http",
         {.host = "mail.example", .port = 25, .proxy = "HTTP://192.0.2.7:3128/"},
         "mail.example",
         "mail.example",
         25,
         "",
         "192.0.2.7"},
    };
    struct err err;
    struct resolver *r = resolver_new("192.0.2.53", NULL, &err); /* never asked */
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct target t;
        CHECK_ROW(rows[i].name, target_find(&t, &rows[i].endpoint, r, deadline_in(0), &err));
        CHECK_ROW_TEXT(rows[i].name, t.verify, rows[i].verify);
        CHECK_ROW_TEXT(rows[i].name, t.host, rows[i].host);
        CHECK_ROW(rows[i].name, t.port == rows[i].port);
        CHECK_ROW_TEXT(rows[i].name, t.addresses.text[0], rows[i].address);
        CHECK_ROW_TEXT(rows[i].name, t.proxy_addresses.text[0], rows[i].proxy);
    }
    resolver_free(&r);
}

static void test_no_targets(void **state)
{
    static const struct {
        struct endpoint endpoint;
        enum fault kind;
    } rows[] = {
        {{.host = "a b", .port = 25}, FAULT_USAGE},
        {{.host = "a.example\r\nQUIT", .port = 25}, FAULT_USAGE},
        {{.host = "", .port = 25}, FAULT_USAGE},
        {{.host = NULL, .port = 25}, FAULT_USAGE},
        {{.host = "192.0.2.1", .port = 25, .tls_name = "a/b"}, FAULT_USAGE},
        {{.host = "192.0.2.1", .port = 25, .connect_host = "a b"}, FAULT_USAGE},
        {{.host = "192.0.2.1", .port = 25, .proxy = ""}, FAULT_CONFIG},
        {{.host = "192.0.2.1", .port = 25, .proxy = "192.0.2.7:1080"}, FAULT_CONFIG},
        {{.host = "192.0.2.1", .port = 25, .proxy = "socks4://192.0.2.7:1080"}, FAULT_CONFIG},
        {{.host = "192.0.2.1", .port = 25, .proxy = "https://192.0.2.7:1080"}, FAULT_CONFIG},
        {{.host = "192.0.2.1", .port = 25, .proxy = "socks5://192.0.2.7"}, FAULT_CONFIG},
        {{.host = "192.0.2.1", .port = 25, .proxy = "socks5://192.0.2.7:0"}, FAULT_CONFIG},
        {{.host = "192.0.2.1", .port = 25, .proxy = "socks5://192.0.2.7:99999"}, FAULT_CONFIG},
        {{.host = "192.0.2.1", .port = 25, .proxy = "http://192.0.2.7:1080/path"}, FAULT_CONFIG},
        {{.host = "192.0.2.1", .port = 25, .proxy = "http://joe:hunter2@192.0.2.7:1080"}, FAULT_CONFIG},
        {{.host = "192.0.2.1", .port = 25, .proxy = "foo://joe:hunter2@192.0.2.7:1080"}, FAULT_CONFIG},
        {{.host = "192.0.2.1", .port = 25, .proxy = "http://joe@192.0.2.7:1080"}, FAULT_CONFIG},
    };
    struct err err;
    struct resolver *r = resolver_new("192.0.2.53", NULL, &err);
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *name = rows[i].endpoint.proxy != NULL ? rows[i].endpoint.proxy : "host";
        struct target t;
        CHECK_ROW(name, !target_find(&t, &rows[i].endpoint, r, deadline_in(0), &err));
        CHECK_ROW(name, err.kind == rows[i].kind);
        CHECK_ROW(name, strstr(err.text, "hunter2") == NULL);
    }
    resolver_free(&r);
}

/* --- what libcurl is told --- */

static void test_files_that_are_not_there(void **state)
{
    static const struct {
        struct endpoint endpoint;
        const char *text;
    } rows[] = {
        {{.host = "192.0.2.1", .port = 25, .tls = TLS_STARTTLS, .ca_file = "/nowhere/ca.pem"},
         "the CA file \"/nowhere/ca.pem\" cannot be read: No such file or directory"},
        {{.host = "192.0.2.1", .port = 25, .tls = TLS_IMPLICIT, .ca_path = "/nowhere"},
         "the CA directory \"/nowhere\" cannot be read"},
        {{.host = "192.0.2.1", .port = 25, .tls = TLS_STARTTLS, .client_cert = "/nowhere/c.pem"},
         "the client certificate \"/nowhere/c.pem\" cannot be read: No such file or directory"},
        {{.host = "192.0.2.1", .port = 25, .tls = TLS_STARTTLS, .client_key = "/nowhere/k.pem"},
         "the client key \"/nowhere/k.pem\" cannot be read: No such file or directory"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct connection c = {.easy = curl_easy_init(),
                               .patience = 1,
                               .target = {.verify = "192.0.2.1", .host = "192.0.2.1", .port = 25}};
        struct err err = ERR_NONE;
        CHECK_ROW(rows[i].text, !connection_configure(&c, &rows[i].endpoint, &err));
        CHECK_ROW(rows[i].text, err.kind == FAULT_CONFIG);
        CHECK_ROW_TEXT(rows[i].text, err.text, rows[i].text);
        curl_easy_cleanup(c.easy);
    }
}

static void test_helo(void **state)
{
    static const struct {
        const char *helo;
        const char *path; /* of the URL; NULL: refused */
    } rows[] = {
        {"probe.example", "/probe.example"},
        {"b\xc3\xbc"
         "cher.example",
         "/xn--bcher-kva.example"},
        {"[192.0.2.1]", "/%5B192.0.2.1%5D"},
        {"[IPv6:2001:db8::1]", "/%5BIPv6%3A2001%3Adb8%3A%3A1%5D"},
        {"a b", NULL},
        {"a\r\nMAIL FROM:<x>", NULL},
        {"[]", NULL},
        {"[192.0.2.1", NULL},
        {"[IPv6:x]", NULL},
        {"", NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct connection c = {.easy = curl_easy_init(),
                               .patience = 1,
                               .target = {.verify = "192.0.2.1", .host = "192.0.2.1", .port = 25}};
        const struct endpoint endpoint = {
            .host = "192.0.2.1", .port = 25, .tls = TLS_NONE, .helo = rows[i].helo};
        struct err err = ERR_NONE;
        char *url = NULL;
        bool ok = connection_configure(&c, &endpoint, &err);
        CHECK_ROW(rows[i].helo, ok == (rows[i].path != NULL));
        CHECK_ROW(rows[i].helo, ok || err.kind == FAULT_USAGE);
        if (ok) {
            curl_easy_getinfo(c.easy, CURLINFO_EFFECTIVE_URL, &url);
            CHECK_ROW(rows[i].helo, strstr(url, rows[i].path) != NULL &&
                                        strstr(url, rows[i].path)[strlen(rows[i].path)] == '\0');
        }
        curl_easy_cleanup(c.easy);
    }
}

/* --- why it failed --- */

enum { SAID_MAX = 8 };

static void play(struct dialogue *d, const char *const *lines)
{
    for (size_t i = 0; i < SAID_MAX && lines[i] != NULL; i++) {
        struct slice line = slice_from(lines[i] + sizeof "C: " - 1);
        if (lines[i][0] == 'C')
            dialogue_sent(d, line, clock_now());
        else
            dialogue_received(d, line, clock_now());
    }
}

#define NO_TLS                                                                                               \
    {                                                                                                        \
        .alert_received = ALERT_NONE                                                                         \
    }
#define NOW                                                                                                  \
    {                                                                                                        \
        .known = true                                                                                        \
    }

static void test_faults(void **state)
{
    static const struct {
        const char *name;
        enum protocol protocol;
        enum tls_mode tls;
        int code;
        struct moment connected;
        const char *lines[SAID_MAX];
        struct handshake handshake;
        enum fault kind;
        enum stage stage;
        int reply;
        const char *text;
    } rows[] = {
        {"silent port",
         PROTOCOL_SMTP,
         TLS_STARTTLS,
         CURLE_OPERATION_TIMEDOUT,
         {0},
         {0},
         NO_TLS,
         FAULT_TIMEOUT,
         STAGE_TCP,
         0,
         "no connection to 192.0.2.1 and 192.0.2.2 port 587 (mail.example) within 10.0 s"},
        {"cannot connect",
         PROTOCOL_SMTP,
         TLS_STARTTLS,
         CURLE_COULDNT_CONNECT,
         {0},
         {0},
         NO_TLS,
         FAULT_CONNECT,
         STAGE_TCP,
         0,
         "cannot connect to 192.0.2.1 and 192.0.2.2 port 587 (mail.example)"},
        {"no greeting",
         PROTOCOL_SMTP,
         TLS_STARTTLS,
         CURLE_OPERATION_TIMEDOUT,
         NOW,
         {0},
         NO_TLS,
         FAULT_TIMEOUT,
         STAGE_GREETING,
         0,
         "192.0.2.2 port 587 (mail.example) accepted the connection but sent no greeting within 10.0 s"},
        {"half a greeting",
         PROTOCOL_SMTP,
         TLS_STARTTLS,
         CURLE_OPERATION_TIMEDOUT,
         NOW,
         {"S: 220-hi"},
         NO_TLS,
         FAULT_TIMEOUT,
         STAGE_GREETING,
         0,
         "192.0.2.2 port 587 (mail.example) accepted the connection but sent no complete greeting within "
         "10.0 s"},
        {"closed before the greeting",
         PROTOCOL_IMAP,
         TLS_STARTTLS,
         CURLE_RECV_ERROR,
         NOW,
         {0},
         NO_TLS,
         FAULT_CONNECT,
         STAGE_GREETING,
         0,
         "192.0.2.2 port 587 (mail.example) closed the connection before its greeting"},
        {"421",
         PROTOCOL_SMTP,
         TLS_STARTTLS,
         CURLE_WEIRD_SERVER_REPLY,
         NOW,
         {"S: 421-4.3.2 busy", "S: 421 4.3.2 come back later"},
         NO_TLS,
         FAULT_SERVER_UNAVAILABLE,
         STAGE_GREETING,
         421,
         "the server's greeting was 421 4.3.2 busy come back later"},
        {"BYE",
         PROTOCOL_IMAP,
         TLS_STARTTLS,
         CURLE_WEIRD_SERVER_REPLY,
         NOW,
         {"S: * BYE overloaded"},
         NO_TLS,
         FAULT_SERVER_UNAVAILABLE,
         STAGE_GREETING,
         0,
         "the server's greeting was \"* BYE overloaded\""},
        {"-ERR",
         PROTOCOL_POP3,
         TLS_STARTTLS,
         CURLE_WEIRD_SERVER_REPLY,
         NOW,
         {"S: -ERR [SYS/TEMP] later"},
         NO_TLS,
         FAULT_SERVER_UNAVAILABLE,
         STAGE_GREETING,
         0,
         "the server's greeting was \"-ERR [SYS/TEMP] later\""},
        {"another protocol",
         PROTOCOL_SMTP,
         TLS_STARTTLS,
         CURLE_ABORTED_BY_CALLBACK,
         NOW,
         {"S: SSH-2.0-x"},
         NO_TLS,
         FAULT_PROTOCOL,
         STAGE_GREETING,
         0,
         "192.0.2.2 port 587 (mail.example) does not speak smtp: its greeting is \"SSH-2.0-x\""},
        {"a signal",
         PROTOCOL_SMTP,
         TLS_STARTTLS,
         CURLE_ABORTED_BY_CALLBACK,
         NOW,
         {"S: 220 hi", "C: EHLO me"},
         NO_TLS,
         FAULT_INTERRUPTED,
         STAGE_EHLO,
         0,
         "stopped by a signal at ehlo"},
        {"BYE in place of an answer",
         PROTOCOL_IMAP,
         TLS_STARTTLS,
         CURLE_ABORTED_BY_CALLBACK,
         NOW,
         {"S: * OK hi", "C: A1 CAPABILITY", "S: * BYE [UNAVAILABLE] maintenance"},
         NO_TLS,
         FAULT_SERVER_UNAVAILABLE,
         STAGE_EHLO,
         0,
         "the server's answer to CAPABILITY was \"* BYE [UNAVAILABLE] maintenance\""},
        {"EHLO unanswered",
         PROTOCOL_SMTP,
         TLS_STARTTLS,
         CURLE_OPERATION_TIMEDOUT,
         NOW,
         {"S: 220 hi", "C: EHLO me"},
         NO_TLS,
         FAULT_TIMEOUT,
         STAGE_EHLO,
         0,
         "192.0.2.2 port 587 (mail.example) did not answer EHLO within 10.0 s"},
        {"EHLO refused",
         PROTOCOL_SMTP,
         TLS_STARTTLS,
         CURLE_REMOTE_ACCESS_DENIED,
         NOW,
         {"S: 220 hi", "C: EHLO me", "S: 421 4.7.0 too many connections"},
         NO_TLS,
         FAULT_RATE_LIMITED,
         STAGE_EHLO,
         421,
         "the server's answer to EHLO was 421 4.7.0 too many connections"},
        {"EHLO refused, then cut",
         PROTOCOL_SMTP,
         TLS_NONE,
         CURLE_RECV_ERROR,
         NOW,
         {"S: 220 hi", "C: EHLO me", "S: 421 4.7.0 too many connections", "C: HELO me"},
         NO_TLS,
         FAULT_RATE_LIMITED,
         STAGE_EHLO,
         421,
         "the server's answer to EHLO was 421 4.7.0 too many connections"},
        {"STARTTLS not offered",
         PROTOCOL_SMTP,
         TLS_STARTTLS,
         CURLE_USE_SSL_FAILED,
         NOW,
         {"S: 220 hi", "C: EHLO me", "S: 250 mx"},
         NO_TLS,
         FAULT_TLS_REFUSED,
         STAGE_EHLO,
         0,
         "192.0.2.2 port 587 (mail.example) does not offer STARTTLS, and TLS is required"},
        {"STARTTLS refused",
         PROTOCOL_SMTP,
         TLS_STARTTLS,
         CURLE_USE_SSL_FAILED,
         NOW,
         {"S: 220 hi", "C: EHLO me", "S: 250 STARTTLS", "C: STARTTLS", "S: 454 4.7.0 no key"},
         NO_TLS,
         FAULT_TLS_REFUSED,
         STAGE_STARTTLS,
         454,
         "the server's answer to STARTTLS was 454 4.7.0 no key"},
        {"STARTTLS refused without a reason",
         PROTOCOL_IMAP,
         TLS_STARTTLS,
         CURLE_USE_SSL_FAILED,
         NOW,
         {"S: * OK hi", "C: A1 CAPABILITY", "S: * CAPABILITY STARTTLS", "S: A1 OK", "C: A2 STARTTLS",
          "S: A2 NO [CANNOT] no"},
         NO_TLS,
         FAULT_TLS_REFUSED,
         STAGE_STARTTLS,
         0,
         "the server's answer to STARTTLS was \"A2 NO [CANNOT] no\""},
        {"STARTTLS not understood",
         PROTOCOL_IMAP,
         TLS_STARTTLS,
         CURLE_USE_SSL_FAILED,
         NOW,
         {"S: * OK hi", "C: A1 CAPABILITY", "S: * CAPABILITY STARTTLS", "S: A1 OK", "C: A2 STARTTLS",
          "S: A2 299 what"},
         NO_TLS,
         FAULT_PROTOCOL,
         STAGE_STARTTLS,
         0,
         "the server's answer to STARTTLS was \"A2 299 what\""},
        {"STLS cut",
         PROTOCOL_POP3,
         TLS_STARTTLS,
         CURLE_RECV_ERROR,
         NOW,
         {"S: +OK", "C: CAPA", "S: +OK", "S: STLS", "S: .", "C: STLS"},
         NO_TLS,
         FAULT_CONNECT,
         STAGE_STARTTLS,
         0,
         "192.0.2.2 port 587 (mail.example) closed the connection in place of an answer to STLS"},
        {"PREAUTH",
         PROTOCOL_IMAP,
         TLS_STARTTLS,
         CURLE_USE_SSL_FAILED,
         NOW,
         {"S: * PREAUTH hi", "C: A1 CAPABILITY", "S: * CAPABILITY STARTTLS", "S: A1 OK"},
         NO_TLS,
         FAULT_TLS_REFUSED,
         STAGE_EHLO,
         0,
         "the server signs us in before TLS (PREAUTH): STARTTLS is not possible then"},
        {"bytes behind STARTTLS",
         PROTOCOL_SMTP,
         TLS_STARTTLS,
         CURLE_WEIRD_SERVER_REPLY,
         NOW,
         {"S: 220 hi", "C: EHLO me", "S: 250 STARTTLS", "C: STARTTLS", "S: 220 go"},
         NO_TLS,
         FAULT_PROTOCOL,
         STAGE_STARTTLS,
         0,
         "192.0.2.2 port 587 (mail.example) sent more than its answer to STARTTLS before TLS: somebody may "
         "be tampering with the connection"},
        {"handshake without end",
         PROTOCOL_SMTP,
         TLS_STARTTLS,
         CURLE_OPERATION_TIMEDOUT,
         NOW,
         {"S: 220 hi", "C: EHLO me", "S: 250 STARTTLS", "C: STARTTLS", "S: 220 go"},
         {.attached = true, .began = true, .alert_received = ALERT_NONE},
         FAULT_TIMEOUT,
         STAGE_TLS,
         0,
         "192.0.2.2 port 587 (mail.example) did not finish the TLS handshake within 10.0 s"},
        {"alert",
         PROTOCOL_SMTP,
         TLS_IMPLICIT,
         CURLE_SSL_CONNECT_ERROR,
         NOW,
         {0},
         {.attached = true, .began = true, .alert_received = 70},
         FAULT_TLS_HANDSHAKE,
         STAGE_TLS,
         0,
         "192.0.2.2 port 587 (mail.example) refused TLS by the alert \"protocol version\" (70)"},
        {"a certificate of ours is wanted",
         PROTOCOL_SMTP,
         TLS_IMPLICIT,
         CURLE_RECV_ERROR,
         NOW,
         {0},
         {.attached = true, .began = true, .done = true, .alert_received = 116},
         FAULT_TLS_HANDSHAKE,
         STAGE_TLS,
         0,
         "192.0.2.2 port 587 (mail.example) refused TLS by the alert \"certificate required\" (116)"},
        {"plain text",
         PROTOCOL_SMTP,
         TLS_IMPLICIT,
         CURLE_SSL_CONNECT_ERROR,
         NOW,
         {0},
         {.attached = true,
          .began = true,
          .alert_received = ALERT_NONE,
          .not_tls = true,
          .first_bytes = "220 m"},
         FAULT_TLS_HANDSHAKE,
         STAGE_TLS,
         0,
         "192.0.2.2 port 587 (mail.example) does not speak TLS here: its first bytes are \"220 m\""},
        {"neither TLS nor text",
         PROTOCOL_SMTP,
         TLS_IMPLICIT,
         CURLE_SSL_CONNECT_ERROR,
         NOW,
         {0},
         {.attached = true,
          .began = true,
          .alert_received = ALERT_NONE,
          .not_tls = true,
          .first_bytes = {0, 1, 2, 3, 0xff}},
         FAULT_TLS_HANDSHAKE,
         STAGE_TLS,
         0,
         "192.0.2.2 port 587 (mail.example) does not speak TLS here: its first bytes are 0x00010203ff"},
        {"expired",
         PROTOCOL_SMTP,
         TLS_IMPLICIT,
         CURLE_PEER_FAILED_VERIFICATION,
         NOW,
         {0},
         {.attached = true,
          .began = true,
          .alert_received = ALERT_NONE,
          .certificate = {.known = true, .not_after = 1609459200, .names = "a.example", .issuer = "CA"},
          .problem = {.error = X509_V_ERR_CERT_HAS_EXPIRED}},
         FAULT_TLS_CERTIFICATE,
         STAGE_TLS,
         0,
         "certificate expired on 2021-01-01 (a.example, issued by CA)"},
        {"another name",
         PROTOCOL_SMTP,
         TLS_IMPLICIT,
         CURLE_PEER_FAILED_VERIFICATION,
         NOW,
         {0},
         {.attached = true,
          .began = true,
          .done = true,
          .alert_received = ALERT_NONE,
          .certificate = {.known = true, .not_after = 4102444800, .names = "a.example", .issuer = "CA"}},
         FAULT_TLS_CERTIFICATE,
         STAGE_TLS,
         0,
         "certificate is for a.example, not for tls.example (issued by CA, expires on 2100-01-01)"},
        {"something else",
         PROTOCOL_SMTP,
         TLS_NONE,
         CURLE_OUT_OF_MEMORY,
         NOW,
         {"S: 220 hi", "C: EHLO me"},
         NO_TLS,
         FAULT_INTERNAL,
         STAGE_EHLO,
         0,
         "libcurl failed at ehlo of 192.0.2.2 port 587 (mail.example): Out of memory (27)"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct endpoint endpoint = {
            .protocol = rows[i].protocol, .tls = rows[i].tls, .host = "mail.example", .port = 587};
        struct connection c = {
            .easy = curl_easy_init(),
            .patience = 10,
            .target = {.verify = "tls.example", .host = "mail.example", .port = 587},
            .handshake = rows[i].handshake,
            .attempt_count = 2,
            .attempts = {{.address = "192.0.2.1"}, {.address = "192.0.2.2"}},
        };
        struct timeline timeline = {0};
        struct err err = ERR_NONE;
        dialogue_init(&c.dialogue, rows[i].protocol, &timeline, NULL);
        c.dialogue.connected = rows[i].connected;
        play(&c.dialogue, rows[i].lines);
        CHECK_ROW(rows[i].name, !connection_fault(&c, &endpoint, (CURLcode)rows[i].code, &err));
        CHECK_ROW_TEXT(rows[i].name, err.text, rows[i].text);
        CHECK_ROW_TEXT(rows[i].name, fault_class(err.kind), fault_class(rows[i].kind));
        CHECK_ROW_TEXT(rows[i].name, stage_name(err.stage), stage_name(rows[i].stage));
        CHECK_ROW(rows[i].name, err.code == rows[i].reply);
        dialogue_clear(&c.dialogue);
        curl_easy_cleanup(c.easy);
    }
}

/* libcurl's own limit ends a flood before ours where it cannot hand over a single line. */
static void test_flood_that_libcurl_stopped(void **state)
{
    struct endpoint endpoint = {
        .protocol = PROTOCOL_POP3, .tls = TLS_NONE, .host = "mail.example", .port = 110};
    struct connection c = {
        .easy = curl_easy_init(),
        .target = {.host = "mail.example", .port = 110},
        .error = "Too large response headers: 391248 > 307200",
        .attempt_count = 1,
        .attempts = {{.address = "192.0.2.1"}},
    };
    struct timeline timeline = {0};
    struct err err = ERR_NONE;
    (void)state;

    dialogue_init(&c.dialogue, PROTOCOL_POP3, &timeline, NULL);
    c.dialogue.connected.known = true;
    CHECK_ROW("flood", !connection_fault(&c, &endpoint, CURLE_RECV_ERROR, &err));
    CHECK_ROW_TEXT(
        "flood", err.text,
        "192.0.2.1 port 110 (mail.example) sends longer lines or answers at greeting than any mail "
        "server");
    CHECK_ROW_TEXT("flood", fault_class(err.kind), "protocol");
    dialogue_clear(&c.dialogue);
    curl_easy_cleanup(c.easy);
}

/* libcurl goes on with HELO, whatever EHLO was answered. */
static void test_helo_in_place_of_ehlo(void **state)
{
    static const struct {
        const char *name, *username;
        const char *lines[6];
        const char *text; /* "": usable */
        enum fault kind;
    } rows[] = {
        {"EHLO", "u", {"S: 220 hi", "C: EHLO me", "S: 250 mx"}, "", FAULT_NONE},
        {"refused for now",
         NULL,
         {"S: 220 hi", "C: EHLO me", "S: 421 4.3.2 going down", "C: HELO me", "S: 250 mx"},
         "the server's answer to EHLO was 421 4.3.2 going down",
         FAULT_SERVER_UNAVAILABLE},
        {"old, and no login is wanted",
         NULL,
         {"S: 220 hi", "C: EHLO me", "S: 502 what?", "C: HELO me", "S: 250 mx"},
         "",
         FAULT_NONE},
        {"old, and a login is wanted",
         "u",
         {"S: 220 hi", "C: EHLO me", "S: 502 what?", "C: HELO me", "S: 250 mx"},
         "the server's answer to EHLO was 502 what?",
         FAULT_AUTH_UNAVAILABLE},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct endpoint endpoint = ENDPOINT_INIT;
        struct connection c = {.handshake = HANDSHAKE_INIT};
        struct timeline timeline = {0};
        struct err err = ERR_NONE;
        endpoint.login.username = rows[i].username;
        dialogue_init(&c.dialogue, PROTOCOL_SMTP, &timeline, NULL);
        play(&c.dialogue, rows[i].lines);
        CHECK_ROW(rows[i].name, connection_usable(&c, &endpoint, &err) == (rows[i].kind == FAULT_NONE));
        CHECK_ROW_TEXT(rows[i].name, err.text, rows[i].text);
        CHECK_ROW_TEXT(rows[i].name, fault_class(err.kind), fault_class(rows[i].kind));
        dialogue_clear(&c.dialogue);
    }
}

static void test_proxy_faults(void **state)
{
    static const struct {
        const char *name;
        int code;
        struct moment connected;
        const char *lines[SAID_MAX];
        enum fault kind;
        const char *text;
    } rows[] = {
        {"not there",
         CURLE_COULDNT_CONNECT,
         {0},
         {0},
         FAULT_CONNECT,
         "cannot connect to the proxy 192.0.2.7 port 1080 (proxy.example)"},
        {"silent",
         CURLE_OPERATION_TIMEDOUT,
         {.known = true},
         {0},
         FAULT_TIMEOUT,
         "the proxy 192.0.2.7 port 1080 (proxy.example) did not connect us to mail.example port 587 within "
         "10.0 s"},
        {"407",
         CURLE_RECV_ERROR,
         {.known = true},
         {"C: CONNECT mail.example:587 HTTP/1.1", "S: HTTP/1.1 407 Proxy Authentication Required", "S: "},
         FAULT_CONNECT,
         "the proxy 192.0.2.7 port 1080 (proxy.example) did not connect us to mail.example port 587: "
         "HTTP/1.1 407 Proxy Authentication Required"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct endpoint endpoint = {
            .tls = TLS_STARTTLS, .host = "mail.example", .port = 587, .proxy = "http://proxy.example:1080"};
        struct connection c = {
            .easy = curl_easy_init(),
            .patience = 10,
            .target = {.verify = "mail.example",
                       .host = "mail.example",
                       .port = 587,
                       .by_proxy = true,
                       .proxy_host = "proxy.example",
                       .proxy_port = 1080},
            .handshake = HANDSHAKE_INIT,
            .attempt_count = 1,
            .attempts = {{.address = "192.0.2.7"}},
        };
        struct timeline timeline = {0};
        struct err err = ERR_NONE;
        dialogue_init(&c.dialogue, PROTOCOL_SMTP, &timeline, NULL);
        c.dialogue.connected = rows[i].connected;
        play(&c.dialogue, rows[i].lines);
        CHECK_ROW(rows[i].name, !connection_fault(&c, &endpoint, (CURLcode)rows[i].code, &err));
        CHECK_ROW_TEXT(rows[i].name, err.text, rows[i].text);
        CHECK_ROW(rows[i].name, err.kind == rows[i].kind && err.stage == STAGE_TCP);
        dialogue_clear(&c.dialogue);
        curl_easy_cleanup(c.easy);
    }
}

/* --- what is around them --- */

static void test_truststore(void **state)
{
    static const struct {
        const char *file;
        bool hashed;
    } rows[] = {{"002c0b4f.0", true}, {"deadbeef.9", true},   {"ca.pem", false},
                {"002c0b4f", false},  {"002c0b4f.r0", false}, {"002C0B4F.0", false},
                {"02c0b4f.0", false}, {"0002c0b4f.0", false}, {"002c0b4g.0", false}};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char directory[] = "/tmp/mailproof-unit-XXXXXX", path[64];
        assert_non_null(mkdtemp(directory));
        assert_false(truststore_is_hashed(directory));
        snprintf(path, sizeof path, "%s/%s", directory, rows[i].file);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fclose(file);
        CHECK_ROW(rows[i].file, truststore_is_hashed(directory) == rows[i].hashed);
        unlink(path);
        rmdir(directory);
        assert_false(truststore_is_hashed(directory));
    }
}

static void test_a_session_that_never_opened(void **state)
{
    const struct endpoint endpoint = {.host = "a..b", .port = 25};
    struct timeline timeline = {0};
    struct session s = {0};
    struct err err = ERR_NONE;
    (void)state;

    session_close(&s);
    assert_true(session_global_init(&err));
    struct resolver *r = resolver_new("192.0.2.53", NULL, &err);
    assert_false(session_open(&s, &endpoint, r, &timeline, NULL, deadline_in(1), &err));
    assert_int_equal(err.kind, FAULT_USAGE);
    session_close(&s);
    session_close(&s);
    resolver_free(&r);
}

static void test_protocol_names(void **state)
{
    (void)state;
    assert_string_equal(protocol_name(PROTOCOL_SMTP), "smtp");
    assert_string_equal(protocol_name(PROTOCOL_IMAP), "imap");
    assert_string_equal(protocol_name(PROTOCOL_POP3), "pop3");
}

static void test_endpoint_clear_wipes(void **state)
{
    struct endpoint e = ENDPOINT_INIT;
    (void)state;

    assert_true(secret_set(&e.login.password, SLICE("hunter2")));
    assert_true(secret_set(&e.login.token, SLICE("token")));
    assert_true(secret_set(&e.proxy_password, SLICE("secret")));
    endpoint_clear(&e);
    assert_false(e.login.password.set || e.login.token.set || e.proxy_password.set);
    endpoint_clear(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_no_targets),
        cmocka_unit_test(test_files_that_are_not_there),
        cmocka_unit_test(test_helo),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_flood_that_libcurl_stopped),
        cmocka_unit_test(test_helo_in_place_of_ehlo),
        cmocka_unit_test(test_proxy_faults),
        cmocka_unit_test(test_truststore),
        cmocka_unit_test(test_a_session_that_never_opened),
        cmocka_unit_test(test_protocol_names),
        cmocka_unit_test(test_endpoint_clear_wipes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
