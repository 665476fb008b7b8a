/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <time.h>

#include "common/history/view.h"
#include "tests/unit/past.h"

static void show(const struct past_probe *probes, size_t count, const struct history_figures *figures,
                 const char *wanted)
{
    struct buffer out = BUFFER_INIT(16 * 1024);
    const struct past_list list = {(struct past_probe *)probes, count};

    history_table(&out, &list, figures, PAST_NOW, 86400);
    assert_string_equal(buffer_text(&out), wanted);
    buffer_clear(&out);
}

static void test_nothing(void **state)
{
    const struct history_figures none = {0};
    (void)state;

    show(NULL, 0, &none, "last 24.0 h: 0 decided, 0 lost (0.0 %)\n\nno probe is stored\n");
}

static void test_a_day(void **state)
{
    struct past_probe p[] = {
        past_probe(0, FATE_IN_FLIGHT, PAST_NOW - 10),  past_probe(1, FATE_LANDED, PAST_NOW - 60),
        past_probe(2, FATE_LANDED, PAST_NOW - 4000),   past_probe(3, FATE_LOST, PAST_NOW - 8000),
        past_probe(4, FATE_LANDED, PAST_NOW - 86000),  past_probe(5, FATE_FAILED, PAST_NOW - 90000),
        past_probe(6, FATE_LANDED, PAST_NOW - 100000),
    };
    const struct history_figures figures = {
        .decided = 4, .lost = 1, .landed = 3, .loss_percent = 25, .p50 = 2, .p95 = 95, .p99 = 1234};
    (void)state;

    p[1].total_s = 700;
    p[2].total_s = 350;
    p[2].junk = true;
    strcpy(p[2].verdict, "spam_placed=2");
    p[2].copies = 2;
    p[5].tries = 3;
    strcpy(p[6].label, "gmail_01");
    show(p, COUNT_OF(p), &figures,
         "last 24.0 h: 4 decided, 1 lost (25.0 %); p50 2.000 s, p95 95 s, p99 20.6 min\n\n"
         "last day, slowest total in each half hour (! lost):\n"
         "  \u2581                                          ! \u2585 \u2588\n"
         "  14:13                                      14:13   full height: 11.7 min\n\n"
         "sent                     total  state     where mailbox  remarks\n"
         "2026-09-21 14:13:10            in_flight\n"
         "2026-09-21 14:12:20  11.7 min  landed    inbox\n"
         "2026-09-21 13:06:40     350 s  landed    junk           2 copies spam_placed=2\n"
         "2026-09-21 12:00:00            lost\n"
         "2026-09-20 14:20:00   2.000 s  landed    inbox\n"
         "2026-09-20 13:13:20            failed                   3 tries\n"
         "2026-09-20 10:26:40   2.000 s  landed    inbox gmail_01\n");
}

static void test_many(void **state)
{
    struct past_probe p[40];
    const struct history_figures none = {0};
    struct buffer out = BUFFER_INIT(16 * 1024), small = BUFFER_INIT(500);
    const struct past_list list = {p, COUNT_OF(p)};
    (void)state;

    for (unsigned i = 0; i < COUNT_OF(p); i++)
        p[i] = past_probe(i, FATE_LANDED, PAST_NOW - 100 * (i + 1.0));
    history_table(&out, &list, &none, PAST_NOW, 86400);
    assert_non_null(strstr(buffer_text(&out), "... and 10 older ones\n"));
    history_table(&small, &list, &none, PAST_NOW, 86400); /* what does not fit is left away */
    assert_true(small.len <= 500);
    buffer_clear(&out);
    buffer_clear(&small);
}

static int set_zone(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    tzset();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_a_day),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, set_zone, NULL);
}
