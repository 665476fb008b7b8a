/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/oauth2_assertion.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/net/oauth2_json.h"
#include "common/net/http_url.h"

enum { SIGNATURE_MAX = 2048, PART_MAX = 8 * 1024, RSA_BITS_MIN = 2048 /* RFC 7518 section 3.3 */ };

/* --- the file --- */

/* OpenSSL would ask at the terminal. */
static int no_passphrase(char *out, int size, int writing, void *context)
{
    (void)out, (void)size, (void)writing, (void)context;
    return -1;
}

static EVP_PKEY *load_key(const struct secret *pem)
{
    BIO *bio = BIO_new_mem_buf(pem->bytes.data, (int)pem->bytes.len);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;

    BIO_free(bio);
    return key;
}

static bool key_fits(const struct secret *pem)
{
    EVP_PKEY *key = load_key(pem);
    bool fits = key != NULL && EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= RSA_BITS_MIN;

    EVP_PKEY_free(key);
    return fits;
}

/* NULL where there is none. */
static char *copy_member(const json_t *object, const char *key)
{
    struct slice text = oauth2_json_text(object, key);

    return text.len > 0 && !text_has_line_break(text) ? strndup(text.data, text.len) : NULL;
}

static bool take_members(struct service_account *a, const json_t *object, const char *path, struct err *err)
{
    const char *wrong;

    if (!slice_eq(oauth2_json_text(object, "type"), SLICE("service_account")))
        return err_set(err, FAULT_CONFIG, STAGE_NONE,
                       "%s is no key of a service account: its \"type\" is not \"service_account\"", path);
    a->issuer = copy_member(object, "client_email");
    a->key_id = copy_member(object, "private_key_id");
    a->token_url = copy_member(object, "token_uri");
    struct slice key = oauth2_json_text(object, "private_key");
    if (a->issuer == NULL || a->token_url == NULL || key.len == 0)
        return err_set(err, FAULT_CONFIG, STAGE_NONE,
                       "%s lacks \"%s\", which the key of a service account has", path,
                       a->issuer == NULL      ? "client_email"
                       : a->token_url == NULL ? "token_uri"
                                              : "private_key");
    if (!http_url_check(a->token_url, false, &wrong))
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "the \"token_uri\" in %s %s", path, wrong);
    if (!secret_set(&a->key, key))
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
    return key_fits(&a->key) ||
           err_set(err, FAULT_CONFIG, STAGE_NONE,
                   "the \"private_key\" in %s is no RSA key of %d bits or more in PEM", path, RSA_BITS_MIN);
}

bool service_account_read(struct service_account *account, struct slice json, const char *path,
                          struct err *err)
{
    json_t *object = oauth2_json_read(json);

    *account = SERVICE_ACCOUNT_NONE;
    if (object == NULL)
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "%s is no key of a service account: it is not JSON",
                       path);
    bool ok = take_members(account, object, path, err);
    oauth2_json_free(&object);
    if (!ok)
        service_account_clear(account);
    return ok;
}

void service_account_clear(struct service_account *account)
{
    free(account->issuer);
    free(account->key_id);
    free(account->token_url);
    secret_clear(&account->key);
    account->issuer = account->key_id = account->token_url = NULL;
}

/* --- the assertion --- */

/* RFC 7515 section 2: the URL-safe alphabet, without padding. */
static bool append_base64url(struct buffer *out, struct slice in)
{
    size_t start = out->len;

    if (!text_base64_encode(out, in))
        return false;
    for (size_t i = start; i < out->len; i++)
        if (out->data[i] == '+' || out->data[i] == '/')
            out->data[i] = out->data[i] == '+' ? '-' : '_';
    while (out->len > start && out->data[out->len - 1] == '=')
        out->data[--out->len] = '\0';
    return true;
}

/* Steals object. */
static bool append_part(struct buffer *out, json_t *object)
{
    struct buffer text = BUFFER_INIT(PART_MAX);
    bool ok = object != NULL && oauth2_json_write(&text, object) &&
              append_base64url(out, slice_trim(buffer_slice(&text)));

    json_decref(object);
    buffer_clear(&text);
    return ok;
}

static bool append_claims(struct buffer *out, const struct service_account *account, const char *subject,
                          const char *scope, const char *audience, time_t now)
{
    json_t *header = json_pack("{s:s, s:s, s:s*}", "alg", "RS256", "typ", "JWT", "kid", account->key_id);
    json_t *claims =
        json_pack("{s:s, s:s*, s:s*, s:s, s:I, s:I}", "iss", account->issuer, "sub", subject, "scope", scope,
                  "aud", audience, "iat", (json_int_t)now, "exp", (json_int_t)now + ASSERTION_LIFETIME_S);
    bool ok = append_part(out, header) && buffer_append_char(out, '.');

    if (ok)
        return append_part(out, claims);
    json_decref(claims);
    return false;
}

static bool append_signature(struct buffer *out, size_t start, EVP_PKEY *key)
{
    unsigned char signature[SIGNATURE_MAX];
    size_t size = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context != NULL && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestSign(context, signature, &size, (const unsigned char *)out->data + start,
                             out->len - start) == 1;

    EVP_MD_CTX_free(context);
    return ok && buffer_append_char(out, '.') && append_base64url(out, slice_of(signature, size));
}

bool assertion_sign(struct buffer *out, const struct service_account *account, const char *subject,
                    const char *scope, const char *audience, time_t now, struct err *err)
{
    size_t start = out->len;

    if (!append_claims(out, account, subject, scope, audience, now))
        return err_set(err, FAULT_CONFIG, STAGE_NONE,
                       "the service account's names are too long, or no UTF-8");
    EVP_PKEY *key = load_key(&account->key);
    bool ok = key != NULL && append_signature(out, start, key);
    EVP_PKEY_free(key);
    return ok || err_set(err, FAULT_CONFIG, STAGE_NONE, "the service account's key does not sign");
}
