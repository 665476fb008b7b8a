# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libnet.a
libnet_a_SOURCES = \
	%D%/certificate.c \
	%D%/certificate.h \
	%D%/connection.h \
	%D%/connection_fault.c \
	%D%/connection_options.c \
	%D%/connection_target.c \
	%D%/dialogue.c \
	%D%/dialogue.h \
	%D%/endpoint.c \
	%D%/endpoint.h \
	%D%/handshake.c \
	%D%/handshake.h \
	%D%/sasl.c \
	%D%/sasl.h \
	%D%/session.c \
	%D%/session.h \
	%D%/smtp.c \
	%D%/smtp.h \
	%D%/smtp_auth.c \
	%D%/smtp_send.c \
	%D%/stream.c \
	%D%/stream.h \
	%D%/truststore.c \
	%D%/truststore.h
