/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/cli/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/interrupt.h"
#include "common/base/text.h"

enum { COLUMNS_USUAL = 80, COLUMNS_LEAST = 20, LINE_SIZE = 256, STACK_SIZE = 256 * 1024 };

/* The probe waits in poll, in several threads at times; so the line has a thread of its own. */
static struct {
    size_t columns; /* 0: no progress is to be shown */
    pthread_t thread;
    bool runs;
    pthread_mutex_t lock;
    pthread_cond_t over; /* CLOCK_MONOTONIC */
    bool is_over;
    struct timespec began;
    double at_most_s;
    char what[128];
    size_t shown; /* columns, or more, that are to be erased */
} waiting = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool locale_is_utf8(void)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);

    if (locale == (locale_t)0)
        return false;
    bool utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
    freelocale(locale);
    return utf8;
}

bool terminal_find(size_t *columns, bool *utf8)
{
    struct winsize size;

    if (!isatty(STDOUT_FILENO))
        return false;
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    *columns = known ? size.ws_col : COLUMNS_USUAL;
    *utf8 = locale_is_utf8();
    return true;
}

void terminal_allow_progress(size_t columns)
{
    const char *term = getenv("TERM");

    if (term != NULL && *term != '\0' && strcmp(term, "dumb") != 0 && columns >= COLUMNS_LEAST)
        waiting.columns = columns;
}

/* A terminal that was stopped (Ctrl-S) takes nothing: the line is not worth waiting for it. */
static void say(const char *text, size_t len)
{
    struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};

    if (poll(&p, 1, 0) == 1 && (p.revents & POLLOUT) != 0 && write(STDOUT_FILENO, text, len) < 0)
        waiting.columns = 0;
}

/* Spaces up to the end of what was shown before. Bytes are counted: no character has more columns than
 * bytes. */
static void show(const char *text)
{
    char line[2 * LINE_SIZE];
    size_t len = strlen(text), width = len > waiting.shown ? len : waiting.shown;
    int n = snprintf(line, sizeof line, "\r%-*s%s", (int)width, text, len == 0 ? "\r" : "");

    waiting.shown = len;
    say(line, (size_t)n);
}

static void show_waiting(void)
{
    char times[64], line[LINE_SIZE];
    int n = snprintf(times, sizeof times, ": %.0f s of at most %.0f s", floor(clock_since(waiting.began)),
                     waiting.at_most_s);
    size_t room = waiting.columns - 1, used = (size_t)n;

    if (room > LINE_SIZE - 1)
        room = LINE_SIZE - 1;
    if (used >= room)
        return;
    text_clean(line, room - used + 1, slice_from(waiting.what));
    strcat(line, times);
    show(line);
}

static void *tell(void *context)
{
    struct timespec next = waiting.began;

    pthread_mutex_lock(&waiting.lock);
    while (!waiting.is_over) {
        next.tv_sec++;
        while (!waiting.is_over && pthread_cond_timedwait(&waiting.over, &waiting.lock, &next) == 0)
            ;
        if (!waiting.is_over)
            show_waiting();
    }
    pthread_mutex_unlock(&waiting.lock);
    return context;
}

static bool start_thread(void)
{
    pthread_attr_t attributes;
    sigset_t before;

    if (pthread_attr_init(&attributes) != 0)
        return false;
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    interrupt_keep(&before);
    bool ok = pthread_create(&waiting.thread, &attributes, tell, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return ok;
}

static bool init_condition(void)
{
    pthread_condattr_t attributes;

    if (pthread_condattr_init(&attributes) != 0)
        return false;
    bool ok = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
              pthread_cond_init(&waiting.over, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    return ok;
}

void terminal_wait_begins(const char *what, double at_most_s)
{
    if (waiting.columns == 0 || waiting.runs || !init_condition())
        return;
    text_clean(waiting.what, sizeof waiting.what, slice_from(what));
    waiting.at_most_s = at_most_s;
    waiting.began = clock_now();
    waiting.is_over = false;
    waiting.runs = start_thread();
    if (!waiting.runs)
        pthread_cond_destroy(&waiting.over);
}

void terminal_wait_ends(void)
{
    if (!waiting.runs)
        return;
    pthread_mutex_lock(&waiting.lock);
    waiting.is_over = true;
    pthread_cond_signal(&waiting.over);
    pthread_mutex_unlock(&waiting.lock);
    pthread_join(waiting.thread, NULL);
    pthread_cond_destroy(&waiting.over);
    waiting.runs = false;
    if (waiting.shown > 0)
        show("");
}
