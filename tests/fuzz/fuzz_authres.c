/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was read of a header, written as RFC 8601 wants it, reads the same again. Of a whole message nothing
 * is trusted that nobody named, and what is believed comes from a header with that trust. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/auth/authres.h"
#include "common/base/buffer.h"
#include "common/mail/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_pair(struct buffer *out, const char *name, const char *value)
{
    if (value[0] == '\0')
        return;
    buffer_printf(out, " %s=", name);
    token_append_quoted(out, slice_from(value));
}

static void write_result(struct buffer *out, const struct auth_result *r)
{
    static const char *const domains[] = {
        [METHOD_SPF] = "smtp.mailfrom", [METHOD_DKIM] = "header.d", [METHOD_DMARC] = "header.from"};

    buffer_printf(out, "; %s=", r->method_name);
    token_append_quoted(out, slice_from(r->result));
    write_pair(out, "reason", r->reason);
    if (r->method <= METHOD_DMARC)
        write_pair(out, domains[r->method], r->domain);
    write_pair(out, "header.s", r->selector);
    if (r->method == METHOD_DMARC)
        write_pair(out, "policy.p", r->policy);
}

static void write_header(struct buffer *out, const struct authres *a)
{
    if (a->arc)
        buffer_printf(out, "i=%u; ", a->instance);
    token_append_quoted(out, slice_from(a->authserv_id));
    if (a->none)
        buffer_append_text(out, "; none");
    for (size_t i = 0; i < a->count; i++)
        write_result(out, &a->result[i]);
}

/* A name that was cut to its field, or holds what no name may, cannot be written. */
static bool is_writable(const struct authres *a)
{
    for (size_t i = 0; i < a->count; i++) {
        const char *name = a->result[i].method_name;
        if (name[strcspn(name, "=;()\"/. ")] != '\0')
            return false;
    }
    return true;
}

static bool same_result(const struct auth_result *a, const struct auth_result *b)
{
    return a->method == b->method && strcmp(a->method_name, b->method_name) == 0 &&
           strcmp(a->result, b->result) == 0 && strcmp(a->selector, b->selector) == 0 &&
           strcmp(a->reason, b->reason) == 0 && strcmp(a->domain, b->domain) == 0 &&
           strcmp(a->policy, b->policy) == 0;
}

static void check_round_trip(const struct authres *a)
{
    struct buffer text = BUFFER_INIT(64 * 1024);
    static struct authres again;

    write_header(&text, a);
    if (!authres_parse(&again, buffer_slice(&text)) || again.count != a->count || again.none != a->none ||
        again.arc != a->arc || strcmp(again.authserv_id, a->authserv_id) != 0)
        abort();
    for (size_t i = 0; i < a->count; i++)
        if (!same_result(&a->result[i], &again.result[i]))
            abort();
    buffer_clear(&text);
}

static void check_message(struct slice message)
{
    static struct authres_set set;

    authres_collect(&set, message, NULL, 0, NULL);
    for (size_t i = 0; i < set.count; i++)
        if (set.header[i].trust == TRUST_TRUSTED ||
            (set.header[i].arc && set.header[i].trust != TRUST_UNTRUSTED))
            abort();
    if (authres_believed(&set, METHOD_DMARC, TRUST_TRUSTED, "example.com", NULL) != NULL)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct authres a;

    if (authres_parse(&a, slice_of(data, size)) && is_writable(&a))
        check_round_trip(&a);
    check_message(slice_of(data, size));
    return 0;
}
