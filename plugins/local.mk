# SPDX-License-Identifier: GPL-3.0-or-later
# Each plugin's option file becomes, in the build tree: options.ggo.full (fragments put in), args.c and args.h (gengetopt's
# parser) and table.c (the same options for common/cli/arguments.c). They make one archive a plugin.

plugins_with_options = check_smtp_submit check_imap_marker check_mail_roundtrip check_dmarc_align

noinst_LIBRARIES += libcheck_smtp_submit_args.a
nodist_libcheck_smtp_submit_args_a_SOURCES = %D%/check_smtp_submit/args.c %D%/check_smtp_submit/table.c
libcheck_smtp_submit_args_a_CFLAGS = $(GENERATED_CFLAGS)

noinst_LIBRARIES += libcheck_imap_marker_args.a
nodist_libcheck_imap_marker_args_a_SOURCES = %D%/check_imap_marker/args.c %D%/check_imap_marker/table.c
libcheck_imap_marker_args_a_CFLAGS = $(GENERATED_CFLAGS)

# a second parser: the files of a seed list
noinst_LIBRARIES += libcheck_mail_roundtrip_args.a
nodist_libcheck_mail_roundtrip_args_a_SOURCES = %D%/check_mail_roundtrip/args.c %D%/check_mail_roundtrip/table.c \
	%D%/check_mail_roundtrip/mailbox/mailbox_args.c %D%/check_mail_roundtrip/mailbox/table.c
libcheck_mail_roundtrip_args_a_CFLAGS = $(GENERATED_CFLAGS)

noinst_LIBRARIES += libcheck_dmarc_align_args.a
nodist_libcheck_dmarc_align_args_a_SOURCES = %D%/check_dmarc_align/args.c %D%/check_dmarc_align/table.c
libcheck_dmarc_align_args_a_CFLAGS = $(GENERATED_CFLAGS)

# gengetopt's code is not ours to mend
GENERATED_CFLAGS = $(HARDEN_CFLAGS) -w
option_files = $(plugins_with_options) check_mail_roundtrip/mailbox
EXTRA_DIST += $(option_files:%=%D%/%/options.ggo)
BUILT_SOURCES += $(plugins_with_options:%=%D%/%/args.h) %D%/check_mail_roundtrip/mailbox/mailbox_args.h
CLEANFILES += $(foreach p,$(option_files),$(addprefix %D%/$(p)/,options.ggo.full table.c)) \
	$(foreach p,$(plugins_with_options),$(addprefix %D%/$(p)/,args.c args.h)) \
	$(addprefix %D%/check_mail_roundtrip/mailbox/,mailbox_args.c mailbox_args.h)
.PRECIOUS: %D%/%/options.ggo.full
# what the names in the generated C begin with: args, or mailbox_args for check_mail_roundtrip/mailbox
args_names = $(if $(findstring /,$*),$(notdir $*)_)args
args_check = $(firstword $(subst /, ,$*))

%D%/%/options.ggo.full: %D%/%/options.ggo $(option_fragments) $(option_scripts)
	$(AM_V_at)$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(AWK) -v dir=$(srcdir)/common/cli -f $(srcdir)/common/cli/expand.awk $< >$@.tmp && mv $@.tmp $@

run_gengetopt = $(GENGETOPT) --no-handle-error --no-help --no-version --long-help \
	--set-package=$(args_check) --set-version=$(PACKAGE_VERSION) --func-name=$(args_names)_parser \
	--arg-struct-name=$(args_names) --file-name=$(args_names) --output-dir=$(@D) --input=$<

%D%/%/args.c %D%/%/args.h: %D%/%/options.ggo.full
	$(AM_V_GEN)$(run_gengetopt)

%D%/%/mailbox_args.c %D%/%/mailbox_args.h: %D%/%/options.ggo.full
	$(AM_V_GEN)$(run_gengetopt)

%D%/%/table.c: %D%/%/options.ggo.full
	$(AM_V_GEN)$(AWK) -v check=$(args_check) -v names=$(args_names) -v header=$(@D)/$(args_names).h \
		-f $(srcdir)/common/cli/table.awk $< >$@.tmp && mv $@.tmp $@

plugin_PROGRAMS += check_smtp_submit check_imap_marker check_mail_roundtrip check_dmarc_align

check_smtp_submit_SOURCES = \
	%D%/check_smtp_submit/check.h \
	%D%/check_smtp_submit/judge.c \
	%D%/check_smtp_submit/main.c \
	%D%/check_smtp_submit/options.c \
	%D%/check_smtp_submit/probe.c
check_smtp_submit_LDADD = libcheck_smtp_submit_args.a $(CLI_LIBS)
check_smtp_submit_LDFLAGS = $(AM_LDFLAGS) $(LOAD_FIRST)

check_imap_marker_SOURCES = \
	%D%/check_imap_marker/check.h \
	%D%/check_imap_marker/judge.c \
	%D%/check_imap_marker/main.c \
	%D%/check_imap_marker/options.c \
	%D%/check_imap_marker/probe.c
check_imap_marker_LDADD = libcheck_imap_marker_args.a $(CLI_LIBS)
check_imap_marker_LDFLAGS = $(AM_LDFLAGS) $(LOAD_FIRST)

check_mail_roundtrip_SOURCES = \
	%D%/check_mail_roundtrip/check.h \
	%D%/check_mail_roundtrip/judge.c \
	%D%/check_mail_roundtrip/judge_again.c \
	%D%/check_mail_roundtrip/judge_flight.c \
	%D%/check_mail_roundtrip/judge_internal.h \
	%D%/check_mail_roundtrip/judge_mailboxes.c \
	%D%/check_mail_roundtrip/judge_message.c \
	%D%/check_mail_roundtrip/judge_past.c \
	%D%/check_mail_roundtrip/judge_view.c \
	%D%/check_mail_roundtrip/main.c \
	%D%/check_mail_roundtrip/options.c \
	%D%/check_mail_roundtrip/past.c \
	%D%/check_mail_roundtrip/print_history.c \
	%D%/check_mail_roundtrip/probe.c \
	%D%/check_mail_roundtrip/probe_internal.h \
	%D%/check_mail_roundtrip/targets.c \
	%D%/check_mail_roundtrip/targets.h \
	%D%/check_mail_roundtrip/watch.c
check_mail_roundtrip_LDADD = libcheck_mail_roundtrip_args.a $(CLI_LIBS) $(HISTORY_LIBS)
check_mail_roundtrip_LDFLAGS = $(AM_LDFLAGS) $(LOAD_FIRST)

check_dmarc_align_SOURCES = \
	%D%/check_dmarc_align/check.h \
	%D%/check_dmarc_align/judge.c \
	%D%/check_dmarc_align/main.c \
	%D%/check_dmarc_align/options.c \
	%D%/check_dmarc_align/probe.c
check_dmarc_align_LDADD = libcheck_dmarc_align_args.a $(CLI_LIBS)
check_dmarc_align_LDFLAGS = $(AM_LDFLAGS) $(LOAD_FIRST)
