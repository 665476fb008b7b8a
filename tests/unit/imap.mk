# SPDX-License-Identifier: GPL-3.0-or-later

check_PROGRAMS += test-imap-parse
TESTS += test-imap-parse
test_imap_parse_SOURCES = %D%/test_imap_parse.c %D%/unit.h
test_imap_parse_CFLAGS = $(UNIT_CFLAGS)
test_imap_parse_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test-imap
TESTS += test-imap
test_imap_SOURCES = %D%/test_imap.c %D%/peer.c %D%/peer.h %D%/unit.h
test_imap_CFLAGS = $(UNIT_CFLAGS)
test_imap_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test-pop3
TESTS += test-pop3
test_pop3_SOURCES = %D%/test_pop3.c %D%/peer.c %D%/peer.h %D%/unit.h
test_pop3_CFLAGS = $(UNIT_CFLAGS)
test_pop3_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test-mailbox-parts
TESTS += test-mailbox-parts
test_mailbox_parts_SOURCES = %D%/test_mailbox_parts.c %D%/unit.h
test_mailbox_parts_CFLAGS = $(UNIT_CFLAGS)
test_mailbox_parts_LDADD = $(PROBE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test-mailbox
TESTS += test-mailbox
test_mailbox_SOURCES = %D%/test_mailbox.c %D%/mailbox_world.c %D%/mailbox_world.h %D%/peer.c %D%/peer.h %D%/unit.h
test_mailbox_CFLAGS = $(UNIT_CFLAGS)
test_mailbox_LDADD = $(PROBE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test-mailbox-wait
TESTS += test-mailbox-wait
test_mailbox_wait_SOURCES = %D%/test_mailbox_wait.c %D%/mailbox_world.c %D%/mailbox_world.h %D%/peer.c %D%/peer.h \
	%D%/unit.h
test_mailbox_wait_CFLAGS = $(UNIT_CFLAGS)
test_mailbox_wait_LDADD = $(PROBE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test-mailbox-resume
TESTS += test-mailbox-resume
test_mailbox_resume_SOURCES = %D%/test_mailbox_resume.c %D%/mailbox_world.c %D%/mailbox_world.h %D%/peer.c %D%/peer.h \
	%D%/unit.h
test_mailbox_resume_CFLAGS = $(UNIT_CFLAGS)
test_mailbox_resume_LDADD = $(PROBE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test-mailbox-threads
TESTS += test-mailbox-threads
test_mailbox_threads_SOURCES = %D%/test_mailbox_threads.c %D%/fixed_nonce.c %D%/mailbox_world.c \
	%D%/mailbox_world.h %D%/peer.c %D%/peer.h %D%/unit.h
test_mailbox_threads_CFLAGS = $(UNIT_CFLAGS)
test_mailbox_threads_LDADD = $(PROBE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test-mailbox-refused
TESTS += test-mailbox-refused
test_mailbox_refused_SOURCES = %D%/test_mailbox_refused.c %D%/mailbox_world.c %D%/mailbox_world.h %D%/peer.c \
	%D%/peer.h %D%/unit.h
test_mailbox_refused_CFLAGS = $(UNIT_CFLAGS)
test_mailbox_refused_LDADD = $(PROBE_LIBS) $(CMOCKA_LIBS)
