# SPDX-License-Identifier: GPL-3.0-or-later
# The floors, lowest first. What a room links is itself and those below it.

include %D%/base/local.mk
include %D%/mail/local.mk
include %D%/auth/local.mk
include %D%/dns/local.mk
include %D%/history/local.mk
include %D%/net/local.mk
include %D%/probe/local.mk
include %D%/monitor/local.mk
include %D%/judge/local.mk
include %D%/cli/local.mk

BASE_LIBS = libbase.a $(OPENSSL_LIBS) -lm
MAIL_LIBS = libmail.a $(IDN2_LIBS) $(BASE_LIBS)
AUTH_LIBS = libauth.a libdns.a $(MAIL_LIBS) $(PSL_LIBS)
DNS_LIBS = libdns.a libbase.a $(CARES_LIBS) $(IDN2_LIBS) $(BASE_LIBS)
NET_LIBS = libnet.a libmail.a $(DNS_LIBS) $(CURL_LIBS) $(GSASL_LIBS) $(JANSSON_LIBS)
PROBE_LIBS = libprobe.a libauth.a $(NET_LIBS) $(PSL_LIBS)
MONITOR_LIBS = libmonitor.a libbase.a $(JANSSON_LIBS) $(BASE_LIBS)
JUDGE_LIBS = libjudge.a libprobe.a libnet.a $(AUTH_LIBS) $(DNS_LIBS) $(MONITOR_LIBS) $(CURL_LIBS) $(GSASL_LIBS) $(PSL_LIBS)
HISTORY_LIBS = libhistory.a $(SQLITE_LIBS) $(MAIL_LIBS)
CLI_LIBS = libcli.a $(JUDGE_LIBS)
