/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "tests/unit/past.h"

static struct history *open_new(void)
{
    return past_open(PAST_KEY, past_dir());
}

static void record(struct history *h, const struct past_probe *p, size_t count)
{
    struct err err;

    if (!history_record(h, p, count, &err))
        fail_msg("%s", err.text);
}

static enum fate stored_fate(struct history *h)
{
    struct past_list list = past_load(h, 0, 10);
    assert_int_equal(list.count, 1);
    enum fate fate = list.probe[0].fate;
    past_list_clear(&list);
    return fate;
}

/* ---- what goes in comes out ---- */

static void test_round_trip(void **state)
{
    struct history *h = open_new();
    struct past_probe p = past_probe(1, FATE_LANDED, PAST_NOW - 100.25);
    (void)state;

    p.route = UINT64_MAX;
    p.size = 12345678901;
    p.tries = 3;
    p.copies = 2;
    p.junk = true;
    strcpy(p.label, "gmail_01");
    strcpy(p.verdict, "spam_placed=2 dmarc=2");
    record(h, &p, 1);
    struct past_list list = past_load(h, 0, 10);
    assert_int_equal(list.count, 1);
    const struct past_probe *q = &list.probe[0];
    assert_string_equal(q->marker.text, p.marker.text);
    assert_true(q->marker.key == PAST_KEY);
    assert_string_equal(q->label, p.label);
    assert_string_equal(q->verdict, p.verdict);
    assert_true(q->route == p.route && q->fate == p.fate && q->first_try == p.first_try &&
                q->began == p.began);
    assert_true(q->accepted == p.accepted && q->landed == p.landed && q->decided == p.decided);
    assert_true(q->delivery_s == p.delivery_s && q->total_s == p.total_s && q->size == p.size);
    assert_true(q->tries == 3 && q->copies == 2 && q->junk);
    past_list_clear(&list);
    past_done(h);
}

static void test_loading(void **state)
{
    struct history *h = open_new();
    struct past_probe p[] = {
        past_probe(0, FATE_LANDED, PAST_NOW - 10),      past_probe(1, FATE_LANDED, PAST_NOW - 1000),
        past_probe(2, FATE_IN_FLIGHT, PAST_NOW - 2000), past_probe(3, FATE_SENDING, PAST_NOW - 3000),
        past_probe(4, FATE_DEFERRED, PAST_NOW - 4000),  past_probe(5, FATE_LOST, PAST_NOW - 5000),
    };
    (void)state;

    for (size_t i = COUNT_OF(p); i-- > 0;)
        record(h, &p[i], 1);
    struct past_list list = past_load(h, PAST_NOW - 500, 10); /* and whatever is undecided */
    assert_int_equal(list.count, 4);
    for (size_t i = 1; i < list.count; i++)
        assert_true(list.probe[i - 1].serial > list.probe[i].serial);
    past_list_clear(&list);
    list = past_load(h, 0, 3);
    assert_int_equal(list.count, 3); /* what is undecided goes first, and stands in its place */
    for (size_t i = 0; i < list.count; i++)
        assert_string_equal(list.probe[i].marker.text, p[2 + i].marker.text);
    past_list_clear(&list);
    p[4].fate = FATE_IN_FLIGHT; /* recorded again, it keeps its place */
    record(h, &p[4], 1);
    list = past_load(h, 0, 10);
    assert_string_equal(list.probe[4].marker.text, p[4].marker.text);
    assert_int_equal(list.probe[4].fate, FATE_IN_FLIGHT);
    past_list_clear(&list);
    list = past_load(h, PAST_NOW, 0);
    assert_int_equal(list.count, 0);
    past_list_clear(&list);
    past_done(h);
}

static void test_services_are_apart(void **state)
{
    const char *dir = past_dir();
    struct history *one = past_open(1, dir), *two = past_open(2, dir);
    struct past_probe p = past_probe(0, FATE_LANDED, PAST_NOW);
    struct past_place place = {.route = 1, .folder = 2, .uidvalidity = 3, .uidnext = 4}, got;
    double previous;
    size_t count;
    struct err err;
    (void)state;

    record(one, &p, 1);
    assert_true(history_settle(one, NULL, 0, &place, 1, &err));
    assert_true(history_begin_run(one, PAST_NOW, NULL, &previous, &err));
    assert_true(previous == PAST_OPENED);
    assert_true(history_begin_run(one, PAST_NOW + 60, NULL, &previous, &err));
    assert_true(previous == PAST_NOW);
    assert_true(history_begin_run(two, PAST_NOW + 60, NULL, &previous, &err));
    assert_true(previous == PAST_OPENED);
    struct past_list list = past_load(two, 0, 10);
    assert_int_equal(list.count, 0);
    past_list_clear(&list);
    assert_true(history_places(two, 1, &got, 1, &count, &err));
    assert_int_equal(count, 0);
    history_close(&two);
    past_done(one);
}

static void test_what_others_store_is_noticed(void **state)
{
    const char *dir = past_dir();
    struct history *h = past_open(1, dir), *other = past_open(1, dir);
    struct past_probe mine = past_probe(0, FATE_SENDING, PAST_NOW - 10),
                      theirs = past_probe(1, FATE_SENDING, PAST_NOW - 5);
    (void)state;

    assert_false(history_is_current(h)); /* nothing was loaded */
    struct past_list list = past_load(h, 0, 10);
    past_list_clear(&list);
    assert_true(history_is_current(h));
    record(h, &mine, 1);
    assert_true(history_is_current(h));
    record(other, &theirs, 1);
    assert_false(history_is_current(h));
    list = past_load(h, 0, 10);
    assert_int_equal(list.count, 2);
    past_list_clear(&list);
    assert_true(history_is_current(h));
    history_close(&other);
    past_done(h);
}

static void test_places(void **state)
{
    struct history *h = open_new();
    struct past_place places[] = {
        {.label = "a", .route = 1, .folder = UINT64_MAX, .uidvalidity = UINT32_MAX, .uidnext = UINT32_MAX},
        {.label = "b", .route = 1, .folder = 5, .uidvalidity = 1, .uidnext = 7, .uidl = "00000001abc"},
        {.label = "a", .route = 2, .folder = 5, .uidvalidity = 1, .uidnext = 7},
    };
    struct past_place got[4];
    size_t count;
    struct err err;
    (void)state;

    assert_true(history_settle(h, NULL, 0, places, COUNT_OF(places), &err));
    places[1].uidnext = 9;
    assert_true(history_settle(h, NULL, 0, places, COUNT_OF(places), &err));
    assert_true(history_places(h, 1, got, COUNT_OF(got), &count, &err));
    assert_int_equal(count, 2);
    size_t b = strcmp(got[0].label, "b") == 0 ? 0 : 1;
    assert_true(got[b].uidnext == 9 && got[b].folder == 5 && got[b].route == 1);
    assert_string_equal(got[b].uidl, "00000001abc");
    assert_true(got[1 - b].folder == UINT64_MAX && got[1 - b].uidvalidity == UINT32_MAX &&
                got[1 - b].uidnext == UINT32_MAX);
    assert_true(history_places(h, 1, got, 1, &count, &err));
    assert_int_equal(count, 1);
    past_done(h);
}

/* ---- which fate follows which ---- */

static void test_transitions(void **state)
{
    /* by stored fate: the ones that may follow, as letters of sdflLubx */
    static const struct {
        enum fate from;
        const char *to;
    } rows[] = {
        {FATE_SENDING, "sdflLubx"}, {FATE_DEFERRED, "dflLubx"}, {FATE_IN_FLIGHT, "flLubx"},
        {FATE_LANDED, "l"},         {FATE_LOST, "lLb"},         {FATE_UNKNOWN, "lub"},
        {FATE_BOUNCED, "b"},        {FATE_FAILED, "x"},
    };
    static const char letters[] = "sdflLubx";
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (unsigned to = 0; to < FATE_COUNT; to++) {
            struct history *h = open_new();
            struct past_probe p = past_probe(0, rows[i].from, PAST_NOW);
            struct err err;
            record(h, &p, 1);
            p.fate = (enum fate)to;
            assert_true(history_settle(h, &p, 1, NULL, 0, &err));
            bool may = strchr(rows[i].to, letters[to]) != NULL;
            if (stored_fate(h) != (may ? (enum fate)to : rows[i].from))
                fail_msg("%s -> %s", fate_name(rows[i].from), fate_name((enum fate)to));
            past_done(h);
        }
    }
}

static void test_the_same_fate_again(void **state)
{
    struct history *h = open_new();
    struct past_probe p = past_probe(0, FATE_LANDED, PAST_NOW);
    struct err err;
    (void)state;

    p.copies = 2;
    record(h, &p, 1);
    p.copies = 1; /* another run has seen fewer */
    strcpy(p.verdict, "dmarc=2");
    assert_true(history_settle(h, &p, 1, NULL, 0, &err));
    struct past_list list = past_load(h, 0, 10);
    assert_int_equal(list.probe[0].copies, 2);
    assert_string_equal(list.probe[0].verdict, "dmarc=2");
    past_list_clear(&list);
    past_done(h);
}

static void test_landed_before_its_acceptance_was_noted(void **state)
{
    struct history *h = open_new();
    struct past_probe p = past_probe(0, FATE_LANDED, PAST_NOW);
    struct err err;
    (void)state;

    p.accepted = 0;
    p.delivery_s = -1;
    record(h, &p, 1);
    p.fate = FATE_IN_FLIGHT;
    p.accepted = PAST_NOW + 0.5;
    assert_true(history_settle(h, &p, 1, NULL, 0, &err));
    struct past_list list = past_load(h, 0, 10);
    assert_int_equal(list.probe[0].fate, FATE_LANDED);
    assert_true(list.probe[0].accepted == PAST_NOW + 0.5);
    assert_true(list.probe[0].delivery_s == 1.5 && list.probe[0].total_s == 2);
    past_list_clear(&list);
    past_done(h);
}

static void test_landed_for_a_run_that_knows_of_no_acceptance(void **state)
{
    struct history *h = open_new();
    struct past_probe p = past_probe(0, FATE_IN_FLIGHT, PAST_NOW);
    struct err err;
    (void)state;

    record(h, &p, 1);
    p = past_probe(0, FATE_LANDED, PAST_NOW);
    p.accepted = 0;
    p.delivery_s = -1;
    assert_true(history_settle(h, &p, 1, NULL, 0, &err));
    struct past_list list = past_load(h, 0, 10);
    assert_int_equal(list.probe[0].fate, FATE_LANDED);
    assert_true(list.probe[0].accepted == PAST_NOW + 0.5);
    assert_true(list.probe[0].delivery_s == 1.5 && list.probe[0].total_s == 2);
    past_list_clear(&list);
    past_done(h);
}

static void test_settling_what_is_not_there(void **state)
{
    struct history *h = open_new();
    struct past_probe p = past_probe(0, FATE_LANDED, PAST_NOW);
    struct err err;
    (void)state;

    assert_true(history_settle(h, &p, 1, NULL, 0, &err));
    assert_true(history_settle(h, NULL, 0, NULL, 0, &err));
    struct past_list list = past_load(h, 0, 10);
    assert_int_equal(list.count, 0);
    past_list_clear(&list);
    past_done(h);
}

/* ---- figures ---- */

static void test_figures(void **state)
{
    static const struct {
        const char *name;
        unsigned landed, lost, other;
        double p50, p95, p99, loss;
    } rows[] = {
        {"nothing", 0, 0, 0, 0, 0, 0, 0},
        {"one", 1, 0, 0, 1, 1, 1, 0},
        {"two: the lower one is the median", 2, 0, 0, 1, 2, 2, 0},
        {"twenty", 20, 0, 0, 10, 19, 20, 0},
        {"a hundred", 100, 0, 0, 50, 95, 99, 0},
        {"a hundred and one", 101, 0, 0, 51, 96, 100, 0},
        {"losses count in loss only", 30, 10, 0, 15, 29, 30, 25},
        {"all lost", 0, 5, 0, 0, 0, 0, 100},
        {"what is not decided counts nowhere", 9, 1, 12, 5, 9, 9, 10},
    };
    static const enum fate others[] = {FATE_SENDING, FATE_DEFERRED, FATE_IN_FLIGHT,
                                       FATE_UNKNOWN, FATE_BOUNCED,  FATE_FAILED};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct history *h = open_new();
        struct history_figures f;
        struct err err;
        unsigned n = 0;
        for (unsigned k = 0; k < rows[i].landed; k++, n++) {
            struct past_probe p = past_probe(n, FATE_LANDED, PAST_NOW - 100 - n);
            p.total_s = (k * 37) % rows[i].landed + 1; /* in no order */
            record(h, &p, 1);
        }
        for (unsigned k = 0; k < rows[i].lost + rows[i].other; k++, n++) {
            struct past_probe p = past_probe(n, k < rows[i].lost ? FATE_LOST : others[k % COUNT_OF(others)],
                                             PAST_NOW - 100 - n);
            record(h, &p, 1);
        }
        assert_true(history_figures(h, PAST_NOW, 86400, &f, &err));
        CHECK_ROW(rows[i].name, f.landed == rows[i].landed && f.lost == rows[i].lost);
        CHECK_ROW(rows[i].name, f.decided == rows[i].landed + rows[i].lost);
        CHECK_ROW(rows[i].name, f.p50 == rows[i].p50 && f.p95 == rows[i].p95 && f.p99 == rows[i].p99);
        CHECK_ROW(rows[i].name, f.loss_percent == rows[i].loss);
        past_done(h);
    }
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double pattern(int which, unsigned k, unsigned count)
{
    switch (which) {
    case 0:
        return 3; /* all alike */
    case 1:
        return k;
    case 2:
        return count - k;
    case 3:
        return k % 2;
    case 4:
        return k < count / 2 ? k : count - k; /* up and down */
    default:
        return (k * 2654435761U) % 1000 / 7.0;
    }
}

/* Against sorting, whatever order they come in. */
static void test_figures_in_any_order(void **state)
{
    static const unsigned counts[] = {1, 2, 3, 4, 5, 20, 99, 256};
    (void)state;

    for (int which = 0; which < 6; which++) {
        for (size_t i = 0; i < COUNT_OF(counts); i++) {
            static struct past_probe p[256];
            double sorted[256];
            unsigned count = counts[i];
            struct history *h = open_new();
            struct history_figures f;
            struct err err;
            for (unsigned k = 0; k < count; k++) {
                p[k] = past_probe(k, FATE_LANDED, PAST_NOW - 1 - k);
                p[k].total_s = sorted[k] = pattern(which, k, count);
            }
            record(h, p, count);
            qsort(sorted, count, sizeof *sorted, compare_numbers);
            assert_true(history_figures(h, PAST_NOW, 86400, &f, &err));
            assert_int_equal(f.landed, count);
            assert_true(f.p50 == sorted[(count * 50 + 99) / 100 - 1]);
            assert_true(f.p95 == sorted[(count * 95 + 99) / 100 - 1]);
            assert_true(f.p99 == sorted[(count * 99 + 99) / 100 - 1]);
            past_done(h);
        }
    }
}

static void test_window(void **state)
{
    static const double ago[] = {-60, 0, 1, 3599, 3600, 3601, 86400};
    struct history *h = open_new();
    struct history_figures f;
    struct err err;
    (void)state;

    for (unsigned i = 0; i < COUNT_OF(ago); i++) {
        struct past_probe p = past_probe(i, FATE_LANDED, PAST_NOW - ago[i]);
        record(h, &p, 1);
    }
    assert_true(history_figures(h, PAST_NOW, 3600, &f, &err));
    assert_int_equal(f.landed, 3); /* neither from the future, nor from its very beginning or before */
    past_done(h);
}

/* ---- bounded ---- */

static void test_old_rows_go(void **state)
{
    struct history *h = open_new();
    struct past_probe p[300];
    (void)state;

    for (unsigned i = 0; i < COUNT_OF(p); i++)
        p[i] = past_probe(i, i % 2 == 0 ? FATE_LANDED : FATE_IN_FLIGHT, PAST_NOW - 40 * 86400.0);
    record(h, p, COUNT_OF(p)); /* 200 at a time: by the time of the first, none is too old yet */
    struct past_list list = past_load(h, 0, 1000);
    assert_int_equal(list.count, COUNT_OF(p));
    past_list_clear(&list);
    for (unsigned i = 0; i < 2; i++) {
        struct past_probe now = past_probe(400 + i, FATE_LANDED, PAST_NOW);
        record(h, &now, 1);
        list = past_load(h, 0, 1000);
        assert_int_equal(list.count, i == 0 ? 101 : 2);
        past_list_clear(&list);
    }
    past_done(h);
}

static void test_no_more_than_so_many(void **state)
{
    enum { MANY = 20100, AT_ONCE = 1005 };
    struct history *h = open_new();
    struct past_probe *p = calloc(AT_ONCE, sizeof *p);
    (void)state;

    assert_non_null(p);
    for (unsigned i = 0; i < MANY; i += AT_ONCE) {
        for (unsigned k = 0; k < AT_ONCE; k++)
            p[k] = past_probe(i + k, FATE_LANDED, PAST_NOW - MANY + i + k);
        record(h, p, AT_ONCE);
    }
    free(p);
    struct past_list list = past_load(h, 0, 2 * MANY);
    assert_int_equal(list.count, 20000);
    assert_string_equal(list.probe[0].marker.text, past_marker(MANY - 1, 0).text); /* the oldest went */
    past_list_clear(&list);
    past_done(h);
}

static void test_silent_services_are_forgotten(void **state)
{
    const char *dir = past_dir();
    struct history *silent = past_open(1, dir), *h = past_open(2, dir);
    struct past_probe p = past_probe(0, FATE_LANDED, PAST_NOW - 100 * 86400.0),
                      now = past_probe(1, FATE_LANDED, PAST_NOW);
    struct past_place place = {.route = 1};
    double previous;
    struct err err;
    (void)state;

    assert_true(history_begin_run(silent, PAST_NOW - 100 * 86400.0, NULL, &previous, &err));
    record(silent, &p, 1);
    assert_true(history_settle(silent, NULL, 0, &place, 1, &err));
    assert_true(history_begin_run(h, PAST_NOW, NULL, &previous, &err));
    record(h, &now, 1);
    record(h, &now, 1);
    history_close(&silent);
    assert_true(history_open(&silent, dir, 1, &err));
    assert_true(history_begin_run(silent, PAST_NOW, NULL, &previous, &err));
    assert_true(previous == 0);
    struct past_list list = past_load(silent, 0, 10);
    assert_int_equal(list.count, 0);
    past_list_clear(&list);
    history_close(&silent);
    past_done(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_loading),
        cmocka_unit_test(test_services_are_apart),
        cmocka_unit_test(test_what_others_store_is_noticed),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_transitions),
        cmocka_unit_test(test_the_same_fate_again),
        cmocka_unit_test(test_landed_before_its_acceptance_was_noted),
        cmocka_unit_test(test_landed_for_a_run_that_knows_of_no_acceptance),
        cmocka_unit_test(test_settling_what_is_not_there),
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_figures_in_any_order),
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_old_rows_go),
        cmocka_unit_test(test_no_more_than_so_many),
        cmocka_unit_test(test_silent_services_are_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
