/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/net/oauth2_cache.h"

static char scratch[] = "/tmp/mailproof-test-XXXXXX";

static int make_scratch(void **state)
{
    (void)state;
    return mkdtemp(scratch) != NULL ? 0 : -1;
}

static const char *path_of(const struct oauth2_cache *c, const char *suffix)
{
    static char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/%s%s", scratch, c->name, suffix);
    return path;
}

static struct oauth2_cache open_cache(const char *identity, const char *secrets)
{
    struct oauth2_cache c;
    struct err err = ERR_NONE;

    if (!oauth2_cache_open(&c, scratch, slice_from(identity), slice_from(secrets), &err))
        fail_msg("%s", err.text);
    return c;
}

static void put(struct oauth2_cache *c, const char *token, const char *renewed)
{
    struct oauth2_entry entry = OAUTH2_ENTRY_NONE;
    struct err err = ERR_NONE;

    entry.fetched = 1000;
    entry.expires = 4600;
    assert_true(token == NULL || secret_set(&entry.token, slice_from(token)));
    assert_true(renewed == NULL || secret_set(&entry.renewed, slice_from(renewed)));
    if (!oauth2_cache_lock(c, deadline_in(1), &err) || !oauth2_cache_store(c, &entry, &err))
        fail_msg("%s", err.text);
    oauth2_entry_clear(&entry);
}

/* "token renewed", "-" for what is not there */
static const char *get(const struct oauth2_cache *c)
{
    static char text[200];
    struct oauth2_entry entry = OAUTH2_ENTRY_NONE;

    oauth2_cache_load(c, &entry);
    snprintf(text, sizeof text, "%s %s", entry.token.set ? buffer_text(&entry.token.bytes) : "-",
             entry.renewed.set ? buffer_text(&entry.renewed.bytes) : "-");
    assert_true(!entry.token.set || (entry.fetched == 1000 && entry.expires == 4600));
    oauth2_entry_clear(&entry);
    return text;
}

static void end(struct oauth2_cache *c)
{
    unlink(path_of(c, ""));
    unlink(path_of(c, ".lock"));
    oauth2_cache_close(c);
}

static void test_kept_and_found(void **state)
{
    struct oauth2_cache c = open_cache("who", "proof"), other = open_cache("who", "another proof"),
                        stranger = open_cache("somebody else", "proof");
    struct stat st;
    (void)state;

    assert_string_equal(get(&c), "- -");
    put(&c, "abc\"\\", "r2");
    assert_string_equal(get(&c), "abc\"\\ r2");
    assert_string_equal(get(&other), "- -");
    assert_string_equal(get(&stranger), "- -");
    assert_int_equal(stat(path_of(&c, ""), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(access(path_of(&c, ".new"), F_OK), -1);
    oauth2_cache_close(&other);
    oauth2_cache_close(&stranger);
    end(&c);
}

static void test_what_was_left_half_done(void **state)
{
    struct oauth2_cache c = open_cache("who", "proof");
    (void)state;

    close(open(path_of(&c, ".new"), O_CREAT | O_WRONLY, 0400));
    put(&c, "abc", NULL);
    assert_string_equal(get(&c), "abc -");
    end(&c);
}

static void test_what_is_not_believed(void **state)
{
    static const char *const broken[] = {
        "", "{", "null", "[]", "{\"version\":1}", "\xff\xfe", "{\"version\":2}"};
    struct oauth2_cache c = open_cache("who", "proof");
    (void)state;

    put(&c, "abc", NULL);
    assert_int_equal(chmod(path_of(&c, ""), 0640), 0);
    assert_string_equal(get(&c), "- -");
    assert_int_equal(chmod(path_of(&c, ""), 0600), 0);
    assert_string_equal(get(&c), "abc -");
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        int fd = open(path_of(&c, ""), O_WRONLY | O_TRUNC);
        CHECK_ROW(broken[i], write(fd, broken[i], strlen(broken[i])) == (ssize_t)strlen(broken[i]));
        close(fd);
        CHECK_ROW_TEXT(broken[i], get(&c), "- -");
    }
    assert_int_equal(unlink(path_of(&c, "")), 0);
    assert_int_equal(symlink("/etc/passwd", path_of(&c, "")), 0);
    assert_string_equal(get(&c), "- -");
    end(&c);
}

static void test_one_at_a_time(void **state)
{
    struct oauth2_cache one = open_cache("who", "proof"), two = open_cache("who", "proof");
    struct oauth2_entry entry = OAUTH2_ENTRY_NONE;
    struct err err = ERR_NONE;
    (void)state;

    assert_true(oauth2_cache_lock(&one, deadline_in(1), &err));
    struct timespec began = clock_now();
    assert_false(oauth2_cache_lock(&two, deadline_in(0.1), &err));
    assert_true(clock_since(began) < 1);
    assert_non_null(strstr(err.text, "another run holds it"));
    assert_true(secret_set(&entry.token, SLICE("abc")));
    assert_false(oauth2_cache_store(&two, &entry, &err));
    assert_true(err.kind == FAULT_STATE);
    oauth2_cache_close(&one);
    assert_true(oauth2_cache_lock(&two, deadline_in(1), &err));
    oauth2_entry_clear(&entry);
    end(&two);
}

static void test_no_directory(void **state)
{
    struct oauth2_cache c;
    struct oauth2_entry entry = OAUTH2_ENTRY_NONE;
    struct err err = ERR_NONE;
    (void)state;

    assert_false(oauth2_cache_open(&c, "/proc/none", SLICE("who"), SLICE("proof"), &err));
    assert_true(err.kind == FAULT_STATE);
    oauth2_cache_load(&c, &entry);
    assert_false(entry.token.set);
    assert_false(oauth2_cache_lock(&c, deadline_in(1), &err));
    assert_false(oauth2_cache_store(&c, &entry, &err));
    oauth2_cache_close(&c);
}

static int remove_scratch(void **state)
{
    (void)state;
    return rmdir(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept_and_found),       cmocka_unit_test(test_what_was_left_half_done),
        cmocka_unit_test(test_what_is_not_believed), cmocka_unit_test(test_one_at_a_time),
        cmocka_unit_test(test_no_directory),
    };
    return cmocka_run_group_tests_name("oauth2_cache", tests, make_scratch, remove_scratch);
}
