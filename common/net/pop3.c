/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/pop3.h"

#include <inttypes.h>
#include <limits.h>

#include "common/base/text.h"
#include "common/mail/refusal.h"
#include "common/net/pop3_internal.h"

enum { MECHANISMS_MAX = 1024, FLIGHT = 16 };

static void note_capability(struct pop3 *p, struct slice line)
{
    static const struct {
        struct slice word;
        unsigned bit;
    } known[] = {
        {{"TOP", 3}, POP3_CAN_TOP},
        {{"UIDL", 4}, POP3_CAN_UIDL},
        {{"USER", 4}, POP3_CAN_USER},
        {{"PIPELINING", 10}, POP3_CAN_PIPELINING},
    };
    struct slice word;
    unsigned long long seconds;

    if (!slice_next_word(&line, &word))
        return;
    for (size_t n = 0; n < sizeof known / sizeof *known; n++)
        if (slice_eq_nocase(word, known[n].word))
            p->capabilities |= known[n].bit;
    if (slice_eq_nocase(word, SLICE("SASL")))
        buffer_append(&p->mechanisms, slice_trim(line));
    else if (slice_eq_nocase(word, SLICE("LOGIN-DELAY")) && slice_next_word(&line, &word) &&
             slice_number(word, UINT_MAX, &seconds))
        p->login_delay_s = (unsigned)seconds;
}

void pop3_init(struct pop3 *p, struct stream *stream, struct slice capabilities)
{
    struct slice line, text;

    *p = (struct pop3){.stream = stream, .mechanisms = BUFFER_INIT(MECHANISMS_MAX)};
    if (!slice_next_line(&capabilities, &line) || pop3_parse(line, &text) != POP3_OK)
        return;
    p->capabilities_known = true;
    while (slice_next_line(&capabilities, &line))
        note_capability(p, line);
}

void pop3_clear(struct pop3 *p)
{
    buffer_clear(&p->mechanisms);
}

bool pop3_can(const struct pop3 *p, enum pop3_capability capability)
{
    return !p->capabilities_known || (p->capabilities & (unsigned)capability) != 0;
}

enum pop3_line pop3_parse(struct slice line, struct slice *text)
{
    static const struct {
        struct slice word;
        enum pop3_line kind;
    } words[] = {{{"+OK", 3}, POP3_OK}, {{"-ERR", 4}, POP3_ERR}, {{"+", 1}, POP3_CONTINUE}};

    for (size_t n = 0; n < sizeof words / sizeof *words; n++) {
        size_t len = words[n].word.len;
        if (slice_starts_nocase(line, words[n].word) && (line.len == len || ascii_is_space(line.data[len]))) {
            *text = slice_trim(slice_skip(line, len));
            return words[n].kind;
        }
    }
    return POP3_NONSENSE;
}

bool pop3_nonsense(enum stage stage, struct slice line, struct err *err)
{
    return err_set(err, FAULT_PROTOCOL, stage, "the pop3 server sent no POP3 reply at %s: %.*s",
                   stage_name(stage), SLICE_ARG(slice_head(line, 100)));
}

static int read_reply(struct pop3 *p, enum stage stage, struct err *err)
{
    struct slice line, text;

    if (!stream_line(p->stream, stage, &line, err))
        return -1;
    enum pop3_line kind = pop3_parse(line, &text);
    if (kind != POP3_OK && kind != POP3_ERR) {
        pop3_nonsense(stage, line, err);
        return -1;
    }
    p->reply.ok = kind == POP3_OK;
    slice_copy(p->reply.text, sizeof p->reply.text, text);
    return p->reply.ok ? 1 : 0;
}

static bool send_command(struct pop3 *p, enum stage stage, const char *verb, uint32_t number, struct err *err)
{
    struct buffer line = BUFFER_INIT(64);

    if (number > 0)
        buffer_printf(&line, "%s %" PRIu32 "\r\n", verb, number);
    else
        buffer_printf(&line, "%s\r\n", verb);
    bool ok = stream_send(p->stream, stage, buffer_slice(&line), err);
    buffer_clear(&line);
    return ok;
}

static int command(struct pop3 *p, enum stage stage, const char *verb, uint32_t number, struct err *err)
{
    return send_command(p, stage, verb, number, err) ? read_reply(p, stage, err) : -1;
}

/* The lines up to the lone dot, unstuffed (RFC 1939 section 3). What passes the maximum is read and dropped.
 */
static bool read_lines(struct pop3 *p, enum stage stage, struct buffer *out, struct err *err)
{
    struct slice line;
    bool room = true;

    for (;;) {
        if (!stream_line(p->stream, stage, &line, err))
            return false;
        if (slice_eq(line, SLICE(".")))
            return true;
        if (slice_starts(line, SLICE(".")))
            line = slice_skip(line, 1);
        room = room && buffer_append(out, line) && buffer_append(out, SLICE("\r\n"));
    }
}

bool pop3_refused(const struct pop3 *p, enum stage stage, const char *what, struct err *err)
{
    const char *advice;
    enum fault kind = refusal_classify_mailbox(slice_from(p->reply.text), stage, &advice);

    err_set(err, kind, stage, "%s refused: -ERR %s", what, p->reply.text);
    err->advice = advice;
    return false;
}

bool pop3_stat(struct pop3 *p, enum stage stage, uint32_t *count, struct err *err)
{
    struct slice rest, word;
    unsigned long long n;
    int done = command(p, stage, "STAT", 0, err);

    if (done <= 0)
        return done == 0 ? pop3_refused(p, stage, "STAT", err) : false;
    rest = slice_from(p->reply.text);
    if (!slice_next_word(&rest, &word) || !slice_number(word, UINT32_MAX, &n))
        return pop3_nonsense(stage, slice_from(p->reply.text), err);
    *count = (uint32_t)n;
    return true;
}

/* "+OK 5 whqtswO00WBw418f9t5JxYwZ": the second word. */
static int numbered_word(struct pop3 *p, enum stage stage, const char *verb, uint32_t number,
                         struct slice *word, struct err *err)
{
    struct slice rest;
    int done = command(p, stage, verb, number, err);

    if (done <= 0)
        return done;
    rest = slice_from(p->reply.text);
    return slice_next_word(&rest, word) && slice_next_word(&rest, word) ? 1 : 0;
}

int pop3_size(struct pop3 *p, enum stage stage, uint32_t number, unsigned long long *size, struct err *err)
{
    struct slice word;
    int done = numbered_word(p, stage, "LIST", number, &word, err);

    return done == 1 && !slice_number(word, ~0ULL, size) ? 0 : done;
}

/* unique-id: 1 to 70 characters from 0x21 to 0x7E */
static bool is_unique_id(struct slice word)
{
    for (size_t n = 0; n < word.len; n++)
        if (word.data[n] < 0x21 || word.data[n] > 0x7e)
            return false;
    return word.len < POP3_UIDL_MAX;
}

int pop3_uidl(struct pop3 *p, enum stage stage, uint32_t number, char uidl[POP3_UIDL_MAX], struct err *err)
{
    struct slice word;
    int done = numbered_word(p, stage, "UIDL", number, &word, err);

    uidl[0] = '\0';
    if (done < 1 || !is_unique_id(word))
        return done < 0 ? -1 : 0;
    slice_copy(uidl, POP3_UIDL_MAX, word);
    return 1;
}

static bool send_top(struct pop3 *p, enum stage stage, uint32_t newest, uint32_t count, unsigned lines,
                     struct err *err)
{
    struct buffer flight = BUFFER_INIT(FLIGHT * 64);
    bool top = pop3_can(p, POP3_CAN_TOP); /* optional (RFC 1939 section 7); without it there is RETR alone */

    for (uint32_t n = 0; n < count; n++)
        if (top)
            buffer_printf(&flight, "TOP %" PRIu32 " %u\r\n", newest - n, lines);
        else
            buffer_printf(&flight, "RETR %" PRIu32 "\r\n", newest - n);
    bool ok = stream_send(p->stream, stage, buffer_slice(&flight), err);
    buffer_clear(&flight);
    return ok;
}

bool pop3_top(struct pop3 *p, enum stage stage, uint32_t newest, uint32_t oldest, unsigned lines,
              struct buffer *text, pop3_take_fn *take, void *context, struct err *err)
{
    uint32_t flight = p->capabilities_known && pop3_can(p, POP3_CAN_PIPELINING) ? FLIGHT : 1;
    bool more = true;

    while (more && newest >= oldest && newest > 0) {
        uint32_t count = newest - oldest + 1 < flight ? newest - oldest + 1 : flight;
        if (!send_top(p, stage, newest, count, lines, err))
            return false;
        for (; count > 0; count--, newest--) { /* what was asked for must be read, wanted or not */
            int done = read_reply(p, stage, err);
            buffer_reset(text);
            if (done < 0 || (done == 1 && !read_lines(p, stage, text, err)))
                return false;
            if (done == 0)
                pop3_refused(p, stage, pop3_can(p, POP3_CAN_TOP) ? "TOP" : "RETR", &p->refusal);
            more = more && (done == 0 || take(context, newest, buffer_slice(text)));
        }
    }
    return true;
}

int pop3_retrieve(struct pop3 *p, enum stage stage, uint32_t number, struct buffer *out, struct err *err)
{
    int done = command(p, stage, "RETR", number, err);

    return done == 1 && !read_lines(p, stage, out, err) ? -1 : done;
}

int pop3_delete(struct pop3 *p, enum stage stage, uint32_t number, struct err *err)
{
    return command(p, stage, "DELE", number, err);
}

int pop3_quit(struct pop3 *p, enum stage stage, struct err *err)
{
    return command(p, stage, "QUIT", 0, err);
}
