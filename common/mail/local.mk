# SPDX-License-Identifier: GPL-3.0-or-later
noinst_HEADERS += \
	%D%/address.h \
	%D%/compose.h \
	%D%/dsn.h \
	%D%/header.h \
	%D%/marker.h \
	%D%/mutf7.h \
	%D%/received.h \
	%D%/refusal.h \
	%D%/reply.h
