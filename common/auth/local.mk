# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libauth.a
libauth_a_SOURCES = \
	%D%/alignment.c \
	%D%/alignment.h \
	%D%/arc.c \
	%D%/arc.h \
	%D%/authres.c \
	%D%/authres.h \
	%D%/authres_trust.c \
	%D%/bodyhash.c \
	%D%/bodyhash.h \
	%D%/canon.c \
	%D%/canon.h \
	%D%/dkim.c \
	%D%/dkim.h \
	%D%/dkim_key.c \
	%D%/dkim_key.h \
	%D%/dmarc.c \
	%D%/dmarc.h \
	%D%/dmarc_author.c \
	%D%/dmarc_record.c \
	%D%/dmarc_record.h \
	%D%/dmarc_walk.c \
	%D%/dmarc_walk.h \
	%D%/domain.c \
	%D%/domain.h \
	%D%/field_index.c \
	%D%/field_index.h \
	%D%/signature.c \
	%D%/signature.h \
	%D%/signature_check.c \
	%D%/signature_check.h \
	%D%/spf.c \
	%D%/spf.h \
	%D%/spf_host.c \
	%D%/spf_host.h \
	%D%/spf_ip.c \
	%D%/spf_ip.h \
	%D%/spf_macro.c \
	%D%/spf_macro.h \
	%D%/spf_record.c \
	%D%/spf_record.h \
	%D%/taglist.c \
	%D%/taglist.h \
	%D%/verdict.c \
	%D%/verdict.h
