# SPDX-License-Identifier: GPL-3.0-or-later

align_tests = test-authentication test-message-source
check_PROGRAMS += $(align_tests)
TESTS += $(align_tests)
test_authentication_SOURCES = %D%/test_authentication.c %D%/first_line.h %D%/unit.h
test_authentication_CFLAGS = $(UNIT_CFLAGS)
test_authentication_LDADD = $(JUDGE_LIBS) $(CMOCKA_LIBS)
test_message_source_SOURCES = %D%/test_message_source.c %D%/unit.h
test_message_source_CFLAGS = $(UNIT_CFLAGS)
test_message_source_LDADD = $(PROBE_LIBS) $(CMOCKA_LIBS)
