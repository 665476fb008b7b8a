# SPDX-License-Identifier: GPL-3.0-or-later

check_PROGRAMS += test-sasl
TESTS += test-sasl
test_sasl_SOURCES = %D%/test_sasl.c %D%/unit.h
test_sasl_CFLAGS = $(UNIT_CFLAGS)
test_sasl_LDADD = libnet.a $(BASE_LIBS) $(GSASL_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)
