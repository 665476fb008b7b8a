/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/cli/values.h"

#include <string.h>

#include "common/base/buffer.h"
#include "common/base/clock.h"

#define REFUSE(...) err_set(err, FAULT_USAGE, STAGE_NONE, __VA_ARGS__)

bool value_duration(const char *option, const char *text, double *seconds, struct err *err)
{
    return text == NULL || duration_parse(text, seconds) ||
           REFUSE("--%s takes a duration such as 90, 1.5s, 5m, 2h or 1d, not \"%.60s\"", option, text);
}

bool value_state(const char *option, const char *text, enum state *state, struct err *err)
{
    return text == NULL || state_parse(text, state) ||
           REFUSE("--%s takes ok, warning, critical or unknown, not \"%.60s\"", option, text);
}

bool value_duration_state(const char *option, const char *text, double *seconds, enum state *state,
                          struct err *err)
{
    char number[32];
    double parsed;

    if (text == NULL)
        return true;
    size_t n = strcspn(text, ":");
    bool fits = slice_copy(number, sizeof number, slice_of(text, n));
    if (!fits || !duration_parse(number, &parsed) || parsed <= 0 ||
        (text[n] == ':' && !state_parse(text + n + 1, state)))
        return REFUSE("--%s takes a duration above 0 and optionally a state, such as 30, 2m or 30s:warning, "
                      "not \"%.60s\"",
                      option, text);
    *seconds = parsed;
    return true;
}

bool value_range(const char *option, const char *text, struct range *range, struct err *err)
{
    return text == NULL || range_parse(range, text, false) ||
           REFUSE("--%s takes a range such as 10, 10:, ~:10, 10:20 or @10:20, not \"%.60s\"", option, text);
}

bool value_word(const char *option, const char *text, const char *const *words, int *index, struct err *err)
{
    struct buffer list = BUFFER_INIT(ERR_TEXT_MAX);

    if (text == NULL)
        return true;
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0) {
            buffer_clear(&list);
            *index = i;
            return true;
        }
        buffer_printf(&list, "%s%s", i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ", words[i]);
    }
    REFUSE("--%s takes %s, not \"%.60s\"", option, buffer_text(&list), text);
    buffer_clear(&list);
    return false;
}

bool value_folder(const char *option, char *text, enum state *state, struct err *err)
{
    char *divide = strrchr(text, '=');

    if (divide == text)
        return REFUSE("--%s takes NAME[=STATE], not \"%.60s\"", option, text);
    if (divide == NULL)
        return true;
    if (!state_parse(divide + 1, state))
        return REFUSE("--%s takes NAME[=STATE], and \"%.60s\" is not ok, warning, critical or unknown (a "
                      "name with = in it "
                      "needs a state: %.60s=ok)",
                      option, divide + 1, text);
    *divide = '\0';
    return true;
}

bool value_header(const char *option, char *text, const char **name, const char **value, struct err *err)
{
    size_t n = 0;

    while (text[n] > ' ' && text[n] < 0x7f && text[n] != ':')
        n++;
    char *rest = text + n + strspn(text + n, " \t");
    if (n > 0 && *rest == ':')
        rest += 1 + strspn(rest + 1, " \t");
    else
        rest = text + strlen(text);
    if (*rest == '\0')
        return REFUSE("--%s takes NAME:TEXT, such as List-Id:news, not \"%.60s\"", option, text);
    text[n] = '\0';
    *name = text;
    *value = rest;
    return true;
}
