/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "common/dns/message.h"

enum { WIRE_MAX = 2048, CNAME = 5, RRSIG = 46 };

/* A message under construction; names end in \0 by the literal's own. */
struct wire {
    unsigned char data[WIRE_MAX];
    size_t length;
};

#define BYTES(literal) (literal), sizeof(literal) - 1
#define NAME(literal)  (literal), sizeof(literal)

static void add(struct wire *w, const void *data, size_t length)
{
    assert_true(length <= sizeof w->data - w->length);
    memcpy(w->data + w->length, data, length);
    w->length += length;
}

static void add16(struct wire *w, unsigned value)
{
    unsigned char bytes[] = {(unsigned char)(value >> 8), (unsigned char)value};
    add(w, bytes, sizeof bytes);
}

static void begin(struct wire *w, unsigned type)
{
    w->length = 0;
    add(w, BYTES("\1\2\x81\x80\0\1\0\0\0\0\0\0"));
    add(w, NAME("\3www\7Example\3com"));
    add16(w, type);
    add16(w, 1);
}

static void add_rr(struct wire *w, const void *owner, size_t owner_length, unsigned type, const void *data,
                   size_t length)
{
    w->data[7]++;
    add(w, owner, owner_length);
    add16(w, type);
    add16(w, 1);
    add(w, BYTES("\0\0\0\x3c"));
    add16(w, (unsigned)length);
    add(w, data, length);
}

/* The bytes stand at the end of an allocation, so that a read beyond them is seen. */
static bool read_wire(struct message_records *out, const struct wire *w, size_t length, enum record_type type,
                      unsigned char **copy)
{
    *copy = malloc(length + (length == 0));
    assert_non_null(*copy);
    memcpy(*copy, w->data, length);
    return message_read(out, *copy, length, type);
}

#define QUESTION "\xc0\x0c"

static void test_addresses(void **state)
{
    struct message_records m;
    struct wire w;
    unsigned char *copy;
    (void)state;

    begin(&w, RECORD_A);
    add_rr(&w, BYTES(QUESTION), RECORD_A, BYTES("\xc0\0\2\1"));
    add_rr(&w, NAME("\3WWW\7example\3com"), RECORD_A, BYTES("\xc0\0\2\2"));
    add_rr(&w, NAME("\5other\7example\3com"), RECORD_A, BYTES("\xc0\0\2\3"));
    add_rr(&w, BYTES(QUESTION), RRSIG, BYTES("x"));
    assert_true(read_wire(&m, &w, w.length, RECORD_A, &copy));
    assert_int_equal(m.count, 2);
    assert_memory_equal(m.records[0].bytes, "\xc0\0\2\1", 4);
    assert_memory_equal(m.records[1].bytes, "\xc0\0\2\2", 4);
    message_clear(&m);
    free(copy);
    assert_true(read_wire(&m, &w, w.length, RECORD_AAAA, &copy));
    assert_int_equal(m.count, 0);
    assert_string_equal(m.alias, "");
    message_clear(&m);
    free(copy);
}

static void test_texts(void **state)
{
    static const struct {
        const char *name, *data;
        size_t length;
        const char *text;
        size_t text_length;
    } rows[] = {
        {"one string", BYTES("\3abc"), BYTES("abc")},
        {"several", BYTES("\3abc\1 \2de"), BYTES("abc de")},
        {"an empty one between", BYTES("\1a\0\1b"), BYTES("ab")},
        {"an empty one", BYTES("\0"), BYTES("")},
        {"none", BYTES(""), BYTES("")},
        {"any bytes", BYTES("\4\0\xff\x80|"), BYTES("\0\xff\x80|")},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct message_records m;
        struct wire w;
        unsigned char *copy;
        begin(&w, RECORD_TXT);
        add_rr(&w, BYTES(QUESTION), RECORD_TXT, rows[i].data, rows[i].length);
        CHECK_ROW(rows[i].name, read_wire(&m, &w, w.length, RECORD_TXT, &copy));
        CHECK_ROW(rows[i].name, m.count == 1);
        CHECK_ROW(rows[i].name, slice_eq(m.records[0].text, slice_of(rows[i].text, rows[i].text_length)));
        message_clear(&m);
        free(copy);
    }
}

static void test_names(void **state)
{
    static const struct {
        const char *name, *data;
        size_t length;
        const char *wanted;
    } rows[] = {
        {"lower case", NAME("\0\12\4MAIL\7example\3ORG"), "mail.example.org"},
        {"compressed", BYTES("\0\12\4mail\xc0\x10"), "mail.example.com"},
        {"null MX", NAME("\0\12"), ""},
        {"odd but printable", NAME("\0\12\7a:b/c@d\3org"), "a:b/c@d.org"},
        {"a dot in a label", NAME("\0\12\3a.b\3org"), ""},
        {"a byte beyond ASCII", NAME("\0\12\2\xff\x01\3org"), ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct message_records m;
        struct wire w;
        unsigned char *copy;
        begin(&w, RECORD_MX);
        add_rr(&w, BYTES(QUESTION), RECORD_MX, rows[i].data, rows[i].length);
        CHECK_ROW(rows[i].name, read_wire(&m, &w, w.length, RECORD_MX, &copy));
        CHECK_ROW(rows[i].name, m.count == 1 && m.records[0].preference == 10);
        CHECK_ROW_TEXT(rows[i].name, m.records[0].name, rows[i].wanted);
        message_clear(&m);
        free(copy);
    }
}

static void test_aliases(void **state)
{
    struct message_records m;
    struct wire w;
    unsigned char *copy;
    (void)state;

    begin(&w, RECORD_A); /* the order does not matter */
    add_rr(&w, NAME("\1c"), RECORD_A, BYTES("\1\2\3\4"));
    add_rr(&w, NAME("\1b"), CNAME, NAME("\1C"));
    add_rr(&w, BYTES(QUESTION), CNAME, NAME("\1B"));
    assert_true(read_wire(&m, &w, w.length, RECORD_A, &copy));
    assert_int_equal(m.count, 1);
    message_clear(&m);
    free(copy);

    begin(&w, RECORD_A); /* its end is elsewhere */
    add_rr(&w, BYTES(QUESTION), CNAME, NAME("\1B\3Org"));
    assert_true(read_wire(&m, &w, w.length, RECORD_A, &copy));
    assert_int_equal(m.count, 0);
    assert_string_equal(m.alias, "b.org");
    assert_false(m.loops);
    message_clear(&m);
    free(copy);

    begin(&w, RECORD_A);
    add_rr(&w, BYTES(QUESTION), CNAME, NAME("\1b"));
    add_rr(&w, NAME("\1b"), CNAME, BYTES(QUESTION));
    assert_true(read_wire(&m, &w, w.length, RECORD_A, &copy));
    assert_int_equal(m.count, 0);
    assert_true(m.loops);
    message_clear(&m);
    free(copy);
}

static void test_broken(void **state)
{
    static const struct {
        const char *name;
        unsigned type;
        const char *data;
        size_t length;
    } rows[] = {
        {"address too short", RECORD_A, BYTES("\1\2\3")},
        {"address too long", RECORD_A, BYTES("\1\2\3\4\5")},
        {"IPv6 address too short", RECORD_AAAA, BYTES("\1\2\3\4")},
        {"string beyond its record", RECORD_TXT, BYTES("\5abc")},
        {"MX without a name", RECORD_MX, BYTES("\0\12")},
        {"MX without all", RECORD_MX, BYTES("\0")},
        {"PTR without a name", RECORD_PTR, BYTES("")},
        {"name that points to itself", RECORD_PTR, BYTES("\xc0\x2d")},
        {"name that points beyond", RECORD_PTR, BYTES("\xff\xff")},
        {"name without an end", RECORD_PTR, BYTES("\77abc")},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct message_records m;
        struct wire w;
        unsigned char *copy;
        begin(&w, rows[i].type);
        add_rr(&w, BYTES(QUESTION), rows[i].type, rows[i].data, rows[i].length);
        CHECK_ROW(rows[i].name, !read_wire(&m, &w, w.length, (enum record_type)rows[i].type, &copy));
        CHECK_ROW(rows[i].name, m.count == 0 && m.records == NULL);
        free(copy);
    }
}

/* A record of the wanted type that nobody knows the owner of may be the one that is sought. */
static void test_owner_is_broken(void **state)
{
    struct message_records m;
    struct wire w;
    unsigned char *copy;
    (void)state;

    begin(&w, RECORD_A);
    add_rr(&w, BYTES("\xc0\xff"), RECORD_A, BYTES("\1\2\3\4"));
    assert_false(read_wire(&m, &w, w.length, RECORD_A, &copy));
    free(copy);
    assert_true(read_wire(&m, &w, w.length, RECORD_TXT, &copy)); /* another type's is none of its business */
    assert_int_equal(m.count, 0);
    message_clear(&m);
    free(copy);
}

/* Cut anywhere, it is broken. */
static void test_cut(void **state)
{
    struct message_records m;
    struct wire w;
    unsigned char *copy;
    (void)state;

    begin(&w, RECORD_MX);
    add_rr(&w, BYTES(QUESTION), CNAME, NAME("\1b"));
    add_rr(&w, NAME("\1b"), RECORD_MX, BYTES("\0\12\4mail\xc0\x10"));
    for (size_t length = 0; length < w.length; length++) {
        assert_false(read_wire(&m, &w, length, RECORD_MX, &copy));
        free(copy);
    }
    assert_true(read_wire(&m, &w, w.length, RECORD_MX, &copy));
    message_clear(&m);
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),       cmocka_unit_test(test_texts),  cmocka_unit_test(test_names),
        cmocka_unit_test(test_aliases),         cmocka_unit_test(test_broken), cmocka_unit_test(test_cut),
        cmocka_unit_test(test_owner_is_broken),
    };

    return cmocka_run_group_tests_name("dns message", tests, NULL, NULL);
}
