# SPDX-License-Identifier: GPL-3.0-or-later

fuzz_targets += fuzz_authres fuzz_dsn fuzz_refusal fuzz_reply
fuzz_authres_LIBS = $(AUTH_LIBS)
fuzz_dsn_LIBS = $(MAIL_LIBS)
fuzz_refusal_LIBS = $(MAIL_LIBS)
fuzz_reply_LIBS = $(MAIL_LIBS)
