/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever a server says, the whole SMTP dialogue ends, says why where it fails, and gives no secret away.
 * Input: a byte of flags, then parts that end in 0xff: the capabilities, and what the server says after each
 * flight. */
#include <gsasl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/net/smtp.h"

#define PASSWORD "s3cret-Pa55-word"
#define TOKEN    "ya29.t0ken-of-the-fuzzer"

enum { PART_END = 0xff, RECIPIENTS = 3 };
enum {
    USE_TOKEN = 1,
    PIPELINED = 2,
    IN_CLEAR = 4,
    ONE_RECIPIENT = 8,
    STOP_EARLY = 16,
    DRIPPING = 32,
    RESETS = 64
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In place of libgsasl's: the same input, the same run. */
int gsasl_nonce(char *data, size_t len)
{
    memset(data, 'n', len);
    return GSASL_OK;
}

static void demand(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

struct server {
    struct slice rest; /* parts that are not said yet */
    struct slice saying;
    unsigned flags;
    struct buffer heard; /* the last flight */
};

static struct slice next_part(struct slice *rest)
{
    size_t n = slice_find_char(*rest, (char)PART_END);
    struct slice part = slice_head(*rest, n);

    *rest = slice_skip(*rest, n + 1);
    return part;
}

static ssize_t server_receive(void *context, void *data, size_t size)
{
    struct server *server = context;
    size_t n = server->saying.len < size ? server->saying.len : size;

    if (n == 0) /* it waits for us, or is through: either way we get no more */
        return (server->flags & RESETS) != 0 ? STREAM_BROKEN : 0;
    if ((server->flags & DRIPPING) != 0)
        n = 1;
    memcpy(data, server->saying.data, n);
    server->saying = slice_skip(server->saying, n);
    return (ssize_t)n;
}

static ssize_t server_send(void *context, const void *data, size_t size)
{
    struct server *server = context;

    buffer_reset(&server->heard);
    demand(buffer_append(&server->heard, slice_of(data, size)), "memory");
    server->saying = next_part(&server->rest);
    return (ssize_t)size;
}

static int server_wait(void *context, bool for_output, int timeout_ms)
{
    (void)context;
    (void)for_output;
    (void)timeout_ms;
    return 1;
}

static void check_text(const char *text)
{
    char clean[2 * ERR_TEXT_MAX];

    text_clean(clean, sizeof clean, slice_from(text));
    demand(strcmp(clean, text) == 0, "texts are clean");
}

/* A server that was told a secret can repeat it in its answer, as it is ... */
static void check_no_secret(const struct server *server, const char *text)
{
    const char *secret = (server->flags & USE_TOKEN) != 0 ? TOKEN : PASSWORD;

    demand(server->heard.len == 0 || strstr(text, secret) == NULL, "no secret in a text");
}

/* ... or as it came: the parts of our responses that hold it. */
static void check_no_response(const struct server *server, const char *text)
{
    static const char *const coded[] = {"M2NyZXQtUGE1NS13b3Jk", "czNjcmV0LVBhNTUtd29y",
                                        "eWEyOS50MGtlbi1vZi10", "B5YTI5LnQwa2VuLW9mLX",
                                        "IHlhMjkudDBrZW4tb2Yt"};

    for (size_t i = 0; i < sizeof coded / sizeof *coded; i++)
        demand(strstr(buffer_text(&server->heard), coded[i]) == NULL || strstr(text, coded[i]) == NULL,
               "no response in a text");
}

static void check_end(bool ok, const struct smtp *c, const struct err *err)
{
    demand(ok || err->kind != FAULT_NONE, "a failure has a kind");
    demand(ok || err->text[0] != '\0', "a failure has a sentence");
    demand(ok || err->stage == STAGE_AUTH || err->stage == STAGE_MAIL || err->stage == STAGE_RCPT ||
               err->stage == STAGE_DATA || err->stage == STAGE_ACCEPT,
           "a failure has a step");
    check_text(ok ? "" : err->text);
    check_text(c->verdict.command);
    check_text(c->verdict.reply.text);
}

static void converse(struct smtp *c, const struct login *login, unsigned flags)
{
    static const char *const to[RECIPIENTS] = {"b@y.example", "c@y.example", "d@y.example"};
    struct err refused[RECIPIENTS], err = ERR_NONE;
    char mechanism[SASL_NAME_MAX];
    struct smtp_mail mail = {
        .from = "a@x.example",
        .to = to,
        .to_count = (flags & ONE_RECIPIENT) != 0 ? 1 : RECIPIENTS,
        .message = SLICE("Subject: x\r\n\r\n.\r\nx\r\n"),
        .until = (flags & STOP_EARLY) != 0 ? SMTP_UNTIL_RCPT : SMTP_UNTIL_SENT,
        .pipelining = (flags & PIPELINED) != 0,
        .refused = refused,
    };
    bool ok = smtp_auth(c, login, (flags & IN_CLEAR) == 0, "mx.example", 587, mechanism, &err);

    check_end(ok, c, &err);
    check_no_secret(c->stream->context, err.text);
    check_no_response(c->stream->context, err.text);
    check_no_response(c->stream->context, c->verdict.reply.text);
    check_no_secret(c->stream->context, buffer_text(&c->stream->transcript->lines));
    demand(ok == (mechanism[0] != '\0'), "a mechanism is named where one was accepted");
    demand(!ok || (flags & IN_CLEAR) == 0, "nobody signs in in clear");
    if (c->gone)
        return;
    ok = smtp_send(c, &mail, &err);
    check_end(ok, c, &err);
    demand(!mail.accepted || !mail.uncertain, "accepted is certain");
    demand(mail.until != SMTP_UNTIL_SENT || ok == mail.accepted, "sent is accepted");
    demand(!ok || mail.taken > 0, "somebody gets it");
    for (size_t i = 0; i < mail.to_count; i++)
        check_text(refused[i].text);
    smtp_reset(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct stream_ops ops = {server_receive, server_send, server_wait};
    struct login login = {.username = "tim", .password = SECRET_NONE, .token = SECRET_NONE};
    struct slice input = slice_of(data, size);
    struct server server = {.flags = size > 0 ? data[0] : 0, .heard = BUFFER_INIT(1 << 20)};
    struct timeline timeline = {0};
    struct transcript transcript;
    struct stream stream;
    struct smtp smtp;

    server.rest = slice_skip(input, 1);
    struct slice capabilities = next_part(&server.rest);
    demand((server.flags & USE_TOKEN) != 0 ? secret_set(&login.token, SLICE(TOKEN))
                                           : secret_set(&login.password, SLICE(PASSWORD)),
           "memory");
    transcript_init(&transcript, true);
    stream_init(&stream, &ops, &server, "smtp", &transcript, deadline_in(60));
    smtp_init(&smtp, &stream, &timeline, capabilities);
    converse(&smtp, &login, server.flags);
    smtp_quit(&smtp);
    demand(smtp.gone, "it is over after QUIT");
    stream_clear(&stream);
    transcript_clear(&transcript);
    secret_clear(&login.password);
    secret_clear(&login.token);
    buffer_clear(&server.heard);
    return 0;
}
