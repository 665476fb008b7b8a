# SPDX-License-Identifier: GPL-3.0-or-later

check_PROGRAMS += test-stream
TESTS += test-stream
test_stream_SOURCES = %D%/test_stream.c %D%/unit.h
test_stream_CFLAGS = $(UNIT_CFLAGS)
test_stream_LDADD = libnet.a $(BASE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test-dialogue
TESTS += test-dialogue
test_dialogue_SOURCES = %D%/test_dialogue.c %D%/unit.h
test_dialogue_CFLAGS = $(UNIT_CFLAGS)
test_dialogue_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test-certificate
TESTS += test-certificate
test_certificate_SOURCES = %D%/test_certificate.c %D%/unit.h
test_certificate_CFLAGS = $(UNIT_CFLAGS)
test_certificate_LDADD = libnet.a $(BASE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test-session
TESTS += test-session
test_session_SOURCES = %D%/test_session.c %D%/unit.h
test_session_CFLAGS = $(UNIT_CFLAGS)
test_session_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)

oauth2_tests = test-oauth2-reply test-oauth2-cache test-oauth2-assertion
check_PROGRAMS += $(oauth2_tests)
TESTS += $(oauth2_tests)
test_oauth2_reply_SOURCES = %D%/test_oauth2_reply.c %D%/unit.h
test_oauth2_reply_CFLAGS = $(UNIT_CFLAGS)
test_oauth2_reply_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)
test_oauth2_cache_SOURCES = %D%/test_oauth2_cache.c %D%/unit.h
test_oauth2_cache_CFLAGS = $(UNIT_CFLAGS)
test_oauth2_cache_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)
test_oauth2_assertion_SOURCES = %D%/test_oauth2_assertion.c %D%/unit.h
test_oauth2_assertion_CFLAGS = $(UNIT_CFLAGS)
test_oauth2_assertion_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)
