/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/base/transcript.h"

#include "common/base/clock.h"
#include "common/base/text.h"

enum { TRANSCRIPT_MAX = 256 * 1024, LINE_MAX_BYTES = 400 };

void transcript_init(struct transcript *t, bool on)
{
    *t = (struct transcript){.on = on, .start = clock_now(), .lines = BUFFER_INIT(TRANSCRIPT_MAX)};
}

void transcript_clear(struct transcript *t)
{
    buffer_clear(&t->lines);
}

void transcript_line(struct transcript *t, const char *side, enum speaker speaker, struct slice line)
{
    static const char *const who[] = {[SPEAKER_CLIENT] = "C:", [SPEAKER_SERVER] = "S:", [SPEAKER_NOTE] = "*"};
    char clean[LINE_MAX_BYTES];

    if (t == NULL || !t->on)
        return;
    text_clean(clean, sizeof clean, line);
    if (!buffer_printf(&t->lines, "%.3f %s %s %s\n", clock_since(t->start), side, who[speaker], clean))
        t->dropped++;
}
