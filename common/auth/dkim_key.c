/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/dkim_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "common/auth/taglist.h"

enum { KEY_BYTES_MAX = 4096, ED25519_BYTES = 32, DIGEST_BYTES = 32, EXPONENT_BITS_MAX = 64 };

static void broken(struct dkim_key *k, const char *problem)
{
    k->state = KEY_BROKEN;
    k->problem = problem;
}

/* SubjectPublicKeyInfo, as everybody publishes it, or the bare RSAPublicKey that RFC 6376 speaks of. */
static EVP_PKEY *rsa_from_der(struct slice der)
{
    const unsigned char *info = (const unsigned char *)der.data, *bare = info;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &info, (long)der.len);

    if (key == NULL)
        key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &bare, (long)der.len);
    if (key != NULL && EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

/* A verification costs time by the length of the exponent: no honest one is longer than 32 bits. */
static bool has_short_exponent(const EVP_PKEY *key)
{
    BIGNUM *e = NULL;
    bool ok =
        EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && BN_num_bits(e) <= EXPONENT_BITS_MAX;

    BN_free(e);
    return ok;
}

static void read_rsa(struct dkim_key *k, struct slice der)
{
    k->key = rsa_from_der(der);
    if (k->key == NULL) {
        broken(k, "its p= is no RSA key");
        return;
    }
    k->bits = (unsigned)EVP_PKEY_get_bits(k->key);
    if (k->bits > RSA_BITS_MAX)
        broken(k, "it is longer than 8192 bits");
    else if (!has_short_exponent(k->key))
        broken(k, "its exponent is longer than 64 bits");
    else
        k->state = KEY_USABLE;
}

static void read_ed25519(struct dkim_key *k, struct slice raw)
{
    if (raw.len == ED25519_BYTES)
        k->key =
            EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)raw.data, raw.len);
    if (k->key == NULL) {
        broken(k, "its p= is not the 32 bytes of an Ed25519 key");
        return;
    }
    k->bits = (unsigned)EVP_PKEY_get_bits(k->key);
    k->state = KEY_USABLE;
}

/* v= first where there is one, and the restrictions of h=, s=, k=. NULL: none stands against it. */
static const char *objection(const struct taglist *tags, enum dkim_key_type wanted)
{
    struct slice type = taglist_value(tags, "k", SLICE("rsa"));
    struct slice services = taglist_value(tags, "s", SLICE("*"));
    const struct tag *version = taglist_find(tags, "v");

    if (version != NULL && version != &tags->tag[0])
        return "its v= is not the first tag";
    if (!slice_eq_nocase(type, wanted == KEY_RSA ? SLICE("rsa") : SLICE("ed25519")))
        return "it is of another kind (k=) than the signature";
    if (!taglist_has(taglist_value(tags, "h", SLICE("sha256")), ':', SLICE("sha256")))
        return "its h= does not allow SHA-256";
    if (!taglist_has(services, ':', SLICE("*")) && !taglist_has(services, ':', SLICE("email")))
        return "its s= does not allow e-mail";
    return NULL;
}

static void read_material(struct dkim_key *k, struct slice base64, enum dkim_key_type wanted)
{
    struct buffer material = BUFFER_INIT(KEY_BYTES_MAX);

    ERR_set_mark();
    if (!taglist_base64(base64, &material))
        broken(k, "its p= is no base64");
    else if (wanted == KEY_RSA)
        read_rsa(k, buffer_slice(&material));
    else
        read_ed25519(k, buffer_slice(&material));
    ERR_pop_to_mark();
    buffer_clear(&material);
}

void dkim_key_read(struct dkim_key *out, struct slice record, enum dkim_key_type wanted)
{
    struct taglist tags;
    bool whole = taglist_parse(&tags, record);
    const struct tag *p = taglist_find(&tags, "p");

    *out = (struct dkim_key){.state = KEY_FOREIGN, .problem = ""};
    if (!slice_eq(taglist_value(&tags, "v", SLICE("DKIM1")), SLICE("DKIM1")))
        return;
    if (!whole && (p != NULL || taglist_find(&tags, "v") != NULL))
        broken(out, tags.problem);
    if (!whole)
        return;
    out->testing = taglist_has(taglist_value(&tags, "t", SLICE_EMPTY), ':', SLICE("y"));
    out->strict = taglist_has(taglist_value(&tags, "t", SLICE_EMPTY), ':', SLICE("s"));
    const char *problem = objection(&tags, wanted);
    if (p == NULL && taglist_find(&tags, "v") == NULL && taglist_find(&tags, "k") == NULL)
        return;
    if (p == NULL)
        broken(out, "it has no p=");
    else if (p->value.len == 0)
        out->state = KEY_REVOKED;
    else if (problem != NULL)
        broken(out, problem);
    else
        read_material(out, p->value, wanted);
}

void dkim_key_clear(struct dkim_key *k)
{
    EVP_PKEY_free(k->key);
    k->key = NULL;
}

static bool rsa_verifies(EVP_PKEY *key, struct slice signature, const unsigned char *digest)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    bool ok = context != NULL && EVP_PKEY_verify_init(context) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
              EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
              EVP_PKEY_verify(context, (const unsigned char *)signature.data, signature.len, digest,
                              DIGEST_BYTES) == 1;

    EVP_PKEY_CTX_free(context);
    return ok;
}

/* RFC 8463 section 3: Ed25519 signs the digest as its message. */
static bool ed25519_verifies(EVP_PKEY *key, struct slice signature, const unsigned char *digest)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
              EVP_DigestVerify(context, (const unsigned char *)signature.data, signature.len, digest,
                               DIGEST_BYTES) == 1;

    EVP_MD_CTX_free(context);
    return ok;
}

bool dkim_key_verifies(const struct dkim_key *k, struct slice signature, const unsigned char digest[32])
{
    ERR_set_mark();
    bool ok = EVP_PKEY_get_base_id(k->key) == EVP_PKEY_ED25519 ? ed25519_verifies(k->key, signature, digest)
                                                               : rsa_verifies(k->key, signature, digest);
    ERR_pop_to_mark();
    return ok;
}
