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
	%D%/imap.c \
	%D%/imap.h \
	%D%/imap_idle.c \
	%D%/imap_internal.h \
	%D%/imap_login.c \
	%D%/imap_parse.c \
	%D%/imap_parse.h \
	%D%/imap_read.c \
	%D%/imap_read.h \
	%D%/pop3.c \
	%D%/pop3.h \
	%D%/pop3_internal.h \
	%D%/pop3_login.c \
	%D%/redact.c \
	%D%/redact.h \
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
