# SPDX-License-Identifier: GPL-3.0-or-later
# Fuzz targets: one a parser, its corpus beside it. A room's .mk names them:
#   fuzz_targets += fuzz_reply
#   fuzz_reply_LIBS = $(MAIL_LIBS)
# "make check" replays the corpora, whatever the compiler. "./configure --enable-fuzzers CC=clang && make fuzzers" makes
# libFuzzer programs of them, and tests/fuzz/run gives each its ten minutes.

fuzz_targets =
include %D%/auth.mk
include %D%/cli.mk
include %D%/dmarc.mk
include %D%/history.mk
include %D%/imap.mk
include %D%/mail.mk
include %D%/monitor.mk
include %D%/net.mk
include %D%/replies.mk
include %D%/smtp.mk

fuzz_programs = $(fuzz_targets:fuzz_%=fuzz-%)
fuzz_archives = libcheck_smtp_submit_args.a libcli.a libhistory.a libjudge.a libmonitor.a libprobe.a libnet.a libdns.a libauth.a libmail.a libbase.a
if FUZZERS
fuzz_main =
fuzzing_flags = -fsanitize=fuzzer
else
fuzz_main = %D%/replay.o
fuzzing_flags =
endif

fuzzers: $(fuzz_programs)
.PHONY: fuzzers

# gnu make's own patterns: automake would want six lines for each target
$(fuzz_targets:%=%D%/%.o) %D%/replay.o: %D%/%.o: %D%/%.c | $(BUILT_SOURCES)
	$(AM_V_at)$(MKDIR_P) $(@D)
	$(AM_V_CC)$(COMPILE) -MD -MP -MF $(@:.o=.d) -c -o $@ $<
-include $(fuzz_targets:%=%D%/%.d) %D%/replay.d

$(fuzz_programs): fuzz-%: %D%/fuzz_%.o $(fuzz_main) $(fuzz_archives)
	$(AM_V_CCLD)$(CC) $(AM_CFLAGS) $(CFLAGS) $(AM_LDFLAGS) $(LDFLAGS) $(fuzzing_flags) -o $@ $< $(fuzz_main) \
		$(fuzz_$*_LIBS) $(LIBS)

if !FUZZERS
check_DATA += $(fuzz_programs)
TESTS += %D%/replay-all
endif
AM_TESTS_ENVIRONMENT = FUZZ_PROGRAMS='$(fuzz_programs)'; export FUZZ_PROGRAMS;
EXTRA_DIST += %D%/run %D%/replay-all %D%/replay.c %D%/corpus $(fuzz_targets:%=%D%/%.c)
CLEANFILES += $(fuzz_programs) $(fuzz_targets:%=%D%/%.o) $(fuzz_targets:%=%D%/%.d) %D%/replay.o %D%/replay.d
