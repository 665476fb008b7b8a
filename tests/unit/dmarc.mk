# SPDX-License-Identifier: GPL-3.0-or-later

dmarc_tests = test-dmarc test-dmarc-record test-psl
check_PROGRAMS += $(dmarc_tests)
TESTS += $(dmarc_tests)
test_dmarc_SOURCES = %D%/test_dmarc.c %D%/txt_table.c %D%/txt_table.h %D%/unit.h
test_dmarc_CFLAGS = $(UNIT_CFLAGS)
test_dmarc_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
test_dmarc_record_SOURCES = %D%/test_dmarc_record.c %D%/unit.h
test_dmarc_record_CFLAGS = $(UNIT_CFLAGS)
test_dmarc_record_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
test_psl_SOURCES = %D%/test_psl.c %D%/unit.h
test_psl_CFLAGS = $(UNIT_CFLAGS)
test_psl_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
