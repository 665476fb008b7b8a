/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/interrupt.h"
#include "common/probe/sendmail.h"

static char folder[] = "/tmp/mailproof-sendmail-XXXXXX";
static const char *const recipients[] = {"b@y.example", "-oQ/tmp@z.example"};

static void path_in_folder(char *out, size_t size, const char *name)
{
    snprintf(out, size, "%s/%s", folder, name);
}

/* A mail program made of a few lines of shell. */
static void write_program(char *path, size_t size, const char *script)
{
    path_in_folder(path, size, "program");
    unlink(path);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fprintf(f, "#!/bin/sh\ncd %s\n%s\n", folder, script);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, 0700), 0);
}

static void read_back(const char *name, char *out, size_t size)
{
    char path[200];
    path_in_folder(path, sizeof path, name);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    size_t n = fread(out, 1, size - 1, f);
    out[n] = '\0';
    fclose(f);
}

static bool run(const char *path, struct slice message, double seconds, bool *uncertain, struct err *err)
{
    struct sendmail_request request = {
        .path = path,
        .mail_from = "a@x.example",
        .recipients = recipients,
        .recipient_count = COUNT_OF(recipients),
        .message = message,
    };
    *err = ERR_NONE;
    return sendmail_run(&request, NULL, deadline_in(seconds), uncertain, err);
}

static void test_what_the_program_gets(void **state)
{
    char path[200], got[4096];
    struct err err;
    bool uncertain;
    (void)state;

    write_program(path, sizeof path,
                  "cat >message; printf '[%s]' \"$@\" >arguments; env >environment; ls /proc/self/fd | wc -l "
                  ">descriptors");
    setenv("MAILPROOF_SECRET", "hush", 1);
    int extra = open("/dev/null", O_RDONLY); /* deliberately inherited by default */
    assert_true(run(path, SLICE("Subject: x\r\n\r\n.\r\nend\r\n"), 10, &uncertain, &err));
    close(extra);
    assert_false(uncertain);
    read_back("message", got, sizeof got);
    assert_string_equal(got, "Subject: x\n\n.\nend\n");
    read_back("arguments", got, sizeof got);
    assert_string_equal(got, "[-i][-f][a@x.example][--][b@y.example][-oQ/tmp@z.example]");
    read_back("environment", got, sizeof got);
    assert_null(strstr(got, "MAILPROOF_SECRET"));
    assert_non_null(strstr(got, "LC_ALL=C"));
#ifndef MAILPROOF_SANITIZED
    read_back("descriptors", got, sizeof got);
    assert_int_equal(atoi(got), 4); /* three, and the one that ls reads them by */
#endif
}

static void test_null_sender(void **state)
{
    char path[200], got[200];
    struct err err;
    bool uncertain;
    (void)state;

    write_program(path, sizeof path, "cat >/dev/null; printf '%s' \"$3\" >sender");
    struct sendmail_request request = {.path = path,
                                       .mail_from = "",
                                       .recipients = recipients,
                                       .recipient_count = 1,
                                       .message = SLICE("x\r\n")};
    assert_true(sendmail_run(&request, NULL, deadline_in(10), &uncertain, &err));
    read_back("sender", got, sizeof got);
    assert_string_equal(got, "<>");
}

static void test_exit_codes(void **state)
{
    static const struct {
        const char *script;
        enum fault fault;
        const char *text; /* behind the path */
    } rows[] = {
        {"cat >/dev/null; exit 67", FAULT_RECIPIENT_UNKNOWN, "ended with 67 (EX_NOUSER)"},
        {"cat >/dev/null; echo 'queue is full' >&2; exit 75", FAULT_SERVER_UNAVAILABLE,
         "ended with 75 (EX_TEMPFAIL): queue is full"},
        {"cat >/dev/null; exit 73", FAULT_SERVER_STORAGE, "ended with 73 (EX_CANTCREAT)"},
        {"cat >/dev/null; exit 77", FAULT_POLICY_REJECTED, "ended with 77 (EX_NOPERM)"},
        {"cat >/dev/null; exit 68", FAULT_DNS, "ended with 68 (EX_NOHOST)"},
        {"exit 64", FAULT_CONFIG, "ended with 64 (EX_USAGE)"},
        {"exit 78", FAULT_SERVER_UNAVAILABLE, "ended with 78 (EX_CONFIG)"},
        {"cat >/dev/null; exit 1", FAULT_SERVER_UNAVAILABLE, "ended with 1"},
        {"cat >/dev/null; printf 'a|b\\n<c>\\033[1m\\n'; exit 1", FAULT_SERVER_UNAVAILABLE,
         "ended with 1: a/b (c)"},
        {"cat >/dev/null; kill -9 $$", FAULT_SERVER_UNAVAILABLE, "was killed by signal 9"},
    };
    char path[200], wanted[400];
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err;
        bool uncertain;
        write_program(path, sizeof path, rows[i].script);
        CHECK_ROW(rows[i].script, !run(path, SLICE("x\r\n"), 10, &uncertain, &err));
        CHECK_ROW(rows[i].script, err.kind == rows[i].fault && !uncertain);
        snprintf(wanted, sizeof wanted, "the mail program %s %s", path, rows[i].text);
        CHECK_ROW_TEXT(rows[i].script, err.text, wanted);
    }
}

static void test_no_program(void **state)
{
    char path[200];
    struct err err;
    bool uncertain;
    (void)state;

    assert_false(run("/nonexistent/sendmail", SLICE("x"), 5, &uncertain, &err));
    assert_int_equal(err.kind, FAULT_CONFIG);
    assert_string_equal(err.text,
                        "cannot run the mail program /nonexistent/sendmail: No such file or directory");
    assert_false(run("sendmail", SLICE("x"), 5, &uncertain, &err));
    assert_int_equal(err.kind, FAULT_CONFIG);
    write_program(path, sizeof path, "exit 0");
    assert_int_equal(chmod(path, 0600), 0);
    assert_false(run(path, SLICE("x"), 5, &uncertain, &err));
    assert_int_equal(err.kind, FAULT_CONFIG);
}

static void test_big_message_and_chatty_program(void **state)
{
    struct buffer message = BUFFER_INIT(1 << 20);
    char path[200], got[100];
    struct err err;
    bool uncertain;
    (void)state;

    while (message.len < 900000)
        buffer_append_text(&message, "0123456789 0123456789 0123456789\r\n");
    /* says more than a pipe holds before it reads anything */
    write_program(path, sizeof path, "head -c 300000 /dev/zero | tr '\\0' x; wc -c >size; exit 70");
    assert_false(run(path, buffer_slice(&message), 10, &uncertain, &err));
    assert_int_equal(err.kind, FAULT_SERVER_UNAVAILABLE);
    read_back("size", got, sizeof got);
    assert_int_equal(atoi(got), message.len / 34 * 33);
    write_program(path, sizeof path, "head -c 10 >/dev/null; exit 0");
    assert_false(run(path, buffer_slice(&message), 10, &uncertain, &err));
    assert_non_null(strstr(err.text, "ended with 0 before it had read the message"));
    buffer_clear(&message);
}

static void test_deadline_ends_the_whole_group(void **state)
{
    char path[200], got[100];
    struct timespec began;
    struct err err;
    bool uncertain;
    (void)state;

    write_program(path, sizeof path, "cat >/dev/null; sleep 60 & echo $! >child; wait");
    began = clock_now();
    assert_false(run(path, SLICE("x\r\n"), 0.5, &uncertain, &err));
    assert_true(clock_since(began) < 3);
    assert_int_equal(err.kind, FAULT_TIMEOUT);
    assert_true(uncertain);
    assert_non_null(strstr(err.text, "may arrive nevertheless"));
    read_back("child", got, sizeof got);
    char proc[64];
    snprintf(proc, sizeof proc, "/proc/%d/stat", atoi(got));
    for (int i = 0; i < 100; i++) { /* init may be slow to bury it */
        FILE *f = fopen(proc, "re");
        char stat[200] = "";
        if (f != NULL) {
            size_t n = fread(stat, 1, sizeof stat - 1, f);
            stat[n] = '\0';
            fclose(f);
        }
        if (f == NULL || strstr(stat, ") Z ") != NULL)
            return;
        usleep(20000);
    }
    fail_msg("the program's child %s still runs", got);
}

static void test_background_child_is_not_waited_for(void **state)
{
    char path[200];
    struct timespec began = clock_now();
    struct err err;
    bool uncertain;
    (void)state;

    /* it holds our pipe open, as a queue run in the background does */
    write_program(path, sizeof path, "cat >/dev/null; sleep 3 & exit 0");
    assert_true(run(path, SLICE("x\r\n"), 10, &uncertain, &err));
    assert_true(clock_since(began) < 2);
}

static int set_up(void **state)
{
    (void)state;
    interrupt_install();
    return mkdtemp(folder) == NULL;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"program",     "message", "arguments", "environment",
                                        "descriptors", "sender",  "size",      "child"};
    char path[200];
    (void)state;

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        path_in_folder(path, sizeof path, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_program_gets),
        cmocka_unit_test(test_null_sender),
        cmocka_unit_test(test_exit_codes),
        cmocka_unit_test(test_no_program),
        cmocka_unit_test(test_big_message_and_chatty_program),
        cmocka_unit_test(test_deadline_ends_the_whole_group),
        cmocka_unit_test(test_background_child_is_not_waited_for),
    };
    return cmocka_run_group_tests_name("sendmail", tests, set_up, tear_down);
}
