# SPDX-License-Identifier: GPL-3.0-or-later

check_PROGRAMS += test-phrase test-reply test-refusal test-refusal-corpus test-dsn
TESTS += test-phrase test-reply test-refusal test-refusal-corpus test-dsn
EXTRA_DIST += %D%/data/messages.txt %D%/data/refusals.txt

test_phrase_SOURCES = %D%/test_phrase.c %D%/unit.h
test_phrase_CFLAGS = $(UNIT_CFLAGS)
test_phrase_LDADD = $(MAIL_LIBS) $(CMOCKA_LIBS)

test_reply_SOURCES = %D%/test_reply.c %D%/unit.h
test_reply_CFLAGS = $(UNIT_CFLAGS)
test_reply_LDADD = $(MAIL_LIBS) $(CMOCKA_LIBS)

test_refusal_SOURCES = %D%/test_refusal.c %D%/unit.h
test_refusal_CPPFLAGS = $(AM_CPPFLAGS) -DTEST_DATA='"$(abs_top_srcdir)/%D%/data"'
test_refusal_CFLAGS = $(UNIT_CFLAGS)
test_refusal_LDADD = $(MAIL_LIBS) $(CMOCKA_LIBS)

test_refusal_corpus_SOURCES = %D%/test_refusal_corpus.c %D%/unit.h
test_refusal_corpus_CFLAGS = $(UNIT_CFLAGS)
test_refusal_corpus_LDADD = $(MAIL_LIBS) $(CMOCKA_LIBS)

test_dsn_SOURCES = %D%/test_dsn.c %D%/sample.c %D%/sample.h %D%/unit.h
test_dsn_CPPFLAGS = $(AM_CPPFLAGS) -DTEST_DATA='"$(abs_top_srcdir)/%D%/data"'
test_dsn_CFLAGS = $(UNIT_CFLAGS)
test_dsn_LDADD = $(MAIL_LIBS) $(CMOCKA_LIBS)
