# SPDX-License-Identifier: GPL-3.0-or-later

fuzz_targets += fuzz_imap fuzz_mailbox
fuzz_imap_LIBS = $(NET_LIBS)
fuzz_mailbox_LIBS = $(PROBE_LIBS)
