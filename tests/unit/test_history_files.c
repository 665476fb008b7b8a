/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may be wrong with the file and its folder: each a sentence, never a crash, and nothing is overwritten.
 */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "tests/unit/past.h"

static const char *in_dir(const char *dir, const char *name)
{
    static char path[200];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static void write_file(const char *path, const void *data, size_t size, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, size), (ssize_t)size);
    close(fd);
}

static size_t read_file(const char *path, void *data, size_t size)
{
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, data, size);

    assert_true(n >= 0);
    close(fd);
    return (size_t)n;
}

static void refused(const char *name, const char *dir, const char *words)
{
    struct history *h;
    struct err err = ERR_NONE;

    CHECK_ROW(name, !history_open(&h, dir, PAST_KEY, &err));
    CHECK_ROW(name, h == NULL && err.kind == FAULT_STATE);
    if (strstr(err.text, words) == NULL)
        fail_msg("row \"%s\": \"%s\" does not say \"%s\"", name, err.text, words);
}

static void fill(const char *dir, unsigned count)
{
    struct history *h;
    double previous;
    struct err err;

    assert_true(history_open(&h, dir, PAST_KEY, &err));
    assert_true(history_begin_run(h, PAST_NOW, "a name", &previous, &err));
    for (unsigned i = 0; i < count; i++) {
        struct past_probe p = past_probe(i, FATE_LANDED, PAST_NOW - i);
        assert_true(history_record(h, &p, 1, &err));
    }
    history_close(&h);
}

static void test_modes(void **state)
{
    const char *dir = past_dir();
    struct stat st;
    (void)state;

    umask(0);
    fill(dir, 1);
    assert_int_equal(stat(in_dir(dir, "history.db"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    chmod(in_dir(dir, "history.db"), 0640);
    refused("readable by the group", dir, "mode 640");
    chmod(in_dir(dir, "history.db"), 0600);
    chmod(dir, 0770);
    refused("a folder that the group can write", dir, dir);
    chmod(dir, 0700);
    past_dir_remove();
}

static void test_what_is_in_the_way(void **state)
{
    static const char text[] =
        "this is no database at all, and long enough to be taken for one if nobody looks: "
        "0123456789012345678901234567890123456789";
    char after[sizeof text];
    const char *dir = past_dir();
    (void)state;

    write_file(in_dir(dir, "history.db"), text, sizeof text, 0600);
    refused("a text", dir, "damaged");
    assert_int_equal(read_file(in_dir(dir, "history.db"), after, sizeof after), sizeof text);
    assert_memory_equal(after, text, sizeof text);
    unlink(in_dir(dir, "history.db"));

    assert_int_equal(symlink("elsewhere", in_dir(dir, "history.db")), 0);
    refused("a symbolic link", dir, "symbolic link");
    assert_int_equal(access(in_dir(dir, "elsewhere"), F_OK), -1);
    unlink(in_dir(dir, "history.db"));

    mkdir(in_dir(dir, "history.db"), 0700);
    refused("a folder", dir, "no regular file");
    rmdir(in_dir(dir, "history.db"));

    assert_int_equal(mkfifo(in_dir(dir, "history.db"), 0600), 0);
    refused("a pipe", dir, "no regular file");
    unlink(in_dir(dir, "history.db"));

    write_file(in_dir(dir, "history.db"), "", 0, 0600);
    fill(dir, 1); /* an empty file is a new database */
    past_dir_remove();
}

static void execute(const char *path, const char *sql)
{
    sqlite3 *db;
    char *message = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    sqlite3_close(db);
    chmod(path, 0600);
}

static void test_other_schemas(void **state)
{
    static const struct {
        const char *name, *sql, *words;
    } rows[] = {
        {"another program's", "CREATE TABLE t (x)", "another program"},
        {"another program's, by its number", "PRAGMA application_id = 7", "another program"},
        {"a newer version's", "PRAGMA application_id = 1836085871; PRAGMA user_version = 99",
         "newer version"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *dir = past_dir();
        execute(in_dir(dir, "history.db"), rows[i].sql);
        refused(rows[i].name, dir, rows[i].words);
        past_dir_remove();
    }
}

static int number(const char *path, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *row;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    int value = sqlite3_column_int(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return value;
}

/* What a version before this one has stored is still there, and used. */
static void test_earlier_schema(void **state)
{
    const char *dir = past_dir(), *path = in_dir(dir, "history.db");
    (void)state;

    fill(dir, 3);
    execute(path, "DROP INDEX probe_decided; PRAGMA user_version = 1");
    int stored = number(path, "SELECT count(*) FROM probe");
    assert_true(stored >= 3);
    fill(dir, 4); /* the same three, and one */
    assert_int_equal(number(path, "PRAGMA user_version"), 2);
    assert_int_equal(number(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'probe_decided'"), 1);
    assert_int_equal(number(path, "SELECT count(*) FROM probe"), stored + 1);
    past_dir_remove();
}

/* A step of the migration fails behind others that went well: nothing is half done. */
static void test_step_that_fails(void **state)
{
    const char *dir = past_dir();
    (void)state;

    execute(in_dir(dir, "history.db"), "PRAGMA application_id = 1836085871; CREATE TABLE place (x)");
    refused("a table in the way", dir, "damaged");
    /* fails where the steps before are still there */
    execute(in_dir(dir, "history.db"), "DROP TABLE place; CREATE TABLE service (x); DROP TABLE service");
    fill(dir, 1); /* version 0, brought up to date */
    past_dir_remove();
}

/* In a process that cannot write files beyond this size: killed at that write, or told of it. */
static int migrate_within(const char *dir, rlim_t size, bool killed)
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit none = {0, 0}, small = {size, size};
        struct history *h;
        struct err err;
        setrlimit(RLIMIT_CORE, &none);
        setrlimit(RLIMIT_FSIZE, &small);
        signal(SIGXFSZ, killed ? SIG_DFL : SIG_IGN);
        bool ok = history_open(&h, dir, PAST_KEY, &err);
        history_close(&h);
        _exit(ok ? 0 : err.kind == FAULT_STATE ? 1 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

/* Interrupted at any of its writes: the next run finds the file as it was, and does it all. */
static void test_interrupted_migration(void **state)
{
    enum { PAGE = 4096 };
    (void)state;

    for (int killed = 0; killed <= 1; killed++) {
        int wanted = killed ? SIGXFSZ : 1, result = wanted, interrupted = 0;
        for (rlim_t size = PAGE / 2; result == wanted; size += PAGE) {
            const char *dir = past_dir();
            result = migrate_within(dir, size, killed);
            interrupted += result == wanted;
            fill(dir, 3);
            past_dir_remove();
        }
        assert_int_equal(result, 0); /* at last there is room for all of it */
        assert_true(interrupted >= 5);
    }
}

static void test_missing_table(void **state)
{
    const char *dir = past_dir();
    struct history *h;
    struct past_list list;
    struct err err;
    (void)state;

    fill(dir, 1);
    execute(in_dir(dir, "history.db"), "DROP TABLE probe");
    assert_true(history_open(&h, dir, PAST_KEY, &err));
    assert_false(history_load(h, 0, 10, &list, &err));
    assert_int_equal(err.kind, FAULT_STATE);
    assert_non_null(strstr(err.text, "damaged"));
    past_list_clear(&list);
    history_close(&h);
    past_dir_remove();
}

/* Rows that no run can have written. */
static void test_hostile_rows(void **state)
{
    static const char *const changes[] = {
        "UPDATE probe SET marker = 'no marker'",
        "UPDATE probe SET marker = x'00ff00'",
        "UPDATE probe SET marker = zeroblob(1000000)",
        "UPDATE probe SET label = 'far too long a label'",
        "UPDATE probe SET label = x'6100'",
        "UPDATE probe SET fate = 99",
        "UPDATE probe SET fate = -1",
        "UPDATE probe SET fate = 'landed'",
        "UPDATE probe SET first_try = 9e999",
        "UPDATE probe SET first_try = -9e999",
        "UPDATE probe SET total = 9e999",
        "UPDATE probe SET total = -5",
        "UPDATE probe SET verdict = x'0a'",
        "UPDATE probe SET verdict = char(27) || '[31m'",
        "UPDATE probe SET landed = 1e300",
        "UPDATE probe SET first_try = 'now'",
        "UPDATE probe SET total = 'soon'",
        "UPDATE probe SET total = x'00'",
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        const char *dir = past_dir();
        struct history *h;
        struct history_figures figures;
        struct past_list list;
        struct err err;
        fill(dir, 1);
        execute(in_dir(dir, "history.db"), changes[i]);
        assert_true(history_open(&h, dir, PAST_KEY, &err));
        assert_true(history_load(h, 0, 10, &list, &err));
        bool text_fate = strstr(changes[i], "'landed'") != NULL; /* SQLite makes 0 of it */
        CHECK_ROW(changes[i], list.count == text_fate || list.count == 0);
        assert_true(history_figures(h, PAST_NOW + 1, 86400, &figures, &err));
        bool total_is_bad = strstr(changes[i], "SET total") != NULL; /* and is no sample */
        CHECK_ROW(changes[i], !total_is_bad || figures.landed == 0);
        past_list_clear(&list);
        history_close(&h);
        past_dir_remove();
    }
}

static void test_long_verdict_is_cut(void **state)
{
    const char *dir = past_dir();
    struct history *h;
    struct past_list list;
    struct err err;
    (void)state;

    fill(dir, 1);
    execute(in_dir(dir, "history.db"), "UPDATE probe SET verdict = replace(hex(zeroblob(5000)), '0', 'v')");
    assert_true(history_open(&h, dir, PAST_KEY, &err));
    assert_true(history_load(h, 0, 10, &list, &err));
    assert_int_equal(list.count, 1);
    assert_int_equal(strlen(list.probe[0].verdict), HISTORY_VERDICT_SIZE - 1);
    past_list_clear(&list);
    history_close(&h);
    past_dir_remove();
}

/* Some other fault than FAULT_STATE, a crash or a hang would be one too many. */
static void use(const char *dir)
{
    struct history *h;
    struct past_probe p = past_probe(5000, FATE_SENDING, PAST_NOW);
    struct past_place place = {.route = 1}, places[4];
    struct history_figures figures;
    struct past_list list;
    double previous;
    size_t count;
    struct err err = ERR_NONE;

    bool ok = history_open(&h, dir, PAST_KEY, &err) && history_begin_run(h, PAST_NOW, NULL, &previous, &err);
    if (ok) {
        ok = history_load(h, 0, 1000, &list, &err);
        past_list_clear(&list);
    }
    ok = ok && history_places(h, 1, places, COUNT_OF(places), &count, &err) &&
         history_record(h, &p, 1, &err) && history_settle(h, &p, 1, &place, 1, &err) &&
         history_figures(h, PAST_NOW, 86400, &figures, &err);
    if (!ok)
        assert_int_equal(err.kind, FAULT_STATE);
    history_close(&h);
}

static void test_damaged_anywhere(void **state)
{
    enum { SIZE_MAX_HERE = 256 * 1024 };
    const char *dir = past_dir();
    char *whole = malloc(SIZE_MAX_HERE), *copy = malloc(SIZE_MAX_HERE);
    (void)state;

    assert_true(whole != NULL && copy != NULL);
    fill(dir, 100);
    size_t size = read_file(in_dir(dir, "history.db"), whole, SIZE_MAX_HERE);
    srand(1);
    for (int round = 0; round < 150; round++) {
        memcpy(copy, whole, size);
        for (int i = 0; i < 1 + round % 20; i++)
            copy[(size_t)rand() % size] = (char)rand();
        write_file(in_dir(dir, "history.db"), copy, size, 0600);
        use(dir);
    }
    for (size_t length = 1; length < size; length += size / 40) { /* cut off */
        write_file(in_dir(dir, "history.db"), whole, length, 0600);
        use(dir);
    }
    free(whole);
    free(copy);
    past_dir_remove();
}

/* Found by fuzz_history: a page beyond the end with a record of 4 GB, which SQLite calls want of memory. */
static void test_record_that_is_too_long(void **state)
{
    static const struct {
        size_t at;
        const char *octets;
    } parts[] = {
        {0, "SQLite format 3"}, {0x10, "\2"},
        {0x15, "\x40\x20\x20"}, {0x64, "\5"},
        {0x68, "\1"},           {0x70, "\1\xfb"},
        {0x1fe, "\x9"},         {0x1000, "\xd"},
        {0x1004, "\5"},         {0x1009, "\x3e"},
        {0x100b, "\xc9"},       {0x100d, "\xe5"},
        {0x100f, "\x13"},       {0x1011, "\x7f"},
        {0x1089, "R"},          {0x107f, "\xff\xff\xff\xff\xff\xff\xff\xff\xff"},
    };
    const char *dir = past_dir();
    char file[4264] = "";
    (void)state;

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        memcpy(file + parts[i].at, parts[i].octets, strlen(parts[i].octets));
    write_file(in_dir(dir, "history.db"), file, sizeof file, 0600);
    refused("a record of 4 GB", dir, "is damaged"); /* as other versions of SQLite say */
    past_dir_remove();
}

/* The file system is full, as far as a test without one can make it: nothing half done, and said. */
static void test_no_room(void **state)
{
    const char *dir = past_dir();
    struct history *h;
    struct past_list list;
    struct rlimit before, small;
    struct err err;
    unsigned stored = 0;
    (void)state;

    fill(dir, 10);
    assert_true(history_open(&h, dir, PAST_KEY, &err));
    getrlimit(RLIMIT_FSIZE, &before);
    small = (struct rlimit){72 * 1024, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (; stored < 5000; stored++) {
        struct past_probe p = past_probe(100 + stored, FATE_SENDING, PAST_NOW + stored);
        if (!history_record(h, &p, 1, &err))
            break;
    }
    setrlimit(RLIMIT_FSIZE, &before);
    assert_true(stored < 5000);
    assert_int_equal(err.kind, FAULT_STATE);
    assert_non_null(strstr(err.text, "history.db"));
    assert_true(history_load(h, 0, 10000, &list, &err));
    assert_int_equal(list.count, 10 + stored);
    past_list_clear(&list);
    struct past_probe p = past_probe(9999, FATE_SENDING, PAST_NOW);
    assert_true(history_record(h, &p, 1, &err)); /* there is room again */
    history_close(&h);
    past_dir_remove();
}

/* A run that takes too long does not stop the others for ever. */
static void test_in_use(void **state)
{
    const char *dir = past_dir();
    struct history *h;
    struct past_probe p = past_probe(0, FATE_SENDING, PAST_NOW);
    sqlite3 *db;
    struct err err;
    (void)state;

    fill(dir, 1);
    assert_true(history_open_within(&h, dir, PAST_KEY, 0.2, &err));
    assert_int_equal(sqlite3_open(in_dir(dir, "history.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    struct timespec began = clock_now();
    assert_false(history_record(h, &p, 1, &err));
    assert_true(clock_since(began) < 4); /* not the patience that a run with more time has */
    assert_int_equal(err.kind, FAULT_STATE);
    assert_non_null(strstr(err.text, "was in use for more than 0.2 s"));
    sqlite3_close(db);
    assert_true(history_record(h, &p, 1, &err));
    history_close(&h);
    past_dir_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_what_is_in_the_way),
        cmocka_unit_test(test_other_schemas),
        cmocka_unit_test(test_earlier_schema),
        cmocka_unit_test(test_step_that_fails),
        cmocka_unit_test(test_interrupted_migration),
        cmocka_unit_test(test_missing_table),
        cmocka_unit_test(test_hostile_rows),
        cmocka_unit_test(test_long_verdict_is_cut),
        cmocka_unit_test(test_damaged_anywhere),
        cmocka_unit_test(test_record_that_is_too_long),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_in_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
