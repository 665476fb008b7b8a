/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/refusal.h"

#include <string.h>

#include "common/base/text.h"
#include "common/mail/phrase.h"
#include "common/mail/refusal_table.h"

#define LOCKED_OUT                                                                                           \
    "too many failed logins, locked for a while: look for clients that still use an old password"

enum { SEVERITY_ONLY = 99 }; /* no reply code ends like that */

/* What the tables are asked. */
struct question {
    char text[REPLY_TEXT_MAX]; /* lower case, plain apostrophes */
    int code;                  /* SEVERITY_ONLY + its first digit * 100 where no more is known */
    unsigned long long subject, detail;
    bool has_status;
    enum stage stage;
};

/* A typographic apostrophe (U+2019) is what some mailers of bounces make of a plain one. */
static void lower_text(char *out, size_t size, struct slice in)
{
    const struct slice curly = SLICE("\xe2\x80\x99");
    size_t n = 0;

    while (in.len > 0 && n + 1 < size) {
        bool is_curly = slice_starts(in, curly);
        out[n++] = is_curly ? '\'' : ascii_lower(in.data[0]);
        in = slice_skip(in, is_curly ? curly.len : 1);
    }
    out[n] = '\0';
}

/* "sorry, no mailbox here by that name. (#5.1.1)" is how qmail and its kin write it; an empty slice where
 * there is none. */
static struct slice status_within(struct slice text)
{
    static const char *const forms[] = {"#%.%.%>", "#%.%.%%>", "#%.%.%%%>"};

    for (; text.len > 0; text = slice_skip(text, 1))
        for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
            if (text.data[0] == '#' && phrase_starts(text, forms[i]))
                return slice_head(slice_skip(text, 1), 5 + i);
    return text;
}

/* "5.7.139" gives 7 and 139 */
static void read_status(struct question *q, struct slice status)
{
    struct slice subject = slice_skip(status, 2);
    size_t n = slice_find_char(subject, '.');

    q->has_status = slice_number(slice_head(subject, n), 999, &q->subject) &&
                    slice_number(slice_skip(subject, n + 1), 999, &q->detail);
}

static void ask(struct question *q, const struct reply *reply, enum stage stage)
{
    q->stage = stage == STAGE_LOGIN ? STAGE_AUTH : stage;
    q->code = reply->code;
    lower_text(q->text, sizeof q->text, slice_from(reply->text));
    read_status(q, reply->enhanced[0] != '\0' ? slice_from(reply->enhanced)
                                              : status_within(slice_from(q->text)));
    if (reply->code < 400) /* a bounce may name the enhanced code alone; it is for good where it names none */
        q->code = SEVERITY_ONLY + (reply->enhanced[0] == '4' ? 400 : 500);
    if (stage == STAGE_NONE && (q->code == 525 || q->code == 534 || q->code == 535 || q->code == 538))
        q->stage = STAGE_AUTH;
}

/* "7.139", "7.500-699", "7" */
static bool status_matches(const struct question *q, const char *wanted)
{
    struct slice s = slice_from(wanted);
    size_t dot = slice_find_char(s, '.');
    unsigned long long subject = 0, from = 0, to = 0;

    slice_number(slice_head(s, dot), 9, &subject);
    if (!q->has_status || q->subject != subject)
        return false;
    if (dot == s.len)
        return true;
    s = slice_skip(s, dot + 1);
    size_t dash = slice_find_char(s, '-');
    slice_number(slice_head(s, dash), 999, &from);
    if (dash == s.len || !slice_number(slice_skip(s, dash + 1), 999, &to))
        to = from;
    return q->detail >= from && q->detail <= to;
}

static bool rule_matches(const struct refusal_rule *rule, const struct question *q)
{
    if (rule->code != 0 && rule->code != q->code && rule->code != q->code / 100)
        return false;
    if (rule->stages != 0 && (rule->stages & 1U << q->stage) == 0)
        return false;
    if (rule->status != NULL && !status_matches(q, rule->status))
        return false;
    return rule->phrases == NULL || phrase_match(slice_from(q->text), rule->phrases);
}

static const struct refusal_rule *find_rule(const struct refusal_table *table, const struct question *q)
{
    for (size_t i = 0; i < table->count; i++)
        if (rule_matches(&table->rule[i], q))
            return &table->rule[i];
    return NULL;
}

/* Classes that are a WARNING need a reply that allows another try. */
static enum fault for_good(enum fault fault, const char **advice)
{
    if (fault == FAULT_RATE_LIMITED)
        return FAULT_QUOTA_EXCEEDED;
    if (fault == FAULT_GREYLISTED) {
        *advice = "the server speaks of greylisting but refuses for good: ask its postmaster";
        return FAULT_POLICY_REJECTED;
    }
    if (fault == FAULT_AUTH_THROTTLED) {
        *advice = LOCKED_OUT;
        return FAULT_AUTH_DISABLED;
    }
    return fault;
}

enum fault refusal_classify(const struct reply *reply, enum stage stage, const char **advice)
{
    const struct refusal_table *const tables[] = {&refusal_auth_texts,     &refusal_texts,
                                                  &refusal_statuses,       &refusal_vague_texts,
                                                  &refusal_vague_statuses, &refusal_codes};
    const struct refusal_rule *rule = NULL;
    const char *unused;
    struct question q;

    ask(&q, reply, stage);
    for (size_t i = q.stage == STAGE_AUTH ? 0 : 1; rule == NULL && i < sizeof tables / sizeof *tables; i++)
        rule = find_rule(tables[i], &q);
    if (advice == NULL)
        advice = &unused;
    *advice = rule->advice;
    return q.code >= 500 ? for_good(rule->fault, advice) : rule->fault;
}

bool refusal_err(struct err *err, const struct reply *reply, enum stage stage, const char *what)
{
    char said[ERR_TEXT_MAX];
    const char *advice;
    enum fault kind = refusal_classify(reply, stage, &advice);

    reply_format(reply, said, sizeof said);
    err_set(err, kind, stage, "%s refused: %s", what, said);
    err->code = reply->code;
    memcpy(err->enhanced, reply->enhanced, sizeof err->enhanced);
    err->advice = advice;
    return false;
}

enum fault refusal_classify_mailbox(struct slice text, enum stage stage, const char **advice)
{
    struct question q = {.stage = stage == STAGE_LOGIN ? STAGE_AUTH : stage};
    char clean[REPLY_TEXT_MAX];

    text_clean(clean, sizeof clean, text);
    lower_text(q.text, sizeof q.text, slice_from(clean));
    const struct refusal_rule *rule = find_rule(&refusal_mailbox, &q);
    if (advice != NULL)
        *advice = rule->advice;
    return rule->fault;
}

/* "300 seconds", "5 min", "2h" at the front of s: how many seconds, 0 where it is none */
static double read_span(struct slice s)
{
    static const struct {
        const char *units;
        double seconds;
    } rows[] = {{"s>|sec>|secs>|second>|seconds>", 1},
                {"m>|min>|mins>|minute>|minutes>", 60},
                {"h>|hr>|hrs>|hour>|hours>", 3600}};
    unsigned long long n = 0, part;
    size_t digits = 0;

    while (digits < s.len && ascii_is_digit(s.data[digits]))
        digits++;
    if (!slice_number(slice_head(s, digits), 1000000, &n))
        return 0;
    s = slice_skip(s, digits);
    /* milter-greylist counts hours, minutes and seconds: 00:05:00 */
    for (int colons = 0; s.len >= 3 && s.data[0] == ':' && colons < 2; colons++, s = slice_skip(s, 3)) {
        if (!slice_number(slice_head(slice_skip(s, 1), 2), 59, &part))
            return 0;
        n = n * 60 + part;
        if (colons == 1)
            return (double)n;
    }
    s = slice_head(slice_skip(s, s.len > 0 && s.data[0] == ' ' ? 1 : 0), 8);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (phrase_starts(s, rows[i].units))
            return (double)n * rows[i].seconds;
    return 0;
}

double refusal_retry_after(const struct reply *reply)
{
    enum { DAY = 86400 };
    char lower[REPLY_TEXT_MAX];

    lower_text(lower, sizeof lower, slice_from(reply->text));
    struct slice text = slice_from(lower), before = slice_head(text, 0);
    if (!phrase_match(text, "try|wait|come back|grey-list|gray-list|later|resend|again|defer"))
        return 0;
    for (size_t at = 0; at < text.len; at++) {
        before = slice_head(text, at);
        if (!slice_ends_nocase(before, SLICE(" in ")) && !slice_ends_nocase(before, SLICE(" after ")) &&
            !slice_ends_nocase(before, SLICE(" for ")) && !slice_ends_nocase(before, SLICE("wait ")) &&
            !slice_ends_nocase(before, SLICE("least ")) && !slice_ends_nocase(before, SLICE("retry-after: ")))
            continue;
        double seconds = read_span(slice_skip(text, at));
        if (seconds > 0 && seconds <= DAY)
            return seconds;
    }
    return 0;
}
