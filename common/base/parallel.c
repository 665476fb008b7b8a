/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/base/parallel.h"

#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/interrupt.h"

enum {
    STACK_SIZE = 256 * 1024, /* TLS handshakes and our own deepest calls take less than half */
    WAKE_MS = 100            /* between two looks at the interrupt flag */
};

struct gang {
    parallel_fn *run;
    void *context;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    size_t running; /* under the lock, as each member's .running */
    size_t count;
    struct member {
        struct gang *gang;
        size_t i;
        bool running;
        pthread_t thread;
    } * members;
};

static void *work(void *context)
{
    struct member *m = context;
    struct gang *g = m->gang;

    g->run(g->context, m->i);
    pthread_mutex_lock(&g->lock);
    m->running = false;
    g->running--;
    pthread_cond_signal(&g->ended);
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

/* Under the lock: the new one cannot end before it is counted. */
static bool start(struct gang *g, size_t i, const pthread_attr_t *attributes)
{
    struct member *m = &g->members[i];

    *m = (struct member){.gang = g, .i = i};
    pthread_mutex_lock(&g->lock);
    bool started = pthread_create(&m->thread, attributes, work, m) == 0;
    m->running = started;
    g->running += started;
    pthread_mutex_unlock(&g->lock);
    return started;
}

/* How many were started; the others are not tried. */
static size_t start_all(struct gang *g)
{
    pthread_attr_t attributes;
    sigset_t before;
    size_t i = 0;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    interrupt_keep(&before);
    while (i < g->count && start(g, i, &attributes))
        i++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return i;
}

static void wake_all(struct gang *g, size_t started)
{
    for (size_t i = 0; i < started; i++)
        if (g->members[i].running)
            interrupt_wake(g->members[i].thread);
}

static void wait_for_all(struct gang *g, size_t started)
{
    pthread_mutex_lock(&g->lock);
    while (g->running > 0) {
        struct timespec until = deadline_in(WAKE_MS / 1000.0).at;
        pthread_cond_timedwait(&g->ended, &g->lock, &until);
        if (interrupt_seen())
            wake_all(g, started);
    }
    pthread_mutex_unlock(&g->lock);
    for (size_t i = 0; i < started; i++)
        pthread_join(g->members[i].thread, NULL);
}

static void gang_init(struct gang *g)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&g->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&g->ended, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void gang_clear(struct gang *g)
{
    pthread_cond_destroy(&g->ended);
    pthread_mutex_destroy(&g->lock);
    free(g->members);
}

bool parallel_run(size_t count, parallel_fn *run, void *context)
{
    struct gang gang = {.run = run, .context = context, .count = count};
    size_t started = 0;

    if (count > 1)
        gang.members = calloc(count, sizeof *gang.members);
    gang_init(&gang);
    if (gang.members != NULL)
        started = start_all(&gang);
    for (size_t i = started; i < count; i++)
        run(context, i);
    wait_for_all(&gang, started);
    gang_clear(&gang);
    return count <= 1 || started == count;
}
