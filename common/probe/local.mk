# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libprobe.a
libprobe_a_SOURCES = \
	%D%/mailbox.h \
	%D%/marked.c \
	%D%/marked.h \
	%D%/sendmail.c \
	%D%/sendmail.h \
	%D%/submission.c \
	%D%/submission.h \
	%D%/tidy.c \
	%D%/tidy.h
