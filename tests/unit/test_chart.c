/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <string.h>

#include "common/base/buffer.h"
#include "common/monitor/chart.h"

#define BLOCK    "\u2588"
#define BLOCKS_6 BLOCK BLOCK BLOCK BLOCK BLOCK BLOCK

struct row {
    const char *name;
    size_t width;
    bool utf8;
    size_t count;
    struct chart_bar bar[3];
    const char *wanted;
};

static const struct row rows[] = {
    {"nothing", 40, false, 0, {{.name = ""}}, ""},
    {"no time at all", 40, false, 1, {{.name = "smtp dns"}}, "smtp dns #                      0.000 s\n"},
    {"one behind the other, their order mended",
     40,
     false,
     3,
     {{.name = "tls", .begin_s = 101, .seconds = 1},
      {.name = "dns", .begin_s = 100, .seconds = 1},
      {.name = "submit", .begin_s = 102, .seconds = 2}},
     "dns    #####                    1.000 s\n"
     "tls         #####               1.000 s\n"
     "submit           ##########     2.000 s\n"},
    {"too narrow: 40",
     3,
     false,
     1,
     {{.name = "a", .seconds = 1}},
     "a #########################     1.000 s\n"},
    {"UTF-8, whole seconds, a short one at the end",
     40,
     true,
     2,
     {{.name = "hop 2 mx", .seconds = 300, .whole = true},
      {.name = "imap", .begin_s = 300, .seconds = 0.001}},
     "hop 2 mx " BLOCKS_6 BLOCKS_6 BLOCKS_6 "       300 s\n"
     "imap                      " BLOCK "     0.001 s\n"},
    {"a name without known columns, and one that would move the cursor",
     40,
     false,
     1,
     {{.name = "hop 1 \xe4\xb8\xad\x1b", .seconds = 1}},
     "hop 1 ???? ################     1.000 s\n"},
    {"a forged date",
     40,
     false,
     1,
     {{.name = "hop 1", .seconds = 1e14, .whole = true}},
     "hop 1 ##################### 999999999 s\n"},
};

static bool collect(void *context, const char *line)
{
    return buffer_append_text(context, line) && buffer_append_char(context, '\n');
}

static void test_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct row row = rows[i];
        struct buffer out = BUFFER_INIT(4096);
        assert_true(chart_draw(row.bar, row.count, row.width, row.utf8, collect, &out));
        if (strcmp(out.len > 0 ? buffer_text(&out) : "", row.wanted) != 0)
            fail_msg("%s:\n%s\nwanted:\n%s", row.name, buffer_text(&out), row.wanted);
        buffer_clear(&out);
    }
}

static size_t columns(const char *line)
{
    size_t n = 0;

    for (; *line != '\0'; line++)
        n += (*line & 0xc0) != 0x80;
    return n;
}

static bool check_width(void *context, const char *line)
{
    assert_int_equal(columns(line), *(const size_t *)context - 1);
    return true;
}

static void test_width(void **state)
{
    (void)state;
    for (size_t width = CHART_WIDTH_MIN; width <= CHART_WIDTH_MAX; width++) {
        struct chart_bar bars[] = {{.name = "hop 12 abcdefghijklmnopq", .begin_s = -5, .seconds = 99999.9},
                                   {.name = "x", .begin_s = 1e6, .seconds = 123456789}};
        assert_true(chart_draw(bars, 2, width, width % 2 == 0, check_width, &width));
    }
}

static bool refuse(void *context, const char *line)
{
    (void)line;
    ++*(int *)context;
    return false;
}

static void test_refused(void **state)
{
    struct chart_bar bars[] = {{.name = "a"}, {.name = "b"}};
    int asked = 0;
    (void)state;

    assert_false(chart_draw(bars, 2, 80, false, refuse, &asked));
    assert_int_equal(asked, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_width),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
