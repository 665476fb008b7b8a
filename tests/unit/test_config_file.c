/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cli/config_file.h"

static void test_lines(void **state)
{
    static const struct {
        const char *name;
        struct slice content;
        const char *option;
        const char *value; /* NULL: none */
    } rows[] = {
        {"quoted", SLICE("hostname = \"a b\"\n"), "hostname", "a b"},
        {"bare", SLICE("hostname = a b  \n"), "hostname", "a b"},
        {"tight", SLICE("hostname=a"), "hostname", "a"},
        {"blanks around", SLICE(" \t hostname\t =\t\"a\" \t \n"), "hostname", "a"},
        {"escapes", SLICE("x = \"a \\\"b\\\" \\\\ c\"\n"), "x", "a \"b\" \\ c"},
        {"backslash at the end", SLICE("x = \"a\\\\\"\n"), "x", "a\\"},
        {"bare backslash stays", SLICE("x = a\\b\\\"\n"), "x", "a\\b\\\""},
        {"comment behind", SLICE("x = \"a\" # b\n"), "x", "a"},
        {"comment close behind", SLICE("x = \"a\"#b\n"), "x", "a"},
        {"bare comment behind", SLICE("x = a # b\n"), "x", "a"},
        {"hash within a bare word", SLICE("x = a#b\n"), "x", "a#b"},
        {"hash within quotes", SLICE("x = \"a # b\"\n"), "x", "a # b"},
        {"equals sign in the value", SLICE("folder = Junk=warning\n"), "folder", "Junk=warning"},
        {"quote within a bare word", SLICE("x = a\"b\"\n"), "x", "a\"b\""},
        {"empty quoted", SLICE("x = \"\"\n"), "x", ""},
        {"empty", SLICE("x =\n"), "x", ""},
        {"empty before a comment", SLICE("x = # y\n"), "x", ""},
        {"flag", SLICE("insecure\n"), "insecure", NULL},
        {"flag with comment", SLICE("insecure # y\n"), "insecure", NULL},
        {"crlf", SLICE("x = a\r\n"), "x", "a"},
        {"crlf, quoted", SLICE("x = \"a\"\r\n"), "x", "a"},
        {"byte order mark", SLICE("\xef\xbb\xbfx = a\n"), "x", "a"},
        {"comments and empty lines first", SLICE("# a\n\n  # b\n \t\nx = a\n"), "x", "a"},
        {"utf-8", SLICE("x = \xc3\xbc\n"), "x", "\xc3\xbc"},
        {"digits and dashes", SLICE("oauth2-x4 = a\n"), "oauth2-x4", "a"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct config_reader r;
        struct config_entry entry;
        struct err err = ERR_NONE;
        config_begin(&r, "f", rows[i].content);
        int status = config_next(&r, &entry, &err);
        CHECK_ROW_TEXT(rows[i].name, err.text, "");
        CHECK_ROW(rows[i].name, status == 1);
        CHECK_ROW(rows[i].name, slice_eq(entry.name, slice_from(rows[i].option)));
        CHECK_ROW(rows[i].name, entry.has_value == (rows[i].value != NULL));
        CHECK_ROW(rows[i].name, slice_eq(entry.value, slice_from(rows[i].value)));
        CHECK_ROW(rows[i].name, config_next(&r, &entry, &err) == 0);
        config_end(&r);
    }
}

static void test_broken_lines(void **state)
{
    static const char form[] = "expected NAME = \"VALUE\", or a flag's NAME alone";
    static const char quote[] = "the closing quote is missing";
    static const char escape[] =
        "within quotes a backslash stands before \" or \\ only (write \\\\ for itself)";
    static const struct {
        const char *name;
        struct slice content;
        const char *text;
    } rows[] = {
        {"no name", SLICE("= a\n"), form},
        {"upper case", SLICE("Hostname = a\n"), form},
        {"underscore", SLICE("use_ipv4\n"), form},
        {"two words", SLICE("hostname mail.example.com\n"), form},
        {"colon", SLICE("hostname: a\n"), form},
        {"section", SLICE("[x]\n"), form},
        {"quoted name", SLICE("\"x\" = a\n"), form},
        {"dashes", SLICE("--x = a\n"),
         "here options are written without dashes: hostname = \"mail.example.com\""},
        {"no closing quote", SLICE("x = \"a\n"), quote},
        {"closing quote on the next line", SLICE("x = \"a\n\"\n"), quote},
        {"only a quote", SLICE("x = \""), quote},
        {"escaped closing quote", SLICE("x = \"a\\\"\n"), quote},
        {"backslash last", SLICE("x = \"a\\"), escape},
        {"other escape", SLICE("x = \"C:\\temp\"\n"), escape},
        {"text behind the quote", SLICE("x = \"a\" b\n"), "something follows the closing quote"},
        {"two quoted words", SLICE("x = \"a\"\"b\"\n"), "something follows the closing quote"},
        {"binary", SLICE("\x01\x02\n"), form},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct config_reader r;
        struct config_entry entry;
        struct err err = ERR_NONE;
        char text[200];
        snprintf(text, sizeof text, "f line 1: %s", rows[i].text);
        config_begin(&r, "f", rows[i].content);
        CHECK_ROW(rows[i].name, config_next(&r, &entry, &err) == -1);
        CHECK_ROW_TEXT(rows[i].name, err.text, text);
        CHECK_ROW(rows[i].name, err.kind == FAULT_CONFIG);
        config_end(&r);
    }
}

static void test_longest_line(void **state)
{
    struct buffer content = BUFFER_INIT(2 * CONFIG_LINE_MAX);
    struct config_reader r;
    struct config_entry entry;
    struct err err = ERR_NONE;
    (void)state;

    assert_true(buffer_append_text(&content, "x=\""));
    while (content.len < CONFIG_LINE_MAX - 1)
        assert_true(buffer_append_char(&content, 'a'));
    assert_true(buffer_append_char(&content, '"'));
    config_begin(&r, "f", buffer_slice(&content));
    assert_int_equal(config_next(&r, &entry, &err), 1);
    assert_int_equal(entry.value.len, CONFIG_LINE_MAX - 4);
    config_end(&r);

    assert_true(buffer_append_char(&content, ' '));
    config_begin(&r, "f", buffer_slice(&content));
    assert_int_equal(config_next(&r, &entry, &err), -1);
    assert_string_equal(err.text, "f line 1: the line is too long");
    config_end(&r);
    buffer_clear(&content);
}

static void test_load_refuses(void **state)
{
    struct buffer content = BUFFER_INIT(CONFIG_FILE_MAX);
    struct err err;
    int ends[2];
    char path[32];
    (void)state;

    assert_false(config_load(&content, "/nonexistent/x", &err));
    assert_string_equal(err.text, "cannot open /nonexistent/x: No such file or directory");
    assert_false(config_load(&content, "/", &err));
    assert_string_equal(err.text, "/ is a directory, not a configuration file");
    assert_false(config_load(&content, "/dev/zero", &err));
    assert_string_equal(err.text, "/dev/zero holds binary data: that is no configuration file");
    buffer_reset(&content);

    /* <(...) of a shell */
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "x = a\n", 6), 6);
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_true(config_load(&content, path, &err));
    assert_string_equal(buffer_text(&content), "x = a\n");
    close(ends[0]);
    buffer_clear(&content);
}

static void test_load_has_a_maximum(void **state)
{
    char path[] = "/tmp/mailproof-test-XXXXXX";
    struct buffer content = BUFFER_INIT(CONFIG_FILE_MAX);
    struct err err;
    char block[1024];
    int fd = mkstemp(path);
    (void)state;

    assert_true(fd >= 0);
    memset(block, '\n', sizeof block);
    for (size_t i = 0; i < CONFIG_FILE_MAX; i += sizeof block)
        assert_int_equal(write(fd, block, sizeof block), sizeof block);
    assert_true(config_load(&content, path, &err));
    buffer_reset(&content);
    assert_int_equal(write(fd, block, 1), 1);
    assert_false(config_load(&content, path, &err));
    assert_non_null(strstr(err.text, "is longer than 1048576 bytes"));
    buffer_clear(&content);
    close(fd);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_broken_lines),
        cmocka_unit_test(test_longest_line),
        cmocka_unit_test(test_load_refuses),
        cmocka_unit_test(test_load_has_a_maximum),
    };

    return cmocka_run_group_tests_name("config file", tests, NULL, NULL);
}
