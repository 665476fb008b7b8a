# SPDX-License-Identifier: GPL-3.0-or-later

EXTRA_DIST += \
	%D%/build-deb \
	%D%/debian/README.Debian \
	%D%/debian/changelog \
	%D%/debian/control \
	%D%/debian/copyright \
	%D%/debian/dirs \
	%D%/debian/mailproof.lintian-overrides \
	%D%/debian/mailproof.postinst \
	%D%/debian/mailproof.postrm \
	%D%/debian/mailproof.triggers \
	%D%/debian/rules \
	%D%/debian/source/format \
	%D%/mailproof.rpmlintrc \
	%D%/mailproof.spec
