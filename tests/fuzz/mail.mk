# SPDX-License-Identifier: GPL-3.0-or-later

fuzz_targets += fuzz_address fuzz_compose fuzz_encoded_word fuzz_header fuzz_intact fuzz_marker fuzz_mutf7 fuzz_received \
	fuzz_transfer
fuzz_address_LIBS = $(MAIL_LIBS)
fuzz_compose_LIBS = $(MAIL_LIBS)
fuzz_encoded_word_LIBS = $(MAIL_LIBS)
fuzz_header_LIBS = $(MAIL_LIBS)
fuzz_intact_LIBS = $(MAIL_LIBS)
fuzz_marker_LIBS = $(MAIL_LIBS)
fuzz_mutf7_LIBS = $(MAIL_LIBS)
fuzz_received_LIBS = $(MAIL_LIBS)
fuzz_transfer_LIBS = $(MAIL_LIBS)
