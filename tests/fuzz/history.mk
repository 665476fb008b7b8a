# SPDX-License-Identifier: GPL-3.0-or-later

fuzz_targets += fuzz_history
fuzz_history_LIBS = $(HISTORY_LIBS)
