# SPDX-License-Identifier: GPL-3.0-or-later

check_PROGRAMS += test-chart test-threshold test-report test-trace
TESTS += test-chart test-threshold test-report test-trace
test_chart_SOURCES = %D%/test_chart.c %D%/unit.h
test_chart_CFLAGS = $(UNIT_CFLAGS)
test_chart_LDADD = $(MONITOR_LIBS) $(CMOCKA_LIBS)
test_threshold_SOURCES = %D%/test_threshold.c %D%/unit.h
test_threshold_CFLAGS = $(UNIT_CFLAGS)
test_threshold_LDADD = $(MONITOR_LIBS) $(CMOCKA_LIBS)
test_report_SOURCES = %D%/test_report.c %D%/first_line.h %D%/unit.h
test_report_CFLAGS = $(UNIT_CFLAGS)
test_report_LDADD = $(MONITOR_LIBS) $(CMOCKA_LIBS)
test_trace_SOURCES = %D%/test_trace.c %D%/unit.h
test_trace_CFLAGS = $(UNIT_CFLAGS)
test_trace_LDADD = $(MONITOR_LIBS) $(CMOCKA_LIBS)
