# SPDX-License-Identifier: GPL-3.0-or-later
# Unit tests: cmocka, no network. Each links its room and those below.

UNIT_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

if HAVE_CMOCKA
include %D%/base.mk
include %D%/mail.mk
include %D%/replies.mk
include %D%/auth.mk
include %D%/dkim.mk
include %D%/dmarc.mk
include %D%/spf.mk
include %D%/dns.mk
include %D%/net.mk
include %D%/smtp.mk
include %D%/imap.mk
include %D%/probe.mk
include %D%/align.mk
include %D%/monitor.mk
include %D%/cli.mk
include %D%/history.mk
include %D%/plugins.mk
endif
