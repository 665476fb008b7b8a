# SPDX-License-Identifier: GPL-3.0-or-later
# Not built by default: make bench-history && ./bench-history

EXTRA_PROGRAMS = bench-history
bench_history_SOURCES = %D%/history.c
bench_history_LDADD = $(HISTORY_LIBS)
CLEANFILES += bench-history
