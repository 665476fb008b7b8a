/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/mail/probe_text.h"

enum { CHOICES = 4, MIDDLE_COUNT = 4, SENTENCES = 1 + MIDDLE_COUNT };

static const char *const opening[CHOICES] = {
    "This is an automatic test message of a mail monitoring system.",
    "You are looking at an automatic test of the mail service.",
    "This message is a test that a monitoring program sent by itself.",
    "A monitoring program sent this message to test the mail service.",
};

static const char *const middle[MIDDLE_COUNT][CHOICES] = {
    {
        "It was made by mailproof on behalf of the sender named in the From field.",
        "The program is called mailproof; it tests on behalf of the sender above.",
        "The sender above runs a program called mailproof, which wrote this.",
        "It comes from mailproof, a program that the sender above has set up.",
    },
    {
        "Its arrival shows that mail is accepted and delivered, and how long it takes.",
        "When it arrives, the way from the sender to this mailbox works.",
        "It measures how long a message is on its way to this mailbox.",
        "It proves that what is sent out also lands here.",
    },
    {
        "There is nothing for you to do, and it may be deleted.",
        "You need not do anything; remove it whenever you like.",
        "No answer is needed, and the message can be removed at any time.",
        "Nobody reads replies to it, and it may be thrown away.",
    },
    {
        "Tests like this one are sent at regular intervals.",
        "The administrators of the mail service know more about it.",
        "Whoever looks after the mail service can switch these tests off.",
        "Questions are best put to the people who run the mail service.",
    },
};

static const char *const label[CHOICES] = {"Marker", "Test marker", "Mark of this test", "Reference"};

struct choice {
    const char *sentence[SENTENCES];
    const char *label;
};

static const char *pick(const char *const *from, uint64_t *bits)
{
    const char *sentence = from[*bits % CHOICES];

    *bits /= CHOICES;
    return sentence;
}

/* The opening first, the others from one of them on, around. */
static struct choice choose(const struct marker *marker)
{
    uint64_t bits = marker_random(marker);
    struct choice choice = {.label = pick(label, &bits)};
    size_t from = bits % MIDDLE_COUNT;

    bits /= MIDDLE_COUNT;
    choice.sentence[0] = pick(opening, &bits);
    for (size_t i = 0; i < MIDDLE_COUNT; i++)
        choice.sentence[i + 1] = pick(middle[(from + i) % MIDDLE_COUNT], &bits);
    return choice;
}

bool probe_text_plain(struct buffer *out, const struct marker *marker)
{
    struct choice choice = choose(marker);
    bool ok = true;

    for (size_t i = 0; ok && i < SENTENCES; i++)
        ok = buffer_printf(out, "%s\r\n", choice.sentence[i]);
    return ok && buffer_printf(out, "\r\n%s: %s\r\n", choice.label, marker->text);
}

bool probe_text_html(struct buffer *out, const struct marker *marker)
{
    struct choice choice = choose(marker);
    bool ok = buffer_append_text(
        out, "<!DOCTYPE html>\r\n<html lang=\"en\">\r\n<head><meta charset=\"utf-8\"></head>\r\n<body>\r\n");

    for (size_t i = 0; ok && i < SENTENCES; i++)
        ok = buffer_printf(out, "<p>%s</p>\r\n", choice.sentence[i]);
    return ok && buffer_printf(out, "<p>%s: %s</p>\r\n</body>\r\n</html>\r\n", choice.label, marker->text);
}
