/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/cli/netrc.h"

#include <string.h>

struct reader {
    struct slice rest;
    unsigned line;
    struct buffer word; /* the last one, quotes removed; wiped */
};

enum word { WORD_NONE, WORD_FOUND, WORD_BROKEN };

static void skip(struct reader *r, size_t n)
{
    for (size_t i = 0; i < n; i++)
        r->line += r->rest.data[i] == '\n';
    r->rest = slice_skip(r->rest, n);
}

static void skip_line(struct reader *r)
{
    skip(r, slice_find_char(r->rest, '\n'));
}

static void skip_blanks(struct reader *r)
{
    while (r->rest.len > 0 && ascii_is_space(r->rest.data[0]))
        skip(r, 1);
}

static bool ends_word(struct slice s)
{
    return s.len == 0 || ascii_is_space(s.data[0]);
}

static enum word next_quoted(struct reader *r)
{
    skip(r, 1);
    while (r->rest.len > 0 && r->rest.data[0] != '"') {
        if (r->rest.data[0] == '\\')
            skip(r, 1);
        if (r->rest.len == 0 || (unsigned char)r->rest.data[0] < 0x20 ||
            !buffer_append_char(&r->word, r->rest.data[0]))
            return WORD_BROKEN;
        skip(r, 1);
    }
    if (r->rest.len == 0)
        return WORD_BROKEN;
    skip(r, 1);
    return ends_word(r->rest) ? WORD_FOUND : WORD_BROKEN;
}

static enum word next_word(struct reader *r)
{
    size_t n = 0;

    buffer_clear(&r->word);
    skip_blanks(r);
    if (r->rest.len == 0)
        return WORD_NONE;
    if (r->rest.data[0] == '"')
        return next_quoted(r);
    while (!ends_word(slice_skip(r->rest, n))) {
        if ((unsigned char)r->rest.data[n] < 0x20)
            return WORD_BROKEN;
        n++;
    }
    bool kept = buffer_append(&r->word, slice_head(r->rest, n));
    skip(r, n);
    return kept ? WORD_FOUND : WORD_BROKEN;
}

static enum word next_keyword(struct reader *r)
{
    for (;;) {
        skip_blanks(r);
        if (r->rest.len == 0 || r->rest.data[0] != '#')
            return next_word(r);
        skip_line(r);
    }
}

static void skip_macro(struct reader *r)
{
    struct slice line;

    skip_line(r);
    do {
        skip(r, r->rest.len > 0 ? 1 : 0);
        line = slice_head(r->rest, slice_find_char(r->rest, '\n'));
        skip_line(r);
    } while (r->rest.len > 0 && slice_trim(line).len > 0);
}

/* The entry under way. */
struct candidate {
    bool right_machine, has_login;
    struct netrc_entry *entry;
};

static bool is_wanted(const struct candidate *c, const char *login)
{
    if (!c->right_machine || !c->entry->password.set)
        return false;
    if (login == NULL)
        return c->has_login;
    return !c->has_login || strcmp(c->entry->login, login) == 0;
}

static void begin(struct candidate *c, bool right_machine)
{
    c->right_machine = right_machine;
    c->has_login = false;
    secret_clear(&c->entry->password);
}

/* One keyword with its value. Returns false where it is none, or lacks its value. */
static bool take(struct reader *r, struct candidate *c, const char *host)
{
    struct slice keyword = buffer_slice(&r->word);

    if (slice_eq(keyword, SLICE("default"))) {
        begin(c, true);
        return true;
    }
    bool machine = slice_eq(keyword, SLICE("machine")), login = slice_eq(keyword, SLICE("login"));
    bool password = slice_eq(keyword, SLICE("password")), macro = slice_eq(keyword, SLICE("macdef"));
    if (!machine && !login && !password && !macro && !slice_eq(keyword, SLICE("account")))
        return false;
    if (next_word(r) != WORD_FOUND)
        return false;
    struct slice value = buffer_slice(&r->word);
    if (machine)
        begin(c, slice_eq_nocase(value, slice_from(host)));
    else if (macro)
        skip_macro(r);
    else if (login)
        return c->has_login = slice_copy(c->entry->login, sizeof c->entry->login, value);
    else if (password)
        return secret_set(&c->entry->password, value);
    return true;
}

static bool starts_entry(const struct reader *r)
{
    struct slice word = buffer_slice(&r->word);

    return slice_eq(word, SLICE("machine")) || slice_eq(word, SLICE("default"));
}

bool netrc_find(struct netrc_entry *entry, struct slice content, const char *path, const char *host,
                const char *login, struct err *err)
{
    struct reader r = {.rest = content, .line = 1, .word = BUFFER_SECRET(SECRET_MAX)};
    struct candidate c = {.entry = entry};
    enum word word;
    bool found = false;

    *entry = (struct netrc_entry){.password = SECRET_NONE};
    while ((word = next_keyword(&r)) == WORD_FOUND) {
        found = starts_entry(&r) && is_wanted(&c, login);
        if (found)
            break;
        if (!take(&r, &c, host)) {
            word = WORD_BROKEN;
            break;
        }
    }
    buffer_clear(&r.word);
    if (word != WORD_BROKEN && (found || is_wanted(&c, login)))
        return true;
    secret_clear(&entry->password);
    if (word == WORD_BROKEN)
        return err_set(
            err, FAULT_CONFIG, STAGE_NONE,
            "%.200s line %u: expected machine, default, login, password, account or macdef and a value", path,
            r.line);
    if (login != NULL)
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "%.200s has no password for %.100s on %.100s", path,
                       login, host);
    return err_set(err, FAULT_CONFIG, STAGE_NONE, "%.200s has no login and password for %.100s", path, host);
}
