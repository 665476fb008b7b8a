/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/net/imap_parse.h"

static void test_tokens(void **state)
{
    static const struct {
        const char *name;
        struct slice in;
        const char *out; /* each token: a letter for its kind, and its text */
    } rows[] = {
        {"empty", SLICE(""), ""},
        {"blanks", SLICE("  \t "), ""},
        {"atoms and flags", SLICE("INBOX \\Seen $Junk NIL"), "aINBOX a\\Seen a$Junk aNIL "},
        {"list", SLICE("(a (b)c)"), "( aa ( ab ) ac ) "},
        {"quoted", SLICE("\"a b\"\"\""), "qa b q "},
        {"escaped", SLICE("\"a\\\"b\\\\\" x"), "qa\"b\\ ax "},
        {"quote without end", SLICE("\"abc"), "! "},
        {"quote ends in a backslash", SLICE("\"abc\\"), "! "},
        {"literal", SLICE("{5}\r\na\"(b) c"), "la\"(b) ac "},
        {"empty literal", SLICE("{0}\r\n)"), "l ) "},
        {"literal8", SLICE("~{2}\r\nab x"), "lab ax "},
        {"literal, non-synchronizing", SLICE("{2+}\r\nab"), "lab "},
        {"literal cut", SLICE("{9}\r\nab"), "! "},
        {"literal of more than can be", SLICE("{99999999999999999999999}\r\nab"),
         "a{99999999999999999999999} aab "},
        {"brace that is none", SLICE("{a}b"), "a{a}b "},
        {"nul in a literal", SLICE("{3}\r\na\0b"), "la"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer out = BUFFER_INIT(1000);
        struct slice rest = rows[i].in;
        struct imap_token token;
        while (imap_next(&rest, &token) != IMAP_END) {
            buffer_append_char(&out, "eaql()!"[token.kind]);
            imap_token_text(&token, &out);
            buffer_append_char(&out, ' ');
            if (token.kind == IMAP_BROKEN)
                CHECK_ROW(rows[i].name, rest.len == 0);
        }
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&out), rows[i].out);
        buffer_clear(&out);
    }
}

static void test_skip(void **state)
{
    static const struct {
        const char *name;
        struct slice in;
        bool ok;
        const char *rest;
    } rows[] = {
        {"atom", SLICE("a b"), true, " b"},
        {"string", SLICE("\"a)\" b"), true, " b"},
        {"list", SLICE("(a (b {1}\r\n)) c) d"), true, " d"},
        {"end", SLICE(""), false, ""},
        {"closing", SLICE(") a"), false, " a"},
        {"list without end", SLICE("((a)"), false, ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice rest = rows[i].in;
        CHECK_ROW(rows[i].name, imap_skip(&rest) == rows[i].ok);
        CHECK_ROW(rows[i].name, slice_eq(rest, slice_from(rows[i].rest)));
    }
    /* a deep nest costs time, not stack */
    struct buffer deep = BUFFER_INIT(1 << 20);
    while (buffer_append_char(&deep, '('))
        ;
    struct slice rest = buffer_slice(&deep);
    assert_false(imap_skip(&rest));
    buffer_clear(&deep);
}

static void test_status_responses(void **state)
{
    static const struct {
        const char *name;
        const char *in;
        bool ok;
        enum imap_kind kind;
        const char *tag;
        enum imap_status status;
        const char *code, *text;
    } rows[] = {
        {"tagged", "A7 OK done", true, IMAP_STATUS, "A7", IMAP_OK, "", "done"},
        {"no text", "A7 OK", true, IMAP_STATUS, "A7", IMAP_OK, "", ""},
        {"code", "A7 NO [AUTHENTICATIONFAILED] no", true, IMAP_STATUS, "A7", IMAP_NO, "AUTHENTICATIONFAILED",
         "[AUTHENTICATIONFAILED] no"},
        {"case", "A7 no [nonexistent] x", true, IMAP_STATUS, "A7", IMAP_NO, "nonexistent", "[nonexistent] x"},
        {"code with quoted bracket", "* OK [X \"]\\\"]\" y] z", true, IMAP_STATUS, "", IMAP_OK,
         "X \"]\\\"]\" y", "[X \"]\\\"]\" y] z"},
        {"code without end", "* OK [UIDNEXT 5", true, IMAP_STATUS, "", IMAP_OK, "", "[UIDNEXT 5"},
        {"bye", "* BYE late", true, IMAP_STATUS, "", IMAP_BYE, "", "late"},
        {"preauth", "* PREAUTH hello", true, IMAP_STATUS, "", IMAP_PREAUTH, "", "hello"},
        {"bad", "A1 BAD User is authenticated but not connected.", true, IMAP_STATUS, "A1", IMAP_BAD, "",
         "User is authenticated but not connected."},
        {"continuation", "+ cGxlYXNl", true, IMAP_CONTINUE, "", IMAP_OK, "", "cGxlYXNl"},
        {"continuation, bare", "+", true, IMAP_CONTINUE, "", IMAP_OK, "", ""},
        {"continuation without blank", "+idling", true, IMAP_CONTINUE, "", IMAP_OK, "", "idling"},
        {"data", "* 5 EXISTS", true, IMAP_DATA, "", IMAP_OK, "", ""},
        {"empty", "", false, 0, "", 0, "", ""},
        {"star alone", "*", false, 0, "", 0, "", ""},
        {"number alone", "* 5", false, 0, "", 0, "", ""},
        {"tag alone", "A7", false, 0, "", 0, "", ""},
        {"tagged data", "A7 5 EXISTS", false, 0, "", 0, "", ""},
        {"smtp", "220 mx.example ESMTP", false, 0, "", 0, "", ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct imap_response r;
        CHECK_ROW(rows[i].name, imap_response_parse(slice_from(rows[i].in), &r) == rows[i].ok);
        if (!rows[i].ok)
            continue;
        CHECK_ROW(rows[i].name, r.kind == rows[i].kind);
        CHECK_ROW(rows[i].name, slice_eq(r.tag, slice_from(rows[i].tag)));
        CHECK_ROW(rows[i].name, slice_eq(r.code, slice_from(rows[i].code)));
        CHECK_ROW(rows[i].name, slice_eq(r.text, slice_from(rows[i].text)));
        CHECK_ROW(rows[i].name, r.kind != IMAP_STATUS || r.status == rows[i].status);
    }
}

static void test_literal_at_end(void **state)
{
    static const struct {
        const char *line;
        bool ok;
        unsigned long long length;
        size_t mark;
    } rows[] = {
        {"* 1 FETCH (BODY[] {310}", true, 310, 18},
        {"x {0}", true, 0, 2},
        {"x ~{7}", true, 7, 2},
        {"x {7+}", true, 7, 2},
        {"{2147483648}", true, 2147483648, 0},
        {"{18446744073709551616}", false, 0, 0},
        {"{}", false, 0, 0},
        {"{-1}", false, 0, 0},
        {"{1", false, 0, 0},
        {"1}", false, 0, 0},
        {"", false, 0, 0},
        {"}", false, 0, 0},
        {"{+}", false, 0, 0},
        {"{1} ", false, 0, 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        unsigned long long length = 0;
        size_t mark = 0;
        CHECK_ROW(rows[i].line, imap_literal_at_end(slice_from(rows[i].line), &length, &mark) == rows[i].ok);
        CHECK_ROW(rows[i].line, length == rows[i].length && mark == rows[i].mark);
    }
    assert_true(imap_may_have_literal(SLICE("* LIST () \"/\" {5}")));
    assert_false(imap_may_have_literal(SLICE("* OK see {5}")));
    assert_false(imap_may_have_literal(SLICE("A1 NO see {5}")));
    assert_false(imap_may_have_literal(SLICE("+ {5}")));
}

static void test_fetch(void **state)
{
    static const struct {
        const char *name;
        const char *in;
        bool ok;
        uint32_t uid;
        long long date;   /* < 0: none */
        long long size;   /* < 0: none */
        const char *body; /* NULL: none */
    } rows[] = {
        {"all",
         "* 3 FETCH (UID 7 INTERNALDATE \" 1-Feb-2026 10:00:00 +0100\" RFC822.SIZE 310 BODY[HEADER] "
         "{5}\r\na: b\n)",
         true, 7, 1769936400, 310, "a: b\n"},
        {"body first, quoted", "* 3 FETCH (BODY[HEADER] \"a: \\\"b\\\"\" UID 7)", true, 7, -1, -1,
         "a: \"b\""},
        {"fields in the name", "* 3 FETCH (BODY[HEADER.FIELDS (SUBJECT \"X-A)]\")] {2}\r\nab UID 9)", true, 9,
         -1, -1, "ab"},
        {"partial", "* 3 FETCH (UID 9 BODY[]<0> {2}\r\nab)", true, 9, -1, -1, "ab"},
        {"lower case", "* 3 fetch (uid 9 body[header]<0> {2}\r\nab)", true, 9, -1, -1, "ab"},
        {"nil body", "* 3 FETCH (UID 9 BODY[HEADER] NIL)", true, 9, -1, -1, NULL},
        {"old name", "* 3 FETCH (UID 9 RFC822.HEADER {2}\r\nab)", true, 9, -1, -1, "ab"},
        {"unknown items",
         "* 3 FETCH (X-GM-LABELS (\"\\\\Inbox\" a) MODSEQ (5) FLAGS (\\Seen \\Recent) ENVELOPE (NIL ((NIL "
         "NIL \"a\" \"b\"))) UID 9)",
         true, 9, -1, -1, NULL},
        {"flags only", "* 3 FETCH (FLAGS (\\Seen))", true, 0, -1, -1, NULL},
        {"empty", "* 3 FETCH ()", true, 0, -1, -1, NULL},
        {"highest uid", "* 4294967295 FETCH (UID 4294967295)", true, 4294967295U, -1, -1, NULL},
        {"uid too large", "* 3 FETCH (UID 4294967296)", true, 0, -1, -1, NULL},
        {"uid negative", "* 3 FETCH (UID -1)", true, 0, -1, -1, NULL},
        {"date that is none", "* 3 FETCH (UID 9 INTERNALDATE \"yesterday\")", true, 9, -1, -1, NULL},
        {"date nil", "* 3 FETCH (UID 9 INTERNALDATE NIL)", true, 9, -1, -1, NULL},
        {"size negative", "* 3 FETCH (UID 9 RFC822.SIZE -5)", true, 9, -1, -1, NULL},
        {"no list", "* 3 FETCH UID 9", false, 0, -1, -1, NULL},
        {"list without end", "* 3 FETCH (UID 9", false, 0, -1, -1, NULL},
        {"name without value", "* 3 FETCH (UID)", false, 0, -1, -1, NULL},
        {"bracket without end", "* 3 FETCH (UID 9 BODY[HEADER {2}\r\nab)", false, 0, -1, -1, NULL},
        {"no number", "* FETCH (UID 9)", false, 0, -1, -1, NULL},
        {"other", "* 3 EXISTS", false, 0, -1, -1, NULL},
        {"status", "* OK FETCH", false, 0, -1, -1, NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct imap_response r;
        struct imap_fetch f;
        struct buffer body = BUFFER_INIT(100);
        CHECK_ROW(rows[i].name, imap_response_parse(slice_from(rows[i].in), &r));
        CHECK_ROW(rows[i].name, imap_fetch_parse(&r, &f) == rows[i].ok);
        if (!rows[i].ok)
            continue;
        CHECK_ROW(rows[i].name, f.uid == rows[i].uid);
        CHECK_ROW(rows[i].name, f.dated == (rows[i].date >= 0));
        CHECK_ROW(rows[i].name, !f.dated || f.internal_date == rows[i].date);
        CHECK_ROW(rows[i].name, f.sized == (rows[i].size >= 0));
        CHECK_ROW(rows[i].name, !f.sized || f.size == (unsigned long long)rows[i].size);
        CHECK_ROW(rows[i].name, f.has_body == (rows[i].body != NULL));
        if (f.has_body)
            imap_token_text(&f.body, &body);
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&body), rows[i].body == NULL ? "" : rows[i].body);
        buffer_clear(&body);
    }
}

static void test_list(void **state)
{
    static const struct {
        const char *name;
        const char *in;
        bool ok, selectable, junk, trash;
        char delimiter;
        const char *folder;
    } rows[] = {
        {"plain", "* LIST (\\HasNoChildren) \"/\" INBOX", true, true, false, false, '/', "INBOX"},
        {"junk, any case", "* LIST (\\JUNK \\hasnochildren) \".\" \"Spam bin\"", true, true, true, false, '.',
         "Spam bin"},
        {"old xlist", "* XLIST (\\Spam) \"/\" \"[Gmail]/Spam\"", true, true, true, false, '/',
         "[Gmail]/Spam"},
        {"trash", "* LIST (\\Trash) \"/\" \"[Gmail]/Papierkorb\"", true, true, false, true, '/',
         "[Gmail]/Papierkorb"},
        {"noselect", "* LIST (\\NoSelect) \"/\" \"[Gmail]\"", true, false, false, false, '/', "[Gmail]"},
        {"nonexistent", "* LIST (\\NonExistent) \"/\" a", true, false, false, false, '/', "a"},
        {"flat", "* LIST () NIL a", true, true, false, false, 0, "a"},
        {"quotes and backslash", "* LIST () \"\\\\\" \"a \\\"b\\\\c\\\"\"", true, true, false, false, '\\',
         "a \"b\\c\""},
        {"literal", "* LIST () \"/\" {7}\r\na \"b\" {", true, true, false, false, '/', "a \"b\" {"},
        {"name with bracket", "* LIST () \"/\" a[b", true, true, false, false, '/', "a[b"},
        {"extended data", "* LIST (\\Junk) \"/\" Junk (\"CHILDINFO\" (\"SUBSCRIBED\"))", true, true, true,
         false, '/', "Junk"},
        {"no flags", "* LIST \"/\" a", false, false, false, false, 0, ""},
        {"no name", "* LIST () \"/\"", false, false, false, false, 0, ""},
        {"list for a name", "* LIST () \"/\" (a)", false, false, false, false, 0, ""},
        {"other", "* STATUS a (MESSAGES 1)", false, false, false, false, 0, ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct imap_response r;
        struct imap_list list;
        struct buffer folder = BUFFER_INIT(100);
        CHECK_ROW(rows[i].name, imap_response_parse(slice_from(rows[i].in), &r));
        CHECK_ROW(rows[i].name, imap_list_parse(&r, &list) == rows[i].ok);
        if (!rows[i].ok)
            continue;
        CHECK_ROW(rows[i].name, imap_token_text(&list.name, &folder));
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&folder), rows[i].folder);
        CHECK_ROW(rows[i].name, list.selectable == rows[i].selectable);
        CHECK_ROW(rows[i].name, list.junk == rows[i].junk && list.trash == rows[i].trash);
        CHECK_ROW(rows[i].name, list.delimiter == rows[i].delimiter);
        buffer_clear(&folder);
    }
}

static void test_status(void **state)
{
    static const struct {
        const char *name;
        const char *in;
        bool ok, counted;
        uint32_t messages, uidnext, uidvalidity;
    } rows[] = {
        {"all", "* STATUS \"a b\" (MESSAGES 231 UIDNEXT 44292 UIDVALIDITY 7)", true, true, 231, 44292, 7},
        {"blank at the end", "* STATUS INBOX (MESSAGES 0 ) ", true, true, 0, 0, 0},
        {"unknown items", "* STATUS INBOX (X (1 2) UIDNEXT 5)", true, false, 0, 5, 0},
        {"highest", "* STATUS INBOX (UIDNEXT 4294967295)", true, false, 0, 4294967295U, 0},
        {"negative", "* STATUS INBOX (UIDNEXT -1 MESSAGES 3)", true, true, 3, 0, 0},
        {"nothing", "* STATUS INBOX ()", true, false, 0, 0, 0},
        {"no list", "* STATUS INBOX MESSAGES 3", false, false, 0, 0, 0},
        {"cut", "* STATUS INBOX (MESSAGES", false, false, 0, 0, 0},
        {"no name", "* STATUS (MESSAGES 3)", false, false, 0, 0, 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct imap_response r;
        struct imap_status_data s;
        CHECK_ROW(rows[i].name, imap_response_parse(slice_from(rows[i].in), &r));
        CHECK_ROW(rows[i].name, imap_status_parse(&r, &s) == rows[i].ok);
        if (!rows[i].ok)
            continue;
        CHECK_ROW(rows[i].name, s.counted == rows[i].counted && s.messages == rows[i].messages);
        CHECK_ROW(rows[i].name, s.uidnext == rows[i].uidnext && s.uidvalidity == rows[i].uidvalidity);
    }
}

static void test_search(void **state)
{
    static const struct {
        const char *name;
        const char *in;
        bool ok;
        const char *numbers;
    } rows[] = {
        {"some", "* SEARCH 2 3 4294967295", true, "2 3 4294967295 "},
        {"none", "* SEARCH", true, ""},
        {"none, with a blank", "* SEARCH ", true, ""},
        {"stops at nonsense", "* SEARCH 2 x 3", true, "2 "},
        {"stops at modseq", "* SEARCH 2 3 (MODSEQ 9)", true, "2 3 "},
        {"negative", "* SEARCH -2", true, ""},
        {"esearch", "* ESEARCH (TAG \"A2\") UID ALL 2,10:12,9:8", true, "2 10 11 12 8 9 "},
        {"esearch with more", "* ESEARCH (TAG \"A2\") UID MIN 2 COUNT 3 ALL 2", true, "2 "},
        {"esearch none", "* ESEARCH (TAG \"A2\") UID", true, ""},
        {"esearch bare", "* ESEARCH", true, ""},
        {"esearch at the end", "* ESEARCH ALL 4294967294:4294967295", true, "4294967294 4294967295 "},
        {"esearch nonsense", "* ESEARCH ALL 1,x,3", true, "1 "},
        {"esearch without its set", "* ESEARCH ALL", false, ""},
        {"esearch broken", "* ESEARCH (TAG", false, ""},
        {"other", "* SORT 2 3", false, ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct imap_response r;
        struct imap_numbers numbers;
        struct buffer out = BUFFER_INIT(1000);
        uint32_t n;
        CHECK_ROW(rows[i].name, imap_response_parse(slice_from(rows[i].in), &r));
        CHECK_ROW(rows[i].name, imap_search_parse(&r, &numbers) == rows[i].ok);
        while (rows[i].ok && imap_numbers_next(&numbers, &n))
            buffer_printf(&out, "%u ", n);
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&out), rows[i].numbers);
        buffer_clear(&out);
    }
}

/* What a server claims to have found must not keep us for minutes. */
static void test_search_below(void **state)
{
    struct imap_response r;
    struct imap_numbers numbers;
    struct buffer out = BUFFER_INIT(1000);
    uint32_t n;
    (void)state;

    assert_true(
        imap_response_parse(SLICE("* ESEARCH ALL 1:4294967295,2:4294967295,4:4294967295,4294967295,3"), &r));
    assert_true(imap_search_parse(&r, &numbers));
    numbers.below = 4;
    while (imap_numbers_next(&numbers, &n))
        buffer_printf(&out, "%u ", n);
    assert_string_equal(buffer_text(&out), "1 2 3 2 3 3 ");
    buffer_clear(&out);
}

static void test_quota(void **state)
{
    static const struct {
        const char *name;
        const char *in;
        double percent; /* < 0: none */
    } rows[] = {
        {"storage", "* QUOTA \"\" (STORAGE 10 512)", 1.953125},
        {"the fuller", "* QUOTA \"User quota\" (STORAGE 10 100 MESSAGE 1 2)", 50},
        {"over", "* QUOTA \"\" (STORAGE 300 100)", 300},
        {"unlimited", "* QUOTA \"\" (STORAGE 300 0)", -1},
        {"empty", "* QUOTA \"\" ()", -1},
        {"broken", "* QUOTA \"\" (STORAGE x 5)", -1},
        {"cut", "* QUOTA \"\" (STORAGE 1", -1},
        {"root", "* QUOTAROOT INBOX \"\"", -1},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct imap_response r;
        double percent = -1;
        CHECK_ROW(rows[i].name, imap_response_parse(slice_from(rows[i].in), &r));
        CHECK_ROW(rows[i].name, imap_quota_parse(&r, &percent) == (rows[i].percent >= 0));
        CHECK_ROW(rows[i].name, rows[i].percent < 0 || percent == rows[i].percent);
    }
}

static void test_code(void **state)
{
    struct slice argument = SLICE("before");
    (void)state;

    assert_true(imap_code_is(SLICE("uidnext 5 "), SLICE("UIDNEXT"), &argument));
    assert_true(slice_eq(argument, SLICE("5")));
    assert_false(imap_code_is(SLICE("UIDNEXTX 5"), SLICE("UIDNEXT"), &argument));
    assert_false(imap_code_is(SLICE(""), SLICE("UIDNEXT"), NULL));
    assert_true(imap_code_is(SLICE("ALERT"), SLICE("ALERT"), NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_skip),
        cmocka_unit_test(test_status_responses),
        cmocka_unit_test(test_literal_at_end),
        cmocka_unit_test(test_fetch),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_search),
        cmocka_unit_test(test_search_below),
        cmocka_unit_test(test_quota),
        cmocka_unit_test(test_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
