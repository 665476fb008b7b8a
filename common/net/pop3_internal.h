/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pop3_internal.h - what the parts of the POP3 client share among themselves. */
#ifndef MAILPROOF_NET_POP3_INTERNAL_H
#define MAILPROOF_NET_POP3_INTERNAL_H

#include "common/net/pop3.h"

enum pop3_line { POP3_OK, POP3_ERR, POP3_CONTINUE, POP3_NONSENSE };

/* "+OK ...", "-ERR ..." or "+ challenge"; *text gets what follows. */
enum pop3_line pop3_parse(struct slice line, struct slice *text);
/* FAULT_PROTOCOL, always false. */
bool pop3_nonsense(enum stage stage, struct slice line, struct err *err);

#endif
