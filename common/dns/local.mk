# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libdns.a
libdns_a_SOURCES = \
	%D%/lookup.c \
	%D%/lookup.h \
	%D%/lookup_source.c \
	%D%/lookup_source.h \
	%D%/message.c \
	%D%/message.h \
	%D%/mx.c \
	%D%/mx.h \
	%D%/name.c \
	%D%/name.h \
	%D%/query.c \
	%D%/query.h \
	%D%/resolver.c \
	%D%/resolver.h
