/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many processes and one database. A program of its own: what a fork touches is copied, and under ASan that
 * is the memory of all tests before. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/past.h"

/* What a process does; the number of the step that failed, 0 for none. */
typedef int deed(const char *dir, unsigned number, struct err *err);

static void in_processes(unsigned count, deed *run, const char *dir)
{
    for (unsigned i = 0; i < count; i++) {
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            struct err err = ERR_NONE;
            int step = run(dir, i, &err);
            if (step != 0)
                print_error("process %u, step %d: %s\n", i, step, err.text);
            _exit(step);
        }
    }
    for (unsigned i = 0; i < count; i++) {
        int status;
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
}

/* What a plugin does. */
static int run_once(const char *dir, unsigned number, struct err *err)
{
    struct history *h;
    struct past_probe p = past_probe(number, FATE_SENDING, PAST_NOW + number);
    struct past_place place = {.route = 1, .uidnext = number};
    struct history_figures figures;
    struct past_list list;
    double previous;

    if (!history_open(&h, dir, PAST_KEY + number % 3, err))
        return 1;
    if (!history_begin_run(h, PAST_NOW + number, "some name", &previous, err))
        return 2;
    if (!history_load(h, 0, 100, &list, err))
        return 3;
    past_list_clear(&list);
    if (!history_record(h, &p, 1, err))
        return 4;
    p.fate = FATE_IN_FLIGHT;
    if (!history_settle(h, &p, 1, NULL, 0, err))
        return 5;
    p.fate = FATE_LANDED;
    if (!history_settle(h, &p, 1, &place, 1, err))
        return 6;
    if (!history_figures(h, PAST_NOW + 1000, 86400, &figures, err))
        return 7;
    history_close(&h);
    return 0;
}

static void test_fifty_at_once(void **state)
{
    /* under valgrind each of them takes as long as all of them do else */
    const unsigned processes = getenv("MAILPROOF_VALGRIND") != NULL ? 5 : 50;
    const char *dir = past_dir();
    size_t stored = 0;
    (void)state;

    for (unsigned i = 0; i < processes; i++)
        past_marker(i, PAST_NOW);
    in_processes(processes, run_once, dir);
    for (unsigned i = 0; i < 3; i++) {
        struct history *h = past_open(PAST_KEY + i, dir);
        struct past_list list = past_load(h, 0, 100);
        for (size_t k = 0; k < list.count; k++)
            assert_int_equal(list.probe[k].fate, FATE_LANDED);
        stored += list.count;
        past_list_clear(&list);
        history_close(&h);
    }
    assert_int_equal(stored, processes);
    past_dir_remove();
}

static int open_once(const char *dir, unsigned number, struct err *err)
{
    struct history *h;
    (void)number;

    bool ok = history_open(&h, dir, PAST_KEY, err);
    history_close(&h);
    return ok ? 0 : 1;
}

/* Between two looks at the file another process may have made it what it is. */
static void test_many_open_a_new_one(void **state)
{
    enum { ROUNDS = 20, PROCESSES = 6 };
    const unsigned rounds = getenv("MAILPROOF_VALGRIND") != NULL ? 2 : ROUNDS;
    (void)state;

    for (unsigned round = 0; round < rounds; round++) {
        const char *dir = past_dir();
        in_processes(PROCESSES, open_once, dir);
        past_dir_remove();
    }
}

static void test_claim(void **state)
{
    const char *dir = past_dir();
    struct history *one = past_open(1, dir), *again = past_open(1, dir), *other = past_open(2, dir);
    struct err err;
    bool mine;
    (void)state;

    assert_true(history_claim(one, &mine, &err) && mine);
    assert_true(history_claim(again, &mine, &err) && !mine);
    assert_true(history_claim(other, &mine, &err) && mine);
    history_release(one);
    assert_true(history_claim(again, &mine, &err) && mine);
    history_close(&again); /* ends it too */
    assert_true(history_claim(one, &mine, &err) && mine);
    history_close(&other);
    past_done(one);
}

static void test_claim_ends_with_its_process(void **state)
{
    const char *dir = past_dir();
    struct history *h = past_open(1, dir);
    int ready[2];
    struct err err;
    bool mine = true;
    char byte;
    (void)state;

    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct history *own = past_open(1, dir);
        if (history_claim(own, &mine, &err) && mine && write(ready[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_true(history_claim(h, &mine, &err) && !mine);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_true(history_claim(h, &mine, &err) && mine);
    close(ready[0]);
    close(ready[1]);
    past_done(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fifty_at_once),
        cmocka_unit_test(test_many_open_a_new_one),
        cmocka_unit_test(test_claim),
        cmocka_unit_test(test_claim_ends_with_its_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
