/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures that are right in all but one thing: tag by tag, and answer of the DNS by answer. */
#include "tests/unit/unit.h"

#include "tests/unit/dkim_tool.h"

#define NEEDED    "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel; h=from:to; "
#define LABEL     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
#define LONG_NAME LABEL LABEL LABEL LABEL "org"
#define FIT       "the signature does not fit the header or the key"

/* A signature that is right in all else: does it pass with these tags, at the time 1000000? */
static void test_tags(void **state)
{
    static const struct {
        const char *name, *tags;
        enum verdict verdict;
        const char *reason;
    } rows[] = {
        {"as it should be", NEEDED, VERDICT_PASS, ""},
        {"unknown tags", NEEDED "foo=bar; X_1=; z=From:x|To:y; ", VERDICT_PASS, ""},
        {"letters in any case where they do not count",
         "v=1; a=RSA-SHA256; c=Relaxed/RELAXED; d=Example.ORG; s=SEL; h=FROM : To; q=DNS/txt; ", VERDICT_PASS,
         ""},
        {"folded",
         "\r\n v\r\n =\r\n 1;a=rsa-sha256;\r\n\tc=relaxed/relaxed;d\t=\texample.org ; s=sel;h=from\r\n :to;",
         VERDICT_PASS, ""},
        {"fields that are not there",
         "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel; h=from:x:from:x::; ", VERDICT_PASS, ""},
        {"no v=", "a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel; h=from; ", VERDICT_PERMERROR,
         "the signature has no v= tag"},
        {"version 2", "v=2; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel; h=from; ",
         VERDICT_PERMERROR, "the version of v= is not 1"},
        {"version 1.0", "v=1.0; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel; h=from; ",
         VERDICT_PERMERROR, "the version of v= is not 1"},
        {"no a=", "v=1; c=relaxed/relaxed; d=example.org; s=sel; h=from; ", VERDICT_PERMERROR,
         "the signature has no a= tag"},
        {"unknown algorithm", "v=1; a=rsa-sha512; c=relaxed/relaxed; d=example.org; s=sel; h=from; ",
         VERDICT_PERMERROR, "the algorithm of a= is unknown"},
        {"rsa-sha1", "v=1; a=rsa-sha1; c=relaxed/relaxed; d=example.org; s=sel; h=from; ", VERDICT_POLICY,
         "rsa-sha1 is no longer accepted (RFC 8301)"},
        {"another algorithm than the key's",
         "v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=sel; h=from; ", VERDICT_PERMERROR,
         "the key at sel._domainkey.example.org cannot be used: it is of another kind (k=) than the "
         "signature"},
        {"unknown canonicalization", "v=1; a=rsa-sha256; c=nowsp; d=example.org; s=sel; h=from; ",
         VERDICT_PERMERROR, "the canonicalization of c= is unknown"},
        {"unknown canonicalization of the body",
         "v=1; a=rsa-sha256; c=relaxed/; d=example.org; s=sel; h=from; ", VERDICT_PERMERROR,
         "the canonicalization of c= is unknown"},
        {"three canonicalizations",
         "v=1; a=rsa-sha256; c=relaxed/simple/simple; d=example.org; s=sel; h=from; ", VERDICT_PERMERROR,
         "the canonicalization of c= is unknown"},
        {"no d=", "v=1; a=rsa-sha256; c=relaxed/relaxed; s=sel; h=from; ", VERDICT_PERMERROR,
         "the signature has no d= tag"},
        {"no domain", "v=1; a=rsa-sha256; c=relaxed/relaxed; d=a..b; s=sel; h=from; ", VERDICT_PERMERROR,
         "d= is no domain name"},
        {"no s=", "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; h=from; ", VERDICT_PERMERROR,
         "the signature has no s= tag"},
        {"no selector", "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=; h=from; ",
         VERDICT_PERMERROR, "s= is no selector"},
        {"no h=", "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel; ", VERDICT_PERMERROR,
         "the signature has no h= tag"},
        {"empty h=", "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel; h=; ", VERDICT_PERMERROR,
         "h= does not name From"},
        {"From not signed", "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel; h=to:fromage; ",
         VERDICT_PERMERROR, "h= does not name From"},
        {"the name of the key is too long",
         "v=1; a=rsa-sha256; c=relaxed/relaxed; s=sel; h=from; d=" LONG_NAME "; ", VERDICT_PERMERROR,
         "the name of the key is longer than a name can be"},
        {"a tag twice", NEEDED "s=sel; ", VERDICT_PERMERROR, "a tag stands twice"},
        {"an unknown tag twice", NEEDED "foo=1; foo=1; ", VERDICT_PERMERROR, "a tag stands twice"},
        {"not a list", NEEDED "foo; ", VERDICT_PERMERROR, "a tag is not of the form name=value"},
        {"identity in the domain", NEEDED "i=joe@example.org; ", VERDICT_PASS, ""},
        {"identity below the domain", NEEDED "i=@a.b.Example.org; ", VERDICT_PASS, ""},
        {"quoted identity", NEEDED "i=\"a@b\"@example.org; ", VERDICT_PASS, ""},
        {"folded identity", NEEDED "i=joe=20six@\r\n exam\r\n\tple.org; ", VERDICT_PASS, ""},
        {"identity above the domain", NEEDED "i=@org; ", VERDICT_PERMERROR,
         "the domain of i= is not that of d=, nor below it"},
        {"identity beside the domain", NEEDED "i=@badexample.org; ", VERDICT_PERMERROR,
         "the domain of i= is not that of d=, nor below it"},
        {"identity without an at sign", NEEDED "i=example.org; ", VERDICT_PERMERROR, "i= is no identity"},
        {"empty identity", NEEDED "i=; ", VERDICT_PERMERROR, "i= is no identity"},
        {"identity without a domain", NEEDED "i=joe@; ", VERDICT_PERMERROR, "i= is no identity"},
        {"DNS among the ways to the key", NEEDED "q=foo/bar : dns/txt; ", VERDICT_PASS, ""},
        {"no known way to the key", NEEDED "q=foo/bar; ", VERDICT_PERMERROR,
         "the way to get the key (q=) is unknown"},
        {"signed before", NEEDED "t=999999; ", VERDICT_PASS, ""},
        {"signed a minute from now", NEEDED "t=1000060; ", VERDICT_PASS, ""},
        {"signed tomorrow", NEEDED "t=1086400; ", VERDICT_PASS,
         "the signature's time lies in the future: 1970-01-13 13:46:40 UTC"},
        {"time of twelve digits", NEEDED "t=1; x=999999999999; ", VERDICT_PASS, ""},
        {"time of thirteen digits", NEEDED "t=1000000000000; ", VERDICT_PERMERROR, "t= is no time"},
        {"time with a sign", NEEDED "t=-1; ", VERDICT_PERMERROR, "t= is no time"},
        {"empty time", NEEDED "t=; ", VERDICT_PERMERROR, "t= is no time"},
        {"time with a fold inside", NEEDED "t=10\r\n 00; ", VERDICT_PERMERROR, "t= is no time"},
        {"expires now", NEEDED "x=1000000; ", VERDICT_PASS, ""},
        {"expired", NEEDED "t=5; x=999999; ", VERDICT_FAIL,
         "the signature expired on 1970-01-12 13:46:39 UTC"},
        {"expiry is no time", NEEDED "x=soon; ", VERDICT_PERMERROR, "x= is no time"},
        {"expires when it is made", NEEDED "t=2000000; x=2000000; ", VERDICT_PERMERROR,
         "the signature expires before it is made (x= is not after t=)"},
        {"length is no number", NEEDED "l=0x10; ", VERDICT_PERMERROR, "l= is no number"},
        {"empty length", NEEDED "l=; ", VERDICT_PERMERROR, "l= is no number"},
        {"length of the body", NEEDED "l=7; ", VERDICT_PASS, ""},
        {"length beyond the body", NEEDED "l=8; ", VERDICT_PERMERROR,
         "the body is shorter than l= says: it was cut, or the signer erred"},
        {"length beyond all bodies",
         NEEDED "l=9999999999999999999999999999999999999999999999999999999999999999999999999999; ",
         VERDICT_PERMERROR, "the body is shorter than l= says: it was cut, or the signer erred"},
        {"length of 77 digits",
         NEEDED "l=00000000000000000000000000000000000000000000000000000000000000000000000000007; ",
         VERDICT_PERMERROR, "l= is no number"},
    };
    char record[2048];
    struct txt_table table = {0};
    (void)state;

    snprintf(record, sizeof record, "v=DKIM1; p=%s", tool_public(TOOL_RSA1024));
    txt_table_add(&table, "sel._domainkey.example.org", slice_from(record));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer message = BUFFER_INIT(10000);
        struct dkim_result r[DKIM_SIGNATURES_MAX];
        char field[1000];
        snprintf(field, sizeof field, "DKIM-Signature: %sbh=$bh; b=$b", rows[i].tags);
        struct tool_signature s = {TOOL_RSA1024, true, true, 0, "from:to", field};
        tool_sign(&message, &s, SLICE("From: a@example.org\r\nSubject: x\r\n\r\nHello\r\n"));
        size_t n = tool_verify(buffer_slice(&message), 1000, txt_table_lookup(&table), 1000000, r);
        CHECK_ROW(rows[i].name, n == 1);
        CHECK_ROW_TEXT(rows[i].name, r[0].reason, rows[i].reason);
        CHECK_ROW_TEXT(rows[i].name, verdict_name(r[0].verdict), verdict_name(rows[i].verdict));
        CHECK_ROW(rows[i].name, r[0].expired == (strstr(rows[i].reason, "expired") != NULL));
        CHECK_ROW(rows[i].name,
                  !r[0].body_failed && !r[0].body_partial && !r[0].key_missing && !r[0].key_revoked);
        buffer_clear(&message);
    }
}

#define FIELD    "v=1; a=rsa-sha256; d=example.org; s=sel; c=relaxed/relaxed; h=from; "
#define TXT_NAME "the key at sel._domainkey.example.org "

/* What the DNS says, by turns; the signature and the body are right, or not. */
static void test_keys(void **state)
{
    static const struct {
        const char *name;
        enum lookup_status status;
        const char *records[3]; /* "$" stands for the key in base64, "$$" for another */
        bool body_changed;
        enum verdict verdict;
        const char *reason;
        bool missing, revoked, testing;
    } rows[] = {
        {"one record", LOOKUP_FOUND, {"v=DKIM1; p=$"}, false, VERDICT_PASS, "", false, false, false},
        {"testing", LOOKUP_FOUND, {"v=DKIM1; t=y; p=$"}, false, VERDICT_PASS, "", false, false, true},
        {"no such name",
         LOOKUP_NXDOMAIN,
         {NULL},
         false,
         VERDICT_PERMERROR,
         "no key at sel._domainkey.example.org: the name does not exist",
         true,
         false,
         false},
        {"no text record",
         LOOKUP_NODATA,
         {NULL},
         false,
         VERDICT_PERMERROR,
         "no key at sel._domainkey.example.org: the name has no text record",
         true,
         false,
         false},
        {"no answer",
         LOOKUP_TEMPERROR,
         {NULL},
         false,
         VERDICT_TEMPERROR,
         TXT_NAME "could not be looked up: SERVFAIL",
         false,
         false,
         false},
        {"no answer, but it cannot pass",
         LOOKUP_TEMPERROR,
         {NULL},
         true,
         VERDICT_FAIL,
         "the body was changed after signing (its hash differs)",
         false,
         false,
         false},
        {"something else",
         LOOKUP_FOUND,
         {"v=spf1 -all", "google-site-verification=x"},
         false,
         VERDICT_PERMERROR,
         "no key at sel._domainkey.example.org: no record there is a DKIM key",
         true,
         false,
         false},
        {"revoked",
         LOOKUP_FOUND,
         {"v=DKIM1; k=rsa; p="},
         false,
         VERDICT_PERMERROR,
         TXT_NAME "was revoked (its p= is empty)",
         false,
         true,
         false},
        {"revoked, testing",
         LOOKUP_FOUND,
         {"p=; t=y:s"},
         true,
         VERDICT_PERMERROR,
         TXT_NAME "was revoked (its p= is empty)",
         false,
         true,
         true},
        {"another key", LOOKUP_FOUND, {"v=DKIM1; p=$$"}, false, VERDICT_FAIL, FIT, false, false, false},
        {"another key, testing",
         LOOKUP_FOUND,
         {"v=DKIM1; t=s:y; p=$$"},
         false,
         VERDICT_FAIL,
         FIT,
         false,
         false,
         true},
        {"body changed",
         LOOKUP_FOUND,
         {"v=DKIM1; p=$"},
         true,
         VERDICT_FAIL,
         "the body was changed after signing (its hash differs)",
         false,
         false,
         false},
        {"body changed, another key",
         LOOKUP_FOUND,
         {"v=DKIM1; p=$$"},
         true,
         VERDICT_FAIL,
         "the body was changed after signing (its hash differs), and " FIT,
         false,
         false,
         false},
        {"the right one is the second",
         LOOKUP_FOUND,
         {"v=DKIM1; p=$$", "v=DKIM1; p=$"},
         false,
         VERDICT_PASS,
         "",
         false,
         false,
         false},
        {"the right one stands behind others",
         LOOKUP_FOUND,
         {"v=spf1 -all", "v=DKIM1; t=y; p=", "v=DKIM1; p=$"},
         false,
         VERDICT_PASS,
         "",
         false,
         false,
         false},
        {"the best of bad ones is told",
         LOOKUP_FOUND,
         {"v=DKIM1; p=", "v=DKIM1; p=$$", "v=spf1"},
         false,
         VERDICT_FAIL,
         FIT,
         false,
         false,
         false},
        {"broken",
         LOOKUP_FOUND,
         {"v=DKIM1; p=AAAA"},
         false,
         VERDICT_PERMERROR,
         TXT_NAME "cannot be used: its p= is no RSA key",
         false,
         false,
         false},
        {"empty record",
         LOOKUP_FOUND,
         {""},
         false,
         VERDICT_PERMERROR,
         "no key at sel._domainkey.example.org: no record there is a DKIM key",
         true,
         false,
         false},
    };
    char key[1024], other[1024];
    (void)state;

    slice_copy(key, sizeof key, slice_from(tool_public(TOOL_RSA1024)));
    slice_copy(other, sizeof other, slice_from(tool_public(TOOL_RSA2048)));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct tool_signature s = {
            TOOL_RSA1024, true, true, 0, "from", "DKIM-Signature: " FIELD "bh=$bh; b=$b"};
        struct buffer message = BUFFER_INIT(10000),
                      record[3] = {BUFFER_INIT(2000), BUFFER_INIT(2000), BUFFER_INIT(2000)};
        struct dkim_result r[DKIM_SIGNATURES_MAX];
        struct txt_table table = {0};
        txt_table_answer(&table, "sel._domainkey.example.org", rows[i].status);
        for (size_t k = 0; k < 3 && rows[i].records[k] != NULL; k++) {
            struct slice text = slice_from(rows[i].records[k]);
            size_t at = slice_find_char(text, '$');
            assert_true(buffer_append(&record[k], slice_head(text, at)));
            if (at < text.len)
                assert_true(buffer_append_text(&record[k], at + 1 < text.len ? other : key));
            txt_table_add(&table, "sel._domainkey.example.org", buffer_slice(&record[k]));
        }
        tool_sign(&message, &s, SLICE("From: a@example.org\r\n\r\nHello\r\n"));
        assert_true(!rows[i].body_changed || buffer_append_text(&message, "footer\r\n"));
        tool_verify(buffer_slice(&message), 1000, txt_table_lookup(&table), 1000000, r);
        CHECK_ROW_TEXT(rows[i].name, r[0].reason, rows[i].reason);
        CHECK_ROW_TEXT(rows[i].name, verdict_name(r[0].verdict), verdict_name(rows[i].verdict));
        CHECK_ROW(rows[i].name, r[0].body_failed == rows[i].body_changed);
        CHECK_ROW(rows[i].name, r[0].key_missing == rows[i].missing);
        CHECK_ROW(rows[i].name, r[0].key_revoked == rows[i].revoked);
        CHECK_ROW(rows[i].name, r[0].testing == rows[i].testing);
        CHECK_ROW(rows[i].name, table.queries == 1);
        buffer_clear(&message);
        for (size_t k = 0; k < 3; k++)
            buffer_clear(&record[k]);
    }
}

/* The DNS does not answer: that matters only where the signature could pass. */
static void test_no_answer(void **state)
{
    static const struct {
        const char *name, *tags;
        enum verdict verdict;
        const char *reason;
    } rows[] = {
        {"it could pass", "", VERDICT_TEMPERROR, TXT_NAME "could not be looked up: SERVFAIL"},
        {"signed in the future", "t=1086400; ", VERDICT_TEMPERROR,
         TXT_NAME "could not be looked up: SERVFAIL"},
        {"expired", "x=999999; ", VERDICT_FAIL, "the signature expired on 1970-01-12 13:46:39 UTC"},
        {"body too short", "l=8; ", VERDICT_PERMERROR,
         "the body is shorter than l= says: it was cut, or the signer erred"},
        {"broken", "l=x; ", VERDICT_PERMERROR, "l= is no number"},
    };
    struct txt_table table = {0};
    (void)state;

    txt_table_answer(&table, "sel._domainkey.example.org", LOOKUP_TEMPERROR);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer message = BUFFER_INIT(10000);
        struct dkim_result r[DKIM_SIGNATURES_MAX];
        char field[1000];
        snprintf(field, sizeof field, "DKIM-Signature: " FIELD "%sbh=$bh; b=$b", rows[i].tags);
        struct tool_signature s = {TOOL_RSA1024, true, true, 0, "from", field};
        tool_sign(&message, &s, SLICE("From: a@example.org\r\n\r\nHello\r\n"));
        tool_verify(buffer_slice(&message), 1000, txt_table_lookup(&table), 1000000, r);
        CHECK_ROW_TEXT(rows[i].name, r[0].reason, rows[i].reason);
        CHECK_ROW_TEXT(rows[i].name, verdict_name(r[0].verdict), verdict_name(rows[i].verdict));
        buffer_clear(&message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tags),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_no_answer),
    };
    return cmocka_run_group_tests_name("dkim rules", tests, NULL, NULL);
}
