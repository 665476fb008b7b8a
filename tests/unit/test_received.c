/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "common/base/buffer.h"
#include "common/mail/received.h"

static void test_date(void **state)
{
    static const struct {
        const char *text;
        time_t at;
    } rows[] = {
        {"Tue, 01 Jul 2003 10:52:37 +0200", 1057049557},
        {"Tue, 01 Jul 2003 10:52:37 +0200 (CEST)", 1057049557},
        {" 1 Jul 2003 10:52:37 +0200", 1057049557},
        {"Tue,1 Jul 2003 10:52:37 +0200", 1057049557},
        {"tue, 1 JUL 2003 10:52:37 +0200", 1057049557},
        {"Tue 1 Jul 2003 10:52:37 +0200", 1057049557},
        {"Fri, 1 Jul 2003 10:52:37 +0200", 1057049557},
        {"Tue, 1 Jul 2003 10:52 +0200", 1057049520},
        {"Tue, 1 Jul 03 10:52:37 +0200", 1057049557},
        {"Tue, 1 Jul 103 10:52:37 +0200", 1057049557},
        {"1 Jul 70 00:00:00 -0000", 15638400},
        {"1 Jul 49 00:00:00 -0000", 2508710400},
        {"Tue, 1 Jul 2003 08:52:37 GMT", 1057049557},
        {"Tue, 1 Jul 2003 08:52:37 UT", 1057049557},
        {"Tue, 1 Jul 2003 08:52:37 Z", 1057049557},
        {"Tue, 1 Jul 2003 08:52:37 CEST", 1057049557},
        {"Tue, 1 Jul 2003 08:52:37", 1057049557},
        {"Tue, 1 Jul 2003 04:52:37 EDT", 1057049557},
        {"Tue, 1 Jul 2003 00:52:37 -0800", 1057049557},
        {"Tue, 1 Jul 2003 00:52:37 pst", 1057049557},
        {"Tue, 1 Jul 2003 14:22:37 +0530", 1057049557},
        {"Tue, 1 Jul 2003 10:52:37 +0200 CEST", 1057049557},
        {"Tue, 1 Jul 2003 10:52:37.123456 +0200", 1057049557},
        {"Tue (day), 1 (d (nested \\) )) Jul\r\n 2003 10 : 52 : 37 +0200", 1057049557},
        {"Tue, 1 Jul 2003 10:52:37 +0200 (open", 1057049557},
        {"Thu, 1 Jan 1970 00:00:00 +0000", 0},
        {"Wed, 31 Dec 1969 23:59:59 +0000", -1},
        {"Thu, 29 Feb 2024 12:00:00 +0000", 1709208000},
        {"Sat, 31 Dec 2016 23:59:60 +0000", 1483228800},
        {"Fri, 31 Dec 9999 23:59:59 +0000", 253402300799},
        {"Mon, 1 Jan 1900 00:00:00 +0000", -2208988800},
        {"Tue, 1 Jul 2003 09:51:37 +0059", 1057049557},
        {"Tue, 19 Jan 2038 03:14:08 +0000", 2147483648},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        time_t at = 42;
        CHECK_ROW(rows[i].text, date_parse(slice_from(rows[i].text), &at));
        CHECK_ROW(rows[i].text, at == rows[i].at);
    }
}

static void test_date_refuses(void **state)
{
    static const char *const rows[] = {
        "",
        "Tue",
        "Tue,",
        "Tue, 1 Jul 2003",
        "Tue, 1 Jul 2003 10",
        "Tue, 1 Jul 2003 10:5:37 +0200",
        "Tue, 1 Jul 2003 10:52:3 +0200",
        "Tue, 1 Jul 2003 10:52: +0200",
        "Tue, 1 Jul 2003 24:00:00 +0200",
        "Tue, 1 Jul 2003 10:60:00 +0200",
        "Tue, 1 Jul 2003 10:52:61 +0200",
        "Tue, 1 Jul 2003 10:52:37 +02",
        "Tue, 1 Jul 2003 10:52:37 +0260",
        "Tue, 1 Jul 2003 10:52:37 +02000",
        "Tue, 1 Jul 2003 10:52:37 +",
        "Tue, 1 Jul 2003 10:52:37. +0200",
        "Tue, 1 Jul 2003 10:52:37 +0200 CEST more",
        "Tue, 0 Jul 2003 10:52:37 +0200",
        "Tue, 32 Jul 2003 10:52:37 +0200",
        "Sun, 29 Feb 2023 10:52:37 +0000",
        "Sat, 31 Jun 2003 10:52:37 +0000",
        "Tue, 1 Foo 2003 10:52:37 +0200",
        "Tue, 1 July 2003 10:52:37 +0200",
        "Tue, 1 Jul 3 10:52:37 +0200",
        "Tue, 1 Jul 1899 10:52:37 +0200",
        "Tue, 1 Jul 10000 10:52:37 +0200",
        "Tue, 1 Jul 99999999999999999999 10:52:37 +0200",
        "Tue, -1 Jul 2003 10:52:37 +0200",
        "2003-07-01T10:52:37+02:00",
        "Fri, 31 Dec 9999 23:59:59 -0100",
        "Mon, 1 Jan 1900 00:00:00 +0100",
        "(open",
        "(",
        "\\",
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        time_t at = 42;
        CHECK_ROW(rows[i], !date_parse(slice_from(rows[i]), &at));
        CHECK_ROW(rows[i], at == 42);
    }
}

static void test_date_imap(void **state)
{
    static const struct {
        const char *text;
        bool good;
        time_t at;
    } rows[] = {
        {" 1-Feb-2026 10:00:00 +0100", true, 1769936400}, {"01-Feb-2026 10:00:00 +0100", true, 1769936400},
        {"1-Feb-2026 10:00:00 +0100", true, 1769936400},  {"28-Feb-2026 23:59:59 -0000", true, 1772323199},
        {" 01-Feb-2026 10:00:00 +0100", false, 0},        {"29-Feb-2026 10:00:00 +0100", false, 0},
        {" 1-Feb-26 10:00:00 +0100", false, 0},           {" 1-Feb-2026 10:00:00", false, 0},
        {" 1-Feb-2026 10:00:00 GMT", false, 0},           {" 1-Feb-2026 10:00:00 +0100 ", false, 0},
        {" 1 Feb 2026 10:00:00 +0100", false, 0},         {"", false, 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        time_t at = 0;
        CHECK_ROW(rows[i].text, date_parse_imap(slice_from(rows[i].text), &at) == rows[i].good);
        CHECK_ROW(rows[i].text, at == rows[i].at);
    }
}

static void test_date_format(void **state)
{
    static const struct {
        time_t at;
        const char *text;
    } rows[] = {
        {0, "Thu, 01 Jan 1970 00:00:00 +0000"},
        {1057049557, "Tue, 01 Jul 2003 08:52:37 +0000"},
        {-1, "Wed, 31 Dec 1969 23:59:59 +0000"},
        {253402300799, "Fri, 31 Dec 9999 23:59:59 +0000"},
        {253402300800, "Mon, 01 Jan 1900 00:00:00 +0000"},
        {INT64_MAX, "Mon, 01 Jan 1900 00:00:00 +0000"},
        {INT64_MIN, "Mon, 01 Jan 1900 00:00:00 +0000"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[32];
        date_format(out, sizeof out, rows[i].at);
        CHECK_ROW_TEXT(rows[i].text, out, rows[i].text);
    }
    for (time_t at = 951782400; at < 951782400 + 4L * 366 * 86400; at += 86399) {
        char out[32];
        time_t back;
        date_format(out, sizeof out, at);
        assert_true(date_parse(slice_from(out), &back) && back == at);
    }
}

static void test_time_zone_of_the_host_does_not_matter(void **state)
{
    time_t at;
    char out[32];
    (void)state;

    setenv("TZ", "America/New_York", 1);
    assert_true(date_parse(SLICE("Tue, 1 Jul 2003 10:52:37 +0200"), &at));
    date_format(out, sizeof out, at);
    unsetenv("TZ");
    assert_int_equal(at, 1057049557);
    assert_string_equal(out, "Tue, 01 Jul 2003 08:52:37 +0000");
}

/* Written as servers write them; names and addresses are examples. */
static void test_parse(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        const char *from, *address, *by, *with;
        bool dated;
    } rows[] = {
        {"postfix",
         " from client.example.net (unknown [192.0.2.7])\r\n\t(using TLSv1.3 with cipher "
         "TLS_AES_256_GCM_SHA384 (256/256 bits)\r\n"
         "\t key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)\r\n\t(No client "
         "certificate requested)\r\n"
         "\tby mx.example.com (Postfix) with ESMTPS id 4F0A2\r\n\tfor <a@example.com>; Tue,  1 Jul 2003 "
         "10:52:37 +0200 (CEST)",
         "client.example.net", "192.0.2.7", "mx.example.com", "ESMTPS", true},
        {"postfix, IPv6",
         " from a.example (a.example [IPv6:2001:db8::25])\r\n\tby b.example (Postfix) with ESMTP id 1; Tue,  "
         "1 Jul 2003 10:52:37 +0200",
         "a.example", "2001:db8::25", "b.example", "ESMTP", true},
        {"postfix, pickup",
         " by host.example.com (Postfix, from userid 1000)\r\n\tid 7; Tue,  1 Jul 2003 10:52:37 +0200 (CEST)",
         "", "", "host.example.com", "", true},
        {"exim",
         " from [192.0.2.7] (helo=client.example)\r\n\tby mx.example.com with esmtps (TLS1.3) tls "
         "TLS_AES_256_GCM_SHA384\r\n"
         "\t(Exim 4.96)\r\n\t(envelope-from <x@example.org>)\r\n\tid 1abc-0000-XX\r\n\tfor "
         "a@example.com;\r\n\tTue, 01 Jul 2003 10:52:37 +0200",
         "[192.0.2.7]", "192.0.2.7", "mx.example.com", "esmtps", true},
        {"exim, helo lies",
         " from a.example ([192.0.2.7]:4711 helo=[198.51.100.1]) by b with esmtp id 1; Tue, 01 Jul 2003 "
         "10:52:37 +0200",
         "a.example", "192.0.2.7", "b", "esmtp", true},
        {"exim, local",
         " from root by host.example with local (Exim 4.96)\r\n id 1a; Tue, 01 Jul 2003 10:52:37 +0200",
         "root", "", "host.example", "local", true},
        {"sendmail",
         " from [10.1.2.3] (host.example.net [192.0.2.7] (may be forged))\r\n\t(authenticated "
         "bits=0)\r\n\tby mx.example.com (8.15.2/8.15.2) "
         "with ESMTPSA id h61 (version=TLSv1.2 cipher=X bits=256 verify=NO)\r\n\tfor <a@example.com>; Tue, 1 "
         "Jul 2003 10:52:37 +0200",
         "[10.1.2.3]", "192.0.2.7", "mx.example.com", "ESMTPSA", true},
        {"sendmail, submit",
         " (from root@localhost)\r\n\tby host.example (8.15.2/8.15.2/Submit) id h61; Tue, 1 Jul 2003 "
         "10:52:37 +0200",
         "", "", "host.example", "", true},
        {"qmail",
         " from unknown (HELO client.example) (192.0.2.7)\r\n  by mx.example.com with SMTP; 1 Jul 2003 "
         "08:52:37 -0000",
         "unknown", "192.0.2.7", "mx.example.com", "SMTP", true},
        {"qmail, helo is an address",
         " from unknown (HELO 198.51.100.1) (user@192.0.2.7) by 0 with SMTP; 1 Jul 2003 08:52:37 -0000",
         "unknown", "192.0.2.7", "0", "SMTP", true},
        {"qmail, invoked", " (qmail 1234 invoked by uid 89); 1 Jul 2003 08:52:37 -0000", "", "", "", "",
         true},
        {"exchange",
         " from AM1PR01.eurprd01.prod.exchangelabs.com\r\n (2603:10a6:208:ab::15) by "
         "AM2PR01.eurprd01.prod.exchangelabs.com\r\n"
         " (2603:10a6:20b:1::10) with Microsoft SMTP Server (version=TLS1_2,\r\n "
         "cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.7228.31; Tue, 1 Jul\r\n 2003 08:52:37 +0000",
         "AM1PR01.eurprd01.prod.exchangelabs.com", "2603:10a6:208:ab::15",
         "AM2PR01.eurprd01.prod.exchangelabs.com", "Microsoft SMTP Server", true},
        {"exchange, mapi",
         " from A.example ([fe80::1]) by A.example\r\n ([fe80::1%12]) with mapi id 15.20.1; Tue, 1 Jul "
         "2003\r\n 08:52:37 +0000",
         "A.example", "fe80::1", "A.example", "mapi", true},
        {"exchange, frontend",
         " from a (192.0.2.7) by b.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP Server id "
         "15.20 via Frontend\r\n Transport; Tue, 1 Jul 2003 08:52:37 +0000",
         "a", "192.0.2.7", "b.mail.protection.outlook.com", "Microsoft SMTP Server", true},
        {"gmail, inner",
         " by 2002:a05:7022:1a8a:b0:1 with SMTP id x1csp1;\r\n        Tue, 1 Jul 2003 01:52:37 -0700 (PDT)",
         "", "", "2002:a05:7022:1a8a:b0:1", "SMTP", true},
        {"gmail, border",
         " from mail.example.org (mail.example.org. [192.0.2.7])\r\n        by mx.google.com with ESMTPS id "
         "x\r\n        for <a@gmail.com>\r\n"
         "        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);\r\n        Tue, 01 Jul 2003 "
         "01:52:37 -0700 (PDT)",
         "mail.example.org", "192.0.2.7", "mx.google.com", "ESMTPS", true},
        {"gmail, smtp",
         " from [192.168.1.2] (host.example. [192.0.2.7]) by smtp.gmail.com. with ESMTPSA id x; Tue, 1 Jul "
         "2003 01:52:37 -0700",
         "[192.168.1.2]", "192.0.2.7", "smtp.gmail.com", "ESMTPSA", true},
        {"dovecot lmtp",
         " from mx.example.com\r\n\tby imap.example.com with LMTP\r\n\tid AbC/Def (envelope-from "
         "<x@example.org>)\r\n\tfor <a@example.com>; Tue, 01 Jul 2003 10:52:37 +0200",
         "mx.example.com", "", "imap.example.com", "LMTP", true},
        {"dovecot lmtp, address",
         " from mx.example.com ([192.0.2.7])\r\n\tby imap with LMTP id x; Tue, 01 Jul 2003 10:52:37 +0200",
         "mx.example.com", "192.0.2.7", "imap", "LMTP", true},
        {"yahoo", " from [192.0.2.7] by web1.mail.example via HTTP; Tue, 01 Jul 2003 01:52:37 PDT",
         "[192.0.2.7]", "192.0.2.7", "web1.mail.example", "HTTP", true},
        {"mapped address", " from a ([::ffff:192.0.2.7]) by b with ESMTP; Tue, 01 Jul 2003 10:52:37 +0200",
         "a", "192.0.2.7", "b", "ESMTP", true},
        {"semicolon in a comment",
         " from a (x; y) by b (c; d) with SMTP; Tue, 01 Jul 2003 10:52:37 +0200 (a; b)", "a", "", "b", "SMTP",
         true},
        {"open comment", " from a by b (oops with SMTP; Tue, 01 Jul 2003 10:52:37 +0200", "a", "", "b", "",
         true},
        {"no date", " from a by b with SMTP id 1", "a", "", "b", "SMTP", false},
        {"empty date", " from a by b with SMTP id 1;", "a", "", "b", "SMTP", false},
        {"broken date", " from a by b with SMTP id 1; yesterday", "a", "", "b", "SMTP", false},
        {"no id", " from a (a. [192.0.2.7], x) by b with SMTP for <c@d>; Tue, 01 Jul 2003 10:52:37 +0200",
         "a", "192.0.2.7", "b", "SMTP", true},
        {"address with a comma behind", " from a (x, 192.0.2.7, y) by b; Tue, 01 Jul 2003 10:52:37 +0200",
         "a", "192.0.2.7", "b", "", true},
        {"upper case", " FROM a BY b WITH SMTP ID 1; Tue, 01 Jul 2003 10:52:37 +0200", "a", "", "b", "SMTP",
         true},
        {"from twice", " from a by b from c by d with SMTP; Tue, 01 Jul 2003 10:52:37 +0200", "a", "", "b",
         "SMTP", true},
        {"nothing between", " from by b with SMTP; Tue, 01 Jul 2003 10:52:37 +0200", "", "", "b", "SMTP",
         true},
        {"cleaned", " from a|<b>\033[31m by c\xff with SMTP; Tue, 01 Jul 2003 10:52:37 +0200", "a/(b)", "",
         "c?", "SMTP", true},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct hop hop;
        CHECK_ROW(rows[i].name, received_parse(&hop, slice_from(rows[i].value)));
        CHECK_ROW_TEXT(rows[i].name, hop.from, rows[i].from);
        CHECK_ROW_TEXT(rows[i].name, hop.address, rows[i].address);
        CHECK_ROW_TEXT(rows[i].name, hop.by, rows[i].by);
        CHECK_ROW_TEXT(rows[i].name, hop.with, rows[i].with);
        CHECK_ROW(rows[i].name, hop.dated == rows[i].dated);
        CHECK_ROW(rows[i].name, !hop.dated || hop.at == 1057049557);
    }
}

static void test_parse_refuses(void **state)
{
    static const char *const rows[] = {
        "", " ", ";", "(", "(from a by b)", "hello world", "(qmail 1234 invoked by uid 89)"};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct hop hop;
        CHECK_ROW(rows[i], !received_parse(&hop, slice_from(rows[i])));
    }
}

static void test_hops(void **state)
{
    static struct hops hops;
    struct slice message = SLICE("Received: from b by c with LMTP; Tue, 01 Jul 2003 10:52:45 +0200\r\n"
                                 "Subject: x\r\n"
                                 "Received: from a by b\r\n with ESMTP; Tue, 01 Jul 2003 10:52:37 +0200\r\n"
                                 "Received: by a with HTTP\r\n"
                                 "Received: ;\r\n"
                                 "Received: from z by a; Tue, 01 Jul 2003 10:52:40 +0200\r\n"
                                 "Received: from y by z; Tue, 01 Jul 2003 10:52:30 +0200\r\n"
                                 "\r\n"
                                 "Received: from body by body; Tue, 01 Jul 2003 10:00:00 +0200\r\n");
    (void)state;

    received_hops(&hops, message);
    assert_int_equal(hops.total, 6);
    assert_int_equal(hops.count, 5);
    assert_string_equal(hops.hop[0].from, "y");
    assert_false(hops.hop[0].delayed);
    assert_true(hops.hop[1].delayed && hops.hop[1].delay_s > 9.5 && hops.hop[1].delay_s < 10.5);
    assert_false(hops.hop[2].delayed); /* undated */
    assert_false(hops.hop[3].delayed); /* after an undated one */
    assert_true(hops.hop[4].delayed && hops.hop[4].delay_s > 7.5 && hops.hop[4].delay_s < 8.5);
    assert_false(hops.skewed);
    assert_ptr_equal(received_slowest(&hops), &hops.hop[1]);

    received_hops(&hops, SLICE("Received: by b; Tue, 01 Jul 2003 10:52:37 +0200\nReceived: by a; Tue, 01 Jul "
                               "2003 10:52:39 +0200\n"));
    assert_true(hops.skewed);
    assert_true(hops.hop[1].delay_s < -1.5);
    received_hops(&hops, SLICE("Received: by b; Tue, 01 Jul 2003 10:52:37 +0200\nReceived: by a; Tue, 01 Jul "
                               "2003 10:52:38 +0200\n"));
    assert_false(hops.skewed);
    received_hops(&hops, SLICE("Subject: x\n\n"));
    assert_int_equal(hops.count, 0);
    assert_null(received_slowest(&hops));
}

static void test_more_hops_than_kept(void **state)
{
    static struct hops hops;
    struct buffer message = BUFFER_INIT(100000);
    (void)state;

    for (int i = 0; i < HOPS_MAX + 10; i++)
        assert_true(
            buffer_printf(&message, "Received: by h%d; Tue, 01 Jul 2003 10:52:%02d +0200\n", i, 59 - i));
    received_hops(&hops, buffer_slice(&message));
    assert_int_equal(hops.count, HOPS_MAX);
    assert_int_equal(hops.total, HOPS_MAX + 10);
    assert_string_equal(hops.hop[HOPS_MAX - 1].by, "h0");
    assert_string_equal(hops.hop[0].by, "h31");
    buffer_clear(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_date),
        cmocka_unit_test(test_date_refuses),
        cmocka_unit_test(test_date_imap),
        cmocka_unit_test(test_date_format),
        cmocka_unit_test(test_time_zone_of_the_host_does_not_matter),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_refuses),
        cmocka_unit_test(test_hops),
        cmocka_unit_test(test_more_hops_than_kept),
    };
    return cmocka_run_group_tests_name("received", tests, NULL, NULL);
}
