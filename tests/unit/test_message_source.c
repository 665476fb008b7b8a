/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/probe/message_source.h"

static const struct {
    const char *name;
    struct slice message, header, body;
} rows[] = {
    {"CRLF", SLICE("A: b\r\n\r\nbody\r\n"), SLICE("A: b\r\n\r\n"), SLICE("body\r\n")},
    {"LF", SLICE("A: b\n\nbody\n"), SLICE("A: b\n\n"), SLICE("body\n")},
    {"no body", SLICE("A: b\r\n\r\n"), SLICE("A: b\r\n\r\n"), SLICE("")},
    {"no empty line", SLICE("A: b\r\n"), SLICE("A: b\r\n"), SLICE("")},
    {"no line end", SLICE("A: b"), SLICE("A: b"), SLICE("")},
    {"no header", SLICE("\r\nbody"), SLICE("\r\n"), SLICE("body")},
    {"no header, LF", SLICE("\nbody\n\n"), SLICE("\n"), SLICE("body\n\n")},
    {"a CR is no empty line", SLICE("A: b\r\n\rC: d\r\n\r\nx"), SLICE("A: b\r\n\rC: d\r\n\r\n"), SLICE("x")},
    {"NUL bytes", SLICE("A: \0\n\n\0body\0"), SLICE("A: \0\n\n"), SLICE("\0body\0")},
    {"an empty line in the body", SLICE("A: b\n\n\n\nbody"), SLICE("A: b\n\n"), SLICE("\n\nbody")},
};

/* The body again, whatever the pieces. */
static void check(const char *name, struct message_source *source, struct slice header, struct slice body)
{
    struct buffer got = BUFFER_INIT(64 * 1024 * 1024);
    struct slice piece;
    struct err err;

    CHECK_ROW(name, slice_eq(source->header, header));
    do {
        CHECK_ROW(name, message_source_next(source, &piece, &err));
        CHECK_ROW(name, buffer_append(&got, piece));
    } while (piece.len > 0);
    CHECK_ROW(name, slice_eq(buffer_slice(&got), body));
    message_source_close(source);
    buffer_clear(&got);
}

static void write_file(const char *path, struct slice content)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(content.data, 1, content.len, file), content.len);
    assert_int_equal(fclose(file), 0);
}

static void test_pieces(void **state)
{
    char path[] = "message-source-XXXXXX";
    int fd = mkstemp(path);
    (void)state;

    assert_true(fd >= 0);
    close(fd);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct message_source source;
        struct err err;
        message_source_memory(&source, rows[i].message);
        check(rows[i].name, &source, rows[i].header, rows[i].body);
        write_file(path, rows[i].message);
        CHECK_ROW(rows[i].name, message_source_open(&source, path, deadline_in(60), &err));
        check(rows[i].name, &source, rows[i].header, rows[i].body);
    }
    unlink(path);
}

static struct slice repeat(struct buffer *out, const char *line, size_t size)
{
    while (out->len < size)
        assert_true(buffer_append_text(out, line));
    return buffer_slice(out);
}

static void test_size(void **state)
{
    struct buffer text = BUFFER_INIT(16 * 1024 * 1024);
    char path[] = "message-source-XXXXXX";
    struct message_source source;
    struct err err;
    int fd = mkstemp(path);
    (void)state;

    assert_true(fd >= 0);
    close(fd);
    size_t header =
        repeat(&text, "X-Pad: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 1024 * 1024).len;
    assert_true(buffer_append_text(&text, "\r\n"));
    repeat(&text, "body\r\n", 6 * 1024 * 1024);
    write_file(path, buffer_slice(&text));
    assert_true(message_source_open(&source, path, deadline_in(60), &err));
    check("long header", &source, slice_head(buffer_slice(&text), header + 2),
          slice_skip(buffer_slice(&text), header + 2));

    buffer_reset(&text);
    write_file(path, repeat(&text, "X-Pad: a\n", MESSAGE_HEADER_MAX + 100000));
    assert_false(message_source_open(&source, path, deadline_in(60), &err));
    assert_int_equal(err.kind, FAULT_CONFIG);
    message_source_close(&source);
    buffer_clear(&text);
    unlink(path);
}

static void test_refusals(void **state)
{
    char path[] = "message-source-XXXXXX";
    struct message_source source;
    struct err err;
    int fd = mkstemp(path);
    (void)state;

    assert_true(fd >= 0);
    close(fd);
    assert_false(message_source_open(&source, path, deadline_in(60), &err));
    assert_int_equal(err.kind, FAULT_CONFIG);
    assert_non_null(strstr(err.text, "nothing in it"));
    message_source_close(&source);
    assert_false(message_source_open(&source, ".", deadline_in(60), &err));
    assert_int_equal(err.kind, FAULT_CONFIG);
    message_source_close(&source);
    unlink(path);
    assert_false(message_source_open(&source, path, deadline_in(60), &err));
    assert_int_equal(err.kind, FAULT_CONFIG);
    message_source_close(&source);
    /* a pipe that nobody writes into */
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(message_source_open(&source, path, deadline_in(0.2), &err));
    assert_int_equal(err.kind, FAULT_CONFIG);
    message_source_close(&source);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pieces), cmocka_unit_test(test_size),
                                       cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests_name("message_source", tests, NULL, NULL);
}
