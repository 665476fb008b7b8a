/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fragments of real providers' replies, with the reason that a bounce-analysis library assigns them. Skipped
 * where the folder with the corpora is not named by MAILPROOF_CORPORA. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "common/mail/refusal.h"

enum { SKIPPED = 77, COLUMNS = 6 };

/* Which classes say the same as a reason, by what the reason means there. */
static const struct {
    const char *reason;
    const char *classes;
} meanings[] = {
    {"authfailure", "spf_rejected dkim_rejected dmarc_rejected policy_rejected"},
    {"badreputation", "reputation rate_limited greylisted"},
    {"blocked", "reputation policy_rejected ptr_missing"},
    {"contenterror", "content_rejected"},
    {"exceedlimit", "message_too_big"},
    {"expired", "timeout"},
    {"failedstarttls", "tls_refused tls_certificate tls_handshake policy_rejected"},
    {"filtered", "policy_rejected content_rejected recipient_unknown"},
    {"hasmoved", "recipient_unknown"},
    {"hostunknown", "recipient_unknown dns"},
    {"mailboxfull", "mailbox_full"},
    {"mailererror", "server_unavailable"},
    {"mesgtoobig", "message_too_big"},
    {"networkerror", "dns connect server_unavailable"},
    {"norelaying", "relay_denied auth_required"},
    {"notaccept", "server_unavailable policy_rejected recipient_unknown"},
    {"notcompliantrfc", "content_rejected policy_rejected sender_rejected"},
    {"onhold", "policy_rejected server_unavailable"},
    {"policyviolation", "policy_rejected content_rejected sender_rejected"},
    {"rejected", "sender_rejected policy_rejected"},
    {"requireptr", "ptr_missing"},
    {"securityerror",
     "auth_credentials auth_disabled auth_token auth_unavailable auth_required auth_throttled"},
    {"spamdetected", "content_rejected"},
    {"spandetected", "content_rejected"}, /* sic */
    {"speeding", "rate_limited quota_exceeded"},
    {"suspend", "recipient_unknown"},
    {"syntaxerror", "protocol auth_unavailable"},
    {"systemerror", "server_unavailable"},
    {"systemfull", "server_storage"},
    {"toomanyconn", "rate_limited quota_exceeded"},
    {"userunknown", "recipient_unknown"},
    {"virusdetected", "content_rejected"},
};

/* Left over from the extraction: pieces of program text, and reasons that stand where the fragment should. */
static bool is_residue(struct slice fragment)
{
    static const char *const pieces[] = {"errorlabel", "nyaan", "sisimoji", "||"};

    for (size_t i = 0; i < COUNT_OF(pieces); i++)
        if (slice_contains_nocase(fragment, slice_from(pieces[i])))
            return true;
    for (size_t i = 0; i < COUNT_OF(meanings); i++)
        if (slice_eq_nocase(fragment, slice_from(meanings[i].reason)))
            return true;
    return false;
}

static bool says_the_same(struct slice reason, enum fault fault)
{
    struct slice classes = SLICE_EMPTY, word;

    for (size_t i = 0; i < COUNT_OF(meanings); i++)
        if (slice_eq(reason, slice_from(meanings[i].reason)))
            classes = slice_from(meanings[i].classes);
    if (classes.len == 0)
        fail_msg("no meaning for \"%.*s\"", SLICE_ARG(reason));
    while (slice_next_word(&classes, &word))
        if (slice_eq(word, slice_from(fault_class(fault))))
            return true;
    return false;
}

static void split(struct slice line, struct slice columns[COLUMNS])
{
    for (size_t i = 0; i < COLUMNS; i++) {
        size_t n = slice_find_char(line, '\t');
        columns[i] = slice_head(line, n);
        line = slice_skip(line, n + 1);
    }
}

/* provider, reply code, enhanced code, range of its detail, fragment, reason. Codes and details may be
 * missing: what speaks of now and of another try is then a 451, the rest a 550. */
static void make_reply(char *out, size_t size, const struct slice columns[COLUMNS])
{
    struct slice code = columns[1], status = columns[2], range = columns[3], fragment = columns[4];
    bool later = slice_contains_nocase(fragment, SLICE("temporar")) ||
                 slice_contains_nocase(fragment, SLICE("try again"));

    if (code.len == 0)
        code = status.len > 0 ? (status.data[0] == '4' ? SLICE("451") : SLICE("550"))
               : later        ? SLICE("451")
                              : SLICE("550");
    snprintf(out, size, "%.*s %.*s%.*s%s%.*s", SLICE_ARG(code), SLICE_ARG(status),
             SLICE_ARG(slice_head(range, slice_find_char(range, '-'))), status.len > 0 ? " " : "",
             SLICE_ARG(fragment));
}

/* One provider's rows have its own four-digit codes in place of a fragment, and the reason one column to the
 * left. */
static void repair(struct slice columns[COLUMNS], char *fragment, size_t size)
{
    if (!slice_eq(columns[0], SLICE("spectrum")))
        return;
    snprintf(fragment, size, "refused. AUP#%.*s", SLICE_ARG(columns[1]));
    columns[5] = columns[4];
    columns[4] = slice_from(fragment);
    columns[1] = columns[2] = SLICE_EMPTY;
}

static void test_provider_replies(void **state)
{
    char path[4096], reply_text[512], fragment[64], *line = NULL;
    size_t size = 0, right = 0, count = 0, residue = 0;
    struct slice columns[COLUMNS];
    (void)state;

    snprintf(path, sizeof path, "%s/smtp-replies/provider-replies.tsv", getenv("MAILPROOF_CORPORA"));
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_true(getline(&line, &size, f) > 0);
    for (ssize_t n; (n = getline(&line, &size, f)) > 0;) {
        struct reply r;
        split(slice_head(slice_of(line, (size_t)n), slice_find_char(slice_of(line, (size_t)n), '\n')),
              columns);
        repair(columns, fragment, sizeof fragment);
        if (is_residue(columns[4])) {
            print_message("residue: \"%.*s\"\n", SLICE_ARG(columns[4]));
            residue++;
            continue;
        }
        make_reply(reply_text, sizeof reply_text, columns);
        assert_true(reply_parse(&r, slice_from(reply_text)));
        enum fault fault = refusal_classify(&r, STAGE_NONE, NULL);
        count++;
        if (says_the_same(columns[5], fault))
            right++;
        else
            print_message("%.*s, %.*s: \"%s\" is %s\n", SLICE_ARG(columns[0]), SLICE_ARG(columns[5]),
                          reply_text, fault_class(fault));
    }
    free(line);
    fclose(f);
    print_message("%zu of %zu right, %zu lines of residue\n", right, count, residue);
    assert_true(count > 200);
    assert_true(right * 100 >= count * 90);
}

/* The IANA list has 80 codes; those in doubt ("other", "valid") have no class of their own. */
static void test_enumerated_codes(void **state)
{
    char path[4096], *line = NULL;
    size_t size = 0, count = 0;
    (void)state;

    snprintf(path, sizeof path, "%s/smtp-replies/enumerated.tsv", getenv("MAILPROOF_CORPORA"));
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    for (ssize_t n; (n = getline(&line, &size, f)) > 0; count++) {
        char text[256];
        struct reply r;
        struct slice s = slice_trim(slice_of(line, (size_t)n));
        size_t tab = slice_find_char(s, '\t');
        for (int class = 4; class <= 5; class ++) {
            snprintf(text, sizeof text, "%d50 %d.%.*s %.*s", class, class,
                     SLICE_ARG(slice_skip(slice_head(s, tab), 2)), SLICE_ARG(slice_skip(s, tab + 1)));
            assert_true(reply_parse(&r, slice_from(text)));
            CHECK_ROW(text, r.enhanced[0] != '\0');
            CHECK_ROW(text, refusal_classify(&r, STAGE_NONE, NULL) >= FAULT_DNS);
        }
    }
    free(line);
    fclose(f);
    assert_int_equal(count, 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_provider_replies),
        cmocka_unit_test(test_enumerated_codes),
    };
    if (getenv("MAILPROOF_CORPORA") == NULL)
        return SKIPPED;
    return cmocka_run_group_tests_name("refusal corpus", tests, NULL, NULL);
}
