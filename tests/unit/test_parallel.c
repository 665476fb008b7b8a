/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/interrupt.h"
#include "common/base/parallel.h"
#include "tests/unit/unit.h"

/* so many threads can be made; linked in place of pthread_create */
static int threads_left = 1000;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *context);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *context);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *context)
{
    return threads_left-- > 0 ? __real_pthread_create(thread, attributes, start, context) : EAGAIN;
}

enum { MANY = 100 };

struct tally {
    unsigned runs[MANY];
    pthread_t by[MANY];
    pthread_barrier_t *barrier;
};

static void count(void *context, size_t i)
{
    struct tally *t = context;

    t->runs[i]++;
    t->by[i] = pthread_self();
    if (t->barrier != NULL)
        pthread_barrier_wait(t->barrier); /* where they ran one after the other this would never end */
}

static void test_all_at_once(void **state)
{
    struct tally tally = {.barrier = NULL};
    pthread_barrier_t barrier;
    (void)state;

    assert_int_equal(pthread_barrier_init(&barrier, NULL, MANY), 0);
    tally.barrier = &barrier;
    assert_true(parallel_run(MANY, count, &tally));
    for (size_t i = 0; i < MANY; i++)
        assert_true(tally.runs[i] == 1 && !pthread_equal(tally.by[i], pthread_self()));
    pthread_barrier_destroy(&barrier);
}

static void test_none_and_one(void **state)
{
    struct tally tally = {.barrier = NULL};
    (void)state;

    assert_true(parallel_run(0, count, &tally));
    assert_int_equal(tally.runs[0], 0);
    assert_true(parallel_run(1, count, &tally));
    assert_true(tally.runs[0] == 1 && pthread_equal(tally.by[0], pthread_self()));
}

static void test_too_few_threads(void **state)
{
    (void)state;

    for (int threads = 0; threads < 4; threads++) {
        struct tally tally = {.barrier = NULL};
        threads_left = threads;
        assert_false(parallel_run(5, count, &tally));
        for (int i = 0; i < 5; i++) {
            assert_int_equal(tally.runs[i], 1);
            assert_true((pthread_equal(tally.by[i], pthread_self()) != 0) == (i >= threads));
        }
    }
    threads_left = 1000;
}

static void wait_for_signal(void *context, size_t i)
{
    struct timespec whole_minute = {60, 0};
    bool *waits = context;

    if (i == 0)
        kill(getpid(), SIGTERM);
    while (!interrupt_seen())
        nanosleep(&whole_minute, NULL);
    waits[i] = false;
}

/* In a process of its own: what was noted stays. */
static int be_interrupted(void)
{
    bool waits[8] = {true, true, true, true, true, true, true, true};
    struct timespec began = clock_now();

    interrupt_install();
    if (!parallel_run(COUNT_OF(waits), wait_for_signal, waits))
        return 1;
    for (size_t i = 0; i < COUNT_OF(waits); i++)
        if (waits[i])
            return 2;
    return clock_since(began) < 2 ? 0 : 3;
}

static void test_signal_ends_all(void **state)
{
    int status;
    (void)state;

    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(be_interrupted());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void ask_mask(void *context, size_t i)
{
    bool *blocked = context;
    sigset_t mask;

    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    blocked[i] = sigismember(&mask, SIGTERM) == 1;
}

static void test_signals_go_to_the_caller(void **state)
{
    bool blocked[3] = {false};
    (void)state;

    assert_true(parallel_run(2, ask_mask, blocked));
    ask_mask(blocked, 2);
    assert_true(blocked[0] && blocked[1] && !blocked[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_at_once),
        cmocka_unit_test(test_none_and_one),
        cmocka_unit_test(test_too_few_threads),
        cmocka_unit_test(test_signal_ends_all),
        cmocka_unit_test(test_signals_go_to_the_caller),
    };
    return cmocka_run_group_tests_name("parallel", tests, NULL, NULL);
}
