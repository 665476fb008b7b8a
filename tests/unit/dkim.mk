# SPDX-License-Identifier: GPL-3.0-or-later

dkim_tests = test-arc test-canon test-dkim test-dkim-key test-dkim-rules \
	test-dkim-samples test-dkim-signed test-taglist
check_PROGRAMS += $(dkim_tests)
TESTS += $(dkim_tests)
dkim_tool = %D%/dkim_tool.c %D%/dkim_tool.h %D%/txt_table.c %D%/txt_table.h %D%/unit.h
test_canon_SOURCES = %D%/test_canon.c $(dkim_tool)
test_canon_CFLAGS = $(UNIT_CFLAGS)
test_canon_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
test_dkim_SOURCES = %D%/test_dkim.c $(dkim_tool)
test_dkim_CFLAGS = $(UNIT_CFLAGS)
test_dkim_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
test_arc_SOURCES = %D%/test_arc.c $(dkim_tool)
test_arc_CFLAGS = $(UNIT_CFLAGS)
test_arc_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
test_dkim_key_SOURCES = %D%/test_dkim_key.c $(dkim_tool)
test_dkim_key_CFLAGS = $(UNIT_CFLAGS)
test_dkim_key_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
test_dkim_rules_SOURCES = %D%/test_dkim_rules.c $(dkim_tool)
test_dkim_rules_CFLAGS = $(UNIT_CFLAGS)
test_dkim_rules_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
test_dkim_samples_SOURCES = %D%/test_dkim_samples.c $(dkim_tool)
test_dkim_samples_CPPFLAGS = $(AM_CPPFLAGS) -DTEST_DATA='"$(abs_top_srcdir)/%D%/data"'
test_dkim_samples_CFLAGS = $(UNIT_CFLAGS)
test_dkim_samples_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += %D%/data/dkim
test_dkim_signed_SOURCES = %D%/test_dkim_signed.c $(dkim_tool)
test_dkim_signed_CFLAGS = $(UNIT_CFLAGS)
test_dkim_signed_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
test_taglist_SOURCES = %D%/test_taglist.c %D%/unit.h
test_taglist_CFLAGS = $(UNIT_CFLAGS)
test_taglist_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)

if HAVE_YAML
check_PROGRAMS += test-arc-suite
TESTS += test-arc-suite
endif
test_arc_suite_SOURCES = %D%/test_arc_suite.c %D%/txt_table.c %D%/txt_table.h %D%/unit.h %D%/yaml_suite.c \
	%D%/yaml_suite.h
test_arc_suite_CFLAGS = $(UNIT_CFLAGS) $(YAML_CFLAGS)
test_arc_suite_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS) $(YAML_LIBS)
