/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/auth/domain.h"
#include "common/auth/taglist.h"
#include "common/base/clock.h"

/* "name=value|" of each tag. */
static void show(char *out, size_t size, const struct taglist *tags)
{
    struct buffer b = BUFFER_INIT(size - 1);

    for (size_t i = 0; i < tags->count; i++)
        assert_true(
            buffer_printf(&b, "%.*s=%.*s|", SLICE_ARG(tags->tag[i].name), SLICE_ARG(tags->tag[i].value)));
    slice_copy(out, size, buffer_slice(&b));
    buffer_clear(&b);
}

static void test_parse(void **state)
{
    static const struct {
        const char *name;
        struct slice text;
        const char *shown;
    } rows[] = {
        {"one", SLICE("v=1"), "v=1|"},
        {"semicolon at the end", SLICE("v=1;"), "v=1|"},
        {"and white space behind it", SLICE("v=1; \r\n\t"), "v=1|"},
        {"white space everywhere", SLICE(" \tv \r\n = \r\n 1\t ;\r\n a\t=x"), "v=1|a=x|"},
        {"lines that end in LF", SLICE("v=1;\n a=x\n y"), "v=1|a=x\n y|"},
        {"empty value", SLICE("p=; v=1"), "p=|v=1|"},
        {"value of blanks", SLICE("p= \r\n ; v=1"), "p=|v=1|"},
        {"equals signs in the value", SLICE("b=YQ==; c=a=b"), "b=YQ==|c=a=b|"},
        {"fold in the value", SLICE("b=YQ\r\n ==;h=a : b"), "b=YQ\r\n ==|h=a : b|"},
        {"digits and underscores in the name", SLICE("a_1B=x"), "a_1B=x|"},
        {"names that differ in case", SLICE("v=1;V=2"), "v=1|V=2|"},
        {"UTF-8",
         SLICE("d=b\xc3\xbc"
               "cher.example"),
         "d=b\xc3\xbc"
         "cher.example|"},
        {"64 tags",
         SLICE("a=;b=;c=;d=;e=;f=;g=;h=;i=;j=;k=;l=;m=;n=;o=;p=;q=;r=;s=;t=;u=;v=;w=;x=;y=;z=;A=;B=;C=;D=;E=;"
               "F=;"
               "G=;H=;I=;J=;K=;L=;M=;N=;O=;P=;Q=;R=;S=;T=;U=;V=;W=;X=;Y=;Z=;aa=;ab=;ac=;ad=;ae=;af=;ag=;ah=;"
               "ai=;aj=;ak=;al="),
         "a=|b=|c=|d=|e=|f=|g=|h=|i=|j=|k=|l=|m=|n=|o=|p=|q=|r=|s=|t=|u=|v=|w=|x=|y=|z=|A=|B=|C=|D=|E=|F=|"
         "G=|H=|I=|J=|K=|L=|M=|N=|O=|P=|Q=|R=|S=|T=|U=|V=|W=|X=|Y=|Z=|aa=|ab=|ac=|ad=|ae=|af=|ag=|ah=|ai=|aj="
         "|ak=|al=|"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct taglist tags;
        char shown[400];
        CHECK_ROW(rows[i].name, taglist_parse(&tags, rows[i].text));
        show(shown, sizeof shown, &tags);
        CHECK_ROW_TEXT(rows[i].name, shown, rows[i].shown);
        CHECK_ROW_TEXT(rows[i].name, tags.problem, "");
    }
}

static void test_broken_lists(void **state)
{
    static const struct {
        const char *name;
        struct slice text;
        const char *shown, *problem;
    } rows[] = {
        {"empty", SLICE(""), "", "a tag is not of the form name=value"},
        {"blank", SLICE(" \r\n "), "", "a tag is not of the form name=value"},
        {"only a semicolon", SLICE(";"), "", "a tag is not of the form name=value"},
        {"two semicolons", SLICE("v=1;;a=x"), "v=1|", "a tag is not of the form name=value"},
        {"two at the end", SLICE("v=1;;"), "v=1|", "a tag is not of the form name=value"},
        {"semicolon first", SLICE(";v=1"), "", "a tag is not of the form name=value"},
        {"no equals sign", SLICE("v=1; x; a=y"), "v=1|", "a tag is not of the form name=value"},
        {"no name", SLICE("v=1; =x"), "v=1|", "a tag is not of the form name=value"},
        {"digit first", SLICE("1v=x"), "", "a tag is not of the form name=value"},
        {"underscore first", SLICE("_v=x"), "", "a tag is not of the form name=value"},
        {"hyphen in the name", SLICE("a-b=x"), "", "a tag is not of the form name=value"},
        {"blank in the name", SLICE("a b=x"), "", "a tag is not of the form name=value"},
        {"name above ASCII", SLICE("\xc3\xa4=x"), "", "a tag is not of the form name=value"},
        {"NUL in the name", SLICE("a\0=x"), "", "a tag is not of the form name=value"},
        {"NUL in the value", SLICE("a=1; b=x\0y"), "a=1|",
         "a tag's value has characters that may not stand there"},
        {"DEL", SLICE("b=x\x7f"), "", "a tag's value has characters that may not stand there"},
        {"escape", SLICE("b=\x1b[1m"), "", "a tag's value has characters that may not stand there"},
        {"Latin-1", SLICE("b=\xe4"), "", "a tag's value has characters that may not stand there"},
        {"twice", SLICE("v=1; a=x; v=1"), "v=1|a=x|", "a tag stands twice"},
        {"twice with white space", SLICE("v=1;\r\n v = 2"), "v=1|", "a tag stands twice"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct taglist tags;
        char shown[400];
        CHECK_ROW(rows[i].name, !taglist_parse(&tags, rows[i].text));
        show(shown, sizeof shown, &tags);
        CHECK_ROW_TEXT(rows[i].name, shown, rows[i].shown);
        CHECK_ROW_TEXT(rows[i].name, tags.problem, rows[i].problem);
    }
}

/* A megabyte of tags is given up on at once. */
static void test_too_many_tags(void **state)
{
    struct buffer text = BUFFER_INIT(1 << 20);
    struct taglist tags;
    (void)state;

    for (unsigned i = 0; buffer_printf(&text, "t%u=;", i); i++)
        ;
    struct timespec start = clock_now();
    assert_false(taglist_parse(&tags, buffer_slice(&text)));
    assert_string_equal(tags.problem, "there are too many tags");
    assert_int_equal(tags.count, TAGS_MAX);
    assert_true(clock_since(start) < 1);
    buffer_clear(&text);
}

static void test_find(void **state)
{
    struct taglist tags;
    (void)state;

    assert_true(taglist_parse(&tags, SLICE("v=1; b =\r\n x \r\n ; p=")));
    assert_true(slice_eq(taglist_value(&tags, "v", SLICE("other")), SLICE("1")));
    assert_true(slice_eq(taglist_value(&tags, "V", SLICE("other")), SLICE("other")));
    assert_true(slice_eq(taglist_value(&tags, "p", SLICE("other")), SLICE("")));
    assert_null(taglist_find(&tags, "vv"));
    assert_true(slice_eq(taglist_find(&tags, "b")->whole, SLICE("\r\n x \r\n ")));
}

static void test_elements(void **state)
{
    static const struct {
        const char *name;
        struct slice list;
        const char *shown;
        bool has_to;
    } rows[] = {
        {"empty", SLICE(""), "", false},
        {"one", SLICE("to"), "to|", true},
        {"blanks around the colons", SLICE("from :\r\n TO\t: cc"), "from|TO|cc|", true},
        {"empty elements", SLICE("a::b:"), "a||b|", false},
        {"part of a name", SLICE("toto:t:o"), "toto|t|o|", false},
        {"last", SLICE("a:to"), "a|to|", true},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer b = BUFFER_INIT(100);
        struct slice rest = rows[i].list, one;
        while (taglist_next(&rest, ':', &one))
            CHECK_ROW(rows[i].name, buffer_printf(&b, "%.*s|", SLICE_ARG(one)));
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&b), rows[i].shown);
        CHECK_ROW(rows[i].name, taglist_has(rows[i].list, ':', SLICE("To")) == rows[i].has_to);
        buffer_clear(&b);
    }
}

static void test_base64(void **state)
{
    static const struct {
        const char *name, *text, *out; /* out NULL: refused */
    } rows[] = {
        {"plain", "aGVsbG8h", "hello!"},
        {"white space", " aG\r\n\tVs bG8h \n", "hello!"},
        {"padded", "aGVsbG8=", "hello"},
        {"padding apart", "aGVsbA\r\n = =", "hell"},
        {"no padding", "aGVsbG8", "hello"},
        {"no padding, two missing", "aGVsbA", "hell"},
        {"half of the padding", "aGVsbA=", "hell"},
        {"empty", "", NULL},
        {"blank", " \r\n ", NULL},
        {"one character over", "aGVsbG8hX", NULL},
        {"other characters", "aGVs*bG8h", NULL},
        {"the alphabet for URLs", "aGVsbG-_", NULL},
        {"padding inside", "aG==bG8h", NULL},
        {"padding alone", "====", NULL},
        {"longer than the room", "aGVsbG8haGVsbG8haGVsbG8h", NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer out = BUFFER_INIT(16);
        bool ok = taglist_base64(slice_from(rows[i].text), &out);
        CHECK_ROW(rows[i].name, ok == (rows[i].out != NULL));
        if (ok)
            CHECK_ROW_TEXT(rows[i].name, buffer_text(&out), rows[i].out);
        buffer_clear(&out);
    }
}

static void test_domains(void **state)
{
    static const struct {
        const char *name;
        struct slice in;
        const char *out; /* NULL: refused */
    } rows[] = {
        {"plain", SLICE("Example.ORG"), "example.org"},
        {"underscore", SLICE("_a.b_c.example"), "_a.b_c.example"},
        {"dot at the end", SLICE("example.org."), "example.org"},
        {"A-label", SLICE("xn--bcher-kva.example"), "xn--bcher-kva.example"},
        {"U-label",
         SLICE("b\xc3\xbc"
               "cher.example"),
         "xn--bcher-kva.example"},
        {"U-label in capitals",
         SLICE("B\xc3\x9c"
               "CHER.example"),
         "xn--bcher-kva.example"},
        {"one label", SLICE("lab"), "lab"},
        {"empty", SLICE(""), NULL},
        {"a dot", SLICE("."), NULL},
        {"two dots", SLICE("a..b"), NULL},
        {"blank", SLICE("a b"), NULL},
        {"NUL", SLICE("example.org\0.evil"), NULL},
        {"stars", SLICE("***"), NULL},
        {"broken UTF-8", SLICE("\xc3.example"), NULL},
        {"label of 64", SLICE("a234567890123456789012345678901234567890123456789012345678901234.x"), NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[DOMAIN_TEXT_MAX];
        bool ok = domain_to_ascii(out, rows[i].in);
        CHECK_ROW(rows[i].name, ok == (rows[i].out != NULL));
        if (ok)
            CHECK_ROW_TEXT(rows[i].name, out, rows[i].out);
    }
    assert_true(domain_is_below("example.org", "example.org"));
    assert_true(domain_is_below("a.example.org", "example.org"));
    assert_false(domain_is_below("aexample.org", "example.org"));
    assert_false(domain_is_below("org", "example.org"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),         cmocka_unit_test(test_broken_lists),
        cmocka_unit_test(test_too_many_tags), cmocka_unit_test(test_find),
        cmocka_unit_test(test_elements),      cmocka_unit_test(test_base64),
        cmocka_unit_test(test_domains),
    };
    return cmocka_run_group_tests_name("taglist", tests, NULL, NULL);
}
