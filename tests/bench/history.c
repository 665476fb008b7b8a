/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench-history [DIRECTORY]: what the history costs a run, in a scratch folder of that file system (default:
 * the working directory). samples   history_load of a day and history_figures with 10,000 samples stored run
 * a whole deferred run's use of the history, alone, and fifty at once: the slowest, and how many failed modes
 * a change of one row in each of SQLite's ways to keep a journal, by one and by fifty processes */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/history/history.h"

enum { KEY = 7, SAMPLES = 10000, TURNS = 51, PROCESSES = 50, BUSY_MS = 30000 };
#define NOW   1790000000.0
#define DAY_S 86400.0

static double clock_s(clockid_t which)
{
    struct timespec t;

    clock_gettime(which, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void require(bool ok, const char *text)
{
    if (ok)
        return;
    fprintf(stderr, "bench-history: %s\n", text);
    exit(1);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void print(const char *what, double *seconds, size_t count)
{
    size_t failed = 0;

    qsort(seconds, count, sizeof *seconds, compare); /* failed ones, < 0, come first */
    while (failed < count && seconds[failed] < 0)
        failed++;
    printf("  %-38s", what);
    if (failed < count)
        printf(" median %8.2f ms, slowest %8.2f ms", seconds[(failed + count) / 2] * 1000,
               seconds[count - 1] * 1000);
    printf(failed > 0 ? ", %zu of %zu failed\n" : "\n", failed, count);
}

static struct past_probe probe(enum fate fate, double sent)
{
    struct past_probe p = {.fate = fate,
                           .first_try = sent,
                           .began = sent,
                           .accepted = sent + 1,
                           .landed = sent + 2,
                           .decided = sent + 3,
                           .delivery_s = 1,
                           .total_s = 2 + (double)((long)sent % 7),
                           .tries = 1,
                           .copies = 1,
                           .size = 1200};
    struct err err;

    require(marker_new(&p.marker, KEY, (time_t)sent, &err), "no marker");
    return p;
}

/* Of processes that close a log at the same moment none may see that it is the last one. */
static void remove_database(const char *dir, const char *name)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char path[200];

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(path, sizeof path, "%s/%s%s", dir, name, ends[i]);
        unlink(path);
    }
}

/* ---- samples ---- */

static void fill(const char *dir)
{
    static struct past_probe p[SAMPLES];
    struct history *h;
    double previous;
    struct err err;

    for (size_t i = 0; i < SAMPLES; i++)
        p[i] = probe(i % 50 == 0 ? FATE_LOST : FATE_LANDED, NOW - (double)i * DAY_S / SAMPLES);
    require(history_open(&h, dir, KEY, &err) && history_begin_run(h, NOW, NULL, &previous, &err) &&
                history_record(h, p, SAMPLES, &err),
            err.text);
    history_close(&h);
}

/* since: of the list; a run that only judges needs the last hour, --history the last day. */
static double samples_once(struct history *h, double since, clockid_t which)
{
    struct history_figures figures;
    struct past_list list;
    struct err err;
    double began = clock_s(which);

    require(history_load(h, since, SAMPLES, &list, &err) && history_figures(h, NOW, DAY_S, &figures, &err),
            err.text);
    double took = clock_s(which) - began;
    require(figures.decided == SAMPLES, "samples are missing");
    past_list_clear(&list);
    return took;
}

static void bench_samples(const char *dir)
{
    static const struct {
        const char *what;
        double back_s;
        clockid_t which;
    } rows[] = {
        {"an hour's list, a day's figures, wall", 3600, CLOCK_MONOTONIC},
        {"an hour's list, a day's figures, CPU", 3600, CLOCK_PROCESS_CPUTIME_ID},
        {"a day's list and figures, wall", DAY_S, CLOCK_MONOTONIC},
        {"a day's list and figures, CPU", DAY_S, CLOCK_PROCESS_CPUTIME_ID},
    };
    double seconds[TURNS];
    struct history *h;
    struct err err;

    fill(dir);
    require(history_open(&h, dir, KEY, &err), err.text);
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        for (size_t i = 0; i < TURNS; i++)
            seconds[i] = samples_once(h, NOW - rows[row].back_s, rows[row].which);
        print(rows[row].what, seconds, TURNS);
    }
    history_close(&h);
}

/* ---- processes ---- */

typedef bool once(const char *dir, unsigned number);

/* Starts them together; the seconds that each took, < 0 where it failed. */
static void side_by_side(const char *what, const char *dir, size_t count, once *work)
{
    double *seconds =
        mmap(NULL, count * sizeof *seconds, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int gate[2];
    char byte;

    require(seconds != MAP_FAILED && pipe(gate) == 0, "no memory or pipe");
    for (size_t i = 0; i < count; i++) {
        pid_t pid = fork();
        require(pid >= 0, "no process");
        if (pid > 0)
            continue;
        close(gate[1]);
        if (read(gate[0], &byte, 1) != 0) /* its end opens the gate */
            _exit(1);
        double began = clock_s(CLOCK_MONOTONIC);
        seconds[i] = work(dir, (unsigned)i) ? clock_s(CLOCK_MONOTONIC) - began : -1;
        _exit(0);
    }
    close(gate[0]);
    close(gate[1]);
    while (wait(NULL) > 0)
        ;
    print(what, seconds, count);
    munmap(seconds, count * sizeof *seconds);
}

static bool run_once(const char *dir, unsigned number)
{
    struct past_probe p = probe(FATE_SENDING, NOW + number);
    struct history_figures figures;
    struct past_list list;
    struct history *h;
    double previous;
    struct err err;

    bool ok = history_open(&h, dir, KEY, &err) && history_begin_run(h, NOW + number, NULL, &previous, &err) &&
              history_load(h, NOW - 3600, 100, &list, &err);
    if (ok)
        past_list_clear(&list);
    ok = ok && history_record(h, &p, 1, &err);
    p.fate = FATE_IN_FLIGHT;
    ok = ok && history_settle(h, &p, 1, NULL, 0, &err) && history_figures(h, NOW, DAY_S, &figures, &err);
    history_close(&h);
    return ok;
}

/* ---- modes ---- */

static const char *pragma;

static bool change_once(const char *dir, unsigned number)
{
    char path[200], sql[200];
    sqlite3 *db;

    snprintf(path, sizeof path, "%s/modes.db", dir);
    snprintf(sql, sizeof sql, "BEGIN IMMEDIATE; INSERT INTO t VALUES (%u, hex(randomblob(100))); COMMIT",
             number);
    bool ok = sqlite3_open(path, &db) == SQLITE_OK && sqlite3_busy_timeout(db, BUSY_MS) == SQLITE_OK &&
              sqlite3_exec(db, pragma, NULL, NULL, NULL) == SQLITE_OK;
    for (int i = 0; ok && i < 3; i++) /* as many as a run has */
        ok = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_close(db);
    return ok;
}

static void bench_mode(const char *dir, const char *journal, const char *synchronous)
{
    char path[200], sql[200], what[80];
    sqlite3 *db;

    snprintf(path, sizeof path, "%s/modes.db", dir);
    snprintf(sql, sizeof sql, "PRAGMA journal_mode = %s; CREATE TABLE t (n, x)", journal);
    require(sqlite3_open(path, &db) == SQLITE_OK && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK,
            path);
    sqlite3_close(db);
    snprintf(sql, sizeof sql, "PRAGMA synchronous = %s", synchronous);
    pragma = sql;
    for (size_t count = 1; count <= PROCESSES; count += PROCESSES - 1) {
        snprintf(what, sizeof what, "%s, %s: %zu at once", journal, synchronous, count);
        side_by_side(what, dir, count, change_once);
    }
    remove_database(dir, "modes.db");
}

int main(int argc, char **argv)
{
    char dir[100];

    snprintf(dir, sizeof dir, "%.60s/bench-history-XXXXXX", argc > 1 ? argv[1] : ".");
    require(mkdtemp(dir) != NULL, "no scratch folder can be made");
    printf("samples:\n");
    bench_samples(dir);
    printf("run:\n");
    side_by_side("alone", dir, 1, run_once);
    side_by_side("fifty at once", dir, PROCESSES, run_once);
    printf("modes, three changes each:\n");
    bench_mode(dir, "DELETE", "FULL");
    bench_mode(dir, "TRUNCATE", "FULL");
    bench_mode(dir, "WAL", "FULL");
    bench_mode(dir, "WAL", "NORMAL");
    remove_database(dir, "history.db");
    remove_database(dir, "lock");
    rmdir(dir);
    return 0;
}
