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

enum body_state { BODY_HOLDS, BODY_CHANGED, BODY_TOO_SHORT, BODY_UNKNOWN };

/* One signature on its way to a result. */
struct check {
    struct dkim_result *result;
    const struct signature *signature;
    struct slice bytes; /* b=, decoded */
    const unsigned char *header_hash;
    enum body_state body;
    time_t now;
    char key_name[DOMAIN_TEXT_MAX];
};

static void say(struct check *c, enum verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void say(struct check *c, enum verdict verdict, const char *format, ...)
{
    char text[2 * sizeof c->result->reason];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    c->result->verdict = verdict;
    text_clean(c->result->reason, sizeof c->result->reason, slice_from(text));
}

static void say_time(struct check *c, enum verdict verdict, const char *what, unsigned long long seconds)
{
    time_t t = (time_t)seconds;
    struct tm tm;
    char text[64] = "";

    if (gmtime_r(&t, &tm) != NULL)
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &tm);
    say(c, verdict, "%s %s", what, text);
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

/* With a key that can be used. */
static void judge_signature(struct check *c, bool fits)
{
    enum { SKEW_S = 300 };
    const struct signature *s = c->signature;

    if (c->body == BODY_TOO_SHORT)
        say(c, VERDICT_PERMERROR, "the body is shorter than l= says: it was cut, or the signer erred");
    else if (c->body == BODY_CHANGED)
        say(c, VERDICT_FAIL, "the body was changed after signing (its hash differs)%s",
            fits ? "" : ", and the signature does not fit the header or the key");
    else if (!fits)
        say(c, VERDICT_FAIL, "the signature does not fit the header or the key");
    else if (c->result->expired)
        say_time(c, VERDICT_FAIL, "the signature expired on", s->expiry);
    else if (s->has_time && c->now >= 0 && s->time > (unsigned long long)c->now + SKEW_S)
        /* a verifier may ignore such a signature (section 3.5), but clocks err more often than signers */
        say_time(c, VERDICT_PASS, "the signature's time lies in the future:", s->time);
    else
        c->result->verdict = VERDICT_PASS;
}

/* How far a key record brought the signature, best last. */
enum progress { NO_KEY, BROKEN_KEY, REVOKED_KEY, SHORT_KEY, KEY_DOES_NOT_FIT, KEY_FITS };

static enum progress try_key(const struct check *c, struct dkim_key *key)
{
    const struct signature *s = c->signature;

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
    if (key->strict && strcmp(s->identity_domain, s->domain) != 0) {
        key->problem = "its t=s allows no subdomain in i=";
        return BROKEN_KEY;
    }
    if (s->algorithm == ALGORITHM_RSA_SHA256 && key->bits < RSA_BITS_MIN)
        return SHORT_KEY;
    return dkim_key_verifies(key, c->bytes, c->header_hash) ? KEY_FITS : KEY_DOES_NOT_FIT;
}

static enum progress try_records(struct check *c, const struct lookup_answer *answer, const char **problem)
{
    enum dkim_key_type type = c->signature->algorithm == ALGORITHM_ED25519_SHA256 ? KEY_ED25519 : KEY_RSA;
    enum progress best = NO_KEY;
    unsigned verifications = 0;

    *problem = "no record there is a DKIM key";
    for (size_t i = 0;
         i < answer->count && i < RECORDS_MAX && verifications < VERIFICATIONS_MAX && best != KEY_FITS; i++) {
        struct dkim_key key;
        dkim_key_read(&key, answer->records[i].text, type);
        enum progress progress = try_key(c, &key);
        verifications += progress >= KEY_DOES_NOT_FIT;
        if (progress > best) {
            best = progress;
            *problem = key.problem;
            c->result->bits = key.bits;
            c->result->testing = key.testing;
        }
        dkim_key_clear(&key);
    }
    return best;
}

static void judge_key(struct check *c, enum progress progress, const char *problem)
{
    switch (progress) {
    case NO_KEY:
        c->result->key_missing = true;
        say(c, VERDICT_PERMERROR, "no key at %s: %s", c->key_name, problem);
        return;
    case BROKEN_KEY:
        say(c, VERDICT_PERMERROR, "the key at %s cannot be used: %s", c->key_name, problem);
        return;
    case REVOKED_KEY:
        c->result->key_revoked = true;
        say(c, VERDICT_PERMERROR, "the key at %s was revoked (its p= is empty)", c->key_name);
        return;
    case SHORT_KEY:
        say(c, VERDICT_POLICY, "the key at %s has %u bits: under 1024 is no longer accepted (RFC 8301)",
            c->key_name, c->result->bits);
        return;
    case KEY_DOES_NOT_FIT:
    case KEY_FITS:
        judge_signature(c, progress == KEY_FITS);
        return;
    }
}

static void check_by_dns(struct check *c, const struct lookup *lookup)
{
    const struct lookup_answer *answer = lookup_query(lookup, c->key_name, RECORD_TXT);
    const char *problem = "";

    c->result->authenticated = answer->authenticated;
    switch (answer->status) {
    case LOOKUP_TEMPERROR:
        if (c->body != BODY_HOLDS || c->result->expired)
            judge_signature(c, true); /* it does not pass whatever the key is */
        else
            say(c, VERDICT_TEMPERROR, "the key at %s could not be looked up: %s", c->key_name,
                answer->problem);
        return;
    case LOOKUP_NXDOMAIN:
        judge_key(c, NO_KEY, "the name does not exist");
        return;
    case LOOKUP_NODATA:
        judge_key(c, NO_KEY, "the name has no text record");
        return;
    case LOOKUP_FOUND: {
        enum progress progress = try_records(c, answer, &problem);
        judge_key(c, progress, problem);
        return;
    }
    }
}

void signature_check(struct dkim_result *result, const struct signature *s, const unsigned char *header_hash,
                     const struct bodyhash *bodies, const struct lookup *lookup, time_t now)
{
    struct buffer bytes = BUFFER_INIT(SIGNATURE_BYTES_MAX);
    struct check c = {.result = result, .signature = s, .header_hash = header_hash, .now = now};

    *result = (struct dkim_result){.verdict = VERDICT_NONE};
    describe(result, s);
    result->expired = s->has_expiry && now >= 0 && (unsigned long long)now > s->expiry;
    c.body = check_body(result, s, bodies);
    if (s->problem[0] != '\0')
        say(&c, VERDICT_PERMERROR, "%s", s->problem);
    else if (s->algorithm == ALGORITHM_RSA_SHA1)
        say(&c, VERDICT_POLICY, "rsa-sha1 is no longer accepted (RFC 8301)");
    else if (!signature_key_name(s, c.key_name))
        say(&c, VERDICT_PERMERROR, "the name of the key is longer than a name can be");
    else if (!taglist_base64(s->signature, &bytes))
        say(&c, VERDICT_PERMERROR, "b= is no base64");
    else if (header_hash == NULL || c.body == BODY_UNKNOWN)
        say(&c, VERDICT_TEMPERROR, "out of memory");
    else {
        c.bytes = buffer_slice(&bytes);
        check_by_dns(&c, lookup);
    }
    buffer_clear(&bytes);
}
