# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libmonitor.a
libmonitor_a_SOURCES = \
	%D%/chart.c \
	%D%/chart.h \
	%D%/decimal.c \
	%D%/decimal.h \
	%D%/json.c \
	%D%/metric.c \
	%D%/metric.h \
	%D%/nagios.c \
	%D%/openmetrics.c \
	%D%/render.h \
	%D%/report.c \
	%D%/report.h \
	%D%/report_trace.c \
	%D%/state.c \
	%D%/state.h \
	%D%/threshold.c \
	%D%/threshold.h \
	%D%/trace.c \
	%D%/trace.h \
	%D%/words.c
