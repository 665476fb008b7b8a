# SPDX-License-Identifier: GPL-3.0-or-later

check_PROGRAMS += test-dns
TESTS += test-dns
test_dns_SOURCES = %D%/test_dns.c %D%/unit.h
test_dns_CFLAGS = $(UNIT_CFLAGS)
test_dns_LDADD = $(DNS_LIBS) $(CMOCKA_LIBS)
