/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/authres.h"

#include <string.h>

#include "common/base/text.h"
#include "common/mail/token.h"

/* A value is kept no further than that; the longest field is shorter. */
enum { VALUE_MAX = 512 };

static const struct {
    const char *name;
    enum auth_method method;
} methods[] = {{"spf", METHOD_SPF}, {"dkim", METHOD_DKIM}, {"dmarc", METHOD_DMARC}, {"arc", METHOD_ARC}};

static enum auth_method method_of(struct slice name)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (slice_eq_nocase(name, slice_from(methods[i].name)))
            return methods[i].method;
    return METHOD_OTHER;
}

static void clean_lower(char *out, size_t size, struct slice in)
{
    text_clean(out, size, in);
    for (; *out != '\0'; out++)
        *out = ascii_lower(*out);
}

/* Takes blanks and comments off the front; the first comment's content goes to *comment where that is still
 * empty. */
static void skip_blanks(struct slice *rest, struct slice *comment)
{
    while (rest->len > 0 && (ascii_is_space(rest->data[0]) || rest->data[0] == '(')) {
        size_t n = 1;
        if (rest->data[0] == '(') {
            n = token_comment(*rest);
            bool closed = n > 1 && rest->data[n - 1] == ')';
            if (comment->len == 0)
                *comment = slice_trim(slice_head(slice_skip(*rest, 1), n - (closed ? 2 : 1)));
        }
        *rest = slice_skip(*rest, n);
    }
}

static bool ends_word(char c)
{
    return ascii_is_space(c) || c == ';' || c == '(' || c == '"';
}

/* What stands before a '=': a method, a property, "reason"; or the authserv-id. */
static struct slice take_word(struct slice *rest)
{
    size_t n = 0;

    while (n < rest->len && !ends_word(rest->data[n]) && rest->data[n] != '=')
        n++;
    struct slice word = slice_head(*rest, n);
    *rest = slice_skip(*rest, n);
    return word;
}

/* Words and quoted strings without blanks between: "a b"@example.com */
static void take_value(struct slice *rest, struct buffer *out)
{
    while (rest->len > 0 && (rest->data[0] == '"' || !ends_word(rest->data[0]))) {
        if (rest->data[0] == '"') {
            token_take_quoted(rest, out);
            continue;
        }
        size_t n = 0;
        while (n < rest->len && !ends_word(rest->data[n]))
            n++;
        buffer_append(out, slice_head(slice_head(*rest, n), out->max - out->len));
        *rest = slice_skip(*rest, n);
    }
}

static bool joins_names(char c)
{
    return c == '.' || c == '/';
}

/* What stands before a '=': "dkim", "dkim/1", "header.d", with blanks and comments between its parts. */
static void take_name(struct slice *rest, struct buffer *name)
{
    struct slice word, ignored = SLICE_EMPTY;

    do {
        word = take_word(rest);
        buffer_append(name, slice_head(word, name->max - name->len));
        skip_blanks(rest, &ignored);
    } while (word.len > 0 && rest->len > 0 &&
             (joins_names(rest->data[0]) || joins_names(word.data[word.len - 1])));
}

static bool take_char(struct slice *rest, char c)
{
    if (rest->len == 0 || rest->data[0] != c)
        return false;
    *rest = slice_skip(*rest, 1);
    return true;
}

/* authserv-id [ CFWS authres-version ], RFC 8601 section 2.2; ARC has "i=1;" before it (RFC 8617
 * section 4.1.1). Microsoft leaves it out: what comes first is then a result, and stays in *rest. */
static void take_id(struct authres *out, struct slice *rest)
{
    struct buffer id = BUFFER_INIT(VALUE_MAX);
    struct slice ignored = SLICE_EMPTY, ahead;
    unsigned long long instance;

    skip_blanks(rest, &ignored);
    ahead = *rest;
    struct slice word = take_word(&ahead);
    skip_blanks(&ahead, &ignored);
    if (take_char(&ahead, '=')) {
        if (!slice_eq_nocase(word, SLICE("i")) || out->arc)
            return;
        skip_blanks(&ahead, &ignored);
        if (slice_number(take_word(&ahead), 1000, &instance))
            out->instance = (unsigned)instance;
        out->arc = true;
        skip_blanks(&ahead, &ignored);
        take_char(&ahead, ';');
        *rest = ahead;
        take_id(out, rest);
        return;
    }
    take_value(rest, &id);
    text_clean(out->authserv_id, sizeof out->authserv_id, buffer_slice(&id));
    buffer_clear(&id);
    while (rest->len > 0 && rest->data[0] != ';') {
        skip_blanks(rest, &ignored);
        if (rest->len > 0 && rest->data[0] != ';')
            *rest = slice_skip(*rest, 1);
    }
}

/* "(p=NONE sp=QUARANTINE dis=NONE)", "(p=none,d=none)", "(policy=reject)" */
static void read_policy(struct auth_result *result, struct slice comment)
{
    static const struct slice names[] = {SLICE("p="), SLICE("policy=")};

    for (size_t i = 0; i < comment.len && result->policy[0] == '\0'; i++) {
        bool starts_word = i == 0 || !(ascii_is_alnum(comment.data[i - 1]) || comment.data[i - 1] == '.' ||
                                       comment.data[i - 1] == '-' || comment.data[i - 1] == '_');
        for (size_t k = 0; starts_word && k < sizeof names / sizeof *names; k++) {
            struct slice value = slice_skip(comment, i);
            size_t n = 0;
            if (!slice_starts_nocase(value, names[k]))
                continue;
            value = slice_skip(value, names[k].len);
            while (n < value.len && ascii_is_alnum(value.data[n]))
                n++;
            clean_lower(result->policy, sizeof result->policy, slice_head(value, n));
        }
    }
}

static bool is_domain(const char *text)
{
    size_t n = strlen(text);

    for (size_t i = 0; i < n; i++)
        if (!ascii_is_alnum(text[i]) && strchr("-_.", text[i]) == NULL && (unsigned char)text[i] < 0x80)
            return false;
    return n > 0 && text[n - 1] != '.' && strcmp(text, "none") != 0;
}

/* The domain of an address, or a domain; "" where there is none, or a text that is not fit to be one. */
static void read_domain(char *out, size_t size, struct slice value)
{
    if (value.len > 1 && value.data[0] == '<' && value.data[value.len - 1] == '>')
        value = slice_head(slice_skip(value, 1), value.len - 2);
    for (size_t at = slice_find_char(value, '@'); at < value.len; at = slice_find_char(value, '@'))
        value = slice_skip(value, at + 1);
    if (value.len > 0 && value.data[value.len - 1] == '.')
        value.len--;
    clean_lower(out, size, value);
    if (!is_domain(out))
        *out = '\0';
}

/* Which property gives the domain, for each method the best first. */
static const struct {
    enum auth_method method;
    struct slice name;
} domain_properties[] = {
    {METHOD_SPF, SLICE("smtp.mailfrom")}, {METHOD_SPF, SLICE("smtp.mfrom")}, {METHOD_SPF, SLICE("smtp.mail")},
    {METHOD_SPF, SLICE("smtp.helo")},     {METHOD_DKIM, SLICE("header.d")},  {METHOD_DKIM, SLICE("header.i")},
    {METHOD_DMARC, SLICE("header.from")}, {METHOD_DMARC, SLICE("d")},
};

enum { DOMAIN_PROPERTIES = sizeof domain_properties / sizeof *domain_properties };

/* One result while it is read. */
struct reading {
    struct auth_result *result; /* NULL before its method */
    struct auth_result spare;   /* for what is one too many */
    size_t rank;                /* of the property that gave the domain */
    bool has_property;
};

static void read_comment(struct reading *reading, struct slice comment)
{
    struct auth_result *result = reading->result;

    if (comment.len == 0 || result == NULL)
        return;
    if (result->method == METHOD_DMARC)
        read_policy(result, comment);
    if (!reading->has_property && result->reason[0] == '\0')
        text_clean(result->reason, sizeof result->reason, comment);
}

static void read_property(struct reading *reading, struct slice name, struct slice value)
{
    static const struct slice policies[] = {SLICE("policy.p"), SLICE("policy.dmarc"),
                                            SLICE("policy.published-domain-policy")};
    struct auth_result *result = reading->result;
    char domain[sizeof result->domain];

    if (slice_eq_nocase(name, SLICE("reason"))) {
        text_clean(result->reason, sizeof result->reason, value);
        return;
    }
    reading->has_property = true;
    if (slice_eq_nocase(name, SLICE("header.s")))
        text_clean(result->selector, sizeof result->selector, value);
    if (result->method == METHOD_DMARC && token_is_one_of(name, policies, sizeof policies / sizeof *policies))
        clean_lower(result->policy, sizeof result->policy, value);
    for (size_t i = 0; i < reading->rank; i++) {
        if (result->method != domain_properties[i].method ||
            !slice_eq_nocase(name, domain_properties[i].name))
            continue;
        read_domain(domain, sizeof domain, value);
        if (domain[0] != '\0') {
            memcpy(result->domain, domain, sizeof domain);
            reading->rank = i;
        }
    }
}

static void start_result(struct reading *reading, struct authres *out, struct slice method,
                         struct slice value)
{
    struct auth_result result = {.method_name = ""};

    clean_lower(result.method_name, sizeof result.method_name, method);
    clean_lower(result.result, sizeof result.result, value);
    result.method = method_of(slice_from(result.method_name));
    bool kept = result.method_name[0] != '\0' && result.result[0] != '\0' && out->count < AUTHRES_RESULTS_MAX;
    *reading = (struct reading){.rank = DOMAIN_PROPERTIES};
    reading->result = kept ? &out->result[out->count++] : &reading->spare;
    *reading->result = result;
}

/* One "name = value": a result, where none was begun in this part or where a semicolon was forgotten, else a
 * property or reason of the result before. */
static void take_pair(struct reading *reading, struct authres *out, struct slice *rest)
{
    struct buffer name = BUFFER_INIT(VALUE_MAX), value = BUFFER_INIT(VALUE_MAX);
    struct slice ignored = SLICE_EMPTY;

    take_name(rest, &name);
    bool is_pair = take_char(rest, '=');
    if (is_pair) {
        skip_blanks(rest, &ignored);
        take_value(rest, &value);
    } else if (name.len == 0) {
        token_take_quoted(rest, NULL);
    }
    struct slice method = slice_head(buffer_slice(&name), slice_find_char(buffer_slice(&name), '/'));
    bool begins = reading->result == NULL || method_of(method) != METHOD_OTHER;
    if (!is_pair)
        out->none = out->none || (reading->result == NULL && slice_eq_nocase(method, SLICE("none")));
    else if (begins && method.len > 0 && value.len > 0)
        start_result(reading, out, method, buffer_slice(&value));
    else if (reading->result != NULL)
        read_property(reading, buffer_slice(&name), buffer_slice(&value));
    buffer_clear(&name);
    buffer_clear(&value);
}

/* method [ "/" version ] "=" result, then reason and properties; or the word "none". Up to the next
 * semicolon. */
static void read_part(struct authres *out, struct slice *rest)
{
    struct reading reading = {.result = NULL};

    for (;;) {
        struct slice comment = SLICE_EMPTY;
        skip_blanks(rest, &comment);
        read_comment(&reading, comment);
        if (rest->len == 0 || rest->data[0] == ';')
            return;
        take_pair(&reading, out, rest);
    }
}

bool authres_parse(struct authres *out, struct slice value)
{
    *out = (struct authres){.why = ""};
    take_id(out, &value);
    while (value.len > 0) {
        take_char(&value, ';');
        read_part(out, &value);
    }
    out->none = out->none && out->count == 0;
    return out->none || out->count > 0;
}
