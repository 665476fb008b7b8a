# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libauth.a
libauth_a_SOURCES = \
	%D%/alignment.c \
	%D%/alignment.h \
	%D%/authres.h
