# SPDX-License-Identifier: GPL-3.0-or-later

include %D%/unit/local.mk
include %D%/bench/local.mk
include %D%/fuzz/local.mk

# for tests/all: what runs under valgrind
print-unit-tests:
	@echo $(check_PROGRAMS)
.PHONY: print-unit-tests
