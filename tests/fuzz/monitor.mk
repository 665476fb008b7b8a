# SPDX-License-Identifier: GPL-3.0-or-later

fuzz_targets += fuzz_range fuzz_report
fuzz_range_LIBS = $(MONITOR_LIBS)
fuzz_report_LIBS = $(MONITOR_LIBS)
