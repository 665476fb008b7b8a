/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chains sealed here by OpenSSL (dkim_tool.h); the public suite is test_arc_suite.c. */
#include "tests/unit/unit.h"

#include "common/auth/arc.h"
#include "common/base/clock.h"
#include "common/mail/header.h"
#include "tests/unit/dkim_tool.h"

enum { MESSAGE_MAX = 1 << 20 };

static struct txt_table table;
static char record_text[1024];

static int publish(void **state)
{
    (void)state;
    snprintf(record_text, sizeof record_text, "v=DKIM1; p=%s", tool_public(TOOL_RSA1024));
    txt_table_add(&table, "sel._domainkey.example.org", slice_from(record_text));
    txt_table_add(&table, "ed._domainkey.example.org",
                  SLICE("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="));
    txt_table_answer(&table, "slow._domainkey.example.org", LOOKUP_TEMPERROR);
    return 0;
}

/* How a hop seals; NULL: as it should. */
struct hop {
    const char *cv;
    const char *results, *message_tags, *seal_tags; /* what stands in place of the usual */
};

static void add(struct buffer *out, struct slice s)
{
    assert_true(buffer_append(out, s));
}

/* The fields that a seal of this instance covers: from the lowest set up, each set's three in the order of
 * RFC 8617. */
static void covered_fields(struct slice message, unsigned instance, struct buffer *out)
{
    static const struct slice names[] = {SLICE("ARC-Authentication-Results"), SLICE("ARC-Message-Signature"),
                                         SLICE("ARC-Seal")};

    for (unsigned i = 1; i <= instance; i++) {
        for (size_t k = 0; k < COUNT_OF(names) && !(i == instance && k == 2); k++) {
            struct header_field field;
            /* sets stand newest first, and the newest has no seal yet */
            size_t above = instance - i - (k == 2 ? 1 : 0);
            assert_true(header_find(message, names[k], above, &field));
            tool_canon_field(true, field.raw, out);
        }
    }
}

/* Puts one more set on top of the message. */
static void seal(struct buffer *message, unsigned instance, const struct hop *hop)
{
    struct buffer out = BUFFER_INIT(MESSAGE_MAX), below = BUFFER_INIT(MESSAGE_MAX),
                  hashed = BUFFER_INIT(MESSAGE_MAX);
    char results[300], field[1000], empty[1000], tags[300];

    snprintf(results, sizeof results, "i=%u; mx%u.example.org;\r\n\tdkim=pass header.d=example.org", instance,
             instance);
    assert_true(buffer_printf(&below, "ARC-Authentication-Results: %s\r\n",
                              hop->results != NULL ? hop->results : results));
    add(&below, buffer_slice(message));
    snprintf(tags, sizeof tags,
             "i=%u; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel; h=from:subject; ", instance);
    snprintf(field, sizeof field, "ARC-Message-Signature: %sbh=$bh; b=$b",
             hop->message_tags != NULL ? hop->message_tags : tags);
    struct tool_signature s = {TOOL_RSA1024, true, true, 0, "from:subject", field};
    tool_sign(&out, &s, buffer_slice(&below));
    snprintf(tags, sizeof tags, "i=%u; a=rsa-sha256; d=example.org; s=sel; cv=%s; ", instance,
             hop->cv != NULL ? hop->cv
             : instance == 1 ? "none"
                             : "pass");
    snprintf(empty, sizeof empty, "ARC-Seal: %sb=", hop->seal_tags != NULL ? hop->seal_tags : tags);
    covered_fields(buffer_slice(&out), instance, &hashed);
    tool_canon_field(true, slice_from(empty), &hashed);
    buffer_reset(message);
    assert_true(
        buffer_printf(message, "%s%s\r\n", empty, tool_sign_text(TOOL_RSA1024, buffer_slice(&hashed))));
    add(message, buffer_slice(&out));
    buffer_clear(&out);
    buffer_clear(&below);
    buffer_clear(&hashed);
}

static struct arc_result verify(struct slice message)
{
    struct arc *arc = arc_new(message);
    struct arc_result result;

    assert_non_null(arc);
    for (struct slice body = header_body(message); body.len > 0; body = slice_skip(body, 3))
        arc_body(arc, slice_head(body, 3));
    arc_finish(arc, txt_table_lookup(&table), 1000000, &result);
    arc_free(&arc);
    assert_null(arc);
    return result;
}

static struct buffer fresh_message(void)
{
    struct buffer message = BUFFER_INIT(MESSAGE_MAX);
    add(&message, SLICE("From: a@example.org\r\nSubject: x\r\n\r\nHello  world\r\n"));
    return message;
}

static void change(struct buffer *message, const char *what, const char *by)
{
    struct buffer out = BUFFER_INIT(MESSAGE_MAX);
    struct slice all = buffer_slice(message);
    size_t at = slice_find(all, slice_from(what));

    assert_true(at < all.len);
    add(&out, slice_head(all, at));
    add(&out, slice_from(by));
    add(&out, slice_skip(all, at + strlen(what)));
    buffer_clear(message);
    *message = out;
}

static void test_chains_of_all_lengths(void **state)
{
    struct buffer message = fresh_message();
    (void)state;

    for (unsigned i = 1; i <= 50; i++) {
        seal(&message, i, &(struct hop){NULL, NULL, NULL, NULL});
        if (i > 4 && i < 48)
            continue;
        struct arc_result r = verify(buffer_slice(&message));
        assert_string_equal(r.reason, "");
        assert_int_equal(r.verdict, VERDICT_PASS);
        assert_int_equal(r.instances, i);
        assert_int_equal(r.oldest_pass, 0);
        assert_int_equal(r.failed_instance, 0);
        assert_string_equal(r.domain, "example.org");
    }
    seal(&message, 51, &(struct hop){NULL, NULL, NULL, NULL});
    struct arc_result r = verify(buffer_slice(&message));
    assert_int_equal(r.verdict, VERDICT_FAIL);
    assert_string_equal(r.reason, "an ARC field has no instance from 1 to 50");
    buffer_clear(&message);
}

/* A hop between two sets changes the message: the chain holds, older message signatures do not. */
static void test_oldest_pass(void **state)
{
    static const struct {
        unsigned hops, changed_before;
        unsigned oldest_pass;
    } rows[] = {{1, 0, 0}, {2, 2, 2}, {3, 2, 2}, {3, 3, 3}, {5, 3, 3}};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer message = fresh_message();
        for (unsigned hop = 1; hop <= rows[i].hops; hop++) {
            if (hop == rows[i].changed_before)
                change(&message, "Subject: x", "Subject: [list] x");
            seal(&message, hop, &(struct hop){NULL, NULL, NULL, NULL});
        }
        struct arc_result r = verify(buffer_slice(&message));
        assert_string_equal(r.reason, "");
        assert_int_equal(r.verdict, VERDICT_PASS);
        assert_int_equal(r.oldest_pass, rows[i].oldest_pass);
        buffer_clear(&message);
    }
}

#define SEAL2    "i=2; a=rsa-sha256; d=example.org; s=sel; cv=pass; "
#define MESSAGE2 "i=2; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel; h=from:subject; "

/* The second hop of two, and what is wrong with it. */
static void test_second_hop(void **state)
{
    static const struct {
        const char *name;
        struct hop hop;
        enum verdict verdict;
        unsigned failed;
        const char *reason;
    } rows[] = {
        {"nothing", {NULL, NULL, NULL, NULL}, VERDICT_PASS, 0, ""},
        {"results with comments",
         {NULL, " (a (b)) i (c) = \r\n\t(d) 2 (e) ; mx.example.org; none", NULL, NULL},
         VERDICT_PASS,
         0,
         ""},
        {"states in capitals", {"PASS", NULL, NULL, NULL}, VERDICT_PASS, 0, ""},
        {"unknown tags", {NULL, NULL, MESSAGE2 "v=7; foo=; ", SEAL2 "foo=; "}, VERDICT_PASS, 0, ""},
        {"a subdomain's key is as good",
         {NULL, NULL, NULL, "i=2; a=rsa-sha256; d=Example.ORG; s=SEL; cv=pass; "},
         VERDICT_PASS,
         0,
         ""},
        {"it says that the chain failed",
         {"fail", NULL, NULL, NULL},
         VERDICT_FAIL,
         2,
         "the chain had failed already when it came to example.org (cv=fail, instance 2)"},
        {"it says that there was no chain",
         {"none", NULL, NULL, NULL},
         VERDICT_FAIL,
         2,
         "the seal of instance 2 says cv=none, not cv=pass"},
        {"it says nothing",
         {"", NULL, NULL, NULL},
         VERDICT_FAIL,
         2,
         "the seal of instance 2 says cv=, not cv=pass"},
        {"it does not say",
         {NULL, NULL, NULL, "i=2; a=rsa-sha256; d=example.org; s=sel; "},
         VERDICT_FAIL,
         2,
         "the seal of instance 2 says cv=, not cv=pass"},
        {"an escape for a state",
         {"\x1b[1m|x", NULL, NULL, NULL},
         VERDICT_FAIL,
         2,
         "the seal of instance 2 says cv=, not cv=pass"},
        {"results of another instance",
         {NULL, "i=1; mx.example.org; none", NULL, NULL},
         VERDICT_FAIL,
         2,
         "instance 2 has no ARC-Authentication-Results"},
        {"results without a semicolon",
         {NULL, "i=2 mx.example.org; none", NULL, NULL},
         VERDICT_FAIL,
         0,
         "an ARC field has no instance from 1 to 50"},
        {"results without an equals sign",
         {NULL, "i 2; mx.example.org; none", NULL, NULL},
         VERDICT_FAIL,
         0,
         "an ARC field has no instance from 1 to 50"},
        {"results with I=",
         {NULL, "I=2; mx.example.org; none", NULL, NULL},
         VERDICT_FAIL,
         0,
         "an ARC field has no instance from 1 to 50"},
        {"results of instance 0",
         {NULL, "i=0; mx.example.org; none", NULL, NULL},
         VERDICT_FAIL,
         0,
         "an ARC field has no instance from 1 to 50"},
        {"empty results",
         {NULL, "", NULL, NULL},
         VERDICT_FAIL,
         0,
         "an ARC field has no instance from 1 to 50"},
        {"results of a comment that never ends",
         {NULL, "i=2 (;", NULL, NULL},
         VERDICT_FAIL,
         0,
         "an ARC field has no instance from 1 to 50"},
        {"a gap",
         {NULL, "i=3; mx.example.org; none",
          "i=3; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel; h=from:subject; ",
          "i=3; a=rsa-sha256; d=example.org; s=sel; cv=pass; "},
         VERDICT_FAIL,
         2,
         "instance 2 has no ARC-Seal"},
        {"two of one instance",
         {NULL, NULL, NULL, "i=1; a=rsa-sha256; d=example.org; s=sel; cv=none; "},
         VERDICT_FAIL,
         2,
         "instance 2 has no ARC-Seal"},
        {"message signature of another kind of key",
         {NULL, NULL, "i=2; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=ed; h=from:subject; ",
          NULL},
         VERDICT_FAIL,
         2,
         "message signature 2 by example.org: the signature does not fit the header or the key"},
        {"message signature that covers a seal",
         {NULL, NULL,
          "i=2; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel; h=from:subject: ARC-Seal; ", NULL},
         VERDICT_FAIL,
         2,
         "message signature 2 by example.org: h= names ARC-Seal"},
        {"expired message signature",
         {NULL, NULL, MESSAGE2 "x=999999; ", NULL},
         VERDICT_FAIL,
         2,
         "message signature 2 by example.org: the signature expired on 1970-01-12 13:46:39 UTC"},
        {"no key for the message signature",
         {NULL, NULL, "i=2; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=none; h=from:subject; ", NULL},
         VERDICT_FAIL,
         2,
         "message signature 2 by example.org: no key at none._domainkey.example.org: the name does not "
         "exist"},
        {"no answer for the message signature",
         {NULL, NULL, "i=2; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=slow; h=from:subject; ", NULL},
         VERDICT_TEMPERROR,
         2,
         "message signature 2 by example.org: the key at slow._domainkey.example.org could not be looked up: "
         "SERVFAIL"},
        {"no answer for the seal",
         {NULL, NULL, NULL, "i=2; a=rsa-sha256; d=example.org; s=slow; cv=pass; "},
         VERDICT_TEMPERROR,
         2,
         "seal 2 by example.org: the key at slow._domainkey.example.org could not be looked up: SERVFAIL"},
        {"a seal with h=",
         {NULL, NULL, NULL, SEAL2 "h=from; "},
         VERDICT_FAIL,
         2,
         "seal 2 by example.org: the seal has an h= tag"},
        {"a seal by SHA-1",
         {NULL, NULL, NULL, "i=2; a=rsa-sha1; d=example.org; s=sel; cv=pass; "},
         VERDICT_FAIL,
         2,
         "seal 2 by example.org: rsa-sha1 is no longer accepted (RFC 8301)"},
        {"a seal of nobody",
         {NULL, NULL, NULL, "i=2; a=rsa-sha256; s=sel; cv=pass; "},
         VERDICT_FAIL,
         2,
         "seal 2: the signature has no d= tag"},
        {"a seal without an instance",
         {NULL, NULL, NULL, "a=rsa-sha256; d=example.org; s=sel; cv=pass; "},
         VERDICT_FAIL,
         0,
         "an ARC field has no instance from 1 to 50"},
        {"a seal of instance 51",
         {NULL, NULL, NULL, "i=51; a=rsa-sha256; d=example.org; s=sel; cv=pass; "},
         VERDICT_FAIL,
         0,
         "an ARC field has no instance from 1 to 50"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer message = fresh_message();
        seal(&message, 1, &(struct hop){NULL, NULL, NULL, NULL});
        seal(&message, 2, &rows[i].hop);
        struct arc_result r = verify(buffer_slice(&message));
        CHECK_ROW_TEXT(rows[i].name, r.reason, rows[i].reason);
        CHECK_ROW_TEXT(rows[i].name, verdict_name(r.verdict), verdict_name(rows[i].verdict));
        CHECK_ROW(rows[i].name, r.failed_instance == rows[i].failed);
        buffer_clear(&message);
    }
}

/* What happens to a chain of two on its way. */
static void test_changes(void **state)
{
    static const struct {
        const char *name, *what, *by;
        enum verdict verdict;
        const char *reason;
    } rows[] = {
        {"a field on top", "ARC-Seal: i=2", "Received: from x by y; z\r\nARC-Seal: i=2", VERDICT_PASS, ""},
        {"white space in a seal", "ARC-Seal: i=2; ", "ARC-SEAL : i=2;\r\n\t ", VERDICT_PASS, ""},
        {"the body", "Hello", "Hallo", VERDICT_FAIL,
         "message signature 2 by example.org: the body was changed after signing (its hash differs)"},
        {"the subject", "Subject: x", "Subject: y", VERDICT_FAIL,
         "message signature 2 by example.org: the signature does not fit the header or the key"},
        {"the newest results", "mx2.example", "mx3.example", VERDICT_FAIL,
         "seal 2 by example.org: the signature does not fit the header or the key"},
        {"the oldest results", "mx1.example", "mx3.example", VERDICT_FAIL,
         "seal 2 by example.org: the signature does not fit the header or the key"},
        {"the newest seal", "s=sel; cv=pass", "s=sel; t=5; cv=pass", VERDICT_FAIL,
         "seal 2 by example.org: the signature does not fit the header or the key"},
        {"the oldest seal", "s=sel; cv=none", "s=sel; t=5; cv=none", VERDICT_FAIL,
         "seal 2 by example.org: the signature does not fit the header or the key"},
        {"the instance of the oldest results", "Authentication-Results: i=1;", "Authentication-Results: i=9;",
         VERDICT_FAIL, "instance 9 has no ARC-Seal"},
        {"another seal", "Subject: x",
         "ARC-Seal: i=1; a=rsa-sha256; d=example.org; s=sel; cv=none; b=AAAA\r\nSubject: x", VERDICT_FAIL,
         "instance 1 has more than one ARC-Seal"},
        {"other results", "Subject: x", "ARC-Authentication-Results: i=2; x; none\r\nSubject: x",
         VERDICT_FAIL, "instance 2 has more than one ARC-Authentication-Results"},
        {"another message signature", "Subject: x", "ARC-Message-Signature: i=2; b=AAAA\r\nSubject: x",
         VERDICT_FAIL, "instance 2 has more than one ARC-Message-Signature"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer message = fresh_message();
        seal(&message, 1, &(struct hop){NULL, NULL, NULL, NULL});
        seal(&message, 2, &(struct hop){NULL, NULL, NULL, NULL});
        change(&message, rows[i].what, rows[i].by);
        struct arc_result r = verify(buffer_slice(&message));
        CHECK_ROW_TEXT(rows[i].name, r.reason, rows[i].reason);
        CHECK_ROW_TEXT(rows[i].name, verdict_name(r.verdict), verdict_name(rows[i].verdict));
        buffer_clear(&message);
    }
}

/* Thousands of ARC fields. */
static void test_hostile_header(void **state)
{
    struct buffer message = BUFFER_INIT(MESSAGE_MAX);
    struct timespec start = clock_now();
    (void)state;

    for (unsigned i = 0; i < 3000; i++)
        assert_true(buffer_printf(&message,
                                  "ARC-Seal: i=%u; cv=pass\r\nARC-Message-Signature: i=%u; h=from\r\n"
                                  "ARC-Authentication-Results: i=%u; x\r\n",
                                  i % 50 + 1, i % 50 + 1, i % 50 + 1));
    struct arc_result r = verify(buffer_slice(&message));
    assert_int_equal(r.verdict, VERDICT_FAIL);
    assert_int_equal(r.instances, 50);
    assert_string_equal(r.reason, "instance 50 has more than one ARC-Seal");
    assert_true(clock_since(start) < 20); /* 0.02 s */
    buffer_clear(&message);
}

static void test_prefetch(void **state)
{
    struct buffer message = fresh_message();
    (void)state;

    seal(&message, 1, &(struct hop){NULL, NULL, NULL, NULL});
    seal(&message, 2, &(struct hop){NULL, NULL, NULL, NULL});
    struct arc *arc = arc_new(buffer_slice(&message));
    table.queries = table.prefetches = 0;
    arc_prefetch(arc, txt_table_lookup(&table));
    assert_int_equal(table.prefetches, 4);
    assert_int_equal(table.queries, 0);
    arc_free(&arc);
    arc_free(&arc);
    buffer_clear(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chains_of_all_lengths),
        cmocka_unit_test(test_oldest_pass),
        cmocka_unit_test(test_second_hop),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_hostile_header),
        cmocka_unit_test(test_prefetch),
    };
    return cmocka_run_group_tests_name("arc", tests, publish, NULL);
}
