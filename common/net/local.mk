# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libnet.a
libnet_a_SOURCES = \
	%D%/endpoint.h \
	%D%/sasl.c \
	%D%/sasl.h \
	%D%/session.h \
	%D%/smtp.c \
	%D%/smtp.h \
	%D%/smtp_auth.c \
	%D%/smtp_send.c \
	%D%/stream.c \
	%D%/stream.h
