# SPDX-License-Identifier: GPL-3.0-or-later

fuzz_targets += fuzz_dialogue fuzz_mx fuzz_oauth2_reply fuzz_stream
fuzz_dialogue_LIBS = $(NET_LIBS)
fuzz_mx_LIBS = $(DNS_LIBS)
fuzz_oauth2_reply_LIBS = $(NET_LIBS)
fuzz_stream_LIBS = $(NET_LIBS)
