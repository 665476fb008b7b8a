/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_parse.h - the grammar of IMAP responses (RFC 3501 and 9051 section 9), over one whole response in
 * memory.
 *
 * A response is what imap_read gives: its lines without the final CRLF, a literal standing as "{n}" CRLF and
 * n bytes. Pure: slices point into it, nothing is allocated. Lenient where servers are known to be: what is
 * not understood is skipped, never guessed at. */
#ifndef MAILPROOF_NET_IMAP_PARSE_H
#define MAILPROOF_NET_IMAP_PARSE_H

#include <stdint.h>
#include <time.h>

#include "common/base/buffer.h"

enum imap_token_kind { IMAP_END, IMAP_ATOM, IMAP_QUOTED, IMAP_LITERAL, IMAP_OPEN, IMAP_CLOSE, IMAP_BROKEN };

struct imap_token {
    enum imap_token_kind kind;
    struct slice text; /* of a quoted string: between the quotes, still escaped */
};

/* Takes the next token off the front of *rest, blanks skipped. A flag such as \Seen is an atom, and so is
 * NIL. At the end and at what is broken, *rest is empty. */
enum imap_token_kind imap_next(struct slice *rest, struct imap_token *token);
bool imap_is_nil(const struct imap_token *token);
/* Appends what an atom or a string means, escapes resolved. False for other tokens, and where the buffer is
 * full. */
bool imap_token_text(const struct imap_token *token, struct buffer *out);
/* Takes one value off the front: an atom, a string, or a list with all that is nested in it. False at the
 * end, at a closing parenthesis and where it is broken. */
bool imap_skip(struct slice *rest);

enum imap_kind { IMAP_CONTINUE, IMAP_STATUS, IMAP_DATA };
enum imap_status { IMAP_OK, IMAP_NO, IMAP_BAD, IMAP_BYE, IMAP_PREAUTH };

struct imap_response {
    enum imap_kind kind;
    struct slice tag; /* empty: untagged */
    /* IMAP_STATUS */
    enum imap_status status;
    struct slice code; /* "UIDNEXT 5", without its brackets; empty where there is none */
    struct slice text; /* all behind OK, NO ...: the code with its brackets and the human text. IMAP_CONTINUE:
                          behind "+" */
    /* IMAP_DATA */
    bool numbered;
    uint32_t number;   /* "* 5 EXISTS" */
    struct slice name; /* "EXISTS", "LIST", in the server's case */
    struct slice rest; /* behind the name */
};

/* False where raw is no response at all. */
bool imap_response_parse(struct slice raw, struct imap_response *r);
/* Whether the line could end in a literal: text for people may end in "{5}" and mean nothing by it. */
bool imap_may_have_literal(struct slice line);
/* Whether the line ends in the announcement of a literal; *mark is where its "{" (or "~{") stands. */
bool imap_literal_at_end(struct slice line, unsigned long long *length, size_t *mark);
/* "UIDNEXT 5" is asked for by "UIDNEXT"; *argument (may be NULL) gets what follows. */
bool imap_code_is(struct slice code, struct slice name, struct slice *argument);
bool imap_number(struct slice text, uint32_t *value);

/* "* 12 FETCH (UID 5 INTERNALDATE "..." RFC822.SIZE 100 BODY[HEADER] {20}...)", in any order, others skipped.
 */
struct imap_fetch {
    uint32_t uid; /* 0: not told */
    bool dated;
    time_t internal_date;
    bool sized;
    unsigned long long size;
    bool has_body; /* any BODY[...] or RFC822.HEADER; the last one */
    struct imap_token body;
};
bool imap_fetch_parse(const struct imap_response *r, struct imap_fetch *out);

/* "* LIST (\HasNoChildren \Junk) "/" "Spam"" and LSUB, XLIST. Flags in any case. */
struct imap_list {
    bool selectable; /* neither \Noselect nor \NonExistent */
    bool junk;       /* \Junk, or the older \Spam of XLIST */
    bool trash;
    char delimiter; /* '\0': flat */
    struct imap_token name;
};
bool imap_list_parse(const struct imap_response *r, struct imap_list *out);

/* "* STATUS name (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 1)": 0 for what is not told. */
struct imap_status_data {
    struct imap_token name;
    bool counted; /* MESSAGES was told */
    uint32_t messages, uidnext, uidvalidity;
};
bool imap_status_parse(const struct imap_response *r, struct imap_status_data *out);

/* Numbers of "* SEARCH 2 3 5" or "* ESEARCH (TAG "A1") UID ALL 2:3,5", one after the other. */
struct imap_numbers {
    struct slice rest;
    bool ranges;    /* an ESEARCH: a sequence set */
    uint32_t below; /* the caller wants no others: a range may have four thousand million; 0: all */
    uint32_t next, last;
};
bool imap_search_parse(const struct imap_response *r, struct imap_numbers *numbers);
bool imap_numbers_next(struct imap_numbers *numbers, uint32_t *value);

/* "* QUOTA root (STORAGE 10 512 MESSAGE 1 100)" (RFC 9208): the fullest resource in percent. False where it
 * names none. */
bool imap_quota_parse(const struct imap_response *r, double *used_percent);

#endif
