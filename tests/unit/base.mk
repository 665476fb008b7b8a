# SPDX-License-Identifier: GPL-3.0-or-later

check_PROGRAMS += test-base
TESTS += test-base
test_base_SOURCES = %D%/test_base.c %D%/unit.h
test_base_CFLAGS = $(UNIT_CFLAGS)
test_base_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test-state-dir
TESTS += test-state-dir
test_state_dir_SOURCES = %D%/test_state_dir.c %D%/unit.h common/base/state_dir.c
# the default below the working directory, which is a scratch folder
test_state_dir_CPPFLAGS = -D_GNU_SOURCE -I$(top_srcdir) -DMAILPROOF_STATEDIR='"default"'
test_state_dir_CFLAGS = $(UNIT_CFLAGS)
test_state_dir_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test-parallel
TESTS += test-parallel
test_parallel_SOURCES = %D%/test_parallel.c %D%/unit.h
test_parallel_CFLAGS = $(UNIT_CFLAGS)
test_parallel_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pthread_create
test_parallel_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
