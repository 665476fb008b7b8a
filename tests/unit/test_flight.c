/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "common/history/flight.h"
#include "tests/unit/past.h"

static const struct flight_policy policy = {.submit_every_s = 240, .lost_s = 1800};

/* Newest first, as history_load gives them. */
static struct flight *flight_of(const struct past_probe *probes, size_t count)
{
    struct flight *f = calloc(1, sizeof *f);

    assert_non_null(f);
    f->began = f->now = PAST_NOW;
    f->route = PAST_ROUTE;
    f->policy = policy;
    for (size_t i = count; i-- > 0;)
        assert_true(flight_add(f, &probes[i]));
    memset(f->changed, 0, sizeof f->changed);
    return f;
}

static void drop(struct flight *f)
{
    flight_clear(f);
    free(f);
}

/* ---- whether to submit ---- */

static void test_plan(void **state)
{
    static const struct {
        const char *name;
        struct {
            enum fate fate;
            double ago;
            bool other_route;
        } probe[3]; /* newest first; ago 0 ends it */
        enum flight_plan plan;
        size_t retry;
    } rows[] = {
        {"the first run", {{FATE_SENDING, 0, false}}, FLIGHT_SUBMIT, 0},
        {"a recent one", {{FATE_IN_FLIGHT, 200, false}}, FLIGHT_LOOK, 0},
        {"a recent one has landed", {{FATE_LANDED, 30, false}}, FLIGHT_LOOK, 0},
        {"a recent one bounced", {{FATE_BOUNCED, 30, false}}, FLIGHT_LOOK, 0},
        {"it is time", {{FATE_IN_FLIGHT, 241, false}}, FLIGHT_SUBMIT, 0},
        {"a failed one does not count", {{FATE_FAILED, 30, false}}, FLIGHT_SUBMIT, 0},
        {"a failed one before a recent one",
         {{FATE_FAILED, 30, false}, {FATE_LANDED, 60, false}},
         FLIGHT_LOOK,
         0},
        {"nobody knows whether it was sent", {{FATE_SENDING, 30, false}}, FLIGHT_SUBMIT, 0},
        {"put off", {{FATE_DEFERRED, 30, false}}, FLIGHT_RETRY, 0},
        {"put off, and others failed after it",
         {{FATE_FAILED, 10, false}, {FATE_DEFERRED, 30, false}},
         FLIGHT_RETRY,
         1},
        {"put off for too long", {{FATE_DEFERRED, 1801, false}}, FLIGHT_SUBMIT, 0},
        {"put off before one that was taken",
         {{FATE_LANDED, 10, false}, {FATE_DEFERRED, 30, false}},
         FLIGHT_LOOK,
         0},
        {"another configuration's", {{FATE_LANDED, 10, true}, {FATE_DEFERRED, 20, true}}, FLIGHT_SUBMIT, 0},
        {"from the future: the clock was set back", {{FATE_IN_FLIGHT, -3600, false}}, FLIGHT_SUBMIT, 0},
        {"the last one is from the future",
         {{FATE_UNKNOWN, -3600, false}, {FATE_LANDED, 30, false}},
         FLIGHT_SUBMIT,
         0},
        {"the last one was sent after the clock was set right",
         {{FATE_LANDED, 30, false}, {FATE_LANDED, -3600, false}},
         FLIGHT_LOOK,
         0},
        {"from the future by a little", {{FATE_IN_FLIGHT, -2, false}}, FLIGHT_LOOK, 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct past_probe probes[3];
        size_t count = 0, retry = 0;
        for (; count < 3 && rows[i].probe[count].ago != 0; count++) {
            probes[count] =
                past_probe((unsigned)count, rows[i].probe[count].fate, PAST_NOW - rows[i].probe[count].ago);
            probes[count].route += rows[i].probe[count].other_route;
        }
        struct flight *f = flight_of(probes, count);
        CHECK_ROW(rows[i].name, flight_plan(f, &retry) == rows[i].plan);
        CHECK_ROW(rows[i].name, retry == rows[i].retry);
        drop(f);
    }
}

static void test_gap(void **state)
{
    static const struct {
        const char *name;
        double previous;
        bool gap;
    } rows[] = {
        {"the first run", 0, false},
        {"a usual interval", PAST_NOW - 300, false},
        {"as long as --lost", PAST_NOW - 1800, false},
        {"longer", PAST_NOW - 1801, true},
        {"a day", PAST_NOW - 86400, true},
        {"a clock that was corrected a little", PAST_NOW + 5, false},
        {"a clock that was set back", PAST_NOW + 3600, true},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct flight *f = flight_of(NULL, 0);
        CHECK_ROW(rows[i].name, flight_gap(f, rows[i].previous) == rows[i].gap);
        drop(f);
    }
}

static void test_give_up(void **state)
{
    static const enum fate before[] = {FATE_SENDING, FATE_DEFERRED, FATE_IN_FLIGHT, FATE_LANDED, FATE_LOST},
                           after[] = {FATE_UNKNOWN, FATE_FAILED, FATE_UNKNOWN, FATE_LANDED, FATE_LOST};
    struct past_probe probes[COUNT_OF(before)];
    (void)state;

    for (unsigned i = 0; i < COUNT_OF(before); i++)
        probes[i] = past_probe(i, before[i], PAST_NOW - 10 - i);
    struct flight *f = flight_of(probes, COUNT_OF(before));
    assert_int_equal(flight_give_up(f), 2); /* a failed one is no unknown one */
    for (size_t i = 0; i < COUNT_OF(before); i++) {
        assert_int_equal(f->list.probe[i].fate, after[i]);
        assert_int_equal(f->changed[i], before[i] != after[i]);
    }
    drop(f);
}

/* ---- what a look decides ---- */

static struct sighting seen(unsigned number, double date)
{
    return (struct sighting){
        .marker = past_marker(number, 0), .fresh = true, .date = date, .seen = PAST_NOW, .size = 4000};
}

static struct flight_news settle(struct flight *f, const struct sighting *s, size_t count, bool complete)
{
    const struct look look = {
        .label = "", .began = f->now, .complete = complete, .sighting = s, .count = count};
    struct flight_news news = {0};

    flight_settle(f, &look, &news);
    return news;
}

static void test_what_is_found(void **state)
{
    static const struct {
        const char *name;
        enum fate before, after;
        bool bounce;
        size_t late;
    } rows[] = {
        {"in flight lands", FATE_IN_FLIGHT, FATE_LANDED, false, 0},
        {"perhaps never sent lands", FATE_SENDING, FATE_LANDED, false, 0},
        {"put off, and taken all the same", FATE_DEFERRED, FATE_LANDED, false, 0},
        {"lost lands", FATE_LOST, FATE_LANDED, false, 1},
        {"unknown lands", FATE_UNKNOWN, FATE_LANDED, false, 1},
        {"bounced, and lands", FATE_BOUNCED, FATE_BOUNCED, false, 0},
        {"refused, and lands", FATE_FAILED, FATE_FAILED, false, 0},
        {"refused, and bounces", FATE_FAILED, FATE_FAILED, true, 0},
        {"in flight bounces", FATE_IN_FLIGHT, FATE_BOUNCED, true, 0},
        {"lost bounces", FATE_LOST, FATE_BOUNCED, true, 0},
        {"landed, and bounces for somebody else", FATE_LANDED, FATE_LANDED, true, 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct past_probe p = past_probe(0, rows[i].before, PAST_NOW - 100);
        struct flight *f = flight_of(&p, 1);
        struct sighting s = seen(0, PAST_NOW - 90);
        s.bounce = rows[i].bounce;
        struct flight_news news = settle(f, &s, 1, true);
        CHECK_ROW(rows[i].name, f->list.probe[0].fate == rows[i].after);
        CHECK_ROW(rows[i].name, news.late == rows[i].late && news.foreign == 0);
        drop(f);
    }
}

static void test_what_is_not_found(void **state)
{
    static const struct {
        const char *name;
        enum fate before;
        double ago;
        bool complete, other_route;
        enum fate after;
    } rows[] = {
        {"young", FATE_IN_FLIGHT, 1700, true, false, FATE_IN_FLIGHT},
        {"overdue", FATE_IN_FLIGHT, 1802, true, false, FATE_LOST},
        {"overdue, but not looked at", FATE_IN_FLIGHT, 7200, false, false, FATE_IN_FLIGHT},
        {"of another configuration", FATE_IN_FLIGHT, 1802, true, true, FATE_UNKNOWN},
        {"of another configuration, young", FATE_IN_FLIGHT, 100, true, true, FATE_IN_FLIGHT},
        {"perhaps never sent, young", FATE_SENDING, 100, true, false, FATE_SENDING},
        {"perhaps never sent", FATE_SENDING, 1802, true, false, FATE_UNKNOWN},
        {"put off", FATE_DEFERRED, 100, true, false, FATE_DEFERRED},
        {"put off for too long", FATE_DEFERRED, 1802, true, false, FATE_FAILED},
        {"landed before", FATE_LANDED, 1802, true, false, FATE_LANDED},
        {"from the future", FATE_IN_FLIGHT, -3600, true, false, FATE_IN_FLIGHT},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct past_probe p = past_probe(0, rows[i].before, PAST_NOW - rows[i].ago);
        p.route += rows[i].other_route;
        struct flight *f = flight_of(&p, 1);
        settle(f, NULL, 0, rows[i].complete);
        CHECK_ROW(rows[i].name, f->list.probe[0].fate == rows[i].after);
        CHECK_ROW(rows[i].name, f->changed[0] == (rows[i].before != rows[i].after));
        drop(f);
    }
}

/* Put off for long, and the run was killed when it was tried again: it may still be on its way. */
static void test_perhaps_sent_by_a_later_try(void **state)
{
    struct past_probe p = past_probe(0, FATE_SENDING, PAST_NOW - 2000);
    (void)state;

    p.began = PAST_NOW - 300;
    struct flight *f = flight_of(&p, 1);
    settle(f, NULL, 0, true);
    assert_int_equal(f->list.probe[0].fate, FATE_SENDING);
    drop(f);
}

/* What has just come is never taken for lost, however long it took. */
static void test_found_though_overdue(void **state)
{
    struct past_probe p = past_probe(0, FATE_IN_FLIGHT, PAST_NOW - 4000);
    struct flight *f = flight_of(&p, 1);
    struct sighting s = seen(0, PAST_NOW - 1);
    (void)state;

    struct flight_news news = settle(f, &s, 1, true);
    assert_int_equal(f->list.probe[0].fate, FATE_LANDED);
    assert_int_equal(news.late, 0);
    assert_true(f->list.probe[0].total_s > 3998 && f->list.probe[0].total_s < 4000);
    drop(f);
}

static void test_times(void **state)
{
    static const struct {
        const char *name;
        double accepted, date; /* before now; date 0: not told */
        double delivery, skew;
    } rows[] = {
        {"by its date", 100, 90, 10, 0},
        {"no date: when it was seen", 100, 0, 100, 0},
        {"a whole second, cut off", 10.9, 11, 0, 0},
        {"the mailbox's clock is behind", 10, 60, 0, 49},
        {"the mailbox's clock is ahead: no longer than until it was seen", 10, -3600, 10, 0},
        {"our clock was set forth after the submission", -50, 0.5, 0, 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct past_probe p = past_probe(0, FATE_IN_FLIGHT, PAST_NOW - 200);
        p.accepted = PAST_NOW - rows[i].accepted;
        p.began = p.accepted - 0.25;
        struct flight *f = flight_of(&p, 1);
        struct sighting s = seen(0, rows[i].date == 0 ? 0 : PAST_NOW - rows[i].date);
        struct flight_news news = settle(f, &s, 1, true);
        const struct past_probe *got = &f->list.probe[0];
        if (rows[i].accepted > 0) {
            CHECK_ROW(rows[i].name,
                      got->delivery_s > rows[i].delivery - 0.01 && got->delivery_s < rows[i].delivery + 0.01);
            CHECK_ROW(rows[i].name,
                      got->total_s > rows[i].delivery + 0.24 && got->total_s < rows[i].delivery + 0.26);
            CHECK_ROW(rows[i].name, news.skew_s > rows[i].skew - 0.01 && news.skew_s < rows[i].skew + 0.01);
        } else {
            CHECK_ROW(rows[i].name, got->delivery_s == 0 && got->total_s >= 0);
        }
        drop(f);
    }
}

static void test_total_of_what_may_not_have_been_sent(void **state)
{
    struct past_probe p = past_probe(0, FATE_SENDING, PAST_NOW - 100);
    struct flight *f = flight_of(&p, 1);
    struct sighting s = seen(0, PAST_NOW - 60);
    (void)state;

    settle(f, &s, 1, true);
    assert_true(f->list.probe[0].delivery_s < 0); /* its acceptance is not known */
    assert_true(f->list.probe[0].total_s > 39.9 && f->list.probe[0].total_s < 40.1);
    drop(f);
}

static void test_copies(void **state)
{
    static const struct {
        const char *name;
        enum fate before;
        size_t sightings;
        bool fresh;
        unsigned copies;
        bool told;
    } rows[] = {
        {"one", FATE_IN_FLIGHT, 1, true, 1, false},
        {"two in one look", FATE_IN_FLIGHT, 2, true, 2, true},
        {"two in a look without a border", FATE_IN_FLIGHT, 2, false, 2, true},
        {"another one later", FATE_LANDED, 1, true, 2, true},
        {"the same one again: UIDs were renumbered", FATE_LANDED, 1, false, 1, false},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct past_probe p[] = {past_probe(1, FATE_LANDED, PAST_NOW - 50),
                                 past_probe(0, rows[i].before, PAST_NOW - 1000)};
        struct flight *f = flight_of(p, 2);
        struct sighting s[2] = {seen(0, PAST_NOW - 80), seen(0, PAST_NOW - 90)};
        struct flight_view view;
        s[0].fresh = s[1].fresh = rows[i].fresh;
        settle(f, s, rows[i].sightings, true);
        CHECK_ROW(rows[i].name, f->list.probe[1].copies == rows[i].copies);
        if (rows[i].sightings == 2) /* newest first: the older one counts */
            CHECK_ROW(rows[i].name, f->list.probe[1].landed == PAST_NOW - 90);
        for (int later = 0; later < 2; later++) { /* though a newer one has landed, while a host re-checks */
            f->now = PAST_NOW + later * 240;
            flight_view(f, NULL, &view);
            CHECK_ROW(rows[i].name, (view.repeated != NULL) == (rows[i].told && !later));
        }
        drop(f);
    }
}

static void test_foreign_and_other_mailboxes(void **state)
{
    struct past_probe p[2] = {past_probe(0, FATE_IN_FLIGHT, PAST_NOW - 100),
                              past_probe(0, FATE_IN_FLIGHT, PAST_NOW - 100)};
    struct sighting s[2] = {seen(0, PAST_NOW - 90), seen(9, PAST_NOW - 90)};
    (void)state;

    strcpy(p[0].label, "one");
    strcpy(p[1].label, "two");
    struct flight *f = flight_of(p, 2);
    const struct look look = {.label = "two", .began = PAST_NOW, .complete = true, .sighting = s, .count = 2};
    struct flight_news news = {0};
    flight_settle(f, &look, &news);
    assert_int_equal(news.foreign, 1);
    assert_int_equal(flight_find(f, &p[0].marker, "one")->fate, FATE_IN_FLIGHT);
    assert_int_equal(flight_find(f, &p[0].marker, "two")->fate, FATE_LANDED);
    assert_null(flight_find(f, &p[0].marker, ""));
    assert_null(flight_touch(f, &s[1].marker, "two"));
    drop(f);
}

static void test_found_after_a_gap(void **state)
{
    struct past_probe p[2] = {past_probe(0, FATE_IN_FLIGHT, PAST_NOW - 90000),
                              past_probe(1, FATE_IN_FLIGHT, PAST_NOW - 90100)};
    struct sighting s = seen(0, PAST_NOW - 89990);
    (void)state;

    struct flight *f = flight_of(p, 2);
    assert_int_equal(flight_give_up(f), 2);
    struct flight_news news = settle(f, &s, 1, true);
    assert_int_equal(news.found, 1);
    assert_int_equal(news.late, 0);
    assert_int_equal(f->list.probe[0].fate, FATE_LANDED);
    assert_int_equal(f->list.probe[1].fate, FATE_UNKNOWN);
    assert_true(f->list.probe[0].delivery_s < 10); /* by its date, not by when it was noticed */
    drop(f);
}

/* ---- what counts ---- */

/* A newer one has landed; what was found out lately is in view all the same. */
static void test_overtaken(void **state)
{
    static const struct {
        const char *name;
        enum fate fate;
        bool junk, other_route;
        double ago; /* since it was found out */
        size_t lost, bounced, misplaced;
    } rows[] = {
        {"lost, found out now", FATE_LOST, false, false, 0, 1, 0, 0},
        {"lost, at the last of three checks", FATE_LOST, false, false, 239, 1, 0, 0},
        {"lost, long known", FATE_LOST, false, false, 241, 0, 0, 0},
        {"lost, before the clock was set back", FATE_LOST, false, false, -3600, 0, 0, 0},
        {"lost, of another configuration", FATE_LOST, false, true, 0, 0, 0, 0},
        {"bounced", FATE_BOUNCED, false, false, 10, 0, 1, 0},
        {"bounced, long known", FATE_BOUNCED, false, false, 400, 0, 0, 0},
        {"in junk", FATE_LANDED, true, false, 10, 0, 0, 1},
        {"in junk, long known", FATE_LANDED, true, false, 400, 0, 0, 0},
        {"in the inbox", FATE_LANDED, false, false, 10, 0, 0, 0},
        {"without verdict", FATE_UNKNOWN, false, false, 10, 0, 0, 0},
        {"never accepted", FATE_FAILED, false, false, 10, 0, 0, 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct past_probe p[] = {past_probe(0, FATE_LANDED, PAST_NOW - 10),
                                 past_probe(1, rows[i].fate, PAST_NOW - 2000)};
        struct flight_view view;
        p[1].decided = PAST_NOW - rows[i].ago;
        p[1].junk = rows[i].junk;
        p[1].route += rows[i].other_route;
        struct flight *f = flight_of(p, 2);
        flight_view(f, NULL, &view);
        CHECK_ROW(rows[i].name, view.lost == rows[i].lost);
        CHECK_ROW(rows[i].name, (view.bounced != NULL) == rows[i].bounced);
        CHECK_ROW(rows[i].name, (view.misplaced != NULL) == rows[i].misplaced);
        drop(f);
        f = flight_of(&p[1], 1); /* the newest itself is not overtaken */
        flight_view(f, NULL, &view);
        CHECK_ROW(rows[i].name, view.lost == 0 && view.bounced == NULL && view.misplaced == NULL);
        drop(f);
    }
}

/* A copy that came before is no third one beside one that has just come, in whichever order they are seen. */
static void test_old_and_new_copy(void **state)
{
    (void)state;

    for (int first = 0; first < 2; first++) {
        struct past_probe p = past_probe(0, FATE_LANDED, PAST_NOW - 1000);
        struct flight *f = flight_of(&p, 1);
        struct sighting s[2] = {seen(0, PAST_NOW - 10), seen(0, PAST_NOW - 10)};
        s[first].fresh = true;
        s[!first].fresh = false;
        settle(f, s, 2, true);
        assert_int_equal(f->list.probe[0].copies, 2);
        drop(f);
    }
}

/* Where every run submits, what it has found out itself is told all the same. */
static void test_overtaken_in_this_run(void **state)
{
    struct past_probe p[] = {past_probe(0, FATE_LANDED, PAST_NOW - 300),
                             past_probe(1, FATE_LOST, PAST_NOW - 2000)};
    struct flight *f = flight_of(p, 2);
    struct flight_view view;
    (void)state;

    f->policy.submit_every_s = 0;
    f->now += 2;
    for (int later = 0; later < 2; later++) {
        f->list.probe[1].decided = PAST_NOW + 1 - 2 * later;
        flight_view(f, NULL, &view);
        assert_int_equal(view.lost, 1 - later);
    }
    drop(f);
}

static void test_view(void **state)
{
    struct past_probe p[] = {
        past_probe(0, FATE_IN_FLIGHT, PAST_NOW - 10), past_probe(1, FATE_FAILED, PAST_NOW - 20),
        past_probe(2, FATE_UNKNOWN, PAST_NOW - 30),   past_probe(3, FATE_LOST, PAST_NOW - 40),
        past_probe(4, FATE_IN_FLIGHT, PAST_NOW - 50), past_probe(5, FATE_LANDED, PAST_NOW - 60),
        past_probe(6, FATE_LANDED, PAST_NOW - 5),
    };
    struct flight_view view;
    (void)state;

    p[6].route++; /* of another configuration, though the newest */
    struct flight *f = flight_of(p, COUNT_OF(p));
    flight_view(f, NULL, &view);
    assert_int_equal(view.in_flight, 2);
    assert_int_equal(view.landed, 1);
    assert_string_equal(view.oldest->marker.text, p[4].marker.text);
    assert_string_equal(view.newest->marker.text, p[3].marker.text);
    flight_view(f, "other", &view);
    assert_null(view.newest);
    assert_null(view.oldest);
    assert_true(flight_horizon(f) == PAST_NOW - 50);
    drop(f);
}

/* A clock was ahead by a day, and was set right: what was sent then is not the newest until tomorrow. */
static void test_sent_by_a_clock_that_was_ahead(void **state)
{
    struct past_probe p[] = {past_probe(2, FATE_LANDED, PAST_NOW - 60),
                             past_probe(0, FATE_LOST, PAST_NOW + 86400),
                             past_probe(1, FATE_DEFERRED, PAST_NOW + 86000)};
    struct flight_view view;
    (void)state;

    strcpy(p[2].verdict, FLIGHT_GREYLISTED);
    struct flight *f = flight_of(p, COUNT_OF(p));
    flight_view(f, NULL, &view);
    assert_string_equal(view.newest->marker.text, p[0].marker.text);
    assert_true(view.greylisted_since == 0);
    drop(f);
}

static void test_greylisted_since(void **state)
{
    struct past_probe p[] = {
        past_probe(0, FATE_DEFERRED, PAST_NOW - 10),
        past_probe(1, FATE_FAILED, PAST_NOW - 2000),
        past_probe(2, FATE_LANDED, PAST_NOW - 2500),
        past_probe(3, FATE_FAILED, PAST_NOW - 3000),
    };
    struct flight_view view;
    (void)state;

    strcpy(p[0].verdict, FLIGHT_GREYLISTED);
    strcpy(p[1].verdict, FLIGHT_GREYLISTED);
    strcpy(p[3].verdict, FLIGHT_GREYLISTED);
    struct flight *f = flight_of(p, COUNT_OF(p));
    flight_view(f, NULL, &view); /* the last one that was taken ended it */
    assert_true(view.greylisted_since == PAST_NOW - 2000);
    drop(f);
}

static void test_many(void **state)
{
    struct flight *f = flight_of(NULL, 0);
    (void)state;

    for (unsigned i = 0; i < FLIGHT_MAX + 10; i++) {
        struct past_probe p = past_probe(i, FATE_IN_FLIGHT, PAST_NOW - 5000 + i);
        assert_true(flight_add(f, &p));
    }
    assert_int_equal(f->list.count, FLIGHT_MAX);
    assert_string_equal(f->list.probe[0].marker.text, past_marker(FLIGHT_MAX + 9, 0).text);
    settle(f, NULL, 0, true);
    drop(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plan),
        cmocka_unit_test(test_gap),
        cmocka_unit_test(test_give_up),
        cmocka_unit_test(test_what_is_found),
        cmocka_unit_test(test_what_is_not_found),
        cmocka_unit_test(test_perhaps_sent_by_a_later_try),
        cmocka_unit_test(test_found_though_overdue),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_total_of_what_may_not_have_been_sent),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_old_and_new_copy),
        cmocka_unit_test(test_foreign_and_other_mailboxes),
        cmocka_unit_test(test_found_after_a_gap),
        cmocka_unit_test(test_overtaken),
        cmocka_unit_test(test_overtaken_in_this_run),
        cmocka_unit_test(test_view),
        cmocka_unit_test(test_sent_by_a_clock_that_was_ahead),
        cmocka_unit_test(test_greylisted_since),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
