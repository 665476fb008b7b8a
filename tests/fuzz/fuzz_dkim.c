/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole message through DKIM and ARC: what is found does not depend on the pieces that the body comes in,
 * nor on LF or CRLF as its line end, and can be shown to anybody. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/auth/arc.h"
#include "common/auth/dkim.h"
#include "common/base/text.h"
#include "common/mail/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MESSAGE_MAX = 1 << 20 };

struct findings {
    size_t count;
    struct dkim_result dkim[DKIM_SIGNATURES_MAX];
    struct arc_result arc;
};

static void check(bool condition)
{
    if (!condition)
        abort();
}

/* Both keys of RFC 8463 stand at every name, so that signatures are verified. */
static const struct lookup_answer *query(void *context, const char *name, enum record_type type)
{
    static const struct record records[] = {
        {.text = SLICE("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")},
        {.text = SLICE("v=DKIM1; k=rsa; "
                       "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bd"
                       "OKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/"
                       "8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLz"
                       "BfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB")},
    };
    static const struct lookup_answer answer = {
        .status = LOOKUP_FOUND, .count = 2, .records = records, .problem = ""};

    check(context == NULL && strlen(name) <= 253 && type == RECORD_TXT);
    return &answer;
}

static void find(struct slice message, size_t piece, struct findings *f)
{
    static const struct lookup lookup = {NULL, query, NULL};
    struct dkim *dkim = dkim_new(message);
    struct arc *arc = arc_new(message);

    check(dkim != NULL && arc != NULL);
    for (struct slice body = header_body(message); body.len > 0; body = slice_skip(body, piece)) {
        dkim_body(dkim, slice_head(body, piece));
        arc_body(arc, slice_head(body, piece));
    }
    memset(f, 0, sizeof *f);
    f->count = dkim_finish(dkim, &lookup, 1528637910, f->dkim);
    arc_finish(arc, &lookup, 1528637910, &f->arc);
    dkim_free(&dkim);
    arc_free(&arc);
}

static void check_text(const char *text)
{
    char clean[512];

    text_clean(clean, sizeof clean, slice_from(text));
    check(strcmp(clean, text) == 0);
}

static void check_result(const struct dkim_result *r)
{
    check_text(r->domain);
    check_text(r->selector);
    check_text(r->identity);
    check_text(r->algorithm);
    check_text(r->reason);
    check(r->verdict == VERDICT_PASS || r->verdict == VERDICT_FAIL || r->verdict == VERDICT_PERMERROR ||
          r->verdict == VERDICT_POLICY);
    check(r->verdict == VERDICT_PASS || r->reason[0] != '\0');
    check(r->verdict != VERDICT_PASS || (!r->body_failed && !r->expired && r->bits >= 256));
}

static void check_same(const struct findings *a, const struct findings *b)
{
    check(a->count == b->count && a->arc.verdict == b->arc.verdict &&
          strcmp(a->arc.reason, b->arc.reason) == 0);
    check(a->arc.oldest_pass == b->arc.oldest_pass);
    for (size_t i = 0; i < a->count && i < DKIM_SIGNATURES_MAX; i++) {
        check(a->dkim[i].verdict == b->dkim[i].verdict && strcmp(a->dkim[i].reason, b->dkim[i].reason) == 0);
        check(a->dkim[i].unsigned_bytes == b->dkim[i].unsigned_bytes);
    }
}

/* Each LF without a CR before it gets one. */
static bool to_crlf(struct slice in, struct buffer *out)
{
    bool ok = true;

    for (size_t i = 0; i < in.len && ok; i++) {
        if (in.data[i] == '\n' && (i == 0 || in.data[i - 1] != '\r'))
            ok = buffer_append_char(out, '\r');
        ok = ok && buffer_append_char(out, in.data[i]);
    }
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct findings whole, pieces, crlf;
    struct slice message = slice_of(data, size);
    struct buffer converted = BUFFER_INIT(2 * MESSAGE_MAX);

    if (size > MESSAGE_MAX || !to_crlf(message, &converted))
        return 0;
    find(message, (size_t)-1, &whole);
    find(message, 1, &pieces);
    check_same(&whole, &pieces);
    find(buffer_slice(&converted), 3, &crlf);
    check_same(&whole, &crlf);
    for (size_t i = 0; i < whole.count && i < DKIM_SIGNATURES_MAX; i++)
        check_result(&whole.dkim[i]);
    check_text(whole.arc.reason);
    check_text(whole.arc.domain);
    check(whole.arc.instances <= 50 && whole.arc.oldest_pass <= whole.arc.instances);
    buffer_clear(&converted);
    return 0;
}
