/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/signature_check.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/auth/dkim_key.h"
#include "common/auth/taglist.h"
#include "common/base/text.h"

/* Of several records at one name each is tried (RFC 6376 section 6.1.2), within reason. */
enum { RECORDS_MAX = 16, VERIFICATIONS_MAX = 4, SIGNATURE_BYTES_MAX = 2048 };

struct hasher {
    EVP_MD_CTX *context;
    bool ok;
};

static void hash_bytes(void *context, struct slice bytes)
{
    struct hasher *h = context;
    h->ok = h->ok && EVP_DigestUpdate(h->context, bytes.data, bytes.len) == 1;
}

static struct canon_sink hasher_start(struct hasher *h)
{
    h->context = EVP_MD_CTX_new();
    h->ok = h->context != NULL && EVP_DigestInit_ex(h->context, EVP_sha256(), NULL) == 1;
    return (struct canon_sink){hash_bytes, h};
}

/* The signature's own field comes last: without the value of its b=, and without its line end. */
static bool hasher_finish(struct hasher *h, const struct signature *s, unsigned char hash[SHA256_SIZE])
{
    struct buffer own = BUFFER_INIT(s->before_b.len + s->after_b.len);
    struct header_field field;

    h->ok = h->ok && buffer_append(&own, s->before_b) && buffer_append(&own, s->after_b);
    struct slice rest = buffer_slice(&own);
    if (h->ok && header_next(&rest, &field))
        canon_field(s->header_canon, &field, false, (struct canon_sink){hash_bytes, h});
    h->ok = h->ok && EVP_DigestFinal_ex(h->context, hash, NULL) == 1;
    EVP_MD_CTX_free(h->context);
    buffer_clear(&own);
    return h->ok;
}

bool signature_header_hash(const struct signature *s, struct field_index *fields,
                           unsigned char hash[SHA256_SIZE])
{
    struct hasher hasher;
    struct canon_sink sink = hasher_start(&hasher);
    struct slice rest = s->headers, name;
    struct header_field field;

    field_index_restart(fields, s->position);
    while (taglist_next(&rest, ':', &name))
        if (field_index_take(fields, name, &field))
            canon_field(s->header_canon, &field, true, sink);
    return hasher_finish(&hasher, s, hash);
}

bool signature_seal_hash(const struct signature *s, const struct header_field *fields, size_t count,
                         unsigned char hash[SHA256_SIZE])
{
    struct hasher hasher;
    struct canon_sink sink = hasher_start(&hasher);

    for (size_t i = 0; i < count; i++)
        canon_field(s->header_canon, &fields[i], true, sink);
    return hasher_finish(&hasher, s, hash);
}

static bool needs_key(const struct signature *s, char name[DOMAIN_TEXT_MAX])
{
    return s->problem[0] == '\0' && s->algorithm != ALGORITHM_RSA_SHA1 && signature_key_name(s, name);
}

void signature_prefetch(const struct signature *s, const struct lookup *lookup)
{
    char name[DOMAIN_TEXT_MAX];

    if (needs_key(s, name))
        lookup_prefetch(lookup, name, RECORD_TXT);
}

/* How far one key record brought the signature, best last. */
enum progress { NO_KEY, BROKEN_KEY, REVOKED_KEY, SHORT_KEY, KEY_DOES_NOT_FIT, KEY_FITS };

static enum progress try_key(const struct signature *s, const struct dkim_key *key, struct slice signature,
                             const unsigned char *header_hash)
{
    switch (key->state) {
    case KEY_FOREIGN:
        return NO_KEY;
    case KEY_BROKEN:
        return BROKEN_KEY;
    case KEY_REVOKED:
        return REVOKED_KEY;
    case KEY_USABLE:
        break;
    }
    if (s->algorithm == ALGORITHM_RSA_SHA256 && key->bits < RSA_BITS_MIN)
        return SHORT_KEY;
    return dkim_key_verifies(key, signature, header_hash) ? KEY_FITS : KEY_DOES_NOT_FIT;
}

struct trial {
    enum progress progress;
    const char *problem; /* of a broken key */
};

/* t=s (RFC 6376 section 3.6.1); an ARC signature has no identity. */
static bool is_too_strict(const struct dkim_key *key, const struct signature *s)
{
    return key->state == KEY_USABLE && key->strict && strcmp(s->identity_domain, s->domain) != 0;
}

static struct trial try_records(struct dkim_result *r, const struct signature *s,
                                const struct lookup_answer *answer, struct slice signature,
                                const unsigned char *header_hash)
{
    enum dkim_key_type type = s->algorithm == ALGORITHM_ED25519_SHA256 ? KEY_ED25519 : KEY_RSA;
    struct trial best = {NO_KEY, "no record there is a DKIM key"};
    unsigned verifications = 0;

    for (size_t i = 0; i < answer->count && i < RECORDS_MAX && verifications < VERIFICATIONS_MAX; i++) {
        struct dkim_key key;
        dkim_key_read(&key, answer->records[i].text, type);
        if (is_too_strict(&key, s)) {
            key.state = KEY_BROKEN;
            key.problem = "its t=s allows no subdomain in i=";
        }
        enum progress progress = try_key(s, &key, signature, header_hash);
        verifications += progress >= KEY_DOES_NOT_FIT;
        if (progress > best.progress) {
            best = (struct trial){progress, key.problem};
            r->bits = key.bits;
            r->testing = key.testing;
        }
        dkim_key_clear(&key);
        if (progress == KEY_FITS)
            break;
    }
    return best;
}

static void say(struct dkim_result *r, enum verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void say(struct dkim_result *r, enum verdict verdict, const char *format, ...)
{
    char text[2 * sizeof r->reason];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    r->verdict = verdict;
    text_clean(r->reason, sizeof r->reason, slice_from(text));
}

static void describe(struct dkim_result *r, const struct signature *s)
{
    slice_copy(r->domain, sizeof r->domain, slice_from(s->domain));
    slice_copy(r->selector, sizeof r->selector, slice_from(s->selector));
    text_clean(r->algorithm, sizeof r->algorithm, s->algorithm_text);
    snprintf(r->canonicalization, sizeof r->canonicalization, "%s/%s",
             s->header_canon == CANON_RELAXED ? "relaxed" : "simple",
             s->body_canon == CANON_RELAXED ? "relaxed" : "simple");
    if (s->identity.len > 0)
        text_clean(r->identity, sizeof r->identity, s->identity);
    else
        snprintf(r->identity, sizeof r->identity, "@%.254s", s->domain);
}

enum body_state { BODY_HOLDS, BODY_CHANGED, BODY_TOO_SHORT, BODY_UNKNOWN };

static enum body_state check_body(struct dkim_result *r, const struct signature *s,
                                  const struct bodyhash *bodies)
{
    unsigned long long length = 0;
    const unsigned char *hash;

    if (s->kind == SIGNATURE_ARC_SEAL)
        return BODY_HOLDS;
    hash = bodyhash_get(bodies, s->body_canon, s->body_length, &length);
    if (hash == NULL)
        return BODY_UNKNOWN;
    r->body_partial = s->body_length < length;
    r->unsigned_bytes = r->body_partial ? length - s->body_length : 0;
    r->body_failed = memcmp(hash, s->body_hash, sizeof s->body_hash) != 0;
    /* section 3.5: l= must not be larger than the body */
    if (s->body_length != BODYHASH_WHOLE && s->body_length > length)
        return BODY_TOO_SHORT;
    return r->body_failed ? BODY_CHANGED : BODY_HOLDS;
}

static void say_time(struct dkim_result *r, enum verdict verdict, const char *what,
                     unsigned long long seconds)
{
    time_t t = (time_t)seconds;
    struct tm tm;
    char text[64] = "";

    if (gmtime_r(&t, &tm) != NULL)
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &tm);
    say(r, verdict, "%s %s", what, text);
}

static void judge_signature(struct dkim_result *r, const struct signature *s, bool fits, enum body_state body,
                            time_t now)
{
    enum { SKEW_S = 300 };

    if (body == BODY_TOO_SHORT)
        say(r, VERDICT_PERMERROR, "the body is shorter than l= says: it was cut, or the signer erred");
    else if (body == BODY_CHANGED)
        say(r, VERDICT_FAIL, "the body was changed after signing (its hash differs)%s",
            fits ? "" : ", and the signature does not fit the header or the key");
    else if (!fits)
        say(r, VERDICT_FAIL, "the signature does not fit the header or the key");
    else if (r->expired)
        say_time(r, VERDICT_FAIL, "the signature expired on", s->expiry);
    else if (s->has_time && now >= 0 && s->time > (unsigned long long)now + SKEW_S)
        say_time(r, VERDICT_PASS,
                 "the signature's time lies in the future:", s->time); /* may be ignored, section 3.5 */
    else
        r->verdict = VERDICT_PASS;
}

static void judge_key(struct dkim_result *r, const struct signature *s, const char *name, struct trial trial,
                      enum body_state body, time_t now)
{
    switch (trial.progress) {
    case NO_KEY:
        r->key_missing = true;
        say(r, VERDICT_PERMERROR, "no key at %s: %s", name, trial.problem);
        return;
    case BROKEN_KEY:
        say(r, VERDICT_PERMERROR, "the key at %s cannot be used: %s", name, trial.problem);
        return;
    case REVOKED_KEY:
        r->key_revoked = true;
        say(r, VERDICT_PERMERROR, "the key at %s was revoked (its p= is empty)", name);
        return;
    case SHORT_KEY:
        say(r, VERDICT_POLICY, "the key at %s has %u bits: under 1024 is no longer accepted (RFC 8301)", name,
            r->bits);
        return;
    case KEY_DOES_NOT_FIT:
    case KEY_FITS:
        judge_signature(r, s, trial.progress == KEY_FITS, body, now);
        return;
    }
}

static void judge_without_answer(struct dkim_result *r, const char *name, const struct lookup_answer *answer)
{
    /* it fails whatever the key is */
    if (r->body_failed)
        say(r, VERDICT_FAIL,
            "the body was changed after signing (its hash differs), and its key could not be looked up");
    else
        say(r, VERDICT_TEMPERROR, "the key at %s could not be looked up: %s", name, answer->problem);
}

static void check_by_dns(struct dkim_result *r, const struct signature *s, struct slice signature,
                         const char *name, const unsigned char *header_hash, enum body_state body,
                         const struct lookup *lookup, time_t now)
{
    const struct lookup_answer *answer = lookup_query(lookup, name, RECORD_TXT);

    r->authenticated = answer->authenticated;
    switch (answer->status) {
    case LOOKUP_TEMPERROR:
        judge_without_answer(r, name, answer);
        return;
    case LOOKUP_NXDOMAIN:
        judge_key(r, s, name, (struct trial){NO_KEY, "the name does not exist"}, body, now);
        return;
    case LOOKUP_NODATA:
        judge_key(r, s, name, (struct trial){NO_KEY, "the name has no text record"}, body, now);
        return;
    case LOOKUP_FOUND:
        judge_key(r, s, name, try_records(r, s, answer, signature, header_hash), body, now);
        return;
    }
}

void signature_check(struct dkim_result *result, const struct signature *s, const unsigned char *header_hash,
                     const struct bodyhash *bodies, const struct lookup *lookup, time_t now)
{
    struct buffer signature = BUFFER_INIT(SIGNATURE_BYTES_MAX);
    char name[DOMAIN_TEXT_MAX];

    *result = (struct dkim_result){.verdict = VERDICT_NONE};
    describe(result, s);
    result->expired = s->has_expiry && now >= 0 && (unsigned long long)now > s->expiry;
    enum body_state body = check_body(result, s, bodies);
    if (s->problem[0] != '\0')
        say(result, VERDICT_PERMERROR, "%s", s->problem);
    else if (s->algorithm == ALGORITHM_RSA_SHA1)
        say(result, VERDICT_POLICY, "rsa-sha1 is no longer accepted (RFC 8301)");
    else if (!signature_key_name(s, name))
        say(result, VERDICT_PERMERROR, "the name of the key is longer than a name can be");
    else if (!taglist_base64(s->signature, &signature))
        say(result, VERDICT_PERMERROR, "b= is no base64");
    else if (header_hash == NULL || body == BODY_UNKNOWN)
        say(result, VERDICT_TEMPERROR, "out of memory");
    else
        check_by_dns(result, s, buffer_slice(&signature), name, header_hash, body, lookup, now);
    buffer_clear(&signature);
}
