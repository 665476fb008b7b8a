/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/base/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* MAILPROOF_STATEDIR itself serves all users: the package makes it, or root's first run. */
enum { PARENT_MODE = 0755, STATE_MODE = 0700, PASSWD_MAX = 4096 };

/* A user without a name (or with one that is no file's name) has a number. */
static bool default_path(char *path, size_t size)
{
    struct passwd entry, *user = NULL;
    char strings[PASSWD_MAX];
    int n;

    if (getpwuid_r(geteuid(), &entry, strings, sizeof strings, &user) == 0 && user != NULL &&
        user->pw_name[0] != '\0' && user->pw_name[0] != '.' && strchr(user->pw_name, '/') == NULL)
        n = snprintf(path, size, "%s/%s", MAILPROOF_STATEDIR, user->pw_name);
    else
        n = snprintf(path, size, "%s/%lu", MAILPROOF_STATEDIR, (unsigned long)geteuid());
    return n > 0 && (size_t)n < size;
}

/* "dir/" would follow a symbolic link "dir". */
static bool given_path(char *path, size_t size, const char *dir)
{
    struct slice s = slice_from(dir);

    while (s.len > 1 && s.data[s.len - 1] == '/')
        s.len--;
    return s.len > 0 && slice_copy(path, size, s);
}

static bool cannot_open(const char *path, int error, struct err *err)
{
    struct stat st;

    if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
        return err_set(err, FAULT_STATE, STAGE_NONE,
                       "the state directory %s is a symbolic link: name the directory itself", path);
    return err_set(err, FAULT_STATE, STAGE_NONE, "cannot open the state directory %s: %s", path,
                   strerror(error));
}

static bool is_ours(int fd, const char *path, struct err *err)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return cannot_open(path, errno, err);
    if (st.st_uid != geteuid())
        return err_set(err, FAULT_STATE, STAGE_NONE,
                       "the state directory %s belongs to the user with the number %lu, not to ours, %lu",
                       path, (unsigned long)st.st_uid, (unsigned long)geteuid());
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return err_set(err, FAULT_STATE, STAGE_NONE,
                       "the state directory %s is writable by group or others: chmod go-w it", path);
    return true;
}

static int open_directory(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Two runs may make it at once: the later one finds it made. */
static bool make_directory(const char *path, bool is_default, struct err *err)
{
    if (is_default)
        mkdir(MAILPROOF_STATEDIR, PARENT_MODE);
    if (mkdir(path, STATE_MODE) == 0 || errno == EEXIST)
        return true;
    return err_set(err, FAULT_STATE, STAGE_NONE, "cannot make the state directory %s: %s", path,
                   strerror(errno));
}

bool state_dir_open(int *dirfd, const char *dir, char *path, size_t size, struct err *err)
{
    char where[PATH_MAX] = "";
    bool fits = dir != NULL ? given_path(where, sizeof where, dir) : default_path(where, sizeof where);

    *dirfd = -1;
    if (path != NULL)
        slice_copy(path, size, slice_from(where));
    if (!fits)
        return err_set(err, FAULT_STATE, STAGE_NONE, "the state directory's name is %s",
                       where[0] == '\0' ? "empty" : "too long");
    int fd = open_directory(where);
    if (fd < 0 && errno == ENOENT) {
        if (!make_directory(where, dir == NULL, err))
            return false;
        fd = open_directory(where);
    }
    if (fd < 0)
        return cannot_open(where, errno, err);
    if (!is_ours(fd, where, err)) {
        close(fd);
        return false;
    }
    *dirfd = fd;
    return true;
}
