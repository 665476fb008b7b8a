# SPDX-License-Identifier: GPL-3.0-or-later

examplesdir = $(pkgdatadir)/examples
dist_examples_DATA = \
	%D%/all-remote.conf \
	%D%/direct.conf \
	%D%/forwarded-mailbox.conf \
	%D%/local-mail-program.conf \
	%D%/relay-first.conf
