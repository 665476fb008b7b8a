/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/cli/arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli/config_file.h"
#include "config.h"

enum { OPTIONS_MAX = 256, NAME_MAX_SHOWN = 60 };

/* In error texts: what somebody typed, so much of it that the sentence around it still fits. */
#define SHOWN(s) SLICE_ARG(slice_head((s), NAME_MAX_SHOWN))

/* ---- the table ---- */

static const struct option_spec *find_long(const struct option_table *table, struct slice name)
{
    for (size_t i = 0; i < table->count; i++)
        if (slice_eq(slice_from(table->options[i].name), name))
            return &table->options[i];
    return NULL;
}

static const struct option_spec *find_letter(const struct option_table *table, char letter)
{
    for (size_t i = 0; i < table->count && letter != '\0'; i++)
        if (table->options[i].letter == letter)
            return &table->options[i];
    return NULL;
}

static bool is_named(const struct option_spec *spec, const char *name)
{
    return strcmp(spec->name, name) == 0;
}

static bool is_threshold(const struct option_spec *spec)
{
    return is_named(spec, "warning") || is_named(spec, "critical");
}

/* How many characters must be inserted, removed or replaced (Levenshtein). */
static size_t distance(struct slice a, struct slice b)
{
    enum { LONGEST = 48 };
    size_t row[LONGEST + 1];

    if (a.len > LONGEST || b.len > LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = diagonal + (a.data[i - 1] != b.data[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b.len];
}

/* The name that was probably meant: the one that it abbreviates, else the one that looks most like it. NULL:
 * none. */
static const char *nearest(const struct option_table *table, struct slice name)
{
    const char *best = NULL;
    size_t best_distance = name.len / 3 + 1;

    for (size_t i = 0; i < table->count && name.len > 1; i++) {
        struct slice known = slice_from(table->options[i].name);
        size_t d = slice_starts(known, name) ? 0 : distance(known, name);
        if (d < best_distance || (d == best_distance && best == NULL)) {
            best = table->options[i].name;
            best_distance = d;
        }
    }
    return best;
}

bool output_parse(struct slice text, enum output *output)
{
    static const char *const words[] = {
        [OUTPUT_NAGIOS] = "nagios", [OUTPUT_JSON] = "json", [OUTPUT_OPENMETRICS] = "openmetrics"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_eq(text, slice_from(words[i]))) {
            *output = (enum output)i;
            return true;
        }
    return false;
}

/* ---- one value ---- */

static bool has_control_character(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.data[i] < 0x20 || s.data[i] == 0x7f)
            return true;
    return false;
}

/* dashes: "--" on the command line, "" in a file. NULL: no value was given. */
static bool check_value(const struct option_spec *spec, const char *dashes, const struct slice *value,
                        struct err *err)
{
    bool optional = (spec->flags & OPTION_VALUE_OPTIONAL) != 0;

    if ((spec->flags & OPTION_VALUE) == 0 && value != NULL)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "%s%s takes no value, but \"%.*s\" was given", dashes,
                       spec->name, SHOWN(*value));
    if ((spec->flags & OPTION_VALUE) != 0 && value == NULL && !optional)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "%s%s needs a value: %s%s=%s", dashes, spec->name,
                       dashes, spec->name, spec->takes);
    if (value != NULL && value->len == 0 && (spec->flags & OPTION_EMPTY) == 0)
        return err_set(err, FAULT_USAGE, STAGE_NONE, "%s%s is empty: it takes %s", dashes, spec->name,
                       spec->takes);
    if (value != NULL && has_control_character(*value))
        return err_set(err, FAULT_USAGE, STAGE_NONE,
                       "%s%s holds a control character such as a line break or a tab: it takes %s", dashes,
                       spec->name, spec->takes);
    return true;
}

/* ---- the command line ---- */

struct cursor {
    const struct option_table *table;
    int argc, next;
    char **argv;
    const char *cluster;            /* short options of one word that are still to come; NULL: none */
    const struct option_spec *open; /* the word before was this option, and a value could have been in it */
};

struct token {
    const struct option_spec *spec;
    const char *value; /* NULL: none */
};

enum token_kind { TOKEN_END, TOKEN_OPTION, TOKEN_ERROR };

static struct slice name_of(const char *word)
{
    return slice_head(slice_from(word), strcspn(word, "="));
}

/* Where a value is due: a word that is an option of this plugin is rather the next option. */
static bool is_option(const struct option_table *table, const char *word)
{
    if (word[0] != '-' || word[1] == '\0')
        return false;
    if (word[1] == '-')
        return word[2] == '\0' || find_long(table, name_of(word + 2)) != NULL;
    return word[2] == '\0' && find_letter(table, word[1]) != NULL;
}

/* value: what stood in the same word; NULL: nothing did. */
static enum token_kind take_value(struct cursor *c, struct token *t, const char *value, struct err *err)
{
    unsigned kind = t->spec->flags & (OPTION_VALUE | OPTION_VALUE_OPTIONAL);

    if (value == NULL && kind == OPTION_VALUE && c->next < c->argc) {
        if (is_option(c->table, c->argv[c->next])) {
            err_set(err, FAULT_USAGE, STAGE_NONE, "--%s needs a value (%s), but the option %.*s follows",
                    t->spec->name, t->spec->takes, SHOWN(name_of(c->argv[c->next])));
            return TOKEN_ERROR;
        }
        value = c->argv[c->next++];
    }
    if (value == NULL && kind != 0)
        c->open = t->spec;
    t->value = value;
    struct slice s = slice_from(value);
    return check_value(t->spec, "--", value == NULL ? NULL : &s, err) ? TOKEN_OPTION : TOKEN_ERROR;
}

static enum token_kind unknown(const struct option_table *table, const char *dashes, struct slice name,
                               struct err *err)
{
    const char *meant = nearest(table, name);

    if (meant == NULL)
        err_set(err, FAULT_USAGE, STAGE_NONE, "unknown option %s%.*s", dashes, SHOWN(name));
    else
        err_set(err, FAULT_USAGE, STAGE_NONE, "unknown option %s%.*s: did you mean %s%s?", dashes,
                SHOWN(name), *dashes == '\0' ? "" : "--", meant);
    return TOKEN_ERROR;
}

static enum token_kind long_option(struct cursor *c, struct token *t, const char *word, struct err *err)
{
    struct slice name = name_of(word);

    t->spec = find_long(c->table, name);
    if (t->spec == NULL)
        return unknown(c->table, "--", name, err);
    return take_value(c, t, word[name.len] == '=' ? word + name.len + 1 : NULL, err);
}

static enum token_kind short_option(struct cursor *c, struct token *t, struct err *err)
{
    char letter = *c->cluster++;
    const char *rest = c->cluster;

    t->spec = find_letter(c->table, letter);
    if (t->spec == NULL) {
        c->cluster = NULL;
        return unknown(c->table, "-", slice_of(&letter, 1), err);
    }
    bool flag = (t->spec->flags & OPTION_VALUE) == 0;
    if (!flag || *rest == '\0' || *rest == '=')
        c->cluster = NULL;
    if (*rest == '=') {
        err_set(err, FAULT_USAGE, STAGE_NONE, flag ? "-%c takes no value" : "-%c has no '=': write --%s=%s",
                letter, t->spec->name, t->spec->takes);
        return TOKEN_ERROR;
    }
    if (flag)
        return take_value(c, t, NULL, err);
    return take_value(c, t, *rest == '\0' ? NULL : rest, err);
}

static enum token_kind positional(const struct option_spec *open, struct slice word, struct err *err)
{
    if (open != NULL)
        err_set(err, FAULT_USAGE, STAGE_NONE, "unexpected argument \"%.*s\": write --%s=%s in one word",
                SHOWN(word), open->name, open->takes);
    else
        err_set(err, FAULT_USAGE, STAGE_NONE,
                "unexpected argument \"%.*s\": every argument is an option, such as --name=value",
                SHOWN(word));
    return TOKEN_ERROR;
}

/* Goes on behind what was an error. */
static enum token_kind next_token(struct cursor *c, struct token *t, struct err *err)
{
    const struct option_spec *open = c->open;

    *t = (struct token){0};
    c->open = NULL;
    if (c->cluster != NULL)
        return short_option(c, t, err);
    if (c->next >= c->argc)
        return TOKEN_END;
    const char *word = c->argv[c->next++];
    if (strcmp(word, "--") == 0) {
        if (c->next == c->argc)
            return TOKEN_END;
        word = c->argv[c->next];
        c->next = c->argc;
        return positional(NULL, slice_from(word), err);
    }
    if (word[0] != '-' || word[1] == '\0')
        return positional(open, slice_from(word), err);
    if (word[1] == '-')
        return long_option(c, t, word + 2, err);
    struct slice name = name_of(word + 1);
    if (name.len > 1 && find_long(c->table, name) != NULL)
        return unknown(c->table, "-", name, err);
    c->cluster = word + 1;
    return short_option(c, t, err);
}

/* Whatever else is wrong: is help wanted, and in which format is the answer to be given? */
static void look_ahead(struct cursor c, struct invocation *call)
{
    struct token t;
    struct err ignored;
    enum token_kind kind;

    while ((kind = next_token(&c, &t, &ignored)) != TOKEN_END) {
        if (kind != TOKEN_OPTION)
            continue;
        if (is_named(t.spec, "help") && call->wanted == WANTED_RUN)
            call->wanted = WANTED_HELP;
        else if (is_named(t.spec, "version") && call->wanted == WANTED_RUN)
            call->wanted = WANTED_VERSION;
        else if (is_named(t.spec, "output"))
            output_parse(slice_from(t.value), &call->output);
    }
}

/* ---- what the parser gets ---- */

struct words {
    char **word;
    size_t count, capacity;
};

/* Takes word, which is NULL where there was no memory for it. */
static bool add_word(struct words *words, char *word, struct err *err)
{
    if (word != NULL && words->count + 1 >= words->capacity) {
        size_t capacity = words->capacity * 2 + 64;
        char **grown = realloc(words->word, capacity * sizeof *grown);
        if (grown == NULL) {
            free(word);
            word = NULL;
        } else {
            *words = (struct words){grown, words->count, capacity};
        }
    }
    if (word == NULL)
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "out of memory");
    words->word[words->count++] = word;
    words->word[words->count] = NULL;
    return true;
}

static void free_words(struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->word[i]);
    free(words->word);
}

/* "--name=value". In repeatable values the parser splits at a comma unless a backslash stands before it,
 * which it removes; no other backslash means anything to it. */
static bool add_option(struct words *words, const struct option_spec *spec, const struct slice *value,
                       struct err *err)
{
    size_t room = strlen(spec->name) + sizeof "--=" + (value == NULL ? 0 : 2 * value->len);
    char *word = malloc(room), *at = word;

    if (word != NULL)
        at += sprintf(word, value == NULL ? "--%s" : "--%s=", spec->name);
    for (size_t i = 0; word != NULL && value != NULL && i < value->len; i++) {
        if (value->data[i] == ',' && (spec->flags & OPTION_REPEATABLE) != 0)
            *at++ = '\\';
        *at++ = value->data[i];
        *at = '\0';
    }
    return add_word(words, word, err);
}

struct seen {
    bool option[OPTIONS_MAX];
};

static bool note(struct seen *seen, const struct option_table *table, const struct option_spec *spec)
{
    bool *before = &seen->option[spec - table->options];
    bool again = *before && (spec->flags & OPTION_REPEATABLE) == 0;

    *before = true;
    return !again;
}

static bool read_command_line(struct cursor c, struct words *words, struct seen *seen, const char **config,
                              struct err *err)
{
    struct token t;
    enum token_kind kind;

    while ((kind = next_token(&c, &t, err)) != TOKEN_END) {
        struct slice value = slice_from(t.value);
        if (kind == TOKEN_ERROR)
            return false;
        if (!note(seen, c.table, t.spec))
            return err_set(err, FAULT_USAGE, STAGE_NONE, "--%s is given twice", t.spec->name);
        if (is_named(t.spec, "config"))
            *config = t.value;
        if (!add_option(words, t.spec, t.value == NULL ? NULL : &value, err))
            return false;
    }
    return true;
}

/* ---- the file ---- */

struct file {
    const struct option_table *table;
    const char *path;
    struct seen seen;
    const struct seen *on_command_line;
    struct invocation *call;
    struct words *words;
};

/* Puts file and line before what is wrong. */
static bool at_line(const struct file *f, unsigned line, struct err *err)
{
    struct err inner = *err;

    return err_set(err, FAULT_CONFIG, STAGE_NONE, "%.200s line %u: %s", f->path, line, inner.text);
}

static bool read_entry(struct file *f, struct config_entry *entry, struct err *err)
{
    const struct option_spec *spec = find_long(f->table, entry->name);

    if (spec == NULL)
        return unknown(f->table, "", entry->name, err) == TOKEN_OPTION;
    if (is_named(spec, "config") || is_named(spec, "help") || is_named(spec, "version"))
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "%s is for the command line only", spec->name);
    bool flag = (spec->flags & OPTION_VALUE) == 0;
    bool off = flag && entry->has_value && slice_eq(entry->value, SLICE("no"));
    if (flag && entry->has_value && (off || slice_eq(entry->value, SLICE("yes"))))
        entry->has_value = false;
    const struct slice *value = entry->has_value ? &entry->value : NULL;
    if (!check_value(spec, "", value, err))
        return false;
    if (!note(&f->seen, f->table, spec))
        return err_set(err, FAULT_CONFIG, STAGE_NONE, "%s is given twice", spec->name);
    /* the command line's thresholds come behind the file's and so replace those of their metric only */
    bool replaced = f->on_command_line->option[spec - f->table->options] && !is_threshold(spec);
    if (off || replaced)
        return true;
    if (is_named(spec, "output"))
        output_parse(entry->value, &f->call->output);
    return add_option(f->words, spec, value, err);
}

static bool read_file(struct file *f, struct err *err)
{
    struct buffer content = BUFFER_INIT(CONFIG_FILE_MAX);
    struct config_reader reader;
    struct config_entry entry;
    int status = -1;

    if (config_load(&content, f->path, err)) {
        config_begin(&reader, f->path, buffer_slice(&content));
        while ((status = config_next(&reader, &entry, err)) == 1)
            if (!read_entry(f, &entry, err)) {
                at_line(f, entry.line, err);
                status = -1;
                break;
            }
        config_end(&reader);
    }
    buffer_clear(&content);
    return status == 0;
}

/* ---- all of it ---- */

static bool collect(struct words *words, struct cursor c, struct invocation *call, struct err *err)
{
    struct words given = {0};
    struct seen seen = {0};
    const char *config = NULL;
    bool ok = read_command_line(c, &given, &seen, &config, err);

    ok = ok && add_word(words, strdup(c.table->check), err);
    if (ok && config != NULL) {
        struct file file = {
            .table = c.table, .path = config, .on_command_line = &seen, .call = call, .words = words};
        ok = read_file(&file, err);
    }
    for (size_t i = 0; ok && i < given.count; i++) {
        ok = add_word(words, given.word[i], err);
        given.word[i] = NULL;
    }
    free_words(&given);
    return ok;
}

bool arguments_read(const struct option_table *table, void *args, struct invocation *call, int argc,
                    char **argv, struct err *err)
{
    struct cursor c = {.table = table, .argc = argc, .next = 1, .argv = argv};
    struct words words = {0};

    table->init(args);
    *call = (struct invocation){.wanted = WANTED_RUN, .output = OUTPUT_NAGIOS};
    if (table->count > OPTIONS_MAX)
        return err_set(err, FAULT_INTERNAL, STAGE_NONE, "more than %d options", OPTIONS_MAX);
    look_ahead(c, call);
    if (call->wanted != WANTED_RUN)
        return true;
    bool ok = collect(&words, c, call, err);
    if (ok && table->parse((int)words.count, words.word, args) != 0)
        ok = err_set(err, FAULT_INTERNAL, STAGE_NONE, "the option parser refused what was checked before it");
    free_words(&words);
    return ok;
}

void arguments_clear(const struct option_table *table, void *args)
{
    table->free(args);
}

int arguments_print_help(const struct option_table *table)
{
    printf("%s\n\n%s\n\n", *table->purpose, *table->usage);
    if (**table->description != '\0')
        printf("%s\n\n", *table->description);
    for (const char *const *line = table->help; *line != NULL; line++)
        printf("%s\n", *line);
    return STATE_UNKNOWN;
}

int arguments_print_version(const struct option_table *table)
{
    printf("%s (%s) %s\n", table->check, PACKAGE_NAME, PACKAGE_VERSION);
    return STATE_UNKNOWN;
}
