# SPDX-License-Identifier: GPL-3.0-or-later

hardeningdir = $(pkgdatadir)/hardening
dist_hardening_DATA = %D%/apparmor.profile %D%/hardening.conf
