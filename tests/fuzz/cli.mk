# SPDX-License-Identifier: GPL-3.0-or-later

fuzz_targets += fuzz_arguments fuzz_config_file fuzz_netrc
fuzz_arguments_LIBS = libcheck_smtp_submit_args.a $(CLI_LIBS)
fuzz_config_file_LIBS = $(CLI_LIBS)
fuzz_netrc_LIBS = $(CLI_LIBS)
