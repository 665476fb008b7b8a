/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/received.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "common/base/text.h"
#include "common/mail/header.h"
#include "common/mail/token.h"

/* RFC 5321 section 4.4: the clauses of a Received field. */
enum clause {
    CLAUSE_NONE,
    CLAUSE_FROM,
    CLAUSE_BY,
    CLAUSE_VIA,
    CLAUSE_WITH,
    CLAUSE_ID,
    CLAUSE_FOR,
    CLAUSE_COUNT
};

static const struct slice clause_words[] = {
    [CLAUSE_NONE] = SLICE(""),   [CLAUSE_FROM] = SLICE("from"), [CLAUSE_BY] = SLICE("by"),
    [CLAUSE_VIA] = SLICE("via"), [CLAUSE_WITH] = SLICE("with"), [CLAUSE_ID] = SLICE("id"),
    [CLAUSE_FOR] = SLICE("for"),
};

static enum clause clause_of(struct slice word)
{
    for (enum clause c = CLAUSE_FROM; c < CLAUSE_COUNT; c++)
        if (slice_eq_nocase(word, clause_words[c]))
            return c;
    return CLAUSE_NONE;
}

/* The next word, or the next comment without its brackets. */
static bool next_token(struct slice *rest, struct slice *token, bool *comment)
{
    struct slice s = *rest;
    size_t n = 0;

    while (s.len > 0 && ascii_is_space(s.data[0]))
        s = slice_skip(s, 1);
    *comment = s.len > 0 && s.data[0] == '(';
    if (*comment) {
        n = token_comment(s);
        *token = slice_skip(slice_head(s, s.data[n - 1] == ')' ? n - 1 : n), 1);
    } else {
        while (n < s.len && !ascii_is_space(s.data[n]) && s.data[n] != '(')
            n++;
        *token = slice_head(s, n);
    }
    *rest = slice_skip(s, n);
    return n > 0;
}

/* The semicolon before the date: the last one outside comments, or the last at all where brackets do not
 * match. */
static size_t find_date(struct slice value)
{
    size_t outside = value.len, anywhere = value.len;

    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] == '(')
            i += token_comment(slice_skip(value, i)) - 1;
        else if (value.data[i] == ';')
            outside = i;
    }
    for (size_t i = 0; i < value.len; i++)
        if (value.data[i] == ';')
            anywhere = i;
    return outside < value.len ? outside : anywhere;
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]", "[192.0.2.1]:4711", "user@192.0.2.1", "fe80::1%12" */
static void take_address(struct hop *hop, struct slice word)
{
    char text[64];
    struct in_addr v4;
    struct in6_addr v6;
    size_t open = slice_find_char(word, '[');

    if (open < word.len) {
        word = slice_skip(word, open + 1);
        word = slice_head(word, slice_find_char(word, ']'));
    }
    if (slice_find_char(word, '@') < word.len)
        word = slice_skip(word, slice_find_char(word, '@') + 1);
    if (slice_starts_nocase(word, SLICE("IPv6:")))
        word = slice_skip(word, 5);
    word = slice_head(word, slice_find_char(word, '%'));
    while (word.len > 0 && (word.data[word.len - 1] == ',' || word.data[word.len - 1] == '.'))
        word.len--;
    if (!slice_copy(text, sizeof text, word))
        return;
    if (inet_pton(AF_INET, text, &v4) == 1)
        inet_ntop(AF_INET, &v4, hop->address, sizeof hop->address);
    else if (inet_pton(AF_INET6, text, &v6) == 1 && IN6_IS_ADDR_V4MAPPED(&v6))
        inet_ntop(AF_INET, &v6.s6_addr[12], hop->address, sizeof hop->address);
    else if (inet_pton(AF_INET6, text, &v6) == 1)
        inet_ntop(AF_INET6, &v6, hop->address, sizeof hop->address);
}

/* A comment of the from clause: what the server saw. What follows HELO (qmail) or helo= (Exim) is the
 * client's word. */
static void read_client(struct hop *hop, struct slice comment)
{
    struct slice word;
    bool claimed = false;

    while (hop->address[0] == '\0' && slice_next_word(&comment, &word)) {
        if (!claimed && !slice_starts_nocase(word, SLICE("helo=")))
            take_address(hop, word);
        claimed = slice_eq_nocase(word, SLICE("HELO")) || slice_eq_nocase(word, SLICE("EHLO"));
    }
}

static void clean_name(char *out, size_t size, struct slice word)
{
    if (word.len > 1 && word.data[word.len - 1] == '.')
        word.len--;
    text_clean(out, size, word);
}

/* The first of each clause. What one says goes on until the next clause word or a comment: Exchange writes
 * "with Microsoft SMTP Server". */
static void read_clauses(struct slice clause[CLAUSE_COUNT], struct hop *hop, struct slice text)
{
    enum clause now = CLAUSE_NONE;
    bool open = false, comment;
    struct slice token;

    for (size_t i = 0; i < CLAUSE_COUNT; i++)
        clause[i] = SLICE_EMPTY;
    while (next_token(&text, &token, &comment)) {
        if (comment) {
            open = false;
            if (now == CLAUSE_FROM)
                read_client(hop, token);
            continue;
        }
        enum clause next = clause_of(token);
        if (next != CLAUSE_NONE) {
            now = next;
            open = clause[now].len == 0;
        } else if (open) {
            const char *start = clause[now].len == 0 ? token.data : clause[now].data;
            clause[now] = slice_of(start, (size_t)(token.data + token.len - start));
        }
    }
}

bool received_parse(struct hop *hop, struct slice value)
{
    struct slice clause[CLAUSE_COUNT], word;
    size_t semicolon = find_date(value);

    *hop = (struct hop){.dated = false};
    hop->dated = date_parse(slice_skip(value, semicolon + 1), &hop->at);
    read_clauses(clause, hop, slice_head(value, semicolon));
    if (slice_next_word(&clause[CLAUSE_FROM], &word)) {
        clean_name(hop->from, sizeof hop->from, word);
        if (hop->address[0] == '\0')
            take_address(hop, word);
    }
    if (slice_next_word(&clause[CLAUSE_BY], &word))
        clean_name(hop->by, sizeof hop->by, word);
    text_clean(hop->with, sizeof hop->with, clause[clause[CLAUSE_WITH].len > 0 ? CLAUSE_WITH : CLAUSE_VIA]);
    return hop->dated || hop->from[0] != '\0' || hop->by[0] != '\0';
}

static void measure(struct hops *hops)
{
    for (size_t i = 1; i < hops->count; i++) {
        const struct hop *before = &hops->hop[i - 1];
        struct hop *hop = &hops->hop[i];
        hop->delayed = before->dated && hop->dated;
        if (!hop->delayed)
            continue;
        hop->delay_s = (double)(hop->at - before->at);
        if (hop->delay_s < -1)
            hops->skewed = true;
    }
}

void received_hops(struct hops *hops, struct slice message)
{
    struct header_field field;

    hops->count = hops->total = 0;
    hops->skewed = false;
    while (header_next(&message, &field)) {
        if (!slice_eq_nocase(field.name, SLICE("Received")))
            continue;
        hops->total++;
        /* of a message with more the newest are kept: the oldest are the sender's to invent */
        if (hops->count < HOPS_MAX && received_parse(&hops->hop[hops->count], field.value))
            hops->count++;
    }
    for (size_t i = 0; i < hops->count / 2; i++) {
        struct hop swap = hops->hop[i];
        hops->hop[i] = hops->hop[hops->count - 1 - i];
        hops->hop[hops->count - 1 - i] = swap;
    }
    measure(hops);
}

const struct hop *received_slowest(const struct hops *hops)
{
    const struct hop *slowest = NULL;

    for (size_t i = 0; i < hops->count; i++)
        if (hops->hop[i].delayed && (slowest == NULL || hops->hop[i].delay_s > slowest->delay_s))
            slowest = &hops->hop[i];
    return slowest;
}
