# SPDX-License-Identifier: GPL-3.0-or-later

check_PROGRAMS += test-base
TESTS += test-base
test_base_SOURCES = %D%/test_base.c %D%/unit.h
test_base_CFLAGS = $(UNIT_CFLAGS)
test_base_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
