# SPDX-License-Identifier: GPL-3.0-or-later

fuzz_targets += fuzz_dmarc
fuzz_dmarc_LIBS = $(AUTH_LIBS)
