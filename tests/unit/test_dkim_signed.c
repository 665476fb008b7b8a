/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages signed here by OpenSSL (dkim_tool.h), in all ways there are. */
#include "tests/unit/unit.h"

#include "tests/unit/dkim_tool.h"

static struct txt_table table;
static char record_text[4][1024];

static int publish(void **state)
{
    static const char *const names[] = {"r5._domainkey.example.org", "r1._domainkey.example.org",
                                        "r2._domainkey.example.org", "ed._domainkey.example.org"};
    (void)state;

    for (size_t key = TOOL_RSA512; key <= TOOL_ED25519; key++) {
        snprintf(record_text[key], sizeof record_text[key], "v=DKIM1; k=%s; p=%s",
                 key == TOOL_ED25519 ? "ed25519" : "rsa", tool_public((enum tool_key)key));
        txt_table_add(&table, names[key], slice_from(record_text[key]));
    }
    txt_table_add(&table, "xn--slektor-bya._domainkey.xn--bcher-kva.example",
                  slice_from(record_text[TOOL_RSA1024]));
    return 0;
}

/* The field with these tags behind the ones that say how it is made; extra ends in "; " or is empty. */
static struct tool_signature signature_by(char *field, size_t size, enum tool_key key, int canon,
                                          const char *headers, const char *extra)
{
    static const char *const selector[] = {"r5", "r1", "r2", "ed"};
    bool relaxed_header = (canon & 1) != 0, relaxed_body = (canon & 2) != 0;

    snprintf(field, size,
             "DKIM-Signature: v=1; a=%s-sha256; c=%s/%s;\r\n\td=example.org; s=%s; h=%s; "
             "%s\r\n\tbh=$bh;\r\n\tb=$b",
             key == TOOL_ED25519 ? "ed25519" : "rsa", relaxed_header ? "relaxed" : "simple",
             relaxed_body ? "relaxed" : "simple", selector[key], headers, extra);
    return (struct tool_signature){key, relaxed_header, relaxed_body, 0, headers, field};
}

static const struct dkim_result *verify(struct slice message, size_t piece)
{
    static struct dkim_result results[DKIM_SIGNATURES_MAX];

    memset(results, 0, sizeof results);
    assert_true(tool_verify(message, piece, txt_table_lookup(&table), 1000000, results) > 0);
    return results;
}

static void to_lf(struct slice in, struct buffer *out)
{
    for (size_t i = 0; i < in.len; i++)
        if (in.data[i] != '\r' || i + 1 == in.len || in.data[i + 1] != '\n')
            assert_true(buffer_append(out, slice_of(in.data + i, 1)));
}

static void test_all_ways(void **state)
{
    static const struct {
        const char *name, *headers;
        struct slice message;
    } rows[] = {
        {"plain", "from:to:subject",
         SLICE("From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n\r\nHello\r\n")},
        {"no body", "from", SLICE("From: a@example.org\r\n")},
        {"empty body", "from", SLICE("From: a@example.org\r\n\r\n")},
        {"empty lines", "from", SLICE("From: a@example.org\r\n\r\n\r\n\r\n\r\n")},
        {"blank lines", "from", SLICE("From: a@example.org\r\n\r\n \r\n\t\r\n\r\n")},
        {"no line end", "from", SLICE("From: a@example.org\r\n\r\nHello")},
        {"white space at line ends", "from",
         SLICE("From: a@example.org\r\n\r\nHello \r\n\t\r\n  world\t \r\n \r\n\r\n")},
        {"strangely folded fields", "from:subject : X-Long",
         SLICE("From :\r\n a@example.org\r\nSUBJECT: \r\n \r\n\tx  y\t\r\n  \r\nx-long:\r\n\t1;\r\n 2 ;  "
               "\r\n\r\nHello\r\n")},
        {"repeated fields, from the bottom up", "received:received:from:comments:comments:comments:comments",
         SLICE("Received: 3\r\nComments: a\r\nReceived: 2\r\nFrom: a@example.org\r\nReceived: 1\r\nComments: "
               "b\r\n"
               "Comments: c\r\n\r\nHello\r\n")},
        {"oversigned", "from:from:to:to:subject:subject:date:date",
         SLICE("From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n\r\nHello\r\n")},
        {"empty fields", "from:x:y", SLICE("X:\r\nFrom: a@example.org\r\nY: \t\r\n\r\nHello\r\n")},
        {"NUL and high bytes", "from:x",
         SLICE("X: a\0b\xff\r\nFrom: a@example.org\r\n\r\nHel\0lo \xfe\xff \0\r\n")},
        {"bare CR", "from:x", SLICE("X: a\rb\r\nFrom: a@example.org\r\n\r\nHel\rlo\r\n\rworld\r\n")},
        {"a line that is no field", "from:x",
         SLICE("X: 1\r\nnonsense\r\nFrom: a@example.org\r\n\r\nHello\r\n")},
        {"dots and From lines", "from",
         SLICE("From: a@example.org\r\n\r\n.\r\n..\r\nFrom me\r\n>From you\r\n")},
    };
    static const enum tool_key keys[] = {TOOL_RSA1024, TOOL_ED25519};
    static const size_t pieces[] = {1, 2, 3, 100000};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows) * 8; i++) {
        struct buffer message = BUFFER_INIT(100000), lf = BUFFER_INIT(100000);
        size_t row = i / 8;
        char field[1000], name[200];
        struct tool_signature s =
            signature_by(field, sizeof field, keys[i % 2], (int)(i / 2 % 4), rows[row].headers, "");
        snprintf(name, sizeof name, "%s, key %d, canonicalization %d", rows[row].name, (int)(i % 2),
                 (int)(i / 2 % 4));
        tool_sign(&message, &s, rows[row].message);
        to_lf(buffer_slice(&message), &lf);
        for (size_t k = 0; k < COUNT_OF(pieces); k++) {
            CHECK_ROW_TEXT(name, verify(buffer_slice(&message), pieces[k])->reason, "");
            CHECK_ROW_TEXT(name, verdict_name(verify(buffer_slice(&message), pieces[k])->verdict), "pass");
            CHECK_ROW_TEXT(name, verdict_name(verify(buffer_slice(&lf), pieces[k])->verdict), "pass");
        }
        buffer_clear(&message);
        buffer_clear(&lf);
    }
}

/* What happens to a message on its way: text replaced after signing. Bits of survives: canonicalizations,
 * simple/simple, relaxed/simple, simple/relaxed, relaxed/relaxed. */
static void test_changes(void **state)
{
    static const struct {
        const char *name, *what, *by;
        unsigned survives;
        bool body;
    } rows[] = {
        {"nothing", "Hello", "Hello", 15, false},
        {"a word of the body", "Hello", "Hallo", 0, true},
        {"the case of the body", "Hello", "HELLO", 0, true},
        {"a footer", "world\r\n", "world\r\n-- \r\nfooter\r\n", 0, true},
        {"empty lines at the end", "world\r\n", "world\r\n\r\n\r\n", 15, true},
        {"a blank at the end of a line", "Hello  ", "Hello  \t ", 12, true},
        {"a blank more inside a line", "big world", "big  world", 12, true},
        {"a blank inside a word", "Hello", "Hel lo", 0, true},
        {"a line broken", "big world", "big\r\nworld", 0, true},
        {"the line end of the last line", "world\r\n", "world", 15, true},
        {"a tag in the subject", "Subject: x", "Subject: [list] x", 0, false},
        {"the case of a field's name", "Subject:", "SUBJECT:", 10, false},
        {"a field folded at a blank", "lazy dog", "lazy\r\n dog", 10, false},
        {"a field folded at no blank", "lazy dog", "la\r\n zy dog", 0, false},
        {"a fold undone", "over\r\n\tthe", "over\tthe", 10, false},
        {"a blank before the colon", "Subject:", "Subject :", 10, false},
        {"no blank behind the colon", "Subject: x", "Subject:x", 10, false},
        {"a blank at a field's end", "dog\r\n", "dog \r\n", 10, false},
        {"another From on top", "From:", "From: evil\r\nFrom:", 15, false},
        {"another From below", "Subject:", "From: evil\r\nSubject:", 0, false},
        {"another Subject below", "\r\n\r\n", "\r\nSubject: evil\r\n\r\n", 0, false},
        {"a field that was absent", "\r\n\r\n", "\r\nCc: evil\r\n\r\n", 0, false},
        {"a field that is not signed", "\r\n\r\n", "\r\nX-Spam: no\r\n\r\n", 15, false},
        {"order of different fields", "To: b@example.org\r\nSubject:", "Subject:", 0, false},
        {"a field gone", "To: b@example.org\r\n", "", 0, false},
        {"a trace field on top", "DKIM-Signature:", "Received: from x\r\n\tby y; z\r\nDKIM-Signature:", 15,
         false},
        {"white space in b=", "\tb=", "\tb=\r\n\t", 15, false},
        {"a space before the signature's first tag", "v=1;", " v=1;", 10, false},
        {"a tag added to the signature", "v=1;", "v=1; foo=;", 0, false},
    };
    static const char message[] =
        "From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n"
        "Comments: the fox jumps over\r\n\tthe lazy dog\r\n\r\nHello  \r\nbig world\r\n";
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows) * 4; i++) {
        struct buffer signed_one = BUFFER_INIT(10000), changed = BUFFER_INIT(10000);
        size_t row = i / 4;
        int canon = (int)(i % 4);
        char field[1000], name[200];
        struct tool_signature s =
            signature_by(field, sizeof field, TOOL_RSA1024, canon, "from:to:subject:comments:cc", "");
        snprintf(name, sizeof name, "%s, canonicalization %d", rows[row].name, canon);
        tool_sign(&signed_one, &s, slice_from(message));
        struct slice all = buffer_slice(&signed_one), what = slice_from(rows[row].what);
        size_t at = slice_find(all, what);
        CHECK_ROW(name, at < all.len);
        assert_true(buffer_append(&changed, slice_head(all, at)));
        assert_true(buffer_append_text(&changed, rows[row].by));
        assert_true(buffer_append(&changed, slice_skip(all, at + what.len)));
        const struct dkim_result *r = verify(buffer_slice(&changed), 5);
        bool survives = (rows[row].survives >> canon & 1) != 0;
        CHECK_ROW_TEXT(name, verdict_name(r->verdict), survives ? "pass" : "fail");
        CHECK_ROW_TEXT(name, r->reason,
                       survives         ? ""
                       : rows[row].body ? "the body was changed after signing (its hash differs)"
                                        : "the signature does not fit the header or the key");
        CHECK_ROW(name, r->body_failed == (!survives && rows[row].body));
        buffer_clear(&signed_one);
        buffer_clear(&changed);
    }
}

static void test_length(void **state)
{
    static const struct {
        const char *name;
        struct slice body;         /* when it was signed */
        unsigned long long hashed; /* of it; 0: all */
        const char *tag, *added;
        const char *verdict;
        bool body_failed, partial;
        unsigned long long unsigned_bytes;
    } rows[] = {
        {"all of it", SLICE("Hello\r\n"), 7, "l=7; ", "", "pass", false, false, 0},
        {"a footer behind it", SLICE("Hello\r\n"), 7, "l=7; ", "footer\r\n", "pass", false, true, 8},
        {"empty lines behind it", SLICE("Hello\r\n"), 7, "l=7; ", "\r\n\r\n", "pass", false, false, 0},
        {"a part", SLICE("Hello\r\n"), 3, "l=3; ", "", "pass", false, true, 4},
        {"leading zeros", SLICE("Hello\r\n"), 3, "l=0003; ", "", "pass", false, true, 4},
        {"another part than was hashed", SLICE("Hello\r\n"), 3, "l=4; ", "", "fail", true, true, 3},
        {"nothing", SLICE(""), 0, "l=0; ", "all of it\r\n", "fail", true, true, 11},
        {"line ends count as two", SLICE("a\nb\n"), 6, "l=6; ", "c\n", "pass", false, true, 3},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer bare = BUFFER_INIT(1000), message = BUFFER_INIT(10000);
        char field[1000];
        struct tool_signature s = signature_by(field, sizeof field, TOOL_RSA1024, 0, "from", rows[i].tag);
        s.length = rows[i].hashed;
        assert_true(buffer_append_text(&bare, "From: a@example.org\r\n\r\n") &&
                    buffer_append(&bare, rows[i].body));
        tool_sign(&message, &s, buffer_slice(&bare));
        assert_true(buffer_append_text(&message, rows[i].added));
        const struct dkim_result *r = verify(buffer_slice(&message), 1);
        CHECK_ROW_TEXT(rows[i].name, verdict_name(r->verdict), rows[i].verdict);
        CHECK_ROW(rows[i].name, r->body_failed == rows[i].body_failed);
        CHECK_ROW(rows[i].name, r->body_partial == rows[i].partial);
        CHECK_ROW(rows[i].name, r->unsigned_bytes == rows[i].unsigned_bytes);
        buffer_clear(&bare);
        buffer_clear(&message);
    }
}

/* l=0 signs no byte of the body, in relaxed an empty one hashes as nothing too. */
static void test_length_of_nothing(void **state)
{
    struct buffer message = BUFFER_INIT(10000);
    char field[1000];
    struct tool_signature s = signature_by(field, sizeof field, TOOL_RSA1024, 3, "from", "l=0; ");
    (void)state;

    tool_sign(&message, &s, SLICE("From: a@example.org\r\n\r\n"));
    assert_true(buffer_append_text(&message, "anything\r\n"));
    const struct dkim_result *r = verify(buffer_slice(&message), 1);
    assert_int_equal(r->verdict, VERDICT_PASS);
    assert_true(r->body_partial);
    assert_int_equal(r->unsigned_bytes, 10);
    buffer_clear(&message);
}

/* Twenty signatures of all sorts, one above the other, each covering those below it; two more are only
 * counted. */
static void test_many(void **state)
{
    enum { HERE = DKIM_SIGNATURES_MAX + 2 };
    struct buffer message[2] = {BUFFER_INIT(100000), BUFFER_INIT(100000)};
    struct dkim_result r[DKIM_SIGNATURES_MAX];
    (void)state;

    assert_true(
        buffer_append_text(&message[0], "From: a@example.org\r\nSubject: x\r\n\r\nHello \r\n world\r\n"));
    for (int i = 0; i < HERE; i++) {
        char field[1000];
        struct tool_signature s = signature_by(field, sizeof field, i % 3 == 0 ? TOOL_ED25519 : TOOL_RSA1024,
                                               i % 4, "from:dkim-signature:subject:dkim-signature", "");
        buffer_reset(&message[1 - i % 2]);
        tool_sign(&message[1 - i % 2], &s, buffer_slice(&message[i % 2]));
    }
    assert_int_equal(tool_verify(buffer_slice(&message[HERE % 2]), 3, txt_table_lookup(&table), 1000000, r),
                     HERE);
    for (int i = 0; i < DKIM_SIGNATURES_MAX; i++) {
        int made = HERE - 1 - i;
        assert_string_equal(r[i].reason, "");
        assert_int_equal(r[i].verdict, VERDICT_PASS);
        assert_string_equal(r[i].algorithm, made % 3 == 0 ? "ed25519-sha256" : "rsa-sha256");
    }
    buffer_clear(&message[0]);
    buffer_clear(&message[1]);
}

static void test_key_sizes(void **state)
{
    static const struct {
        enum tool_key key;
        unsigned bits;
        enum verdict verdict;
        const char *reason;
    } rows[] = {
        {TOOL_RSA512, 512, VERDICT_POLICY,
         "the key at r5._domainkey.example.org has 512 bits: under 1024 is no longer accepted (RFC 8301)"},
        {TOOL_RSA1024, 1024, VERDICT_PASS, ""},
        {TOOL_RSA2048, 2048, VERDICT_PASS, ""},
        {TOOL_ED25519, 256, VERDICT_PASS, ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer message = BUFFER_INIT(10000);
        char field[1000];
        struct tool_signature s = signature_by(field, sizeof field, rows[i].key, 3, "from", "");
        tool_sign(&message, &s, SLICE("From: a@example.org\r\n\r\nHello\r\n"));
        const struct dkim_result *r = verify(buffer_slice(&message), 100);
        assert_string_equal(r->reason, rows[i].reason);
        assert_int_equal(r->verdict, rows[i].verdict);
        assert_int_equal(r->bits, rows[i].bits);
        buffer_clear(&message);
    }
}

/* b= in the middle, with white space around it; the value has some inside as well. */
static void test_place_of_b(void **state)
{
    static const char *const fields[] = {
        "DKIM-Signature: b=$b; v=1; a=rsa-sha256; c=%s; d=example.org; s=r1; h=from; bh=$bh",
        "DKIM-Signature:\tv=1; a=rsa-sha256; c=%s; b = \r\n\t $b \r\n ; d=example.org; s=r1; h=from; bh=$bh;",
        "DKIM-Signature: v=1; a=rsa-sha256; c=%s; bh=$bh; d=example.org; s=r1; h=from;b=\t$b ",
        "DKIM-SIGNATURE : v=1;a=rsa-sha256;c=%s;xb=b=;d=example.org;s=r1;h=from;bh=$bh;\r\n b\r\n =$b;\r\n ",
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(fields) * 2; i++) {
        bool relaxed = i % 2 == 1;
        struct buffer field = BUFFER_INIT(1000), message = BUFFER_INIT(10000);
        struct slice format = slice_from(fields[i / 2]);
        size_t at = slice_find(format, SLICE("%s"));
        assert_true(buffer_append(&field, slice_head(format, at)));
        assert_true(buffer_append_text(&field, relaxed ? "relaxed" : "simple"));
        assert_true(buffer_append(&field, slice_skip(format, at + 2)));
        struct tool_signature s = {TOOL_RSA1024, relaxed, false, 0, "from", buffer_text(&field)};
        tool_sign(&message, &s, SLICE("From: a@example.org\r\n\r\nHello\r\n"));
        CHECK_ROW_TEXT(fields[i / 2], verify(buffer_slice(&message), 100)->reason, "");
        CHECK_ROW_TEXT(fields[i / 2], verdict_name(verify(buffer_slice(&message), 100)->verdict), "pass");
        buffer_clear(&field);
        buffer_clear(&message);
    }
}

/* RFC 8616: U-labels in d=, s= and i=, and a local part in UTF-8. */
static void test_international(void **state)
{
    struct buffer message = BUFFER_INIT(10000);
    struct tool_signature s = {TOOL_RSA1024,
                               true,
                               true,
                               0,
                               "from",
                               "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=B\xc3\xbc"
                               "cher.example;\r\n s=s\xc3\xa9lektor; i=j\xc3\xb6@post.b\xc3\xbc"
                               "cher.example; h=from; bh=$bh; b=$b"};
    (void)state;

    tool_sign(&message, &s,
              SLICE("From: j\xc3\xb6@b\xc3\xbc"
                    "cher.example\r\n\r\nHello\r\n"));
    const struct dkim_result *r = verify(buffer_slice(&message), 100);
    assert_string_equal(r->reason, "");
    assert_int_equal(r->verdict, VERDICT_PASS);
    assert_string_equal(r->domain, "xn--bcher-kva.example");
    assert_string_equal(r->selector, "xn--slektor-bya");
    assert_string_equal(r->identity, "j\xc3\xb6@post.b\xc3\xbc"
                                     "cher.example");
    buffer_clear(&message);
}

/* t=s in the key: no subdomain in i=. */
static void test_strict_identity(void **state)
{
    static const struct {
        const char *identity, *reason;
    } rows[] = {
        {"", ""},
        {"i=@example.org; ", ""},
        {"i=joe@Example.ORG; ", ""},
        {"i=@a.example.org; ",
         "the key at r1._domainkey.example.org cannot be used: its t=s allows no subdomain in i="},
    };
    char strict[1024];
    struct txt_table of_its_own = {0};
    (void)state;

    snprintf(strict, sizeof strict, "v=DKIM1; t=s; p=%s", tool_public(TOOL_RSA1024));
    txt_table_add(&of_its_own, "r1._domainkey.example.org", slice_from(strict));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer message = BUFFER_INIT(10000);
        struct dkim_result r[DKIM_SIGNATURES_MAX];
        char field[1000];
        struct tool_signature s =
            signature_by(field, sizeof field, TOOL_RSA1024, 3, "from", rows[i].identity);
        tool_sign(&message, &s, SLICE("From: a@example.org\r\n\r\nHello\r\n"));
        tool_verify(buffer_slice(&message), 100, txt_table_lookup(&of_its_own), 0, r);
        CHECK_ROW_TEXT(rows[i].identity, r[0].reason, rows[i].reason);
        CHECK_ROW(rows[i].identity,
                  r[0].verdict == (rows[i].reason[0] == '\0' ? VERDICT_PASS : VERDICT_PERMERROR));
        buffer_clear(&message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_ways),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_length_of_nothing),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_key_sizes),
        cmocka_unit_test(test_place_of_b),
        cmocka_unit_test(test_international),
        cmocka_unit_test(test_strict_identity),
    };
    return cmocka_run_group_tests_name("dkim signed", tests, publish, NULL);
}
