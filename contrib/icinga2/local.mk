# SPDX-License-Identifier: GPL-3.0-or-later
# Check commands, made of the option files, where Icinga's include <plugins-contrib> finds them; services to copy.

icinga2_DATA = %D%/mailproof.conf %D%/mailproof-regions.conf
icinga2exampledir = $(pkgdatadir)/icinga2
dist_icinga2example_DATA = %D%/services.conf
icinga2regionsdir = $(icinga2exampledir)/regions
dist_icinga2regions_DATA = \
	%D%/regions/global-templates.conf \
	%D%/regions/master.conf \
	%D%/regions/region.conf
EXTRA_DIST += %D%/commands.awk %D%/mailproof-regions.conf
CLEANFILES += %D%/mailproof.conf

%D%/mailproof.conf: %D%/commands.awk $(plugins_with_options:%=plugins/%/options.ggo.full)
	$(AM_V_at)$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(AWK) -f $(srcdir)/%D%/commands.awk \
		$(foreach p,$(plugins_with_options),$(p)=plugins/$(p)/options.ggo.full) >$@.tmp && mv $@.tmp $@
