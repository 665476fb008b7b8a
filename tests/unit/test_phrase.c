/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/base/buffer.h"
#include "common/mail/phrase.h"

static void test_phrases(void **state)
{
    static const struct {
        const char *text, *phrases;
        bool matches, starts;
    } rows[] = {
        {"mailbox full", "mailbox full", true, true},
        {"the mailbox full", "mailbox full", true, false},
        {"mailbox ful", "mailbox full", false, false},
        {"", "a", false, false},
        {"a", "", false, false},
        {"a", "b||c", false, false},
        /* alternatives */
        {"over quota", "full|over quota", true, true},
        {"over quota", "full|quota", true, false},
        {"over quota", "full|empty", false, false},
        /* gaps */
        {"mailbox of x is full", "mailbox*full", true, false},
        {"full is the mailbox", "mailbox*full", false, false},
        {"mailboxfull", "mailbox*full", true, false},
        {"a b a c", "a*b*c", true, false},
        {"a c b", "a*b*c", false, false},
        /* one optional separator */
        {"greylisted", "grey-list", true, true},
        {"grey listed", "grey-list", true, true},
        {"grey-listed", "grey-list", true, true},
        {"grey_listed", "grey-list", true, true},
        {"grey  listed", "grey-list", false, false},
        {"grey", "grey-", true, true},
        /* digits */
        {"tss04", "tss%%", true, true},
        {"tss4", "tss%%", false, false},
        {"tss0", "tss%%", false, false},
        /* words */
        {"xtss04", "<tss%%>", false, false},
        {"tss045", "<tss%%>", false, false},
        {"[tss04]", "<tss%%>", true, false},
        {"spf", "<spf>", true, true},
        {"the spf", "<spf>", true, false},
        {"tls-policy", "<tls>", true, true},
        {"a rate", "<rate", true, false},
        {"generated rate", "<rate>", true, false},
        {"generated", "<rate", false, false},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK_ROW(rows[i].text, phrase_match(slice_from(rows[i].text), rows[i].phrases) == rows[i].matches);
        CHECK_ROW(rows[i].text, phrase_starts(slice_from(rows[i].text), rows[i].phrases) == rows[i].starts);
    }
}

/* A text that almost matches everywhere takes no longer than any other. */
static void test_hostile_text(void **state)
{
    struct buffer text = BUFFER_INIT(1024 * 1024);
    (void)state;

    while (text.len + 2 < text.max)
        buffer_append_text(&text, "ab");
    assert_false(phrase_match(buffer_slice(&text), "a*b*a*b*a*b*a*b*c|ababababc|<ab>|a-c"));
    buffer_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_phrases),
        cmocka_unit_test(test_hostile_text),
    };
    return cmocka_run_group_tests_name("phrase", tests, NULL, NULL);
}
