# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libjudge.a
libjudge_a_SOURCES = \
	%D%/authentication.c \
	%D%/authentication.h \
	%D%/authentication_compare.c \
	%D%/authentication_facts.c \
	%D%/authentication_internal.h \
	%D%/authentication_text.c \
	%D%/cleaning.c \
	%D%/cleaning.h \
	%D%/connection.c \
	%D%/connection.h \
	%D%/message.c \
	%D%/message.h \
	%D%/trace.c \
	%D%/trace.h
