/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/cli/authentication_options.h"

#include <stdio.h>

#include "common/auth/taglist.h"
#include "common/cli/values.h"

struct word {
    struct slice name;
    bool *flag;
};

/* "spf,dkim", or "none"; words: count of them. takes: for the error text. */
static bool read_words(const char *option, const char *text, const struct word *words, size_t count,
                       const char *takes, struct err *err)
{
    struct slice rest = slice_from(text), name;
    bool none = slice_eq_nocase(slice_trim(rest), SLICE("none"));

    for (size_t i = 0; i < count; i++)
        *words[i].flag = false;
    while (!none && taglist_next(&rest, ',', &name)) {
        size_t i = 0;
        while (i < count && !slice_eq_nocase(name, words[i].name))
            i++;
        if (i == count)
            return err_set(err, FAULT_USAGE, STAGE_NONE,
                           "--%s=%.100s: takes none, or words out of %s with commas between", option, text,
                           takes);
        *words[i].flag = true;
    }
    return true;
}

static bool read_require(struct requirement *require, const char *text, struct err *err)
{
    const struct word words[] = {
        {SLICE("spf"), &require->spf},
        {SLICE("dkim"), &require->dkim},
        {SLICE("dmarc"), &require->dmarc},
        {SLICE("arc"), &require->arc},
        {SLICE("spf-aligned"), &require->spf_aligned},
        {SLICE("dkim-aligned"), &require->dkim_aligned},
    };
    return text == NULL || read_words("require", text, words, sizeof words / sizeof *words,
                                      "spf, dkim, dmarc, arc, spf-aligned, dkim-aligned", err);
}

static bool read_verify(struct verify *verify, const char *text, bool given, struct err *err)
{
    const struct word words[] = {{SLICE("spf"), &verify->spf},
                                 {SLICE("dkim"), &verify->dkim},
                                 {SLICE("arc"), &verify->arc},
                                 {SLICE("dmarc"), &verify->dmarc}};

    if (given && text == NULL)
        *verify = (struct verify){true, true, true, true};
    else if (given &&
             !read_words("verify", text, words, sizeof words / sizeof *words, "spf, dkim, arc, dmarc", err))
        return false;
    if (verify->dmarc)
        verify->spf = verify->dkim = true;
    return true;
}

static bool read_now(time_t *now, const char *text, struct err *err)
{
    unsigned long long seconds;

    if (text == NULL)
        return true;
    if (!slice_number(slice_from(text), 253402300799ULL, &seconds) || seconds == 0)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "--now=%.100s: takes seconds since 1970", text);
    *now = (time_t)seconds;
    return true;
}

bool authentication_options_read(struct authentication_options *o, const struct authentication_args *args,
                                 struct err *err)
{
    static const char *const modes[] = {"relaxed", "strict", NULL};
    static const char *const policies[] = {"none", "quarantine", "reject", NULL};
    int mode = -1, policy = 0;

    if (!read_require(&o->policy.require, args->require, err) ||
        !read_verify(&o->verification.verify, args->verify, args->verify_given, err) ||
        !value_word("alignment", args->alignment, modes, &mode, err) ||
        !value_word("expect-policy", args->expect_policy, policies, &policy, err) ||
        !value_state("disagreement", args->disagreement, &o->policy.disagreement, err) ||
        !read_now(&o->verification.now, args->now, err))
        return false;
    o->policy.alignment = mode < 0 ? ALIGNMENT_NONE : mode == 0 ? ALIGNMENT_RELAXED : ALIGNMENT_STRICT;
    o->policy.policy_given = args->expect_policy != NULL;
    o->policy.policy = (enum dmarc_policy)policy;
    o->policy.selector = args->expect_selector;
    o->verification.border = args->border;
    o->authserv_ids = (const char *const *)args->authserv_id;
    o->authserv_id_count = args->authserv_id_count;
    return true;
}

bool authentication_verifies(const struct authentication_options *o)
{
    const struct verify *verify = &o->verification.verify;

    return verify->spf || verify->dkim || verify->arc || verify->dmarc;
}

void authentication_collect(struct authentication *a, const struct authentication_options *o,
                            struct slice header, const struct verification *verified)
{
    char why[256];

    authres_collect(&a->reported, header, o->authserv_ids, o->authserv_id_count, o->verification.border);
    a->verified = verified;
    dmarc_author(header, a->from_domain, why, sizeof why);
}
