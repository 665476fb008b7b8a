# SPDX-License-Identifier: GPL-3.0-or-later

fuzz_targets += fuzz_taglist fuzz_dkim_key fuzz_dkim
fuzz_taglist_LIBS = $(AUTH_LIBS)
fuzz_dkim_key_LIBS = $(AUTH_LIBS)
fuzz_dkim_LIBS = $(AUTH_LIBS)

fuzz_targets += fuzz_dns_message fuzz_spf
fuzz_dns_message_LIBS = $(DNS_LIBS)
fuzz_spf_LIBS = $(AUTH_LIBS)
