# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libauth.a
libauth_a_SOURCES = \
	%D%/alignment.c \
	%D%/alignment.h \
	%D%/arc.h \
	%D%/authres.h \
	%D%/dkim.h \
	%D%/dmarc.h \
	%D%/spf.h \
	%D%/verdict.c \
	%D%/verdict.h
