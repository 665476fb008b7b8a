# SPDX-License-Identifier: GPL-3.0-or-later

if HAVE_YAML
check_PROGRAMS += test-arc-suite
TESTS += test-arc-suite
endif
test_arc_suite_SOURCES = %D%/test_arc_suite.c %D%/txt_table.c %D%/txt_table.h %D%/unit.h %D%/yaml_suite.c \
	%D%/yaml_suite.h
test_arc_suite_CFLAGS = $(UNIT_CFLAGS) $(YAML_CFLAGS)
test_arc_suite_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS) $(YAML_LIBS)

dkim_tests = test-dkim
check_PROGRAMS += $(dkim_tests)
TESTS += $(dkim_tests)
test_dkim_SOURCES = %D%/test_dkim.c %D%/txt_table.c %D%/txt_table.h %D%/unit.h
test_dkim_CFLAGS = $(UNIT_CFLAGS)
test_dkim_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
