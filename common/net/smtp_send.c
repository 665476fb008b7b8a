/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/smtp.h"

#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/dns/resolver.h"
#include "common/mail/address.h"

enum {
    BLOCK = 16 * 1024,       /* one TLS record */
    BLOCK_SLACK = 1024,      /* an everyday line: blocks end where lines end, if they can */
    FLIGHT_MAX = 256 * 1024, /* some hundred recipients */
};

static const char message_label[] = "the message";

/* A local part beyond ASCII can go nowhere without SMTPUTF8; a domain beyond ASCII has an ASCII form, RFC
 * 5890. */
static bool needs_utf8(const char *address)
{
    struct slice whole = slice_from(address);

    return !text_is_ascii(slice_head(whole, whole.len - address_domain(whole).len));
}

/* "<local@domain>", RFC 5321 section 4.1.2; "<>" for the sender of what is not to be answered */
static bool append_path(struct buffer *out, const char *address, enum stage stage, struct err *err)
{
    struct slice whole = slice_from(address), domain = address_domain(whole);
    char ascii[DOMAIN_MAX], given[DOMAIN_MAX];
    bool ok;

    if (!(stage == STAGE_MAIL && whole.len == 0) && !address_is_addr_spec(whole))
        return err_set(err, FAULT_USAGE, stage, "not an address: %s", address);
    if (text_is_ascii(domain)) {
        ok = buffer_append_char(out, '<') && buffer_append(out, whole) && buffer_append_char(out, '>');
    } else {
        if (!slice_copy(given, sizeof given, domain) || !resolver_to_ascii(given, ascii, err))
            return err_set(err, FAULT_USAGE, stage, "not an address: %s", address);
        ok = buffer_append_char(out, '<') && buffer_append(out, slice_head(whole, whole.len - domain.len)) &&
             buffer_append_text(out, ascii) && buffer_append_char(out, '>');
    }
    return ok || err_set(err, FAULT_INTERNAL, stage, "out of memory");
}

/* Takes a line off the front, whatever ends it: CRLF, a bare LF or a bare CR. */
static bool next_line(struct slice *rest, struct slice *line)
{
    size_t n = 0;

    if (rest->len == 0)
        return false;
    while (n < rest->len && rest->data[n] != '\r' && rest->data[n] != '\n')
        n++;
    *line = slice_head(*rest, n);
    n += slice_starts(slice_skip(*rest, n), SLICE("\r\n")) ? 2 : 1;
    *rest = slice_skip(*rest, n);
    return true;
}

/* As RFC 1870 section 5 counts: with CRLF line ends, without what stuffing adds. */
static size_t wire_size(struct slice message)
{
    struct slice line;
    size_t size = 0;

    while (next_line(&message, &line))
        size += line.len + 2;
    return size;
}

/* What this server cannot take, found out before it is bothered. */
static bool check(const struct smtp *c, const struct smtp_mail *m, size_t size, bool *utf8, struct err *err)
{
    unsigned long long most = c->extensions.size_max;

    if (m->to_count == 0 && m->until != SMTP_UNTIL_MAIL)
        return err_set(err, FAULT_USAGE, STAGE_RCPT, "there is no recipient");
    if (most > 0 && size > most)
        return err_set(err, FAULT_MESSAGE_TOO_BIG, STAGE_MAIL,
                       "the message has %zu bytes, the server takes %llu (SIZE)", size, most);
    *utf8 = needs_utf8(m->from);
    if (*utf8 && !c->extensions.utf8)
        return err_set(err, FAULT_SENDER_REJECTED, STAGE_MAIL,
                       "the server does not offer SMTPUTF8, which the sender %s needs", m->from);
    for (size_t i = 0; i < m->to_count; i++) {
        if (!needs_utf8(m->to[i]))
            continue;
        *utf8 = true;
        if (!c->extensions.utf8)
            return err_set(err, FAULT_RECIPIENT_UNKNOWN, STAGE_RCPT,
                           "the server does not offer SMTPUTF8, which the recipient %s needs", m->to[i]);
    }
    return true;
}

/* All commands up to DATA, a line each. Eight-bit text goes out as it is where 8BITMIME is not offered: there
 * is no server left that cannot carry it, and ours is 7-bit anyway. */
static bool write_commands(const struct smtp *c, const struct smtp_mail *m, struct buffer *out,
                           struct err *err)
{
    const struct smtp_extensions *e = &c->extensions;
    size_t size = m->until == SMTP_UNTIL_SENT ? wire_size(m->message) : 0;
    bool utf8 = false, ok;

    if (!check(c, m, size, &utf8, err))
        return false;
    ok = buffer_append_text(out, "MAIL FROM:");
    if (ok && !append_path(out, m->from, STAGE_MAIL, err))
        return false;
    if (e->size && size > 0)
        ok = ok && buffer_printf(out, " SIZE=%zu", size);
    if (e->eight_bit && !text_is_ascii(m->message))
        ok = ok && buffer_append_text(out, " BODY=8BITMIME");
    ok = ok && buffer_append_text(out, utf8 ? " SMTPUTF8\r\n" : "\r\n");
    for (size_t i = 0; i < m->to_count && ok; i++) {
        ok = buffer_append_text(out, "RCPT TO:");
        if (ok && !append_path(out, m->to[i], STAGE_RCPT, err))
            return false;
        ok = ok && buffer_append_text(out, "\r\n");
    }
    ok = ok && buffer_append_text(out, "DATA\r\n");
    return ok || err_set(err, FAULT_USAGE, STAGE_MAIL, "too many or too long recipients");
}

/* "RCPT TO:(x@y)" of a command line, its parameters left out. */
static void make_label(char label[SMTP_COMMAND_MAX], struct slice line)
{
    size_t end = line.len;

    while (end > 0 && line.data[end - 1] != '>')
        end--;
    text_clean(label, SMTP_COMMAND_MAX, slice_head(line, end > 0 ? end : line.len));
}

struct transaction {
    struct smtp *smtp;
    struct smtp_mail *mail;
    bool pipelined;        /* all commands went out together */
    struct slice commands; /* those to be said, or to be answered */
};

/* The next command and its answer, which is to be of the class 2 or 3. */
static bool step(struct transaction *t, enum stage stage, int class, struct err *err)
{
    struct smtp *c = t->smtp;
    char label[SMTP_COMMAND_MAX];
    size_t end = slice_find_char(t->commands, '\n') + 1;
    struct slice line = slice_head(t->commands, end);

    t->commands = slice_skip(t->commands, end);
    make_label(label, line);
    if (!t->pipelined && !smtp_say(c, stage, line, NULL, label, err))
        return false;
    if (!smtp_hear(c, stage, label, NULL, err))
        return false;
    if (!t->pipelined)
        timeline_add(c->timeline, stage, c->asked);
    return c->reply.code / 100 == class || smtp_refused(c, stage, label, err);
}

/* The message in blocks, the last one with the final dot. */
struct body {
    struct smtp *smtp;
    struct buffer block;
    struct err *err;
};

static bool flush(struct body *b)
{
    bool ok = smtp_say(b->smtp, STAGE_DATA, buffer_slice(&b->block), NULL, message_label, b->err);

    buffer_reset(&b->block);
    return ok;
}

static bool write_bytes(struct body *b, struct slice bytes)
{
    while (bytes.len > 0) {
        struct slice part = slice_head(bytes, BLOCK - b->block.len);
        if (!buffer_append(&b->block, part))
            return err_set(b->err, FAULT_INTERNAL, STAGE_DATA, "out of memory");
        bytes = slice_skip(bytes, part.len);
        if (b->block.len == BLOCK && !flush(b))
            return false;
    }
    return true;
}

/* RFC 5321 section 4.5.2 */
static bool write_lines(struct body *b, struct slice message)
{
    struct slice line;

    while (next_line(&message, &line)) {
        if (line.len > 0 && line.data[0] == '.' && !write_bytes(b, SLICE(".")))
            return false;
        if (!write_bytes(b, line) || !write_bytes(b, SLICE("\r\n")))
            return false;
        if (b->block.len > BLOCK - BLOCK_SLACK && !flush(b))
            return false;
    }
    return true;
}

static bool send_message(struct transaction *t, struct err *err)
{
    struct smtp *c = t->smtp;
    struct smtp_mail *m = t->mail;
    struct body body = {.smtp = c, .block = BUFFER_INIT(BLOCK + BLOCK_SLACK), .err = err};
    bool ok = write_lines(&body, m->message);

    if (ok) {
        ok = (buffer_append_text(&body.block, ".\r\n") &&
              (!t->pipelined || buffer_append_text(&body.block, "QUIT\r\n"))) ||
             err_set(err, FAULT_INTERNAL, STAGE_DATA, "out of memory");
        ok = ok && flush(&body);
        /* of a block that went out in part nobody knows how much arrived */
        m->uncertain =
            ok || err->kind == FAULT_CONNECT || err->kind == FAULT_TIMEOUT || err->kind == FAULT_INTERRUPTED;
        c->quit_sent = ok && t->pipelined;
    }
    buffer_clear(&body.block);
    return ok;
}

static bool hear_verdict(struct transaction *t, struct err *err)
{
    struct smtp *c = t->smtp;
    struct smtp_mail *m = t->mail;

    if (!smtp_hear(c, STAGE_ACCEPT, message_label, NULL, err))
        return false;
    m->uncertain = false;
    m->ended_at = clock_now();
    m->ended_wall = clock_wall();
    timeline_mark(c->timeline, STAGE_ACCEPT, c->asked);
    m->accepted = reply_is_positive(&c->reply);
    if (!m->accepted)
        return smtp_refused(c, STAGE_ACCEPT, message_label, err);
    c->verdict = (struct smtp_verdict){.reply = c->reply};
    return true;
}

static bool deliver(struct transaction *t, struct err *err)
{
    if (send_message(t, err) && hear_verdict(t, err))
        return true;
    if (t->mail->uncertain) {
        err_add(err, "; all of the message was sent, so it may arrive nevertheless");
        err->advice = "look for the Message-ID in the server's logs before the message is sent again";
    }
    return false;
}

/* The rest of a flight after its refusal: its answers are read. DATA may be welcome though no recipient was
 * (RFC 2920 section 3.1); then a lone dot sends nothing. */
static void read_on(struct transaction *t)
{
    struct smtp *c = t->smtp;
    struct smtp_verdict verdict = c->verdict;
    struct err ignored;

    while (t->pipelined && t->commands.len > 0 && !c->gone) {
        bool data = slice_starts(t->commands, SLICE("DATA"));
        bool welcome = step(t, data ? STAGE_DATA : STAGE_RCPT, data ? 3 : 2, &ignored);
        if (data && welcome && smtp_say(c, STAGE_DATA, SLICE(".\r\n"), NULL, message_label, &ignored))
            smtp_hear(c, STAGE_DATA, message_label, NULL, &ignored);
    }
    c->verdict = verdict;
}

/* Every recipient is asked for. True where one was taken; else *err has the first refusal. */
static bool ask_recipients(struct transaction *t, struct err *err)
{
    struct smtp *c = t->smtp;
    struct smtp_mail *m = t->mail;
    struct smtp_verdict first = {.reply = REPLY_INIT};

    for (size_t i = 0; i < m->to_count; i++) {
        if (step(t, STAGE_RCPT, 2, &m->refused[i])) {
            m->taken++;
            continue;
        }
        if (first.command[0] == '\0') {
            first = c->verdict;
            *err = m->refused[i];
        }
        if (c->gone) {
            /* not about this recipient */
            *err = m->refused[i];
            m->refused[i] = ERR_NONE;
            return false;
        }
    }
    if (first.command[0] != '\0')
        c->verdict = first;
    return m->taken > 0;
}

static bool transact(struct transaction *t, struct err *err)
{
    struct smtp *c = t->smtp;
    struct smtp_mail *m = t->mail;

    m->mail_at = clock_now();
    if (t->pipelined && !smtp_say(c, STAGE_MAIL, t->commands, NULL, "MAIL FROM", err))
        return false;
    if (!step(t, STAGE_MAIL, 2, err)) {
        read_on(t);
        return false;
    }
    if (m->until == SMTP_UNTIL_MAIL)
        return true;
    if (!ask_recipients(t, err)) {
        read_on(t);
        return false;
    }
    if (m->until == SMTP_UNTIL_RCPT)
        return true;
    return step(t, STAGE_DATA, 3, err) && deliver(t, err);
}

bool smtp_send(struct smtp *c, struct smtp_mail *m, struct err *err)
{
    struct buffer commands = BUFFER_INIT(FLIGHT_MAX);
    bool ok = false;

    m->taken = 0;
    m->accepted = m->uncertain = false;
    m->mail_at = m->ended_at = (struct timespec){0};
    for (size_t i = 0; i < m->to_count; i++)
        m->refused[i] = ERR_NONE;
    if (write_commands(c, m, &commands, err)) {
        struct transaction t = {
            .smtp = c,
            .mail = m,
            .pipelined = m->pipelining && c->extensions.pipelining && m->until == SMTP_UNTIL_SENT,
            .commands = buffer_slice(&commands),
        };
        ok = transact(&t, err);
    }
    buffer_clear(&commands);
    return ok;
}
