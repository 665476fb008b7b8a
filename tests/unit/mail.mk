# SPDX-License-Identifier: GPL-3.0-or-later

mail_tests = test-address test-compose test-header test-marker test-mime test-mutf7 test-received
check_PROGRAMS += $(mail_tests)
TESTS += $(mail_tests)
test_address_SOURCES = %D%/test_address.c %D%/unit.h
test_address_CFLAGS = $(UNIT_CFLAGS)
test_address_LDADD = $(MAIL_LIBS) $(CMOCKA_LIBS)
test_compose_SOURCES = %D%/test_compose.c %D%/unit.h
test_compose_CFLAGS = $(UNIT_CFLAGS)
test_compose_LDADD = $(MAIL_LIBS) $(CMOCKA_LIBS)
test_header_SOURCES = %D%/test_header.c %D%/unit.h
test_header_CFLAGS = $(UNIT_CFLAGS)
test_header_LDADD = $(MAIL_LIBS) $(CMOCKA_LIBS)
test_marker_SOURCES = %D%/test_marker.c %D%/unit.h
test_marker_CFLAGS = $(UNIT_CFLAGS)
test_marker_LDADD = $(MAIL_LIBS) $(CMOCKA_LIBS)
test_mime_SOURCES = %D%/test_mime.c %D%/unit.h
test_mime_CFLAGS = $(UNIT_CFLAGS)
test_mime_LDADD = $(MAIL_LIBS) $(CMOCKA_LIBS)
test_mutf7_SOURCES = %D%/test_mutf7.c %D%/unit.h
test_mutf7_CFLAGS = $(UNIT_CFLAGS)
test_mutf7_LDADD = $(MAIL_LIBS) $(CMOCKA_LIBS)
test_received_SOURCES = %D%/test_received.c %D%/unit.h
test_received_CFLAGS = $(UNIT_CFLAGS)
test_received_LDADD = $(MAIL_LIBS) $(CMOCKA_LIBS)
