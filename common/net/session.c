/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/session.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/interrupt.h"
#include "common/net/connection.h"

bool session_global_init(struct err *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "libcurl cannot start");
    const char *tls = curl_version_info(CURLVERSION_NOW)->ssl_version;
    if (tls == NULL || strncmp(tls, "OpenSSL", sizeof "OpenSSL" - 1) != 0)
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "this libcurl uses %s for TLS, not OpenSSL",
                       tls != NULL ? tls : "nothing");
    return true;
}

/* --- what libcurl calls while it connects --- */

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct connection *c = context;
    const void *bytes = to->family == AF_INET6
                            ? (const void *)&((struct sockaddr_in6 *)(void *)&to->addr)->sin6_addr
                            : (const void *)&((struct sockaddr_in *)(void *)&to->addr)->sin_addr;

    (void)purpose;
    struct timespec now = clock_now();
    int fd = socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
    if (c->busy && c->attempt_count < ADDRESSES_MAX) {
        struct attempt *attempt = &c->attempts[c->attempt_count++];
        inet_ntop(to->family, bytes, attempt->address, sizeof attempt->address);
        attempt->at = now;
        attempt->fd = fd;
    }
    return fd;
}

/* A server that has TLS session tickets under way holds its answer back until they are acknowledged (Nagle),
 * and we would take 40 ms for that: what is measured would be the two kernels' politeness. On a descriptor
 * that is closed by now, or something else, this has no effect. */
static void acknowledge_at_once(const struct connection *c)
{
    const int on = 1;

    for (size_t i = 0; i < c->attempt_count; i++)
        setsockopt(c->attempts[i].fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

/* Texts of libcurl that mark moments; where they change, connection_settle has others. */
static void note_text(struct dialogue *d, struct slice text, struct timespec at)
{
    if (slice_starts(text, SLICE("Connected to ")) && !d->connected.known)
        d->connected = (struct moment){true, at};
    else if (slice_starts(text, SLICE("SOCKS5 request granted")))
        d->tunnelled = (struct moment){true, at};
}

/* libcurl reports a line once it is sent, which is late where the peer answers at once. It sends what it has
 * to say as soon as the last reply, or the handshake, allows it. */
static struct timespec sent_at(const struct connection *c)
{
    const struct dialogue *d = &c->dialogue;
    const struct handshake *h = &c->handshake;

    if (!d->latest.known)
        return clock_now();
    return h->done && clock_between(d->latest.at, h->done_at) > 0 ? h->done_at : d->latest.at;
}

static int listen_in(CURL *easy, curl_infotype type, char *data, size_t size, void *context)
{
    struct connection *c = context;
    struct slice text = slice_of(data, size);

    (void)easy;
    if (!c->busy || (c->http && type != CURLINFO_TEXT && (c->plain || c->handshake.attached)))
        return 0;
    if (type == CURLINFO_TEXT)
        note_text(&c->dialogue, text, clock_now());
    else if (type == CURLINFO_HEADER_OUT)
        dialogue_sent(&c->dialogue, text, sent_at(c));
    else if (type == CURLINFO_HEADER_IN)
        dialogue_received(&c->dialogue, text, clock_now());
    acknowledge_at_once(c);
    return 0;
}

static int shall_stop(void *context, curl_off_t in_all, curl_off_t in, curl_off_t out_all, curl_off_t out)
{
    const struct connection *c = context;

    (void)in_all, (void)in, (void)out_all, (void)out;
    return c->busy && (interrupt_seen() || dialogue_hopeless(&c->dialogue));
}

static CURLcode watch_tls(CURL *easy, void *ssl_context, void *context)
{
    struct connection *c = context;

    (void)easy;
    handshake_attach(&c->handshake, ssl_context);
    return CURLE_OK;
}

static size_t swallow(char *data, size_t size, size_t count, void *context)
{
    (void)data, (void)context;
    return size * count;
}

bool connection_watch(struct connection *c)
{
    const struct {
        CURLoption option;
        void *value;
    } contexts[] = {{CURLOPT_OPENSOCKETDATA, c},
                    {CURLOPT_DEBUGDATA, c},
                    {CURLOPT_XFERINFODATA, c},
                    {CURLOPT_SSL_CTX_DATA, c}};

    for (size_t i = 0; i < sizeof contexts / sizeof *contexts; i++)
        if (curl_easy_setopt(c->easy, contexts[i].option, contexts[i].value) != CURLE_OK)
            return false;
    return curl_easy_setopt(c->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl_easy_setopt(c->easy, CURLOPT_DEBUGFUNCTION, listen_in) == CURLE_OK &&
           curl_easy_setopt(c->easy, CURLOPT_VERBOSE, 1L) == CURLE_OK &&
           curl_easy_setopt(c->easy, CURLOPT_XFERINFOFUNCTION, shall_stop) == CURLE_OK &&
           curl_easy_setopt(c->easy, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
           curl_easy_setopt(c->easy, CURLOPT_SSL_CTX_FUNCTION, watch_tls) == CURLE_OK;
}

/* --- the stream that libcurl hands over --- */

static ssize_t stream_receive(void *context, void *data, size_t size)
{
    struct connection *c = context;
    size_t n = 0;
    CURLcode code = curl_easy_recv(c->easy, data, size, &n);

    if (code == CURLE_AGAIN)
        return STREAM_AGAIN;
    return code == CURLE_OK ? (ssize_t)n : STREAM_BROKEN;
}

static ssize_t stream_transmit(void *context, const void *data, size_t size)
{
    struct connection *c = context;
    size_t n = 0;
    CURLcode code = curl_easy_send(c->easy, data, size, &n);

    if (code == CURLE_AGAIN || (code == CURLE_OK && n == 0))
        return STREAM_AGAIN;
    return code == CURLE_OK ? (ssize_t)n : STREAM_BROKEN;
}

static int stream_await(void *context, bool for_output, int timeout_ms)
{
    struct connection *c = context;
    struct pollfd fd = {.events = for_output ? POLLOUT : POLLIN};
    curl_socket_t active = CURL_SOCKET_BAD;

    if (curl_easy_getinfo(c->easy, CURLINFO_ACTIVESOCKET, &active) != CURLE_OK || active == CURL_SOCKET_BAD)
        return -1;
    fd.fd = active;
    int ready = poll(&fd, 1, timeout_ms);
    if (ready < 0) /* a signal: the caller asks interrupt_seen */
        return 0;
    return (fd.revents & POLLNVAL) != 0 ? -1 : ready;
}

static const struct stream_ops curl_stream = {stream_receive, stream_transmit, stream_await};

/* --- opening and closing --- */

void connection_free(struct connection **c)
{
    if (*c == NULL)
        return;
    (*c)->busy = false;
    curl_easy_cleanup((*c)->easy);
    curl_slist_free_all((*c)->resolve);
    curl_slist_free_all((*c)->connect_to);
    dialogue_clear(&(*c)->dialogue);
    free(*c);
    *c = NULL;
}

/* The attempt that libcurl went on with. */
static const struct attempt *winner(const struct connection *c, const char *address)
{
    for (size_t i = c->attempt_count; i-- > 0;)
        if (strcmp(c->attempts[i].address, address) == 0)
            return &c->attempts[i];
    return c->attempt_count > 0 ? &c->attempts[c->attempt_count - 1] : NULL;
}

/* What the dialogue cannot know by itself: when the steps before it ended. */
static void fill_timeline(struct session *s, const struct endpoint *endpoint, struct timeline *timeline)
{
    struct connection *c = s->connection;
    struct dialogue *d = &c->dialogue;
    const struct handshake *h = &c->handshake;
    const struct attempt *attempt = winner(c, s->address);

    if (!d->connected.known)
        return;
    struct timespec ready = d->tunnelled.known ? d->tunnelled.at : d->connected.at;
    if (attempt != NULL && (endpoint->proxy == NULL || d->tunnelled.known))
        timeline_set(timeline, STAGE_TCP, attempt->at, clock_between(attempt->at, ready));
    if (h->began && h->done)
        timeline_set(timeline, STAGE_TLS, h->began_at, clock_between(h->began_at, h->done_at));
    if (endpoint->tls == TLS_IMPLICIT)
        ready = h->done_at;
    if (d->greeted.known)
        timeline_set(timeline, STAGE_GREETING, ready, clock_between(ready, d->greeted.at));
}

static struct timespec later(struct timespec at, curl_off_t us)
{
    enum { MILLION = 1000000 };
    curl_off_t sum = at.tv_nsec / 1000 + us % MILLION;

    return (struct timespec){at.tv_sec + us / MILLION + sum / MILLION, sum % MILLION * 1000};
}

/* With implicit TLS, libcurl 8 reports the connection only once TLS stands; then its own times are good.
 * (With STARTTLS they are not: they are added up when TLS joins.) They count from a moment that libcurl keeps
 * to itself: the lookup, which here takes no time, ends as the first socket is opened. */
void connection_settle(struct connection *c, const struct endpoint *endpoint)
{
    struct dialogue *d = &c->dialogue;
    const struct handshake *h = &c->handshake;
    curl_off_t connected = 0, looked_up = 0;

    if (c->attempt_count == 0)
        return;
    if (endpoint->tls == TLS_IMPLICIT) {
        curl_easy_getinfo(c->easy, CURLINFO_CONNECT_TIME_T, &connected);
        curl_easy_getinfo(c->easy, CURLINFO_NAMELOOKUP_TIME_T, &looked_up);
        if (connected > 0 && connected >= looked_up)
            d->connected = (struct moment){true, later(c->attempts[0].at, connected - looked_up)};
    }
    if (!d->connected.known && h->began)
        d->connected = (struct moment){true, h->began_at};
    if (endpoint->proxy != NULL && !d->tunnelled.known && d->greeted.known)
        d->tunnelled = d->connected;
}

static void take_results(struct session *s, const struct endpoint *endpoint, struct timeline *timeline)
{
    struct connection *c = s->connection;
    struct dialogue *d = &c->dialogue;
    const char *address = NULL;

    if (curl_easy_getinfo(c->easy, CURLINFO_PRIMARY_IP, &address) == CURLE_OK && address != NULL)
        slice_copy(s->address, sizeof s->address, slice_from(address));
    s->certificate = c->handshake.certificate;
    slice_copy(s->tls_version, sizeof s->tls_version, slice_from(c->handshake.version));
    s->greeting = d->greeting;
    s->capabilities = d->capabilities;
    d->greeting = BUFFER_INIT(GREETING_MAX);
    d->capabilities = BUFFER_INIT(CAPABILITIES_MAX);
    fill_timeline(s, endpoint, timeline);
}

static void note(struct session *s, struct transcript *transcript)
{
    const struct connection *c = s->connection;
    const struct handshake *h = &c->handshake;
    char line[700];

    if (s->address[0] != '\0') {
        snprintf(line, sizeof line, "connected to %s%s", c->target.proxy_host[0] != '\0' ? "the proxy " : "",
                 s->address);
        transcript_line(transcript, c->dialogue.side, SPEAKER_NOTE, slice_from(line));
    }
    if (!h->done)
        return;
    snprintf(line, sizeof line, "%s, %s; certificate of %s for %s, issued by %s", h->version, h->cipher,
             s->certificate.subject, s->certificate.names, s->certificate.issuer);
    transcript_line(transcript, c->dialogue.side, SPEAKER_NOTE, slice_from(line));
}

/* Names to addresses: the step "dns", unless there are no names. */
static bool find_target(struct target *t, const struct endpoint *endpoint, struct resolver *resolver,
                        struct timeline *timeline, struct deadline deadline, struct err *err)
{
    struct timespec began = clock_now();

    if (!target_find(t, endpoint, resolver, deadline, err))
        return false;
    if ((!t->by_proxy && !resolver_is_literal(t->host, NULL)) ||
        (endpoint->proxy != NULL && !resolver_is_literal(t->proxy_host, NULL)))
        timeline_mark(timeline, STAGE_DNS, began);
    return true;
}

static bool connect_by_curl(struct session *s, const struct endpoint *endpoint, struct timeline *timeline,
                            struct transcript *transcript, struct deadline deadline, struct err *err)
{
    struct connection *c = s->connection;

    c->patience = deadline_left(deadline);
    c->handshake = HANDSHAKE_INIT;
    dialogue_init(&c->dialogue, endpoint->protocol, timeline, transcript);
    c->easy = curl_easy_init();
    if (c->easy == NULL || !connection_watch(c) ||
        curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, swallow) != CURLE_OK)
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "libcurl cannot start");
    if (!connection_configure(c, endpoint, err))
        return false;
    c->busy = true;
    CURLcode code = curl_easy_perform(c->easy);
    c->busy = false;
    connection_settle(c, endpoint);
    bool ok =
        code == CURLE_OK ? connection_usable(c, endpoint, err) : connection_fault(c, endpoint, code, err);
    take_results(s, endpoint, timeline);
    note(s, transcript);
    return ok;
}

bool session_open(struct session *s, const struct endpoint *endpoint, struct resolver *resolver,
                  struct timeline *timeline, struct transcript *transcript, struct deadline deadline,
                  struct err *err)
{
    *s = (struct session){.connection = calloc(1, sizeof *s->connection)};
    if (s->connection == NULL)
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
    if (!find_target(&s->connection->target, endpoint, resolver, timeline, deadline, err) ||
        !connect_by_curl(s, endpoint, timeline, transcript, deadline, err)) {
        connection_free(&s->connection);
        return false;
    }
    s->encrypted = s->connection->handshake.done;
    stream_init(&s->stream, &curl_stream, s->connection, protocol_name(endpoint->protocol), transcript,
                deadline);
    return true;
}

void session_close(struct session *s)
{
    connection_free(&s->connection);
    stream_clear(&s->stream);
    buffer_clear(&s->greeting);
    buffer_clear(&s->capabilities);
}
