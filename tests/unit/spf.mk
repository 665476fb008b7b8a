# SPDX-License-Identifier: GPL-3.0-or-later

if HAVE_YAML
check_PROGRAMS += test-spf-suite
TESTS += test-spf-suite
endif
test_spf_suite_SOURCES = %D%/test_spf_suite.c %D%/unit.h %D%/yaml_suite.c %D%/yaml_suite.h %D%/zone.c %D%/zone.h
test_spf_suite_CFLAGS = $(UNIT_CFLAGS) $(YAML_CFLAGS)
test_spf_suite_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS) $(YAML_LIBS)

spf_tests = test-spf test-spf-record
check_PROGRAMS += $(spf_tests)
TESTS += $(spf_tests)
test_spf_SOURCES = %D%/test_spf.c %D%/unit.h %D%/zone.c %D%/zone.h
test_spf_CFLAGS = $(UNIT_CFLAGS)
test_spf_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
test_spf_record_SOURCES = %D%/test_spf_record.c %D%/unit.h
test_spf_record_CFLAGS = $(UNIT_CFLAGS)
test_spf_record_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test-message
TESTS += test-message
test_message_SOURCES = %D%/test_message.c %D%/unit.h
test_message_CFLAGS = $(UNIT_CFLAGS)
test_message_LDADD = $(DNS_LIBS) $(CMOCKA_LIBS)
