# SPDX-License-Identifier: GPL-3.0-or-later

if HAVE_YAML
check_PROGRAMS += test-spf-suite
TESTS += test-spf-suite
endif
test_spf_suite_SOURCES = %D%/test_spf_suite.c %D%/unit.h %D%/yaml_suite.c %D%/yaml_suite.h %D%/zone.c %D%/zone.h
test_spf_suite_CFLAGS = $(UNIT_CFLAGS) $(YAML_CFLAGS)
test_spf_suite_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS) $(YAML_LIBS)
