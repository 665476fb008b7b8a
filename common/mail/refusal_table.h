/* SPDX-License-Identifier: GPL-3.0-or-later */
/* refusal_table.h - the tables behind refusal.h: which words, codes and places mean which class. Facts only.
 */
#ifndef MAILPROOF_MAIL_REFUSAL_TABLE_H
#define MAILPROOF_MAIL_REFUSAL_TABLE_H

#include "common/base/err.h"

/* All that is given must hold; the first rule of a table that holds decides. */
struct refusal_rule {
    const char *phrases; /* phrase.h; NULL: any text */
    enum fault fault;
    const char *advice; /* NULL: the class's own */
    int code;           /* 4 or 5: the reply code's first digit; 100 and more: the code; 0: any */
    const char *status; /* "7.139", "7.500-699": subject and detail of the enhanced code, of either class;
                           "7": subject alone */
    unsigned stages;    /* 1U << enum stage, ored; 0: any */
};

struct refusal_table {
    const struct refusal_rule *rule;
    size_t count;
};

extern const struct refusal_table refusal_auth_texts; /* of replies to AUTH */
extern const struct refusal_table refusal_texts;      /* of all replies */
extern const struct refusal_table refusal_statuses;   /* enhanced codes that name a cause */
extern const struct refusal_table refusal_vague_texts;
extern const struct refusal_table refusal_vague_statuses;
extern const struct refusal_table refusal_codes;   /* reply codes, by the place in the dialogue */
extern const struct refusal_table refusal_mailbox; /* IMAP and POP3 */

/* SAYS("mailbox full|over-quota", MAILBOX_FULL, .code = 5) */
#define SAYS(words, kind, ...)                                                                               \
    {                                                                                                        \
        .phrases = (words), .fault = FAULT_##kind, __VA_ARGS__                                               \
    }
#define STATUS(which, kind, ...)                                                                             \
    {                                                                                                        \
        .status = (which), .fault = FAULT_##kind, __VA_ARGS__                                                \
    }
#define CODE(which, kind, ...)                                                                               \
    {                                                                                                        \
        .code = (which), .fault = FAULT_##kind, __VA_ARGS__                                                  \
    }
#define AT(where) (1U << STAGE_##where)
#define REFUSAL_TABLE(rules)                                                                                 \
    {                                                                                                        \
        (rules), sizeof(rules) / sizeof *(rules)                                                             \
    }

#endif
