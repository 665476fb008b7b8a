# SPDX-License-Identifier: GPL-3.0-or-later

nagiosdir = $(pkgdatadir)/nagios
dist_nagios_DATA = %D%/commands.cfg %D%/perfdata.cfg %D%/services.cfg
