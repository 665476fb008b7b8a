/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "common/judge/authentication.h"
#include "tests/unit/first_line.h"

#define BY "Authentication-Results: mx.example.net;"
#define FROM_CLIENT                                                                                          \
    "Received: from c.example.com (c.example.com [192.0.2.1]) by mx.example.net with ESMTPS id 1\r\n"
#define FROM   "From: a@news.example.com\r\n"
#define FORGED "Authentication-Results: mx.example.net; dmarc=pass header.from=news.example.com\r\n"
#define ALL_PASS                                                                                             \
    BY " spf=pass smtp.mailfrom=a@b.example.com; dkim=pass header.d=example.com header.s=s1;"                \
       " dmarc=pass (p=reject) header.from=news.example.com\r\n" FROM_CLIENT FROM
#define SPF_ONLY                                                                                             \
    BY " spf=pass smtp.mailfrom=a@b.example.com; dkim=fail (bad signature) header.d=example.com;"            \
       " dmarc=pass (p=reject) header.from=news.example.com\r\n" FROM_CLIENT FROM
#define ALL_FAIL                                                                                             \
    BY " spf=softfail smtp.mailfrom=a@b.example.com; dkim=none;"                                             \
       " dmarc=fail (p=reject dis=reject) header.from=news.example.com\r\n" FROM_CLIENT FROM
#define NOTHING FROM_CLIENT FROM

/* What the verification is made to have found. */
struct found {
    enum verdict spf, dkim, dmarc;
    bool body_failed, key_missing, key_revoked, expired;
    enum alignment spf_alignment, dkim_alignment;
    const char *no_spf; /* why SPF was not verified */
};

#define FOUND_PASS                                                                                           \
    .found = {.spf = VERDICT_PASS,                                                                           \
              .dkim = VERDICT_PASS,                                                                          \
              .dmarc = VERDICT_PASS,                                                                         \
              .spf_alignment = ALIGNMENT_RELAXED,                                                            \
              .dkim_alignment = ALIGNMENT_RELAXED}

static void fill(struct verification *v, const struct found *found)
{
    *v = (struct verification){.done = {true, true, false, true}, .dkim_count = 1, .dkim_found = 1};
    strcpy(v->from_domain, "news.example.com");
    strcpy(v->client_ip, "192.0.2.1");
    v->spf = (struct spf_result){
        .verdict = found->spf, .domain = "b.example.com", .reason = "so it is", .lookups = 3};
    v->dkim[0] = (struct dkim_result){.verdict = found->dkim,
                                      .domain = "example.com",
                                      .selector = "s1",
                                      .bits = 2048,
                                      .body_failed = found->body_failed,
                                      .key_missing = found->key_missing,
                                      .key_revoked = found->key_revoked,
                                      .expired = found->expired};
    if (found->dkim != VERDICT_PASS)
        strcpy(v->dkim[0].reason, "the signature does not hold");
    if (found->dkim == VERDICT_NONE)
        v->dkim_count = v->dkim_found = 0;
    v->dmarc = (struct dmarc_result){.walk = {.verdict = found->dmarc,
                                              .policy = POLICY_REJECT,
                                              .record_domain = "example.com",
                                              .org_domain = "example.com",
                                              .reason = "that is why"},
                                     .record = {.adkim = ALIGNMENT_RELAXED, .aspf = ALIGNMENT_RELAXED},
                                     .spf_alignment = found->spf_alignment,
                                     .dkim_alignment = {found->dkim_alignment}};
    if (found->no_spf != NULL) {
        v->done.spf = false;
        strcpy(v->spf_missing, found->no_spf);
    }
}

enum mode { REPORTED = 1, ASSUMED = 2, VERIFIED = 4 };

/* The report's state; line 1 in text. */
static enum state run(struct slice header, unsigned mode, const struct found *found,
                      const struct authentication_policy *policy, struct buffer *text, enum output output)
{
    static const char *const ids[] = {"mx.example.net"};
    struct report *report = report_new("check_dmarc_align", "DMARC ALIGN");
    struct verification verification;
    struct authentication a = {.verified = mode & VERIFIED ? &verification : NULL,
                               .from_domain = "news.example.com"};
    char summary[600];

    report_options(report, output, 0, NULL);
    fill(&verification, found);
    authres_collect(&a.reported, header, ids, mode & ASSUMED ? 0 : 1, NULL);
    judge_authentication(report, "", &a, policy, true);
    judge_auth_summary(&a, summary, sizeof summary);
    report_summary(report, "%s", summary);
    assert_true(report_render(report, text));
    enum state state = report_state(report);
    report_free(&report);
    return state;
}

static const struct row {
    const char *name;
    struct slice header;
    unsigned mode;
    struct found found;
    struct authentication_policy policy;
    enum state state;
    const char *says, *silent; /* in the whole output; NULL: anything */
} rows[] = {
    /* what counts: the trusted report, else our own */
    {"both pass",
     SLICE(ALL_PASS),
     REPORTED | VERIFIED,
     FOUND_PASS,
     {.require = {.dmarc = true}},
     STATE_OK,
     "spf=pass dkim=pass dmarc=pass by mx.example.net (trusted) and verified",
     "stands on"},
    {"report alone",
     SLICE(ALL_PASS),
     REPORTED,
     {.spf = VERDICT_NONE},
     {.require = {true, true, true, false, true, true}},
     STATE_OK,
     "dmarc=pass by mx.example.net (trusted)",
     "verified"},
    {"verification alone",
     SLICE(NOTHING),
     REPORTED | VERIFIED,
     FOUND_PASS,
     {.require = {true, true, true, false, true, true}},
     STATE_OK,
     "verified spf=pass dkim=pass dmarc=pass",
     NULL},
    {"neither",
     SLICE(NOTHING),
     REPORTED,
     {.spf = VERDICT_NONE},
     {.require = {.dmarc = true}},
     STATE_CRITICAL,
     "no trusted Authentication-Results header says anything of dmarc",
     NULL},
    {"only assumed",
     SLICE(ALL_PASS),
     ASSUMED,
     {.spf = VERDICT_NONE},
     {.require = {.dmarc = true}},
     STATE_CRITICAL,
     "name the receiver's id with --authserv-id",
     NULL},
    {"only assumed, and verified",
     SLICE(ALL_PASS),
     ASSUMED | VERIFIED,
     FOUND_PASS,
     {.require = {.dmarc = true}},
     STATE_OK,
     "by mx.example.net (assumed) and verified",
     NULL},
    {"nothing is required",
     SLICE(NOTHING),
     REPORTED,
     {.spf = VERDICT_NONE},
     {.require = {.dmarc = false}},
     STATE_OK,
     NULL,
     NULL},
    {"the receiver found a fail",
     SLICE(ALL_FAIL),
     REPORTED,
     {.spf = VERDICT_NONE},
     {.require = {.dmarc = true}},
     STATE_CRITICAL,
     "the receiver found dmarc=fail for news.example.com (p=reject dis=reject)",
     NULL},
    {"the receiver found a fail, and so do we",
     SLICE(ALL_FAIL),
     REPORTED | VERIFIED,
     {.spf = VERDICT_SOFTFAIL, .dkim = VERDICT_NONE, .dmarc = VERDICT_FAIL},
     {.require = {.dmarc = true}},
     STATE_CRITICAL,
     "own verification: fail, that is why",
     "disagreement"},
    {"forged, below the border",
     SLICE(ALL_FAIL FORGED),
     REPORTED | VERIFIED,
     {.spf = VERDICT_FAIL, .dkim = VERDICT_NONE, .dmarc = VERDICT_FAIL},
     {.require = {.dmarc = true}},
     STATE_CRITICAL,
     "untrusted Authentication-Results by mx.example.net: dmarc=pass",
     "disagreement"},
    {"our own fail",
     SLICE(NOTHING),
     REPORTED | VERIFIED,
     {.spf = VERDICT_FAIL, .dkim = VERDICT_NONE, .dmarc = VERDICT_FAIL},
     {.require = {.dkim = true}},
     STATE_CRITICAL,
     "dkim=none by own verification: the message bears no DKIM signature",
     NULL},
    {"no ARC",
     SLICE(ALL_PASS),
     REPORTED | VERIFIED,
     FOUND_PASS,
     {.require = {.arc = true}},
     STATE_CRITICAL,
     "says anything of arc, and it was not verified",
     NULL},
    {"SPF could not be verified",
     SLICE(NOTHING),
     REPORTED | VERIFIED,
     {.dkim = VERDICT_PASS, .dmarc = VERDICT_PASS, .no_spf = "nobody knows"},
     {.require = {.spf = true}},
     STATE_CRITICAL,
     "it could not be verified: nobody knows",
     NULL},
    /* DNS: UNKNOWN where the verdict rests on it, and only there */
    {"no answer, and it counts",
     SLICE(NOTHING),
     REPORTED | VERIFIED,
     {.spf = VERDICT_TEMPERROR, .dkim = VERDICT_TEMPERROR, .dmarc = VERDICT_TEMPERROR},
     {.require = {.dmarc = true}},
     STATE_UNKNOWN,
     "dmarc cannot be told: that is why",
     NULL},
    {"no answer, but a report",
     SLICE(ALL_PASS),
     REPORTED | VERIFIED,
     {.spf = VERDICT_TEMPERROR, .dkim = VERDICT_TEMPERROR, .dmarc = VERDICT_TEMPERROR},
     {.require = {.dmarc = true}},
     STATE_OK,
     "verified spf=temperror",
     "disagreement"},
    {"no answer for what is not required",
     SLICE(NOTHING),
     REPORTED | VERIFIED,
     {.spf = VERDICT_TEMPERROR,
      .dkim = VERDICT_PASS,
      .dmarc = VERDICT_PASS,
      .dkim_alignment = ALIGNMENT_RELAXED},
     {.require = {.dmarc = true}},
     STATE_OK,
     NULL,
     "spf_lookups"},
    /* one leg */
    {"SPF alone",
     SLICE(SPF_ONLY),
     REPORTED | VERIFIED,
     {.spf = VERDICT_PASS,
      .dkim = VERDICT_FAIL,
      .dmarc = VERDICT_PASS,
      .spf_alignment = ALIGNMENT_RELAXED,
      .dkim_alignment = ALIGNMENT_RELAXED},
     {.require = {.dmarc = true}},
     STATE_OK,
     "DMARC stands on SPF alone (DKIM: the signature does not hold): what is forwarded will fail it",
     NULL},
    {"SPF alone, as reported",
     SLICE(SPF_ONLY),
     REPORTED,
     {.spf = VERDICT_NONE},
     {.require = {.dmarc = true}},
     STATE_OK,
     "DMARC stands on SPF alone (DKIM: bad signature)",
     NULL},
    {"DKIM alone: SPF does not align",
     SLICE(NOTHING),
     REPORTED | VERIFIED,
     {.spf = VERDICT_PASS, .dkim = VERDICT_PASS, .dmarc = VERDICT_PASS, .dkim_alignment = ALIGNMENT_RELAXED},
     {.require = {.dmarc = true}},
     STATE_OK,
     "DMARC stands on DKIM alone (SPF passed for b.example.com, which does not align): what is changed on "
     "the way",
     NULL},
    {"and that is required",
     SLICE(NOTHING),
     REPORTED | VERIFIED,
     {.spf = VERDICT_PASS, .dkim = VERDICT_PASS, .dmarc = VERDICT_PASS, .dkim_alignment = ALIGNMENT_RELAXED},
     {.require = {.spf_aligned = true}},
     STATE_CRITICAL,
     "SPF passed for b.example.com, which does not align with From: news.example.com",
     NULL},
    {"aligned is required, and nothing passed",
     SLICE(ALL_FAIL),
     REPORTED,
     {.spf = VERDICT_NONE},
     {.require = {.spf_aligned = true}},
     STATE_CRITICAL,
     "SPF did not pass, so that it cannot align",
     NULL},
    /* --alignment */
    {"relaxed is enough",
     SLICE(ALL_PASS),
     REPORTED | VERIFIED,
     FOUND_PASS,
     {.alignment = ALIGNMENT_RELAXED},
     STATE_OK,
     NULL,
     NULL},
    {"strict is expected",
     SLICE(ALL_PASS),
     REPORTED | VERIFIED,
     FOUND_PASS,
     {.alignment = ALIGNMENT_STRICT},
     STATE_WARNING,
     "relaxed, strict was expected",
     NULL},
    {"nothing aligns",
     SLICE(ALL_FAIL),
     REPORTED,
     {.spf = VERDICT_NONE},
     {.alignment = ALIGNMENT_RELAXED},
     STATE_CRITICAL,
     "nothing that passed aligns",
     NULL},
    /* --expect-policy */
    {"policy as expected",
     SLICE(ALL_PASS),
     REPORTED | VERIFIED,
     FOUND_PASS,
     {.policy_given = true, .policy = POLICY_REJECT},
     STATE_OK,
     NULL,
     NULL},
    {"another policy",
     SLICE(ALL_PASS),
     REPORTED | VERIFIED,
     FOUND_PASS,
     {.policy_given = true, .policy = POLICY_QUARANTINE},
     STATE_CRITICAL,
     "the DMARC record of example.com asks for reject, expected was quarantine",
     NULL},
    {"another policy, as reported",
     SLICE(ALL_PASS),
     REPORTED,
     {.spf = VERDICT_NONE},
     {.policy_given = true, .policy = POLICY_NONE},
     STATE_CRITICAL,
     "the receiver found the DMARC policy reject, expected was none",
     NULL},
    {"policy as expected, as reported",
     SLICE(ALL_PASS),
     REPORTED,
     {.spf = VERDICT_NONE},
     {.policy_given = true, .policy = POLICY_REJECT},
     STATE_OK,
     NULL,
     NULL},
    {"no policy is known",
     SLICE(NOTHING),
     REPORTED,
     {.spf = VERDICT_NONE},
     {.policy_given = true},
     STATE_CRITICAL,
     "no DMARC policy is known",
     NULL},
    /* --expect-selector */
    {"selector", SLICE(NOTHING), VERIFIED, FOUND_PASS, {.selector = "S1"}, STATE_OK, NULL, NULL},
    {"selector, as reported",
     SLICE(ALL_PASS),
     REPORTED,
     {.spf = VERDICT_NONE},
     {.selector = "s1"},
     STATE_OK,
     NULL,
     NULL},
    {"another selector",
     SLICE(NOTHING),
     VERIFIED,
     FOUND_PASS,
     {.selector = "s2"},
     STATE_CRITICAL,
     "signed with selector s1, expected was s2",
     NULL},
    {"no signature passed",
     SLICE(NOTHING),
     VERIFIED,
     {.dkim = VERDICT_FAIL},
     {.selector = "s1"},
     STATE_CRITICAL,
     "no DKIM signature passed, expected was selector s1",
     NULL},
    {"selector not told",
     SLICE(NOTHING),
     VERIFIED,
     {.dkim = VERDICT_TEMPERROR},
     {.selector = "s1"},
     STATE_UNKNOWN,
     "cannot be told",
     NULL},
    /* disagreement */
    {"body changed since",
     SLICE(ALL_PASS),
     REPORTED | VERIFIED,
     {.spf = VERDICT_PASS, .dkim = VERDICT_FAIL, .dmarc = VERDICT_FAIL, .body_failed = true},
     {.require = {.dmarc = true}, .disagreement = STATE_WARNING},
     STATE_OK,
     "the body was changed after the receiver checked it",
     "disagreement"},
    {"header changed since",
     SLICE(ALL_PASS),
     REPORTED | VERIFIED,
     {.spf = VERDICT_PASS, .dkim = VERDICT_FAIL, .dmarc = VERDICT_PASS, .spf_alignment = ALIGNMENT_RELAXED},
     {.disagreement = STATE_WARNING},
     STATE_OK,
     "or the key was replaced",
     "disagreement"},
    {"signature gone",
     SLICE(ALL_PASS),
     REPORTED | VERIFIED,
     {.spf = VERDICT_PASS, .dkim = VERDICT_NONE, .dmarc = VERDICT_PASS, .spf_alignment = ALIGNMENT_RELAXED},
     {.disagreement = STATE_WARNING},
     STATE_OK,
     "there is no such signature now",
     "disagreement"},
    {"expired since",
     SLICE(ALL_PASS),
     REPORTED | VERIFIED,
     {.spf = VERDICT_PASS, .dkim = VERDICT_FAIL, .dmarc = VERDICT_PASS, .expired = true},
     {.disagreement = STATE_WARNING},
     STATE_OK,
     "has expired since",
     "disagreement"},
    {"key rotated away",
     SLICE(ALL_PASS),
     REPORTED | VERIFIED,
     {.spf = VERDICT_PASS, .dkim = VERDICT_PERMERROR, .dmarc = VERDICT_PASS, .key_missing = true},
     {.disagreement = STATE_WARNING},
     STATE_WARNING,
     "s1._domainkey.example.com was rotated away since",
     NULL},
    {"key rotated away, and that is fine",
     SLICE(ALL_PASS),
     REPORTED | VERIFIED,
     {.spf = VERDICT_PASS, .dkim = VERDICT_PERMERROR, .dmarc = VERDICT_PASS, .key_missing = true},
     {.disagreement = STATE_OK},
     STATE_OK,
     "was rotated away since",
     NULL},
    {"key revoked",
     SLICE(ALL_PASS),
     REPORTED | VERIFIED,
     {.spf = VERDICT_PASS, .dkim = VERDICT_PERMERROR, .dmarc = VERDICT_PASS, .key_revoked = true},
     {.disagreement = STATE_CRITICAL},
     STATE_CRITICAL,
     "its key s1 was revoked since",
     NULL},
    {"short key accepted there",
     SLICE(ALL_PASS),
     REPORTED | VERIFIED,
     {.spf = VERDICT_PASS, .dkim = VERDICT_POLICY, .dmarc = VERDICT_PASS},
     {.disagreement = STATE_WARNING},
     STATE_WARNING,
     "here it is policy: the signature does not hold",
     NULL},
    {"holds here",
     SLICE(SPF_ONLY),
     REPORTED | VERIFIED,
     FOUND_PASS,
     {.disagreement = STATE_WARNING},
     STATE_WARNING,
     "dkim=fail was reported (bad signature); here the signature of example.com holds",
     NULL},
    {"SPF differs",
     SLICE(ALL_PASS),
     REPORTED | VERIFIED,
     {.spf = VERDICT_FAIL, .dkim = VERDICT_PASS, .dmarc = VERDICT_PASS, .dkim_alignment = ALIGNMENT_RELAXED},
     {.disagreement = STATE_WARNING},
     STATE_WARNING,
     "spf=pass was reported; here 192.0.2.1 may not send for b.example.com: spf=fail, so it is",
     NULL},
    {"DMARC differs by itself",
     SLICE(ALL_FAIL),
     REPORTED | VERIFIED,
     {.spf = VERDICT_SOFTFAIL, .dkim = VERDICT_NONE, .dmarc = VERDICT_PASS},
     {.disagreement = STATE_WARNING},
     STATE_WARNING,
     "dmarc=fail was reported; here it is pass: that is why",
     NULL},
    {"DMARC without SPF's identities",
     SLICE(ALL_PASS),
     REPORTED | VERIFIED,
     {.dkim = VERDICT_PASS, .dmarc = VERDICT_FAIL, .no_spf = "nobody knows"},
     {.disagreement = STATE_WARNING},
     STATE_OK,
     "here SPF could not be verified",
     "disagreement"},
    {"softfail and fail are both no pass",
     SLICE(ALL_FAIL),
     REPORTED | VERIFIED,
     {.spf = VERDICT_FAIL, .dkim = VERDICT_NONE, .dmarc = VERDICT_FAIL},
     {.disagreement = STATE_WARNING},
     STATE_OK,
     NULL,
     "disagreement"},
    {"what is only assumed makes no fault",
     SLICE(ALL_PASS),
     ASSUMED | VERIFIED,
     {.spf = VERDICT_FAIL, .dkim = VERDICT_PASS, .dmarc = VERDICT_PASS},
     {.disagreement = STATE_CRITICAL},
     STATE_OK,
     "note: spf=pass was reported",
     "disagreement"},
};

static void test_judgement(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];
        struct buffer text = BUFFER_INIT(64 * 1024), json = BUFFER_INIT(64 * 1024);
        enum state got = run(row->header, row->mode, &row->found, &row->policy, &text, OUTPUT_NAGIOS);
        if (got != row->state)
            fail_msg("row \"%s\": %s\n%s", row->name, state_name(got), buffer_text(&text));
        CHECK_ROW_TEXT(
            row->name,
            first_line_broken(buffer_slice(&text)) != NULL ? first_line_broken(buffer_slice(&text)) : "", "");
        if (row->says != NULL && strstr(buffer_text(&text), row->says) == NULL)
            fail_msg("row \"%s\" does not say \"%s\":\n%s", row->name, row->says, buffer_text(&text));
        if (row->silent != NULL && strstr(buffer_text(&text), row->silent) != NULL)
            fail_msg("row \"%s\" says \"%s\":\n%s", row->name, row->silent, buffer_text(&text));
        CHECK_ROW(row->name,
                  run(row->header, row->mode, &row->found, &row->policy, &json, OUTPUT_JSON) == got);
        CHECK_ROW(row->name, strstr(buffer_text(&json), "null") == NULL);
        buffer_clear(&text);
        buffer_clear(&json);
    }
}

/* The members that the contract names. */
static void test_json(void **state)
{
    static const struct row row = {.header = SLICE(ALL_PASS), FOUND_PASS};
    struct buffer text = BUFFER_INIT(64 * 1024);
    json_error_t error;
    (void)state;

    run(row.header, REPORTED | VERIFIED, &row.found, &row.policy, &text, OUTPUT_JSON);
    json_t *all = json_loads(buffer_text(&text), 0, &error);
    json_t *a = json_object_get(all, "authentication"), *verified = json_object_get(a, "verified");
    json_t *reported = json_array_get(json_object_get(a, "reported"), 0);
    json_t *spf = json_object_get(verified, "spf"), *dmarc = json_object_get(verified, "dmarc");
    json_t *dkim = json_array_get(json_object_get(verified, "dkim"), 0);
    assert_string_equal(json_string_value(json_object_get(a, "from_domain")), "news.example.com");
    assert_string_equal(json_string_value(json_object_get(a, "org_domain")), "example.com");
    assert_string_equal(json_string_value(json_object_get(reported, "authserv_id")), "mx.example.net");
    assert_string_equal(json_string_value(json_object_get(reported, "trust")), "trusted");
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(json_object_get(reported, "dkim"), 0), "selector")),
        "s1");
    assert_string_equal(json_string_value(json_object_get(json_object_get(reported, "dmarc"), "policy")),
                        "reject");
    assert_string_equal(json_string_value(json_object_get(spf, "result")), "pass");
    assert_string_equal(json_string_value(json_object_get(spf, "identity")), "mailfrom");
    assert_true(json_is_true(json_object_get(spf, "aligned")));
    assert_int_equal(json_integer_value(json_object_get(spf, "lookups")), 3);
    assert_int_equal(json_integer_value(json_object_get(dkim, "bits")), 2048);
    assert_true(json_is_true(json_object_get(dkim, "aligned")));
    assert_string_equal(json_string_value(json_object_get(dmarc, "disposition")), "none");
    assert_string_equal(json_string_value(json_object_get(dmarc, "record_domain")), "example.com");
    json_decref(all);
    buffer_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_judgement), cmocka_unit_test(test_json)};
    return cmocka_run_group_tests_name("authentication", tests, NULL, NULL);
}
