# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libprobe.a
libprobe_a_SOURCES = \
	%D%/folders.c \
	%D%/folders.h \
	%D%/mailbox.c \
	%D%/mailbox.h \
	%D%/mailbox_clean.c \
	%D%/mailbox_examine.c \
	%D%/mailbox_findings.c \
	%D%/mailbox_imap.c \
	%D%/mailbox_internal.h \
	%D%/mailbox_look.c \
	%D%/mailbox_pop3.c \
	%D%/mailbox_pop3_clean.c \
	%D%/mailbox_resume.c \
	%D%/mailbox_wait.c \
	%D%/marked.c \
	%D%/marked.h \
	%D%/match.c \
	%D%/match.h \
	%D%/message_source.c \
	%D%/message_source.h \
	%D%/sendmail.c \
	%D%/sendmail.h \
	%D%/submission.c \
	%D%/submission.h \
	%D%/tidy.c \
	%D%/tidy.h \
	%D%/uids.c \
	%D%/verification.c \
	%D%/verification.h \
	%D%/wait_plan.c \
	%D%/wait_plan.h
