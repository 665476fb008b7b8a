# SPDX-License-Identifier: GPL-3.0-or-later

zabbixdir = $(pkgdatadir)/zabbix
zabbix_SCRIPTS = %D%/mailproof
dist_zabbix_DATA = %D%/mailproof-agent2.yaml
zabbix_DATA = %D%/mailproof-external.yaml %D%/mailproof.conf
EXTRA_DIST += %D%/external.awk %D%/mailproof.sh.in %D%/mailproof.conf.in
CLEANFILES += %D%/mailproof %D%/mailproof-external.yaml %D%/mailproof.conf

%D%/mailproof: %D%/mailproof.sh.in Makefile
	$(AM_V_at)$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(SED) -e 's|@PLUGINDIR@|$(plugindir)|g' $(srcdir)/%D%/mailproof.sh.in >$@.tmp && \
		chmod +x $@.tmp && mv $@.tmp $@

%D%/mailproof.conf: %D%/mailproof.conf.in Makefile
	$(AM_V_at)$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(SED) -e 's|@PKGDATADIR@|$(pkgdatadir)|g' $(srcdir)/%D%/mailproof.conf.in >$@.tmp && mv $@.tmp $@

%D%/mailproof-external.yaml: %D%/mailproof-agent2.yaml %D%/external.awk
	$(AM_V_at)$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(AWK) -f $(srcdir)/%D%/external.awk $(srcdir)/%D%/mailproof-agent2.yaml >$@.tmp && mv $@.tmp $@
