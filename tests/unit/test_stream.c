/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "common/net/stream.h"

/* What the peer sends, so many bytes a read, and how it behaves. */
struct wire {
    struct slice input;
    size_t chunk;
    bool pauses; /* every other read finds nothing yet */
    bool resets; /* at the end of the input; else it closes, or is silent: */
    bool silent;
    bool paused;
    size_t send_chunk; /* bytes taken a send; 0 with send_result */
    ssize_t send_result;
    struct buffer output;
    size_t waits;
};

static ssize_t wire_receive(void *context, void *data, size_t size)
{
    struct wire *w = context;

    w->paused = w->pauses && !w->paused;
    if (w->paused)
        return STREAM_AGAIN;
    if (w->input.len == 0)
        return w->silent ? STREAM_AGAIN : w->resets ? STREAM_BROKEN : 0;
    size_t n = w->input.len < w->chunk ? w->input.len : w->chunk;
    n = n < size ? n : size;
    memcpy(data, w->input.data, n);
    w->input = slice_skip(w->input, n);
    return (ssize_t)n;
}

static ssize_t wire_send(void *context, const void *data, size_t size)
{
    struct wire *w = context;

    w->paused = w->pauses && !w->paused;
    if (w->paused)
        return STREAM_AGAIN;
    if (w->send_chunk == 0)
        return w->send_result;
    size_t n = size < w->send_chunk ? size : w->send_chunk;
    assert_true(buffer_append(&w->output, slice_of(data, n)));
    return (ssize_t)n;
}

static int wire_wait(void *context, bool for_output, int timeout_ms)
{
    struct wire *w = context;

    (void)for_output, (void)timeout_ms;
    w->waits++;
    return w->silent && w->input.len == 0 ? 0 : 1;
}

static const struct stream_ops wire_ops = {wire_receive, wire_send, wire_wait};

static const size_t chunks[] = {1, 2, 3, 7, 1000000};

static struct stream open_wire(struct wire *w, double seconds, struct transcript *transcript)
{
    struct stream s;

    stream_init(&s, &wire_ops, w, "smtp", transcript, deadline_in(seconds));
    return s;
}

static void test_lines(void **state)
{
    static const struct {
        const char *name;
        struct slice input;
        size_t count;
        struct slice lines[4];
    } rows[] = {
        {"crlf", SLICE("220 a\r\n250 b\r\n"), 2, {SLICE("220 a"), SLICE("250 b")}},
        {"lf", SLICE("a\nb\n"), 2, {SLICE("a"), SLICE("b")}},
        {"empty lines", SLICE("\r\n\n\r\n"), 3, {SLICE(""), SLICE(""), SLICE("")}},
        {"cr inside stays", SLICE("a\rb\r\n"), 1, {SLICE("a\rb")}},
        {"only the last cr goes", SLICE("a\r\r\n"), 1, {SLICE("a\r")}},
        {"nul", SLICE("a\0b\r\n"), 1, {SLICE("a\0b")}},
        {"cut line", SLICE("a\r\nb"), 1, {SLICE("a")}},
        {"nothing", SLICE(""), 0, {SLICE("")}},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (size_t c = 0; c < 2 * COUNT_OF(chunks); c++) {
            struct wire w = {.input = rows[i].input, .chunk = chunks[c / 2], .pauses = c % 2 != 0};
            struct stream s = open_wire(&w, 60, NULL);
            struct slice line;
            struct err err = ERR_NONE;
            for (size_t n = 0; n < rows[i].count; n++) {
                CHECK_ROW(rows[i].name, stream_line(&s, STAGE_AUTH, &line, &err));
                CHECK_ROW(rows[i].name, slice_eq(line, rows[i].lines[n]));
            }
            CHECK_ROW(rows[i].name, !stream_line(&s, STAGE_AUTH, &line, &err));
            CHECK_ROW(rows[i].name, err.kind == FAULT_CONNECT && err.stage == STAGE_AUTH);
            CHECK_ROW_TEXT(rows[i].name, err.text, "the smtp server closed the connection at auth");
            stream_clear(&s);
        }
    }
}

/* One byte over the limit is refused, however it comes; so is a line without end. */
static void test_line_limit(void **state)
{
    static char big[STREAM_LINE_MAX * 3];
    (void)state;

    memset(big, 'x', sizeof big);
    for (size_t c = 0; c < COUNT_OF(chunks); c++) {
        for (size_t length = STREAM_LINE_MAX - 1; length <= STREAM_LINE_MAX + 1; length++) {
            struct wire w = {.input = slice_of(big, length + 1), .chunk = chunks[c]};
            struct stream s = open_wire(&w, 60, NULL);
            struct slice line;
            struct err err = ERR_NONE;
            big[length] = '\n';
            bool ok = stream_line(&s, STAGE_RCPT, &line, &err);
            big[length] = 'x';
            assert_true(ok == (length <= STREAM_LINE_MAX));
            assert_true(ok ? line.len == length : err.kind == FAULT_PROTOCOL && err.stage == STAGE_RCPT);
            stream_clear(&s);
        }
        struct wire endless = {.input = slice_of(big, sizeof big), .chunk = chunks[c]};
        struct stream s = open_wire(&endless, 60, NULL);
        struct slice line;
        struct err err = ERR_NONE;
        assert_false(stream_line(&s, STAGE_RCPT, &line, &err));
        assert_int_equal(err.kind, FAULT_PROTOCOL);
        assert_true(endless.input.len >= sizeof big - 2 * STREAM_LINE_MAX); /* it stopped reading */
        stream_clear(&s);
    }
}

static void test_endings(void **state)
{
    static const struct {
        const char *name;
        bool resets, silent;
        double seconds;
        const char *input;
        enum fault kind;
        const char *text;
    } rows[] = {
        {"closes", false, false, 60, "half a li", FAULT_CONNECT,
         "the smtp server closed the connection at login"},
        {"resets", true, false, 60, "half a li", FAULT_CONNECT,
         "the smtp server broke the connection at login"},
        {"silent", false, true, 0.01, "", FAULT_TIMEOUT,
         "the smtp server was silent at login until the time was up"},
        {"silent in the middle", false, true, 0.01, "half a li", FAULT_TIMEOUT,
         "the smtp server had not ended its answer at login when the time was up"},
        {"time was up before", false, true, 0, "half a li", FAULT_TIMEOUT,
         "the smtp server was silent at login until the time was up"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct wire w = {.input = slice_from(rows[i].input),
                         .chunk = 1,
                         .resets = rows[i].resets,
                         .silent = rows[i].silent};
        struct stream s = open_wire(&w, rows[i].seconds, NULL);
        struct slice line;
        struct err err = ERR_NONE;
        CHECK_ROW(rows[i].name, !stream_line(&s, STAGE_LOGIN, &line, &err));
        CHECK_ROW(rows[i].name, err.kind == rows[i].kind && err.stage == STAGE_LOGIN);
        CHECK_ROW_TEXT(rows[i].name, err.text, rows[i].text);
        stream_clear(&s);
    }
}

/* A peer that never stops talking and never ends a line is stopped by the clock, not only by the limit. */
static ssize_t drip(void *context, void *data, size_t size)
{
    (void)context, (void)size;
    *(char *)data = 'x';
    return 1;
}

static void test_dripping_is_stopped_by_the_deadline(void **state)
{
    static const struct stream_ops ops = {drip, wire_send, wire_wait};
    struct wire w = {.chunk = 1};
    struct stream s;
    struct slice line;
    struct err err = ERR_NONE;
    (void)state;

    stream_init(&s, &ops, &w, "imap", NULL, deadline_in(0));
    assert_false(stream_line(&s, STAGE_SEARCH, &line, &err));
    assert_int_equal(err.kind, FAULT_TIMEOUT);
    stream_clear(&s);
}

static void test_bytes_then_lines(void **state)
{
    static const struct {
        unsigned long long len;
        size_t maximum; /* of the buffer */
        const char *kept;
    } rows[] = {{11, 100, "hello\r\nworl"}, {11, 5, "hello"}, {11, 0, ""}, {0, 100, ""}};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (size_t c = 0; c < COUNT_OF(chunks); c++) {
            struct wire w = {.input = SLICE("* 1 FETCH {11}\r\nhello\r\nworl)\r\na OK\r\n"),
                             .chunk = chunks[c]};
            struct stream s = open_wire(&w, 60, NULL);
            struct buffer out = BUFFER_INIT(rows[i].maximum);
            struct slice line;
            struct err err = ERR_NONE;
            assert_true(stream_line(&s, STAGE_FETCH, &line, &err));
            assert_true(slice_eq(line, SLICE("* 1 FETCH {11}")));
            assert_true(stream_bytes(&s, STAGE_FETCH, rows[i].len,
                                     c % 2 == 0 || rows[i].maximum > 0 ? &out : NULL, &err));
            assert_string_equal(buffer_text(&out), rows[i].kept);
            assert_true(stream_line(&s, STAGE_FETCH, &line, &err));
            assert_true(slice_eq(line, rows[i].len == 0 ? SLICE("hello") : SLICE(")")));
            buffer_clear(&out);
            stream_clear(&s);
        }
    }
}

static void test_bytes_cut(void **state)
{
    struct wire w = {.input = SLICE("1234"), .chunk = 3};
    struct stream s = open_wire(&w, 60, NULL);
    struct buffer out = BUFFER_INIT(100);
    struct err err = ERR_NONE;
    (void)state;

    assert_false(stream_bytes(&s, STAGE_FETCH, 18446744073709551615ULL, &out, &err));
    assert_int_equal(err.kind, FAULT_CONNECT);
    assert_string_equal(buffer_text(&out), "1234");
    buffer_clear(&out);
    stream_clear(&s);
}

static void test_send(void **state)
{
    (void)state;

    for (size_t c = 0; c < 2 * COUNT_OF(chunks); c++) {
        struct wire w = {.send_chunk = chunks[c / 2], .pauses = c % 2 != 0, .output = BUFFER_INIT(100)};
        struct stream s = open_wire(&w, 60, NULL);
        struct err err = ERR_NONE;
        assert_true(stream_send(&s, STAGE_MAIL, SLICE("MAIL FROM:<>\r\nRCPT TO:<a@b>\r\n"), &err));
        assert_string_equal(buffer_text(&w.output), "MAIL FROM:<>\r\nRCPT TO:<a@b>\r\n");
        assert_true(stream_send(&s, STAGE_MAIL, SLICE_EMPTY, &err));
        buffer_clear(&w.output);
        stream_clear(&s);
    }
}

static void test_send_fails(void **state)
{
    static const struct {
        ssize_t result;
        double seconds;
        enum fault kind;
    } rows[] = {
        {STREAM_BROKEN, 60, FAULT_CONNECT}, {0, 60, FAULT_CONNECT}, {STREAM_AGAIN, 0.01, FAULT_TIMEOUT}};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct wire w = {.send_result = rows[i].result, .silent = true};
        struct stream s = open_wire(&w, rows[i].seconds, NULL);
        struct err err = ERR_NONE;
        assert_false(stream_send(&s, STAGE_DATA, SLICE("x"), &err));
        assert_int_equal(err.kind, rows[i].kind);
        assert_int_equal(err.stage, STAGE_DATA);
        stream_clear(&s);
    }
}

static void test_secrets_stay_out_of_the_transcript(void **state)
{
    struct wire w = {.input = SLICE("334 Y2hhbGxlbmdl\r\n235 ok\r\n"),
                     .chunk = 5,
                     .send_chunk = 100,
                     .output = BUFFER_INIT(500)};
    struct transcript t;
    struct slice line;
    struct err err = ERR_NONE;
    (void)state;

    transcript_init(&t, true);
    struct stream s = open_wire(&w, 60, &t);
    assert_true(stream_send_secret(&s, STAGE_AUTH, SLICE("AUTH PLAIN aHVudGVyMg==\r\n"),
                                   "AUTH PLAIN (redacted)", &err));
    assert_true(stream_line_secret(&s, STAGE_AUTH, &line, &err));
    assert_true(slice_eq(line, SLICE("334 Y2hhbGxlbmdl")));
    assert_true(stream_line(&s, STAGE_AUTH, &line, &err));
    assert_true(stream_send(&s, STAGE_AUTH, SLICE("MAIL FROM:<a@b>\r\nQUIT\r\n"), &err));
    struct slice all = buffer_slice(&t.lines);
    assert_false(slice_contains_nocase(all, SLICE("aHVudGVyMg")));
    assert_false(slice_contains_nocase(all, SLICE("Y2hhbGxlbmdl")));
    assert_true(slice_contains_nocase(all, SLICE("smtp C: AUTH PLAIN (redacted)\n")));
    assert_true(slice_contains_nocase(all, SLICE("smtp S: (redacted)\n")));
    assert_true(slice_contains_nocase(all, SLICE("smtp S: 235 ok\n")));
    assert_true(slice_contains_nocase(all, SLICE("smtp C: QUIT\n")));
    assert_true(slice_contains_nocase(buffer_slice(&w.output), SLICE("aHVudGVyMg")));
    buffer_clear(&w.output);
    stream_clear(&s);
    transcript_clear(&t);
}

static void test_waiting(void **state)
{
    static const struct {
        const char *name;
        struct slice input;
        bool silent, resets;
        int result;
    } rows[] = {
        {"input", SLICE("* 1 EXISTS\r\n"), false, false, 1},
        {"nothing comes", SLICE(""), true, false, 0},
        {"closed", SLICE(""), false, false, -1},
        {"reset", SLICE(""), false, true, -1},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct wire w = {
            .input = rows[i].input, .chunk = 4, .silent = rows[i].silent, .resets = rows[i].resets};
        struct stream s = open_wire(&w, 60, NULL);
        struct err err = ERR_NONE;
        CHECK_ROW(rows[i].name, stream_wait(&s, STAGE_SEARCH, 0.01, &err) == rows[i].result);
        CHECK_ROW(rows[i].name, (err.kind == FAULT_NONE) == (rows[i].result >= 0));
        CHECK_ROW(rows[i].name, stream_has_input(&s) == (rows[i].result > 0));
        stream_clear(&s);
    }
}

/* What has been read together with a line before is not waited for on the socket (TLS would hold it there).
 */
static void test_what_is_buffered_needs_no_waiting(void **state)
{
    struct wire w = {.input = SLICE("+ idling\r\n* 1 EXISTS\r\n"), .chunk = 1000, .silent = true};
    struct stream s = open_wire(&w, 60, NULL);
    struct slice line;
    struct err err = ERR_NONE;
    (void)state;

    assert_true(stream_line(&s, STAGE_SEARCH, &line, &err));
    assert_true(stream_has_input(&s));
    assert_int_equal(stream_wait(&s, STAGE_SEARCH, 60, &err), 1);
    assert_true(stream_line(&s, STAGE_SEARCH, &line, &err));
    assert_true(slice_eq(line, SLICE("* 1 EXISTS")));
    assert_int_equal(w.waits, 0);
    stream_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_line_limit),
        cmocka_unit_test(test_endings),
        cmocka_unit_test(test_dripping_is_stopped_by_the_deadline),
        cmocka_unit_test(test_bytes_then_lines),
        cmocka_unit_test(test_bytes_cut),
        cmocka_unit_test(test_send),
        cmocka_unit_test(test_send_fails),
        cmocka_unit_test(test_secrets_stay_out_of_the_transcript),
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_what_is_buffered_needs_no_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
