/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/imap_parse.h"

#include "common/mail/received.h"

/* What ends an atom. RFC 3501 forbids more in one, servers do not always. */
static bool ends_atom(char c)
{
    return c == ' ' || c == '(' || c == ')' || c == '"' || c == '\r' || c == '\n' || c == '\t';
}

static size_t atom_length(struct slice s)
{
    size_t n = 0;

    while (n < s.len && !ends_atom(s.data[n]))
        n++;
    return n;
}

static enum imap_token_kind give(struct slice *rest, struct imap_token *token, enum imap_token_kind kind,
                                 size_t skip, size_t len, size_t used)
{
    *token = (struct imap_token){kind, slice_head(slice_skip(*rest, skip), len)};
    *rest = slice_skip(*rest, used);
    return kind;
}

static enum imap_token_kind give_broken(struct slice *rest, struct imap_token *token)
{
    return give(rest, token, IMAP_BROKEN, 0, 0, rest->len);
}

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE; a backslash takes the next character with it */
static enum imap_token_kind next_quoted(struct slice *rest, struct imap_token *token)
{
    size_t i = 1;

    while (i < rest->len && rest->data[i] != '"')
        i += rest->data[i] == '\\' ? 2 : 1;
    if (i >= rest->len)
        return give_broken(rest, token);
    return give(rest, token, IMAP_QUOTED, 1, i - 1, i + 1);
}

/* literal = ["~"] "{" number ["+"] "}" CRLF *CHAR8. IMAP_ATOM where it only looks like one. */
static enum imap_token_kind next_literal(struct slice *rest, struct imap_token *token)
{
    unsigned long long length;
    size_t mark, line = slice_find_char(*rest, '\n');

    if (line == rest->len || line == 0 || rest->data[line - 1] != '\r')
        return IMAP_ATOM;
    if (!imap_literal_at_end(slice_head(*rest, line - 1), &length, &mark) || mark != 0)
        return IMAP_ATOM;
    if (length > rest->len - line - 1)
        return give_broken(rest, token);
    return give(rest, token, IMAP_LITERAL, line + 1, (size_t)length, line + 1 + (size_t)length);
}

enum imap_token_kind imap_next(struct slice *rest, struct imap_token *token)
{
    while (rest->len > 0 && ascii_is_space(rest->data[0]))
        *rest = slice_skip(*rest, 1);
    if (rest->len == 0)
        return give(rest, token, IMAP_END, 0, 0, 0);
    switch (rest->data[0]) {
    case '(':
        return give(rest, token, IMAP_OPEN, 0, 1, 1);
    case ')':
        return give(rest, token, IMAP_CLOSE, 0, 1, 1);
    case '"':
        return next_quoted(rest, token);
    case '{':
    case '~':
        if (next_literal(rest, token) != IMAP_ATOM)
            return token->kind;
        break;
    default:
        break;
    }
    size_t n = atom_length(*rest);
    return give(rest, token, IMAP_ATOM, 0, n, n);
}

bool imap_is_nil(const struct imap_token *token)
{
    return token->kind == IMAP_ATOM && slice_eq_nocase(token->text, SLICE("NIL"));
}

static bool append_unescaped(struct slice s, struct buffer *out)
{
    while (s.len > 0) {
        size_t n = slice_find_char(s, '\\');
        if (!buffer_append(out, slice_head(s, n)))
            return false;
        s = slice_skip(s, n);
        if (s.len > 1 && !buffer_append_char(out, s.data[1]))
            return false;
        s = slice_skip(s, 2);
    }
    return true;
}

bool imap_token_text(const struct imap_token *token, struct buffer *out)
{
    switch (token->kind) {
    case IMAP_ATOM:
    case IMAP_LITERAL:
        return buffer_append(out, token->text);
    case IMAP_QUOTED:
        return append_unescaped(token->text, out);
    case IMAP_END:
    case IMAP_OPEN:
    case IMAP_CLOSE:
    case IMAP_BROKEN:
        break;
    }
    return false;
}

bool imap_skip(struct slice *rest)
{
    struct imap_token token;
    size_t depth = 0;

    do {
        switch (imap_next(rest, &token)) {
        case IMAP_OPEN:
            depth++;
            break;
        case IMAP_CLOSE:
            if (depth == 0)
                return false;
            depth--;
            break;
        case IMAP_END:
        case IMAP_BROKEN:
            return false;
        case IMAP_ATOM:
        case IMAP_QUOTED:
        case IMAP_LITERAL:
            break;
        }
    } while (depth > 0);
    return true;
}

bool imap_literal_at_end(struct slice line, unsigned long long *length, size_t *mark)
{
    size_t end = line.len;

    if (end == 0 || line.data[end - 1] != '}')
        return false;
    end--;
    if (end > 0 && line.data[end - 1] == '+')
        end--;
    size_t digits = end;
    while (digits > 0 && ascii_is_digit(line.data[digits - 1]))
        digits--;
    if (digits == 0 || line.data[digits - 1] != '{')
        return false;
    if (!slice_number(slice_of(line.data + digits, end - digits), ~0ULL, length))
        return false;
    *mark = digits - 1;
    if (*mark > 0 && line.data[*mark - 1] == '~')
        --*mark;
    return true;
}

bool imap_number(struct slice text, uint32_t *value)
{
    unsigned long long n;

    if (!slice_number(text, UINT32_MAX, &n))
        return false;
    *value = (uint32_t)n;
    return true;
}

static bool status_word(struct slice word, enum imap_status *status)
{
    static const struct {
        struct slice word;
        enum imap_status status;
    } words[] = {
        {{"OK", 2}, IMAP_OK},   {{"NO", 2}, IMAP_NO},           {{"BAD", 3}, IMAP_BAD},
        {{"BYE", 3}, IMAP_BYE}, {{"PREAUTH", 7}, IMAP_PREAUTH},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_eq_nocase(word, words[i].word)) {
            *status = words[i].status;
            return true;
        }
    return false;
}

/* resp-text = ["[" resp-text-code "]" SP] text. A code may hold quoted strings with brackets in them. */
static struct slice response_code(struct slice text)
{
    bool quoted = false;

    if (text.len == 0 || text.data[0] != '[')
        return SLICE_EMPTY;
    for (size_t i = 1; i < text.len; i++) {
        char c = text.data[i];
        if (c == '\\' && quoted)
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (c == ']' && !quoted)
            return slice_of(text.data + 1, i - 1);
    }
    return SLICE_EMPTY;
}

static bool parse_status(struct slice text, struct imap_response *r)
{
    r->kind = IMAP_STATUS;
    r->text = slice_trim(text);
    r->code = response_code(r->text);
    return true;
}

bool imap_response_parse(struct slice raw, struct imap_response *r)
{
    struct slice rest = raw, word;

    *r = (struct imap_response){.tag = SLICE_EMPTY,
                                .code = SLICE_EMPTY,
                                .text = SLICE_EMPTY,
                                .name = SLICE_EMPTY,
                                .rest = SLICE_EMPTY};
    if (raw.len > 0 && raw.data[0] == '+') {
        r->kind = IMAP_CONTINUE;
        r->text = slice_trim(slice_skip(raw, 1));
        return true;
    }
    if (!slice_next_word(&rest, &word))
        return false;
    bool tagged = !slice_eq(word, SLICE("*"));
    if (tagged)
        r->tag = word;
    if (!slice_next_word(&rest, &word))
        return false;
    if (status_word(word, &r->status))
        return parse_status(rest, r);
    if (tagged)
        return false;
    r->kind = IMAP_DATA;
    r->numbered = imap_number(word, &r->number);
    if (r->numbered && !slice_next_word(&rest, &word))
        return false;
    r->name = word;
    r->rest = rest;
    return true;
}

bool imap_may_have_literal(struct slice line)
{
    struct imap_response r;

    return imap_response_parse(line, &r) && r.kind == IMAP_DATA;
}

bool imap_code_is(struct slice code, struct slice name, struct slice *argument)
{
    struct slice word;

    if (!slice_next_word(&code, &word) || !slice_eq_nocase(word, name))
        return false;
    if (argument != NULL)
        *argument = slice_trim(code);
    return true;
}

/* The name of a FETCH item: BODY[HEADER.FIELDS (A "B")]<0> has blanks and parentheses within its brackets. */
static bool next_item(struct slice *rest, struct slice *name)
{
    size_t n = 0;
    bool bracket = false, quoted = false;

    while (rest->len > 0 && ascii_is_space(rest->data[0]))
        *rest = slice_skip(*rest, 1);
    for (; n < rest->len; n++) {
        char c = rest->data[n];
        if (c == '"' && bracket)
            quoted = !quoted;
        else if (quoted)
            continue;
        else if (c == '[')
            bracket = true;
        else if (c == ']')
            bracket = false;
        else if (!bracket && ends_atom(c))
            break;
    }
    *name = slice_head(*rest, n);
    *rest = slice_skip(*rest, n);
    return n > 0 && !bracket;
}

static bool next_number(struct slice *rest, unsigned long long max, unsigned long long *value)
{
    struct imap_token token;

    return imap_next(rest, &token) == IMAP_ATOM && slice_number(token.text, max, value);
}

static bool fetch_item(struct slice name, struct slice *rest, struct imap_fetch *out)
{
    struct slice before = *rest;
    unsigned long long n;

    if (slice_eq_nocase(name, SLICE("UID"))) {
        if (next_number(&before, UINT32_MAX, &n))
            out->uid = (uint32_t)n;
    } else if (slice_eq_nocase(name, SLICE("RFC822.SIZE"))) {
        out->sized = next_number(&before, ~0ULL, &out->size);
    } else if (slice_eq_nocase(name, SLICE("INTERNALDATE"))) {
        struct imap_token token;
        imap_next(&before, &token);
        out->dated = token.kind == IMAP_QUOTED && date_parse_imap(token.text, &out->internal_date);
    } else if (slice_starts_nocase(name, SLICE("BODY[")) || slice_eq_nocase(name, SLICE("RFC822.HEADER"))) {
        imap_next(&before, &out->body);
        out->has_body = (out->body.kind == IMAP_LITERAL || out->body.kind == IMAP_QUOTED);
    }
    return imap_skip(rest);
}

bool imap_fetch_parse(const struct imap_response *r, struct imap_fetch *out)
{
    struct slice rest = r->rest, name;
    struct imap_token token;

    *out = (struct imap_fetch){.uid = 0};
    if (r->kind != IMAP_DATA || !r->numbered || !slice_eq_nocase(r->name, SLICE("FETCH")) ||
        imap_next(&rest, &token) != IMAP_OPEN)
        return false;
    while (next_item(&rest, &name))
        if (!fetch_item(name, &rest, out))
            return false;
    return imap_next(&rest, &token) == IMAP_CLOSE;
}

static void list_flag(struct slice flag, struct imap_list *out)
{
    if (slice_eq_nocase(flag, SLICE("\\Noselect")) || slice_eq_nocase(flag, SLICE("\\NonExistent")))
        out->selectable = false;
    else if (slice_eq_nocase(flag, SLICE("\\Junk")) || slice_eq_nocase(flag, SLICE("\\Spam")))
        out->junk = true;
    else if (slice_eq_nocase(flag, SLICE("\\Trash")))
        out->trash = true;
}

static bool is_list(struct slice name)
{
    return slice_eq_nocase(name, SLICE("LIST")) || slice_eq_nocase(name, SLICE("XLIST")) ||
           slice_eq_nocase(name, SLICE("LSUB"));
}

static bool is_name(const struct imap_token *token)
{
    return token->kind == IMAP_ATOM || token->kind == IMAP_QUOTED || token->kind == IMAP_LITERAL;
}

bool imap_list_parse(const struct imap_response *r, struct imap_list *out)
{
    struct slice rest = r->rest;
    struct imap_token token;

    *out = (struct imap_list){.selectable = true};
    if (r->kind != IMAP_DATA || r->numbered || !is_list(r->name) || imap_next(&rest, &token) != IMAP_OPEN)
        return false;
    while (imap_next(&rest, &token) == IMAP_ATOM)
        list_flag(token.text, out);
    if (token.kind != IMAP_CLOSE)
        return false;
    imap_next(&rest, &token);
    if (token.kind == IMAP_QUOTED && token.text.len > 0)
        out->delimiter = token.text.data[token.text.len - 1];
    else if (!imap_is_nil(&token) && token.kind != IMAP_QUOTED)
        return false;
    imap_next(&rest, &out->name);
    return is_name(&out->name);
}

bool imap_status_parse(const struct imap_response *r, struct imap_status_data *out)
{
    struct slice rest = r->rest;
    struct imap_token token;
    unsigned long long n;

    *out = (struct imap_status_data){.messages = 0};
    if (r->kind != IMAP_DATA || r->numbered || !slice_eq_nocase(r->name, SLICE("STATUS")))
        return false;
    imap_next(&rest, &out->name);
    if (!is_name(&out->name) || imap_next(&rest, &token) != IMAP_OPEN)
        return false;
    while (imap_next(&rest, &token) == IMAP_ATOM) {
        struct slice item = token.text, value = rest;
        if (!imap_skip(&rest))
            return false;
        if (!next_number(&value, UINT32_MAX, &n))
            continue;
        if (slice_eq_nocase(item, SLICE("MESSAGES"))) {
            out->messages = (uint32_t)n;
            out->counted = true;
        } else if (slice_eq_nocase(item, SLICE("UIDNEXT"))) {
            out->uidnext = (uint32_t)n;
        } else if (slice_eq_nocase(item, SLICE("UIDVALIDITY"))) {
            out->uidvalidity = (uint32_t)n;
        }
    }
    return token.kind == IMAP_CLOSE;
}

/* esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data), RFC 4466 section 3 */
static bool parse_esearch(struct slice rest, struct imap_numbers *numbers)
{
    struct imap_token token;

    numbers->ranges = true;
    while (slice_trim(rest).len > 0) {
        struct slice value = rest;
        if (imap_next(&value, &token) == IMAP_ATOM && slice_eq_nocase(token.text, SLICE("ALL"))) {
            imap_next(&value, &token);
            numbers->rest = token.text;
            return token.kind == IMAP_ATOM;
        }
        if (!imap_skip(&rest))
            return false;
    }
    return true;
}

bool imap_search_parse(const struct imap_response *r, struct imap_numbers *numbers)
{
    *numbers = (struct imap_numbers){.rest = SLICE_EMPTY, .next = 1, .last = 0};
    if (r->kind != IMAP_DATA || r->numbered)
        return false;
    if (slice_eq_nocase(r->name, SLICE("ESEARCH")))
        return parse_esearch(r->rest, numbers);
    numbers->rest = r->rest;
    return slice_eq_nocase(r->name, SLICE("SEARCH"));
}

/* seq-range = number ":" number; in either order */
static bool next_range(struct imap_numbers *numbers)
{
    size_t end = slice_find_char(numbers->rest, ',');
    struct slice range = slice_head(numbers->rest, end);
    size_t colon = slice_find_char(range, ':');

    numbers->rest = slice_skip(numbers->rest, end + 1);
    if (!imap_number(slice_head(range, colon), &numbers->next))
        return false;
    numbers->last = numbers->next;
    if (colon < range.len && !imap_number(slice_skip(range, colon + 1), &numbers->last))
        return false;
    if (numbers->next > numbers->last) {
        uint32_t swap = numbers->next;
        numbers->next = numbers->last;
        numbers->last = swap;
    }
    return true;
}

/* False where nothing is left of it. */
static bool clip(struct imap_numbers *numbers)
{
    if (numbers->below == 0 || numbers->last < numbers->below)
        return true;
    numbers->last = numbers->below - 1;
    return numbers->next <= numbers->last;
}

/* The next number that is wanted. */
static bool find_range(struct imap_numbers *numbers)
{
    while (numbers->rest.len > 0) {
        if (!next_range(numbers))
            return false;
        if (clip(numbers))
            return true;
    }
    return false;
}

bool imap_numbers_next(struct imap_numbers *numbers, uint32_t *value)
{
    struct slice word;

    if (!numbers->ranges)
        return slice_next_word(&numbers->rest, &word) && imap_number(word, value);
    if (numbers->next > numbers->last && !find_range(numbers))
        return false;
    *value = numbers->next;
    if (numbers->next == numbers->last) {
        numbers->next = 1; /* not next++: it may be the last number there is */
        numbers->last = 0;
    } else {
        numbers->next++;
    }
    return true;
}

bool imap_quota_parse(const struct imap_response *r, double *used_percent)
{
    struct slice rest = r->rest;
    struct imap_token token;
    unsigned long long used, limit;
    bool known = false;

    if (r->kind != IMAP_DATA || r->numbered || !slice_eq_nocase(r->name, SLICE("QUOTA")) ||
        !imap_skip(&rest) || imap_next(&rest, &token) != IMAP_OPEN)
        return false;
    *used_percent = 0;
    while (imap_next(&rest, &token) == IMAP_ATOM) {
        if (!next_number(&rest, ~0ULL, &used) || !next_number(&rest, ~0ULL, &limit))
            return false;
        if (limit == 0)
            continue;
        known = true;
        double percent = 100.0 * (double)used / (double)limit;
        if (percent > *used_percent)
            *used_percent = percent;
    }
    return known;
}
