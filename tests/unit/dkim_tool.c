/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/dkim_tool.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "common/base/text.h"
#include "common/mail/header.h"
#include "tests/unit/unit.h"

enum { TEXT_MAX = 4 << 20, FIELDS_MAX = 400 };

/* Made for these tests; they protect nothing. The last is of RFC 8463 appendix A.2. */
static const char *const private_key[] = {
    [TOOL_RSA512] =
        "MIIBOgIBAAJBALrQ7hmeaG4vFP56Do4u/t6WrItE2r5m7/nJxcZcJpQmMOUNZC5Mnd9lUtGPfqRHBGcxMX1U4KSswiUoQCoKpa8C"
        "AwEAAQJAI9tkSBCKlNN+oRWGY64Lh2e+OID/x1n0p6odxuP7F6YksT8x6cNIE8ZWdpxOGVHWIjriLRm260w52YMHOl/d8QIhAO2U"
        "Z+TJOERcvVuJ13YmEm4ZOMBuAtNqU0t70q85fwe5AiEAyUzx34Poag4N+4jeTLfsWdGkv53StnMLowhl5K1nfKcCIQDoqCOR7ee3"
        "MqaRJQyl/CSiQvrLnzAPP5lwW0L4K7MVqQIgB0q4QEaA9saHjyMIGnNXJnHHrAFFjsJgG4nEVyJI62UCIAwwvszl/CzZrCj2JSX9"
        "33icn7+80VqIi/19hjHEt5iT",
    [TOOL_RSA1024] =
        "MIICWwIBAAKBgQDbqSzXPbxJNn8rDNfSp9HXoBECibDP4sQ52L6MhAb9tbhikCuckAhLBqj+/2ReysmYrhv0WGYepcFBd/UzQTab"
        "Q55TGq9BcKiKCPNFZOb/NMiQFqiZXAYyRqbIbASlohf6m5V4ZN+0nNH1qgt/u9lodh2w26DMkj8bHjUBFtMjBwIDAQABAoGAV87a"
        "4/gDymiEkVsC82yuj7mm0xLjoVaPBmjEUzt75/O6j3v+UwmopwU0jSrenp4F1IjVF+o2eE3eYSNo22JYRx855T+N99aLnOTZ7xSh"
        "/ESCC9OMUAARWu5pTO2QeoLDZhzR+3HQSBW8FhLIO0u2A+z4mFwm0kw12h0kKZ/PPNECQQDvNhAMsjmvWMMkddwCc8xCNxoOhX5S"
        "ItNS9Biz78MQYrTKlfcf8u3Pp8+A5yCM4CZKUrykgw5i9tC/qMfcWxm9AkEA6xPZWW8SicFAd8zvSnqx5aqcOUSgiVFkExoi8F9i"
        "UA/8J6cldLseGhsLOKgYFbrwGS6r26kkYxI15ckxFDvCEwJAUKWqbY1c01gaml096nm94IkRONoax3hERNBUz71Cx3BvwWkj4tqV"
        "AJBz7eJ+X+BmKGKShOhGXmkV4bf2gb0ZBQJAGCL0mRsvcxd1kBdppmMMqwEmgzbJqO/Db7aqSbXxeTj68fNWhDLGN3X5Y/rWZjzI"
        "dD13hdlLFCUFha9vq50rIwJAEd7XHmjdpFQevw8jskg7XwVOz6Ud3XxZDVSsH1LJFQXFDYicwfEiej04N5ixf2kJr69SYWSU/RpX"
        "YFX7GWFjHw==",
    [TOOL_RSA2048] =
        "MIIEogIBAAKCAQEAwT2pN9OdduUuknH5her5Q3EY/FWA/XzeoJZDg5lN8s/odPOrX5QeAw3I1IPfd3xK4oj6P6KfAmLOlK+GnR0N"
        "Sda0s0qeEMO/ycGLYDmsY5kQeDHtkgGZdTFEv6TO4n0k7lkxr5T9LV6xbl/vwAyhxlUfZ+IP3UotqONGXuCY3JZVas8oKLET6poU"
        "DsJYS6h2meWt+beNDsi88aVOVuueCZOcIEour8egkqWnmLPy4Ykq8+kft/1o560A5Dd3RinAVYu94YjRC8u2XSrYOqBNffloCJtH"
        "Nckys9y8Pk5ZaxD/G5vKFlZOm73fjMEzMzbP4b3aj6n9CIfgg4zFVdlKDwIDAQABAoIBABC05gZfk0OOOOKMXAhJ8lb0VjaqpcZE"
        "n3K+ywN7o5OUigJidrSCt72H2Y8V/6Hy6v5+3TPXOWwZYsbUDg1TT6zMlT7S+qt0YQZuZ0BgfBj4SMY7etCetse9BLaU5xYJv8Gj"
        "kHofpWvgvfJO9QljjjD5dweiMcDuAtiRHapiPJUFe9OUD4TBbUcC0q4q0AauFBhn89nlbYaEQ9ROnDy0maAM0lmp8ED/IFMUziYz"
        "eQtiPpVTDkZe/G/2M/XDrM+RnVfqza1pzwcruqLjHVTjor9QTr2iSMnoWMWoU0gzB+Hn5mP+HXRGRxfRK0MHqOohS5ak1uib9XOL"
        "YuPoRULJ8/ECgYEA3nHGAbhAHJJZ55otoFw508ltKZOpwG8hXx9HGKp0UzKTGB/u5Or5NUnWWOx4dgTQX1VmYfDVKNb5WeYII+zU"
        "1gxI1yg2Qi2xKUzac/0hhwVo5XGlZV2lefI8Ud2kOfOkZSQ3rKfyvcyuW+q5c0R9rSwisy0tqRhzaCo+Apqxt4sCgYEA3mQfJji8"
        "Doxiy/4jH2yr3hIptWHuBHiJK19+/K9o//1LxTjSHralsh69XBdrr4R4AZXxRimYt2SHvTlMk8/1uJt8TOpSoOVjktG0DX2zM9u8"
        "bKJMyvlAbTZTp4ev/iued/6Y6Yt/hD53kHSgSTRLLQN66g2BNGxh5F2Alq0X6A0CgYA+fKNs1D9eR1ZuEweCJqYv8kNyDIMBBbbQ"
        "K88jBK8MuAZOHppTQBale4p1DGiCbrPCNBFArhCTGmCNemsK/HqFbon/ttIXIRLFUUuEjbUfYsumuJgHs5jKetuq+6IojWK+7r+d"
        "BsjPvHG2bGeQE8tiHCXbQ3OyLqYsusEUpjQKJQKBgEINSLcoeKp1hc6Cz9nAhBd0G5E04eXQCyWnumbAjpYhnESaiMX4h6Qsvx9A"
        "EYrS9HW8HCozppkpsatA/n6UcK4A+F0754jEONvdjvXG1NfdNsypM9fBSiJl1VjX0yzRtcJ8Ctyqwxf7GbX8/bJgZsea1gH4Otzg"
        "J/8UymF2TbhtAoGADCO817unEjD+WUJxo0fugt12skoyryrPiLHnQwCO9VxgAaftR1TgO4+rg0yjNqMAbpGhP04qGSevXJLk8v1/"
        "X/MSGKCSA+3vqb0RDp2aTRINJZyIVxXyNsoUGojl9LA9igwGEaKMrwlNpU8p7iS63ieEJSiXgYfPmga1X4su418=",
    [TOOL_ED25519] = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=",
};

static EVP_PKEY *load(enum tool_key key)
{
    struct buffer der = BUFFER_INIT(4096);

    assert_true(text_base64_decode(&der, slice_from(private_key[key])));
    const unsigned char *at = (const unsigned char *)der.data;
    EVP_PKEY *pkey = key == TOOL_ED25519 ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, at, der.len)
                                         : d2i_PrivateKey(EVP_PKEY_RSA, NULL, &at, (long)der.len);
    assert_non_null(pkey);
    buffer_clear(&der);
    return pkey;
}

static const char *base64(const unsigned char *bytes, size_t len)
{
    static char text[4096];
    struct buffer out = BUFFER_INIT(sizeof text - 1);

    assert_true(text_base64_encode(&out, slice_of(bytes, len)));
    slice_copy(text, sizeof text, buffer_slice(&out));
    buffer_clear(&out);
    return text;
}

static const char *public_text(enum tool_key key, int encode(const EVP_PKEY *, unsigned char **))
{
    EVP_PKEY *pkey = load(key);
    unsigned char *der = NULL, raw[32];
    size_t len = sizeof raw;

    if (key == TOOL_ED25519)
        assert_int_equal(EVP_PKEY_get_raw_public_key(pkey, raw, &len), 1);
    else
        len = (size_t)encode(pkey, &der);
    const char *text = base64(key == TOOL_ED25519 ? raw : der, len);
    OPENSSL_free(der);
    EVP_PKEY_free(pkey);
    return text;
}

const char *tool_public(enum tool_key key)
{
    return public_text(key, i2d_PUBKEY);
}

const char *tool_public_bare(enum tool_key key)
{
    return public_text(key, i2d_PublicKey);
}

static void add(struct buffer *out, struct slice s)
{
    assert_true(buffer_append(out, s));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void with_crlf(struct slice in, struct buffer *out)
{
    for (size_t i = 0; i < in.len; i++) {
        if (in.data[i] == '\n' && (i == 0 || in.data[i - 1] != '\r'))
            add(out, SLICE("\r"));
        add(out, slice_of(in.data + i, 1));
    }
}

static void reduced_line(struct slice line, struct buffer *out)
{
    while (line.len > 0 && is_blank(line.data[line.len - 1]))
        line.len--;
    for (size_t i = 0; i < line.len; i++) {
        if (!is_blank(line.data[i]))
            add(out, slice_of(line.data + i, 1));
        else if (!is_blank(line.data[i + 1]))
            add(out, SLICE(" "));
    }
}

void tool_canon_body(bool relaxed, struct slice body, struct buffer *out)
{
    struct buffer lines = BUFFER_INIT(TEXT_MAX);
    size_t start = out->len;

    with_crlf(body, &lines);
    struct slice rest = buffer_slice(&lines);
    while (rest.len > 0) {
        size_t n = slice_find(rest, SLICE("\r\n"));
        if (relaxed)
            reduced_line(slice_head(rest, n), out);
        else
            add(out, slice_head(rest, n));
        add(out, SLICE("\r\n"));
        rest = slice_skip(rest, n + 2);
    }
    while (out->len >= start + 4 && slice_ends_nocase(buffer_slice(out), SLICE("\r\n\r\n")))
        out->len -= 2;
    if (out->len == start + 2)
        out->len = start;
    if (out->len == start && !relaxed)
        add(out, SLICE("\r\n"));
    buffer_clear(&lines);
}

void tool_canon_field(bool relaxed, struct slice field, struct buffer *out)
{
    struct buffer crlf = BUFFER_INIT(TEXT_MAX), line = BUFFER_INIT(TEXT_MAX);

    with_crlf(field, &crlf);
    if (!relaxed) {
        add(out, buffer_slice(&crlf));
    } else {
        for (size_t i = 0; i < crlf.len; i++)
            if (!slice_starts(slice_skip(buffer_slice(&crlf), i), SLICE("\r\n")) &&
                !(crlf.data[i] == '\n' && i > 0 && crlf.data[i - 1] == '\r'))
                add(&line, slice_of(crlf.data + i, 1));
        size_t colon = slice_find_char(buffer_slice(&line), ':');
        for (size_t i = 0; i < colon; i++)
            if (!is_blank(line.data[i]))
                assert_true(buffer_append_char(out, ascii_lower(line.data[i])));
        add(out, SLICE(":"));
        struct slice value = slice_skip(buffer_slice(&line), colon + 1);
        while (value.len > 0 && is_blank(value.data[0]))
            value = slice_skip(value, 1);
        reduced_line(value, out);
        if (slice_ends_nocase(field, SLICE("\n")))
            add(out, SLICE("\r\n"));
    }
    buffer_clear(&crlf);
    buffer_clear(&line);
}

/* The fields of a header, each with its lines; returns how many. */
static size_t split(struct slice header, struct slice fields[FIELDS_MAX])
{
    size_t count = 0;

    while (header.len > 0 && header.data[0] != '\n' && header.data[0] != '\r') {
        size_t n = 0;
        do {
            n += slice_find_char(slice_skip(header, n), '\n') + 1;
        } while (n < header.len && is_blank(header.data[n]));
        assert_true(count < FIELDS_MAX);
        fields[count++] = slice_head(header, n);
        header = slice_skip(header, n);
    }
    return count;
}

static bool is_named(struct slice field, struct slice name)
{
    struct slice found = slice_trim(slice_head(field, slice_find_char(field, ':')));
    return slice_eq_nocase(found, name);
}

static void hashed_header(const struct tool_signature *s, struct slice header, struct buffer *out)
{
    struct slice fields[FIELDS_MAX], rest = slice_from(s->headers);
    size_t count = split(header, fields);
    bool used[FIELDS_MAX] = {false};

    while (rest.len > 0) {
        struct slice name = slice_head(rest, slice_find_char(rest, ':'));
        rest = slice_skip(rest, name.len + 1);
        size_t i = count;
        while (i > 0 && (used[i - 1] || !is_named(fields[i - 1], slice_trim(name))))
            i--;
        if (i == 0)
            continue;
        used[i - 1] = true;
        tool_canon_field(s->relaxed_header, fields[i - 1], out);
    }
}

static void replace(struct buffer *text, const char *mark, const char *with, bool blanks_too)
{
    struct buffer out = BUFFER_INIT(TEXT_MAX);
    struct slice all = buffer_slice(text);
    size_t at = slice_find(all, slice_from(mark));
    struct slice before = slice_head(all, at), after = slice_skip(all, at + strlen(mark));

    while (blanks_too && before.len > 0 && ascii_is_space(before.data[before.len - 1]))
        before.len--;
    while (blanks_too && after.len > 0 && ascii_is_space(after.data[0]))
        after = slice_skip(after, 1);
    if (at < all.len) {
        add(&out, before);
        add(&out, slice_from(with));
        add(&out, after);
        buffer_reset(text);
        add(text, buffer_slice(&out));
    }
    buffer_clear(&out);
}

const char *tool_sign_text(enum tool_key key, struct slice text)
{
    unsigned char digest[32], signature[512];
    size_t len = sizeof signature;
    EVP_PKEY *pkey = load(key);

    assert_int_equal(EVP_Digest(text.data, text.len, digest, NULL, EVP_sha256(), NULL), 1);
    if (key == TOOL_ED25519) {
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        assert_int_equal(EVP_DigestSignInit(context, NULL, NULL, NULL, pkey), 1);
        assert_int_equal(EVP_DigestSign(context, signature, &len, digest, sizeof digest), 1);
        EVP_MD_CTX_free(context);
    } else {
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);
        assert_int_equal(EVP_PKEY_sign_init(context), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING), 1);
        assert_int_equal(EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()), 1);
        assert_int_equal(EVP_PKEY_sign(context, signature, &len, digest, sizeof digest), 1);
        EVP_PKEY_CTX_free(context);
    }
    EVP_PKEY_free(pkey);
    return base64(signature, len);
}

static const char *body_hash(const struct tool_signature *s, struct slice body)
{
    struct buffer canon = BUFFER_INIT(TEXT_MAX);
    unsigned char digest[32];

    tool_canon_body(s->relaxed_body, body, &canon);
    size_t len = s->length > 0 && s->length < canon.len ? (size_t)s->length : canon.len;
    assert_int_equal(EVP_Digest(buffer_text(&canon), len, digest, NULL, EVP_sha256(), NULL), 1);
    buffer_clear(&canon);
    return base64(digest, sizeof digest);
}

void tool_sign(struct buffer *out, const struct tool_signature *s, struct slice message)
{
    struct buffer field = BUFFER_INIT(TEXT_MAX), empty = BUFFER_INIT(TEXT_MAX),
                  hashed = BUFFER_INIT(TEXT_MAX);

    assert_true(buffer_append_text(&field, s->field));
    replace(&field, "$bh", body_hash(s, header_body(message)), false);
    add(&empty, buffer_slice(&field));
    replace(&empty, "$b", "", true);
    hashed_header(s, message, &hashed);
    tool_canon_field(s->relaxed_header, buffer_slice(&empty), &hashed);
    replace(&field, "$b", tool_sign_text(s->key, buffer_slice(&hashed)), false);
    add(out, buffer_slice(&field));
    add(out, SLICE("\r\n"));
    add(out, message);
    buffer_clear(&field);
    buffer_clear(&empty);
    buffer_clear(&hashed);
}

size_t tool_verify(struct slice message, size_t piece, const struct lookup *lookup, time_t now,
                   struct dkim_result results[DKIM_SIGNATURES_MAX])
{
    struct slice body = header_body(message);
    struct dkim *d = dkim_new(message);

    assert_non_null(d);
    for (; body.len > 0; body = slice_skip(body, piece))
        dkim_body(d, slice_head(body, piece));
    size_t n = dkim_finish(d, lookup, now, results);
    dkim_free(&d);
    assert_null(d);
    return n;
}
