/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/dns/query.h"

#include <arpa/nameser.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/base/interrupt.h"

enum {
    POLL_MAX_MS = 250, /* a signal that falls between check and poll waits no longer */
    HEADER_AD = 0x20   /* in the fourth byte of a message */
};

enum answer_status answer_from_ares(int status)
{
    switch (status) {
    case ARES_SUCCESS:
        return ANSWER_RECORDS;
    case ARES_ENODATA:
        return ANSWER_NODATA;
    case ARES_ENOTFOUND:
        return ANSWER_NXDOMAIN;
    case ARES_ESERVFAIL:
        return ANSWER_SERVFAIL;
    case ARES_EREFUSED:
    case ARES_ENOTIMP:
    case ARES_EFORMERR:
        return ANSWER_REFUSED;
    case ARES_EBADRESP:
    case ARES_EBADNAME:
        return ANSWER_BROKEN;
    case ARES_ECONNREFUSED:
        return ANSWER_UNREACHABLE;
    case ARES_ETIMEOUT:
    case ARES_ECANCELLED:
        return ANSWER_SILENCE;
    default:
        return ANSWER_INTERNAL;
    }
}

bool answer_err(const struct resolver *r, enum answer_status status, const char *name, const char *what,
                double waited, struct err *err)
{
    switch (status) {
    case ANSWER_NXDOMAIN:
        return err_set(err, FAULT_DNS, STAGE_DNS, "%s does not exist (NXDOMAIN)", name);
    case ANSWER_RECORDS:
    case ANSWER_NODATA:
        return err_set(err, FAULT_DNS, STAGE_DNS, "%s has no %s", name, what);
    case ANSWER_SERVFAIL:
        return err_set(err, FAULT_DNS, STAGE_DNS, "%s failed to look up %s (SERVFAIL)", r->servers, name);
    case ANSWER_REFUSED:
        return err_set(err, FAULT_DNS, STAGE_DNS, "%s refused to look up %s (REFUSED)", r->servers, name);
    case ANSWER_BROKEN:
        return err_set(err, FAULT_DNS, STAGE_DNS, "%s gave a broken answer for %s", r->servers, name);
    case ANSWER_NONE:
    case ANSWER_SILENCE:
        return err_set(err, FAULT_DNS, STAGE_DNS, "no answer from %s for %s within %.1f s", r->servers, name,
                       waited);
    case ANSWER_UNREACHABLE:
        /* of several servers c-ares 1.18 does not tell whether the last one failed or was not there */
        return err_set(err, FAULT_DNS, STAGE_DNS,
                       r->server_count > 1 ? "%s failed to look up %s, or cannot be reached"
                                           : "%s cannot be reached to look up %s",
                       r->servers, name);
    case ANSWER_INTERRUPTED:
        return err_set(err, FAULT_INTERRUPTED, STAGE_DNS, "stopped by a signal while looking up %s", name);
    case ANSWER_INTERNAL:
        break;
    }
    return err_set(err, FAULT_INTERNAL, STAGE_DNS, "the lookup of %s could not be started", name);
}

static int poll_ms(struct resolver *r, struct deadline until)
{
    struct timeval most = {.tv_usec = POLL_MAX_MS * 1000}, next;
    struct timeval *wait = ares_timeout(r->channel, &most, &next);
    int ms = (int)(wait->tv_sec * 1000 + (wait->tv_usec + 999) / 1000);
    int left = deadline_poll_ms(until);

    return ms < left ? ms : left;
}

static void wait_and_process(struct resolver *r, struct deadline until)
{
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    struct pollfd watched[ARES_GETSOCK_MAXNUM];
    unsigned bits = (unsigned)ares_getsock(r->channel, sockets, ARES_GETSOCK_MAXNUM);
    nfds_t count = 0;

    for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
        short events = (short)((ARES_GETSOCK_READABLE(bits, i) ? POLLIN : 0) |
                               ((bits >> (i + ARES_GETSOCK_MAXNUM)) & 1 ? POLLOUT : 0));
        if (events != 0)
            watched[count++] = (struct pollfd){.fd = sockets[i], .events = events};
    }
    int ready = poll(watched, count, poll_ms(r, until));
    if (ready <= 0) { /* resends what has waited too long */
        ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        return;
    }
    for (nfds_t i = 0; i < count; i++) {
        bool readable = (watched[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
        bool writable = (watched[i].revents & POLLOUT) != 0;
        if (readable || writable)
            ares_process_fd(r->channel, readable ? watched[i].fd : ARES_SOCKET_BAD,
                            writable ? watched[i].fd : ARES_SOCKET_BAD);
    }
}

enum answer_status query_drive(struct resolver *r, struct deadline until, const size_t *open)
{
    while (*open > 0) {
        if (interrupt_seen())
            return ANSWER_INTERRUPTED;
        if (deadline_passed(until))
            return ANSWER_SILENCE;
        wait_and_process(r, until);
    }
    return ANSWER_NONE;
}

static enum answer_status status_of_message(const unsigned char *message)
{
    switch (message[3] & 0xf) {
    case ns_r_noerror: /* an empty answer section is NODATA */
        return message[6] != 0 || message[7] != 0 ? ANSWER_RECORDS : ANSWER_NODATA;
    case ns_r_nxdomain:
        return ANSWER_NXDOMAIN;
    case ns_r_servfail:
        return ANSWER_SERVFAIL;
    default:
        return ANSWER_REFUSED;
    }
}

static void take_answer(void *context, int status, int timeouts, unsigned char *message, int length)
{
    struct query *q = context;
    struct answer *a = &q->answer;

    (void)timeouts;
    (*q->open)--;
    a->status = answer_from_ares(status);
    if (status != ARES_SUCCESS)
        return;
    if (length < NS_HFIXEDSZ) {
        a->status = ANSWER_BROKEN;
        return;
    }
    a->message = malloc((size_t)length);
    if (a->message == NULL) {
        a->status = ANSWER_INTERNAL;
        return;
    }
    memcpy(a->message, message, (size_t)length);
    a->length = length;
    a->status = status_of_message(message);
    a->authenticated = (message[3] & HEADER_AD) != 0;
}

void query_start(struct resolver *r, struct query *q, size_t *open)
{
    unsigned char *message = NULL;
    unsigned short id;
    int length;

    q->answer = (struct answer){.status = ANSWER_NONE};
    q->open = open;
    if (getrandom(&id, sizeof id, 0) != (ssize_t)sizeof id ||
        ares_create_query(q->name, ns_c_in, q->type, id, 1, &message, &length, UDP_SIZE) != ARES_SUCCESS) {
        q->answer.status = ANSWER_INTERNAL;
        return;
    }
    message[3] |= HEADER_AD; /* asks for AD in the answer, RFC 6840 section 5.7 */
    (*q->open)++;
    ares_send(r->channel, message, length, take_answer, q);
    ares_free_string(message);
}

void query_run(struct resolver *r, struct query *queries, size_t count, struct deadline deadline)
{
    size_t open = 0;

    for (size_t i = 0; i < count; i++)
        query_start(r, &queries[i], &open);
    enum answer_status ended = query_drive(r, deadline, &open);
    if (ended == ANSWER_NONE)
        return;
    ares_cancel(r->channel);
    for (size_t i = 0; i < count; i++)
        if (queries[i].answer.status == ANSWER_SILENCE)
            queries[i].answer.status = ended;
}

void query_clear(struct query *q)
{
    free(q->answer.message);
    q->answer = (struct answer){.status = ANSWER_NONE};
}
