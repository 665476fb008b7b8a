/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever an IMAP server says: reading ends, memory is bounded, what is parsed lies within what was read,
 * and a failure says why. Input: all that the server says to NOOP (A1), a STATUS with a literal (A2) and IDLE
 * (A3). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/net/imap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static ssize_t say(void *context, void *data, size_t size)
{
    struct slice *rest = context;
    size_t n = rest->len < size ? rest->len : size;

    if (n > 0)
        memcpy(data, rest->data, n);
    *rest = slice_skip(*rest, n);
    return (ssize_t)n;
}

static ssize_t hear(void *context, const void *data, size_t size)
{
    (void)context, (void)data;
    return (ssize_t)size;
}

static int await(void *context, bool for_output, int timeout_ms)
{
    (void)context, (void)for_output, (void)timeout_ms;
    return 1;
}

static const struct stream_ops ops = {say, hear, await};

static void within(const struct imap_response *r, struct slice part)
{
    demand(part.len == 0 ||
           (part.data >= r->rest.data && part.data + part.len <= r->rest.data + r->rest.len));
}

static void parse_all(void *context, const struct imap_response *r)
{
    struct imap_fetch fetch;
    struct imap_list list;
    struct imap_status_data status;
    struct imap_numbers numbers;
    struct imap_token token;
    struct slice rest = r->rest;
    struct buffer text = BUFFER_INIT(IMAP_RESPONSE_MAX);
    double percent;
    uint32_t number;

    (void)context;
    demand(r->kind == IMAP_DATA && r->tag.len == 0);
    if (imap_fetch_parse(r, &fetch) && fetch.has_body) {
        within(r, fetch.body.text);
        demand(imap_token_text(&fetch.body, &text) && text.len <= fetch.body.text.len);
    }
    buffer_reset(&text);
    if (imap_list_parse(r, &list)) {
        within(r, list.name.text);
        demand(imap_token_text(&list.name, &text));
    }
    buffer_reset(&text);
    if (imap_status_parse(r, &status))
        demand(imap_token_text(&status.name, &text));
    if (imap_search_parse(r, &numbers))
        for (int i = 0; i < 10000 && imap_numbers_next(&numbers, &number); i++)
            ;
    if (imap_quota_parse(r, &percent))
        demand(percent >= 0);
    while (imap_next(&rest, &token) != IMAP_END)
        within(r, token.text);
    demand(rest.len == 0);
    buffer_clear(&text);
}

static void converse(struct imap *i, struct err *err)
{
    struct imap_result noop, status;

    imap_begin(i, "NOOP");
    imap_end(i, &noop);
    imap_begin(i, "STATUS ");
    imap_string(i, SLICE("a\r\nb"));
    imap_end(i, &status);
    if (!imap_run(i, STAGE_SEARCH, parse_all, NULL, err)) {
        demand(err->kind != FAULT_NONE && err->text[0] != '\0');
        return;
    }
    demand(noop.done && status.done);
    if (noop.status == IMAP_NO)
        demand(!imap_refused(&noop, STAGE_SEARCH, "NOOP", err) && err->kind != FAULT_NONE);
    *err = ERR_NONE;
    int idling = imap_idle(i, STAGE_SEARCH, err);
    if (idling > 0 && imap_listen(i, STAGE_SEARCH, i->announced, 1, err) >= 0)
        imap_idle_done(i, STAGE_SEARCH, err);
    demand(idling >= 0 || err->kind != FAULT_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = slice_of(data, size);
    struct stream stream;
    struct imap imap;
    struct err err = ERR_NONE;

    stream_init(&stream, &ops, &rest, "imap", NULL, deadline_in(10));
    imap_init(&imap, &stream, rest, rest);
    converse(&imap, &err);
    demand(imap.in.capacity <= 2 * IMAP_RESPONSE_MAX && stream.in.capacity <= 4 * STREAM_LINE_MAX);
    demand(!deadline_passed(stream.deadline));
    imap_clear(&imap);
    stream_clear(&stream);
    return 0;
}
