# SPDX-License-Identifier: GPL-3.0-or-later

nrpedir = $(pkgdatadir)/nrpe
nrpe_DATA = %D%/mailproof.cfg
EXTRA_DIST += %D%/mailproof.cfg.in
CLEANFILES += %D%/mailproof.cfg

%D%/mailproof.cfg: %D%/mailproof.cfg.in Makefile
	$(AM_V_at)$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(SED) -e 's|@PLUGINDIR@|$(plugindir)|g' $(srcdir)/%D%/mailproof.cfg.in >$@.tmp && mv $@.tmp $@
