# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libmail.a
libmail_a_SOURCES = \
	%D%/address.c \
	%D%/address.h \
	%D%/charset.c \
	%D%/charset.h \
	%D%/compose.h \
	%D%/date.c \
	%D%/date.h \
	%D%/dsn.h \
	%D%/encoded_word.c \
	%D%/encoded_word.h \
	%D%/header.c \
	%D%/header.h \
	%D%/marker.c \
	%D%/marker.h \
	%D%/mime.c \
	%D%/mime.h \
	%D%/mutf7.c \
	%D%/mutf7.h \
	%D%/phrase.c \
	%D%/phrase.h \
	%D%/received.c \
	%D%/received.h \
	%D%/refusal.c \
	%D%/refusal.h \
	%D%/refusal_mailbox.c \
	%D%/refusal_table.c \
	%D%/refusal_table.h \
	%D%/refusal_texts.c \
	%D%/reply.c \
	%D%/reply.h \
	%D%/token.c \
	%D%/token.h \
	%D%/transfer.c \
	%D%/transfer.h
