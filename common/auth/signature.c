/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/signature.h"

#include <stdio.h>
#include <string.h>

#include "common/auth/taglist.h"

enum { NAME_LEN_MAX = 253 };

/* Readers go on after a problem, so that there is something to show; the first is the one to tell. */
static void object(struct signature *s, const char *problem)
{
    if (s->problem[0] == '\0')
        slice_copy(s->problem, sizeof s->problem, slice_from(problem));
}

static void require_tags(struct signature *s, const struct taglist *tags)
{
    static const char *const required[] = {
        [SIGNATURE_DKIM] = "v a b bh d h s",
        [SIGNATURE_ARC_MESSAGE] = "a b bh d h i s",
        [SIGNATURE_ARC_SEAL] = "a b cv d i s",
    };
    struct slice rest = slice_from(required[s->kind]), name;

    while (slice_next_word(&rest, &name)) {
        char text[4], problem[sizeof s->problem];
        slice_copy(text, sizeof text, name);
        snprintf(problem, sizeof problem, "the signature has no %s= tag", text);
        if (taglist_find(tags, text) == NULL)
            object(s, problem);
    }
}

static void read_names(struct signature *s, const struct taglist *tags)
{
    if (!domain_to_ascii(s->domain, taglist_value(tags, "d", SLICE_EMPTY)))
        object(s, "d= is no domain name");
    if (!domain_to_ascii(s->selector, taglist_value(tags, "s", SLICE_EMPTY)))
        object(s, "s= is no selector");
}

static void read_algorithm(struct signature *s, const struct taglist *tags)
{
    static const struct {
        struct slice name;
        enum signature_algorithm algorithm;
    } known[] = {
        {SLICE("rsa-sha256"), ALGORITHM_RSA_SHA256},
        {SLICE("ed25519-sha256"), ALGORITHM_ED25519_SHA256},
        {SLICE("rsa-sha1"), ALGORITHM_RSA_SHA1},
    };

    s->algorithm_text = taglist_value(tags, "a", SLICE_EMPTY);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (slice_eq_nocase(s->algorithm_text, known[i].name))
            s->algorithm = known[i].algorithm;
    if (s->algorithm == ALGORITHM_UNKNOWN)
        object(s, "the algorithm of a= is unknown");
}

static void read_signature(struct signature *s, const struct taglist *tags, struct slice raw)
{
    const struct tag *b = taglist_find(tags, "b");

    if (b == NULL)
        return;
    s->signature = b->value;
    s->before_b = slice_head(raw, (size_t)(b->whole.data - raw.data));
    s->after_b = slice_skip(raw, s->before_b.len + b->whole.len);
    if (b->value.len == 0)
        object(s, "b= is empty");
}

static bool canon_named(struct slice name, enum canon *canon)
{
    *canon = slice_eq_nocase(name, SLICE("relaxed")) ? CANON_RELAXED : CANON_SIMPLE;
    return *canon == CANON_RELAXED || slice_eq_nocase(name, SLICE("simple"));
}

static void read_canon(struct signature *s, const struct taglist *tags)
{
    /* RFC 8617 changes nothing in DKIM's default, but the signers and the public suite of ARC have relaxed/relaxed */
    s->canon_text = taglist_value(
        tags, "c", s->kind == SIGNATURE_DKIM ? SLICE("simple/simple") : SLICE("relaxed/relaxed"));
    size_t slash = slice_find_char(s->canon_text, '/');
    struct slice body = slash < s->canon_text.len ? slice_skip(s->canon_text, slash + 1) : SLICE("simple");

    if (!canon_named(slice_head(s->canon_text, slash), &s->header_canon) ||
        !canon_named(body, &s->body_canon))
        object(s, "the canonicalization of c= is unknown");
}

/* bh= of another size than the hash's is well-formed; it equals no hash, as the zeros that stand here then.
 */
static void read_body_hash(struct signature *s, const struct taglist *tags)
{
    struct buffer hash = BUFFER_INIT(1024);

    if (!taglist_base64(taglist_value(tags, "bh", SLICE_EMPTY), &hash))
        object(s, "bh= is no base64");
    else if (hash.len == sizeof s->body_hash)
        memcpy(s->body_hash, hash.data, sizeof s->body_hash);
    buffer_clear(&hash);
}

static void read_headers(struct signature *s, const struct taglist *tags)
{
    s->headers = taglist_value(tags, "h", SLICE_EMPTY);
    if (s->kind == SIGNATURE_DKIM && !taglist_has(s->headers, ':', SLICE("from")))
        object(s, "h= does not name From");
    /* RFC 8617 section 4.1.2 */
    if (s->kind == SIGNATURE_ARC_MESSAGE && taglist_has(s->headers, ':', SLICE("arc-seal")))
        object(s, "h= names ARC-Seal");
}

/* 1*12DIGIT. False, with the problem told, where it is none; absent is fine. */
static bool read_seconds(struct signature *s, const struct taglist *tags, const char *name,
                         unsigned long long *value)
{
    const struct tag *tag = taglist_find(tags, name);
    char problem[sizeof s->problem];

    if (tag == NULL)
        return false;
    if (slice_number(tag->value, 999999999999ULL, value))
        return true;
    snprintf(problem, sizeof problem, "%s= is no time", name);
    object(s, problem);
    return false;
}

static void read_times(struct signature *s, const struct taglist *tags)
{
    s->has_time = read_seconds(s, tags, "t", &s->time);
    if (s->kind == SIGNATURE_ARC_SEAL)
        return;
    s->has_expiry = read_seconds(s, tags, "x", &s->expiry);
    if (s->has_time && s->has_expiry && s->expiry <= s->time)
        object(s, "the signature expires before it is made (x= is not after t=)");
}

/* 1*76DIGIT: what no body can be as long as is as good as any such number. */
static void read_length(struct signature *s, const struct taglist *tags)
{
    const struct tag *l = taglist_find(tags, "l");

    s->body_length = BODYHASH_WHOLE;
    if (l == NULL)
        return;
    bool digits = l->value.len > 0 && l->value.len <= 76;
    for (size_t i = 0; i < l->value.len; i++)
        digits = digits && ascii_is_digit(l->value.data[i]);
    if (!digits)
        object(s, "l= is no number");
    else if (!slice_number(l->value, BODYHASH_WHOLE - 1, &s->body_length))
        s->body_length = BODYHASH_WHOLE - 1;
}

/* [ local-part ] "@" domain-name, in dkim-quoted-printable, in which white space is nothing (section 2.11) */
static void read_identity(struct signature *s, const struct taglist *tags)
{
    struct buffer bare = BUFFER_INIT(DOMAIN_TEXT_MAX * 4);
    struct slice rest, word;
    bool ok = true;

    memcpy(s->identity_domain, s->domain, sizeof s->domain);
    s->identity = taglist_value(tags, "i", SLICE_EMPTY);
    if (taglist_find(tags, "i") == NULL)
        return;
    const char *at = s->identity.len == 0 ? NULL : memrchr(s->identity.data, '@', s->identity.len);
    rest = at == NULL ? SLICE_EMPTY : slice_skip(s->identity, (size_t)(at - s->identity.data) + 1);
    while (ok && slice_next_word(&rest, &word))
        ok = buffer_append(&bare, word);
    if (!ok || !domain_to_ascii(s->identity_domain, buffer_slice(&bare)))
        object(s, "i= is no identity");
    else if (!domain_is_below(s->identity_domain, s->domain))
        object(s, "the domain of i= is not that of d=, nor below it");
    buffer_clear(&bare);
}

static void read_dkim(struct signature *s, const struct taglist *tags)
{
    if (!slice_eq(taglist_value(tags, "v", SLICE_EMPTY), SLICE("1")))
        object(s, "the version of v= is not 1");
    if (!taglist_has(taglist_value(tags, "q", SLICE("dns/txt")), ':', SLICE("dns/txt")))
        object(s, "the way to get the key (q=) is unknown");
    read_identity(s, tags);
    read_length(s, tags);
}

static void read_arc(struct signature *s, const struct taglist *tags)
{
    unsigned long long instance = 0;

    if (!slice_number(taglist_value(tags, "i", SLICE_EMPTY), ARC_INSTANCE_MAX, &instance) || instance == 0)
        object(s, "i= is no instance from 1 to 50");
    s->instance = (unsigned)instance;
    s->chain_state = taglist_value(tags, "cv", SLICE_EMPTY);
    if (s->kind == SIGNATURE_ARC_MESSAGE)
        read_length(s, tags);
    else if (taglist_find(tags, "h") != NULL)
        object(s, "the seal has an h= tag");
}

void signature_read(struct signature *out, enum signature_kind kind, const struct header_field *field,
                    size_t position)
{
    struct taglist tags;

    *out = (struct signature){.kind = kind, .position = position, .header_canon = CANON_RELAXED};
    if (!taglist_parse(&tags, field->value))
        object(out, tags.problem);
    require_tags(out, &tags);
    read_names(out, &tags);
    read_algorithm(out, &tags);
    read_signature(out, &tags, field->raw);
    read_times(out, &tags);
    if (kind != SIGNATURE_ARC_SEAL) {
        read_canon(out, &tags);
        read_body_hash(out, &tags);
        read_headers(out, &tags);
    }
    if (kind == SIGNATURE_DKIM)
        read_dkim(out, &tags);
    else
        read_arc(out, &tags);
}

bool signature_key_name(const struct signature *s, char out[DOMAIN_TEXT_MAX])
{
    int n = snprintf(out, DOMAIN_TEXT_MAX, "%s._domainkey.%s", s->selector, s->domain);
    return n >= 0 && n <= NAME_LEN_MAX;
}
