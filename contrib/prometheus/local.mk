# SPDX-License-Identifier: GPL-3.0-or-later

prometheusdir = $(pkgdatadir)/prometheus
dist_man_MANS += %D%/mailproof-textfile.1
dist_bin_SCRIPTS = %D%/mailproof-textfile
dist_prometheus_DATA = \
	%D%/mailproof.rules.yml \
	%D%/mailproof.rules.test.yml \
	%D%/grafana-dashboard.json \
	%D%/mailproof@.timer
prometheus_DATA = %D%/mailproof@.service
EXTRA_DIST += %D%/mailproof@.service.in
CLEANFILES += %D%/mailproof@.service

%D%/mailproof@.service: %D%/mailproof@.service.in Makefile
	$(AM_V_at)$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(SED) -e 's|@BINDIR@|$(bindir)|g' -e 's|@PLUGINDIR@|$(plugindir)|g' \
		'$(srcdir)/%D%/mailproof@.service.in' >'$@.tmp' && mv '$@.tmp' '$@'
