/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state_dir.h - the folder for what outlives a run: ours alone, or not used at all. */
#ifndef MAILPROOF_BASE_STATE_DIR_H
#define MAILPROOF_BASE_STATE_DIR_H

#include "common/base/err.h"

/* Opens it, made with mode 0700 where it is missing. dir: --state-dir; NULL: MAILPROOF_STATEDIR "/" and the
 * name of the user that the process runs as. *dirfd is the caller's to close; path, if not NULL, gets where
 * it is (also on failure, as far as it is known). FAULT_STATE where it cannot be made or opened, is a
 * symbolic link, belongs to another user, or may be written by group or others: what lies there is believed,
 * and some of it is secret. */
bool state_dir_open(int *dirfd, const char *dir, char *path, size_t size, struct err *err);

#endif
