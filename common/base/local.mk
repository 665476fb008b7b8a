# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	%D%/buffer.c \
	%D%/buffer.h \
	%D%/clock.c \
	%D%/clock.h \
	%D%/err.c \
	%D%/err.h \
	%D%/interrupt.c \
	%D%/interrupt.h \
	%D%/parallel.c \
	%D%/parallel.h \
	%D%/redact.c \
	%D%/redact.h \
	%D%/secret.c \
	%D%/secret.h \
	%D%/slice.c \
	%D%/slice.h \
	%D%/state_dir.c \
	%D%/state_dir.h \
	%D%/text.c \
	%D%/text.h \
	%D%/timeline.c \
	%D%/timeline.h \
	%D%/transcript.c \
	%D%/transcript.h

# it has the state directory in it, which another configure may change
%D%/state_dir.$(OBJEXT): Makefile
