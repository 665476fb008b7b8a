# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libjudge.a
libjudge_a_SOURCES = \
	%D%/connection.c \
	%D%/connection.h \
	%D%/message.c \
	%D%/message.h
