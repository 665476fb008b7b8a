# SPDX-License-Identifier: GPL-3.0-or-later

fuzz_targets += fuzz_smtp
fuzz_smtp_LIBS = $(NET_LIBS)
