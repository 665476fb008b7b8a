/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/state_dir.h"

static char scratch[] = "/tmp/mailproof-test-XXXXXX";

static int make_scratch(void **state)
{
    (void)state;
    return mkdtemp(scratch) != NULL ? 0 : -1;
}

static int remove_scratch(void **state)
{
    (void)state;
    return rmdir(scratch);
}

static const char *in_scratch(const char *name)
{
    static char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/%s", scratch, name);
    return path;
}

/* The error's text, or where it opened: then it is open and ours. */
static const char *open_and_close(const char *dir)
{
    static char text[ERR_TEXT_MAX];
    struct err err = ERR_NONE;
    int fd = -1;

    if (!state_dir_open(&fd, dir, text, sizeof text, &err)) {
        assert_int_equal(fd, -1);
        assert_true(err.kind == FAULT_STATE && err.stage == STAGE_NONE);
        return strcpy(text, err.text);
    }
    assert_int_equal(close(fd), 0);
    return text;
}

static void test_made_where_missing(void **state)
{
    const char *dir = in_scratch("new");
    struct stat st;
    (void)state;

    mode_t before = umask(0);
    assert_string_equal(open_and_close(dir), dir);
    umask(before);
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_string_equal(open_and_close(dir), dir);
    assert_int_equal(rmdir(dir), 0);
}

static void test_the_default_is_the_users(void **state)
{
    char path[PATH_MAX] = "", wanted[PATH_MAX];
    const struct passwd *user = getpwuid(geteuid());
    (void)state;

    snprintf(wanted, sizeof wanted, "default/%s", user != NULL ? user->pw_name : "");
    assert_int_equal(chdir(scratch), 0);
    for (int twice = 0; twice < 2; twice++) {
        slice_copy(path, sizeof path, slice_from(open_and_close(NULL)));
        assert_true(strncmp(path, wanted, strlen(wanted)) == 0);
    }
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir("default"), 0);
    assert_int_equal(chdir("/"), 0);
}

static void test_modes(void **state)
{
    static const struct {
        const char *name;
        mode_t mode;
        bool good;
    } rows[] = {{"ours alone", 0700, true},
                {"readable by others", 0755, true},
                {"by the group", 0770, false},
                {"by others", 0702, false},
                {"sticky", 01777, false}};
    const char *dir = in_scratch("modes");
    (void)state;

    assert_int_equal(mkdir(dir, 0700), 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(chmod(dir, rows[i].mode), 0);
        const char *answer = open_and_close(dir);
        CHECK_ROW(rows[i].name, rows[i].good == (strcmp(answer, dir) == 0));
        CHECK_ROW(rows[i].name, rows[i].good == (strstr(answer, "chmod go-w it") == NULL));
    }
    assert_int_equal(rmdir(dir), 0);
}

static void test_what_is_no_directory_of_ours(void **state)
{
    const char *link = in_scratch("link");
    char slashed[PATH_MAX + 8], deep[PATH_MAX + 8];
    (void)state;

    assert_int_equal(symlink(scratch, link), 0);
    snprintf(slashed, sizeof slashed, "%s//", link);
    assert_non_null(strstr(open_and_close(link), "is a symbolic link"));
    assert_non_null(strstr(open_and_close(slashed), "is a symbolic link"));
    assert_int_equal(unlink(link), 0);
    snprintf(deep, sizeof deep, "%s/missing/dir", scratch);
    assert_non_null(strstr(open_and_close(deep), "cannot make the state directory"));
    assert_non_null(strstr(open_and_close("/dev/null"), "Not a directory"));
    assert_non_null(strstr(open_and_close(""), "empty"));
    memset(deep, 'x', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    assert_non_null(strstr(open_and_close(deep), "too long"));
    /* root's tests can give a directory away; for others the root directory is one that is not theirs */
    if (geteuid() != 0) {
        assert_non_null(strstr(open_and_close("/"), "belongs to"));
        return;
    }
    const char *given = in_scratch("given");
    assert_int_equal(mkdir(given, 0700), 0);
    assert_int_equal(chown(given, 65534, 65534), 0);
    assert_non_null(
        strstr(open_and_close(given), "belongs to the user with the number 65534, not to ours, 0"));
    assert_int_equal(rmdir(given), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_made_where_missing),
        cmocka_unit_test(test_the_default_is_the_users),
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_what_is_no_directory_of_ours),
    };
    return cmocka_run_group_tests_name("state_dir", tests, make_scratch, remove_scratch);
}
