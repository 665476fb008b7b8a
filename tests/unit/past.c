/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/past.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static char directory[64];

struct marker past_marker(unsigned number, double sent)
{
    static struct marker known[100000];
    struct err err;

    assert_true(number < COUNT_OF(known));
    if (*known[number].text == '\0')
        assert_true(marker_new(&known[number], PAST_KEY, (time_t)sent, &err));
    return known[number];
}

struct past_probe past_probe(unsigned number, enum fate fate, double sent)
{
    bool accepted = fate != FATE_SENDING && fate != FATE_DEFERRED && fate != FATE_FAILED;

    return (struct past_probe){
        .marker = past_marker(number, sent),
        .route = PAST_ROUTE,
        .fate = fate,
        .first_try = sent,
        .began = sent,
        .accepted = accepted ? sent + 0.5 : 0,
        .landed = fate == FATE_LANDED ? sent + 2 : 0,
        .decided = fate > FATE_IN_FLIGHT ? sent + 3 : 0,
        .delivery_s = fate == FATE_LANDED ? 1.5 : -1,
        .total_s = fate == FATE_LANDED ? 2 : -1,
        .tries = 1,
        .copies = fate == FATE_LANDED,
    };
}

const char *past_dir(void)
{
    strcpy(directory, "history-test-XXXXXX");
    assert_non_null(mkdtemp(directory));
    return directory;
}

static int take_away(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st, (void)kind, (void)where;
    return remove(path);
}

void past_dir_remove(void)
{
    if (*directory != '\0')
        nftw(directory, take_away, 8, FTW_DEPTH | FTW_PHYS);
    *directory = '\0';
}

struct history *past_open(uint64_t key, const char *dir)
{
    struct history *h;
    double previous;
    struct err err;

    if (!history_open(&h, dir, key, &err) || !history_begin_run(h, PAST_OPENED, NULL, &previous, &err))
        fail_msg("%s", err.text);
    return h;
}

struct past_list past_load(struct history *h, double since, size_t max)
{
    struct past_list list;
    struct err err;

    if (!history_load(h, since, max, &list, &err))
        fail_msg("%s", err.text);
    return list;
}

void past_done(struct history *h)
{
    history_close(&h);
    assert_null(h);
    past_dir_remove();
}
