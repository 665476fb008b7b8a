/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/text.h"

void secret_clear(struct secret *s)
{
    buffer_clear(&s->bytes);
    s->set = false;
}

struct slice secret_slice(const struct secret *s)
{
    return buffer_slice(&s->bytes);
}

bool secret_set(struct secret *s, struct slice bytes)
{
    secret_clear(s);
    s->set = buffer_append(&s->bytes, bytes);
    return s->set;
}

static bool check_mode(int fd, const char *path, struct err *err)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "cannot look at %s: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "%s is a directory, not a file with a secret", path);
    if (S_ISREG(st.st_mode) && (st.st_mode & S_IROTH) != 0)
        return err_set(err, FAULT_CONFIG, STAGE_NONE,
                       "%s holds a secret and is readable by everybody: chmod o-r it", path);
    if (S_ISREG(st.st_mode) && (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return err_set(err, FAULT_CONFIG, STAGE_NONE,
                       "%s holds a secret and is writable by group or others: chmod go-w it", path);
    return true;
}

static bool read_all(struct secret *s, int fd, const char *path, struct err *err)
{
    char block[4096];
    ssize_t n;
    bool fits = true;

    secret_clear(s);
    while (fits && ((n = read(fd, block, sizeof block)) > 0 || (n < 0 && errno == EINTR)))
        if (n > 0)
            fits = buffer_append(&s->bytes, slice_of(block, (size_t)n));
    explicit_bzero(block, sizeof block);
    if (!fits)
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "%s is longer than %d bytes: that is no secret", path,
                       SECRET_MAX);
    if (n < 0)
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "cannot read %s: %s", path, strerror(errno));
    return true;
}

bool secret_read_whole_file(struct secret *s, const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "cannot open %s: %s", path, strerror(errno));
    bool ok = check_mode(fd, path, err) && read_all(s, fd, path, err);
    close(fd);
    if (ok && s->bytes.len == 0)
        ok = err_set(err, FAULT_CONFIG, STAGE_NONE, "%s is empty", path);
    if (!ok)
        secret_clear(s);
    s->set = ok;
    return ok;
}

bool secret_read_file(struct secret *s, const char *path, struct err *err)
{
    if (!secret_read_whole_file(s, path, err))
        return false;
    struct buffer *b = &s->bytes;
    if (b->data[b->len - 1] == '\n')
        b->len--;
    if (b->len > 0 && b->data[b->len - 1] == '\r')
        b->len--;
    b->data[b->len] = '\0';
    if (b->len == 0)
        err_set(err, FAULT_CONFIG, STAGE_NONE, "the first line of %s is empty", path);
    else if (text_has_line_break(buffer_slice(b)))
        err_set(err, FAULT_CONFIG, STAGE_NONE, "%s has more than one line: a secret is one line", path);
    else
        return true;
    secret_clear(s);
    return false;
}

bool secret_read_env(struct secret *s, const char *name, struct err *err)
{
    char *value = getenv(name);

    if (value == NULL || *value == '\0')
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "the environment has no %s, or it is empty", name);
    if (text_has_line_break(slice_from(value)))
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "the environment's %s has a line break in it", name);
    if (!secret_set(s, slice_from(value)))
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "the environment's %s is longer than %d bytes", name,
                       SECRET_MAX);
    explicit_bzero(value, strlen(value));
    unsetenv(name);
    return true;
}

void secret_protect_process(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    /* a core_pattern with a pipe does not heed the limit; a leak checker, though, must be able to trace us */
#if !defined(__SANITIZE_ADDRESS__) && !defined(MAILPROOF_SANITIZED)
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}
