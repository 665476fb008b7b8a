/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/arc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/auth/signature_check.h"
#include "common/base/text.h"
#include "common/mail/token.h"

/* One hop's three fields: the first of each, and how many there are. */
struct set {
    unsigned results_count, message_count, seal_count;
    struct header_field results_field, message_field, seal_field;
    struct signature message, seal;
};

struct arc {
    bool any;                             /* an ARC field, good or not */
    bool unnumbered;                      /* one of them has no instance */
    unsigned instances;                   /* N: the highest */
    struct set set[ARC_INSTANCE_MAX + 1]; /* by instance, from 1 */
    struct field_index *fields;
    struct bodyhash *bodies;
};

/* instance = [CFWS] %s"i" [CFWS] "=" [CFWS] position [CFWS] ";" (RFC 8617 section 4.1.1). 0 where it is none.
 */
static unsigned results_instance(struct slice value)
{
    unsigned long long n = 0;
    size_t digits = 0;

    token_skip_blanks(&value);
    if (!slice_starts(value, SLICE("i")))
        return 0;
    value = slice_skip(value, 1);
    token_skip_blanks(&value);
    if (!slice_starts(value, SLICE("=")))
        return 0;
    value = slice_skip(value, 1);
    token_skip_blanks(&value);
    while (digits < value.len && ascii_is_digit(value.data[digits]))
        digits++;
    bool ok = slice_number(slice_head(value, digits), ARC_INSTANCE_MAX, &n);
    value = slice_skip(value, digits);
    token_skip_blanks(&value);
    return ok && slice_starts(value, SLICE(";")) ? (unsigned)n : 0;
}

static void take_results(struct set *set, const struct header_field *field)
{
    if (set->results_count++ == 0)
        set->results_field = *field;
}

static void take_message(struct set *set, const struct header_field *field, const struct signature *signature)
{
    if (set->message_count++ > 0)
        return;
    set->message_field = *field;
    set->message = *signature;
}

static void take_seal(struct set *set, const struct header_field *field, const struct signature *signature)
{
    if (set->seal_count++ > 0)
        return;
    set->seal_field = *field;
    set->seal = *signature;
}

static void take_field(struct arc *a, const struct header_field *field, size_t position)
{
    bool is_message = slice_eq_nocase(field->name, SLICE("ARC-Message-Signature"));
    bool is_seal = slice_eq_nocase(field->name, SLICE("ARC-Seal"));
    bool is_results = slice_eq_nocase(field->name, SLICE("ARC-Authentication-Results"));
    struct signature signature = {.instance = 0};

    if (!is_message && !is_seal && !is_results)
        return;
    a->any = true;
    if (is_results)
        signature.instance = results_instance(field->value);
    else
        signature_read(&signature, is_message ? SIGNATURE_ARC_MESSAGE : SIGNATURE_ARC_SEAL, field, position);
    struct set *set = &a->set[signature.instance];
    if (signature.instance == 0)
        a->unnumbered = true;
    else if (is_results)
        take_results(set, field);
    else if (is_message)
        take_message(set, field, &signature);
    else
        take_seal(set, field, &signature);
    if (signature.instance > a->instances)
        a->instances = signature.instance;
}

static bool prepare(struct arc *a, struct slice header)
{
    bool ok = true;

    if (a->any)
        a->fields = field_index_new(header);
    for (unsigned i = 1; i <= a->instances; i++)
        if (a->set[i].message_count > 0)
            ok = ok && bodyhash_want(&a->bodies, a->set[i].message.body_canon, a->set[i].message.body_length);
    return ok && (!a->any || a->fields != NULL);
}

struct arc *arc_new(struct slice header)
{
    struct arc *a = calloc(1, sizeof *a);
    struct slice rest = header;
    struct header_field field;

    if (a == NULL)
        return NULL;
    for (size_t position = 0; header_next(&rest, &field); position++)
        take_field(a, &field, position);
    if (!prepare(a, header))
        arc_free(&a);
    return a;
}

void arc_free(struct arc **a)
{
    if (*a == NULL)
        return;
    field_index_free(&(*a)->fields);
    bodyhash_free(&(*a)->bodies);
    free(*a);
    *a = NULL;
}

void arc_prefetch(const struct arc *a, const struct lookup *lookup)
{
    for (unsigned i = a->instances; i > 0; i--) {
        if (a->set[i].message_count > 0)
            signature_prefetch(&a->set[i].message, lookup);
        if (a->set[i].seal_count > 0)
            signature_prefetch(&a->set[i].seal, lookup);
    }
}

void arc_body(struct arc *a, struct slice piece)
{
    bodyhash_feed(a->bodies, piece);
}

static bool conclude(struct arc_result *r, enum verdict verdict, unsigned instance, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Always false. */
static bool conclude(struct arc_result *r, enum verdict verdict, unsigned instance, const char *format, ...)
{
    char text[2 * sizeof r->reason];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    r->verdict = verdict;
    r->failed_instance = instance;
    text_clean(r->reason, sizeof r->reason, slice_from(text));
    return false;
}

static bool exactly_one(struct arc_result *r, unsigned instance, unsigned count, const char *name)
{
    if (count == 1)
        return true;
    return conclude(r, VERDICT_FAIL, instance, "instance %u has %s %s", instance,
                    count == 0 ? "no" : "more than one", name);
}

static bool set_is_whole(const struct set *set, struct arc_result *r, unsigned instance)
{
    struct slice wanted = instance == 1 ? SLICE("none") : SLICE("pass");

    if (!exactly_one(r, instance, set->seal_count, "ARC-Seal") ||
        !exactly_one(r, instance, set->message_count, "ARC-Message-Signature") ||
        !exactly_one(r, instance, set->results_count, "ARC-Authentication-Results"))
        return false;
    if (slice_eq_nocase(set->seal.chain_state, SLICE("fail")))
        return conclude(r, VERDICT_FAIL, instance,
                        "the chain had failed already when it came to %s (cv=fail, instance %u)",
                        set->seal.domain, instance);
    if (!slice_eq_nocase(set->seal.chain_state, wanted))
        return conclude(r, VERDICT_FAIL, instance, "the seal of instance %u says cv=%.*s, not cv=%.*s",
                        instance, SLICE_ARG(set->seal.chain_state), SLICE_ARG(wanted));
    return true;
}

/* RFC 8617 section 5.2, steps 1 to 3. The newest set comes first: its cv=fail explains most. */
static bool structure_holds(const struct arc *a, struct arc_result *r)
{
    if (a->unnumbered)
        return conclude(r, VERDICT_FAIL, 0, "an ARC field has no instance from 1 to %d", ARC_INSTANCE_MAX);
    for (unsigned i = a->instances; i > 0; i--)
        if (!set_is_whole(&a->set[i], r, i))
            return false;
    return true;
}

static bool part_holds(struct arc_result *r, const struct dkim_result *part, unsigned instance,
                       const char *name)
{
    if (part->verdict == VERDICT_PASS)
        return true;
    return conclude(r, part->verdict == VERDICT_TEMPERROR ? VERDICT_TEMPERROR : VERDICT_FAIL, instance,
                    "%s %u%s%s: %s", name, instance, part->domain[0] == '\0' ? "" : " by ", part->domain,
                    part->reason);
}

static void check_message(const struct arc *a, unsigned instance, const struct lookup *lookup, time_t now,
                          struct dkim_result *part)
{
    const struct signature *s = &a->set[instance].message;
    unsigned char hash[SHA256_SIZE];
    bool ok = signature_header_hash(s, a->fields, hash);

    signature_check(part, s, ok ? hash : NULL, a->bodies, lookup, now);
}

/* Steps 4 and 5: the newest message signature must hold; the others tell where the message was last changed.
 */
static bool messages_hold(const struct arc *a, const struct lookup *lookup, time_t now, struct arc_result *r)
{
    struct dkim_result part;
    unsigned i = a->instances;

    check_message(a, i, lookup, now, &part);
    if (!part_holds(r, &part, i, "message signature"))
        return false;
    while (i > 1 && part.verdict == VERDICT_PASS)
        check_message(a, --i, lookup, now, &part);
    r->oldest_pass = part.verdict == VERDICT_PASS ? 0 : i + 1;
    return true;
}

/* Step 6. Each seal covers all sets up to its own, in this order (section 5.1.1). */
static bool seals_hold(const struct arc *a, const struct lookup *lookup, time_t now, struct arc_result *r)
{
    struct header_field covered[3 * ARC_INSTANCE_MAX];
    struct dkim_result part;

    for (unsigned i = 1; i <= a->instances; i++) {
        covered[3 * i - 3] = a->set[i].results_field;
        covered[3 * i - 2] = a->set[i].message_field;
        covered[3 * i - 1] = a->set[i].seal_field;
    }
    for (unsigned i = a->instances; i > 0; i--) {
        unsigned char hash[SHA256_SIZE];
        bool ok = signature_seal_hash(&a->set[i].seal, covered, 3 * i - 1, hash);
        signature_check(&part, &a->set[i].seal, ok ? hash : NULL, NULL, lookup, now);
        if (!part_holds(r, &part, i, "seal"))
            return false;
    }
    return true;
}

void arc_finish(struct arc *a, const struct lookup *lookup, time_t now, struct arc_result *result)
{
    *result = (struct arc_result){.verdict = VERDICT_NONE, .instances = a->instances};
    bodyhash_end(a->bodies);
    if (!a->any)
        return;
    slice_copy(result->domain, sizeof result->domain, slice_from(a->set[a->instances].seal.domain));
    if (structure_holds(a, result) && messages_hold(a, lookup, now, result) &&
        seals_hold(a, lookup, now, result))
        result->verdict = VERDICT_PASS;
}
