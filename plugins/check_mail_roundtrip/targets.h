/* SPDX-License-Identifier: GPL-3.0-or-later */
/* targets.h - the mailboxes that a run watches, from options. */
#ifndef MAILPROOF_CHECK_MAIL_ROUNDTRIP_TARGETS_H
#define MAILPROOF_CHECK_MAIL_ROUNDTRIP_TARGETS_H

#include "plugins/check_mail_roundtrip/check.h"

/* Fills o->target, and o->recipient where there is a seed list. FAULT_USAGE, FAULT_CONFIG. */
bool targets_read(struct options *o, struct err *err);
void targets_clear(struct options *o);

#endif
