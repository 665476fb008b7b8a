/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/cli/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"

/* Not blocking, so that a pipe that nobody writes to cannot hold the run up before its deadline has begun. */
static bool read_all(struct buffer *content, int fd, const char *path, struct err *err)
{
    char block[16 * 1024];
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    struct deadline patience = deadline_in(CONFIG_PATIENCE_S);

    for (;;) {
        ssize_t n = read(fd, block, sizeof block);
        if (n == 0)
            return true;
        if (n > 0 && !buffer_append(content, slice_of(block, (size_t)n)))
            return err_set(err, FAULT_CONFIG, STAGE_NONE,
                           "%.200s is longer than %d bytes: that is no configuration file", path,
                           CONFIG_FILE_MAX);
        if (n > 0 && memchr(block, '\0', (size_t)n) != NULL)
            return err_set(err, FAULT_CONFIG, STAGE_NONE,
                           "%.200s holds binary data: that is no configuration file", path);
        if (n < 0 && errno == EAGAIN && poll(&ready, 1, deadline_poll_ms(patience)) == 0)
            return err_set(err, FAULT_CONFIG, STAGE_NONE, "%.200s did not come to its end in %d s", path,
                           CONFIG_PATIENCE_S);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return err_set(err, FAULT_CONFIG, STAGE_NONE, "cannot read %.200s: %s", path, strerror(errno));
    }
}

bool config_load(struct buffer *content, const char *path, struct err *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0)
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "cannot open %.200s: %s", path, strerror(errno));
    bool ok;
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
        ok = err_set(err, FAULT_CONFIG, STAGE_NONE, "%.200s is a directory, not a configuration file", path);
    else
        ok = read_all(content, fd, path, err);
    close(fd);
    return ok;
}

void config_begin(struct config_reader *r, const char *path, struct slice content)
{
    static const struct slice byte_order_mark = SLICE("\xef\xbb\xbf");

    *r = (struct config_reader){.path = path, .rest = content, .value = BUFFER_INIT(CONFIG_LINE_MAX)};
    if (slice_starts(content, byte_order_mark))
        r->rest = slice_skip(content, byte_order_mark.len);
}

void config_end(struct config_reader *r)
{
    buffer_clear(&r->value);
}

static int broken(const struct config_reader *r, struct err *err, const char *what)
{
    err_set(err, FAULT_CONFIG, STAGE_NONE, "%.200s line %u: %s", r->path, r->line, what);
    return -1;
}

static struct slice skip_blanks(struct slice s)
{
    while (s.len > 0 && (s.data[0] == ' ' || s.data[0] == '\t'))
        s = slice_skip(s, 1);
    return s;
}

static bool ends_here(struct slice s)
{
    s = skip_blanks(s);
    return s.len == 0 || s.data[0] == '#';
}

/* What stands behind the opening quote. */
static int quoted_value(struct config_reader *r, struct slice s, struct err *err)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '"')
            return ends_here(slice_skip(s, i + 1)) ? 1
                                                   : broken(r, err, "something follows the closing quote");
        if (s.data[i] == '\\') {
            i++;
            if (i == s.len || (s.data[i] != '"' && s.data[i] != '\\'))
                return broken(
                    r, err, "within quotes a backslash stands before \" or \\ only (write \\\\ for itself)");
        }
        if (!buffer_append_char(&r->value, s.data[i]))
            return broken(r, err, "out of memory");
    }
    return broken(r, err, "the closing quote is missing");
}

static int bare_value(struct config_reader *r, struct slice s, struct err *err)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] == '#' && (i == 0 || s.data[i - 1] == ' ' || s.data[i - 1] == '\t'))
            s.len = i;
    return buffer_append(&r->value, slice_trim(s)) ? 1 : broken(r, err, "out of memory");
}

static int parse_line(struct config_reader *r, struct slice s, struct config_entry *entry, struct err *err)
{
    size_t n = 0;

    while (n < s.len &&
           ((s.data[n] >= 'a' && s.data[n] <= 'z') || ascii_is_digit(s.data[n]) || s.data[n] == '-'))
        n++;
    *entry = (struct config_entry){.name = slice_head(s, n), .line = r->line};
    s = skip_blanks(slice_skip(s, n));
    if (n == 0 || (s.len > 0 && s.data[0] != '=' && !ends_here(s)))
        return broken(r, err, "expected NAME = \"VALUE\", or a flag's NAME alone");
    if (entry->name.data[0] == '-')
        return broken(r, err, "here options are written without dashes: hostname = \"mail.example.com\"");
    if (ends_here(s))
        return 1;
    s = skip_blanks(slice_skip(s, 1));
    buffer_reset(&r->value);
    int status =
        s.len > 0 && s.data[0] == '"' ? quoted_value(r, slice_skip(s, 1), err) : bare_value(r, s, err);
    entry->has_value = true;
    entry->value = buffer_slice(&r->value);
    return status;
}

int config_next(struct config_reader *r, struct config_entry *entry, struct err *err)
{
    struct slice line;

    while (slice_next_line(&r->rest, &line)) {
        r->line++;
        if (line.len > CONFIG_LINE_MAX)
            return broken(r, err, "the line is too long");
        line = skip_blanks(line);
        if (!ends_here(line))
            return parse_line(r, line, entry, err);
    }
    return 0;
}
