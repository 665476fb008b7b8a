# SPDX-License-Identifier: GPL-3.0-or-later
noinst_HEADERS += \
	%D%/metric.h \
	%D%/report.h \
	%D%/state.h \
	%D%/threshold.h
