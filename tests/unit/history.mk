# SPDX-License-Identifier: GPL-3.0-or-later

history_tests = test-flight test-history test-history-files test-history-processes \
	test-history-view
check_PROGRAMS += $(history_tests)
TESTS += $(history_tests)
test_flight_SOURCES = %D%/test_flight.c %D%/past.c %D%/past.h %D%/unit.h
test_flight_CFLAGS = $(UNIT_CFLAGS)
test_flight_LDADD = $(HISTORY_LIBS) $(CMOCKA_LIBS)
test_history_SOURCES = %D%/test_history.c %D%/past.c %D%/past.h %D%/unit.h
test_history_CFLAGS = $(UNIT_CFLAGS)
test_history_LDADD = $(HISTORY_LIBS) $(CMOCKA_LIBS)
test_history_files_SOURCES = %D%/test_history_files.c %D%/past.c %D%/past.h %D%/unit.h
test_history_files_CFLAGS = $(UNIT_CFLAGS)
test_history_files_LDADD = $(HISTORY_LIBS) $(CMOCKA_LIBS)
test_history_view_SOURCES = %D%/test_history_view.c %D%/past.c %D%/past.h %D%/unit.h
test_history_view_CFLAGS = $(UNIT_CFLAGS)
test_history_view_LDADD = $(HISTORY_LIBS) $(CMOCKA_LIBS)
test_history_processes_SOURCES = %D%/test_history_processes.c %D%/past.c %D%/past.h %D%/unit.h
test_history_processes_CFLAGS = $(UNIT_CFLAGS)
test_history_processes_LDADD = $(HISTORY_LIBS) $(CMOCKA_LIBS)
