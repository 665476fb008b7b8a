/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/auth/spf.h"
#include "common/base/buffer.h"
#include "tests/unit/zone.h"

enum { PATIENCE_S = 60, BIG_RECORD = 64 * 1024, LONGEST = 1024 /* address */ };

static void check(struct spf_result *result, struct zone *zone, const char *ip, const char *from)
{
    const struct spf_request request = {
        .client_ip = ip, .mail_from = from, .helo = "mail.example.net", .deadline = deadline_in(PATIENCE_S)};

    spf_check(result, &request, zone_lookup(zone));
}

/* One record at example.com in a zone that is given. */
static enum verdict verdict_of(struct spf_result *result, const char *zone_lines, const char *record,
                               const char *ip)
{
    struct zone *zone = zone_new();

    zone_load(zone, zone_lines);
    zone_add(zone, SLICE("example.com"), "TXT", slice_from(record));
    check(result, zone, ip, "user@example.com");
    zone_free(&zone);
    return result->verdict;
}

/* --- RFC 7208 appendix A --- */

static const char appendix[] = "example.com MX 10 mail-a.example.com\n"
                               "example.com MX 20 mail-b.example.com\n"
                               "example.com A 192.0.2.10\n"
                               "example.com A 192.0.2.11\n"
                               "amy.example.com A 192.0.2.65\n"
                               "bob.example.com A 192.0.2.66\n"
                               "mail-a.example.com A 192.0.2.129\n"
                               "mail-b.example.com A 192.0.2.130\n"
                               "www.example.com CNAME example.com.\n"
                               "example.org MX 10 mail-c.example.org\n"
                               "mail-c.example.org A 192.0.2.140\n"
                               "10.2.0.192.in-addr.arpa PTR example.com.\n"
                               "11.2.0.192.in-addr.arpa PTR example.com.\n"
                               "65.2.0.192.in-addr.arpa PTR amy.example.com.\n"
                               "66.2.0.192.in-addr.arpa PTR bob.example.com.\n"
                               "129.2.0.192.in-addr.arpa PTR mail-a.example.com.\n"
                               "130.2.0.192.in-addr.arpa PTR mail-b.example.com.\n"
                               "140.2.0.192.in-addr.arpa PTR mail-c.example.org.\n"
                               "4.0.0.10.in-addr.arpa PTR bob.example.com.\n";

static void test_appendix_a1(void **state)
{
    static const struct {
        const char *record, *ip;
        enum verdict wanted;
    } rows[] = {
        {"v=spf1 +all", "203.0.113.1", VERDICT_PASS},
        {"v=spf1 a -all", "192.0.2.10", VERDICT_PASS},
        {"v=spf1 a -all", "192.0.2.11", VERDICT_PASS},
        {"v=spf1 a -all", "192.0.2.12", VERDICT_FAIL},
        {"v=spf1 a:example.org -all", "192.0.2.10", VERDICT_FAIL},
        {"v=spf1 a:www.example.com -all", "192.0.2.10", VERDICT_PASS},
        {"v=spf1 mx -all", "192.0.2.129", VERDICT_PASS},
        {"v=spf1 mx -all", "192.0.2.130", VERDICT_PASS},
        {"v=spf1 mx -all", "192.0.2.10", VERDICT_FAIL},
        {"v=spf1 mx:example.org -all", "192.0.2.140", VERDICT_PASS},
        {"v=spf1 mx mx:example.org -all", "192.0.2.130", VERDICT_PASS},
        {"v=spf1 mx mx:example.org -all", "192.0.2.140", VERDICT_PASS},
        {"v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.131", VERDICT_PASS},
        {"v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.143", VERDICT_PASS},
        {"v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.132", VERDICT_FAIL},
        {"v=spf1 ptr -all", "192.0.2.65", VERDICT_PASS},
        {"v=spf1 ptr -all", "192.0.2.140", VERDICT_FAIL},
        {"v=spf1 ptr -all", "10.0.0.4", VERDICT_FAIL},
        {"v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.65", VERDICT_FAIL},
        {"v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.129", VERDICT_PASS},
    };
    struct spf_result result;
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK_ROW(rows[i].record,
                  verdict_of(&result, appendix, rows[i].record, rows[i].ip) == rows[i].wanted);
}

static void test_appendix_a2_to_a4(void **state)
{
    static const char more[] =
        "example.org TXT v=spf1 include:example.com include:example.net -all\n"
        "la.example.org TXT v=spf1 redirect=example.org\n"
        "example.com TXT v=spf1 mx -all\n"
        "example.net TXT v=spf1 ip4:198.51.100.0/24 -all\n"
        "users.test TXT v=spf1 mx include:mobile-users._spf.%{d} include:remote-users._spf.%{d} -all\n"
        "users.test MX 0 mail-a.example.com\n"
        "mobile-users._spf.users.test TXT v=spf1 exists:%{l1r+}.%{d}\n"
        "mary.mobile-users._spf.users.test A 127.0.0.2\n"
        "remote-users._spf.users.test TXT v=spf1 exists:%{ir}.%{l1r+}.%{d}\n"
        "15.15.168.192.joel.remote-users._spf.users.test A 127.0.0.2\n"
        "all.test TXT v=spf1 -include:ip4._spf.%{d} -include:ptr._spf.%{d} +all\n"
        "ip4._spf.all.test TXT v=spf1 -ip4:192.0.2.0/24 +all\n"
        "ptr._spf.all.test TXT v=spf1 -ptr:example.com +all\n";
    static const struct {
        const char *name, *from, *ip;
        enum verdict wanted;
        unsigned lookups;
    } rows[] = {
        {"first include", "a@example.org", "192.0.2.129", VERDICT_PASS, 2},
        {"second include", "a@example.org", "198.51.100.7", VERDICT_PASS, 3},
        {"neither", "a@example.org", "203.0.113.7", VERDICT_FAIL, 3},
        {"redirect", "a@la.example.org", "198.51.100.7", VERDICT_PASS, 4},
        {"own mx", "a@users.test", "192.0.2.129", VERDICT_PASS, 1},
        {"mobile user", "mary@users.test", "203.0.113.7", VERDICT_PASS, 3},
        {"mobile user with a tag", "mary+tag@users.test", "203.0.113.7", VERDICT_PASS, 3},
        {"remote user at home", "joel@users.test", "192.168.15.15", VERDICT_PASS, 5},
        {"remote user elsewhere", "joel@users.test", "192.168.15.16", VERDICT_FAIL, 5},
        {"both requirements", "a@all.test", "192.0.2.65", VERDICT_PASS, 3},
        {"network only", "a@all.test", "192.0.2.140", VERDICT_FAIL, 3},
        {"neither requirement", "a@all.test", "10.0.0.4", VERDICT_FAIL, 1},
    };
    struct zone *zone = zone_new();
    struct spf_result result;
    (void)state;

    zone_load(zone, appendix);
    zone_load(zone, more);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check(&result, zone, rows[i].ip, rows[i].from);
        CHECK_ROW(rows[i].name, result.verdict == rows[i].wanted);
        CHECK_ROW(rows[i].name, result.lookups == rows[i].lookups);
    }
    zone_free(&zone);
}

/* --- what a result says --- */

static void test_identity(void **state)
{
    static const char zone_lines[] = "example.com TXT v=spf1 exists:%{l}.l.example.com -all\n"
                                     "postmaster.l.example.com A 127.0.0.2\n"
                                     "a@b.l.example.com A 127.0.0.2\n"
                                     "xn--bcher-kva.example TXT v=spf1 ip4:192.0.2.1\n";
    static const struct {
        const char *name, *from, *helo, *domain;
        enum verdict wanted;
        bool helo_identity;
    } rows[] = {
        {"no local part", "@example.com", "h.example.net", "example.com", VERDICT_PASS, false},
        {"no at sign", "example.com", "h.example.net", "example.com", VERDICT_PASS, false},
        {"upper case", "postmaster@EXAMPLE.Com", "h.example.net", "example.com", VERDICT_PASS, false},
        {"brackets", "<postmaster@example.com>", "h.example.net", "example.com", VERDICT_PASS, false},
        {"trailing dot", "postmaster@example.com.", "h.example.net", "example.com", VERDICT_PASS, false},
        {"last at sign divides", "a@b@example.com", "h.example.net", "example.com", VERDICT_PASS, false},
        {"other local part", "x@example.com", "h.example.net", "example.com", VERDICT_FAIL, false},
        {"null sender", "", "example.com", "example.com", VERDICT_PASS, true},
        {"null sender in brackets", "<>", "Example.com", "example.com", VERDICT_PASS, true},
        {"null sender and helo", "", "", "", VERDICT_NONE, true},
        {"one label", "a@localhost", "h.example.net", "localhost", VERDICT_NONE, false},
        {"literal", "a@[192.0.2.1]", "h.example.net", "[192.0.2.1]", VERDICT_NONE, false},
        {"empty label", "a@example..com", "h.example.net", "example..com", VERDICT_NONE, false},
        {"leading dot", "a@.example.com", "h.example.net", ".example.com", VERDICT_NONE, false},
        {"unknown domain", "a@nowhere.example", "h.example.net", "nowhere.example", VERDICT_NONE, false},
        {"u-labels", "a@b\303\274cher.example", "h.example.net", "xn--bcher-kva.example", VERDICT_PASS,
         false},
        {"u-labels in helo", "", "B\303\234CHER.example", "xn--bcher-kva.example", VERDICT_PASS, true},
        {"no UTF-8", "a@\377.example.com", "h.example.net", "?.example.com", VERDICT_NONE, false},
    };
    struct zone *zone = zone_new();
    struct spf_result result;
    (void)state;

    zone_load(zone, zone_lines);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct spf_request request = {.client_ip = "192.0.2.1",
                                            .mail_from = rows[i].from,
                                            .helo = rows[i].helo,
                                            .deadline = deadline_in(PATIENCE_S)};
        spf_check(&result, &request, zone_lookup(zone));
        CHECK_ROW(rows[i].name, result.verdict == rows[i].wanted);
        CHECK_ROW(rows[i].name, result.helo_identity == rows[i].helo_identity);
        CHECK_ROW_TEXT(rows[i].name, result.domain, rows[i].domain);
        CHECK_ROW(rows[i].name, result.reason[0] != '\0');
    }
    zone_free(&zone);
}

static void test_helo(void **state)
{
    const struct spf_request request = {.client_ip = "192.0.2.1",
                                        .mail_from = "a@example.com",
                                        .helo = "mail.example.com",
                                        .deadline = deadline_in(PATIENCE_S)};
    struct zone *zone = zone_new();
    struct spf_result result;
    (void)state;

    zone_load(
        zone,
        "example.com TXT v=spf1 -all\nmail.example.com TXT v=spf1 a -all\nmail.example.com A 192.0.2.1");
    spf_check_helo(&result, &request, zone_lookup(zone));
    assert_int_equal(result.verdict, VERDICT_PASS);
    assert_true(result.helo_identity);
    assert_string_equal(result.domain, "mail.example.com");
    spf_check(&result, &request, zone_lookup(zone));
    assert_int_equal(result.verdict, VERDICT_FAIL);
    assert_false(result.helo_identity);
    zone_free(&zone);
}

static void test_reason(void **state)
{
    static const struct {
        const char *record, *ip, *mechanism, *reason;
        enum verdict wanted;
    } rows[] = {
        {"v=spf1 ip4:192.0.2.0/24 -all", "192.0.2.9", "ip4:192.0.2.0/24",
         "192.0.2.9 matches \"ip4:192.0.2.0/24\" in the SPF record of example.com", VERDICT_PASS},
        {"v=spf1 include:in.example.org -all", "192.0.2.9", "include:in.example.org",
         "192.0.2.9 matches \"ip4:192.0.2.9\" in the SPF record of in.example.org", VERDICT_PASS},
        {"v=spf1 include:in.example.org ~all", "192.0.2.8", "~all",
         "nothing before \"~all\" in the SPF record of example.com matches 192.0.2.8", VERDICT_SOFTFAIL},
        {"v=spf1 redirect=in.example.org", "192.0.2.9", "ip4:192.0.2.9",
         "192.0.2.9 matches \"ip4:192.0.2.9\" in the SPF record of in.example.org", VERDICT_PASS},
        {"v=spf1", "::ffff:192.0.2.8", "", "nothing in the SPF record of example.com matches 192.0.2.8",
         VERDICT_NEUTRAL},
        {"v=spf1 a:192.0.2.1 -all", "192.0.2.8", "",
         "\"a:192.0.2.1\" in the SPF record of example.com: an address belongs into ip4:", VERDICT_PERMERROR},
        {"v=spf1 ipv4:192.0.2.1 -all", "192.0.2.8", "",
         "\"ipv4:192.0.2.1\" in the SPF record of example.com: there is no such mechanism",
         VERDICT_PERMERROR},
        {"v=spf1 include:none.example.org -all", "192.0.2.8", "",
         "example.com includes none.example.org, which has no SPF record", VERDICT_PERMERROR},
        {"v=spf1 redirect=none.example.org", "192.0.2.8", "",
         "example.com redirects to none.example.org, which has no SPF record", VERDICT_PERMERROR},
        {"v=spf1 <|>\033[1m -all", "192.0.2.8", "",
         "\"(/)\" in the SPF record of example.com: there is no such mechanism", VERDICT_PERMERROR},
        {"v=spf1 -all", "192.0.2", "", "\"192.0.2\" is no IP address", VERDICT_TEMPERROR},
    };
    struct spf_result result;
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        verdict_of(&result, "in.example.org TXT v=spf1 ip4:192.0.2.9 -all", rows[i].record, rows[i].ip);
        CHECK_ROW_TEXT(rows[i].record, result.reason, rows[i].reason);
        CHECK_ROW_TEXT(rows[i].record, result.mechanism, rows[i].mechanism);
        CHECK_ROW(rows[i].record, result.verdict == rows[i].wanted);
    }
}

static void test_explanation(void **state)
{
    static const char zone_lines[] = "plain.example.org TXT Go  away, %{s}: %{c} is %{i}\n"
                                     "who.example.org TXT %{r} %{t} %{h} %{o} %{d} %{p}\n"
                                     "markup.example.org TXT <b>|%{L}\n"
                                     "broken.example.org TXT 100% sure\n"
                                     "more.example.org TXT %{c}\n"
                                     "more.example.org TXT %{i}\n"
                                     "redirected.example.org TXT v=spf1 -all exp=who.example.org\n"
                                     "silent.example.org TXT v=spf1 -all\n"
                                     "passing.example.org TXT v=spf1 +all exp=plain.example.org\n";
    static const struct {
        const char *name, *record, *explanation;
    } rows[] = {
        {"letters", "v=spf1 -all exp=plain.example.org",
         "Go  away, user@example.com: 192.0.2.8 is 192.0.2.8"},
        {"letters of explanations only", "v=spf1 -all exp=who.example.org",
         "unknown 86400 mail.example.net example.com example.com unknown"},
        {"cleaned", "v=spf1 -all exp=markup.example.org", "(b)/user"},
        {"broken macro", "v=spf1 -all exp=broken.example.org", ""},
        {"two records", "v=spf1 -all exp=more.example.org", ""},
        {"no record", "v=spf1 -all exp=none.example.org", ""},
        {"no domain", "v=spf1 -all exp=a..example.org", ""},
        {"of the record that decides", "v=spf1 exp=plain.example.org redirect=redirected.example.org",
         "unknown 86400 mail.example.net example.com redirected.example.org unknown"},
        {"not of the one before", "v=spf1 exp=plain.example.org redirect=silent.example.org", ""},
        {"not of an included one", "v=spf1 -include:passing.example.org", ""},
        {"only on fail", "v=spf1 ~all exp=plain.example.org", ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct spf_request request = {.client_ip = "192.0.2.8",
                                            .mail_from = "user@example.com",
                                            .helo = "mail.example.net",
                                            .now = 86400,
                                            .deadline = deadline_in(PATIENCE_S)};
        struct zone *zone = zone_new();
        struct spf_result result;
        zone_load(zone, zone_lines);
        zone_add(zone, SLICE("example.com"), "TXT", slice_from(rows[i].record));
        spf_check(&result, &request, zone_lookup(zone));
        CHECK_ROW_TEXT(rows[i].name, result.explanation, rows[i].explanation);
        CHECK_ROW(rows[i].name, result.void_lookups == 0);
        zone_free(&zone);
    }
}

/* --- limits, section 4.6.4 --- */

static void test_limits(void **state)
{
    static const char zone_lines[] =
        "h.example.org A 198.51.100.1\n"
        "ten.example.org TXT v=spf1 a:h.example.org a:h.example.org a:h.example.org "
        "a:h.example.org a:h.example.org a:h.example.org a:h.example.org a:h.example.org "
        "a:h.example.org a:h.example.org -all\n"
        "nine.example.org TXT v=spf1 a:h.example.org a:h.example.org a:h.example.org "
        "a:h.example.org a:h.example.org a:h.example.org a:h.example.org a:h.example.org "
        "a:h.example.org ?all\n"
        "mx.example.org MX 1 void1.example.org\n"
        "mx.example.org MX 2 void2.example.org\n"
        "mx.example.org MX 3 h.example.org\n"
        "v6.example.org AAAA 2001:db8::1\n"
        "8.2.0.192.in-addr.arpa PTR gone1.example.org\n"
        "8.2.0.192.in-addr.arpa PTR gone2.example.org\n"
        "8.2.0.192.in-addr.arpa PTR gone3.example.org\n";
    static const struct {
        const char *name, *record;
        enum verdict wanted;
        unsigned lookups, voids;
    } rows[] = {
        {"none", "v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/32 -all", VERDICT_FAIL, 0, 0},
        {"one each", "v=spf1 a:h.example.org mx:mx.example.org exists:none.%{d} ~all", VERDICT_PERMERROR, 3,
         3},
        {"ten behind a redirect", "v=spf1 redirect=ten.example.org", VERDICT_PERMERROR, 11, 0},
        {"nine behind a redirect", "v=spf1 redirect=nine.example.org", VERDICT_NEUTRAL, 10, 0},
        {"nine and an include", "v=spf1 include:nine.example.org -all", VERDICT_FAIL, 10, 0},
        {"one too many, never met", "v=spf1 include:nine.example.org ?all a:h.example.org", VERDICT_NEUTRAL,
         10, 0},
        {"one too many", "v=spf1 include:nine.example.org a:h.example.org ?all", VERDICT_PERMERROR, 11, 0},
        {"redirect too many", "v=spf1 include:nine.example.org redirect=nine.example.org", VERDICT_PERMERROR,
         11, 0},
        {"include of itself", "v=spf1 include:example.com -all", VERDICT_PERMERROR, 11, 0},
        {"redirect to itself", "v=spf1 redirect=example.com", VERDICT_PERMERROR, 11, 0},
        {"two voids", "v=spf1 a:n1.example.org exists:n2.example.org -all", VERDICT_FAIL, 2, 2},
        {"three voids", "v=spf1 a:n1.example.org exists:n2.example.org mx:n3.example.org -all",
         VERDICT_PERMERROR, 3, 3},
        {"other address family is void", "v=spf1 a:v6.example.org -all", VERDICT_FAIL, 1, 1},
        {"hosts of an mx count", "v=spf1 mx:mx.example.org -all", VERDICT_FAIL, 1, 2},
        {"names of the client do not", "v=spf1 ptr -all", VERDICT_FAIL, 1, 0},
        {"nor where they are macros", "v=spf1 exists:%{p}.example.org -all", VERDICT_FAIL, 1, 1},
        {"no name, no void", "v=spf1 a:a..example.org a:b..example.org a:c..example.org -all", VERDICT_FAIL,
         3, 0},
    };
    struct spf_result result;
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK_ROW(rows[i].name,
                  verdict_of(&result, zone_lines, rows[i].record, "192.0.2.8") == rows[i].wanted);
        CHECK_ROW(rows[i].name, result.lookups == rows[i].lookups);
        CHECK_ROW(rows[i].name, result.void_lookups == rows[i].voids);
    }
}

/* Eleven of each, the client behind the last. */
static void test_names_limit(void **state)
{
    struct zone *zone = zone_new();
    struct spf_result result;
    char name[32];
    (void)state;

    zone_load(zone, "mx.test TXT v=spf1 mx -all\nptr.test TXT v=spf1 ptr -all");
    for (unsigned i = 0; i <= SPF_MX_MAX; i++) {
        char value[40];
        snprintf(name, sizeof name, "h%u.ptr.test", i);
        zone_add(zone, slice_from(name), "A", i < SPF_PTR_MAX ? SLICE("198.51.100.1") : SLICE("192.0.2.8"));
        zone_add(zone, SLICE("8.2.0.192.in-addr.arpa"), "PTR", slice_from(name));
        snprintf(value, sizeof value, "%u %s", i, name);
        zone_add(zone, SLICE("mx.test"), "MX", slice_from(value));
    }
    check(&result, zone, "192.0.2.8", "a@mx.test");
    assert_int_equal(result.verdict, VERDICT_PERMERROR);
    assert_string_equal(result.reason, "mx.test has 11 MX records: more than 10 are an error");
    check(&result, zone, "192.0.2.8", "a@ptr.test");
    assert_int_equal(result.verdict, VERDICT_FAIL);
    zone_free(&zone);
}

static void test_silence(void **state)
{
    static const struct {
        const char *name, *record;
        enum verdict wanted;
    } rows[] = {
        {"not asked", "v=spf1 ip4:192.0.2.8 a:silent.test -all", VERDICT_PASS},
        {"a", "v=spf1 a:silent.test -all", VERDICT_TEMPERROR},
        {"mx", "v=spf1 mx:silent.test -all", VERDICT_TEMPERROR},
        {"host of an mx", "v=spf1 mx:mx.test -all", VERDICT_TEMPERROR},
        {"exists", "v=spf1 exists:silent.test -all", VERDICT_TEMPERROR},
        {"include", "v=spf1 include:silent.test -all", VERDICT_TEMPERROR},
        {"redirect", "v=spf1 redirect=silent.test", VERDICT_TEMPERROR},
        {"ptr goes on", "v=spf1 ptr -all", VERDICT_FAIL},
        {"exp goes without", "v=spf1 -all exp=silent.test", VERDICT_FAIL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct zone *zone = zone_new();
        struct spf_result result;
        zone_timeout(zone, SLICE("silent.test"));
        zone_timeout(zone, SLICE("8.2.0.192.in-addr.arpa"));
        zone_load(zone, "mx.test MX 1 silent.test");
        zone_add(zone, SLICE("example.com"), "TXT", slice_from(rows[i].record));
        check(&result, zone, "192.0.2.8", "a@example.com");
        CHECK_ROW(rows[i].name, result.verdict == rows[i].wanted);
        CHECK_ROW(rows[i].name, result.void_lookups == 0);
        zone_free(&zone);
    }
}

static void test_deadline(void **state)
{
    const struct spf_request request = {.client_ip = "192.0.2.1",
                                        .mail_from = "a@example.com",
                                        .helo = "h.example.net",
                                        .deadline = deadline_in(0)};
    struct zone *zone = zone_new();
    struct spf_result result;
    (void)state;

    zone_load(zone, "example.com TXT v=spf1 -all");
    spf_check(&result, &request, zone_lookup(zone));
    assert_int_equal(result.verdict, VERDICT_TEMPERROR);
    assert_int_equal(zone_queries(zone), 0);
    zone_free(&zone);
}

/* --- hostile records --- */

static void repeat(struct buffer *record, const char *head, const char *term, const char *tail, size_t size)
{
    buffer_append_text(record, head);
    while (record->len + strlen(term) + strlen(tail) < size)
        buffer_append_text(record, term);
    buffer_append_text(record, tail);
}

static void test_hostile(void **state)
{
    static const struct {
        const char *name, *term, *tail;
        size_t size;
        enum verdict wanted;
    } rows[] = {
        {"500 networks", " ip4:198.51.100.1", " -all", 500 * 17, VERDICT_FAIL},
        {"64 kB of networks", " ip6:2001:db8::1", " ?all", BIG_RECORD, VERDICT_NEUTRAL},
        {"64 kB of lookups", " a", "", BIG_RECORD, VERDICT_PERMERROR},
        {"64 kB of modifiers", " x=%{s}", " ~all", BIG_RECORD, VERDICT_SOFTFAIL},
        {"64 kB of spaces", "        ", "-all", BIG_RECORD, VERDICT_FAIL},
        {"64 kB of macros in one name", "%{s}%{h}.", ".example.org", BIG_RECORD, VERDICT_NEUTRAL},
        {"error at the end of 64 kB", " ip4:198.51.100.1", " moo", BIG_RECORD, VERDICT_PERMERROR},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct zone *zone = zone_new();
        struct buffer record = BUFFER_INIT(2 * BIG_RECORD);
        struct spf_result result;
        struct timespec began = clock_now();
        bool is_name = rows[i].term[0] == '%';
        repeat(&record, is_name ? "v=spf1 exists:" : "v=spf1", rows[i].term, rows[i].tail, rows[i].size);
        zone_add(zone, SLICE("example.com"), "TXT", buffer_slice(&record));
        zone_load(zone, "example.com A 198.51.100.1");
        check(&result, zone, "192.0.2.8", "user@example.com");
        CHECK_ROW(rows[i].name, result.verdict == rows[i].wanted);
        CHECK_ROW(rows[i].name, clock_since(began) < 10);
        buffer_clear(&record);
        zone_free(&zone);
    }
}

/* Each of ten names includes all ten: 10^10 without a limit. */
static void test_include_tree(void **state)
{
    struct zone *zone = zone_new();
    struct spf_result result;
    (void)state;

    for (unsigned i = 0; i < 10; i++) {
        char name[32], record[400] = "v=spf1";
        for (unsigned k = 0; k < 10; k++)
            snprintf(record + strlen(record), sizeof record - strlen(record), " include:n%u.test",
                     k == i ? 9 - k : k);
        snprintf(name, sizeof name, "n%u.test", i);
        zone_add(zone, slice_from(name), "TXT", slice_from(record));
    }
    check(&result, zone, "192.0.2.8", "a@n0.test");
    assert_int_equal(result.verdict, VERDICT_PERMERROR);
    assert_int_equal(result.lookups, SPF_LOOKUPS_MAX + 1);
    assert_in_range(zone_queries(zone), 1, SPF_LOOKUPS_MAX + 1);
    assert_in_range(zone_prefetches(zone), 1, SPF_LOOKUPS_MAX);
    zone_free(&zone);
}

static void test_huge_identities(void **state)
{
    static const size_t sizes[] = {60, 200, 253, 254, 255, 256, 1000, 1023, 1024, 1025, 100000};
    static char text[100001];
    struct zone *zone = zone_new();
    (void)state;

    zone_load(zone, "example.com TXT v=spf1 exists:%{s}.%{h}.%{l}.%{o} -all exp=%{o}");
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        static const char *const tails[] = {"@example.com", ".example.com", ""};
        for (size_t k = 0; k < COUNT_OF(tails); k++) {
            struct spf_request request = {.client_ip = "192.0.2.1",
                                          .mail_from = text,
                                          .helo = text,
                                          .deadline = deadline_in(PATIENCE_S)};
            struct spf_result result;
            memset(text, 'a', sizes[i]);
            snprintf(text + sizes[i] - strlen(tails[k]), 13, "%s", tails[k]);
            spf_check(&result, &request, zone_lookup(zone));
            assert_int_equal(result.verdict, k == 0 && sizes[i] <= LONGEST ? VERDICT_FAIL : VERDICT_NONE);
            request.mail_from = "b@example.com";
            spf_check(&result, &request, zone_lookup(zone));
            assert_int_equal(result.verdict, VERDICT_FAIL);
        }
    }
    zone_free(&zone);
}

/* --- looking ahead --- */

static void test_prefetch(void **state)
{
    static const struct {
        const char *name, *record;
        unsigned prefetches;
    } rows[] = {
        {"nothing to ask", "v=spf1 ip4:192.0.2.8 a mx -all", 0},
        {"all before the end", "v=spf1 a:a.test mx:b.test include:c.test exists:%{i}.d.test ptr -all", 5},
        {"nothing behind all", "v=spf1 a:a.test -all mx:b.test", 1},
        {"ten at most",
         "v=spf1 a:1.test a:2.test a:3.test a:4.test a:5.test a:6.test a:7.test a:8.test a:9.test "
         "a:10.test a:11.test a:12.test -all",
         10},
        {"no names of the client", "v=spf1 exists:%{p}.test a:a.test -all", 1},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct zone *zone = zone_new();
        struct spf_result result;
        zone_add(zone, SLICE("example.com"), "TXT", slice_from(rows[i].record));
        check(&result, zone, "192.0.2.8", "a@example.com");
        CHECK_ROW(rows[i].name, zone_prefetches(zone) == rows[i].prefetches);
        zone_free(&zone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appendix_a1),     cmocka_unit_test(test_appendix_a2_to_a4),
        cmocka_unit_test(test_identity),        cmocka_unit_test(test_helo),
        cmocka_unit_test(test_reason),          cmocka_unit_test(test_explanation),
        cmocka_unit_test(test_limits),          cmocka_unit_test(test_names_limit),
        cmocka_unit_test(test_silence),         cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_hostile),         cmocka_unit_test(test_include_tree),
        cmocka_unit_test(test_huge_identities), cmocka_unit_test(test_prefetch),
    };

    return cmocka_run_group_tests_name("spf", tests, NULL, NULL);
}
