/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/spf.h"

#include <string.h>

#include "common/auth/domain.h"
#include "common/auth/spf_host.h"
#include "common/base/text.h"

/* No SMTP command carries a longer path (RFC 5321 section 4.5.3.1.4); there is room for much UTF-8. What an
 * explanation may grow to before it is cleaned and cut. */
enum { ADDRESS_MAX = 1024, EXPLANATION_MAX = 2048 };

#define POSTMASTER SLICE("postmaster")

/* <sender> of section 4.1. */
struct identity {
    struct slice local;
    struct slice domain;
};

/* Section 4.3 and RFC 8616: A-labels, without a trailing dot; an ASCII name keeps its letters. */
static struct slice to_ascii(struct slice name, char out[DOMAIN_TEXT_MAX])
{
    if (!text_is_ascii(name) && domain_to_ascii(out, name))
        return slice_from(out);
    if (name.len > 0 && name.data[name.len - 1] == '.')
        name.len--;
    return name;
}

/* Section 4.3: "postmaster" where there is no local part. */
static struct identity split(struct slice path)
{
    struct identity id = {.local = POSTMASTER, .domain = path};

    for (size_t i = path.len; i > 0; i--) {
        if (path.data[i - 1] != '@')
            continue;
        id.domain = slice_skip(path, i);
        if (i > 1)
            id.local = slice_head(path, i - 1);
        break;
    }
    return id;
}

static struct slice join(struct identity id, char out[2 * ADDRESS_MAX])
{
    memcpy(out, id.local.data, id.local.len);
    out[id.local.len] = '@';
    memcpy(out + id.local.len + 1, id.domain.data, id.domain.len);
    return slice_of(out, id.local.len + 1 + id.domain.len);
}

/* Cleaned word by word: several spaces stay several. */
static void clean_words(char *out, size_t size, struct slice text)
{
    for (size_t used = 0; used + 1 < size; used++) {
        size_t space = slice_find_char(text, ' ');
        text_clean(out + used, size - used, slice_head(text, space));
        used += strlen(out + used);
        if (space == text.len || used + 1 >= size)
            return;
        out[used] = ' ';
        out[used + 1] = '\0';
        text = slice_skip(text, space + 1);
    }
}

/* Section 6.2: whatever is wrong with it, there is none. */
static void explain(struct spf_host *h)
{
    char name[SPF_NAME_MAX], text[EXPLANATION_MAX];

    if (h->exp.len == 0 || !spf_host_name(h, h->exp, name))
        return;
    const struct lookup_answer *answer = spf_host_ask(h, name, RECORD_TXT);
    if (answer->count != 1 || !spf_macro_valid(answer->records[0].text, SPF_EXPLANATION))
        return;
    spf_host_prepare(h, answer->records[0].text);
    size_t length = spf_macro_explain(answer->records[0].text, &h->values, text, sizeof text);
    clean_words(h->result->explanation, sizeof h->result->explanation, slice_of(text, length));
}

static void keep_domain(struct spf_result *result, struct slice domain)
{
    char lower[sizeof result->domain];

    slice_copy(lower, sizeof lower, domain);
    for (char *c = lower; *c != '\0'; c++)
        *c = ascii_lower(*c);
    text_clean(result->domain, sizeof result->domain, slice_from(lower));
}

static void check(struct spf_host *h, const struct spf_request *request)
{
    if (!spf_ip_parse(&h->values.ip, request->client_ip)) {
        h->result->verdict = VERDICT_TEMPERROR; /* ours, not the domain's */
        spf_host_reason(h, "\"%s\" is no IP address", request->client_ip);
        return;
    }
    if (!spf_domain_is_usable(h->values.sender_domain)) {
        spf_host_reason(h, "\"%s\" is no domain that could have an SPF record", h->result->domain);
        return;
    }
    slice_copy(h->domain, sizeof h->domain, h->values.sender_domain);
    h->result->verdict = spf_host_check(h);
    h->values.domain = slice_from(h->domain);
    if (h->result->verdict == VERDICT_FAIL)
        explain(h);
}

static void check_identity(struct spf_result *result, const struct spf_request *request,
                           const struct lookup *lookup, struct identity id)
{
    char domain[DOMAIN_TEXT_MAX], helo[DOMAIN_TEXT_MAX], sender[2 * ADDRESS_MAX];
    struct spf_host h = {.lookup = lookup, .deadline = request->deadline, .result = result};

    if (id.local.len + id.domain.len >= ADDRESS_MAX) {
        keep_domain(result, id.domain);
        spf_host_reason(&h, "the sender's address is too long to be one");
        return;
    }
    id.domain = to_ascii(id.domain, domain);
    keep_domain(result, id.domain);
    h.values = (struct spf_values){
        .sender = join(id, sender),
        .local = id.local,
        .sender_domain = id.domain,
        .domain = SLICE_EMPTY,
        .validated = SLICE_EMPTY,
        .helo = to_ascii(slice_head(slice_from(request->helo), ADDRESS_MAX), helo),
        .receiver = request->receiver == NULL ? SLICE("unknown") : slice_from(request->receiver),
        .now = request->now,
    };
    check(&h, request);
}

void spf_check_helo(struct spf_result *result, const struct spf_request *request, const struct lookup *lookup)
{
    *result = (struct spf_result){.verdict = VERDICT_NONE, .helo_identity = true};
    check_identity(result, request, lookup, (struct identity){POSTMASTER, slice_from(request->helo)});
}

void spf_check(struct spf_result *result, const struct spf_request *request, const struct lookup *lookup)
{
    struct slice path = slice_trim(slice_from(request->mail_from));

    if (path.len > 1 && path.data[0] == '<' && path.data[path.len - 1] == '>')
        path = slice_of(path.data + 1, path.len - 2);
    if (path.len == 0) {
        spf_check_helo(result, request, lookup);
        return;
    }
    *result = (struct spf_result){.verdict = VERDICT_NONE};
    check_identity(result, request, lookup, split(path));
}
