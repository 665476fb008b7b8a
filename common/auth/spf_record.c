/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/spf_record.h"

#include <arpa/inet.h>

#include "common/auth/spf_ip.h"
#include "common/auth/spf_macro.h"

#define VERSION SLICE("v=spf1")

bool spf_record_is(struct slice text)
{
    return slice_starts_nocase(text, VERSION) && (text.len == VERSION.len || text.data[VERSION.len] == ' ');
}

static bool is_alpha(char c)
{
    return ascii_is_alnum(c) && !ascii_is_digit(c);
}

/* name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ), up to "="; term.len where it is no modifier */
static size_t modifier_name(struct slice term)
{
    size_t i = 0;

    if (!is_alpha(term.data[0]))
        return term.len;
    while (i < term.len && (ascii_is_alnum(term.data[i]) || term.data[i] == '-' || term.data[i] == '_' ||
                            term.data[i] == '.'))
        i++;
    return i < term.len && term.data[i] == '=' ? i : term.len;
}

static const char *domain_problem(struct slice spec)
{
    unsigned char address[sizeof(struct in6_addr)];
    char text[INET6_ADDRSTRLEN];

    if (spf_macro_valid(spec, SPF_DOMAIN_SPEC))
        return NULL;
    if (spec.len == 0)
        return "the domain is missing";
    if (!spf_macro_valid(spec, SPF_MACRO_STRING))
        return "it has a broken macro, or a character that does not belong there";
    if (slice_copy(text, sizeof text, spec) && inet_pton(AF_INET, text, address) == 1)
        return "an address belongs into ip4:";
    return "it does not end in a valid top-level domain";
}

static void read_modifier(struct spf_term *t, struct slice name, struct slice value)
{
    t->kind = SPF_UNKNOWN;
    if (slice_eq_nocase(name, SLICE("redirect")))
        t->kind = SPF_REDIRECT;
    else if (slice_eq_nocase(name, SLICE("exp")))
        t->kind = SPF_EXP;
    if (t->kind == SPF_UNKNOWN) {
        t->problem = spf_macro_valid(value, SPF_MACRO_STRING) ? NULL : "it has a broken macro";
        return;
    }
    t->domain = value;
    t->problem = domain_problem(value);
}

/* "0", or digits that do not begin with one. */
static bool read_bits(struct slice digits, unsigned max, unsigned *bits)
{
    unsigned long long value;

    if (!slice_number(digits, max, &value) || (digits.len > 1 && digits.data[0] == '0'))
        return false;
    *bits = (unsigned)value;
    return true;
}

/* Where a last "/" with nothing but digits behind it stands; s.len without one. */
static size_t find_bits(struct slice s)
{
    size_t i = s.len;

    while (i > 0 && ascii_is_digit(s.data[i - 1]))
        i--;
    return i > 0 && i < s.len && s.data[i - 1] == '/' ? i - 1 : s.len;
}

/* dual-cidr-length, section 5.3, off the end: a domain-spec may hold "/", but not end in such a thing. */
static bool cut_dual_bits(struct slice *arg, struct spf_term *t)
{
    size_t slash = find_bits(*arg);

    t->bits4 = SPF_IPV4_BITS;
    t->bits6 = SPF_IPV6_BITS;
    if (slash < arg->len && slash > 0 && arg->data[slash - 1] == '/') {
        if (!read_bits(slice_skip(*arg, slash + 1), SPF_IPV6_BITS, &t->bits6))
            return false;
        *arg = slice_head(*arg, slash - 1);
        slash = find_bits(*arg);
    }
    if (slash == arg->len)
        return true;
    if (!read_bits(slice_skip(*arg, slash + 1), SPF_IPV4_BITS, &t->bits4))
        return false;
    *arg = slice_head(*arg, slash);
    return true;
}

/* [ ":" domain-spec ] */
static const char *read_domain(struct spf_term *t, struct slice arg, bool optional)
{
    if (arg.len == 0)
        return optional ? NULL : "the domain is missing";
    if (arg.data[0] != ':')
        return "it takes no such argument";
    t->domain = slice_skip(arg, 1);
    return domain_problem(t->domain);
}

static const char *read_addresses(struct spf_term *t, struct slice arg)
{
    return cut_dual_bits(&arg, t) ? read_domain(t, arg, true) : "the prefix length is wrong";
}

static const char *read_network(struct spf_term *t, struct slice arg, int family)
{
    unsigned *bits = family == AF_INET ? &t->bits4 : &t->bits6;
    unsigned most = family == AF_INET ? SPF_IPV4_BITS : SPF_IPV6_BITS;
    size_t slash = slice_find_char(arg, '/');
    char text[INET6_ADDRSTRLEN];

    if (arg.len == 0 || arg.data[0] != ':')
        return "the address is missing";
    if (!slice_copy(text, sizeof text, slice_skip(slice_head(arg, slash), 1)) ||
        slice_find_char(arg, '\0') < arg.len || inet_pton(family, text, t->network) != 1)
        return family == AF_INET ? "that is no IPv4 address" : "that is no IPv6 address";
    *bits = most;
    if (slash < arg.len && !read_bits(slice_skip(arg, slash + 1), most, bits))
        return "the prefix length is wrong";
    return NULL;
}

static const char *read_argument(struct spf_term *t, struct slice arg)
{
    switch (t->kind) {
    case SPF_ALL:
        return arg.len == 0 ? NULL : "it takes no argument";
    case SPF_A:
    case SPF_MX:
        return read_addresses(t, arg);
    case SPF_IP4:
        return read_network(t, arg, AF_INET);
    case SPF_IP6:
        return read_network(t, arg, AF_INET6);
    case SPF_PTR:
        return read_domain(t, arg, true);
    case SPF_INCLUDE:
    case SPF_EXISTS:
        return read_domain(t, arg, false);
    case SPF_REDIRECT:
    case SPF_EXP:
    case SPF_UNKNOWN:
        break;
    }
    return NULL;
}

static bool read_name(struct slice name, enum spf_kind *kind)
{
    static const struct {
        struct slice name;
        enum spf_kind kind;
    } mechanisms[] = {
        {{"all", 3}, SPF_ALL}, {{"include", 7}, SPF_INCLUDE}, {{"a", 1}, SPF_A},
        {{"mx", 2}, SPF_MX},   {{"ptr", 3}, SPF_PTR},         {{"ip4", 3}, SPF_IP4},
        {{"ip6", 3}, SPF_IP6}, {{"exists", 6}, SPF_EXISTS},
    };

    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++) {
        if (slice_eq_nocase(name, mechanisms[i].name)) {
            *kind = mechanisms[i].kind;
            return true;
        }
    }
    return false;
}

static enum verdict take_qualifier(struct slice *term)
{
    char c = term->data[0];

    if (c == '+' || c == '-' || c == '~' || c == '?')
        *term = slice_skip(*term, 1);
    switch (c) {
    case '-':
        return VERDICT_FAIL;
    case '~':
        return VERDICT_SOFTFAIL;
    case '?':
        return VERDICT_NEUTRAL;
    default:
        return VERDICT_PASS;
    }
}

static void read_mechanism(struct spf_term *t, struct slice term)
{
    size_t end = 0;

    t->qualifier = take_qualifier(&term);
    while (end < term.len && term.data[end] != ':' && term.data[end] != '/')
        end++;
    if (read_name(slice_head(term, end), &t->kind))
        t->problem = read_argument(t, slice_skip(term, end));
    else
        t->problem = "there is no such mechanism";
}

bool spf_term_next(struct slice *rest, struct spf_term *out)
{
    while (rest->len > 0 && rest->data[0] == ' ')
        *rest = slice_skip(*rest, 1);
    if (rest->len == 0)
        return false;
    struct slice term = slice_head(*rest, slice_find_char(*rest, ' '));
    size_t name = modifier_name(term);
    *rest = slice_skip(*rest, term.len);
    *out = (struct spf_term){.text = term, .domain = SLICE_EMPTY};
    if (name < term.len)
        read_modifier(out, slice_head(term, name), slice_skip(term, name + 1));
    else
        read_mechanism(out, term);
    return true;
}

/* Section 6: neither may stand there twice. */
static void keep_modifier(struct slice *kept, struct spf_term *t)
{
    if (kept->len > 0)
        t->problem = "it stands there twice";
    *kept = t->domain;
}

bool spf_record_parse(struct spf_record *out, struct slice text)
{
    struct slice rest = slice_skip(text, VERSION.len);

    *out = (struct spf_record){.terms = rest, .redirect = SLICE_EMPTY, .exp = SLICE_EMPTY};
    while (spf_term_next(&rest, &out->broken)) {
        if (out->broken.kind == SPF_REDIRECT && out->broken.problem == NULL)
            keep_modifier(&out->redirect, &out->broken);
        if (out->broken.kind == SPF_EXP && out->broken.problem == NULL)
            keep_modifier(&out->exp, &out->broken);
        if (out->broken.problem != NULL)
            return false;
    }
    return true;
}

bool spf_kind_asks_dns(enum spf_kind kind)
{
    return kind == SPF_INCLUDE || kind == SPF_A || kind == SPF_MX || kind == SPF_PTR || kind == SPF_EXISTS ||
           kind == SPF_REDIRECT;
}

bool spf_kind_is_modifier(enum spf_kind kind)
{
    return kind == SPF_REDIRECT || kind == SPF_EXP || kind == SPF_UNKNOWN;
}
