/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "common/auth/bodyhash.h"
#include "common/auth/field_index.h"
#include "common/base/clock.h"
#include "tests/unit/dkim_tool.h"

static const char *const canon_name[] = {"simple", "relaxed"};

static void collect(void *context, struct slice bytes)
{
    assert_true(bytes.len > 0);
    assert_true(buffer_append(context, bytes));
}

static void body_in_pieces(enum canon canon, struct slice body, size_t piece, struct buffer *out)
{
    struct canon_body b;

    buffer_reset(out);
    canon_body_init(&b, canon, (struct canon_sink){collect, out});
    for (; body.len > 0; body = slice_skip(body, piece))
        canon_body_feed(&b, slice_head(body, piece));
    canon_body_end(&b);
}

static void test_body(void **state)
{
    static const struct {
        const char *name;
        struct slice body, simple, relaxed;
    } rows[] = {
        {"RFC 6376 section 3.4.5", SLICE(" C \r\nD \t E\r\n\r\n\r\n"), SLICE(" C \r\nD \t E\r\n"),
         SLICE(" C\r\nD E\r\n")},
        {"empty", SLICE(""), SLICE("\r\n"), SLICE("")},
        {"one line end", SLICE("\r\n"), SLICE("\r\n"), SLICE("")},
        {"many line ends", SLICE("\r\n\r\n\n\n\r\n"), SLICE("\r\n"), SLICE("")},
        {"blanks alone", SLICE(" \t "), SLICE(" \t \r\n"), SLICE("")},
        {"lines of blanks", SLICE(" \r\n\t\r\n"), SLICE(" \r\n\t\r\n"), SLICE("")},
        {"no line end", SLICE("a"), SLICE("a\r\n"), SLICE("a\r\n")},
        {"no line end behind blanks", SLICE("a \t"), SLICE("a \t\r\n"), SLICE("a\r\n")},
        {"LF", SLICE("a\n\nb\n"), SLICE("a\r\n\r\nb\r\n"), SLICE("a\r\n\r\nb\r\n")},
        {"LF and CRLF", SLICE("a\r\nb\nc\r\n\n"), SLICE("a\r\nb\r\nc\r\n"), SLICE("a\r\nb\r\nc\r\n")},
        {"empty lines first", SLICE("\r\n\r\na\r\n"), SLICE("\r\n\r\na\r\n"), SLICE("\r\n\r\na\r\n")},
        {"blank lines inside", SLICE("a\r\n \t\r\nb\r\n"), SLICE("a\r\n \t\r\nb\r\n"),
         SLICE("a\r\n\r\nb\r\n")},
        {"blanks first", SLICE("\t a\r\n  b"), SLICE("\t a\r\n  b\r\n"), SLICE(" a\r\n b\r\n")},
        {"runs of blanks", SLICE("a  b\tc \td\r\n"), SLICE("a  b\tc \td\r\n"), SLICE("a b c d\r\n")},
        {"bare CR", SLICE("a\rb\r\n"), SLICE("a\rb\r\n"), SLICE("a\rb\r\n")},
        {"CR before CRLF", SLICE("a\r\r\n"), SLICE("a\r\r\n"), SLICE("a\r\r\n")},
        {"blank, then a bare CR", SLICE("a \r b\r\n"), SLICE("a \r b\r\n"), SLICE("a \r b\r\n")},
        {"CR at the end", SLICE("a\r"), SLICE("a\r\r\n"), SLICE("a\r\r\n")},
        {"line end, then CR at the end", SLICE("a\r\n\r"), SLICE("a\r\n\r\r\n"), SLICE("a\r\n\r\r\n")},
        {"NUL and high bytes", SLICE("\0 \0\r\n\xff\t\xfe\r\n"), SLICE("\0 \0\r\n\xff\t\xfe\r\n"),
         SLICE("\0 \0\r\n\xff \xfe\r\n")},
        {"other white space stays", SLICE("a\v\f\r\n"), SLICE("a\v\f\r\n"), SLICE("a\v\f\r\n")},
        {"dots are not stuffed", SLICE("..\r\n.\r\n"), SLICE("..\r\n.\r\n"), SLICE("..\r\n.\r\n")},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer out = BUFFER_INIT(100);
        for (size_t piece = 1; piece < 9; piece++) {
            body_in_pieces(CANON_SIMPLE, rows[i].body, piece, &out);
            CHECK_ROW(rows[i].name, slice_eq(buffer_slice(&out), rows[i].simple));
            body_in_pieces(CANON_RELAXED, rows[i].body, piece, &out);
            CHECK_ROW(rows[i].name, slice_eq(buffer_slice(&out), rows[i].relaxed));
        }
        buffer_clear(&out);
    }
}

/* Bodies of random white space and text, in random pieces, against the long way round. */
static void test_body_as_by_hand(void **state)
{
    static const char *const parts[] = {" ",  "\t", "\r\n",     "\n",   "\r",   "a",
                                        "bc", "  ", "\r\n\r\n", "\xc3", " \r\n"};
    struct buffer body = BUFFER_INIT(4000), out = BUFFER_INIT(8000), by_hand = BUFFER_INIT(8000);
    (void)state;

    srand(6376);
    for (int i = 0; i < 3000; i++) {
        enum canon canon = i % 2 == 0 ? CANON_SIMPLE : CANON_RELAXED;
        buffer_reset(&body);
        buffer_reset(&by_hand);
        for (int k = rand() % 40; k > 0; k--)
            assert_true(buffer_append_text(&body, parts[(size_t)rand() % COUNT_OF(parts)]));
        body_in_pieces(canon, buffer_slice(&body), 1 + (size_t)rand() % 9, &out);
        tool_canon_body(canon == CANON_RELAXED, buffer_slice(&body), &by_hand);
        if (!slice_eq(buffer_slice(&out), buffer_slice(&by_hand)))
            fail_msg("%s: \"%s\" became \"%s\", by hand \"%s\"", canon_name[canon], buffer_text(&body),
                     buffer_text(&out), buffer_text(&by_hand));
    }
    buffer_clear(&body);
    buffer_clear(&out);
    buffer_clear(&by_hand);
}

static void field_canon(enum canon canon, struct slice raw, bool line_end, struct buffer *out)
{
    struct header_field field;

    buffer_reset(out);
    assert_true(header_next(&raw, &field));
    canon_field(canon, &field, line_end, (struct canon_sink){collect, out});
}

static void test_field(void **state)
{
    static const struct {
        const char *name;
        struct slice field, simple, relaxed;
    } rows[] = {
        {"RFC 6376 section 3.4.5, A", SLICE("A: X\r\n"), SLICE("A: X"), SLICE("a:X")},
        {"RFC 6376 section 3.4.5, B", SLICE("B : Y\t\r\n\tZ  \r\n"), SLICE("B : Y\t\r\n\tZ  "),
         SLICE("b:Y Z")},
        {"LF", SLICE("A: x\n y\n"), SLICE("A: x\r\n y"), SLICE("a:x y")},
        {"no line end", SLICE("A: x"), SLICE("A: x"), SLICE("a:x")},
        {"empty value", SLICE("A:\r\n"), SLICE("A:"), SLICE("a:")},
        {"value of blanks", SLICE("A: \t\r\n"), SLICE("A: \t"), SLICE("a:")},
        {"folds of blanks", SLICE("A: \r\n \r\n\t\r\n"), SLICE("A: \r\n \r\n\t"), SLICE("a:")},
        {"value in the second line", SLICE("A:\r\n x\r\n"), SLICE("A:\r\n x"), SLICE("a:x")},
        {"blank lines around", SLICE("A: \r\n \r\n x\r\n \r\n"), SLICE("A: \r\n \r\n x\r\n "), SLICE("a:x")},
        {"runs of blanks", SLICE("Subject:  a \t b\r\n"), SLICE("Subject:  a \t b"), SLICE("subject:a b")},
        {"blanks before the colon", SLICE("A \t : x\r\n"), SLICE("A \t : x"), SLICE("a:x")},
        {"colons in the value", SLICE("A: : b:c :\r\n"), SLICE("A: : b:c :"), SLICE("a:: b:c :")},
        {"bare CR", SLICE("A: \rx\ry\r\r\n"), SLICE("A: \rx\ry\r"), SLICE("a:\rx\ry\r")},
        {"NUL and high bytes", SLICE("A: \0 \xff\r\n"), SLICE("A: \0 \xff"), SLICE("a:\0 \xff")},
        {"a name longer than what is written at once",
         SLICE("ABCDEFGHIJKLMNOPQRSTUVWXYZ-ABCDEFGHIJKLMNOPQRSTUVWXYZ-ABCDEFGHIJKLMNOPQRSTUVWXYZ: x\r\n"),
         SLICE("ABCDEFGHIJKLMNOPQRSTUVWXYZ-ABCDEFGHIJKLMNOPQRSTUVWXYZ-ABCDEFGHIJKLMNOPQRSTUVWXYZ: x"),
         SLICE("abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz:x")},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer out = BUFFER_INIT(100);
        field_canon(CANON_SIMPLE, rows[i].field, false, &out);
        CHECK_ROW(rows[i].name, slice_eq(buffer_slice(&out), rows[i].simple));
        field_canon(CANON_RELAXED, rows[i].field, false, &out);
        CHECK_ROW(rows[i].name, slice_eq(buffer_slice(&out), rows[i].relaxed));
        field_canon(CANON_RELAXED, rows[i].field, true, &out);
        CHECK_ROW(rows[i].name, out.len == rows[i].relaxed.len + 2);
        CHECK_ROW(rows[i].name, slice_ends_nocase(buffer_slice(&out), SLICE("\r\n")));
        buffer_clear(&out);
    }
}

/* Values longer than what relaxed writes at once. */
static void test_long_lines(void **state)
{
    struct buffer raw = BUFFER_INIT(9000), out = BUFFER_INIT(9000), by_hand = BUFFER_INIT(9000);
    (void)state;

    for (size_t n = 100; n < 300; n++) {
        buffer_reset(&raw);
        buffer_reset(&by_hand);
        assert_true(buffer_append_text(&raw, "A: "));
        for (size_t i = 0; i < n; i++)
            assert_true(buffer_append_text(&raw, i % 2 == 0 ? "x" : "\t "));
        assert_true(buffer_append_text(&raw, "\r\n"));
        field_canon(CANON_RELAXED, buffer_slice(&raw), true, &out);
        tool_canon_field(true, buffer_slice(&raw), &by_hand);
        assert_string_equal(buffer_text(&out), buffer_text(&by_hand));
    }
    buffer_clear(&raw);
    buffer_clear(&out);
    buffer_clear(&by_hand);
}

static void test_hash_limits(void **state)
{
    static const unsigned long long limits[] = {0,     1,     2,     16383, 16384,         16385,
                                                20000, 39999, 40000, 40001, BODYHASH_WHOLE};
    struct buffer body = BUFFER_INIT(50000);
    struct bodyhash *set = NULL;
    (void)state;

    for (int i = 0; i < 20000; i++)
        assert_true(buffer_append_text(&body, i % 40 == 39 ? "\r\n" : "ab"));
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < COUNT_OF(limits); i++)
            assert_true(
                bodyhash_want(&set, CANON_SIMPLE, limits[i])); /* the second time it is there already */
    for (struct slice rest = buffer_slice(&body); rest.len > 0; rest = slice_skip(rest, 777))
        bodyhash_feed(set, slice_head(rest, 777));
    bodyhash_end(set);
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        unsigned char digest[32];
        unsigned long long length = 0;
        size_t n = limits[i] < body.len ? (size_t)limits[i] : body.len;
        const unsigned char *hash = bodyhash_get(set, CANON_SIMPLE, limits[i], &length);
        assert_non_null(hash);
        assert_int_equal(length, body.len);
        assert_int_equal(EVP_Digest(body.data, n, digest, NULL, EVP_sha256(), NULL), 1);
        assert_memory_equal(hash, digest, sizeof digest);
    }
    unsigned long long length;
    assert_null(bodyhash_get(set, CANON_SIMPLE, 3, &length));
    assert_null(bodyhash_get(set, CANON_RELAXED, 0, &length));
    for (unsigned long long limit = 100; limit < 100 + BODYHASH_LIMITS_MAX - COUNT_OF(limits); limit++)
        assert_true(bodyhash_want(&set, CANON_SIMPLE, limit));
    assert_false(bodyhash_want(&set, CANON_SIMPLE, 99));
    bodyhash_free(&set);
    assert_null(set);
    bodyhash_feed(set, SLICE("nobody asks"));
    bodyhash_end(set);
    buffer_clear(&body);
}

/* A body of a hundred million line ends and one of words: neither memory nor time beyond one look at each
 * byte. */
static void test_endless_lines(void **state)
{
    static const char *const parts[] = {"\r\n", "\t \n", "a\t", "a ", "  a", "\r"};
    struct buffer piece = BUFFER_INIT(1 << 20);
    (void)state;

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        struct bodyhash *set = NULL;
        struct timespec start = clock_now();
        buffer_reset(&piece);
        while (buffer_append_text(&piece, parts[i]))
            ;
        assert_true(bodyhash_want(&set, CANON_RELAXED, BODYHASH_WHOLE));
        assert_true(bodyhash_want(&set, CANON_SIMPLE, 7));
        for (int k = 0; k < 4; k++)
            bodyhash_feed(set, buffer_slice(&piece));
        bodyhash_feed(set, SLICE("x"));
        bodyhash_end(set);
        bodyhash_free(&set);
        CHECK_ROW(parts[i], clock_since(start) < 20); /* 0.05 s; under valgrind 3 s */
    }
    buffer_clear(&piece);
}

static void test_field_index(void **state)
{
    static const char header[] = "A: 1\r\nB: 2\r\na: 3\r\nnonsense\r\nA : 4\r\nAB: 5\r\n\r\nA: body\r\n";
    static const struct {
        const char *name;
        size_t except;
        struct slice names;
        const char *values; /* of what was taken; "-": nothing */
    } rows[] = {
        {"from the bottom up", 99, SLICE("a a A a"), "4 3 1 -"},
        {"each once", 99, SLICE("b b ab a"), "2 - 5 4"},
        {"none of that name", 99, SLICE("c : abc"), "- - -"},
        {"but one", 2, SLICE("a a a"), "4 1 -"},
        {"but the only one", 1, SLICE("b ab"), "- 5"},
        {"but the lowest", 3, SLICE("a a a"), "3 1 -"},
    };
    struct field_index *index = field_index_new(slice_from(header));
    (void)state;

    assert_non_null(index);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer out = BUFFER_INIT(100);
        struct slice rest = rows[i].names, name;
        struct header_field field;
        field_index_restart(index, rows[i].except);
        while (slice_next_word(&rest, &name)) {
            bool found = field_index_take(index, name, &field);
            struct slice value = found ? slice_trim(field.value) : SLICE("-");
            assert_true(buffer_printf(&out, "%s%.*s", out.len == 0 ? "" : " ", SLICE_ARG(value)));
        }
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&out), rows[i].values);
        buffer_clear(&out);
    }
    field_index_free(&index);
    assert_null(index);
}

/* Names: all the same; different; long and different at their ends. */
enum { NAMES_SAME, NAMES_SHORT, NAMES_LONG, NAMES_KINDS };

static void print_name(char *out, size_t size, int kind, unsigned n)
{
    snprintf(out, size, kind == NAMES_LONG ? "%070u" : "a%.0u", kind == NAMES_SAME ? 0 : n);
}

/* A megabyte of fields, and as many questions. */
static void test_field_index_is_fast(void **state)
{
    (void)state;

    for (int kind = 0; kind < NAMES_KINDS; kind++) {
        struct buffer header = BUFFER_INIT(1 << 20);
        struct header_field field;
        char name[100];
        unsigned n = 0;
        struct timespec start = clock_now();
        for (bool room = true; room; n += room) {
            print_name(name, sizeof name, kind, n);
            room = buffer_printf(&header, "%s:\n", name);
        }
        struct field_index *index = field_index_new(buffer_slice(&header));
        assert_non_null(index);
        field_index_restart(index, n);
        for (unsigned k = 0; k < n; k++) {
            print_name(name, sizeof name, kind, k);
            assert_true(field_index_take(index, slice_from(name), &field));
        }
        assert_false(field_index_take(index, slice_from(name), &field));
        assert_true(clock_since(start) < 20); /* 0.1 s; under valgrind 4 s; quadratic: minutes */
        field_index_free(&index);
        buffer_clear(&header);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_body),        cmocka_unit_test(test_body_as_by_hand),
        cmocka_unit_test(test_field),       cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_hash_limits), cmocka_unit_test(test_endless_lines),
        cmocka_unit_test(test_field_index), cmocka_unit_test(test_field_index_is_fast),
    };
    return cmocka_run_group_tests_name("canon", tests, NULL, NULL);
}
