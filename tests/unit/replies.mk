# SPDX-License-Identifier: GPL-3.0-or-later

check_PROGRAMS += test-reply
TESTS += test-reply
test_reply_SOURCES = %D%/test_reply.c %D%/unit.h
test_reply_CFLAGS = $(UNIT_CFLAGS)
test_reply_LDADD = $(MAIL_LIBS) $(CMOCKA_LIBS)
