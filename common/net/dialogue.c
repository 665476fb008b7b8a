/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/dialogue.h"

#include <stdio.h>

#include "common/base/clock.h"

void dialogue_init(struct dialogue *d, enum protocol protocol, struct timeline *timeline,
                   struct transcript *transcript)
{
    *d = (struct dialogue){
        .protocol = protocol,
        .side = protocol_name(protocol),
        .timeline = timeline,
        .transcript = transcript,
        .part = PART_GREETING,
        .greeting = BUFFER_INIT(GREETING_MAX),
        .capabilities = BUFFER_INIT(CAPABILITIES_MAX),
        .answer = BUFFER_INIT(ANSWER_MAX),
    };
}

void dialogue_clear(struct dialogue *d)
{
    buffer_clear(&d->greeting);
    buffer_clear(&d->capabilities);
    buffer_clear(&d->answer);
}

static struct slice without_line_end(struct slice line)
{
    while (line.len > 0 && (line.data[line.len - 1] == '\n' || line.data[line.len - 1] == '\r'))
        line.len--;
    return line;
}

/* IMAP has a tag in front. */
static struct slice take_command(struct dialogue *d, struct slice line)
{
    struct slice word = SLICE_EMPTY;

    slice_next_word(&line, &word);
    if (d->protocol == PROTOCOL_IMAP) {
        snprintf(d->tag, sizeof d->tag, "%.*s ", SLICE_ARG(word));
        slice_next_word(&line, &word);
    }
    return word;
}

void dialogue_sent(struct dialogue *d, struct slice line, struct timespec at)
{
    struct slice first = SLICE_EMPTY, command = take_command(d, line);

    d->helo = slice_eq_nocase(command, SLICE("HELO"));
    if (slice_starts(line, SLICE("CONNECT "))) {
        d->part = PART_PROXY;
        slice_next_line(&line, &first); /* the rest may hold the proxy's password */
        line = first;
    } else if (slice_eq_nocase(command, SLICE("STARTTLS")) || slice_eq_nocase(command, SLICE("STLS"))) {
        d->part = PART_STARTTLS;
    } else {
        d->part = PART_EHLO;
        buffer_reset(&d->capabilities);
    }
    d->sent_at = at;
    if (!d->helo) /* or what EHLO was refused with is lost */
        buffer_reset(&d->answer);
    transcript_line(d->transcript, d->side, SPEAKER_CLIENT, without_line_end(line));
}

/* Whether a line may stand where it stands: RFC 5321 section 4.2, RFC 3501 section 7, RFC 1939 section 3. */
static bool fits(const struct dialogue *d, struct slice line)
{
    switch (d->protocol) {
    case PROTOCOL_SMTP:
        return line.len >= 3 && line.data[0] >= '2' && line.data[0] <= '5' && ascii_is_digit(line.data[1]) &&
               ascii_is_digit(line.data[2]);
    case PROTOCOL_IMAP:
        return slice_starts(line, SLICE("* ")) ||
               (d->tag[0] != '\0' && slice_starts(line, slice_from(d->tag)) && d->part != PART_GREETING);
    case PROTOCOL_POP3: /* only the first line of an answer has a form */
        return d->answer.len > 0 || slice_starts(line, SLICE("+OK")) || slice_starts(line, SLICE("-ERR"));
    }
    return false;
}

/* A refusal of EHLO, CAPABILITY or CAPA, and the answer to HELO, announce nothing. */
static bool announces(const struct dialogue *d, struct slice line)
{
    switch (d->protocol) {
    case PROTOCOL_SMTP:
        return !d->helo && slice_starts(line, SLICE("2"));
    case PROTOCOL_IMAP:
        return slice_starts(line, SLICE("* "));
    case PROTOCOL_POP3:
        return !slice_starts(line, SLICE("-ERR"));
    }
    return false;
}

static void keep(struct buffer *out, struct slice line)
{
    if (buffer_append(out, line))
        buffer_append_char(out, '\n');
}

static void proxy_line(struct dialogue *d, struct slice line, struct timespec at)
{
    if (line.len > 0) {
        keep(&d->answer, line);
        return;
    }
    if (slice_starts(slice_skip(buffer_slice(&d->answer), sizeof "HTTP/1.x" - 1), SLICE(" 2"))) {
        d->tunnelled = (struct moment){true, at};
        d->part = PART_GREETING;
        buffer_reset(&d->answer);
    }
}

void dialogue_received(struct dialogue *d, struct slice line, struct timespec at)
{
    d->latest = (struct moment){true, at};
    d->received += line.len;
    d->flood = d->flood || d->received > DIALOGUE_MAX || line.len > DIALOGUE_LINE_MAX;
    line = without_line_end(line);
    transcript_line(d->transcript, d->side, SPEAKER_SERVER, line);
    if (d->part == PART_PROXY) {
        proxy_line(d, line, at);
        return;
    }
    d->babble = d->babble || !fits(d, line);
    d->bye =
        d->protocol == PROTOCOL_IMAP && d->part != PART_GREETING && slice_starts_nocase(line, SLICE("* BYE"));
    switch (d->part) {
    case PART_PROXY:
    case PART_GREETING:
        d->greeted = (struct moment){true, at};
        keep(&d->greeting, line);
        return;
    case PART_EHLO:
        timeline_set(d->timeline, STAGE_EHLO, d->sent_at, clock_between(d->sent_at, at));
        if (announces(d, line))
            keep(&d->capabilities, line);
        break;
    case PART_STARTTLS:
        timeline_set(d->timeline, STAGE_STARTTLS, d->sent_at, clock_between(d->sent_at, at));
        break;
    }
    keep(&d->answer, line);
}

bool dialogue_hopeless(const struct dialogue *d)
{
    return d->flood || d->babble || d->bye;
}
