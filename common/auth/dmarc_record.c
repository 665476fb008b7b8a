/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/auth/dmarc_record.h"

#include <string.h>

#include "common/auth/taglist.h"
#include "common/base/text.h"

/* One tag=value, and what is made of it. */
struct reading {
    struct dmarc_record *record;
    struct buffer warnings;
    bool broken_policy; /* p, sp or np is there and cannot be used */
    unsigned seen;      /* bits by place in the table of tags */
};

static void warn(struct reading *r, const char *text, struct slice name)
{
    buffer_printf(&r->warnings, "%s%.*s %s", r->warnings.len > 0 ? "; " : "", SLICE_ARG(slice_head(name, 16)),
                  text);
}

/* The place of value among these words, letters in any case; false where it is none of them. */
static bool read_word(struct slice value, const char *const *words, unsigned *at)
{
    for (unsigned i = 0; words[i] != NULL; i++) {
        if (slice_eq_nocase(value, slice_from(words[i]))) {
            *at = i;
            return true;
        }
    }
    return false;
}

static bool read_policy(struct reading *r, struct slice value, enum dmarc_policy *policy)
{
    static const char *const words[] = {"none", "quarantine", "reject", NULL};
    unsigned at;

    if (!read_word(value, words, &at)) {
        r->broken_policy = true;
        return false;
    }
    *policy = (enum dmarc_policy)at;
    return true;
}

static bool read_p(struct reading *r, struct slice value)
{
    r->record->has_p = read_policy(r, value, &r->record->p);
    return r->record->has_p;
}

static bool read_sp(struct reading *r, struct slice value)
{
    r->record->has_sp = read_policy(r, value, &r->record->sp);
    return r->record->has_sp;
}

static bool read_np(struct reading *r, struct slice value)
{
    r->record->has_np = read_policy(r, value, &r->record->np);
    return r->record->has_np;
}

static bool read_mode(struct slice value, enum alignment *mode)
{
    static const char *const words[] = {"r", "s", NULL};
    unsigned at;

    if (!read_word(value, words, &at))
        return false;
    *mode = at == 1 ? ALIGNMENT_STRICT : ALIGNMENT_RELAXED;
    return true;
}

static bool read_adkim(struct reading *r, struct slice value)
{
    return read_mode(value, &r->record->adkim);
}

static bool read_aspf(struct reading *r, struct slice value)
{
    return read_mode(value, &r->record->aspf);
}

static bool read_psd(struct reading *r, struct slice value)
{
    static const char *const words[] = {"u", "y", "n", NULL};
    unsigned at;

    if (!read_word(value, words, &at))
        return false;
    r->record->psd = (enum dmarc_psd)at;
    return true;
}

static bool read_t(struct reading *r, struct slice value)
{
    static const char *const words[] = {"n", "y", NULL};
    unsigned at;

    if (!read_word(value, words, &at))
        return false;
    r->record->testing = at == 1;
    return true;
}

/* scheme ":" and something; of mailto an address (RFC 3986 section 3.1, RFC 6068). A size limit behind "!" is
 * of older records. */
static bool is_uri(struct slice uri)
{
    size_t colon = slice_find_char(uri, ':');
    struct slice scheme = slice_head(uri, colon), rest = slice_skip(uri, colon + 1);

    rest = slice_head(rest, slice_find_char(rest, '!'));
    for (size_t i = 0; i < scheme.len; i++)
        if (!ascii_is_alnum(scheme.data[i]) && strchr("+-.", scheme.data[i]) == NULL)
            return false;
    for (size_t i = 0; i < rest.len; i++)
        if ((unsigned char)rest.data[i] <= ' ' || (unsigned char)rest.data[i] >= 0x7f)
            return false;
    if (colon == uri.len || scheme.len == 0 || !ascii_is_alnum(scheme.data[0]) ||
        ascii_is_digit(scheme.data[0]) || rest.len == 0)
        return false;
    size_t at = slice_find_char(rest, '@');
    return !slice_eq_nocase(scheme, SLICE("mailto")) || (at > 0 && at + 1 < rest.len);
}

static bool read_rua(struct reading *r, struct slice value)
{
    struct slice uri;
    bool all = true;

    while (taglist_next(&value, ',', &uri)) {
        bool usable = is_uri(uri);
        r->record->has_rua = r->record->has_rua || usable;
        all = all && usable;
    }
    return all && r->record->has_rua;
}

static bool read_obsolete(struct reading *r, struct slice value)
{
    (void)value;
    r->record->obsolete = true;
    return true;
}

static const struct {
    struct slice name;
    bool (*read)(struct reading *r, struct slice value); /* false: cannot be used */
} tags[] = {
    {SLICE("p"), read_p},         {SLICE("sp"), read_sp},       {SLICE("np"), read_np},
    {SLICE("adkim"), read_adkim}, {SLICE("aspf"), read_aspf},   {SLICE("psd"), read_psd},
    {SLICE("t"), read_t},         {SLICE("rua"), read_rua},     {SLICE("pct"), read_obsolete},
    {SLICE("rf"), read_obsolete}, {SLICE("ri"), read_obsolete},
};

static void read_tag(struct reading *r, struct slice spec)
{
    size_t equals = slice_find_char(spec, '=');
    struct slice name = slice_trim(slice_head(spec, equals));
    struct slice value = slice_trim(slice_skip(spec, equals + 1));

    for (unsigned i = 0; i < sizeof tags / sizeof *tags; i++) {
        if (!slice_eq(name, tags[i].name))
            continue;
        if (r->seen & 1U << i)
            warn(r, "stands twice", name);
        else if (!tags[i].read(r, value))
            warn(r, "has an unusable value", name);
        else if (tags[i].read == read_obsolete)
            warn(r, "is obsolete and ignored", name);
        r->seen |= 1U << i;
    }
}

/* dmarc-version = "v" equals %s"DMARC1", first of all */
static bool is_version(struct slice spec)
{
    size_t equals = slice_find_char(spec, '=');
    struct slice name = slice_head(spec, equals), value = slice_skip(spec, equals + 1);

    return spec.len > 0 && ascii_lower(spec.data[0]) == 'v' && slice_trim(name).len == 1 &&
           slice_eq(slice_trim(value), SLICE("DMARC1"));
}

/* Section 4.10.1: what cannot be used counts as p=none for the sake of the reports, else not at all. */
static void settle(struct reading *r)
{
    struct dmarc_record *record = r->record;
    bool usable = record->has_p && !r->broken_policy;

    record->valid = usable || record->has_rua;
    if (!record->has_p && !r->broken_policy)
        warn(r, "is missing", SLICE("p"));
    if (!usable) {
        record->p = POLICY_NONE;
        record->has_p = record->has_sp = record->has_np = false;
    }
    if (!record->has_sp)
        record->sp = record->p;
    if (!record->has_np)
        record->np = record->sp;
}

bool dmarc_record_parse(struct dmarc_record *out, struct slice text)
{
    struct reading r = {.record = out, .warnings = BUFFER_INIT(2 * sizeof out->warning)};
    size_t end = slice_find_char(text, ';');

    *out = (struct dmarc_record){.adkim = ALIGNMENT_RELAXED, .aspf = ALIGNMENT_RELAXED};
    if (!is_version(slice_head(text, end)))
        return false;
    for (text = slice_skip(text, end + 1); text.len > 0; text = slice_skip(text, end + 1)) {
        end = slice_find_char(text, ';');
        read_tag(&r, slice_head(text, end));
    }
    settle(&r);
    text_clean(out->warning, sizeof out->warning, buffer_slice(&r.warnings));
    buffer_clear(&r.warnings);
    return true;
}

const char *dmarc_policy_name(enum dmarc_policy policy)
{
    switch (policy) {
    case POLICY_NONE:
        break;
    case POLICY_QUARANTINE:
        return "quarantine";
    case POLICY_REJECT:
        return "reject";
    }
    return "none";
}
