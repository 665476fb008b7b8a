/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/auth/authres.h"
#include "tests/unit/sample.h"

/* "id: method=result domain selector policy (reason); ..." with "-" for what is empty */
static void write_authres(struct buffer *out, const struct authres *a)
{
    if (a->arc)
        buffer_printf(out, "i=%u ", a->instance);
    buffer_printf(out, "%s:", a->authserv_id[0] != '\0' ? a->authserv_id : "-");
    if (a->none)
        buffer_append_text(out, " none");
    for (size_t i = 0; i < a->count; i++) {
        const struct auth_result *r = &a->result[i];
        buffer_printf(out, "%s %s=%s", i > 0 ? ";" : "", r->method_name, r->result);
        if (r->domain[0] != '\0')
            buffer_printf(out, " %s", r->domain);
        if (r->selector[0] != '\0')
            buffer_printf(out, " s=%s", r->selector);
        if (r->policy[0] != '\0')
            buffer_printf(out, " p=%s", r->policy);
        if (r->reason[0] != '\0')
            buffer_printf(out, " (%s)", r->reason);
    }
}

static void test_parsing(void **state)
{
    static const struct {
        const char *name;
        struct slice value;
        const char *parsed;
    } rows[] = {
        /* RFC 8601 appendix B */
        {"B.2", SLICE(" example.org 1; none"), "example.org: none"},
        {"B.3", SLICE(" example.com;\r\n spf=pass smtp.mailfrom=example.net"),
         "example.com: spf=pass example.net"},
        {"B.4 first",
         SLICE(" example.com;\r\n auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n spf=pass "
               "smtp.mailfrom=example.net"),
         "example.com: auth=pass (cram-md5); spf=pass example.net"},
        {"B.4 second", SLICE(" example.com; iprev=pass\r\n policy.iprev=192.0.2.200"),
         "example.com: iprev=pass"},
        {"B.5", SLICE(" example.com;\r\n dkim=pass (good signature) header.d=example.com"),
         "example.com: dkim=pass example.com (good signature)"},
        {"B.6",
         SLICE(" example.com;\r\n dkim=pass reason=\"good signature\"\r\n   "
               "header.i=@mail-router.example.net;\r\n"
               " dkim=fail reason=\"bad signature\"\r\n   header.i=@newyork.example.com"),
         "example.com: dkim=pass mail-router.example.net (good signature); dkim=fail newyork.example.com "
         "(bad signature)"},
        {"B.7",
         SLICE(" foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait for "
               "it) fail\r\n"
               "   policy (A dot can go here) . (like that) expired\r\n   (this surprised me) = (as I wasn't "
               "expecting it) "
               "1362471462"),
         "foo.example.net: dkim=fail"},
        /* as providers write them */
        {"Gmail",
         SLICE(" mx.google.com;\r\n       dkim=pass header.i=@example.com header.s=s1 "
               "header.b=\"AbC/d+e=\";\r\n"
               "       arc=pass (i=1 spf=pass spfdomain=example.com dkim=pass dkdomain=example.com "
               "dmarc=pass fromdomain=example.com);\r\n"
               "       spf=softfail (google.com: domain of transitioning x@example.com does not designate "
               "192.0.2.1 as "
               "permitted sender) smtp.mailfrom=x@example.com;\r\n"
               "       dmarc=pass (p=NONE sp=QUARANTINE dis=NONE) header.from=example.com"),
         "mx.google.com: dkim=pass example.com s=s1; arc=pass (i=1 spf=pass spfdomain=example.com dkim=pass "
         "dkdomain=example.com dmarc=pass fromdomain=example.com); spf=softfail example.com (google.com: "
         "domain of transitioning "
         "x@example.com does not designate 192.0.2.1 as permitted sender); dmarc=pass example.com p=none "
         "(p=NONE sp=QUARANTINE "
         "dis=NONE)"},
        {"Gmail, null sender",
         SLICE(" mx.google.com; spf=none (google.com: mail.example.com does not designate permitted "
               "sender hosts) smtp.helo=mail.example.com"),
         "mx.google.com: spf=none mail.example.com (google.com: mail.example.com does not designate "
         "permitted sender hosts)"},
        {"Microsoft",
         SLICE(
             " spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=example.com; dkim=pass (signature was "
             "verified)\r\n"
             " header.d=example.com;dmarc=pass action=none header.from=example.com;compauth=pass reason=100"),
         "-: spf=pass example.com (sender IP is 192.0.2.1); dkim=pass example.com (signature was verified); "
         "dmarc=pass "
         "example.com; compauth=pass (100)"},
        {"Microsoft, unsigned",
         SLICE(" spf=none (sender IP is 192.0.2.1) smtp.mailfrom=example.com; dkim=none (message not "
               "signed)\r\n"
               " header.d=none;dmarc=bestguesspass action=none header.from=example.com;"),
         "-: spf=none example.com (sender IP is 192.0.2.1); dkim=none (message not signed); "
         "dmarc=bestguesspass example.com"},
        {"Exchange with two signatures",
         SLICE(
             " spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a.example; dkim=pass (signature was verified) "
             "header.d=a.example;dkim=fail (body hash did not verify) header.d=b.example;dmarc=fail "
             "action=oreject "
             "header.from=b.example;compauth=fail reason=000"),
         "-: spf=pass a.example (sender IP is 192.0.2.1); dkim=pass a.example (signature was verified); "
         "dkim=fail b.example "
         "(body hash did not verify); dmarc=fail b.example; compauth=fail (000)"},
        {"Yahoo",
         SLICE(" atlas-production.v2-mail-prod1-gq1.omega.yahoo.com;\r\n dkim=pass header.i=@example.com "
               "header.s=s1;\r\n"
               " spf=pass smtp.mailfrom=example.com;\r\n dmarc=pass(p=REJECT) header.from=example.com;"),
         "atlas-production.v2-mail-prod1-gq1.omega.yahoo.com: dkim=pass example.com s=s1; spf=pass "
         "example.com; dmarc=pass "
         "example.com p=reject (p=REJECT)"},
        {"AOL",
         SLICE(
             " atlas.aol.com;\r\n dkim=unknown;\r\n spf=unknown smtp.mailfrom=example.com;\r\n dmarc=unknown "
             "header.from=example.com;"),
         "atlas.aol.com: dkim=unknown; spf=unknown example.com; dmarc=unknown example.com"},
        {"iCloud", SLICE(" dmarc.icloud.com; dmarc=pass header.from=Example.COM"),
         "dmarc.icloud.com: dmarc=pass example.com"},
        {"Fastmail",
         SLICE(" mx6.messagingengine.com;\r\n    arc=none (no signatures found);\r\n    bimi=skipped (DMARC "
               "Policy is not at "
               "enforcement);\r\n    dmarc=pass policy.published-domain-policy=none\r\n      "
               "policy.applied-disposition=none\r\n"
               "      (p=none,d=none,d.eval=none) policy.policy-from=p\r\n      header.from=example.com;\r\n"
               "    iprev=pass smtp.remote-ip=192.0.2.1 (mail.example.com);\r\n"
               "    spf=pass smtp.mailfrom=x@example.com smtp.helo=mail.example.com"),
         "mx6.messagingengine.com: arc=none (no signatures found); bimi=skipped (DMARC Policy is not at "
         "enforcement); "
         "dmarc=pass example.com p=none; iprev=pass; spf=pass example.com"},
        {"Proton", SLICE(" mail.protonmail.ch; dmarc=fail (p=reject dis=none) header.from=example.com\r\n"),
         "mail.protonmail.ch: dmarc=fail example.com p=reject (p=reject dis=none)"},
        {"posteo",
         SLICE(" mail.posteo.example (amavisd-new); dkim=pass (2048-bit key)\r\n\theader.d=example.com"),
         "mail.posteo.example: dkim=pass example.com (2048-bit key)"},
        {"riseup",
         SLICE(" mx1.riseup.example;\r\n\tdkim=pass (2048-bit key; unprotected) header.d=example.com "
               "header.i=@example.com "
               "header.a=rsa-sha256 header.s=s1 header.b=AbCd;\r\n\tdkim-atps=neutral"),
         "mx1.riseup.example: dkim=pass example.com s=s1 (2048-bit key; unprotected); dkim-atps=neutral"},
        {"Zoho",
         SLICE(" mx.zohomail.com;\r\n\tdkim=pass;\r\n\tspf=pass (zohomail.com: domain of x@example.com "
               "designates 192.0.2.1 as "
               "permitted sender) smtp.mailfrom=x@example.com;\r\n\tdmarc=pass(p=reject dis=none) "
               "header.from=example.com"),
         "mx.zohomail.com: dkim=pass; spf=pass example.com (zohomail.com: domain of x@example.com designates "
         "192.0.2.1 as "
         "permitted sender); dmarc=pass example.com p=reject (p=reject dis=none)"},
        {"mail.ru",
         SLICE(" mxs.mail.ru; spf=pass (mx17.i.mail.ru: domain of example.com designates 192.0.2.1 as "
               "permitted sender) "
               "smtp.mailfrom=x@example.com smtp.helo=mail.example.com;\r\n\t dkim=pass "
               "header.d=example.com; dmarc=pass "
               "header.from=x@example.com"),
         "mxs.mail.ru: spf=pass example.com (mx17.i.mail.ru: domain of example.com designates 192.0.2.1 as "
         "permitted sender); "
         "dkim=pass example.com; dmarc=pass example.com"},
        {"Yandex",
         SLICE(" vla1-1.mail.yandex.net; spf=pass (vla1-1.mail.yandex.net: domain of example.com designates "
               "192.0.2.1 as "
               "permitted sender, rule=[ip4:192.0.2.0/24]) smtp.mail=x@example.com; dkim=pass "
               "header.i=@example.com"),
         "vla1-1.mail.yandex.net: spf=pass example.com (vla1-1.mail.yandex.net: domain of example.com "
         "designates "
         "192.0.2.1 as permitted "
         "sender, rule=[ip4:192.0.2.0/24]); dkim=pass example.com"},
        {"GMX", SLICE(" gmx.net; dkim=pass header.i=@example.com"), "gmx.net: dkim=pass example.com"},
        {"mailbox.org, rspamd",
         SLICE(" spamd1.example;\r\n\tdkim=pass header.d=example.com header.s=s1 header.b=\"AbCd "
               "ef\";\r\n\tdmarc=pass (policy=none) "
               "header.from=example.com;\r\n\tspf=pass (spamd1.example: domain of x@example.com designates "
               "192.0.2.1 as permitted "
               "sender) smtp.mailfrom=x@example.com"),
         "spamd1.example: dkim=pass example.com s=s1; dmarc=pass example.com p=none (policy=none); spf=pass "
         "example.com "
         "(spamd1.example: domain of x@example.com designates 192.0.2.1 as permitted sender)"},
        {"OpenDMARC", SLICE(" mx.example.net; dmarc=none (p=none dis=none) header.from=example.com"),
         "mx.example.net: dmarc=none example.com p=none (p=none dis=none)"},
        {"policyd-spf",
         SLICE(" mx.example.net; spf=pass (sender SPF authorized) smtp.mailfrom=example.com "
               "(client-ip=192.0.2.1; "
               "helo=mail.example.com; envelope-from=x@example.com; receiver=y@example.net)"),
         "mx.example.net: spf=pass example.com (sender SPF authorized)"},
        {"Exim",
         SLICE(" mx.example.net;\r\n\tiprev=pass (mail.example.com) smtp.remote-ip=192.0.2.1;\r\n\tspf=pass "
               "smtp.mailfrom=example.com;\r\n\tdkim=pass header.d=example.com header.s=s1 "
               "header.a=rsa-sha256;\r\n"
               "\tdmarc=pass header.from=example.com"),
         "mx.example.net: iprev=pass (mail.example.com); spf=pass example.com; dkim=pass example.com s=s1; "
         "dmarc=pass "
         "example.com"},
        {"Mimecast",
         SLICE(" relay.mimecast.com;\r\n\tdkim=pass header.d=example.com header.s=s1 "
               "header.b=AbCd;\r\n\tdmarc=pass (policy=reject) "
               "header.from=example.com;\r\n\tspf=pass (relay.mimecast.com: domain of x@example.com "
               "designates 192.0.2.1 as "
               "permitted sender) smtp.mailfrom=x@example.com"),
         "relay.mimecast.com: dkim=pass example.com s=s1; dmarc=pass example.com p=reject (policy=reject); "
         "spf=pass example.com "
         "(relay.mimecast.com: domain of x@example.com designates 192.0.2.1 as permitted sender)"},
        {"Cisco",
         SLICE(" esa1.example.net; spf=Pass smtp.mailfrom=x@example.com; spf=None "
               "smtp.helo=postmaster@mail.example.com; "
               "dkim=pass (signature verified) header.i=@example.com; dmarc=pass (p=quarantine dis=none) "
               "d=example.com"),
         "esa1.example.net: spf=pass example.com; spf=none mail.example.com; dkim=pass example.com "
         "(signature verified); "
         "dmarc=pass example.com p=quarantine (p=quarantine dis=none)"},
        {"Amazon",
         SLICE(" amazonses.com;\r\n spf=pass (spfCheck: domain of example.com designates 192.0.2.1 as "
               "permitted sender) "
               "client-ip=192.0.2.1; envelope-from=x@example.com; helo=mail.example.com;\r\n dkim=pass "
               "header.i=@example.com;\r\n dmarc=pass header.from=example.com;"),
         "amazonses.com: spf=pass (spfCheck: domain of example.com designates 192.0.2.1 as permitted "
         "sender); "
         "envelope-from=x@example.com; helo=mail.example.com; dkim=pass example.com; dmarc=pass example.com"},
        {"ARC", SLICE(" i=2; mx.example.net 1; dkim=pass header.d=example.com; arc=pass"),
         "i=2 mx.example.net: dkim=pass example.com; arc=pass"},
        {"ARC of Microsoft",
         SLICE("i=1; mx.microsoft.com 1; spf=pass\r\n smtp.mailfrom=example.com; dmarc=pass action=none "
               "header.from=example.com; dkim=pass header.d=example.com; arc=none"),
         "i=1 mx.microsoft.com: spf=pass example.com; dmarc=pass example.com; dkim=pass example.com; "
         "arc=none"},
        /* the grammar and its edges */
        {"quoted id", SLICE(" \"mx example\" 1; spf=pass"), "mx example: spf=pass"},
        {"quoted local part", SLICE("a; spf=pass smtp.mailfrom=\"a b; c\"@Example.com."),
         "a: spf=pass example.com"},
        {"brackets", SLICE("a; spf=pass smtp.mailfrom=<x@example.com>"), "a: spf=pass example.com"},
        {"null sender, then helo", SLICE("a; spf=pass smtp.mailfrom=<> smtp.helo=mail.example"),
         "a: spf=pass mail.example"},
        {"helo before mailfrom", SLICE("a; spf=pass smtp.helo=mail.example smtp.mailfrom=x@y.example"),
         "a: spf=pass y.example"},
        {"header.i before header.d", SLICE("a; dkim=pass header.i=u@sub.y.example header.d=y.example"),
         "a: dkim=pass y.example"},
        {"header.d before header.i", SLICE("a; dkim=pass header.d=y.example header.i=u@sub.y.example"),
         "a: dkim=pass y.example"},
        {"comment in comment", SLICE("a; spf=pass (a (b; c) \\) d) smtp.mailfrom=x.example"),
         "a: spf=pass x.example (a (b; c) \\) d)"},
        {"comment never closed", SLICE("a; spf=pass (a; dkim=fail"), "a: spf=pass (a; dkim=fail)"},
        {"string never closed", SLICE("a; spf=pass reason=\"a; dkim=fail"), "a: spf=pass (a; dkim=fail)"},
        {"reason beats comment", SLICE("a; spf=pass (c) reason=r smtp.mailfrom=x.example"),
         "a: spf=pass x.example (r)"},
        {"comment of a property is no reason", SLICE("a; iprev=pass smtp.remote-ip=192.0.2.1 (c)"),
         "a: iprev=pass"},
        {"semicolons forgotten", SLICE("a; spf=pass smtp.mailfrom=x.example dkim=fail header.d=y.example"),
         "a: spf=pass x.example; dkim=fail y.example"},
        {"semicolons in excess", SLICE(";;a;;; spf=pass ;;"), "-: spf=pass"},
        {"none behind results", SLICE("a; spf=pass; none"), "a: spf=pass"},
        {"policy word within words", SLICE("a; dmarc=fail (sp=none dp=x p=quarantine)"),
         "a: dmarc=fail p=quarantine (sp=none dp=x p=quarantine)"},
        {"policy of spf is none", SLICE("a; spf=fail (p=none)"), "a: spf=fail (p=none)"},
        {"upper case", SLICE("MX.Example; SPF=PASS SMTP.MAILFROM=EXAMPLE.COM"),
         "MX.Example: spf=pass example.com"},
        {"domain that is none", SLICE("a; spf=pass smtp.mailfrom=\"x y\" smtp.helo=mail.example"),
         "a: spf=pass mail.example"},
        {"version at the method", SLICE("a; dkim/1=pass header.d=x.example"), "a: dkim=pass x.example"},
        {"blanks around signs", SLICE("a ; spf = pass smtp . mailfrom = x.example"), "a: spf=pass x.example"},
        {"tab folds", SLICE("a;\r\n\tspf=pass\r\n\tsmtp.mailfrom=x.example\r\n"), "a: spf=pass x.example"},
        {"hostile text", SLICE("a|b; spf=pass (\033[31m<b>|) smtp.mailfrom=<b>|"), "a/b: spf=pass ((b)/)"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer text = BUFFER_INIT(8192);
        struct authres a;
        CHECK_ROW(rows[i].name, authres_parse(&a, rows[i].value));
        write_authres(&text, &a);
        CHECK_ROW_TEXT(rows[i].name, buffer_text(&text), rows[i].parsed);
        buffer_clear(&text);
    }
}

static void test_parsing_nothing(void **state)
{
    static const struct slice rows[] = {
        SLICE(""),        SLICE(" \r\n "),   SLICE(";"),          SLICE("mx.example.net"), SLICE("a; spf"),
        SLICE("a; spf="), SLICE("a; =pass"), SLICE("(c"),         SLICE("i=1; a"),         SLICE("i="),
        SLICE("\"a"),     SLICE("a; none="), SLICE("a; nonesuch")};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct authres a;
        if (authres_parse(&a, rows[i]))
            fail_msg("parsed: \"%.*s\"", SLICE_ARG(rows[i]));
    }
}

static void test_too_many_results(void **state)
{
    struct buffer value = BUFFER_INIT(8192);
    struct authres a;
    (void)state;

    buffer_append_text(&value, "a");
    for (int i = 0; i < 3 * AUTHRES_RESULTS_MAX; i++)
        buffer_printf(&value, "; dkim=pass header.d=d%d.example", i);
    assert_true(authres_parse(&a, buffer_slice(&value)));
    assert_int_equal(a.count, AUTHRES_RESULTS_MAX);
    assert_string_equal(a.result[AUTHRES_RESULTS_MAX - 1].domain, "d15.example");
    buffer_clear(&value);
}

enum { PATTERNS_MAX = 4, TEXT_MAX = 128 };

struct expectation {
    char pattern_text[PATTERNS_MAX][TEXT_MAX];
    const char *pattern[PATTERNS_MAX];
    size_t pattern_count;
    char border[TEXT_MAX], from[TEXT_MAX];
    struct buffer trust;    /* "trusted id\n", as in the file */
    struct buffer believed; /* "spf pass domain policy\n" */
};

static void read_expectation(struct expectation *e, struct slice options)
{
    struct slice key, value;

    while (sample_option(&options, &key, &value)) {
        if (slice_eq(key, SLICE("id"))) {
            char *text = e->pattern_text[e->pattern_count];
            slice_copy(text, TEXT_MAX, value);
            e->pattern[e->pattern_count++] = text;
        } else if (slice_eq(key, SLICE("border"))) {
            slice_copy(e->border, sizeof e->border, value);
        } else if (slice_eq(key, SLICE("from"))) {
            slice_copy(e->from, sizeof e->from, value);
        } else {
            bool trust = slice_starts(key, SLICE("trusted")) || slice_starts(key, SLICE("assumed")) ||
                         slice_starts(key, SLICE("untrusted"));
            buffer_printf(trust ? &e->trust : &e->believed, "%.*s %.*s\n", SLICE_ARG(key), SLICE_ARG(value));
        }
    }
}

static void write_believed(struct buffer *out, const struct authres_set *set, const char *from_domain,
                           enum trust at_least)
{
    static const struct {
        enum auth_method method;
        const char *name;
    } methods[] = {{METHOD_SPF, "spf"}, {METHOD_DKIM, "dkim"}, {METHOD_DMARC, "dmarc"}, {METHOD_ARC, "arc"}};

    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        const struct auth_result *other = NULL;
        const struct auth_result *result =
            authres_believed(set, methods[i].method, at_least, from_domain, &other);
        if (result == NULL)
            continue;
        buffer_printf(out, "%s %s %s%s%s\n", methods[i].name, result->result,
                      result->domain[0] != '\0' ? result->domain : "-", result->policy[0] != '\0' ? " " : "",
                      result->policy);
        if (other != NULL)
            buffer_printf(out, "contradicted %s %s\n", methods[i].name, other->result);
    }
}

static void check_sample(const struct sample *sample, const struct expectation *e)
{
    char name[TEXT_MAX];
    struct buffer trust = BUFFER_INIT(4096), believed = BUFFER_INIT(4096);
    static struct authres_set set;

    slice_copy(name, sizeof name, sample->title);
    authres_collect(&set, sample->text, e->pattern, e->pattern_count,
                    e->border[0] != '\0' ? e->border : NULL);
    for (size_t i = 0; i < set.count; i++) {
        const struct authres *a = &set.header[i];
        buffer_printf(&trust, "%s%s %s\n", trust_name(a->trust), a->arc ? "-arc" : "",
                      a->authserv_id[0] != '\0' ? a->authserv_id : "-");
        CHECK_ROW(name, a->why[0] != '\0');
    }
    write_believed(&believed, &set, e->from[0] != '\0' ? e->from : NULL,
                   e->pattern_count > 0 ? TRUST_TRUSTED : TRUST_ASSUMED);
    CHECK_ROW_TEXT(name, buffer_text(&trust), buffer_text(&e->trust));
    CHECK_ROW_TEXT(name, buffer_text(&believed), buffer_text(&e->believed));
    buffer_clear(&trust);
    buffer_clear(&believed);
}

static void test_trust(void **state)
{
    struct buffer file = BUFFER_INIT(1024 * 1024);
    struct sample sample;
    size_t count = 0;
    (void)state;

    assert_true(sample_load(&file, TEST_DATA "/authres.txt"));
    for (struct slice rest = buffer_slice(&file); sample_next(&rest, &sample); count++) {
        struct expectation e = {.trust = BUFFER_INIT(4096), .believed = BUFFER_INIT(4096)};
        read_expectation(&e, sample.options);
        check_sample(&sample, &e);
        buffer_clear(&e.trust);
        buffer_clear(&e.believed);
    }
    assert_true(count >= 20);
    buffer_clear(&file);
}

/* The sender may write as many as he likes: ours stand above them. */
static void test_many_headers(void **state)
{
    static const char *const patterns[] = {"mx.example.net"};
    static struct authres_set set;
    struct buffer message = BUFFER_INIT(1024 * 1024);
    (void)state;

    buffer_append_text(
        &message,
        "Authentication-Results: mx.example.net; spf=fail\nReceived: from a by mx.example.net; x\n");
    for (int i = 0; i < 1000; i++)
        buffer_append_text(&message,
                           "Received: from b by a; x\nAuthentication-Results: mx.example.net; spf=pass\n");
    authres_collect(&set, buffer_slice(&message), patterns, 1, NULL);
    assert_int_equal(set.count, AUTHRES_HEADERS_MAX);
    const struct auth_result *other, *spf = authres_believed(&set, METHOD_SPF, TRUST_TRUSTED, NULL, &other);
    assert_non_null(spf);
    assert_string_equal(spf->result, "fail");
    assert_null(other);
    assert_int_equal(set.header[0].position, 0);
    assert_int_equal(set.header[1].position, 3);
    buffer_clear(&message);
}

static void test_nothing_believed(void **state)
{
    static struct authres_set set;
    (void)state;

    authres_collect(&set, SLICE_EMPTY, NULL, 0, NULL);
    assert_int_equal(set.count, 0);
    assert_null(authres_believed(&set, METHOD_DMARC, TRUST_UNTRUSTED, NULL, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parsing),          cmocka_unit_test(test_parsing_nothing),
        cmocka_unit_test(test_too_many_results), cmocka_unit_test(test_trust),
        cmocka_unit_test(test_many_headers),     cmocka_unit_test(test_nothing_believed),
    };
    return cmocka_run_group_tests_name("authres", tests, NULL, NULL);
}
