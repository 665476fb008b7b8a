/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "common/auth/dkim_key.h"
#include "tests/unit/dkim_tool.h"

static const char *const state_name[] = {"foreign", "broken", "revoked", "usable"};

/* "$1" is an RSA key of 1024 bits, "$2" of 2048, "$5" of 512, "$b" the first one bare, "$e" an Ed25519 key.
 */
static struct slice with_key(const char *text, struct buffer *out)
{
    struct slice rest = slice_from(text);
    size_t at = slice_find_char(rest, '$');

    assert_true(buffer_append(out, slice_head(rest, at)));
    if (at < rest.len) {
        char which = rest.data[at + 1];
        assert_true(buffer_append_text(out, which == 'b'   ? tool_public_bare(TOOL_RSA1024)
                                            : which == '1' ? tool_public(TOOL_RSA1024)
                                            : which == '2' ? tool_public(TOOL_RSA2048)
                                            : which == '5' ? tool_public(TOOL_RSA512)
                                                           : tool_public(TOOL_ED25519)));
        assert_true(buffer_append(out, slice_skip(rest, at + 2)));
    }
    return buffer_slice(out);
}

static void test_usable(void **state)
{
    static const struct {
        const char *name, *record;
        enum dkim_key_type type;
        unsigned bits;
        bool testing, strict;
    } rows[] = {
        {"all defaults", "p=$1", KEY_RSA, 1024, false, false},
        {"2048 bits", "v=DKIM1; k=rsa; p=$2", KEY_RSA, 2048, false, false},
        {"512 bits can be read", "p=$5", KEY_RSA, 512, false, false},
        {"bare RSAPublicKey", "v=DKIM1; p=$b", KEY_RSA, 1024, false, false},
        {"Ed25519", "v=DKIM1; k=ed25519; p=$e", KEY_ED25519, 256, false, false},
        {"white space around all", " v = DKIM1 ;\tk = rsa ; p = $1 ; ", KEY_RSA, 1024, false, false},
        {"a semicolon at the end", "p=$1;", KEY_RSA, 1024, false, false},
        {"notes and unknown tags", "v=DKIM1; n=ours=3B really; g=*; x=; p=$1", KEY_RSA, 1024, false, false},
        {"p= first", "p=$1; k=rsa; s=email", KEY_RSA, 1024, false, false},
        {"k= in capitals", "k=RSA; p=$1", KEY_RSA, 1024, false, false},
        {"hashes", "h=sha1 : sha256; p=$1", KEY_RSA, 1024, false, false},
        {"services", "s=foo:email; p=$1", KEY_RSA, 1024, false, false},
        {"all services", "s=*; p=$1", KEY_RSA, 1024, false, false},
        {"flags", "t=y:s; p=$1", KEY_RSA, 1024, true, true},
        {"flags with white space and unknown ones", "t= x : s ; p=$1", KEY_RSA, 1024, false, true},
        {"empty flags", "t=; p=$1", KEY_RSA, 1024, false, false},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer text = BUFFER_INIT(2000);
        struct dkim_key key;
        dkim_key_read(&key, with_key(rows[i].record, &text), rows[i].type);
        CHECK_ROW_TEXT(rows[i].name, key.problem, "");
        CHECK_ROW(rows[i].name, key.state == KEY_USABLE && key.key != NULL);
        CHECK_ROW(rows[i].name, key.bits == rows[i].bits);
        CHECK_ROW(rows[i].name, key.testing == rows[i].testing && key.strict == rows[i].strict);
        CHECK_ROW(rows[i].name, ERR_peek_error() == 0);
        dkim_key_clear(&key);
        dkim_key_clear(&key);
        buffer_clear(&text);
    }
}

static void test_unusable(void **state)
{
    static const char no_tag[] = "a tag is not of the form name=value";
    static const struct {
        const char *name, *record;
        enum dkim_key_type type;
        enum dkim_key_state state;
        const char *problem;
    } rows[] = {
        {"empty", "", KEY_RSA, KEY_FOREIGN, ""},
        {"SPF", "v=spf1 include:example.org -all", KEY_RSA, KEY_FOREIGN, ""},
        {"any words", "google-site-verification: abc", KEY_RSA, KEY_FOREIGN, ""},
        {"some other list", "a=1; b=2", KEY_RSA, KEY_FOREIGN, ""},
        {"another version", "v=DKIM2; p=$1", KEY_RSA, KEY_FOREIGN, ""},
        {"version in small letters", "v=dkim1; p=$1", KEY_RSA, KEY_FOREIGN, ""},
        {"version with a backslash", "v=DKIM1\\; k=rsa\\; p=$1", KEY_RSA, KEY_FOREIGN, ""},
        {"revoked", "v=DKIM1; p=", KEY_RSA, KEY_REVOKED, ""},
        {"revoked with white space", "v=DKIM1; p= ;", KEY_RSA, KEY_REVOKED, ""},
        {"revoked, of another kind", "v=DKIM1; k=ed25519; p=", KEY_RSA, KEY_REVOKED, ""},
        {"no p=", "v=DKIM1; k=rsa", KEY_RSA, KEY_BROKEN, "it has no p="},
        {"no p= and no v=", "k=rsa; t=y", KEY_RSA, KEY_BROKEN, "it has no p="},
        {"v= not first", "k=rsa; v=DKIM1; p=$1", KEY_RSA, KEY_BROKEN, "its v= is not the first tag"},
        {"no list", "v=DKIM1; k=rsa; what", KEY_RSA, KEY_BROKEN, no_tag},
        {"two semicolons", "v=DKIM1;; p=$1", KEY_RSA, KEY_BROKEN, no_tag},
        {"no list, behind the key", "p=$1; what", KEY_RSA, KEY_BROKEN, no_tag},
        {"p= twice", "v=DKIM1; p=$1; p=$1", KEY_RSA, KEY_BROKEN, "a tag stands twice"},
        {"Ed25519 for RSA", "k=ed25519; p=$e", KEY_RSA, KEY_BROKEN,
         "it is of another kind (k=) than the signature"},
        {"RSA for Ed25519", "p=$1", KEY_ED25519, KEY_BROKEN, "it is of another kind (k=) than the signature"},
        {"unknown kind", "k=dsa; p=$1", KEY_RSA, KEY_BROKEN, "it is of another kind (k=) than the signature"},
        {"empty kind", "k=; p=$1", KEY_RSA, KEY_BROKEN, "it is of another kind (k=) than the signature"},
        {"SHA-1 only", "h=sha1; p=$1", KEY_RSA, KEY_BROKEN, "its h= does not allow SHA-256"},
        {"other services only", "s=tlsrpt; p=$1", KEY_RSA, KEY_BROKEN, "its s= does not allow e-mail"},
        {"no base64", "p=*$1", KEY_RSA, KEY_BROKEN, "its p= is no base64"},
        {"not DER", "p=AAAA", KEY_RSA, KEY_BROKEN, "its p= is no RSA key"},
        {"cut", "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKB", KEY_RSA, KEY_BROKEN, "its p= is no RSA key"},
        {"an Ed25519 key in DER", "p=MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", KEY_RSA,
         KEY_BROKEN, "its p= is no RSA key"},
        {"Ed25519 in DER", "k=ed25519; p=MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
         KEY_ED25519, KEY_BROKEN, "its p= is not the 32 bytes of an Ed25519 key"},
        {"RSA key as Ed25519", "k=ed25519; p=$1", KEY_ED25519, KEY_BROKEN,
         "its p= is not the 32 bytes of an Ed25519 key"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer text = BUFFER_INIT(2000);
        struct dkim_key key;
        dkim_key_read(&key, with_key(rows[i].record, &text), rows[i].type);
        CHECK_ROW_TEXT(rows[i].name, key.problem, rows[i].problem);
        CHECK_ROW_TEXT(rows[i].name, state_name[key.state], state_name[rows[i].state]);
        CHECK_ROW(rows[i].name, ERR_peek_error() == 0);
        dkim_key_clear(&key);
        buffer_clear(&text);
    }
}

/* A DER INTEGER of that many bits, all of them set; returns its length. */
static size_t put_integer(unsigned char *out, unsigned bits)
{
    size_t len = bits / 8 + 1;

    out[0] = 0x02;
    out[1] = 0x82;
    out[2] = (unsigned char)(len >> 8);
    out[3] = (unsigned char)len;
    memset(out + 4, 0xff, len);
    out[4] = 0;
    return len + 4;
}

/* A bare RSAPublicKey of numbers that nobody would sign with. */
static void publish_rsa(unsigned bits, unsigned exponent_bits, struct buffer *record)
{
    unsigned char der[4096] = {0x30, 0x82}, text[6000];
    size_t len = put_integer(der + 4, bits);

    len += put_integer(der + 4 + len, exponent_bits);
    der[2] = (unsigned char)(len >> 8);
    der[3] = (unsigned char)len;
    assert_true(EVP_EncodeBlock(text, der, (int)len + 4) > 0);
    assert_true(buffer_append_text(record, "v=DKIM1; p="));
    assert_true(buffer_append_text(record, (const char *)text));
}

/* Keys that would cost much time are refused before they are used. */
static void test_costly(void **state)
{
    static const struct {
        const char *name;
        unsigned bits, exponent_bits;
        const char *problem;
    } rows[] = {
        {"8192 bits", 8192, 16, ""},
        {"8200 bits", 8200, 16, "it is longer than 8192 bits"},
        {"16000 bits", 16000, 16, "it is longer than 8192 bits"},
        {"exponent of 64 bits", 2048, 64, ""},
        {"exponent of 72 bits", 2048, 72, "its exponent is longer than 64 bits"},
        {"exponent of 2048 bits", 2048, 2048, "its exponent is longer than 64 bits"},
    };
    static const unsigned char digest[32] = {0};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer record = BUFFER_INIT(4000);
        struct dkim_key key;
        publish_rsa(rows[i].bits, rows[i].exponent_bits, &record);
        dkim_key_read(&key, buffer_slice(&record), KEY_RSA);
        CHECK_ROW_TEXT(rows[i].name, key.problem, rows[i].problem);
        CHECK_ROW(rows[i].name, (key.state == KEY_USABLE) == (rows[i].problem[0] == '\0'));
        if (key.state == KEY_USABLE)
            CHECK_ROW(rows[i].name, !dkim_key_verifies(&key, SLICE("a signature"), digest));
        CHECK_ROW(rows[i].name, ERR_peek_error() == 0);
        dkim_key_clear(&key);
        buffer_clear(&record);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usable),
        cmocka_unit_test(test_unusable),
        cmocka_unit_test(test_costly),
    };
    return cmocka_run_group_tests_name("dkim key", tests, NULL, NULL);
}
