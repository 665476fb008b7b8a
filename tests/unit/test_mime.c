/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/mail/html.h"
#include "common/mail/mime.h"
#include "common/mail/transfer.h"

static void test_type(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        const char *type, *charset, *boundary;
    } rows[] = {
        {"plain", " text/plain; charset=utf-8", "text/plain", "utf-8", ""},
        {"case and blanks", "TEXT / HTML ;\r\n CHARSET = \"ISO-8859-1\"", "text/html", "ISO-8859-1", ""},
        {"comments", "(a) text (b) / (c) html (d); (e) charset (f) = (g) x (h)", "text/html", "x", ""},
        {"boundary", "multipart/mixed; boundary=\"=_a b\\\"c\"; charset=x", "multipart/mixed", "x",
         "=_a b\"c"},
        {"boundary without quotes", "multipart/mixed; boundary==_a/b;x=y", "multipart/mixed", "", "=_a/b"},
        {"semicolon in quotes", "text/plain; name=\"a; charset=b\"; charset=c", "text/plain", "c", ""},
        {"first one counts", "text/plain; charset=a; charset=b", "text/plain", "a", ""},
        {"empty", "", "text/plain", "", ""},
        {"no subtype", "text; charset=a", "text/plain", "", ""},
        {"no value", "text/html; charset", "text/html", "", ""},
        {"no parameter", "text/html;;; ;charset=a", "text/html", "a", ""},
        {"too long",
         "text/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; "
         "charset=a",
         "text/plain", "", ""},
        {"no name behind the slash", "text/; charset=a", "text/plain", "", ""},
        {"open quotes", "text/html; charset=\"a", "text/html", "a", ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct mime_type type;
        mime_type_parse(&type, slice_from(rows[i].value));
        CHECK_ROW_TEXT(rows[i].name, type.type, rows[i].type);
        CHECK_ROW_TEXT(rows[i].name, type.charset, rows[i].charset);
        CHECK_ROW_TEXT(rows[i].name, type.boundary, rows[i].boundary);
    }
}

struct collected {
    struct buffer text;
    size_t stop_after;
};

static bool collect(void *context, const struct mime_type *type, struct slice entity)
{
    struct collected *c = context;

    assert_true(buffer_printf(&c->text, "[%s:", type->type));
    assert_true(mime_decode_text(type, entity, &c->text));
    assert_true(buffer_append_char(&c->text, ']'));
    return --c->stop_after > 0;
}

#define MIXED "Content-Type: multipart/mixed; boundary=x\n\n"

static void test_walk(void **state)
{
    static const struct {
        const char *name;
        struct slice message;
        const char *shown;
    } rows[] = {
        {"no mime", SLICE("Subject: x\r\n\r\nbody\r\n"), "[text/plain:body\r\n]"},
        {"empty", SLICE(""), "[text/plain:]"},
        {"two parts", SLICE(MIXED "preamble\n--x\n\na\n--x\nContent-Type: text/html\n\nb\n--x--\nepilogue\n"),
         "[text/plain:a][text/html:b]"},
        {"crlf",
         SLICE("Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\na\r\n\r\n--x  "
               "\r\n\r\nb\r\n--x--\r\n"),
         "[text/plain:a\r\n][text/plain:b]"},
        {"nested",
         SLICE(MIXED "--x\nContent-Type: multipart/alternative; "
                     "boundary=xx\n\n--xx\n\na\n--xx\n\nb\n--xx--\n--x\n\nc\n--x--\n"),
         "[text/plain:a][text/plain:b][text/plain:c]"},
        {"inner one is not closed",
         SLICE(MIXED "--x\nContent-Type: multipart/alternative; boundary=y\n\n--y\n\na\n--x\n\nc\n--x--\n"),
         "[text/plain:a][text/plain:c]"},
        {"cut", SLICE(MIXED "--x\n\na\n--x\n\nb"), "[text/plain:a][text/plain:b]"},
        {"cut in the delimiter", SLICE(MIXED "--x\n\na\n--"), "[text/plain:a\n--]"},
        {"not at the line's start", SLICE(MIXED "--x\n\na --x\nb\n--x--\n"), "[text/plain:a --x\nb]"},
        {"longer word", SLICE(MIXED "--x\n\na\n--xy\nb\n--x--\n"), "[text/plain:a\n--xy\nb]"},
        {"no delimiter at all", SLICE(MIXED "a\nb\n"), ""},
        {"no boundary", SLICE("Content-Type: multipart/mixed\n\na"), "[multipart/mixed:a]"},
        {"message inside", SLICE(MIXED "--x\nContent-Type: message/rfc822\n\nSubject: y\n\nz\n--x--\n"),
         "[message/rfc822:Subject: y\n\nz]"},
        {"base64",
         SLICE(
             "Content-Transfer-Encoding: BASE64\nContent-Type: text/plain; charset=iso-8859-1\n\nR3L83w==\n"),
         "[text/plain:Gr\xc3\xbc\xc3\x9f]"},
        {"quoted-printable",
         SLICE("Content-Transfer-Encoding: quoted-printable (c)\n\na=\n=62=3D  \nc=4 =\n"),
         "[text/plain:ab=\r\nc=4 ]"},
        {"unknown charset", SLICE("Content-Type: text/plain; charset=klingon\n\n\xff\n"),
         "[text/plain:\xff\n]"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct collected c = {BUFFER_INIT(400), 100};
        mime_walk(rows[i].message, collect, &c);
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&c.text), rows[i].shown);
        buffer_clear(&c.text);
    }
}

static void test_walk_ends_early(void **state)
{
    struct collected c = {BUFFER_INIT(400), 2};
    (void)state;

    mime_walk(SLICE(MIXED "--x\n\na\n--x\n\nb\n--x\n\nc\n--x--\n"), collect, &c);
    assert_string_equal(buffer_text(&c.text), "[text/plain:a][text/plain:b]");
    buffer_reset(&c.text);
    c.stop_after = 1;
    mime_walk(
        SLICE(
            MIXED
            "--x\nContent-Type: multipart/mixed; boundary=y\n\n--y\n\na\n--y\n\nb\n--y--\n--x\n\nc\n--x--\n"),
        collect, &c);
    assert_string_equal(buffer_text(&c.text), "[text/plain:a]");
    buffer_clear(&c.text);
}

static bool count(void *context, const struct mime_type *type, struct slice entity)
{
    (void)type;
    (void)entity;
    ++*(size_t *)context;
    return true;
}

static void test_walk_is_bounded(void **state)
{
    struct buffer message = BUFFER_INIT(4 << 20);
    size_t leaves = 0;
    (void)state;

    for (int i = 0; i < 50; i++)
        assert_true(buffer_printf(&message, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i));
    assert_true(buffer_append_text(&message, "\ndeep\n--b0\n\nnot deep\n"));
    mime_walk(buffer_slice(&message), count, &leaves);
    assert_int_equal(leaves, 1);

    buffer_reset(&message);
    assert_true(buffer_append_text(&message, MIXED));
    for (int i = 0; i < 5000; i++)
        assert_true(buffer_append_text(&message, "--x\n\na\n"));
    leaves = 0;
    mime_walk(buffer_slice(&message), count, &leaves);
    assert_int_equal(leaves, MIME_PARTS_MAX);

    /* two megabytes of what is almost a delimiter */
    buffer_reset(&message);
    assert_true(buffer_append_text(&message, MIXED "--x\n\n"));
    while (message.len < 2 << 20)
        assert_true(buffer_append_text(&message, "--x--x\n--x-x--x"));
    leaves = 0;
    mime_walk(buffer_slice(&message), count, &leaves);
    assert_int_equal(leaves, 1);
    buffer_clear(&message);
}

static void test_html_text(void **state)
{
    static const struct {
        const char *name;
        struct slice html;
        const char *text;
    } rows[] = {
        {"plain", SLICE("a b"), "a b"},
        {"block tags", SLICE("<p>a</p><BR/>b"), " a  b"},
        {"inline tags", SLICE("a<b>b</b><span class=x>c</span><o:p>d</o:p>"), "abcd"},
        {"quoted bracket", SLICE("a<i title='>\"' x=\">'\">b"), "ab"},
        {"comment", SLICE("a<!-- <p> -- > -->b"), "ab"},
        {"open comment", SLICE("a<!-- b"), "a"},
        {"doctype and the like", SLICE("<!DOCTYPE html><?xml version='1'?>a"), "  a"},
        {"hidden content",
         SLICE("<style type=x>p > a {}</style>a<SCRIPT>if (1 < 2) b</script>c<title>d</Title>"), "  a  c  "},
        {"hidden content without an end", SLICE("a<script>b"), "a "},
        {"open tag", SLICE("a<p class=\"b>"), "a "},
        {"entities", SLICE("&lt;&GT;&amp;&quot;&apos;&nbsp;."), "<>&\"' ."},
        {"numbers", SLICE("&#65;&#x42;&#X43;&#8364;"), "ABC\xe2\x82\xac"},
        {"no entities", SLICE("&;&#;&#x;&#xd800;&#1114112;&#6a;&unknown;& &am"),
         "&;&#;&#x;&#xd800;&#1114112;&#6a;&unknown;& &am"},
        {"no tags", SLICE("1 < 2 <3 </ ><"), "1 < 2 <3 </ ><"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer b = BUFFER_INIT(200);
        CHECK_ROW(rows[i].name, html_text(&b, rows[i].html));
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&b), rows[i].text);
        buffer_clear(&b);
    }
}

static void test_quoted_printable(void **state)
{
#define TEN "0123456789"
    static const struct {
        const char *name;
        struct slice in;
        const char *coded;
    } rows[] = {
        {"empty", SLICE(""), ""},
        {"lines", SLICE("a\nb\r\n\nc"), "a\r\nb\r\n\r\nc"},
        {"equals sign", SLICE("a=b"), "a=3Db"},
        {"utf-8", SLICE("\xc3\xbc"), "=C3=BC"},
        {"controls", SLICE("\0\033\x7f\rx"), "=00=1B=7F=0Dx"},
        {"blanks", SLICE(" a \t\nb "), " a =09\r\nb=20"},
        {"From", SLICE("From a\nFrom\n From b"), "=46rom a\r\nFrom\r\n From b"},
        {"75 bytes", SLICE(TEN TEN TEN TEN TEN TEN TEN "12345"), TEN TEN TEN TEN TEN TEN TEN "12345"},
        {"76 bytes", SLICE(TEN TEN TEN TEN TEN TEN TEN "123456"), TEN TEN TEN TEN TEN TEN TEN "12345=\r\n6"},
        {"escape at the limit", SLICE(TEN TEN TEN TEN TEN TEN TEN "123=x"),
         TEN TEN TEN TEN TEN TEN TEN "123=\r\n=3Dx"},
        {"From behind a soft break", SLICE(TEN TEN TEN TEN TEN TEN TEN "12345From x"),
         TEN TEN TEN TEN TEN TEN TEN "12345=\r\n=46rom x"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer b = BUFFER_INIT(200);
        CHECK_ROW(rows[i].name, transfer_encode_quoted_printable(&b, rows[i].in));
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&b), rows[i].coded);
        buffer_clear(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_type),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_walk_ends_early),
        cmocka_unit_test(test_walk_is_bounded),
        cmocka_unit_test(test_html_text),
        cmocka_unit_test(test_quoted_printable),
    };
    return cmocka_run_group_tests_name("mime", tests, NULL, NULL);
}
