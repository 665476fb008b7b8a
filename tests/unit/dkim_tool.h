/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dkim_tool.h - for tests of DKIM and ARC: a signer, which shares no line with the verifier, and a call that
 * verifies. Its canonical forms are made the long way round: whole texts, line by line, as RFC 6376
 * section 3.4 says it. */
#ifndef MAILPROOF_TESTS_DKIM_TOOL_H
#define MAILPROOF_TESTS_DKIM_TOOL_H

#include <time.h>

#include "common/auth/dkim.h"
#include "common/base/buffer.h"
#include "tests/unit/txt_table.h"

enum tool_key { TOOL_RSA512, TOOL_RSA1024, TOOL_RSA2048, TOOL_ED25519 };

/* The public half in base64, as p= has it; bare: an RSAPublicKey. Static. */
const char *tool_public(enum tool_key key);
const char *tool_public_bare(enum tool_key key);

void tool_canon_body(bool relaxed, struct slice body, struct buffer *out);
/* A field with its line end. */
void tool_canon_field(bool relaxed, struct slice field, struct buffer *out);

struct tool_signature {
    enum tool_key key;
    bool relaxed_header, relaxed_body;
    unsigned long long length; /* of the canonical body that is hashed; 0: all */
    const char *headers;       /* the fields that are hashed: "from:to:to" */
    /* The field, without its line end: "DKIM-Signature: v=1; ... bh=$bh; b=$b". $b may have white space
     * around it. */
    const char *field;
};

/* Appends the field, signed, and the message below it. */
void tool_sign(struct buffer *out, const struct tool_signature *signature, struct slice message);
/* The signature in base64 over a text: what an ARC-Seal needs. Static, until the next call. */
const char *tool_sign_text(enum tool_key key, struct slice text);

/* The body goes in by pieces of that size. */
size_t tool_verify(struct slice message, size_t piece, const struct lookup *lookup, time_t now,
                   struct dkim_result results[DKIM_SIGNATURES_MAX]);

#endif
