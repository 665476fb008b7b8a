# SPDX-License-Identifier: GPL-3.0-or-later
# Manual pages: hand-written text (plugins/*/man.in and what it includes) and what the program itself knows.

man_includes = \
	%D%/authentication.man \
	%D%/config.man \
	%D%/environment.man \
	%D%/exit.man \
	%D%/oauth2.man \
	%D%/output.man \
	%D%/ranges.man \
	%D%/secrets.man
man_sources = %D%/man.awk $(man_includes) common/base/err.h common/monitor/metric.c
man_pages = $(plugins_with_options:%=%D%/%.1)
man1_MANS += $(man_pages)
EXTRA_DIST += %D%/man.awk $(man_includes) $(plugins_with_options:%=plugins/%/man.in) \
	$(plugins_with_options:%=plugins/%/options.c)
CLEANFILES += $(man_pages)

%D%/%.1: plugins/%/man.in plugins/%/options.c plugins/%/options.ggo.full $(man_sources) Makefile
	$(AM_V_at)$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(AWK) -v top=$(srcdir) -v check=$* -v options=plugins/$*/options.ggo.full -v version=$(PACKAGE_VERSION) \
		-v statedir=$(localstatedir)/lib/mailproof -v plugindir=$(plugindir) -f $(srcdir)/%D%/man.awk $< >$@.tmp && \
		mv $@.tmp $@
