# SPDX-License-Identifier: GPL-3.0-or-later

check_PROGRAMS += test-sasl
TESTS += test-sasl
test_sasl_SOURCES = %D%/test_sasl.c %D%/fixed_nonce.c %D%/unit.h
test_sasl_CFLAGS = $(UNIT_CFLAGS)
test_sasl_LDADD = libnet.a $(BASE_LIBS) $(GSASL_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test-smtp
TESTS += test-smtp
test_smtp_SOURCES = %D%/test_smtp.c %D%/peer.c %D%/peer.h %D%/unit.h
test_smtp_CFLAGS = $(UNIT_CFLAGS)
test_smtp_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test-smtp-auth
TESTS += test-smtp-auth
test_smtp_auth_SOURCES = %D%/test_smtp_auth.c %D%/fixed_nonce.c %D%/peer.c %D%/peer.h %D%/unit.h
test_smtp_auth_CFLAGS = $(UNIT_CFLAGS)
test_smtp_auth_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test-sendmail
TESTS += test-sendmail
test_sendmail_SOURCES = %D%/test_sendmail.c %D%/unit.h
test_sendmail_CFLAGS = $(UNIT_CFLAGS)
test_sendmail_LDADD = libprobe.a $(BASE_LIBS) $(CMOCKA_LIBS)
