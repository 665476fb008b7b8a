/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <time.h>

#include "common/base/text.h"
#include "common/mail/address.h"
#include "common/mail/compose.h"
#include "common/mail/header.h"
#include "common/mail/mime.h"

#define MARKER "mproof28t5cy4t01nb2ew00000000000000000ja"

static const char *const recipient = "b@example.net";

/* A good request; tests change what they are about. */
static struct compose_request request_of(const struct marker *marker)
{
    return (struct compose_request){.from = "a@example.org",
                                    .to = &recipient,
                                    .to_count = 1,
                                    .message_id_domain = "host.example.org",
                                    .body = {NULL, 0},
                                    .marker = marker,
                                    .now = 1790000000};
}

static struct marker known_marker(void)
{
    struct marker m;

    assert_true(marker_parse(&m, SLICE(MARKER)));
    return m;
}

static struct composed composed_of(const struct compose_request *request)
{
    struct composed c;
    struct err err = ERR_NONE;

    if (!compose(&c, request, &err))
        fail_msg("compose: %s", err.text);
    return c;
}

/* A field decoded. */
static void field_of(const struct composed *c, const char *name, char *out, size_t size)
{
    struct header_field field;
    struct buffer b = BUFFER_INIT(size - 1);

    assert_true(header_find(buffer_slice(&c->message), slice_from(name), 0, &field));
    assert_true(header_decode(field.value, &b));
    slice_copy(out, size, buffer_slice(&b));
    buffer_clear(&b);
}

/* What every message must keep: CRLF only, no line over 998 bytes. */
static void check_lines(const char *name, struct slice message)
{
    struct slice rest = message;

    while (rest.len > 0) {
        size_t end = slice_find_char(rest, '\n');
        CHECK_ROW(name, end < rest.len && end > 0 && rest.data[end - 1] == '\r');
        CHECK_ROW(name, slice_find_char(rest, '\r') == end - 1);
        CHECK_ROW(name, end - 1 <= 998);
        rest = slice_skip(rest, end + 1);
    }
}

static void test_whole_message(void **state)
{
    struct marker marker = known_marker();
    struct compose_request request = request_of(&marker);
    struct composed c = composed_of(&request);
    (void)state;

    static const char wanted[] = "From: a@example.org\r\n"
                                 "To: b@example.net\r\n"
                                 "Subject: Mail test " MARKER "\r\n"
                                 "Date: Mon, 21 Sep 2026 14:13:20 +0000\r\n"
                                 "Message-ID: <" MARKER "@host.example.org>\r\n"
                                 "Auto-Submitted: auto-generated\r\n"
                                 "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply\r\n"
                                 "X-Mailproof-Marker: " MARKER "\r\n"
                                 "MIME-Version: 1.0\r\n"
                                 "Content-Type: multipart/alternative; boundary=\"=_0000000000000000\"\r\n"
                                 "\r\n"
                                 "--=_0000000000000000\r\n"
                                 "Content-Type: text/plain; charset=utf-8\r\n"
                                 "\r\n"
                                 "This is an automatic test message of a mail monitoring system.\r\n";
    assert_true(slice_starts(buffer_slice(&c.message), slice_of(wanted, sizeof wanted - 1)));
    assert_true(
        slice_ends_nocase(buffer_slice(&c.message), SLICE("</html>\r\n\r\n--=_0000000000000000--\r\n")));
    assert_string_equal(c.message_id, "<" MARKER "@host.example.org>");
    assert_true(text_is_ascii(buffer_slice(&c.message)));
    check_lines("own body", buffer_slice(&c.message));
    composed_clear(&c);
}

static void test_text_varies_with_the_marker_alone(void **state)
{
    enum { COUNT = 40 };
    char digests[COUNT][65];
    size_t equal_starts = 0;
    struct marker marker;
    struct err err;
    (void)state;

    for (int i = 0; i < COUNT; i++) {
        assert_true(marker_new(&marker, 7, 1790000000, &err));
        struct compose_request request = request_of(&marker);
        struct composed a = composed_of(&request), b = composed_of(&request);
        assert_true(slice_eq(buffer_slice(&a.message), buffer_slice(&b.message)));
        strcpy(digests[i], a.body_digest);
        equal_starts +=
            slice_contains_nocase(buffer_slice(&a.message), SLICE("You are looking at an automatic test"));
        composed_clear(&a);
        composed_clear(&b);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(digests[i], digests[k]);
    }
    assert_true(equal_starts < COUNT);
}

static void test_fields(void **state)
{
    static const struct {
        const char *name;
        const char *from, *to, *subject, *header;
        const char *field, *decoded;
    } rows[] = {
        {"display name", "Ann Other <a@example.org>", NULL, NULL, NULL, "From", "Ann Other <a@example.org>"},
        {"display name to be quoted", "\"Other, Ann\" <a@example.org>", NULL, NULL, NULL, "From",
         "\"Other, Ann\" <a@example.org>"},
        {"display name with a dot", "Ann O. <a@example.org>", NULL, NULL, NULL, "From",
         "\"Ann O.\" <a@example.org>"},
        {"display name in UTF-8", "J\xc3\xbcrgen M\xc3\xbcller <a@example.org>", NULL, NULL, NULL, "From",
         "J\xc3\xbcrgen M\xc3\xbcller <a@example.org>"},
        {"encoded display name", "=?utf-8?Q?J=C3=BC?= <a@example.org>", NULL, NULL, NULL, "From",
         "J\xc3\xbc <a@example.org>"},
        {"quoted local part", "\"a b\"@example.org", NULL, NULL, NULL, "From", "\"a b\"@example.org"},
        {"IDN",
         "a@b\xc3\xbc"
         "cher.example",
         NULL, NULL, NULL, "From", "a@xn--bcher-kva.example"},
        {"IDN with SMTPUTF8",
         "\xc3\xbc@b\xc3\xbc"
         "cher.example",
         NULL, NULL, NULL, "From",
         "\xc3\xbc@b\xc3\xbc"
         "cher.example"},
        {"to", NULL, "Bob <b@example.net>", NULL, NULL, "To", "Bob <b@example.net>"},
        {"subject", NULL, NULL, "Hello", NULL, "Subject", "Hello " MARKER},
        {"empty subject", NULL, NULL, " ", NULL, "Subject", MARKER},
        {"subject in UTF-8", NULL, NULL,
         "Gr\xc3\xbc\xc3\x9f"
         "e an alle",
         NULL, "Subject",
         "Gr\xc3\xbc\xc3\x9f"
         "e an alle " MARKER},
        {"subject, several words to encode", NULL, NULL, "\xc3\xa4 \xc3\xb6  x \xc3\xbc", NULL, "Subject",
         "\xc3\xa4 \xc3\xb6  x \xc3\xbc " MARKER},
        {"header", NULL, NULL, NULL, "X-Test: a, b; c", "X-Test", "a, b; c"},
        {"header without a value", NULL, NULL, NULL, "X-Test:", "X-Test", ""},
        {"header in UTF-8", NULL, NULL, NULL, "X-Test:  \xc3\xbc ", "X-Test", "\xc3\xbc"},
        {"mailbox header in UTF-8", NULL, NULL, NULL, "Reply-To: \xc3\x9c <c@example.org>, d@example.org",
         "Reply-To", "\xc3\x9c <c@example.org>, d@example.org"},
        {"colon in the value", NULL, NULL, NULL, "X-Test: a: b", "X-Test", "a: b"},
    };
    struct marker marker = known_marker();
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct compose_request request = request_of(&marker);
        char got[300];
        request.from = rows[i].from != NULL ? rows[i].from : request.from;
        request.to = rows[i].to != NULL ? &rows[i].to : request.to;
        request.subject = rows[i].subject;
        request.headers = &rows[i].header;
        request.header_count = rows[i].header != NULL ? 1 : 0;
        struct composed c = composed_of(&request);
        field_of(&c, rows[i].field, got, sizeof got);
        CHECK_ROW_TEXT(rows[i].name, got, rows[i].decoded);
        check_lines(rows[i].name, buffer_slice(&c.message));
        CHECK_ROW(rows[i].name,
                  strstr(rows[i].name, "SMTPUTF8") != NULL || text_is_ascii(buffer_slice(&c.message)));
        composed_clear(&c);
    }
}

static void test_refuses(void **state)
{
    static const struct {
        const char *name;
        const char *from, *to, *subject, *header;
        const char *option;
    } rows[] = {
        {"from is empty", "", NULL, NULL, NULL, "--from"},
        {"from is a word", "root", NULL, NULL, NULL, "--from"},
        {"two in from", "a@b, c@d", NULL, NULL, NULL, "--from"},
        {"line break in from", "a@b\r\nX: y", NULL, NULL, NULL, "--from"},
        {"control in from", "\"\033\" <a@b>", NULL, NULL, NULL, "--from"},
        {"latin-1 in from", "J\xfc <a@b>", NULL, NULL, NULL, "--from"},
        {"hyphen first", "a@-b", NULL, NULL, NULL, "--from"},
        {"to is a word", NULL, "root", NULL, NULL, "--to"},
        {"two in to", NULL, "a@b, c@d", NULL, NULL, "--to"},
        {"line break in to", NULL, "a@b\n", NULL, NULL, "--to"},
        {"line break in subject", NULL, NULL, "a\nb", NULL, "--subject"},
        {"line break behind the subject", NULL, NULL, "a\n", NULL, "--subject"},
        {"carriage return in subject", NULL, NULL, "a\rb", NULL, "--subject"},
        {"control in subject", NULL, NULL, "a\033[31m", NULL, "--subject"},
        {"latin-1 in subject", NULL, NULL, "\xfc", NULL, "--subject"},
        {"header without a colon", NULL, NULL, NULL, "X-Test", "--header"},
        {"header without a name", NULL, NULL, NULL, ": x", "--header"},
        {"header, blank in the name", NULL, NULL, NULL, "X Test: x", "--header"},
        {"header, blank behind the name", NULL, NULL, NULL, "X-Test : x", "--header"},
        {"header, name in UTF-8", NULL, NULL, NULL, "X-\xc3\xbc: x", "--header"},
        {"header, line break", NULL, NULL, NULL, "X-Test: a\r\nBcc: b@c", "--header"},
        {"header, fold", NULL, NULL, NULL, "X-Test: a\n b", "--header"},
        {"header, latin-1", NULL, NULL, NULL, "X-Test: \xfc", "--header"},
        {"header, empty", NULL, NULL, NULL, "", "--header"},
        {"header From", NULL, NULL, NULL, "From: x@y", "--header"},
        {"header to", NULL, NULL, NULL, "to: x@y", "--header"},
        {"header SUBJECT", NULL, NULL, NULL, "SUBJECT: x", "--header"},
        {"header Date", NULL, NULL, NULL, "Date: x", "--header"},
        {"header Message-Id", NULL, NULL, NULL, "Message-Id: <x@y>", "--header"},
        {"header Mime-Version", NULL, NULL, NULL, "Mime-Version: 1.0", "--header"},
        {"header Content-Type", NULL, NULL, NULL, "Content-Type: text/plain", "--header"},
        {"header content-language", NULL, NULL, NULL, "content-language: en", "--header"},
        {"header Auto-Submitted", NULL, NULL, NULL, "Auto-Submitted: no", "--header"},
        {"header X-Mailproof-Marker", NULL, NULL, NULL, "X-Mailproof-Marker: x", "--header"},
        {"header with mailboxes, none in it", NULL, NULL, NULL, "Reply-To: \xc3\xbc", "--header"},
    };
    struct marker marker = known_marker();
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct compose_request request = request_of(&marker);
        struct composed c;
        struct err err = ERR_NONE;
        request.from = rows[i].from != NULL ? rows[i].from : request.from;
        request.to = rows[i].to != NULL ? &rows[i].to : request.to;
        request.subject = rows[i].subject;
        request.headers = &rows[i].header;
        request.header_count = rows[i].header != NULL ? 1 : 0;
        CHECK_ROW(rows[i].name, !compose(&c, &request, &err));
        CHECK_ROW(rows[i].name, err.kind == FAULT_USAGE);
        CHECK_ROW(rows[i].name, strstr(err.text, rows[i].option) == err.text);
        CHECK_ROW(rows[i].name, c.message.data == NULL);
    }
}

static void test_message_id_domain(void **state)
{
    static const struct {
        const char *domain, *from;
        const char *id;
    } rows[] = {
        {"host.example", "a@example.org", "<" MARKER "@host.example>"},
        {NULL, "a@example.org", "<" MARKER "@example.org>"},
        {"", "a@example.org", "<" MARKER "@example.org>"},
        {"a b", "a@example.org", "<" MARKER "@example.org>"},
        {"a\r\nX: y", "a@example.org", "<" MARKER "@example.org>"},
        {"x>", "a@example.org", "<" MARKER "@example.org>"},
        {"b\xc3\xbc"
         "cher.example",
         "a@example.org", "<" MARKER "@xn--bcher-kva.example>"},
        {NULL,
         "\xc3\xbc@b\xc3\xbc"
         "cher.example",
         "<" MARKER "@xn--bcher-kva.example>"},
    };
    struct marker marker = known_marker();
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct compose_request request = request_of(&marker);
        request.message_id_domain = rows[i].domain;
        request.from = rows[i].from;
        struct composed c = composed_of(&request);
        CHECK_ROW_TEXT(rows[i].id, c.message_id, rows[i].id);
        composed_clear(&c);
    }
}

static void test_long_values_fold(void **state)
{
    enum { TO_COUNT = 100 };
    static char addresses[TO_COUNT][40], subject[5000], header[1200];
    const char *to[TO_COUNT], *headers[] = {header};
    struct marker marker = known_marker();
    struct compose_request request = request_of(&marker);
    struct header_field field;
    struct err err;
    (void)state;

    for (size_t i = 0; i < TO_COUNT; i++) {
        snprintf(addresses[i], sizeof addresses[i], "Somebody <somebody%zu@example.net>", i);
        to[i] = addresses[i];
    }
    for (size_t i = 0; i + 10 < sizeof subject; i += 5)
        strcat(subject, i % 3 == 0 ? "word " : "w\xc3\xb6r ");
    request.to = to;
    request.to_count = TO_COUNT;
    request.subject = subject;
    struct composed c = composed_of(&request);
    struct slice rest = buffer_slice(&c.message);
    while (header_next(&rest, &field)) {
        struct slice raw = field.raw, line;
        while (slice_next_line(&raw, &line))
            assert_true(line.len <= 78);
    }
    char got[6000], wanted[6000];
    field_of(&c, "Subject", got, sizeof got);
    snprintf(wanted, sizeof wanted, "%.*s %s", SLICE_ARG(slice_trim(slice_from(subject))), MARKER);
    assert_string_equal(got, wanted);
    assert_true(header_find(buffer_slice(&c.message), SLICE("To"), 0, &field));
    struct address address;
    size_t count = 0;
    for (; address_next(&field.value, &address, NULL); count++) {
        snprintf(wanted, sizeof wanted, "somebody%zu", count);
        assert_string_equal(address.local, wanted);
    }
    assert_int_equal(count, TO_COUNT);
    assert_true(header_find(buffer_slice(&c.message), SLICE("Subject"), 0, &field));
    assert_true(slice_find(field.value, SLICE(MARKER)) < field.value.len); /* never folded apart */
    composed_clear(&c);

    strcpy(header, "X-Test: ");
    memset(header + 8, 'x', 1000);
    request.headers = headers;
    request.header_count = 1;
    assert_false(compose(&c, &request, &err));
    assert_int_equal(err.kind, FAULT_USAGE);
    header[8 + 900] = '\0';
    c = composed_of(&request);
    check_lines("one long word", buffer_slice(&c.message));
    field_of(&c, "X-Test", got, sizeof got);
    assert_string_equal(got, header + 8);
    composed_clear(&c);
    strcpy(header, "X-Test: a");
    memset(header + 9, ' ', 1000);
    strcpy(header + 1009, "b");
    assert_false(compose(&c, &request, &err));
}

static void test_no_recipient(void **state)
{
    struct marker marker = known_marker();
    struct compose_request request = request_of(&marker);
    char got[100];
    (void)state;

    request.to_count = 0;
    struct composed c = composed_of(&request);
    field_of(&c, "To", got, sizeof got);
    assert_string_equal(got, "undisclosed-recipients:;");
    composed_clear(&c);
}

static bool take_text(void *context, const struct mime_type *type, struct slice entity)
{
    assert_true(mime_decode_text(type, entity, context));
    return true;
}

static void test_given_body(void **state)
{
    static const struct {
        const char *name;
        struct slice body;
        bool plain; /* stands as it is */
        const char *arrives;
    } rows[] = {
        {"plain", SLICE("Hello\nworld\n"), true, "Hello\r\nworld\r\n" MARKER "\r\n"},
        {"crlf", SLICE("Hello\r\nworld\r\n"), true, "Hello\r\nworld\r\n" MARKER "\r\n"},
        {"no line end", SLICE("Hello"), true, "Hello\r\n" MARKER "\r\n"},
        {"empty", SLICE(""), true, MARKER "\r\n"},
        {"dots", SLICE(".\n..\n"), true, ".\r\n..\r\n" MARKER "\r\n"},
        {"utf-8",
         SLICE("Gr\xc3\xbc\xc3\x9f"
               "e=\n"),
         false,
         "Gr\xc3\xbc\xc3\x9f"
         "e=\r\n" MARKER "\r\n"},
        {"latin-1",
         SLICE("Gr\xfc\xdf"
               "e\n"),
         false,
         "Gr\xc3\xbc\xc3\x9f"
         "e\r\n" MARKER "\r\n"},
        {"From", SLICE("From here\n"), false, "From here\r\n" MARKER "\r\n"},
        {"bare carriage return", SLICE("a\rb\n"), false, "a\rb\r\n" MARKER "\r\n"},
        {"delete",
         SLICE("a\x7f"
               "b\n"),
         false,
         "a\x7f"
         "b\r\n" MARKER "\r\n"},
        {"control", SLICE("a\033b\n"), false, "a\033b\r\n" MARKER "\r\n"},
    };
    struct marker marker = known_marker();
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct compose_request request = request_of(&marker);
        struct header_field field;
        struct buffer text = BUFFER_INIT(1000);
        request.body = rows[i].body;
        struct composed c = composed_of(&request);
        mime_walk(buffer_slice(&c.message), take_text, &text);
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&text), rows[i].arrives);
        CHECK_ROW(rows[i].name, rows[i].plain == !header_find(buffer_slice(&c.message),
                                                              SLICE("Content-Transfer-Encoding"), 0, &field));
        CHECK_ROW(rows[i].name, text_is_ascii(buffer_slice(&c.message)));
        CHECK_ROW(rows[i].name, slice_find(buffer_slice(&c.message), SLICE("\nFrom ")) == c.message.len);
        check_lines(rows[i].name, buffer_slice(&c.message));
        buffer_clear(&text);
        composed_clear(&c);
    }
}

static void test_given_body_of_some_megabytes(void **state)
{
    struct buffer body = BUFFER_INIT(3 << 20);
    struct marker marker = known_marker();
    struct compose_request request = request_of(&marker);
    const char *why;
    (void)state;

    while (buffer_append_text(&body, "\xc3\xbc = one long line that goes on ") &&
           buffer_append_char(&body, body.len % 977 ? 'x' : '\n'))
        ;
    request.body = buffer_slice(&body);
    clock_t start = clock(); /* CPU: the host may be busy */
    struct composed c = composed_of(&request);
    check_lines("3 MB", buffer_slice(&c.message));
    assert_int_equal(compose_intact(buffer_slice(&c.message), &c, &why), 1);
    assert_true((clock() - start) / CLOCKS_PER_SEC <
                60); /* a third of a second; minutes if something was quadratic */
    composed_clear(&c);
    buffer_clear(&body);
}

/* The text of a message replaced: what a relay, a list or a gateway may do. */
static struct buffer edited(struct slice message, const char *find, const char *replace, bool all)
{
    struct buffer out = BUFFER_INIT(1 << 20);
    size_t length = strlen(find);

    for (;;) {
        size_t at = slice_find(message, slice_from(find));
        assert_true(buffer_append(&out, slice_head(message, at)));
        if (at == message.len)
            return out;
        assert_true(buffer_append_text(&out, replace));
        message = slice_skip(message, at + length);
        if (!all) {
            assert_true(buffer_append(&out, message));
            return out;
        }
    }
}

static void test_intact(void **state)
{
#define BOUNDARY "\r\n--=_0000000000000000"
#define OPENING  "This is an automatic test message"
    static const struct {
        const char *name;
        const char *find, *replace;
        bool all;
        int result;
        const char *why;
    } rows[] = {
        {"nothing done", "", "", false, 1, "the body is unaltered"},
        {"line ends", "\r\n", "\n", true, 1, "the body is unaltered"},
        {"blanks at line ends", ".\r\n", ". \t\r\n", true, 1, "the body is unaltered"},
        {"wrapped anew", " test", "\r\n  test", true, 1, "the body is unaltered"},
        {"header added", "MIME-Version", "X-Spam: no\r\nMIME-Version", false, 1, "the body is unaltered"},
        {"html rewritten", "<p>", "<div class=\"a>b\"><span style='x'>", true, 1, "the body is unaltered"},
        {"html head", "<head>", "<head><style>p { color: red }</style><title>x</title><!-- y -->", false, 1,
         "the body is unaltered"},
        {"no-break spaces", "a mail", "a\xc2\xa0mail", true, 1, "the body is unaltered"},
        {"footer", MARKER "\r\n" BOUNDARY, MARKER "\r\n-- \r\nA list\r\n" BOUNDARY, false, 0,
         "text was appended to the body"},
        {"banner", OPENING, "CAUTION: external. " OPENING, false, 0, "text was put before the body"},
        {"text changed", "automatic", "manual", false, 0, "the body was changed"},
        {"marker gone", "\r\n\r\nMarker: " MARKER, "\r\n\r\nMarker:", false, 0,
         "the body was changed, and its marker is gone"},
        {"html footer", "</body>", "<p>A list</p></body>", false, 0, "text was appended to the HTML part"},
        {"html banner", "<body>", "<body><table><tr><td>CAUTION</td></tr></table>", false, 0,
         "text was put before that of the HTML part"},
        {"html changed", "<p>This is", "<p>This was", false, 0, "the HTML part was changed"},
        {"part added", "\r\n--=_0000000000000000--",
         "\r\n--=_0000000000000000\r\nContent-Type: image/png\r\n\r\nx\r\n--=_0000000000000000--", false, 0,
         "a part was added to the message"},
        {"text part added", "\r\n--=_0000000000000000--",
         "\r\n--=_0000000000000000\r\n\r\nfooter\r\n--=_0000000000000000--", false, 0,
         "a part was added to the message"},
        {"html gone", "text/html", "text/plain", false, 0, "the HTML part is gone"},
        {"text gone", "text/plain", "application/octet-stream", false, 0, "the text part is gone"},
    };
    struct marker marker = known_marker();
    struct compose_request request = request_of(&marker);
    struct composed c = composed_of(&request);
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer message = edited(buffer_slice(&c.message), rows[i].find, rows[i].replace, rows[i].all);
        const char *why = "";
        int result = compose_intact(buffer_slice(&message), &c, &why);
        CHECK_ROW_TEXT(rows[i].name, why, rows[i].why);
        CHECK_ROW(rows[i].name, result == rows[i].result);
        buffer_clear(&message);
    }
    composed_clear(&c);
}

/* The same message in other clothes. */
static void test_intact_through_other_encodings(void **state)
{
    struct marker marker = known_marker();
    struct compose_request request = request_of(&marker);
    struct composed c, digest_only = {.message = BUFFER_INIT(0)};
    struct buffer coded = BUFFER_INIT(10000), message = BUFFER_INIT(20000);
    const char *why;
    (void)state;

    request.body = SLICE("Gr\xc3\xbc\xc3\x9f"
                         "e = \nan alle\n");
    c = composed_of(&request);
    strcpy(digest_only.body_digest, c.body_digest);
    assert_true(text_base64_encode(&coded, SLICE("Gr\xfc\xdf"
                                                 "e = an alle\n" MARKER)));

    assert_true(buffer_printf(
        &message, "Content-Type: text/plain; charset=windows-1252\nContent-Transfer-Encoding: BASE64\n\n%s\n",
        buffer_text(&coded)));
    assert_int_equal(compose_intact(buffer_slice(&message), &c, &why), 1);
    assert_int_equal(compose_intact(buffer_slice(&message), &digest_only, &why), 1);

    /* a mailing list's wrapping */
    buffer_reset(&message);
    assert_true(buffer_printf(
        &message,
        "Content-Type: multipart/mixed; boundary=l\n\n--l\nContent-Type: text/plain; charset=iso-8859-1\n"
        "Content-Transfer-Encoding: base64\n\n%s\n--l\n\nlist footer\n--l--\n",
        buffer_text(&coded)));
    assert_int_equal(compose_intact(buffer_slice(&message), &c, &why), 0);
    assert_string_equal(why, "a part was added to the message");
    assert_int_equal(compose_intact(buffer_slice(&message), &digest_only, &why), 0);

    /* with the digest alone it is not known what was done */
    assert_int_equal(compose_intact(SLICE("\nGr\xc3\xbc\xc3\x9f"
                                          "e = an alle " MARKER " more"),
                                    &c, &why),
                     0);
    assert_string_equal(why, "text was appended to the body");
    assert_int_equal(compose_intact(SLICE("\nGr\xc3\xbc\xc3\x9f"
                                          "e = an alle " MARKER " more"),
                                    &digest_only, &why),
                     0);
    assert_string_equal(why, "the body was changed");
    assert_int_equal(compose_intact(SLICE("\nx Gr\xc3\xbc\xc3\x9f"
                                          "e = an alle " MARKER " more"),
                                    &c, &why),
                     0);
    assert_string_equal(why, "text was put before and after the body");

    buffer_clear(&coded);
    buffer_clear(&message);
    composed_clear(&c);
}

static void test_intact_cannot_be_told(void **state)
{
    static const struct {
        const char *name;
        struct slice message;
    } rows[] = {
        {"empty", SLICE("")},
        {"header alone", SLICE("Subject: x\r\n")},
        {"empty body", SLICE("Subject: x\r\n\r\n")},
        {"no text", SLICE("Content-Type: image/png\r\n\r\nx")},
        {"no parts", SLICE("Content-Type: multipart/mixed; boundary=x\r\n\r\nx")},
    };
    struct marker marker = known_marker();
    struct compose_request request = request_of(&marker);
    struct composed c = composed_of(&request);
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *why = NULL;
        CHECK_ROW(rows[i].name, compose_intact(rows[i].message, &c, &why) == -1);
        CHECK_ROW_TEXT(rows[i].name, why, "the message has no text");
    }
    composed_clear(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_message),
        cmocka_unit_test(test_text_varies_with_the_marker_alone),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_message_id_domain),
        cmocka_unit_test(test_long_values_fold),
        cmocka_unit_test(test_no_recipient),
        cmocka_unit_test(test_given_body),
        cmocka_unit_test(test_given_body_of_some_megabytes),
        cmocka_unit_test(test_intact),
        cmocka_unit_test(test_intact_through_other_encodings),
        cmocka_unit_test(test_intact_cannot_be_told),
    };
    return cmocka_run_group_tests_name("compose", tests, NULL, NULL);
}
