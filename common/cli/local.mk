# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libcli.a
libcli_a_SOURCES = \
	%D%/arguments.c \
	%D%/arguments.h \
	%D%/authentication_options.c \
	%D%/authentication_options.h \
	%D%/common_options.c \
	%D%/common_options.h \
	%D%/config_file.c \
	%D%/config_file.h \
	%D%/connection.c \
	%D%/connection.h \
	%D%/connection_oauth2.c \
	%D%/connection_side.h \
	%D%/hostname.c \
	%D%/hostname.h \
	%D%/look.c \
	%D%/look.h \
	%D%/matcher_options.c \
	%D%/matcher_options.h \
	%D%/message_options.c \
	%D%/message_options.h \
	%D%/netrc.c \
	%D%/netrc.h \
	%D%/retrieval_options.c \
	%D%/retrieval_options.h \
	%D%/run.c \
	%D%/run.h \
	%D%/service.c \
	%D%/service.h \
	%D%/telemetry.c \
	%D%/telemetry.h \
	%D%/terminal.c \
	%D%/terminal.h \
	%D%/values.c \
	%D%/values.h

# what option files include, and what makes C of them (plugins/local.mk)
option_fragments = \
	%D%/authentication.ggo \
	%D%/connection.ggo \
	%D%/matcher.ggo \
	%D%/message.ggo \
	%D%/retrieval.ggo \
	%D%/transaction.ggo \
	%D%/verdict.ggo
option_scripts = \
	%D%/expand.awk \
	%D%/table.awk
EXTRA_DIST += $(option_fragments) $(option_scripts)
