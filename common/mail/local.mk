# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libmail.a
libmail_a_SOURCES = \
	%D%/address.c \
	%D%/address.h \
	%D%/charset.c \
	%D%/charset.h \
	%D%/compose.c \
	%D%/compose.h \
	%D%/compose_intact.c \
	%D%/date.c \
	%D%/date.h \
	%D%/delivery_status.c \
	%D%/delivery_status.h \
	%D%/dsn.c \
	%D%/dsn.h \
	%D%/encoded_word.c \
	%D%/encoded_word.h \
	%D%/field.c \
	%D%/field.h \
	%D%/header.c \
	%D%/header.h \
	%D%/html.c \
	%D%/html.h \
	%D%/marker.c \
	%D%/marker.h \
	%D%/mime.c \
	%D%/mime.h \
	%D%/mutf7.c \
	%D%/mutf7.h \
	%D%/phrase.c \
	%D%/phrase.h \
	%D%/probe_text.c \
	%D%/probe_text.h \
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
