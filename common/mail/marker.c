/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/marker.h"

#include <errno.h>
#include <openssl/sha.h>
#include <string.h>
#include <sys/random.h>

/* prefix, key, time, random, check; five bits a letter */
static const struct slice prefix = SLICE(MARKER_PREFIX);
/* without i, l, o and u: no two letters look alike, and few words can be spelled */
static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

enum {
    LETTER_BITS = 5,
    KEY_LETTERS = MARKER_KEY_BITS / LETTER_BITS,
    TIME_LETTERS = 8,
    RANDOM_LETTERS = 16,
    CHECK_LETTERS = 2,
    PAYLOAD_LETTERS = KEY_LETTERS + TIME_LETTERS + RANDOM_LETTERS,
    PREFIX_LENGTH = MARKER_LENGTH - PAYLOAD_LETTERS - CHECK_LETTERS,
    RANDOM_BYTES = MARKER_RANDOM_BITS / 8,
    CHECK_MODULUS =
        1021 /* a prime below 1024 and above the count of letters: every single slip and swap shows */
};

_Static_assert(RANDOM_LETTERS *LETTER_BITS == MARKER_RANDOM_BITS, "random bits fill their letters");

uint64_t marker_key(struct slice identity)
{
    unsigned char digest[SHA256_DIGEST_LENGTH] = {0};
    uint64_t key = 0;

    SHA256((const unsigned char *)identity.data, identity.len, digest);
    for (size_t i = 0; i < MARKER_KEY_BITS / 8; i++)
        key = key << 8 | digest[i];
    return key;
}

static void put_letters(char *out, size_t letters, uint64_t value)
{
    while (letters-- > 0) {
        out[letters] = alphabet[value & 0x1f];
        value >>= LETTER_BITS;
    }
}

/* What each letter stands for. False where one is none. */
static bool read_letters(unsigned char *values, const char *text, size_t letters)
{
    for (size_t i = 0; i < letters; i++) {
        const char *at = memchr(alphabet, text[i], sizeof alphabet - 1);
        if (at == NULL)
            return false;
        values[i] = (unsigned char)(at - alphabet);
    }
    return true;
}

static uint64_t join_values(const unsigned char *values, size_t letters)
{
    uint64_t value = 0;

    for (size_t i = 0; i < letters; i++)
        value = value << LETTER_BITS | values[i];
    return value;
}

static uint64_t check_value(const unsigned char *payload)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < PAYLOAD_LETTERS; i++)
        sum += (i + 1) * payload[i];
    return sum % CHECK_MODULUS;
}

static bool random_bytes(unsigned char *out, size_t size)
{
    ssize_t n;

    do
        n = getrandom(out, size, 0);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)size; /* up to 256 bytes come whole */
}

bool marker_new(struct marker *m, uint64_t key, time_t now, struct err *err)
{
    unsigned char random[RANDOM_BYTES], values[PAYLOAD_LETTERS];
    char *at = m->text + PREFIX_LENGTH;

    *m = (struct marker){.key = key & ((UINT64_C(1) << MARKER_KEY_BITS) - 1), .sent = now};
    if (now < 0 || (uint64_t)now >> (TIME_LETTERS * LETTER_BITS) != 0)
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "the clock is at %lld: no marker can hold that",
                       (long long)now);
    if (!random_bytes(random, sizeof random))
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "no randomness for a marker: %s", strerror(errno));
    memcpy(m->text, prefix.data, PREFIX_LENGTH);
    put_letters(at, KEY_LETTERS, m->key);
    put_letters(at += KEY_LETTERS, TIME_LETTERS, (uint64_t)now);
    at += TIME_LETTERS;
    for (size_t i = 0; i < sizeof random; i += LETTER_BITS) {
        uint64_t value = 0;
        for (size_t k = 0; k < LETTER_BITS; k++)
            value = value << 8 | random[i + k];
        put_letters(at, 8, value);
        at += 8;
    }
    read_letters(values, m->text + PREFIX_LENGTH, PAYLOAD_LETTERS);
    put_letters(at, CHECK_LETTERS, check_value(values));
    return true;
}

bool marker_parse(struct marker *m, struct slice text)
{
    struct marker parsed = {.key = 0};
    unsigned char values[PAYLOAD_LETTERS + CHECK_LETTERS];

    if (text.len != MARKER_LENGTH || !slice_starts_nocase(text, prefix))
        return false;
    for (size_t i = 0; i < MARKER_LENGTH; i++)
        parsed.text[i] = ascii_lower(text.data[i]);
    if (!read_letters(values, parsed.text + PREFIX_LENGTH, sizeof values) ||
        join_values(values + PAYLOAD_LETTERS, CHECK_LETTERS) != check_value(values))
        return false;
    parsed.key = join_values(values, KEY_LETTERS);
    parsed.sent = (time_t)join_values(values + KEY_LETTERS, TIME_LETTERS);
    *m = parsed;
    return true;
}

bool marker_find(struct marker *m, struct slice text)
{
    bool in_word = false;

    for (size_t i = 0; i + MARKER_LENGTH <= text.len; i++) {
        struct slice here = slice_skip(text, i);
        bool ends = here.len == MARKER_LENGTH || !ascii_is_alnum(here.data[MARKER_LENGTH]);
        if (!in_word && ends && marker_parse(m, slice_head(here, MARKER_LENGTH)))
            return true;
        in_word = ascii_is_alnum(text.data[i]);
    }
    return false;
}

uint64_t marker_random(const struct marker *m)
{
    unsigned char values[12] = {0};

    read_letters(values, m->text + PREFIX_LENGTH + KEY_LETTERS + TIME_LETTERS, sizeof values);
    return join_values(values, sizeof values);
}
