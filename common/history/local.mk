# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libhistory.a
libhistory_a_SOURCES = \
	%D%/database.c \
	%D%/database.h \
	%D%/figures.c \
	%D%/flight.c \
	%D%/flight.h \
	%D%/history.c \
	%D%/history.h \
	%D%/history_internal.h \
	%D%/rows.c \
	%D%/view.c \
	%D%/view.h
