# SPDX-License-Identifier: GPL-3.0-or-later

check_PROGRAMS += test-authres
TESTS += test-authres
EXTRA_DIST += %D%/data/authres.txt
test_authres_SOURCES = %D%/test_authres.c %D%/sample.c %D%/sample.h %D%/unit.h
test_authres_CPPFLAGS = $(AM_CPPFLAGS) -DTEST_DATA='"$(abs_top_srcdir)/%D%/data"'
test_authres_CFLAGS = $(UNIT_CFLAGS)
test_authres_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
