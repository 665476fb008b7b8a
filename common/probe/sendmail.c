/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/probe/sendmail.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/base/buffer.h"
#include "common/base/interrupt.h"

enum {
    SAID_MAX = 4096, /* what the program prints beyond that is dropped */
    TICK_MS = 100,   /* how late its end is noticed where a child of it keeps our pipe open */
    END_TICK_MS = 2, /* the same once it has closed its output */
    GRACE_MS = 200,  /* between SIGTERM and SIGKILL */
    ENV_VALUE_MAX = 1024,
};

static const struct {
    int code;
    const char *name;
    enum fault fault;
} exits[] = {
    {EX_USAGE, "EX_USAGE", FAULT_CONFIG},
    {EX_DATAERR, "EX_DATAERR", FAULT_CONTENT_REJECTED},
    {EX_NOINPUT, "EX_NOINPUT", FAULT_SERVER_UNAVAILABLE},
    {EX_NOUSER, "EX_NOUSER", FAULT_RECIPIENT_UNKNOWN},
    {EX_NOHOST, "EX_NOHOST", FAULT_DNS},
    {EX_UNAVAILABLE, "EX_UNAVAILABLE", FAULT_SERVER_UNAVAILABLE},
    {EX_SOFTWARE, "EX_SOFTWARE", FAULT_SERVER_UNAVAILABLE},
    {EX_OSERR, "EX_OSERR", FAULT_SERVER_UNAVAILABLE},
    {EX_OSFILE, "EX_OSFILE", FAULT_SERVER_UNAVAILABLE},
    {EX_CANTCREAT, "EX_CANTCREAT", FAULT_SERVER_STORAGE},
    {EX_IOERR, "EX_IOERR", FAULT_SERVER_STORAGE},
    {EX_TEMPFAIL, "EX_TEMPFAIL", FAULT_SERVER_UNAVAILABLE},
    {EX_PROTOCOL, "EX_PROTOCOL", FAULT_PROTOCOL},
    {EX_NOPERM, "EX_NOPERM", FAULT_POLICY_REJECTED},
    {EX_CONFIG, "EX_CONFIG", FAULT_SERVER_UNAVAILABLE},
};

struct program {
    const struct sendmail_request *request;
    struct deadline deadline;
    pid_t pid;
    int in, out;          /* our ends of the pipes; -1 closed */
    struct buffer wanted; /* the message, LF lines */
    size_t written;
    struct buffer said;
    bool ended;
    int status;
};

static void close_pipe(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static bool make_message(struct program *p)
{
    struct slice rest = p->request->message, line;

    p->wanted = BUFFER_INIT(rest.len + 1);
    while (slice_next_line(&rest, &line))
        if (!buffer_append(&p->wanted, line) || !buffer_append_char(&p->wanted, '\n'))
            return false;
    return true;
}

/* What a mail program may want to know, and no more: nothing of ours, no proxies, no LD_ variables. */
struct environment {
    char kept[3][ENV_VALUE_MAX];
    const char *list[6];
};

static void make_environment(struct environment *e)
{
    static const char *const names[] = {"HOME", "USER", "LOGNAME"};
    size_t n = 0;

    *e = (struct environment){0};
    e->list[n++] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    e->list[n++] = "LC_ALL=C";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value == NULL)
            continue;
        int length = snprintf(e->kept[i], sizeof e->kept[i], "%s=%s", names[i], value);
        if (length > 0 && (size_t)length < sizeof e->kept[i])
            e->list[n++] = e->kept[i];
    }
}

/* Signals as a fresh program has them (ours are handled or ignored), a process group of its own, three
 * descriptors. */
static int spawn(struct program *p, char *const argv[], int in, int out)
{
    struct environment environment;
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t set;

    make_environment(&environment);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
#if defined(__GLIBC__)
#if __GLIBC_PREREQ(2, 34)
    /* all of ours are close-on-exec; what a library opened may not be */
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
#endif
#endif
    sigfillset(&set);
    posix_spawnattr_setsigdefault(&attributes, &set);
    sigemptyset(&set);
    posix_spawnattr_setsigmask(&attributes, &set);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    int failure =
        posix_spawn(&p->pid, p->request->path, &files, &attributes, argv, (char *const *)environment.list);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return failure;
}

/* path -i -f sender -- recipient... : "-i", so that a dot alone in a line does not end the message */
static char *const *make_arguments(const struct sendmail_request *request)
{
    const char **argv = calloc(5 + request->recipient_count + 1, sizeof *argv);
    size_t n = 0;

    if (argv == NULL)
        return NULL;
    argv[n++] = request->path;
    argv[n++] = "-i";
    argv[n++] = "-f";
    argv[n++] = request->mail_from[0] != '\0' ? request->mail_from : "<>";
    argv[n++] = "--";
    for (size_t i = 0; i < request->recipient_count; i++)
        argv[n++] = request->recipients[i];
    return (char *const *)argv;
}

static void note_command(struct transcript *transcript, char *const argv[])
{
    struct buffer line = BUFFER_INIT(8192);

    for (size_t i = 0; argv[i] != NULL; i++)
        buffer_printf(&line, "%s%s", i > 0 ? " " : "", argv[i]);
    transcript_line(transcript, "sendmail", SPEAKER_CLIENT, buffer_slice(&line));
    buffer_clear(&line);
}

static bool start(struct program *p, struct transcript *transcript, struct err *err)
{
    const char *path = p->request->path;
    int in[2] = {-1, -1}, out[2] = {-1, -1}, failure;
    char *const *argv = make_arguments(p->request);

    if (argv == NULL || !make_message(p)) {
        free((void *)argv);
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
    }
    note_command(transcript, argv);
    /* access: where spawning cannot tell why the program does not start */
    if (access(path, X_OK) != 0 || pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        failure = errno;
    else
        failure = spawn(p, argv, in[0], out[1]);
    free((void *)argv);
    close_pipe(&in[0]);
    close_pipe(&out[1]);
    p->in = in[1];
    p->out = out[0];
    if (failure != 0)
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "cannot run the mail program %s: %s", path,
                       strerror(failure));
    fcntl(p->in, F_SETFL, O_NONBLOCK);
    fcntl(p->out, F_SETFL, O_NONBLOCK);
    return true;
}

static void write_some(struct program *p)
{
    struct slice rest = slice_skip(buffer_slice(&p->wanted), p->written);
    ssize_t n = write(p->in, rest.data, rest.len);

    if (n > 0)
        p->written += (size_t)n;
    /* EPIPE: it does not want more, and its exit code will tell why */
    if (p->written == p->wanted.len || (n < 0 && errno != EAGAIN && errno != EINTR))
        close_pipe(&p->in);
}

/* False at the end, or where nothing is there. */
static bool read_some(struct program *p)
{
    char block[4096];
    ssize_t n = read(p->out, block, sizeof block);

    if (n > 0)
        buffer_append(&p->said, slice_head(slice_of(block, (size_t)n), p->said.max - p->said.len));
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        close_pipe(&p->out);
    return n > 0;
}

static bool look_for_end(struct program *p)
{
    if (!p->ended && waitpid(p->pid, &p->status, WNOHANG) == p->pid)
        p->ended = true;
    return p->ended;
}

/* Until the program has ended; what it leaves behind in the background is not waited for. */
static bool attend(struct program *p, struct err *err)
{
    if (p->written == p->wanted.len)
        close_pipe(&p->in);
    while (!look_for_end(p)) {
        if (interrupt_seen())
            return err_set(err, FAULT_INTERRUPTED, STAGE_NONE,
                           "stopped by a signal while the mail program ran");
        if (deadline_passed(p->deadline))
            return err_set(err, FAULT_TIMEOUT, STAGE_NONE,
                           "the mail program %s did not end until the time was up", p->request->path);
        struct pollfd fds[] = {{.fd = p->in, .events = POLLOUT}, {.fd = p->out, .events = POLLIN}};
        int left = deadline_poll_ms(p->deadline), tick = p->out >= 0 ? TICK_MS : END_TICK_MS;
        poll(fds, 2, left < tick ? left : tick);
        if (p->in >= 0 && fds[0].revents != 0)
            write_some(p);
        if (p->out >= 0 && fds[1].revents != 0)
            read_some(p);
    }
    while (p->out >= 0 && read_some(p)) {
    }
    return true;
}

static void await_end(struct program *p)
{
    struct deadline grace = deadline_in(GRACE_MS / 1000.0);

    while (!look_for_end(p) && !deadline_passed(grace))
        poll(NULL, 0, END_TICK_MS);
}

/* The whole group: a wrapper script's children too. What does not even die of SIGKILL hangs in the kernel; we
 * do not wait for that. */
static void stop(struct program *p)
{
    kill(-p->pid, SIGTERM);
    await_end(p);
    kill(-p->pid, SIGKILL);
    await_end(p);
}

static bool judge_end(const struct program *p, struct err *err)
{
    const char *path = p->request->path;
    const char *said = p->said.len > 0 ? ": " : "";
    size_t known = 0;

    if (WIFSIGNALED(p->status))
        return err_set(err, FAULT_SERVER_UNAVAILABLE, STAGE_NONE,
                       "the mail program %s was killed by signal %d%s%s", path, WTERMSIG(p->status), said,
                       buffer_text(&p->said));
    int code = WEXITSTATUS(p->status);
    if (code == 0 && p->written == p->wanted.len)
        return true;
    if (code == 0)
        return err_set(err, FAULT_SERVER_UNAVAILABLE, STAGE_NONE,
                       "the mail program %s ended with 0 before it had read the message%s%s", path, said,
                       buffer_text(&p->said));
    while (known < sizeof exits / sizeof *exits && exits[known].code != code)
        known++;
    if (known == sizeof exits / sizeof *exits)
        return err_set(err, FAULT_SERVER_UNAVAILABLE, STAGE_NONE, "the mail program %s ended with %d%s%s",
                       path, code, said, buffer_text(&p->said));
    err_set(err, exits[known].fault, STAGE_NONE, "the mail program %s ended with %d (%s)%s%s", path, code,
            exits[known].name, said, buffer_text(&p->said));
    return false;
}

bool sendmail_run(const struct sendmail_request *request, struct transcript *transcript,
                  struct deadline deadline, bool *uncertain, struct err *err)
{
    struct program p = {
        .request = request, .deadline = deadline, .in = -1, .out = -1, .said = BUFFER_INIT(SAID_MAX)};
    bool ok = false;

    *uncertain = false;
    if (request->path[0] != '/')
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "the mail program's path must be absolute: %s",
                       request->path);
    if (start(&p, transcript, err)) {
        if (attend(&p, err)) {
            transcript_line(transcript, "sendmail", SPEAKER_SERVER, buffer_slice(&p.said));
            ok = judge_end(&p, err);
            if (!ok && err->kind == FAULT_SERVER_UNAVAILABLE)
                err->advice = "look at the mail program's own configuration, queue and logs";
        } else {
            stop(&p);
            *uncertain = p.written == p.wanted.len;
            if (*uncertain)
                err_add(err, "; it had all of the message, which may arrive nevertheless");
        }
    }
    close_pipe(&p.in);
    close_pipe(&p.out);
    buffer_clear(&p.wanted);
    buffer_clear(&p.said);
    return ok;
}
