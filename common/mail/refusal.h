/* SPDX-License-Identifier: GPL-3.0-or-later */
/* refusal.h - what a refusal means: text that names a cause first, then the enhanced code, then vaguer text, then the
 * code, and where it came.
 *
 * Providers use codes against IANA's meaning, and one code for many causes, so the text is asked first. Table-driven
 * (refusal_table.h); the order of the table is the order of asking. */
#ifndef MAILPROOF_MAIL_REFUSAL_H
#define MAILPROOF_MAIL_REFUSAL_H

#include "common/base/err.h"
#include "common/mail/reply.h"

/* stage: where in the dialogue the reply came (STAGE_GREETING, _EHLO, _STARTTLS, _AUTH, _MAIL, _RCPT, _DATA, _ACCEPT);
 * STAGE_NONE where it is not known (a bounce's diagnostic). *advice (may be NULL) gets a sentence that knows the provider, or NULL
 * where the class's own is as good. Never FAULT_NONE for a 4xx or 5xx. */
enum fault refusal_classify(const struct reply *reply, enum stage stage, const char **advice);
/* The same for IMAP "NO"/"BAD" and POP3 "-ERR" texts, response codes of RFC 5530 ("[AUTHENTICATIONFAILED] ...") included. */
enum fault refusal_classify_mailbox(struct slice text, enum stage stage, const char **advice);
/* Fills err from a refusal: kind, code, enhanced, advice, text "AUTH refused: 535 5.7.8 ..." (what: "AUTH", "RCPT TO:(x)"). Always false. */
bool refusal_err(struct err *err, const struct reply *reply, enum stage stage, const char *what);
/* A hint of how long to wait in the text ("retry in 300 seconds", "try again in 5 minutes"); 0 where there is none. */
double refusal_retry_after(const struct reply *reply);

#endif
