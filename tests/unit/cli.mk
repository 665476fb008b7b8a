# SPDX-License-Identifier: GPL-3.0-or-later

cli_tests = test-arguments test-config-file test-connection test-netrc test-values
check_PROGRAMS += $(cli_tests)
TESTS += $(cli_tests)
test_arguments_SOURCES = %D%/test_arguments.c %D%/unit.h
test_arguments_CFLAGS = $(UNIT_CFLAGS)
test_arguments_LDADD = libcheck_smtp_submit_args.a $(CLI_LIBS) $(CMOCKA_LIBS)
test_config_file_SOURCES = %D%/test_config_file.c %D%/unit.h
test_config_file_CFLAGS = $(UNIT_CFLAGS)
test_config_file_LDADD = $(CLI_LIBS) $(CMOCKA_LIBS)
test_connection_SOURCES = %D%/test_connection.c %D%/unit.h
test_connection_CFLAGS = $(UNIT_CFLAGS)
test_connection_LDADD = $(CLI_LIBS) $(CMOCKA_LIBS)
test_netrc_SOURCES = %D%/test_netrc.c %D%/unit.h
test_netrc_CFLAGS = $(UNIT_CFLAGS)
test_netrc_LDADD = $(CLI_LIBS) $(CMOCKA_LIBS)
test_values_SOURCES = %D%/test_values.c %D%/unit.h
test_values_CFLAGS = $(UNIT_CFLAGS)
test_values_LDADD = $(CLI_LIBS) $(CMOCKA_LIBS)
