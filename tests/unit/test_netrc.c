/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/cli/netrc.h"

static void test_found(void **state)
{
    static const char several[] = "machine a login x password 1\n"
                                  "machine b login x password 2\n"
                                  "machine b login y password 3\n"
                                  "default login z password 4\n";
    static const struct {
        const char *name, *content, *host, *login; /* login NULL: any */
        const char *wanted_login, *password;
    } rows[] = {
        {"one line", "machine a login x password p", "a", NULL, "x", "p"},
        {"many lines", "machine a\n\tlogin x\r\n\tpassword p\n", "a", NULL, "x", "p"},
        {"password first", "machine a password p login x\n", "a", NULL, "x", "p"},
        {"account is skipped", "machine a login x account k password p\n", "a", NULL, "x", "p"},
        {"host in another case", "machine Mail.Example login x password p\n", "mail.example", NULL, "x", "p"},
        {"the second machine", several, "b", NULL, "x", "2"},
        {"by login", several, "b", "y", "y", "3"},
        {"default", several, "c", NULL, "z", "4"},
        {"default by login", several, "c", "z", "z", "4"},
        {"machine without a login", "machine a password p\n", "a", "x", "", "p"},
        {"quoted", "machine a login \"x y\" password \"p \\\"q\\\" \\\\\"\n", "a", NULL, "x y", "p \"q\" \\"},
        {"hash in a password", "machine a login x password #p#\n", "a", NULL, "x", "#p#"},
        {"quote within a word", "machine a login x password p\"q\n", "a", NULL, "x", "p\"q"},
        {"comments", "# machine a login no password no\nmachine a # the one\n login x password p\n", "a",
         NULL, "x", "p"},
        {"keyword as a value", "machine machine login login password password\n", "machine", NULL, "login",
         "password"},
        {"macro is skipped",
         "machine b login n password n\nmacdef init\nmachine a login no password no\n\nmachine a login x "
         "password p\n",
         "a", NULL, "x", "p"},
        {"what follows is not read", "machine a login x password p\nmachine b garbage", "a", NULL, "x", "p"},
        {"entry without a password is passed over", "machine a login x\nmachine a login y password p\n", "a",
         NULL, "y", "p"},
        {"utf-8", "machine a login \xc3\xbc password \xe2\x82\xac\n", "a", NULL, "\xc3\xbc", "\xe2\x82\xac"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct netrc_entry entry;
        struct err err = ERR_NONE;
        bool ok = netrc_find(&entry, slice_from(rows[i].content), "f", rows[i].host, rows[i].login, &err);
        CHECK_ROW_TEXT(rows[i].name, err.text, "");
        CHECK_ROW(rows[i].name, ok);
        CHECK_ROW_TEXT(rows[i].name, entry.login, rows[i].wanted_login);
        CHECK_ROW(rows[i].name, slice_eq(secret_slice(&entry.password), slice_from(rows[i].password)));
        secret_clear(&entry.password);
    }
}

static void test_refused(void **state)
{
    static const char words[] = "expected machine, default, login, password, account or macdef and a value";
    static const struct {
        const char *name, *content, *login, *text;
    } rows[] = {
        {"empty", "", NULL, "f has no login and password for a"},
        {"other machine", "machine b login x password p\n", NULL, "f has no login and password for a"},
        {"part of the name", "machine a.example login x password p\n", NULL,
         "f has no login and password for a"},
        {"other login", "machine a login y password p\n", "x", "f has no password for x on a"},
        {"login in another case", "machine a login X password p\n", "x", "f has no password for x on a"},
        {"no password", "machine a login x\n", "x", "f has no password for x on a"},
        {"no login", "machine a password p\n", NULL, "f has no login and password for a"},
        {"password of the entry before", "machine b login x password p\nmachine a login x\n", NULL,
         "f has no login and password for a"},
        {"before any machine", "login x password p\n", NULL, "f has no login and password for a"},
        {"within a comment", "# machine a login x password p\n", NULL, "f has no login and password for a"},
        {"within a macro", "macdef m\nmachine a login x password p", NULL,
         "f has no login and password for a"},
        {"unknown word", "machine b login x password p\n\nuser x\n", NULL, "f line 3: "},
        {"value missing", "machine a login x password", NULL, "f line 1: "},
        {"no closing quote", "machine a login x password \"p\n", NULL, "f line 1: "},
        {"text behind the quote", "machine a login x password \"p\"q\n", NULL, "f line 1: "},
        {"control character", "machine a login x password p\x01q\n", NULL, "f line 1: "},
        {"backslash last", "machine a login x password \"p\\", NULL, "f line 1: "},
        {"malformed before the end of the entry", "machine a login x password p garbage\n", NULL,
         "f line 1: "},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct netrc_entry entry;
        struct err err = ERR_NONE;
        char text[200];
        bool broken = strstr(rows[i].text, " line ") != NULL;
        snprintf(text, sizeof text, "%s%s", rows[i].text, broken ? words : "");
        CHECK_ROW(rows[i].name,
                  !netrc_find(&entry, slice_from(rows[i].content), "f", "a", rows[i].login, &err));
        CHECK_ROW_TEXT(rows[i].name, err.text, text);
        CHECK_ROW(rows[i].name, err.kind == FAULT_CONFIG && !entry.password.set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests_name("netrc", tests, NULL, NULL);
}
